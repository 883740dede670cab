// The way of somebody at a backend: connect, search, open, look around, come back, reload. Written so that it takes
// what is there, so the same steps run in front of the replay server and of real ones.
import assert from "node:assert/strict";
import { eventually } from "./harness.mjs";

/** The list that a search or several opened traces give. */
export const listOf = (page) => page.getByRole("grid", { name: "List of traces" });

/** The first trace of a list. */
export const firstOf = (page) => listOf(page).locator('[aria-rowindex="2"]');

/** Connects one of the page's own backends, and arrives at its empty search. */
export async function connect(app, product) {
  const page = await app.open("#/connect");
  await page.getByRole("region", { name: "Of this page" }).getByRole("button", { name: new RegExp(`^${product}`) }).click();
  await page.getByRole("form", { name: "Search" }).waitFor();
  return page;
}

/** Searches the longest time for any trace; Jaeger wants a service, so each in turn until one has traces. */
export async function searchAny(app, product) {
  const { page } = app;
  const form = page.getByRole("form", { name: "Search" });
  await form.getByLabel("Time range").selectOption(product === "Tempo" ? "any" : "720h");
  const submit = async () => {
    const answered = page.waitForResponse(/\/api\/(search|traces|v3\/trace-summaries)\?/);
    await form.getByRole("button", { name: "Search", exact: true }).click();
    await answered;
    const said = page.getByRole("region", { name: "Search results" }).or(page.getByRole("heading", { name: "No trace found" }));
    const found = await app.steady(() => said.first().isVisible(), (isThere) => isThere, "what was found");
    return found && (await listOf(page).isVisible());
  };
  if (product === "Tempo") {
    assert.ok(await submit(), "this Tempo has no trace");
    return;
  }
  const service = form.getByLabel("Service");
  const services = await eventually(() => service.evaluate((input) => [...input.list.options].map(({ value }) => value)), (names) => names.length > 0, "services");
  for (const name of services) {
    await service.fill(name);
    if (await submit()) return;
  }
  assert.fail("this Jaeger has no trace of the last 30 days");
}

/** Opens the first trace that was found, comes back to what was found, and looks at it in each view. Gives the address of the results. */
export async function openAndReturn(app) {
  const { page } = app;
  const results = page.url();
  await firstOf(page).click();
  await app.rows().first().waitFor();
  await app.loaded();
  // Back shows the results again, as they were.
  await page.goBack();
  await page.waitForURL(results);
  await firstOf(page).waitFor();
  await firstOf(page).click();
  await app.rows().first().waitFor();
  await app.loaded();
  await page.getByRole("treegrid", { name: "Spans" }).focus();
  // Each view says its name in the address.
  for (const [key, view] of [["2", "flame"], ["3", "graph"], ["4", "critical"], ["5", "table"], ["1", "waterfall"]]) {
    await page.keyboard.press(key);
    await page.waitForFunction((view) => location.hash.startsWith(`#/${view}`), view);
  }
  await app.rows().first().waitFor();
  return results;
}

/** Reloads the trace that is open, and goes to the results, which are asked for again. */
export async function reload(app, results) {
  const { page } = app;
  await page.reload();
  await app.rows().first().waitFor();
  await app.loaded();
  await page.goto(results);
  await firstOf(page).waitFor();
}

/** Opens everything that was found together, as one list; a single trace opens by itself. */
export async function openAll(app) {
  const { page } = app;
  await page.getByRole("button", { name: /^Load (all|the first) \d+/ }).click();
  await page.waitForFunction(() => /^#\/(traces|waterfall)/.test(location.hash));
  await app.loaded();
}
