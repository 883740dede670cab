// Two traces, or two sets of traces, side by side: chosen in the list, dropped one after the other, by link.
import assert from "node:assert/strict";
import { join } from "node:path";
import { App, manyTraces, root, scenario } from "./harness.mjs";

const sample = (name) => join(root, "public/samples", name);

const comparison = (page) => page.getByRole("region", { name: "Comparison" });
const table = (page) => page.getByRole("grid", { name: "Call paths of both sides" });
const sum = (page) => page.getByLabel("Sum of the changes");

/** Waits until the address has a piece of text. */
const address = (page, text) =>
  page.waitForFunction((text) => decodeURIComponent(location.hash).includes(text), text);

scenario("two ticked traces are compared: sentence, table, calls, both as one waterfall, by link too", async (app) => {
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "many.json",
    mimeType: "application/json",
    buffer: Buffer.from(manyTraces(40)),
  });
  const list = page.getByRole("grid", { name: "List of traces" });
  await list.waitFor();
  await app.loaded();
  // The second and the 37th have the same root.
  await page.getByRole("searchbox", { name: /filter/i }).fill("kind-1");
  await app.attribute(list, "aria-rowcount", "7");
  const row = (duration) => list.getByRole("row").filter({ hasText: "service-1" }).filter({ hasText: duration });
  await row("2.00 ms").getByRole("checkbox", { name: "Tick to compare" }).check();
  await page.getByText("1 trace ticked", { exact: true }).waitFor();
  await row("37.0 ms").getByRole("checkbox", { name: "Tick to compare" }).check();
  await app.assertAccessible("ticked traces");
  await page.getByRole("button", { name: "Compare the two" }).click();

  await comparison(page).getByText("+35.0 ms = +35.0 ms 36 calls step {id} instead of 1.").waitFor();
  await sum(page).getByText("2 call paths add up to +35.00 ms = 37.0 ms − 2.00 ms").waitFor();
  await table(page).getByRole("row", { name: /step \{id\}.*changed/ }).waitFor();
  await app.screenshot("compare-paths");
  await table(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  const calls = page.getByRole("complementary", { name: "Calls side by side" });
  await calls.getByText("1 call in A, 36 in B").waitFor();
  await calls.getByText("Same attributes").waitFor();
  await app.assertAccessible("the table of a comparison");

  await page.getByRole("button", { name: "Swap A and B" }).click();
  await sum(page).getByText("−35.00 ms = 2.00 ms − 37.0 ms").waitFor();
  await address(page, "swap=1");
  await page.goBack();
  await sum(page).getByText("+35.00 ms").waitFor();

  await page.reload();
  // The file cannot be in the link: it is asked for, and then the comparison is there again.
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "many.json",
    mimeType: "application/json",
    buffer: Buffer.from(manyTraces(40)),
  });
  await sum(page).getByText("+35.00 ms").waitFor();
  await page.getByRole("button", { name: "Both traces" }).click();
  const both = page.getByRole("region", { name: "Both traces" });
  await both.getByRole("row", { name: /^new: step/ }).first().waitFor();
  await both.getByRole("row", { name: /^kind-1/ }).click();
  await both.getByText("kind-1: 2.00 ms in A, 37.0 ms in B").waitFor();
  await app.screenshot("compare-both");
  await app.assertAccessible("both traces as one waterfall");
  await both.getByRole("button", { name: "Show in B’s timeline" }).click();
  await page.waitForFunction(() => location.hash.startsWith("#/waterfall"));
  await page.getByRole("row", { name: /^kind-1.*37\.0 ms/, selected: true }).waitFor();
  // The comparison waits at its tab.
  await page.keyboard.press("7");
  await sum(page).getByText("+35.00 ms").waitFor();
  await page.keyboard.press("3");
  await page.waitForFunction(() => location.hash.startsWith("#/graph"));
});

scenario("a file that is dropped on a trace is compared with it, and a link compares two files", async (app) => {
  const page = await app.openSample("N+1 queries");
  await app.dropFile(page.getByRole("main"), sample("slow-external-call.json"));
  const message = page.getByRole("status").filter({ hasText: "is open instead of" });
  await message.getByRole("button", { name: "Compare" }).click();
  await comparison(page).getByText(/603 ms instead of 5\.99 ms: .*new call call_external_web_service/).waitFor();
  await page.getByRole("button", { name: "New and gone" }).click();
  const lists = page.getByRole("group", { name: "New and gone" });
  await lists.getByRole("heading", { name: /New services/ }).waitFor();
  await lists.getByRole("listitem").filter({ hasText: "weather-view: GET /slow" }).waitFor();
  await app.assertAccessible("what is new and gone");
  await app.screenshot("compare-new-and-gone");

  const other = await App.start();
  try {
    const page = await other.open("#/compare?url=samples/n-plus-one.json&vs=samples/slow-external-call.json");
    await comparison(page).getByText(/603 ms instead of 5\.99 ms/).waitFor();
    await sum(page).getByText("9 call paths add up to").waitFor();
    other.assertClean();
  } finally {
    await other.close();
  }
});

scenario("sets of traces are compared on average", async (app) => {
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "many.json",
    mimeType: "application/json",
    buffer: Buffer.from(manyTraces(40)),
  });
  const list = page.getByRole("grid", { name: "List of traces" });
  await list.waitFor();
  await app.loaded();
  await list.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Space");
  await page.getByText("1 trace ticked", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Compare with the other 39" }).click();
  await comparison(page).getByText(/^On average: /).waitFor();
  await comparison(page).getByText(/39 traces of/).waitFor();
  await address(page, "vs=rest");
  assert.ok((await sum(page).textContent()).includes("add up to"));
});
