// What every end-to-end test needs: the served page, a real browser, and eyes for what must never happen.
//
// A test gets a fresh profile. When it ends, it fails if the page wrote an error to the console, if the
// policy blocked anything, or if a request went to another host.
//
// The machine that runs this may be slow and busy. So no test sleeps, none reads once what may still change,
// and what it waits for may take half a minute: `eventually` and `settled` read until it is so.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { launch, root, serve } from "./browser.mjs";

export { backwards, longFile, manyTraces } from "./made.mjs";
export { root };
const screenshots = join(root, "target/e2e");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How long anything that is waited for may take, in milliseconds. */
const PATIENCE = 30_000;
/** How long a whole test may take. */
const TEST_TIMEOUT = 120_000;

let site;
let browser;
before(async () => {
  site = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  site?.close();
});

/**
 * Defines a test of the page; `run` is given an `App` with a fresh profile.
 * @param {string} name what holds when it passes
 * @param {(app: App) => Promise<void>} run
 * @param {object} [options] `theme`, `viewport`, `storage`, `timeout` in milliseconds, and why to `skip` it
 */
export function scenario(name, run, options = {}) {
  test(name, { timeout: options.timeout ?? TEST_TIMEOUT, skip: options.skip ?? false }, async () => {
    const app = await App.start(options);
    try {
      await run(app);
      app.assertClean();
    } catch (error) {
      await app.screenshot(`failed-${name.replaceAll(/\W+/g, "-")}`).catch(() => {});
      throw error;
    } finally {
      await app.close();
    }
  });
}

/**
 * Reads until `accept` is content with what was read, and gives that.
 * @template T
 * @param {() => Promise<T> | T} read
 * @param {(value: T) => boolean} accept
 * @param {string} what what is waited for, said when it does not come
 */
export async function eventually(read, accept, what) {
  for (const end = Date.now() + PATIENCE; ; await pause(50)) {
    const value = await read();
    if (accept(value)) return value;
    assert.ok(Date.now() < end, `${what}: still ${JSON.stringify(value)}`);
  }
}

/** One browser profile with one page. */
export class App {
  /** Where the page is; a test that hosts it itself says so before it opens it. */
  url = site.url;
  /** Origins that the page may ask besides its own. */
  mayAsk = [];
  /** Requests to any other host. */
  strangers = [];
  /** Errors of the page, its console and its policy. */
  complaints = [];
  /** Warnings of the console: some come of a slow machine, so they are not complaints. */
  warnings = [];
  /** Complaints that a test provokes. */
  #expected = [];

