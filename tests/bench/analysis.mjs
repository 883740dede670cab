// Measures in the worker how long each step of the analysis of a large trace takes, and prints a Markdown
// table: steps by shapes.
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
    const found = await finished(page);
    const times = steps(found);
    return { times, total: found.at(-1).at - found[0].at, block: await resetProbes(page) };
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
const names = [...new Set(columns.flatMap(({ times }) => [...times.keys()]))];
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);
row(["step", ...columns.map(({ shape, spans }) => `${shape}, ${spans.toLocaleString("en")}`)]);
row(["---", ...columns.map(() => "---")]);
for (const name of names) row([name, ...columns.map(({ times }) => millis(times.get(name)))]);
row(["**all**", ...columns.map(({ total }) => `**${millis(total)}**`)]);
row(["longest block of the page", ...columns.map(({ block }) => millis(block))]);
console.log("\nOne run each, in the worker; sending what a step found to the page is part of the step.");
const plain = columns.map(({ times, ...rest }) => ({ ...rest, times: Object.fromEntries(times) }));
mkdirSync(join(root, "target/bench"), { recursive: true });
writeFileSync(join(root, "target/bench/analysis.json"), JSON.stringify(plain, null, 2));
