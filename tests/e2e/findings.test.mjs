// The trace explained: headline, findings, what-if, and the switches of the analysis.
import { eventually, scenario } from "./harness.mjs";

const diagnosis = (page) => page.getByRole("region", { name: "Diagnosis" });
const panel = (page) => page.getByRole("tabpanel");
const finding = (page, name) => panel(page).getByRole("heading", { level: 3 }).getByRole("button", { name });
const rangeText = (page) => page.getByRole("slider", { name: "Time range in sight" });

/** Shows the findings and waits until all are there: only then is said what was checked. */
async function analysed(page) {
  await page.getByRole("tab", { name: /^Findings/ }).click();
  await panel(page).getByText(/^What was checked/).waitFor();
}

/** Waits until the range in sight is the whole trace, or is not. */
const isWhole = (page, expected) =>
  page.waitForFunction((wanted) => !/[?&]t=\d/.test(location.hash) === wanted, expected);

scenario("the headline names the slow call, and its finding leads to it", async (app) => {
  const page = await app.openSample("Slow external call");
  await diagnosis(page).getByText(/99\.\d %.*call_external_web_service/).waitFor();
  // Nobody asked for it, yet what matters is in sight, and the rows keep the focus.
  await page.getByRole("tab", { name: /^Findings/, selected: true }).waitFor();
  await page.getByRole("treegrid", { name: "Spans" }).and(page.locator(":focus")).waitFor();
  await analysed(page);
  await app.assertAccessible("the findings");
  await app.screenshot("findings");
  await finding(page, /call_external_web_service/).first().click();
  await page.getByRole("row", { name: /^call_external_web_service/, selected: true }).waitFor();
  await panel(page).getByText("What to do:").waitFor();
  await page.waitForFunction(() => location.hash.includes("finding="));
  await app.assertAccessible("an open finding");
  // The link opens the same finding.
  await page.reload();
  await panel(page).getByText("What to do:").waitFor();
  await diagnosis(page).getByRole("button", { name: "call_external_web_service" }).waitFor();
});

scenario("what-if shows the new total and the ghost until Escape", async (app) => {
  const page = await app.openSample("Slow external call");
  await analysed(page);
  await diagnosis(page).getByRole("button", { name: "call_external_web_service" }).click();
  await page.getByRole("row", { name: /^call_external_web_service/, selected: true }).waitFor();
  const slider = page.getByRole("slider", { name: "How much faster call_external_web_service is" });
  await slider.focus();
  for (let step = 0; step < 10; step += 1) await page.keyboard.press("ArrowRight");
  await page.locator("input[aria-valuetext='50 % faster']").waitFor();
  const sentence = /call_external_web_service were 50 % faster, this trace would take 30\d ms instead of 60\d ms \(−50 %\)/;
  await diagnosis(page).getByText(sentence).waitFor();
  await diagnosis(page).getByText(/^Assumes the observed order is necessary/).waitFor();
  await app.assertAccessible("a what-if");
  // The same in words for the selected span, once the bars have moved.
  await page.getByRole("tab", { name: "Span" }).click();
  await panel(page).getByText(/^30\d ms instead of 60\d ms$/).waitFor();
  await app.screenshot("what-if");
  // The link holds it: slider, sentence and ghost come back with the page.
  await page.waitForFunction(() => /[?&]faster=500,client,/.test(location.hash));
  await page.reload();
  await diagnosis(page).getByText(sentence).waitFor();
  await panel(page).getByText(/^30\d ms instead of 60\d ms$/).waitFor();
  await page.getByRole("tab", { name: /^Findings/ }).click();
  await page.locator("input[aria-valuetext='50 % faster']").waitFor();
  await page.getByRole("tab", { name: "Span" }).click();
  const ghost = await app.steady(() => page.locator("canvas.bars").evaluate((canvas) => canvas.toDataURL()));
  await page.keyboard.press("Escape");
  await diagnosis(page).getByText(sentence).waitFor({ state: "detached" });
  await page.waitForFunction((before) => document.querySelector("canvas.bars").toDataURL() !== before, ghost);
  await panel(page).getByText(/^30\d ms instead of 60\d ms$/).waitFor({ state: "detached" });
  // What was selected stays.
  await page.getByRole("row", { name: /^call_external_web_service/, selected: true }).waitFor();
});

scenario("the finding about repeated calls leads to their run", async (app) => {
  const page = await app.openSample("N+1 queries");
  await analysed(page);
  const repeated = finding(page, /\d+ × .*N\+1/).first();
  const told = Number(/(\d+) ×/.exec(await repeated.innerText())[1]);
  await isWhole(page, true);
  await repeated.click();
  const run = page.getByRole("row", { selected: true });
  await run.waitFor();
  // The query that they follow from has the same name and is no member of the run.
  const folded = async () => Number(/× (\d+)/.exec(await run.innerText())?.[1]);
  await eventually(folded, (n) => n === told, `a run of ${told}`);
  await isWhole(page, false);
  // All that proves it is marked together, until the finding is closed.
  const marked = page.getByRole("row", { name: /, evidence of the open finding$/ });
  await eventually(() => marked.count(), (n) => n === 3, "the caller, the query for the list and the run");
  await app.screenshot("evidence");
  // One by one the calls are shown themselves.
  await panel(page).getByRole("button", { name: "Next span" }).click();
  await panel(page).getByText(/^1 of \d+: /).waitFor();
  await page.getByRole("row", { name: /SELECT/, selected: true }).waitFor();
  // What a finding proposes is part of the link, too.
  await panel(page).getByRole("button", { name: "Try it", pressed: false }).click();
  await diagnosis(page).getByText(/If 3\d calls of .* were one, this trace would take/).waitFor();
  await page.waitForFunction(() => /[?&]try=PERF-4/.test(location.hash));
  await page.reload();
  await diagnosis(page).getByText(/If 3\d calls of .* were one, this trace would take/).waitFor();
  await panel(page).getByRole("button", { name: "Try it", pressed: true }).click();
  await diagnosis(page).getByText(/were one, this trace would take/).waitFor({ state: "detached" });
  await repeated.click();
  await eventually(() => marked.count(), (n) => n === 0, "no mark without an open finding");
});

