// Nothing that is dropped, broken or stopped may cost the reader what is on the screen.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backwards, eventually, longFile, manyTraces, root, scenario } from "./harness.mjs";
import { READER, REQUESTS } from "./messages.mjs";

const sample = (name) => join(root, "public/samples", name);

/** A file of these contents in target/e2e. */
function made(name, contents) {
  const folder = join(root, "target/e2e");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), contents);
  return join(folder, name);
}

const garbage = () => made("noise.bin", Uint8Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251));

/** A file that takes a while to read and has no trace; its text is mostly a hole of the disk. */
function endless(megabytes = 6_000) {
  const path = made("endless.json", '{"resourceSpans":[],"padding":"');
  truncateSync(path, megabytes * 1_000_000);
  return path;
}

/** The message about a file that was not opened. */
const notice = (page, file) => page.getByRole("alert").filter({ hasText: file });

/** What the panel beside the timeline says about the selected span. */
const details = (page) => page.getByRole("region", { name: "Span details" });

/** The address after it stayed the same for a second: what is no step of the history reaches it late. */
async function settledAddress(page) {
  await page.waitForFunction(() => {
    const seen = (globalThis.seenAddress ??= {});
    if (seen.href !== location.href) Object.assign(seen, { href: location.href, since: performance.now() });
    return performance.now() - seen.since > 1000;
  });
  return page.url();
}

/** Opens the sample with errors, selects its third span, and returns the address once it says so. */
async function readerAtWork(app) {
  const page = await app.openSample("Error cascade");
  await app.rows().nth(2).click();
  await page.waitForURL(/span=/);
  await details(page).getByRole("heading").first().waitFor();
  return settledAddress(page);
}

/** What is on the screen is what the reader had. */
async function assertKept(app, address) {
  await app.rowCount(6);
  const selected = app.page.getByRole("treegrid", { name: "Spans" }).getByRole("row", { selected: true });
  await eventually(() => selected.count(), (count) => count === 1, "selected rows");
  await eventually(() => app.page.url(), (url) => url === address, `the address ${address}`);
}

scenario("a file without a trace leaves what is shown as it was", async (app) => {
  const address = await readerAtWork(app);
  const { page } = app;
  await app.dropFile(page.getByRole("main"), garbage());
  await notice(page, "noise.bin").getByText(/not a trace file: binary data.*What is shown stays/).waitFor();
  await assertKept(app, address);
  await app.screenshot("refused-beside");
  await app.assertAccessible("a refused file beside a trace");
  await notice(page, "noise.bin").getByRole("button", { name: "Show why" }).click();
  const dialog = page.getByRole("dialog", { name: "Why it was not opened" });
  await dialog.getByText("fmt.unknown").waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await assertKept(app, address);
  // The engine that was there before still answers.
  await app.rows().nth(4).click();
  await page.waitForURL((url) => url.href !== address && url.href.includes("span="));
  // What is broken must not stand in the way of the next file.
  await app.dropFile(page.getByRole("main"), sample("clock-skew.json"));
  await page.getByRole("row", { name: /^GET \/skewed, service gateway/ }).waitFor();
  await app.rowCount(2);
});

scenario("an empty file is called empty, also beside a trace", async (app) => {
  const page = await app.open();
  const empty = made("empty.json", "");
  await app.dropFile(page.getByRole("main"), empty);
  const card = page.getByRole("article").filter({ hasText: "empty.json" });
  await card.getByText("The file is empty").waitFor();
  assert.doesNotMatch(await card.innerText(), /widen/i);
  await app.dropFile(page.getByRole("main"), sample("error-cascade.json"));
  await app.rowCount(6);
  await app.dropFile(page.getByRole("main"), empty);
  await notice(page, "empty.json").getByText(/the file is empty/).waitFor();
  await app.rowCount(6);
});

scenario("Back brings the former file back, and both open together", async (app) => {
  const page = await app.open();
  await app.dropFile(page.getByRole("main"), sample("error-cascade.json"));
  await app.rowCount(6);
  await app.rows().nth(2).click();
  await page.waitForURL(/span=/);
  await app.dropFile(page.getByRole("main"), sample("clock-skew.json"));
  await page.getByRole("row", { name: /^GET \/skewed, service gateway/ }).waitFor();
  await page.waitForURL(/trace=/);
  const offer = page.getByRole("status").filter({ hasText: "clock-skew.json is open instead of error-cascade.json" });
  await offer.waitFor();
  await page.goBack();
  await app.rowCount(6);
  await page.getByRole("treegrid", { name: "Spans" }).getByRole("row", { selected: true }).waitFor();
  await page.goForward();
  await page.getByRole("row", { name: /^GET \/skewed, service gateway/ }).waitFor();
  await app.rowCount(2);
  // From a file that is dropped on another there is a way to both.
  await app.dropFile(page.getByRole("main"), sample("error-cascade.json"));
  const second = page.getByRole("status").filter({ hasText: "error-cascade.json is open instead of clock-skew.json" });
  await second.waitFor();
  await app.screenshot("opened-instead");
  await second.getByRole("button", { name: "Open both" }).click();
  await page.getByRole("link", { name: "2 traces" }).click();
  const list = page.getByRole("grid", { name: "List of traces" });
  await list.getByRole("row", { name: /POST \/checkout/ }).waitFor();
  await list.getByRole("row", { name: /GET \/skewed/ }).waitFor();
});

