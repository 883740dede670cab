// The timeline by keys and by mouse.
import assert from "node:assert/strict";
import { scenario } from "./harness.mjs";

/** The range in sight as the minimap says it, such as "0 ns to 157 ms". */
const range = (page) => page.getByRole("slider", { name: "Time range in sight" }).getAttribute("aria-valuetext");

/** Waits until the range in sight is another, and gives it. */
async function changedRange(page, before) {
  for (let turn = 0; turn < 50; turn += 1) {
    const now = await range(page);
    if (now !== before) return now;
    await page.waitForTimeout(50);
  }
  assert.fail(`the range stayed ${before}`);
}

/** The part of the timeline with the bars, right of the names. */
async function chart(page) {
  const grid = await page.getByRole("treegrid", { name: "Spans" }).boundingBox();
  const left = grid.x + grid.width + 40;
  return { left, right: page.viewportSize().width - 60, y: grid.y + 100, empty: grid.y + grid.height - 20 };
}

scenario("rows fold and unfold by click and by key", async (app) => {
  const page = await app.openSample("Error cascade");
  assert.equal(await app.rows().count(), 6);
  const root = page.getByRole("row", { name: /^POST \/checkout/ });
  assert.equal(await root.getAttribute("aria-expanded"), "true");
  const grid = page.getByRole("treegrid", { name: "Spans" });
  await grid.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  await app.rowCount(1);
  assert.equal(await root.getAttribute("aria-expanded"), "false");
  assert.equal(await grid.getAttribute("aria-rowcount"), "2");
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
  const folded = await app.rows().count();
  await page.getByRole("treegrid", { name: "Spans" }).focus();
  await run.click();
  await page.keyboard.press("ArrowRight");
  for (let turn = 0; turn < 50 && (await app.rows().count()) <= folded; turn += 1) await page.waitForTimeout(50);
  assert.ok((await app.rows().count()) > folded + 10);
});

scenario("dragging, wheel and keys zoom", async (app) => {
  const page = await app.openSample("Sequential calls");
  const whole = await range(page);
  const area = await chart(page);
  const minimap = await page.getByRole("slider", { name: "Time range in sight" }).boundingBox();

  await page.mouse.move(minimap.x + minimap.width * 0.3, minimap.y + minimap.height / 2);
  await page.mouse.down();
  await page.mouse.move(minimap.x + minimap.width * 0.6, minimap.y + minimap.height / 2, { steps: 5 });
  await page.mouse.up();
  const dragged = await changedRange(page, whole);

  await page.getByRole("treegrid", { name: "Spans" }).focus();
  await page.keyboard.press("Digit0");
  assert.equal(await changedRange(page, dragged), whole);

  await page.mouse.move((area.left + area.right) / 2, area.y);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -300);
  await page.keyboard.up("Control");
  const wheeled = await changedRange(page, whole);

  await page.keyboard.press("w");
  const nearer = await changedRange(page, wheeled);
  await page.keyboard.press("d");
  const panned = await changedRange(page, nearer);
  await page.keyboard.press("s");
  await changedRange(page, panned);
});

scenario("finding counts the matches and walks through them", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.getByRole("treegrid", { name: "Spans" }).focus();
  await page.keyboard.press("/");
  const box = page.getByRole("searchbox", { name: "Find spans" });
  assert.ok(await box.evaluate((element) => element === document.activeElement));
  await page.keyboard.type("charge");
  const count = page.getByRole("search").getByRole("status");
  await count.getByText(/^\d+ found$/).or(count.getByText(/ of /)).waitFor();
  await page.keyboard.press("Enter");
  await count.getByText(/^1 of \d+$/).waitFor();
  await page.keyboard.press("Enter");
  await count.getByText(/^2 of \d+$/).waitFor();
  await page.keyboard.press("Shift+Enter");
  await count.getByText(/^1 of \d+$/).waitFor();
  await box.fill("limit exceeded");
  // That stands in an attribute, which only the worker knows.
  await count.getByText(/^[1-9]\d* found$|^\d+ of [1-9]\d*$/).waitFor();
  await box.fill("no such thing");
  await count.getByText("no match").waitFor();
});

scenario("the next error is one key away", async (app) => {
  const page = await app.openSample("Error cascade");
  const grid = page.getByRole("treegrid", { name: "Spans" });
  await grid.focus();
  await page.keyboard.press("e");
  const selected = page.getByRole("row", { selected: true });
  await selected.waitFor();
  assert.match(await selected.getAttribute("aria-label"), /error/);
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
  const name = await last.getByRole("gridcell").first().boundingBox();
  assert.ok(name && name.width > 40, `the name has ${name?.width} px`);
});
