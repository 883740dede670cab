// What every end-to-end test needs: the served page, a real browser, and eyes for what must never happen.
//
// A test gets a fresh profile. When it ends, it fails if the page wrote an error to the console, if the
// policy blocked anything, or if a request went to another host.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, root, serve } from "./browser.mjs";

export { longFile, manyTraces } from "./made.mjs";
export { root };
const screenshots = join(root, "target/e2e");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

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
 * @param {object} [options] `theme`, `viewport`, `storage`, and `timeout` in milliseconds
 */
export function scenario(name, run, options = {}) {
  test(name, { timeout: options.timeout ?? 60_000 }, async () => {
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

/** One browser profile with one page. */
export class App {
  /** Requests to any other host. */
  strangers = [];
  /** Errors of the page, its console and its policy. */
  complaints = [];

  static async start({ theme = "light", viewport = { width: 1280, height: 800 }, reducedMotion = "reduce" } = {}) {
    const app = new App();
    app.url = site.url;
    app.context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion, acceptDownloads: true });
    await app.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    app.context.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith("http") && origin !== new URL(site.url).origin) app.strangers.push(request.url());
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
      if (message.type() === "error") this.complaints.push(`console: ${message.text()}`);
    });
    page.on("crash", () => this.complaints.push("the page crashed"));
    return page;
  }

  /** Opens the app, with a fragment such as `#/waterfall?v=1&…`. */
  async open(fragment = "") {
    await this.page.goto(site.url + fragment);
    await this.page.locator("#boot").waitFor({ state: "detached" });
    return this.page;
  }

  /** Waits until what was chosen has been read to its end. */
  async loaded() {
    await this.page.getByRole("progressbar").waitFor({ state: "detached" });
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
    const box = await target.boundingBox();
    assert.ok(box, "nothing to drop on");
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
      await this.page.emulateMedia({ colorScheme: theme });
      // Through the protocol: the policy allows the page itself no foreign script.
      await this.page.evaluate(axeSource);
      const found = await this.page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      const problems = found.violations.map(
        ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `    ${node.html}\n    ${node.failureSummary}`).join("\n")}`,
      );
      assert.equal(problems.join("\n"), "", `${where} in the ${theme} theme`);
    }
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
    const rows = this.rows();
    for (let turn = 0; turn < 60 && (await rows.count()) !== expected; turn += 1) await this.page.waitForTimeout(50);
    assert.equal(await rows.count(), expected, "rows of the waterfall");
  }

  /** A picture in target/e2e for people to look at. */
  async screenshot(name) {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }

  /** Fails if anything happened that must never happen. */
  assertClean() {
    assert.deepEqual(this.strangers, [], "requests left for other hosts");
    assert.deepEqual(this.complaints, [], "the page complained");
  }

  async close() {
    await this.context.close();
  }
}