scenario("the offer to go back returns to the former trace", async (app) => {
  const page = await app.open();
  await app.dropFile(page.getByRole("main"), sample("error-cascade.json"));
  await app.rowCount(6);
  await app.dropFile(page.getByRole("main"), sample("clock-skew.json"));
  const offer = page.getByRole("status").filter({ hasText: "clock-skew.json is open instead of" });
  await offer.getByRole("button", { name: "Go back" }).click();
  await page.getByRole("row", { name: /^POST \/checkout, service checkout-service/ }).waitFor();
  await app.rowCount(6);
});

scenario("files are added from the palette", async (app) => {
  const page = await app.openSample("Error cascade");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).fill("add files");
  await app.chooseFile(page.getByRole("option", { name: /Add files to what is open/ }), sample("clock-skew.json"));
  await page.getByRole("link", { name: "2 traces" }).waitFor();
  await app.rowCount(6);
});

scenario("a file that changed on the disk is not lost when another is added", async (app) => {
  const page = await app.open();
  const changing = made("changing.json", readFileSync(sample("error-cascade.json")));
  await app.dropFile(page.getByRole("main"), changing);
  await app.rowCount(6);
  await app.loaded();
  // The browser hands out no file that is not the one that was chosen.
  writeFileSync(changing, "{}");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).fill("add files");
  await app.chooseFile(page.getByRole("option", { name: /Add files to what is open/ }), sample("clock-skew.json"));
  await notice(page, "clock-skew.json").getByText(/changing.json: the browser cannot read the file/).waitFor();
  await app.rowCount(6);
  await page.getByRole("link", { name: "1 trace", exact: true }).waitFor();
});

scenario(
  "a reading beside what is shown can be stopped",
  async (app) => {
    const address = await readerAtWork(app);
    const { page } = app;
    // One value without end is read for a while and never gives a trace.
    await app.dropFile(page.getByRole("main"), endless());
    const loading = page.getByRole("region", { name: "Loading" });
    await loading.getByText(/Reading endless/).waitFor();
    await assertKept(app, address);
    await loading.getByRole("button", { name: "Cancel" }).click();
    await loading.waitFor({ state: "detached" });
    await page.getByRole("status").getByText(/endless.* was not opened: the reading was stopped/).waitFor();
    await assertKept(app, address);
  },
  { timeout: 120_000 },
);

/** Appends `script` to that of the worker that is started as the `nth`; of every worker without `nth`. */
async function spoilWorker(app, script, nth) {
  let started = 0;
  await app.context.route(/worker[^/]*\.js/, async (route) => {
    started += 1;
    if (nth && started !== nth) return route.continue();
    const response = await route.fetch();
    return route.fulfill({ response, body: `${await response.text()};{${READER}${script}}` });
  });
}

/** Has the `nth` worker throw `error` when the page asks for `request`. */
const breakWorker = (app, nth, request, error) =>
  spoilWorker(
    app,
    `
    self.addEventListener("message", ({ data: [head] }) => {
      if (kindOf(head) === ${REQUESTS[request]}) throw ${error};
    });`,
    nth,
  );

/** Has every worker put what it posts through `change`, JavaScript that sees `head`, the packed message. */
const changePosts = (app, change) =>
  spoilWorker(
    app,
    `
    const post = self.postMessage.bind(self);
    self.postMessage = ([head, buffers], moved) => {
      ${change}
    };`,
  );

/** The worker was broken on purpose: that it says so is no complaint. */
const forgive = (app) => app.allowComplaint(/broken on purpose|unreachable/);

scenario("the page outlives its worker and opens the next file", async (app) => {
  await breakWorker(app, 1, "Details", 'new Error("broken on purpose")');
  const page = await app.openSample("Error cascade");
  await app.rows().nth(2).click();
  const card = page.getByRole("alert").filter({ hasText: "Something in Spanscope broke" });
  await card.getByText(/broken on purpose/).waitFor();
  await app.rowCount(6);
  await app.screenshot("worker-died");
  await app.assertAccessible("the card of a dead worker");
  await card.getByRole("button", { name: "Keep working" }).click();
  await card.waitFor({ state: "detached" });
  await app.rowCount(6);
  // Without an engine, too, a file without a trace costs nothing.
  await app.dropFile(page.getByRole("main"), garbage());
  await notice(page, "noise.bin").waitFor();
  await app.rowCount(6);
  await app.dropFile(page.getByRole("main"), sample("clock-skew.json"));
  await page.getByRole("row", { name: /^GET \/skewed, service gateway/ }).waitFor();
  await app.rowCount(2);
  forgive(app);
});

