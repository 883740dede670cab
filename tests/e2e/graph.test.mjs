// Who calls whom: the picture by pointer and keys, what it leaves out, the tables, the file.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { manyTraces, scenario } from "./harness.mjs";

const nodes = (page) => page.getByRole("group", { name: /^Picture of/ });
const card = (page) => page.getByRole("complementary", { name: "Chosen node" });
const hash = (page, part) => page.waitForFunction((part) => location.hash.includes(part), part);

scenario("the graph of a trace is read, pointed at, drilled into and saved", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.keyboard.press("3");
  // A node obeys the keys at once.
  await page.getByRole("group", { name: /^Picture of/ }).getByRole("button").and(page.locator(":focus")).waitFor();
  const picture = nodes(page);
  await picture.getByRole("button", { name: /^user user, 1 call/ }).waitFor();
  const checkout = picture.getByRole("button", { name: /^service checkout-service, 1 call.*of the critical path/ });
  await checkout.waitFor();
  await hash(page, "#/graph");
  await app.assertAccessible("the graph");
  await app.screenshot("graph");

  // Chosen with the keys, from the caller on.
  await picture.getByRole("button", { name: /^user/ }).focus();
  await page.keyboard.press("ArrowRight");
  await app.focused(checkout);
  await page.keyboard.press("Enter");
  await card(page).getByRole("heading", { name: "checkout-service" }).waitFor();
  await app.attribute(checkout, "aria-pressed", "true");
  await hash(page, "node=service:checkout-service");
  await app.assertAccessible("the graph with a chosen node");

  // Only what is next to it, and back.
  await card(page).getByRole("combobox", { name: "Show" }).selectOption("Neighbours");
  await hash(page, "near=1");
  await card(page).getByRole("button", { name: "Choose no node" }).click();
  await card(page).waitFor({ state: "detached" });

  // Into the operations of a service, and out of them by Back.
  await checkout.dblclick();
  await picture.getByRole("button", { name: /^operation POST \/checkout/ }).waitFor();
  await hash(page, "in=checkout-service");
  await page.reload();
  await picture.getByRole("button", { name: /^operation POST \/checkout/ }).waitFor();
  await page.getByRole("button", { name: "Show all services" }).click();
  await checkout.waitFor();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as SVG" }).click();
  const file = readFileSync(await (await download).path(), "utf8");
  assert.match(file, /^<svg xmlns=/);
  assert.match(file, />checkout-service</);

  // What was chosen is what the timeline marks.
  await checkout.click();
  await card(page).getByRole("button", { name: "Find its spans" }).click();
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  await page.getByRole("searchbox", { name: "Find spans" }).and(page.locator(":visible")).waitFor();
  assert.equal(await page.getByRole("searchbox", { name: "Find spans" }).inputValue(), '"checkout-service"');
});

scenario("the graph of all traces says the same in tables", async (app) => {
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "many.json",
    mimeType: "application/json",
    buffer: Buffer.from(manyTraces(40)),
  });
  await page.getByRole("button", { name: "Graph", exact: true }).click();
  await nodes(page).getByRole("button").first().waitFor();
  await page.getByRole("button", { name: "Nodes", exact: true }).click();
  const table = page.getByRole("grid", { name: "Nodes of the graph" });
  await table.getByRole("row").nth(1).waitFor();
  await hash(page, "as=nodes");
  await table.getByRole("button", { name: "Calls" }).click();
  await app.attribute(table.getByRole("columnheader", { name: "Calls" }), "aria-sort", "descending");
  await page.getByRole("button", { name: "Calls", exact: true }).first().click();
  const calls = page.getByRole("grid", { name: "Calls of the graph" });
  await calls.getByRole("row").nth(1).waitFor();
  await app.assertAccessible("the calls as a table");
  await app.screenshot("graph-calls");
  await page.getByRole("button", { name: "Picture", exact: true }).click();
  await page.getByRole("combobox", { name: "Colour" }).selectOption("Errors");
  await hash(page, "ground=errors");
  await page.getByRole("searchbox", { name: "Find nodes" }).fill("no such service");
  await page.getByText("0 found").waitFor();
});
