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

/** Waits until the address has, or no longer has, a piece of text. */
const address = (page, text, has = true) =>
  page.waitForFunction(([text, has]) => decodeURIComponent(location.hash).includes(text) === has, [text, has]);

scenario("opened runs and the focused subtree are in the link", async (app) => {
  const page = await app.openSample("N+1 queries");
  const run = page.getByRole("row", { name: /3\d.*SELECT/ });
  await run.click();
  await page.keyboard.press("ArrowRight");
  await address(page, "fold=*");
  const opened = page.getByRole("row", { name: /3\d.*SELECT/, expanded: true });
  await opened.waitFor();
  await page.reload();
  await opened.waitFor();

  await app.rows().first().click();
  await page.getByRole("button", { name: "Focus subtree" }).click();
  await address(page, "focus=");
  await page.getByText("Only below").waitFor();
  await page.reload();
  await page.getByText("Only below").waitFor();
  await opened.waitFor();
  await page.goBack();
  await page.getByText("Only below").waitFor({ state: "detached" });
  await opened.waitFor();
});

scenario("marks and notes are in the link and can be removed", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.getByRole("row", { name: /^charge-card/ }).click();
  await page.keyboard.press("m");
  const marks = page.getByRole("list", { name: "Marks" });
  const mark = marks.getByRole("button", { name: /^Mark at .* charge-card$/ });
  await mark.waitFor();
  await page.keyboard.press("Shift+M");
  await page.getByRole("textbox", { name: "What is to be seen there" }).fill("deploy; 50 % off");
  await page.keyboard.press("Enter");
  const note = marks.getByRole("button", { name: /^Mark at .* deploy; 50 % off$/ });
  await note.waitFor();
  await address(page, "mark=");
  await app.screenshot("marks");
  await page.reload();
  await mark.waitFor();
  await note.waitFor();
  await page.getByRole("row", { name: /^charge-card/, selected: true }).waitFor();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await app.assertAccessible("the timeline with marks");

  await marks.getByRole("button", { name: /^Remove the mark at .*deploy/ }).click();
  await note.waitFor({ state: "detached" });
  await page.getByRole("row", { name: /^charge-card/ }).click();
  await page.keyboard.press("m");
  await marks.waitFor({ state: "detached" });
  await address(page, "mark=", false);
  await page.goBack();
  await mark.waitFor();
});

scenario("colours of services can be chosen, and forced by a link", async (app) => {
  const page = await app.open();
  const root = (palette) => page.locator(`html[data-palette="${palette}"]`);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("radio", { name: /Okabe/ }).click();
  await root("okabe-ito").waitFor();
  await page.reload();
  await root("okabe-ito").waitFor();
  await page.goto(`${app.url}#/waterfall?url=samples/error-cascade.json&palette=status`);
  await root("status").waitFor();
  await app.rows().first().waitFor();
  await app.assertAccessible("the timeline by status");
  await app.screenshot("timeline-by-status");
});
