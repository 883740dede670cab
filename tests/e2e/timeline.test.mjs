// The timeline by keys and by mouse.
import assert from "node:assert/strict";
import { eventually, scenario } from "./harness.mjs";

/** The range in sight as the minimap says it, such as "0 ns to 157 ms". */
const range = (page) => page.getByRole("slider", { name: "Time range in sight" }).getAttribute("aria-valuetext");

/** Waits until the range in sight is another and moves no more, and gives it. */
const changedRange = (app, before) => app.steady(() => range(app.page), (now) => now !== before, "another range");

/** The middle of the bars, once nothing moves: they fill what names and side panel leave. */
async function chartCentre(app) {
  const box = await app.box(app.page.locator(".timeline-chart"));
  return [box.x + box.width / 2, box.y + 100];
}

scenario("rows fold and unfold by click and by key", async (app) => {
  const page = await app.openSample("Error cascade");
  await app.rowCount(6);
  const root = page.getByRole("row", { name: /^POST \/checkout/ });
  await app.attribute(root, "aria-expanded", "true");
  const grid = page.getByRole("treegrid", { name: "Spans" });
  await app.focused(grid);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  await app.rowCount(1);
  await app.attribute(root, "aria-expanded", "false");
  await app.attribute(grid, "aria-rowcount", "2");
  await page.keyboard.press("ArrowRight");
  await app.rowCount(6);
  await page.keyboard.press("Shift+P");
  await app.rowCount(1);
  await page.keyboard.press("Shift+O");
  await app.rowCount(6);
  await page.getByRole("button", { name: "Fold" }).click();
  await page.getByRole("menuitemradio", { name: "Two levels" }).click();
  await app.rowCount(3);
});

scenario("a run of equal siblings is one row until it is opened", async (app) => {
  const page = await app.openSample("N+1 queries");
  const run = page.getByRole("row", { name: /3\d.*SELECT/ });
  await run.waitFor();
  const folded = await app.steady(() => app.rows().count());
  await app.focused(page.getByRole("treegrid", { name: "Spans" }));
  await run.click();
  await app.attribute(run, "aria-selected", "true");
  await page.keyboard.press("ArrowRight");
  await eventually(() => app.rows().count(), (count) => count > folded + 10, "rows of the opened run");
});

scenario("dragging, wheel and keys zoom", async (app) => {
  const page = await app.openSample("Sequential calls");
  await app.focused(page.getByRole("treegrid", { name: "Spans" }));
  const whole = await app.steady(() => range(page));

  const minimap = await app.box(page.getByRole("slider", { name: "Time range in sight" }));
  await page.mouse.move(minimap.x + minimap.width * 0.3, minimap.y + minimap.height / 2);
  await page.mouse.down();
  await page.mouse.move(minimap.x + minimap.width * 0.6, minimap.y + minimap.height / 2, { steps: 5 });
  await page.mouse.up();
  const dragged = await changedRange(app, whole);

  await page.getByRole("treegrid", { name: "Spans" }).focus();
  await app.focused(page.getByRole("treegrid", { name: "Spans" }));
  await page.keyboard.press("Digit0");
  assert.equal(await changedRange(app, dragged), whole);

  await page.mouse.move(...(await chartCentre(app)));
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -300);
  await page.keyboard.up("Control");
  const wheeled = await changedRange(app, whole);

  await page.keyboard.press("w");
  const nearer = await changedRange(app, wheeled);
  await page.keyboard.press("d");
  const panned = await changedRange(app, nearer);
  await page.keyboard.press("s");
  await changedRange(app, panned);
});

scenario("the range says where it is at the closest zoom", async (app) => {
  const page = await app.openSample("Error cascade");
  await app.focused(page.getByRole("treegrid", { name: "Spans" }));
  const whole = await app.steady(() => range(page));
  assert.match(whole, /the whole trace$/);
  for (let turn = 0; turn < 50; turn += 1) await page.keyboard.press("w");
  const near = await app.steady(() => range(page), (now) => now !== whole, "another range");
  const [, from, to] = /^(\S+) ms to (\S+) ms, < 0.1 % of the trace$/.exec(near) ?? assert.fail(near);
  assert.ok(Number(from) < Number(to), near);
});

