// Searching Jaeger and Tempo: the form, TraceQL with completion, results, what is done with them, who calls whom.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { eventually, scenario } from "./harness.mjs";
import { Replay } from "./replay.mjs";
import { lacking } from "./replay/fixtures.mjs";

let tempo;
let jaeger;
before(async () => {
  if (lacking) return;
  tempo = await Replay.start("tempo");
  jaeger = await Replay.start("jaeger");
});
after(async () => {
  await Promise.all([tempo?.close(), jaeger?.close()]);
});

const replayed = (name, run, options) => scenario(name, run, { skip: lacking, ...options });

/** What a browser writes to the console about an answer that is an error. */
const FAILED = /Failed to load resource/;

const form = (page) => page.getByRole("form", { name: "Search" });
const submit = (page) => form(page).getByRole("button", { name: "Search", exact: true });
const results = (page) => page.getByRole("grid", { name: "List of traces" });
const rows = (page) => results(page).getByRole("rowgroup").getByRole("row");
const hash = (page, part) => page.waitForFunction((part) => decodeURIComponent(location.hash).includes(part), part);
const spans = (page) => page.getByRole("treegrid", { name: "Spans" });
/** The searches that a backend was asked for. */
const searches = (replay) => replay.requests.filter(({ path }) => /\/api\/(search|traces|v3\/trace-summaries)$/.test(path));

/** Opens the search screen of a replayed backend. */
async function search(app, replay, faults = [], more = "") {
  const product = replay === tempo ? "tempo" : "jaeger";
  const page = await app.open(`#/search?${product}=${encodeURIComponent(replay.with("cors", ...faults))}${more}`);
  return page;
}

/** The same for the first time in a visit: the reader agrees to ask the host of the link. */
async function begin(app, ...wanted) {
  app.mayAsk = [wanted[0].origin];
  app.allowComplaint(FAILED);
  const page = await search(app, ...wanted);
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await form(page).waitFor();
  return page;
}

replayed("Tempo is searched by fields and by TraceQL, and Back returns without asking", async (app) => {
  const page = await begin(app, tempo);
  await page.locator("#search-service-list option[value='order-service']").waitFor({ state: "attached" });
  await form(page).getByRole("combobox", { name: "Service" }).fill("order-service");
  await form(page).getByRole("textbox", { name: "Min duration" }).fill("5");
  await submit(page).click();
  await form(page).getByText("A number with its unit").waitFor();
  await form(page).getByRole("textbox", { name: "Min duration" }).fill("1ms");
  await submit(page).click();
  await rows(page).first().waitFor();
  await hash(page, "search.service=order-service");
  await hash(page, "search.min=1ms");
  await app.settled();
  await app.assertAccessible("results of a search");
  await app.screenshot("search");

  // The fields become a query, which is completed with the keys alone.
  await page.getByRole("button", { name: "TraceQL", exact: true }).click();
  const box = page.getByRole("combobox", { name: "TraceQL" });
  await eventually(() => box.inputValue(), (text) => text.includes('resource.service.name = "order-service"'), "the query of the fields");
  await box.fill("");
  await box.pressSequentially("{ service.nam");
  const option = (name) => page.getByRole("listbox", { name: "Suggestions" }).getByRole("option", { name, exact: true });
  await option("resource.service.name").waitFor();
  await app.attribute(box, "aria-expanded", "true");
  await app.attribute(option("resource.service.name"), "aria-selected", "true");
  await app.attribute(box, "aria-activedescendant", await option("resource.service.name").getAttribute("id"));
  await app.assertAccessible("suggestions");
  await app.screenshot("search-traceql");
  await page.keyboard.press("Escape");
  await app.attribute(box, "aria-expanded", "false");
  await page.keyboard.press("Control+Space");
  await option("resource.service.name").waitFor();
  await page.keyboard.press("Tab");
  await eventually(() => box.inputValue(), (text) => text === "{ resource.service.name ", "the name");
  await box.pressSequentially("= ");
  await option('"order-service"').waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await box.pressSequentially("orde");
  await app.attribute(option('"order-service"'), "aria-selected", "true");
  await page.keyboard.press("Enter");
  await eventually(() => box.inputValue(), (text) => text === '{ resource.service.name = "order-service" ', "the value");

  // What is wrong with a query is shown at its place.
  await box.fill("{ name = }");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await page.getByText("syntax error: unexpected }").waitFor();
  await page.getByRole("button", { name: "Go to line 1, column 10" }).click();
  await app.focused(box);
  await page.waitForFunction(() => document.activeElement.selectionStart === 9);
  await app.assertAccessible("a fault in a query");

  await box.fill("{ status = error }");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await hash(page, "search.q={ status = error }");
  const row = rows(page).filter({ hasText: "POST /checkout" });
  await row.waitFor();
  const asked = searches(tempo).length;
  await row.getByText("POST /checkout").click();
  await spans(page).waitFor();
  await app.loaded();
  await hash(page, "#/waterfall?v=1&tempo=");
  assert.ok(!(await page.evaluate(() => location.hash)).includes("search."), "a link to a trace carries no search");
  await page.goBack();
  await row.waitFor();
  await app.focused(results(page));
  await page.goForward();
  await spans(page).waitFor();
  await page.getByRole("link", { name: "Search results" }).click();
  await row.waitFor();
  assert.equal(searches(tempo).length, asked, "results were asked for again");

  await page.reload();
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await row.waitFor();
  assert.equal(await box.inputValue(), "{ status = error }");
});

