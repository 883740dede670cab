// Measures in the worker how long the analysis of a large trace takes, and prints two Markdown tables: what was
// aimed at beside what came of it, and every step, by shapes.
//
// Called by `cargo xtask bench`: SPANSCOPE_BENCH is a JSON list of { spans, shape, path }.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, root, serve } from "../e2e/browser.mjs";
import { installProbes, resetProbes } from "./probes.mjs";

const cases = JSON.parse(process.env.SPANSCOPE_BENCH);
const TIMEOUT = 300_000;
const PREFIX = "spanscope:analysis:";

/** The marks that the engine left in the worker: name without prefix, and time. */
function marks(worker) {
  return worker.evaluate(
    (prefix) =>
      performance
        .getEntriesByType("mark")
        .filter(({ name }) => name.startsWith(prefix))
        .map(({ name, startTime }) => ({ name: name.slice(prefix.length), at: startTime })),
    PREFIX,
  );
}

/** Waits until an engine has come to the end of an analysis; a busy worker answers when its step is over. */
async function finished(page) {
  const deadline = Date.now() + TIMEOUT;
  while (Date.now() < deadline) {
    for (const worker of page.workers()) {
      const found = await marks(worker);
      if (found.some(({ name }) => name === "done")) return found.sort((a, b) => a.at - b.at);
    }
    await page.waitForTimeout(200);
  }
  throw new Error(`the analysis did not end within ${TIMEOUT} ms`);
}

/** Milliseconds of each step, by name, in order. */
function steps(found) {
  const times = new Map();
  for (let at = 0; at + 1 < found.length; at += 1) times.set(found[at].name, found[at + 1].at - found[at].at);
  return times;
}

/** A number that the engine left in the name of a mark. */
function number(found, name) {
  const mark = found.find((one) => one.name.startsWith(`${name}=`));
  return mark && Number(mark.name.slice(name.length + 1));
}

/** What is aimed at for a million spans, in milliseconds, and the steps that are part of it. */
const TARGETS = [
  ["clocks", 100, ["clock domains", "clocks", "corrected clocks"]],
  ["tree and critical path", 250, ["columns", "children", "relations", "tree", "critical path"]],
  ["self times and gaps", 200, ["self times", "gaps"]],
  ["attributes and their quality", 300, ["attributes"]],
  ["statistics", 200, ["operations"]],
  ["repeated calls", 400, ["repeats", "identical calls"]],
  ["errors and retries", 50, ["retries", "failures"]],
];

async function measure(url, { path }) {
  const browser = await launch();
  try {
    const context = await browser.newContext({ viewport: { width: 1600, height: 900 }, reducedMotion: "reduce" });
    await context.addInitScript(installProbes);
    const page = await context.newPage();
    await page.goto(`${url}?measure`);
    await page.locator("#boot").waitFor({ state: "detached" });
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: /open files/i }).first().click();
    await (await chooser).setFiles(path);
    const all = await finished(page);
    const found = all.filter(({ name }) => !name.includes("="));
    const since = (name) => (found.find((one) => one.name === name) ?? found.at(-1)).at - found[0].at;
    return {
      times: steps(found),
      path: since("attributes"),
      findings: since("headline again"),
      total: since("done"),
      turn: number(all, "turn"),
      bytes: number(all, "bytes"),
      block: await resetProbes(page),
    };
  } finally {
    await browser.close();
  }
}

const millis = (value) => (value === undefined ? "–" : `${Math.round(value)} ms`);

const site = await serve();
const columns = [];
try {
  for (const one of cases) {
    process.stderr.write(`analysing ${one.shape}, ${one.spans} spans\n`);
    try {
      columns.push({ ...one, ...(await measure(site.url, one)) });
    } catch (error) {
      process.stderr.write(`  failed: ${error.message}\n`);
      process.exitCode = 1;
    }
  }
} finally {
  site.close();
}
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);
const heading = columns.map(({ shape, spans }) => `${shape}, ${spans.toLocaleString("en")}`);

row(["", "aim at a million", ...heading]);
row(["---", "---", ...columns.map(() => "---")]);
row(["**all findings**", "2500 ms", ...columns.map(({ findings }) => `**${millis(findings)}**`)]);
row(["path and headline after", "", ...columns.map(({ path }) => millis(path))]);
for (const [name, aim, parts] of TARGETS) {
  const sum = ({ times }) => parts.reduce((all, part) => all + (times.get(part) ?? 0), 0);
  row([name, `${aim} ms`, ...columns.map((column) => millis(sum(column)))]);
}
// Half as fast and gone: two replays of each of twenty operations, fewer where there are fewer.
row(["forty replays", "2400 ms", ...columns.map(({ times }) => millis(times.get("what would help")))]);
row(["longest turn of the worker", "50 ms", ...columns.map(({ turn }) => millis(turn))]);
row(["longest block of the page", "50 ms", ...columns.map(({ block }) => millis(block))]);
row(["memory a span", "120 B", ...columns.map(({ bytes, spans }) => (bytes ? `${Math.round(bytes / spans)} B` : "–"))]);

console.log("\nStep by step:\n");
const names = [...new Set(columns.flatMap(({ times }) => [...times.keys()]))];
row(["step", ...heading]);
row(["---", ...columns.map(() => "---")]);
for (const name of names) row([name, ...columns.map(({ times }) => millis(times.get(name)))]);
row(["**all**", ...columns.map(({ total }) => `**${millis(total)}**`)]);
console.log("\nOne run each, in the worker; sending what a step found to the page is part of the step.");
const plain = columns.map(({ times, ...rest }) => ({ ...rest, times: Object.fromEntries(times) }));
mkdirSync(join(root, "target/bench"), { recursive: true });
writeFileSync(join(root, "target/bench/analysis.json"), JSON.stringify(plain, null, 2));
