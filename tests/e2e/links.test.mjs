// State in the address: links, reload and Back.
import assert from "node:assert/strict";
import { App, eventually, scenario } from "./harness.mjs";

/** The range in sight as the minimap says it. */
const range = (page) => page.getByRole("slider", { name: "Time range in sight" }).getAttribute("aria-valuetext");

scenario("a copied link shows the same in a fresh profile", async (app) => {
  const page = await app.openSample("Error cascade");
  const whole = await app.steady(() => range(page));
  await page.getByRole("row", { name: /^charge-card/ }).click();
  await page.getByRole("row", { name: /^charge-card/, selected: true }).waitFor();
  await page.keyboard.press("w");
  const zoomed = await app.steady(() => range(page), (now) => now !== whole, "another range");
  await page.waitForFunction(() => /[?&]t=\d/.test(location.hash));
  // All profiles share one clipboard.
  await page.evaluate(() => navigator.clipboard.writeText("nothing yet"));
  await page.keyboard.press("y");
  const link = await page.waitForFunction(async () => {
    const text = await navigator.clipboard.readText();
    return text.includes("#/") && text;
  });
  const address = await link.jsonValue();
  assert.ok(address.length < 2000);

  const fresh = await App.start();
  try {
    await fresh.page.goto(address);
    await fresh.page.getByRole("row", { name: /^charge-card/, selected: true }).waitFor();
    await eventually(() => range(fresh.page), (now) => now === zoomed, `the range ${zoomed}`);
    fresh.assertClean();
  } finally {
    await fresh.close();
  }
});

scenario("reload keeps the place, Back undoes a selection", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.getByRole("row", { name: /^validate-cart/ }).click();
  await page.getByRole("row", { name: /^validate-cart/, selected: true }).waitFor();
  await page.getByRole("row", { name: /^charge-card/ }).click();
  await page.getByRole("row", { name: /^charge-card/, selected: true }).waitFor();
  await page.reload();
  await page.getByRole("row", { name: /^charge-card/, selected: true }).waitFor();
  await page.goBack();
  await page.getByRole("row", { name: /^validate-cart/, selected: true }).waitFor();
});
