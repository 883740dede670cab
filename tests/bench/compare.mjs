// Measures how long a comparison of two large traces takes to appear, and prints a Markdown table.
//
// Called by `cargo xtask bench`: SPANSCOPE_BENCH is a JSON list of { spans, path }; each file has one trace, which
// is compared with a copy of itself under another id that lacks nothing.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { launch, serve } from "../e2e/browser.mjs";
import { installProbes, resetProbes } from "./probes.mjs";

const cases = JSON.parse(process.env.SPANSCOPE_BENCH);
const TIMEOUT = 180_000;
/** What stands before the id of a trace in each span: field 1, 16 bytes long. */
const BEFORE_ID = Buffer.from([0x0a, 16]);

/** The same file with another trace id; made once. */
function copyOf(path) {
  const copy = path.replace(/\.pb$/, "-copy.pb");
  if (existsSync(copy)) return copy;
  const bytes = readFileSync(path);
  const first = bytes.indexOf(BEFORE_ID) + BEFORE_ID.length;
  const id = Buffer.from(bytes.subarray(first, first + 16));
  const other = Buffer.from(id);
  other[15] ^= 1;
  for (let at = first; at >= 0; at = bytes.indexOf(id, at + id.length)) other.copy(bytes, at);
  writeFileSync(copy, bytes);
  return copy;
}

/** Milliseconds from a click on `button` until `text` is on the page. */
async function until(page, button, text) {
  const began = await page.evaluate(() => performance.now());
  await page.getByRole("button", { name: button }).click();
  const ended = await page.waitForFunction(
    (text) => document.body.innerText.includes(text) && performance.now(),
    text,
    { timeout: TIMEOUT, polling: "raf" },
  );
  return (await ended.jsonValue()) - began;
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
    await (await chooser).setFiles([path, copyOf(path)]);
    await page.getByRole("button", { name: /^(Import report|\d+ warnings?)$/ }).waitFor({ timeout: TIMEOUT });
    const boxes = page.getByRole("checkbox", { name: "Tick to compare" });
    for (const at of [0, 1]) await boxes.nth(at).check({ timeout: TIMEOUT });
    await resetProbes(page);
    const table = await until(page, "Compare the two", "add up to");
    const tree = await until(page, "Both traces", "root");
    return { table, tree, block: await resetProbes(page) };
  } finally {
    await browser.close();
  }
}

const millis = (value) => `${Math.round(value)} ms`;
const site = await serve();
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);
try {
  row(["two traces compared", "table", "then both as one waterfall", "longest block of the page"]);
  row(["---", "---", "---", "---"]);
  for (const one of cases) {
    const { table, tree, block } = await measure(site.url, one);
    row([`of ${one.spans.toLocaleString("en")} spans each`, millis(table), millis(tree), millis(block)]);
  }
} finally {
  site.close();
}
