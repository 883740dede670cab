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
