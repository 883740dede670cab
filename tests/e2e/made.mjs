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
