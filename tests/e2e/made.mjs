// Input made for a test: sizes and numbers that no sample should have.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { root } from "./browser.mjs";

const START = 1_700_000_000_000_000_000n;

const hex = (number, digits) => number.toString(16).padStart(digits, "0");

/** One trace as OTLP resource spans: a root and `children` below it, a millisecond each. */
function resourceSpans(trace, service, name, children) {
  const span = (at, from, millis) => ({
    traceId: hex(trace, 32),
    spanId: hex(trace * 1000 + at + 1, 16),
    ...(at > 0 && { parentSpanId: hex(trace * 1000 + 1, 16) }),
    name: at === 0 ? name : `step ${at}`,
    kind: at === 0 ? 2 : 1,
    startTimeUnixNano: String(START + BigInt(trace) * 5_000_000n + BigInt(from) * 1_000_000n),
    endTimeUnixNano: String(START + BigInt(trace) * 5_000_000n + BigInt(from + millis) * 1_000_000n),
    attributes: [{ key: "made.for", value: { stringValue: "a test that needs a size, so this value is long" } }],
  });
  const spans = [span(0, 0, children + 1), ...Array.from({ length: children }, (_, at) => span(at + 1, at, 1))];
  const resource = { attributes: [{ key: "service.name", value: { stringValue: service } }] };
  return { resource, scopeSpans: [{ scope: { name: "made" }, spans }] };
}

/** A file with `count` traces of growing length: the last has `count` spans and takes as many milliseconds. */
export function manyTraces(count) {
  const traces = Array.from({ length: count }, (_, at) => resourceSpans(at + 1, `service-${at % 5}`, `kind-${at % 7}`, at));
  return JSON.stringify({ resourceSpans: traces });
}

/**
 * One trace as JSON Lines, read from its end to its start: 30 phases of 300 steps, a millisecond each, the last
 * phase first and the root at last.
 */
export function backwards() {
  const [root, phases, steps] = [1, 30, 300];
  const span = (id, parent, name, from, millis) => ({
    traceId: hex(77, 32),
    spanId: hex(id, 16),
    ...(parent && { parentSpanId: hex(parent, 16) }),
    name,
    startTimeUnixNano: String(START + BigInt(from) * 1_000_000n),
    endTimeUnixNano: String(START + BigInt(from + millis) * 1_000_000n),
    attributes: [{ key: "made.for", value: { stringValue: "a test that needs a size, so this value is long" } }],
  });
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "batch" } }] };
  const line = (spans) => JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  const lines = [];
  for (let phase = phases - 1; phase >= 0; phase -= 1) {
    const [id, from] = [1000 * (phase + 1), phase * steps];
    const step = (at) => span(id + at + 1, id, `step ${at}`, from + at, 1);
    lines.push(line([span(id, root, `phase ${phase}`, from, steps), ...Array.from({ length: steps }, (_, at) => step(at))]));
  }
  lines.push(line([span(root, 0, "job", 0, phases * steps)]));
  return lines.join("\n");
}

/** A JSON Lines file that takes long enough to be cancelled; made once. */
export function longFile(megabytes = 400) {
  const path = join(root, "target/e2e", `long-${megabytes}.jsonl`);
  if (existsSync(path)) return path;
  mkdirSync(join(root, "target/e2e"), { recursive: true });
  const file = openSync(`${path}.part`, "w");
  for (let written = 0, trace = 1; written < megabytes * 1_000_000; ) {
    const lines = [];
    for (let batch = 0; batch < 20; batch += 1, trace += 1) {
      lines.push(JSON.stringify({ resourceSpans: [resourceSpans(trace, "long", "long", 100)] }));
    }
    written += writeSync(file, `${lines.join("\n")}\n`);
  }
  closeSync(file);
  renameSync(`${path}.part`, path);
  return path;
}
