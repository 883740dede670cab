// Measures the built page with files of growing size and prints a Markdown table.
//
// Called by `cargo xtask bench`, which makes the files and serves the page:
// SPANSCOPE_BENCH is a JSON list of { spans, format, path, bytes }.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, root, serve } from "../e2e/browser.mjs";
import { openAndMeasure, parseAndMeasure } from "./drive.mjs";
import { median } from "./probes.mjs";

const cases = JSON.parse(process.env.SPANSCOPE_BENCH);
const COLUMNS = [
  ["format", ({ format }) => format],
  ["spans", ({ spans }) => spans.toLocaleString("en")],
  ["file", ({ bytes }) => `${(bytes / 1e6).toPrecision(3)} MB`],
  ["first rows", (row) => both(row.firstRows, row.cpuFirst)],
  ["complete", (row) => both(row.complete, row.cpuComplete)],
  ["text + JSON.parse", ({ parse }) => (!parse ? "–" : parse.failed ? "fails" : both(parse.time, parse.cpu))],
  ["ratio", ({ complete, cpuComplete, parse }) => ratio(complete, parse?.time, cpuComplete, parse?.cpu)],
  ["memory per span", ({ memory, spans }) => `${Math.round(memory / spans)} B`],
  ["longest block", ({ block }) => millis(block)],
  ["frame p50 / p95", ({ gestures }) => frameTimes(gestures)],
  ["fold", ({ fold }) => millis(fold)],
  ["find", ({ find }) => millis(find)],
  ["flame in time, merged", ({ flameInTime, flameMerged }) => `${millis(flameInTime)}, ${millis(flameMerged)}`],
  ["graph", ({ graph }) => millis(graph)],
];

function millis(value) {
  if (value === undefined || Number.isNaN(value)) return "–";
  return value >= 1000 ? `${(value / 1000).toPrecision(3)} s` : `${Number(value.toPrecision(2))} ms`;
}

const both = (time, cpu) => `${millis(time)} (${millis(cpu)})`;

function ratio(time, parseTime, cpu, parseCpu) {
  if (!parseTime) return "–";
  // The browser counts CPU in steps of 10 ms: a file read within one step has no ratio.
  const cpuRatio = parseCpu > 0 ? (cpu / parseCpu).toFixed(2) : "–";
  return `${(time / parseTime).toFixed(2)} (${cpuRatio})`;
}

/** The gesture with the slowest frames. */
function frameTimes(gestures) {
  const drawn = Object.values(gestures ?? {}).filter(({ count }) => count > 0);
  if (drawn.length === 0) return "–";
  const worst = drawn.reduce((a, b) => (a.p95 > b.p95 ? a : b));
  return `${worst.p50.toFixed(1)} / ${worst.p95.toFixed(1)} ms`;
}

/** The median of each figure over some runs; what was looked at once is taken as it is. */
function combine(runs) {
  const combined = { ...runs[0] };
  for (const [name, value] of Object.entries(combined)) {
    if (typeof value === "number") combined[name] = median(runs.map((run) => run[name]).filter(Number.isFinite));
  }
  return combined;
}

async function measure(url, { spans, format, path, bytes }) {
  const repeats = spans >= 1_000_000 ? 1 : 3;
  const isJson = path.endsWith(".json");
  const runs = [];
  const parses = [];
  for (let run = 0; run < repeats; run += 1) {
    // A fresh browser each time: no warm cache of code, no memory left by the last file.
    let browser = await launch();
    runs.push(await openAndMeasure(browser, url, path, { explore: run === 0 }));
    await browser.close();
    if (isJson) {
      browser = await launch();
      parses.push(await parseAndMeasure(browser, url, path));
      await browser.close();
    }
  }
  const parse = parses.find(({ failed }) => failed) ?? (isJson ? combine(parses) : undefined);
  return { spans, format, bytes, ...combine(runs), parse };
}

const site = await serve();
const rows = [];
try {
  for (const one of cases) {
    process.stderr.write(`measuring ${one.format}, ${one.spans} spans\n`);
    try {
      rows.push(await measure(site.url, one));
    } catch (error) {
      process.stderr.write(`  failed: ${error.message}\n`);
      process.exitCode = 1;
    }
  }
} finally {
  site.close();
}
console.log(`\n| ${COLUMNS.map(([name]) => name).join(" | ")} |`);
console.log(`| ${COLUMNS.map(() => "---").join(" | ")} |`);
for (const row of rows) console.log(`| ${COLUMNS.map(([, cell]) => cell(row)).join(" | ")} |`);
console.log(
  "\nTimes are wall clock, CPU of the whole browser in brackets; medians of three runs (one at a million). " +
    "Memory is the wasm memory of page and worker. The longest block is while opening. Frames are those of the " +
    "slowest of scrolling, zooming and panning; fold and find are the slowest of several. The flame view is timed " +
    "from the key to its picture, the graph from the click to its first picture.",
);
for (const { format, spans, gestures, lookingBlock } of rows) {
  if (!gestures) continue;
  const parts = Object.entries(gestures).map(
    ([name, { count, p50, p95 }]) => `${name} ${p50.toFixed(1)} / ${p95.toFixed(1)} ms (${count} frames)`,
  );
  console.log(`- ${format}, ${spans.toLocaleString("en")}: ${parts.join(", ")}; longest block ${millis(lookingBlock)}`);
}
for (const { format, spans, tables } of rows) {
  for (const [name, { appears, perFrame }] of Object.entries(tables ?? {})) {
    const cost = `${perFrame.toFixed(1)} ms of script per turn of the wheel`;
    console.log(`- ${name} of ${format}, ${spans.toLocaleString("en")}: there after ${millis(appears)}, ${cost}`);
  }
}
writeFileSync(join(root, "target/bench/results.json"), JSON.stringify(rows, null, 2));