scenario("finding counts the matches and walks through them", async (app) => {
  const page = await app.openSample("Error cascade");
  await app.focused(page.getByRole("treegrid", { name: "Spans" }));
  await page.keyboard.press("/");
  const box = page.getByRole("searchbox", { name: "Find spans" });
  await app.focused(box);
  await page.keyboard.type("charge");
  const count = page.getByRole("search").getByRole("status");
  // Names are searched at once, attributes in the worker: the count stands when both are done.
  await count.and(page.locator('[aria-busy="false"]')).getByText(/^\d+ found$| of /).waitFor();
  await page.keyboard.press("Enter");
  await count.getByText(/^1 of \d+$/).waitFor();
  await page.keyboard.press("Enter");
  await count.getByText(/^2 of \d+$/).waitFor();
  await page.keyboard.press("Shift+Enter");
  await count.getByText(/^1 of \d+$/).waitFor();
  // Only the matches and the ways to them; with another span all rows come back.
  const only = page.getByRole("button", { name: "Show only matches" });
  const other = page.getByRole("row", { name: /^validate-cart/ });
  const pressed = (is) => page.getByRole("button", { name: "Show only matches", pressed: is }).waitFor();
  await other.waitFor();
  await pressed(false);
  await only.click();
  await pressed(true);
  await other.waitFor({ state: "detached" });
  await page.getByRole("row", { name: /^charge-card/ }).waitFor();
  await page.waitForFunction(() => location.hash.includes("qm=filter"));
  await app.assertAccessible("only the matches");
  await page.reload();
  await pressed(true);
  await page.getByRole("row", { name: /^charge-card/ }).waitFor();
  await other.waitFor({ state: "detached" });
  await only.click();
  await pressed(false);
  await other.waitFor();
  await only.click();
  await other.waitFor({ state: "detached" });
  await page.getByRole("row", { name: /^charge, service/ }).click();
  await page.keyboard.press(",");
  await page.getByRole("row", { name: /^validate-cart/, selected: true }).waitFor();
  await pressed(false);
  await box.fill("limit exceeded");
  // That stands in an attribute, which only the worker knows.
  await count.getByText(/^[1-9]\d* found$|^\d+ of [1-9]\d*$/).waitFor();
  await box.fill("no such thing");
  await count.getByText("no match").waitFor();
});

scenario("the next error is one key away", async (app) => {
  const page = await app.openSample("Error cascade");
  const grid = page.getByRole("treegrid", { name: "Spans" });
  await app.focused(grid);
  // A row without an error first, so that what is selected then was gone to.
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.getByRole("row", { name: /^validate-cart/, selected: true }).waitFor();
  await page.keyboard.press("e");
  await page.getByRole("row", { name: /, error/, selected: true }).waitFor();
});

scenario("a span's attributes and exception can be read", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.getByRole("row", { name: /^charge-card, service payments-service/ }).click();
  await page.keyboard.press("Enter");
  const details = page.getByRole("complementary").or(page.getByRole("region", { name: /details/i })).first();
  await details.getByText("payment_method").waitFor();
  await details.getByText("CardDeclined").first().waitFor();
  await details.getByText(/limit exceeded/).first().waitFor();
  await app.screenshot("details-exception");
  await app.assertAccessible("span details");
});

scenario("a deep trace keeps its names in sight, and keys work at once", async (app) => {
  const depth = 300;
  const hex = (at) => (at + 1).toString(16).padStart(16, "0");
  const spans = Array.from({ length: depth }, (_, at) => ({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: hex(at),
    ...(at > 0 && { parentSpanId: hex(at - 1) }),
    name: `level ${at}`,
    kind: 1,
    startTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(at) * 1000n),
    endTimeUnixNano: String(1_700_000_000_100_000_000n - BigInt(at) * 1000n),
  }));
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), {
    name: "deep.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })),
  });
  await app.rows().first().waitFor();
  await page.getByRole("treegrid", { name: "Spans" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("End");
  const last = page.getByRole("row", { name: /^level 299/, selected: true });
  await last.waitFor();
  await app.steady(() => last.getByRole("gridcell").first().boundingBox(), (name) => name?.width > 40, "a name in sight");

  // The names can be moved sideways by keys and say how far they are.
  const bar = page.getByRole("scrollbar", { name: "Names sideways" });
  await app.attribute(bar, "aria-valuetext", "100 %");
  for (let turn = 0; turn < 5; turn += 1) await page.keyboard.press("Shift+ArrowLeft");
  await app.steady(() => bar.getAttribute("aria-valuetext"), (text) => /^9\d %$/.test(text), "names further left");
  for (let turn = 0; turn < 5; turn += 1) await page.keyboard.press("Shift+ArrowRight");
  await app.attribute(bar, "aria-valuetext", "100 %");
  await page.keyboard.press("Home");
  await app.attribute(bar, "aria-valuetext", "0 %");
  const rows = page.getByRole("scrollbar", { name: "Rows" });
  await eventually(() => rows.getAttribute("aria-valuetext"), (text) => /^1 to \d+ of 300$/.test(text), "rows in sight");
});

scenario("F centres, then fits, then goes back", async (app) => {
  const page = await app.openSample("Error cascade");
  const whole = await app.steady(() => range(page));
  await page.getByRole("row", { name: /^validate-cart/ }).click();
  await page.keyboard.press("f");
  await page.keyboard.press("f");
  const fitted = await changedRange(app, whole);
  await page.keyboard.press("f");
  assert.equal(await changedRange(app, fitted), whole);
});

