// The page starts: under its policy, from a sub-path, and with nothing fetched from elsewhere.
import assert from "node:assert/strict";
import { scenario } from "./harness.mjs";

scenario("the page opens without a complaint", async (app) => {
  const page = await app.open();
  await page.waitForFunction(() => document.title.includes("Spanscope"));
  assert.ok((await page.evaluate(() => globalThis.spanscope.memory())) > 0);
  // Preloads that the browser does not use as they are written cost a second download, or worse.
  assert.deepEqual(app.warnings.filter((text) => /integrity|credentials mode/.test(text)), []);
});

scenario("the policy forbids inline scripts and foreign hosts' scripts", async (app) => {
  const page = await app.open();
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.ranInline = true";
    document.head.append(script);
    return globalThis.ranInline === true;
  });
  assert.equal(ran, false);
  await app.expectComplaint(/script-src/);
});