scenario("findings are reached, opened and ignored by keys alone", async (app) => {
  const page = await app.openSample("Slow external call");
  await panel(page).getByText(/^What was checked/).waitFor();
  await page.keyboard.press("i");
  const tab = page.getByRole("tab", { name: /^Findings/, selected: true });
  await tab.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tab", { name: "Span", selected: true }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("ArrowLeft");
  await tab.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Close panel" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Tab");
  const first = panel(page).getByRole("heading", { level: 3 }).getByRole("button").first();
  await first.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("row", { selected: true }).waitFor();
  const count = async () => Number(/\d+/.exec(await tab.innerText())?.[0] ?? 0);
  const before = await app.steady(count);
  await panel(page).getByRole("button", { name: "Ignore" }).focus();
  await page.keyboard.press("Enter");
  const again = panel(page).getByRole("button", { name: "List again" });
  await again.waitFor();
  await eventually(count, (now) => now === before - 1, "one finding less");
  await again.focus();
  await page.keyboard.press("Enter");
  await again.waitFor({ state: "detached" });
  await eventually(count, (now) => now === before, "all findings again");
  // The key for the next finding works from anywhere, and says which.
  await page.keyboard.press("j");
  await panel(page).getByText("What to do:").waitFor();
  await page.keyboard.press("F6");
});

scenario("how the trace is analysed can be read, changed and linked", async (app) => {
  const page = await app.openSample("Clock skew");
  const words = diagnosis(page).getByRole("button", { name: /Background work excluded/ });
  await diagnosis(page).getByRole("button", { name: /clock of .* corrected by/ }).waitFor();
  await words.click();
  const sheet = page.getByRole("group", { name: "How this trace is analysed" });
  await sheet.getByText(/^Clock of .* corrected by/).waitFor();
  await app.assertAccessible("the switches of the analysis");
  await sheet.getByRole("checkbox", { name: /^Correct clocks/ }).click();
  await diagnosis(page).getByRole("button", { name: /clocks as recorded/ }).waitFor();
  await sheet.getByRole("radio", { name: /^All late work excluded/ }).click();
  await diagnosis(page).getByRole("button", { name: /^All late work excluded · clocks as recorded/ }).waitFor();
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await page.waitForFunction(() => /late=async&clocks=recorded/.test(location.hash));
  await page.reload();
  await diagnosis(page).getByRole("button", { name: /^All late work excluded · clocks as recorded/ }).waitFor();
});

scenario("nothing found says what was looked for", async (app) => {
  const attributes = Object.entries({
    "service.name": "calm",
    "service.version": "1.0.0",
    "service.instance.id": "calm-1",
    "deployment.environment.name": "test",
    "telemetry.sdk.language": "rust",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.version": "1.0.0",
  }).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const span = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    name: "GET /calm",
    kind: 2,
    startTimeUnixNano: "1700000000000000000",
    endTimeUnixNano: "1700000000000000000",
  };
  const text = JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: {}, spans: [span] }] }] });
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "calm.json",
    mimeType: "application/json",
    buffer: Buffer.from(text),
  });
  await app.rows().first().waitFor();
  // Nothing asks for attention, so the span's tab stays; the list is one click away.
  await diagnosis(page).getByRole("button", { name: "No findings" }).click();
  await panel(page).getByText("Nothing found.").waitFor();
  await panel(page).getByText(/^Looked for /).first().waitFor();
  await app.assertAccessible("nothing found");
});

/** One trace with two roots: a request, and a longer one that nothing leads to. */
function twoRoots() {
  const at = (millis) => String(1_700_000_000_000_000_000n + BigInt(millis) * 1_000_000n);
  const span = (id, parent, name, from, to) => ({
    traceId: "0".repeat(31) + "2",
    spanId: id.repeat(16),
    ...(parent && { parentSpanId: parent.repeat(16) }),
    name,
    kind: parent ? 1 : 2,
    startTimeUnixNano: at(from),
    endTimeUnixNano: at(to),
  });
  const spans = [
    span("a", "", "GET /order", 0, 100),
    span("b", "a", "load order", 10, 90),
    span("c", "", "rebuild index", 120, 400),
    span("d", "c", "read pages", 130, 390),
  ];
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

scenario("another root than the main one can be explained", async (app) => {
  const page = await app.open();
  const buffer = Buffer.from(twoRoots());
  const file = { name: "two-roots.json", mimeType: "application/json", buffer };
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), file);
  await app.rowCount(4);
  await app.loaded();
  await diagnosis(page).getByText(/rebuild index took 280 ms/).waitFor();
  await page.getByTitle("How this trace is analysed").click();
  const sheet = page.getByRole("group", { name: "How this trace is analysed" });
  await app.assertAccessible("the choice of a root");
  await sheet.getByLabel("Explain").selectOption({ label: "GET /order, 100 ms" });
  await diagnosis(page).getByText(/GET \/order took 100 ms/).waitFor();
  await page.waitForFunction((id) => location.hash.includes(id), "a".repeat(16));
  await app.screenshot("another-root");
  await sheet.getByLabel("Explain").selectOption({ label: "the main root" });
  await diagnosis(page).getByText(/rebuild index took 280 ms/).waitFor();
});
