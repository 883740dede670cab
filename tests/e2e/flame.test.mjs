// The flame view: spans in their time, calls merged by path, callers and callees, of one trace and of all.
import assert from "node:assert/strict";
import { eventually, manyTraces, scenario } from "./harness.mjs";

/** Waits until the link says, or no longer says, this. */
const linked = (page, part, is = true) =>
  page.waitForFunction(([part, is]) => location.hash.includes(part) === is, [part, is]);

scenario("spans lie below one another in their time, and lead back to the timeline", async (app) => {
  const page = await app.openSample("N+1 queries");
  await page.getByRole("treegrid", { name: "Spans" }).focus();
  await page.keyboard.press("2");
  await page.waitForFunction(() => location.hash.startsWith("#/flame"));
  const frames = page.getByRole("tree", { name: "Frames" });
  const frame = (name) => frames.getByRole("treeitem", { name, selected: true });
  await frames.focus();
  await page.keyboard.press("ArrowDown");
  await frame(/^GET \/products/).waitFor();
  await page.keyboard.press("ArrowDown");
  await frame(/^list-products/).waitFor();
  await page.keyboard.press("ArrowDown");
  await frame(/^SELECT/).waitFor();
  await app.assertAccessible("spans in time");
  await app.screenshot("flame-in-time");

  await page.keyboard.press("Enter");
  await linked(page, "&t=");
  const way = page.getByRole("navigation", { name: "Zoom" });
  await way.getByRole("button", { name: "list-products" }).waitFor();
  await page.keyboard.press("Backspace");
  await way.getByRole("button", { name: "Everything" }).click();
  await linked(page, "&t=", false);
  await page.getByRole("button", { name: "Show in the timeline" }).click();
  await page.getByRole("row", { name: /SELECT/, selected: true }).first().waitFor();
});

scenario("calls of one path are one frame, with its callers and callees", async (app) => {
  const page = await app.openSample("N+1 queries");
  await page.getByRole("button", { name: "Flame", exact: true }).click();
  await page.getByRole("button", { name: "By self time", exact: true }).click();
  await linked(page, "widths=self");
  const frames = page.getByRole("tree", { name: "Frames" });
  const frame = (name) => frames.getByRole("treeitem", { name, selected: true });
  // Everything is as wide as the root.
  await frames.getByRole("treeitem", { name: /^GET \/products.* total .* 100 %/ }).waitFor();
  await frames.focus();
  for (const name of [/^GET \/products/, /^list-products/, /^SELECT.* spans \d+/]) {
    await page.keyboard.press("ArrowDown");
    await frame(name).waitFor();
  }
  await page.keyboard.press("Enter");
  await linked(page, "at=");
  await app.assertAccessible("merged calls");
  await app.screenshot("flame-merged");
  const step = page.getByRole("navigation", { name: "Zoom" }).getByRole("button", { name: "list-products" });
  await step.waitFor();
  await page.reload();
  await step.waitFor();
  await page.goBack();
  await linked(page, "at=", false);
  await step.waitFor({ state: "detached" });

  // The same widths as numbers; a row leads to its frame.
  await page.getByRole("button", { name: "Table", exact: true }).click();
  const table = page.getByRole("grid", { name: "Call paths" });
  const row = table.getByRole("row", { name: /SELECT.*below GET \/products › list-products/ });
  await row.click();
  await frame(/^SELECT/).waitFor();
  await app.assertAccessible("the table of merged calls");

  await page.getByRole("button", { name: "Callers and callees" }).click();
  await linked(page, "around=");
  await frame(/^SELECT.* 100 %/).waitFor();
  // Callers stand above, as wide as what leads through them.
  await frames.focus();
  await page.keyboard.press("ArrowUp");
  await frame(/^list-products.* 100 %/).waitFor();
  await table.getByRole("row").nth(3).waitFor();
  await app.screenshot("flame-around");
  await page.getByRole("button", { name: "Callers and callees" }).click();
  await linked(page, "around=", false);

  await page.keyboard.press("/");
  await page.keyboard.type("select");
  await page.getByRole("status").filter({ hasText: /^1 frame, [\d.]+ %$/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "By critical path" }).click();
  await linked(page, "widths=critical");
  await frames.getByRole("treeitem", { name: /^GET \/products.* 100 %/ }).waitFor();
  await page.getByRole("button", { name: "Colour by self time" }).click();
  await linked(page, "color=self");
  await app.screenshot("flame-critical");
});

scenario("the calls of all traces are merged", async (app) => {
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "many.json",
    mimeType: "application/json",
    buffer: Buffer.from(manyTraces(40)),
  });
  await page.getByRole("button", { name: "Flame", exact: true }).click();
  await page.waitForFunction(() => location.hash.startsWith("#/flame"));
  const item = page.getByRole("tree", { name: "Frames" }).getByRole("treeitem");
  const text = await eventually(() => item.textContent(), (text) => / spans \d+/.test(text), "the first frame");
  assert.match(text, / total /);
  await app.assertAccessible("calls of all traces");
  await app.screenshot("flame-together");
  await page.getByRole("tree", { name: "Frames" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("button", { name: "Open the trace of its longest span" }).click();
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
});
