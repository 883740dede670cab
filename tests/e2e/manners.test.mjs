// Themes, keys alone, and help.
import assert from "node:assert/strict";
import { eventually, scenario } from "./harness.mjs";

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

scenario("the theme can be switched and is remembered", async (app) => {
  const page = await app.open();
  const light = await background(page);
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor !== before, light);
  const dark = await app.steady(() => background(page));
  assert.notEqual(dark, light);
  await page.reload();
  await page.getByRole("heading", { name: "Open a trace" }).waitFor();
  await eventually(() => background(page), (now) => now === dark, `the background ${dark}`);
});

scenario("the first screen is accessible", async (app) => {
  await app.open();
  await app.assertAccessible("the first screen");
  await app.screenshot("open-light");
});

scenario("the timeline is accessible", async (app) => {
  const page = await app.openSample("N+1 queries");
  await app.assertAccessible("the timeline");
  await app.screenshot("timeline-dark");
  await app.arriveAt("light");
  await app.screenshot("timeline-light");
});

scenario("the keyboard alone goes all the way", async (app) => {
  const page = await app.open();
  const focused = () => page.evaluate(() => document.activeElement?.innerText ?? "");
  for (let turn = 0; turn < 30 && !/^Error cascade/.test(await focused()); turn += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const grid = page.getByRole("treegrid", { name: "Spans" });
  await grid.waitFor();
  await app.loaded();
  // The rows obey at once; Tab leaves them and comes back.
  await app.focused(grid);
  await page.keyboard.press("Tab");
  await app.focused(page.getByRole("separator", { name: "Width of the name column" }));
  await page.keyboard.press("Shift+Tab");
  await app.focused(grid);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const selected = page.getByRole("row", { name: /^charge, /, selected: true });
  await selected.waitFor();
  // Focus stays on the container, which names the row: recycled rows never lose it.
  await app.attribute(grid, "aria-activedescendant", "span-row-2");
  await app.attribute(selected, "id", "span-row-2");
  await app.focused(grid);
});

scenario("help lists the keys and can be searched", async (app) => {
  const page = await app.openSample("Clock skew");
  await page.getByRole("treegrid", { name: "Spans" }).focus();
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: /help|keys/i });
  await help.waitFor();
  await app.screenshot("help");
  await app.assertAccessible("help");
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "hidden" });
});
