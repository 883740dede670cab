// Statistics and spans as tables: of one trace and of many, their order, their place in links, their CSV.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { manyTraces, scenario } from "./harness.mjs";

/** The text of the file that a button saves. */
async function saved(page, button) {
  const download = page.waitForEvent("download");
  await button.click();
  const file = await download;
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

/** The row with this number, the first being 1; it exists while it is in sight. */
const rowAt = (grid, number) => grid.locator(`[aria-rowindex="${number + 1}"]`);

scenario("statistics lead from a group to its spans, and from a span to the timeline", async (app) => {
  const page = await app.openSample("N+1 queries");
  await page.getByRole("treegrid", { name: "Spans" }).focus();
  await page.keyboard.press("5");
  const grid = page.getByRole("treegrid", { name: "Statistics" });
  await grid.getByRole("row").nth(1).waitFor();
  await page.waitForFunction(() => location.hash.startsWith("#/table"));

  await page.getByLabel("Group by").selectOption({ label: "Service" });
  await page.getByLabel("then by").selectOption({ label: "Operation" });
  await page.waitForFunction(() => location.hash.includes("group=service&group=operation"));
  await app.attribute(rowAt(grid, 1), "aria-expanded", "false");
  await grid.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await app.attribute(rowAt(grid, 1), "aria-expanded", "true");
  await app.attribute(rowAt(grid, 2), "aria-level", "2");
  await app.assertAccessible("statistics");
  await app.screenshot("statistics");

  await grid.getByRole("columnheader", { name: "Count" }).getByRole("button").click();
  await app.attribute(grid.getByRole("columnheader", { name: "Count" }), "aria-sort", "descending");
  await page.waitForFunction(() => location.hash.includes("gsort=count.desc"));
  await page.reload();
  await app.attribute(grid.getByRole("columnheader", { name: "Count" }), "aria-sort", "descending");
  await app.attribute(rowAt(grid, 1), "aria-expanded", "false");
  const csv = await saved(page, page.getByRole("button", { name: "Export CSV" }));
  assert.match(csv.name, /statistics\.csv$/);
  const [heading, first, second] = csv.text.split("\r\n");
  assert.equal(heading.split(",").slice(0, 6).join(","), "Group,Within,Service,Kind,Count,Errors");
  assert.match(first, /^catalog-service,,,,33,/);
  assert.match(second, /^catalog-service,[^,]+,catalog-service,/);

  // A group's count leads to its spans.
  await rowAt(grid, 1).getByRole("button", { name: "33" }).click();
  const spans = page.getByRole("grid", { name: "Table of spans" });
  await app.attribute(spans, "aria-rowcount", "34");
  await page.getByText("Only catalog-service").waitFor();

  const duration = spans.getByRole("columnheader", { name: "Duration" });
  await duration.getByRole("button").click();
  await app.attribute(duration, "aria-sort", "descending");
  await page.waitForFunction(() => location.hash.includes("rsort=duration.desc"));
  await rowAt(spans, 2).click();
  await page.waitForFunction(() => location.hash.includes("span="));
  const name = await app.steady(() => rowAt(spans, 2).getByRole("gridcell").first().innerText());
  await page.reload();
  // The selection of the link is the row with the cursor again.
  await app.attribute(rowAt(spans, 2), "aria-selected", "true");
  await spans.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  await page.getByRole("row", { name, selected: true }).waitFor();
  await page.goBack();
  await spans.waitFor();
  await app.attribute(duration, "aria-sort", "descending");
});

scenario("the table of spans has chosen columns, a filter and a CSV without formulas", async (app) => {
  const page = await app.open("#/spans?url=samples/n-plus-one.json&cols=operation&cols=duration");
  const spans = page.getByRole("grid", { name: "Table of spans" });
  await app.attribute(spans, "aria-rowcount", "34");
  await page.getByText("Columns", { exact: true }).click();
  await page.getByRole("checkbox", { name: "Kind" }).check();
  await spans.getByRole("columnheader", { name: "Kind" }).waitFor();
  await page.getByLabel("Add an attribute as a column").selectOption({ index: 1 });
  await page.waitForFunction(() => location.hash.includes("cols=a:"));
  await spans.getByRole("columnheader").nth(3).waitFor();
  await app.assertAccessible("the table of spans");
  await app.screenshot("spans");
  await page.keyboard.press("Escape");

  await page.getByRole("searchbox", { name: "Filter spans" }).fill("select");
  await page.waitForFunction(() => location.hash.includes("q=select"));
  const shown = await app.steady(
    () => spans.getAttribute("aria-rowcount"),
    (count) => Number(count) > 1 && Number(count) < 34,
    "fewer rows",
  );
  const csv = await saved(page, page.getByRole("button", { name: "Export CSV" }));
  const lines = csv.text.trimEnd().split("\r\n");
  assert.match(lines[0], /^Operation,Duration \(ns\),Kind,/);
  assert.equal(lines.length, Number(shown));
  assert.ok(lines.every((line) => !/^[=+@-]/.test(line)));
});

scenario("all traces have statistics and spans together", async (app) => {
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "many.json",
    mimeType: "application/json",
    buffer: Buffer.from(manyTraces(40)),
  });
  const views = page.getByRole("navigation", { name: "Views" });
  await views.getByRole("button", { name: "Statistics" }).click();
  await page.getByText(/groups of 820 spans in 40 traces/).waitFor();
  await page.getByText(/of the loaded sample/).waitFor();
  await views.getByRole("button", { name: "Spans" }).click();
  const spans = page.getByRole("grid", { name: "Table of spans" });
  await app.attribute(spans, "aria-rowcount", "821");
  await spans.getByRole("columnheader", { name: "Duration" }).getByRole("button").click();
  await rowAt(spans, 1).getByText("40.0 ms").first().waitFor();
  await app.assertAccessible("the spans of all traces");
  await rowAt(spans, 1).dblclick();
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  await page.getByRole("row", { name: /^kind-/, selected: true }).waitFor();
});