scenario("a worker out of memory is said, and reopening reads the files again", async (app) => {
  await breakWorker(app, 1, "Details", 'new WebAssembly.RuntimeError("unreachable")');
  const page = await app.openSample("Error cascade");
  await app.rows().nth(2).click();
  const card = page.getByRole("alert").filter({ hasText: "The memory is full" });
  await card.waitFor();
  await app.rowCount(6);
  await card.getByRole("button", { name: "Reopen" }).click();
  await card.waitFor({ state: "detached" });
  await app.rows().nth(3).click();
  await details(page).getByText("checkout").first().waitFor();
  await app.rowCount(6);
  forgive(app);
});

scenario("a worker that dies of a second file costs nothing of the first", async (app) => {
  await breakWorker(app, 2, "Open", 'new Error("broken on purpose")');
  const address = await readerAtWork(app);
  const { page } = app;
  await app.dropFile(page.getByRole("main"), sample("clock-skew.json"));
  await notice(page, "clock-skew.json").getByText(/broken on purpose.*What is shown stays/).waitFor();
  await assertKept(app, address);
  await app.dropFile(page.getByRole("main"), sample("clock-skew.json"));
  await page.getByRole("row", { name: /^GET \/skewed, service gateway/ }).waitFor();
  forgive(app);
});

scenario("who stops an engine that hangs keeps the first rows", async (app) => {
  await changePosts(
    app,
    `post([head, buffers], moved);
    if (progressOf(head)?.isLinking) for (;;);`,
  );
  const page = await app.open();
  await app.dropFile(page.getByRole("main"), made("many.json", manyTraces(60)));
  const list = page.getByRole("grid", { name: "List of traces" });
  await list.getByRole("row").nth(3).waitFor();
  const loading = page.getByRole("region", { name: "Loading" });
  await loading.getByText("Building traces").waitFor();
  await loading.getByRole("button", { name: "Cancel" }).click();
  await loading.waitFor({ state: "detached" });
  await page.getByRole("alert").getByText(/The reading was stopped: what is shown is its beginning/).waitFor();
  await list.getByRole("row").nth(3).waitFor();
});

scenario(
  "what will not fit into the memory is said while it is read",
  async (app) => {
    // As if every byte of the file took twenty of memory.
    await changePosts(
      app,
      `const progress = progressOf(head);
      // The memory is the last thing said of a progress.
      post([progress ? withLast(head, 20 * progress.read) : head, buffers], moved);`,
    );
    const page = await app.open();
    await app.dropFile(page.getByRole("main"), longFile());
    const loading = page.getByRole("region", { name: "Loading" });
    await loading.getByRole("alert").getByText(/will probably not fit: all of it needs about 1\d.* GB/).waitFor();
    await app.screenshot("memory-warning");
    await loading.getByRole("button", { name: "Cancel" }).click();
    await loading.waitFor({ state: "detached" });
    await page.getByRole("grid", { name: "List of traces" }).getByRole("row").nth(3).waitFor();
  },
  { timeout: 120_000 },
);

scenario("what the reader arranges while a file is read stays so", async (app) => {
  // The file is read on when the test says so.
  await spoilWorker(
    app,
    `
    const opened = new Promise((resolve) => (new BroadcastChannel("read on").onmessage = resolve));
    const read = Blob.prototype.arrayBuffer;
    let pieces = 0;
    Blob.prototype.arrayBuffer = async function () {
      pieces += 1;
      if (pieces > 2) await opened;
      return read.call(this);
    };`,
  );
  const page = await app.open();
  await app.dropFile(page.getByRole("main"), made("backwards.jsonl", backwards()));
  const row = (name) => page.getByRole("row", { name });
  await row(/^phase 19,/).click();
  await page.keyboard.press("ArrowLeft");
  await app.attribute(row(/^phase 19,/), "aria-expanded", "false");
  await row(/^phase 20,/).click();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("f");
  await page.keyboard.press("f");
  const range = async () => /[?&]t=(\d+)-(\d+)/.exec(page.url())?.slice(1).map(Number);
  const before = await app.steady(range, (t) => t !== undefined, "a range in the address");
  const place = await app.box(row(/^phase 20,/));
  await page.getByText("Still loading: numbers will grow").waitFor();
  await page.evaluate(() => new BroadcastChannel("read on").postMessage("now"));
  await app.loaded();
  await page.getByText("Still loading: numbers will grow").waitFor({ state: "detached" });
  // The trace begins 19 phases of 300 ms earlier now: the same instants are later in it.
  const shift = 19 * 300 * 1_000_000;
  const isMoved = (t) => t?.every((end, at) => Math.abs(end - before[at] - shift) < 10);
  await app.steady(range, isMoved, `the range ${before} moved by ${shift}`);
  await app.attribute(row(/^phase 20,/), "aria-selected", "true");
  await app.attribute(row(/^phase 19,/), "aria-expanded", "false");
  const isThere = (box) => Math.abs(box.y - place.y) < 2;
  await app.steady(() => row(/^phase 20,/).boundingBox(), (box) => box && isThere(box), "the row where it was");
  await app.screenshot("reader-ahead");
});