replayed("Jaeger is searched by service; results are compared and loaded, calls are a graph", async (app) => {
  const page = await begin(app, jaeger);
  await submit(page).click();
  await form(page).getByText("Jaeger searches one service at a time").waitFor();
  await page.locator("#search-service-list option[value='frontend']").waitFor({ state: "attached" });
  await form(page).getByRole("combobox", { name: "Service" }).fill("frontend");
  await page.locator("#search-operation-list option").first().waitFor({ state: "attached" });
  await submit(page).click();
  await rows(page).nth(1).waitFor();
  await page.getByText("2 traces found").waitFor();
  for (const tick of await rows(page).getByRole("checkbox").all()) await tick.check();
  await page.getByRole("button", { name: "Compare the two" }).click();
  await page.getByRole("grid", { name: "Call paths of both sides" }).getByRole("row").nth(1).waitFor();
  await page.goBack();
  await rows(page).nth(1).waitFor();
  await page.getByRole("button", { name: "Load all 2" }).click();
  await page.getByRole("button", { name: "Critical paths together" }).waitFor();
  await hash(page, "load=c0ffee");
  await page.getByRole("link", { name: "Search results" }).click();
  await rows(page).nth(1).waitFor();

  await page.getByRole("button", { name: "Calls between services" }).click();
  const cart = page.getByRole("group", { name: /^Picture of 4 nodes/ }).getByRole("button", { name: "service cart, 120 calls" });
  await cart.waitFor();
  await hash(page, "search.calls=24h");
  await app.assertAccessible("calls between services");
  await app.screenshot("search-calls");
  await page.getByRole("button", { name: "Calls", exact: true }).click();
  await page.getByRole("grid", { name: "Calls of the graph" }).getByRole("row", { name: /frontend cart 120/ }).waitFor();
  await page.getByRole("button", { name: "Picture", exact: true }).click();
  await cart.click();
  await page.getByRole("button", { name: "Search its traces" }).click();
  await hash(page, "search.service=cart");
  await page.getByText(/traces? found/).waitFor();
});

replayed("a search says what it does not show, can be stopped, and goes on by itself", async (app) => {
  const page = await begin(app, tempo, ["empty"], "&search.last=any");
  await page.getByRole("heading", { name: "No trace found" }).waitFor();
  await page.getByText("Choose a time range: without one Tempo looks only in its most recent data.").waitFor();
  await app.assertAccessible("an empty result");

  await search(app, tempo, ["stall@api/search"], "&search.last=1h&search.limit=5");
  await page.getByText("Searching…").waitFor();
  await page.getByRole("button", { name: "Cancel search" }).click();
  await page.getByText("Searching…").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Cancel search" }).waitFor({ state: "detached" });

  await search(app, tempo, [], "&search.last=1h&search.limit=5");
  await page.getByText("5 of possibly more: the limit is reached").waitFor();
  await rows(page).nth(4).waitFor();
  await results(page).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const active = () => results(page).getAttribute("aria-activedescendant");
  const before = await eventually(active, (id) => id !== null, "a row for the keys");
  const asked = searches(tempo).length;
  await page.getByRole("combobox", { name: "Reload" }).selectOption("Every 10 s");
  await hash(page, "search.every=10");
  await eventually(() => searches(tempo).length, (n) => n > asked, "the search again");
  await page.getByText("5 traces found", { exact: true }).waitFor();
  assert.equal(await active(), before, "the keys act on another row");
  await page.getByRole("combobox", { name: "Reload" }).selectOption("Off");
});
