// Every screen and dialog that the other files do not look at: accessible in both themes, and safe with hostile
// data.
import assert from "node:assert/strict";
import { eventually, scenario } from "./harness.mjs";

const close = async (page) => {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
};

scenario("details, report, settings, help and palette are accessible", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.getByRole("row", { name: /^charge-card/ }).click();
  await page.getByText("exception.type").or(page.getByText("exception", { exact: true })).first().waitFor();
  await app.assertAccessible("the details of a span");
  await app.screenshot("details");

  await app.reportButton().click();
  await page.getByRole("dialog", { name: "Import report" }).getByText("records read").waitFor();
  await app.assertAccessible("the import report");
  await app.screenshot("report");
  await close(page);

  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
  await app.assertAccessible("the settings");
  await app.screenshot("settings");
  await close(page);

  await page.getByRole("button", { name: "Help and keys" }).click();
  await page.getByRole("dialog").waitFor();
  await app.assertAccessible("the help");
  await app.screenshot("help");
  await close(page);

  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await app.assertAccessible("the command palette");
  await app.screenshot("palette");
  await close(page);
});

scenario("the narrow window keeps everything within reach", async (app) => {
  const page = await app.openSample("N+1 queries");
  for (const [width, height] of [[1024, 700], [640, 700]]) {
    await page.setViewportSize({ width, height });
    await page.getByRole("treegrid", { name: "Spans" }).waitFor();
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await eventually(overflow, (px) => px <= 0, `pixels too wide at ${width}`);
    await app.screenshot(`timeline-${width}`);
  }
});

scenario("the drawer of a narrow window covers neither rows nor find box", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.setViewportSize({ width: 640, height: 700 });
  await page.getByRole("row", { name: /^charge-card/ }).click();
  await page.getByText("payment_method").waitFor();
  const [drawer, grid] = [page.getByRole("complementary"), page.getByRole("treegrid", { name: "Spans" })];
  const { y } = await app.box(drawer);
  const rows = await app.box(grid);
  assert.ok(rows.y + rows.height <= y + 1, "rows are below the drawer");
  const box = page.getByRole("searchbox", { name: "Find spans" });
  await box.click();
  await page.keyboard.type("charge");
  await page.getByRole("search").getByRole("status").getByText(/^\d+ found$| of /).waitFor();
  await app.screenshot("details-640");
});

scenario("a long name leaves the name of the file in the top bar", async (app) => {
  const name = `GET /a/${"very-".repeat(80)}long-path`;
  const span = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    name,
    kind: 2,
    startTimeUnixNano: "1700000000000000000",
    // No end: the report names the span.
  };
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "web" } }] };
  const page = await app.open();
  await page.setViewportSize({ width: 1024, height: 700 });
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "long-name.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: {}, spans: [span] }] }] })),
  });
  await app.rowCount(1);
  await app.loaded();
  const source = page.getByText("long-name.json", { exact: true }).first();
  const { width } = await app.box(source);
  const needed = await source.evaluate((element) => element.scrollWidth);
  assert.ok(needed <= Math.ceil(width), `the name of the file has ${width} of ${needed} px`);
  const crumbs = page.getByRole("navigation", { name: "Breadcrumbs" });
  await crumbs.getByTitle(name).waitFor();

  await app.reportButton().click();
  const report = page.getByRole("dialog", { name: "Import report" });
  await report.getByText("Show spans").click();
  await report.getByRole("button", { name: /^Show web GET/ }).click();
  await report.waitFor({ state: "detached" });
  await page.getByRole("row", { selected: true }).waitFor();
});

scenario("data of a trace is text, never markup, and links only to http", async (app) => {
  const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const attributes = [
    { key: hostile, value: { stringValue: hostile } },
    { key: "link.good", value: { stringValue: "https://example.com/ok" } },
    { key: "link.bad", value: { stringValue: "javascript:document.title=3" } },
    { key: "link.data", value: { stringValue: "data:text/html,<script>document.title=3</script>" } },
  ];
  const span = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    name: hostile,
    kind: 2,
    startTimeUnixNano: "1700000000000000000",
    endTimeUnixNano: "1700000000100000000",
    attributes,
  };
  const resource = { attributes: [{ key: "service.name", value: { stringValue: hostile } }] };
  const text = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: {}, spans: [span] }] }] });
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "hostile.json",
    mimeType: "application/json",
    buffer: Buffer.from(text),
  });
  await app.rows().first().click();
  await page.getByText("link.good").waitFor();
  await app.loaded();
  assert.equal(await page.locator("main img, main script").count(), 0);
  const link = page.getByRole("link", { name: "https://example.com/ok" });
  await link.waitFor();
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
  assert.equal(await link.getAttribute("target"), "_blank");
  for (const text of ["javascript:document.title=3", "data:text/html,<script>"]) {
    await page.getByText(text).first().waitFor();
    assert.equal(await page.getByRole("link", { name: text }).count(), 0);
  }
  const targets = await page.locator("main a[href]").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.ok(targets.every((href) => /^(https?:|#)/.test(href)), targets.join(" "));
  assert.doesNotMatch(await page.title(), /^[123]$/);
  // Nothing in storage or address gives the content of a file away.
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + location.href);
  assert.ok(!kept.includes("link.bad"), "attributes are in storage or address");
});