  static async start({ theme = "light", viewport = { width: 1280, height: 800 }, reducedMotion = "reduce" } = {}) {
    const app = new App();
    app.context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion, acceptDownloads: true });
    app.context.setDefaultTimeout(PATIENCE);
    await app.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    app.context.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      const isKnown = [new URL(app.url).origin, ...app.mayAsk].includes(origin);
      if (protocol.startsWith("http") && !isKnown) app.strangers.push(request.url());
    });
    await app.context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy: ${event.violatedDirective} blocked ${event.blockedURI || event.sample}`);
      });
    });
    app.page = await app.newPage();
    return app;
  }

  /** Another page of the same profile. */
  async newPage() {
    const page = await this.context.newPage();
    page.on("pageerror", (error) => this.complaints.push(`page error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "warning") this.warnings.push(message.text());
      if (message.type() === "error") this.complaints.push(`console: ${message.text()}`);
    });
    page.on("crash", () => this.complaints.push("the page crashed"));
    return page;
  }

  /** Opens the app, with a fragment such as `#/waterfall?v=1&…`. */
  async open(fragment = "") {
    await this.page.goto(this.url + fragment);
    await this.page.locator("#boot").waitFor({ state: "detached" });
    return this.page;
  }

  /** Waits until what was chosen first has been read to its end: only then there is a report. */
  async loaded() {
    await this.reportButton().waitFor();
    await this.page.getByRole("progressbar").waitFor({ state: "detached" });
    await this.settled();
  }

  /** What opens the import report; it names the warnings where there are some. */
  reportButton() {
    return this.page.getByRole("button", { name: /^(Import report|\d+ warnings?)$/ });
  }

  /** Waits until the page has drawn what has happened so far. */
  async settled() {
    await this.page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      await frame();
      await frame();
    });
  }

  /** What `read` gives once it has not changed for three frames in a row, and once `accept` is content. */
  async steady(read, accept = () => true, what = "a steady value") {
    let [before, turns] = [undefined, 0];
    const next = async () => {
      await this.settled();
      const value = await read();
      const key = JSON.stringify(value);
      turns = key === before ? turns + 1 : 0;
      before = key;
      return value;
    };
    return eventually(next, (value) => turns >= 2 && accept(value), what);
  }

  /** Where an element lies once it has stopped moving. */
  async box(locator) {
    return this.steady(() => locator.boundingBox(), (box) => box !== null, `a place for ${locator}`);
  }

  /** Waits until an attribute of an element has a value. */
  async attribute(locator, name, expected) {
    await eventually(() => locator.getAttribute(name), (value) => value === expected, `${name} of ${locator}`);
  }

  /** Says that a complaint may come: what is broken on purpose may say so, now or later. */
  allowComplaint(pattern) {
    this.#expected.push(pattern);
  }

  /** Says that a complaint is wanted, and waits for it. */
  async expectComplaint(pattern) {
    this.allowComplaint(pattern);
    await eventually(() => this.complaints, (all) => all.some((text) => pattern.test(text)), `a complaint ${pattern}`);
  }

  /** Chooses files in the dialog that `button` opens; files by path are read by the browser itself. */
  async chooseFile(button, files) {
    const chooser = this.page.waitForEvent("filechooser");
    await button.click();
    await (await chooser).setFiles(files);
  }

  /** Drops files of the disk on an element, the way the operating system does it. */
  async dropFile(target, paths) {
    const files = [paths].flat();
    const box = await this.box(target);
    const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const data = { items: [], files, dragOperationsMask: 1 };
    const devtools = await this.context.newCDPSession(this.page);
    for (const type of ["dragEnter", "dragOver", "drop"]) {
      await devtools.send("Input.dispatchDragEvent", { type, ...place, data });
    }
    await devtools.detach();
  }

  /** Fails on any accessibility problem that axe-core sees, in both themes. */
  async assertAccessible(where = "the page") {
    for (const theme of ["light", "dark"]) {
      await this.arriveAt(theme);
      // Through the protocol: the policy allows the page itself no foreign script.
      await this.page.evaluate(axeSource);
      const found = await this.page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      const problems = found.violations.map(
        ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `    ${node.html}\n    ${node.failureSummary}`).join("\n")}`,
      );
      assert.equal(problems.join("\n"), "", `${where} in the ${theme} theme`);
    }
  }

  /** Switches the system's theme and waits until the page wears it: colours between two themes are nobody's. */
  async arriveAt(theme) {
    await this.page.emulateMedia({ colorScheme: theme });
    await this.page.waitForFunction((system) => {
      const wanted = document.documentElement.dataset.theme ?? system;
      const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
      const isDark = red + green + blue < 384;
      const isMoving = document.getAnimations().some((a) => a instanceof CSSTransition && a.playState === "running");
      return isDark === (wanted === "dark") && !isMoving;
    }, theme);
    await this.settled();
  }

  /** Opens one of the samples of the first screen as a waterfall. */
  async openSample(title) {
    const page = await this.open();
    await page.getByRole("button", { name: new RegExp(`^${title.replaceAll("+", "\\+")}`) }).click();
    await page.getByRole("treegrid", { name: "Spans" }).waitFor();
    await this.rows().first().waitFor();
    await this.loaded();
    return page;
  }

  /** The rows of the waterfall that are on the page, without the column headings. */
  rows() {
    return this.page.getByRole("treegrid", { name: "Spans" }).getByRole("rowgroup").getByRole("row");
  }

  /** Waits until the waterfall has that many rows. */
  async rowCount(expected) {
    await eventually(() => this.rows().count(), (count) => count === expected, `${expected} rows of the waterfall`);
  }

  /** Waits until an element has the focus. */
  async focused(locator) {
    await locator.and(this.page.locator(":focus")).waitFor();
  }

  /** A picture in target/e2e for people to look at. */
  async screenshot(name) {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }

  /** Fails if anything happened that must never happen. */
  assertClean() {
    assert.deepEqual(this.strangers, [], "requests left for other hosts");
    const unexpected = this.complaints.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
    assert.deepEqual(unexpected, [], "the page complained");
  }

  async close() {
    await this.context.close();
  }
}
