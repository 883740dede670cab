// Many traces: list, sort, filter, open one, and come back.
import assert from "node:assert/strict";
import { manyTraces, scenario } from "./harness.mjs";

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

  const first = () => list.getByRole("row").nth(1).innerText();
  const duration = list.getByRole("columnheader", { name: /duration/i });
  await duration.getByRole("button").or(duration).first().click();
  const one = await first();
  await duration.getByRole("button").or(duration).first().click();
  const other = await first();
  assert.notEqual(one, other);
  assert.ok([one, other].some((text) => text.includes("40.0 ms")), `${one} | ${other}`);
  assert.ok([one, other].some((text) => text.includes("1.00 ms")), `${one} | ${other}`);

  await page.getByRole("searchbox", { name: /filter/i }).fill("kind-3");
  await list.getByRole("row", { name: /kind-2/ }).waitFor({ state: "detached" });
  await list.getByRole("row", { name: /kind-3/ }).first().click();
  await page.keyboard.press("Enter");
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  await page.getByRole("row", { name: /^kind-3/ }).waitFor();

  await page.goBack();
  await list.waitFor();
});