scenario("calls are followed into the called service and back, and along links into other traces", async (app) => {
  const page = await app.openSample("Error cascade");
  const selected = (name) => page.getByRole("row", { name, selected: true }).waitFor();
  await page.getByRole("row", { name: /^POST \/checkout/ }).click();
  await page.keyboard.press("]");
  await selected(/^POST \/charge/);
  await page.keyboard.press("[");
  await selected(/^POST, service checkout-service/);

  await page.goto(`${app.url}#/traces?url=samples/queue-with-links.json`);
  await page.getByRole("grid", { name: "List of traces" }).getByRole("row", { name: /POST \/signup/ }).first().click();
  await page.getByRole("row", { name: /^emails publish/ }).click();
  await page.keyboard.press("]");
  await selected(/^emails process/);
  await page.keyboard.press("[");
  await selected(/^emails publish/);
});

scenario("G goes to a span, also of another trace, and to a time, and says what is wrong", async (app) => {
  const page = await app.openSample("Error cascade");
  const ask = async (text) => {
    await page.keyboard.press("g");
    const box = page.getByRole("dialog", { name: "Go to" }).getByRole("textbox");
    await box.fill(text);
    await box.press("Enter");
  };
  const closed = () => page.getByRole("dialog").waitFor({ state: "detached" });
  await ask("d2f989034e10260f");
  await page.getByRole("row", { name: /^charge-card/, selected: true }).waitFor();
  await closed();
  const whole = await app.steady(() => range(page));
  await ask("20 ms");
  await closed();
  await changedRange(app, whole);
  await ask("yesterday");
  await page.getByRole("alert").filter({ hasText: "neither an id nor a time" }).waitFor();
  await app.assertAccessible("the question where to go");
  await page.getByRole("dialog").getByRole("textbox").fill("5 min");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "outside the trace" }).waitFor();
  await page.getByRole("dialog").getByRole("textbox").fill("00000000deadbeef");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "00000000deadbeef" }).waitFor();
  await page.keyboard.press("Escape");
  await closed();

  await page.goto(`${app.url}#/traces?url=samples/queue-with-links.json`);
  await page.getByRole("grid", { name: "List of traces" }).getByRole("row", { name: /POST \/signup/ }).first().waitFor();
  await ask("1206e36b2dbf09e4");
  await page.getByRole("row", { name: /^emails process/, selected: true }).waitFor();
});

scenario("with the keys of Jaeger, F and B walk through the spans in sight", async (app) => {
  const page = await app.open("#/waterfall?url=samples/error-cascade.json&keys=jaeger");
  await app.rows().first().waitFor();
  await page.getByRole("treegrid", { name: "Spans" }).focus();
  await page.keyboard.press("Home");
  const selected = (name) => page.getByRole("row", { name, selected: true }).waitFor();
  await selected(/^POST \/checkout/);
  await page.keyboard.press("f");
  await selected(/^validate-cart/);
  await page.keyboard.press("b");
  await selected(/^POST \/checkout/);
  await page.keyboard.press("]");
  await app.rowCount(1);
  await page.keyboard.press("[");
  await app.rowCount(6);
});

scenario("a value of the details becomes a filter that finds the spans with it", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.getByRole("row", { name: /^charge-card/ }).click();
  const attribute = page.getByRole("row", { name: /payment_method/ });
  await attribute.hover();
  await attribute.getByRole("button", { name: "Copy as filter" }).click();
  const box = page.getByRole("searchbox", { name: "Find spans" });
  await page.waitForFunction(() => document.querySelector(".find-box input").value === "payment_method=credit_card");
  const count = page.getByRole("search").getByRole("status");
  await count.getByText(/^1 found$|^1 of 1$/).waitFor();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === "payment_method=credit_card");
  await box.fill("http.request.method=POST");
  await count.getByText(/^3 found$|^\d of 3$/).waitFor();
  await box.fill("http.request.method=post");
  await count.getByText("no match").waitFor();
});

scenario("an attribute becomes a column of the timeline, kept by reload", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.getByRole("row", { name: /^charge-card/ }).click();
  const attribute = page.getByRole("row", { name: /payment_method/ });
  await attribute.hover();
  await attribute.getByRole("button", { name: "Add as column" }).click();
  const cell = page.getByRole("treegrid", { name: "Spans" }).getByText("credit_card", { exact: true });
  await cell.waitFor();
  await page.waitForFunction(() => location.hash.includes("col=payment_method"));
  await app.screenshot("column");
  await page.reload();
  await cell.waitFor();
  await app.assertAccessible("the timeline with a column");
  await page.getByRole("button", { name: "Remove the column payment_method" }).click();
  await cell.waitFor({ state: "detached" });
});
