// State in the address: links, reload and Back.
import assert from "node:assert/strict";
import { App, scenario } from "./harness.mjs";

scenario("a copied link shows the same in a fresh profile", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.getByRole("row", { name: /^charge-card/ }).click();
  await page.keyboard.press("w");
  await page.waitForFunction(() => /[?&]t=\d/.test(location.hash));
  await page.keyboard.press("y");
  const link = await page.waitForFunction(async () => {
    const text = await navigator.clipboard.readText();
    return text.includes("#/") && text;
  });
  const address = await link.jsonValue();
  assert.ok(address.length < 2000);
  const range = await page.getByRole("slider", { name: "Time range in sight" }).getAttribute("aria-valuetext");

  const fresh = await App.start();
  try {
    await fresh.page.goto(address);
    await fresh.page.getByRole("row", { name: /^charge-card/, selected: true }).waitFor();
    const slider = fresh.page.getByRole("slider", { name: "Time range in sight" });
    assert.equal(await slider.getAttribute("aria-valuetext"), range);
    fresh.assertClean();
  } finally {
    await fresh.close();
  }
});

scenario("reload keeps the place, Back undoes a selection", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.getByRole("row", { name: /^validate-cart/ }).click();
  await page.getByRole("row", { name: /^charge-card/ }).click();
  await page.getByRole("row", { name: /^charge-card/, selected: true }).waitFor();
  await page.reload();
  await page.getByRole("row", { name: /^charge-card/, selected: true }).waitFor();
  await page.goBack();
  await page.getByRole("row", { name: /^validate-cart/, selected: true }).waitFor();
});
