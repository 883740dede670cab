// Many traces: list, sort, filter, open one, and come back.
import assert from "node:assert/strict";
import { eventually, manyTraces, scenario } from "./harness.mjs";

scenario("traces can be sorted, filtered, opened and left again", async (app) => {
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "many.json",
    mimeType: "application/json",
    buffer: Buffer.from(manyTraces(40)),
  });
  const list = page.getByRole("grid", { name: "List of traces" });
  await list.waitFor();
  await app.loaded();
  await app.screenshot("traces");
  await app.assertAccessible("the list of traces");

  const duration = list.getByRole("columnheader", { name: "Duration" });
  const first = list.locator('[aria-rowindex="2"]');
  const topmost = { ascending: "1.00 ms", descending: "40.0 ms" };
  // Either order may come first; the second click turns it round.
  const seen = new Set();
  for (let turn = 0; turn < 2; turn += 1) {
    const before = await duration.getAttribute("aria-sort");
    await duration.getByRole("button").click();
    const sorted = await eventually(
      () => duration.getAttribute("aria-sort"),
      (order) => order !== before && order in topmost,
      "another order",
    );
    await first.getByText(topmost[sorted], { exact: true }).waitFor();
    seen.add(sorted);
  }
  assert.equal(seen.size, 2);

  await page.getByRole("searchbox", { name: /filter/i }).fill("kind-3");
  // A heading and those of the 40 that fit: 4, 11, … 39.
  await app.attribute(list, "aria-rowcount", "7");
  await list.getByRole("row", { name: /kind-3/ }).first().click();
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  await page.getByRole("row", { name: /^kind-3/ }).waitFor();

  await page.goBack();
  await list.waitFor();
  await app.attribute(list, "aria-rowcount", "7");
});

/** Four traces that a link can name. */
const QUEUE = "#/traces?url=samples/queue-with-links.json";

const listOf = (page) => page.getByRole("grid", { name: "List of traces" });

/** Waits until the list has that many traces. */
const traceCount = (page, n) => listOf(page).and(page.locator(`[aria-rowcount="${n + 1}"]`)).waitFor();

/** Waits until the address has, or no longer has, a piece of text. */
const address = (page, text, has = true) =>
  page.waitForFunction(([text, has]) => decodeURIComponent(location.hash).includes(text) === has, [text, has]);

scenario("facets, brush and threshold survive reload, links and Back, and Escape takes them back", async (app) => {
  const page = await app.open(QUEUE);
  await traceCount(page, 4);
  const facet = (name) => page.getByRole("complementary", { name: "Facets" }).getByRole("checkbox", { name });
  await facet(/^email-api/).click();
  await traceCount(page, 3);
  await address(page, "service=email-api");

  const threshold = page.getByRole("slider", { name: "Threshold" });
  await threshold.focus();
  await page.keyboard.press("ArrowLeft");
  await address(page, "over=");
  const valued = await app.steady(() => threshold.getAttribute("aria-valuetext"));

  await page.getByText("drag to choose, click to open").waitFor();
  const plot = await app.box(page.getByRole("figure").filter({ hasText: "Start and duration" }).locator("canvas"));
  await page.mouse.move(plot.x + 74, plot.y + 4);
  await page.mouse.down();
  await page.mouse.move(plot.x + plot.width - 4, plot.y + plot.height - 24, { steps: 5 });
  await page.mouse.up();
  const brushed = page.getByRole("button", { name: /^Brushed/ });
  await brushed.waitFor();
  await address(page, "brush=abs:");
  await traceCount(page, 3);

  await page.reload();
  await brushed.waitFor();
  await traceCount(page, 3);
  await facet(/^email-api/).and(page.locator(":checked")).waitFor();
  await threshold.and(page.locator(`[aria-valuetext="${valued}"]`)).waitFor();

  await listOf(page).focus();
  await page.keyboard.press("Escape");
  await brushed.waitFor({ state: "detached" });
  await traceCount(page, 3);
  await page.keyboard.press("Escape");
  await traceCount(page, 4);
  await address(page, "service=", false);
  await page.goBack();
  await traceCount(page, 3);
  await page.goBack();
  await brushed.waitFor();
});

scenario("a link with what is not understood says so and keeps the rest", async (app) => {
  const page = await app.open(`${QUEUE}&status=fine&op=emails%20process`);
  await page.getByRole("alert").filter({ hasText: "“status” in the link was left out" }).waitFor();
  await traceCount(page, 1);
});

scenario("coming back from a trace finds its row in sight, with the focus", async (app) => {
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "many.json",
    mimeType: "application/json",
    buffer: Buffer.from(manyTraces(200)),
  });
  await app.loaded();
  await traceCount(page, 200);
  await listOf(page).focus();
  await page.keyboard.press("End");
  const last = page.getByRole("row", { selected: true });
  await last.waitFor();
  const name = await last.getAttribute("aria-label");
  await page.keyboard.press("Enter");
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  await page.goBack();
  await page.getByRole("row", { name, exact: true, selected: true }).waitFor();
  await listOf(page).and(page.locator(":focus")).waitFor();
});
