// The critical path: along the bars, by keys, and as a view of its own.
import assert from "node:assert/strict";
import { eventually, manyTraces, scenario } from "./harness.mjs";

scenario("rows say what is on the critical path, and X goes along it", async (app) => {
  const page = await app.openSample("Slow external call");
  const external = page.getByRole("row", { name: /^call_external_web_service.*on critical path/ });
  await external.waitFor();
  await page.getByRole("treegrid", { name: "Spans" }).focus();
  const selected = (name) => page.getByRole("row", { name, selected: true }).waitFor();
  await page.keyboard.press("x");
  await selected(/^GET \/slow/);
  await page.keyboard.press("x");
  await selected(/^call_external_web_service/);
  await page.keyboard.press("Shift+X");
  await selected(/^GET \/slow/);
  await page.keyboard.press("c");
  await app.screenshot("critical-emphasised");
});

scenario("the critical path has a view with tables that lead back to the spans", async (app) => {
  const page = await app.openSample("Slow external call");
  await page.getByRole("treegrid", { name: "Spans" }).focus();
  await page.keyboard.press("4");
  await app.focused(page.getByRole("grid", { name: "Critical path" }));
  const table = page.getByRole("grid", { name: "Critical path" });
  await table.getByRole("row", { name: /call_external_web_service/ }).waitFor();
  await page.waitForFunction(() => location.hash.startsWith("#/critical"));
  await app.assertAccessible("the critical path");
  await app.screenshot("critical-path");

  await page.getByRole("button", { name: "By operation" }).click();
  await page.waitForFunction(() => location.hash.includes("by=operation"));
  // Most time first, and the share is said.
  const first = table.getByRole("row").nth(1);
  await first.getByText("call_external_web_service").waitFor();
  await first.getByText(/99 %/).waitFor();

  await page.reload();
  await table.getByRole("row", { name: /call_external_web_service/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: "By operation" }).getAttribute("aria-pressed"), "true");
  await table.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.getByRole("row", { name: /^call_external_web_service/, selected: true }).waitFor();
  await page.waitForFunction(() => location.hash.startsWith("#/waterfall"));
  await page.goBack();
  await table.waitFor();
});

scenario("spans are drawn where an agreeing clock would have put them", async (app) => {
  const page = await app.openSample("Clock skew");
  const header = page.getByRole("banner").or(page.locator("header.trace-header"));
  // 220 ms were recorded, of which 180 ms are the other clock's.
  await header.getByText("40.3 ms").waitFor();
  // What links say counts from the recorded start: it stays in its place, however often it is read.
  const range = () => page.getByRole("slider", { name: "Time range in sight" }).getAttribute("aria-valuetext");
  const whole = await app.steady(range);
  await app.rows().nth(1).click();
  await page.keyboard.press("m");
  const mark = page.getByRole("list", { name: "Marks" }).getByRole("button", { name: /^Mark at 1\.\d+ ms GET/ });
  await mark.waitFor();
  await page.keyboard.press("w");
  const zoomed = await app.steady(range, (now) => now !== whole, "another range");
  await page.waitForFunction(() => /[?&]t=1\d{8}-/.test(location.hash) && /[?&]mark=18\d{7}:/.test(location.hash));
  await page.reload();
  await header.getByText("40.3 ms").waitFor();
  await mark.waitFor();
  await eventually(range, (now) => now === zoomed, `the range ${zoomed}`);
});

scenario("the tree can be folded to the critical path", async (app) => {
  const page = await app.openSample("N+1 queries");
  await page.getByRole("row", { name: /on critical path/ }).first().waitFor();
  await page.getByRole("toolbar", { name: "Timeline" }).getByRole("button", { name: "Fold" }).click();
  await page.getByRole("menuitemradio", { name: /critical path/ }).click();
  await page.waitForFunction(() => location.hash.includes("fold=critical"));
  await page.reload();
  await page.getByRole("row", { name: /on critical path/ }).first().waitFor();
  await page.waitForFunction(() => location.hash.includes("fold=critical"));
});

scenario("views of all traces are about those that the list shows", async (app) => {
  const page = await app.open();
  const buffer = Buffer.from(manyTraces(40));
  const file = { name: "many.json", mimeType: "application/json", buffer };
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), file);
  const list = page.getByRole("grid", { name: "List of traces" });
  await list.waitFor();
  await app.loaded();
  await page.getByRole("searchbox", { name: /filter/i }).fill("kind-1");
  await app.attribute(list, "aria-rowcount", "7");
  const views = page.getByRole("navigation", { name: "Views" });
  const tab = (name) => views.getByRole("button", { name, exact: true });
  await tab("Critical paths together").click();
  const together = page.getByRole("region", { name: "Critical paths of all traces" });
  await together.getByText(/^2 traces of kind-1/).waitFor();
  await views.getByText("6 of 40 traces").waitFor();
  await tab("Statistics").click();
  await page.getByText("10 groups of 117 spans in 6 traces").waitFor();
  await app.assertAccessible("statistics of some traces");
  await app.screenshot("narrowed-statistics");
  await views.getByRole("button", { name: "Show all" }).click();
  await page.getByText(/groups of 820 spans in 40 traces/).waitFor();
  await views.getByText("6 of 40 traces").waitFor({ state: "detached" });
  // Compare takes what is ticked.
  await tab("Traces").click();
  const ticks = list.getByRole("checkbox", { name: "Tick to compare" });
  await ticks.nth(0).check();
  await ticks.nth(1).check();
  await tab("Compare").click();
  await page.getByRole("grid", { name: "Call paths of both sides" }).and(page.locator(":focus")).waitFor();
});

scenario("the critical paths of all traces are put together", async (app) => {
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "many.json",
    mimeType: "application/json",
    buffer: Buffer.from(manyTraces(40)),
  });
  await page.getByRole("button", { name: "Critical paths together" }).click();
  const table = page.getByRole("grid", { name: "Critical paths together" });
  await table.getByRole("row").nth(1).waitFor();
  await app.assertAccessible("critical paths together");
  await app.screenshot("critical-together");
  await page.getByRole("button", { name: "By service" }).click();
  await table.getByRole("columnheader", { name: "Service" }).waitFor();
  await page.getByRole("button", { name: "Traces", exact: true }).click();
  await page.getByRole("grid", { name: "List of traces" }).waitFor();
});

scenario("queries and configuration for many traces can be copied", async (app) => {
  const page = await app.open();
  const alike = manyTraces(25).replaceAll(/kind-\d/g, "GET /list").replaceAll(/service-\d/g, "web");
  const file = { name: "alike.json", mimeType: "application/json", buffer: Buffer.from(alike) };
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), file);
  await page.getByRole("button", { name: "Critical paths together" }).click();
  await page.getByText(/^Alert when p95 of GET \/list exceeds/).click();
  const query = page.getByRole("region", { name: "TraceQL" });
  await query.getByText('{ resource.service.name = "web" && name = "GET /list" }').waitFor();
  await page.getByText(/^Errors, traces above .* would keep/).click();
  await page.getByText("Nothing in them says that they were sampled already.").waitFor();
  await app.assertAccessible("what can be copied");
  await app.screenshot("copied-queries");
  const policy = page.getByRole("figure").filter({ hasText: "Collector configuration" });
  await policy.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("status").getByText("Copied").waitFor();
  const copied = await eventually(() => page.evaluate(() => navigator.clipboard.readText()), (text) => text !== "", "a copy");
  assert.match(copied, /tail_sampling:\n {4}policies:/);
});
