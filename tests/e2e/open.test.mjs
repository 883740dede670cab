// Ways to open something, and what the page says when it cannot.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before } from "node:test";
import { longFile, root, scenario } from "./harness.mjs";

const sample = (name) => join(root, "public/samples", name);

scenario("a chosen file opens as a waterfall", async (app) => {
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), sample("error-cascade.json"));
  await page.getByRole("row", { name: /^POST \/checkout, service checkout-service, 157 ms/ }).waitFor();
  // Six spans below the line of column headings.
  await app.rowCount(6);
});

scenario("a dropped file opens as a waterfall", async (app) => {
  const page = await app.open();
  await app.dropFile(page.getByRole("main"), sample("slow-external-call.json"));
  await page.getByRole("row", { name: /^call_external_web_service, service weather-view, 600 ms/ }).waitFor();
  // The page stays a drop target: the next file takes the place of the first.
  await app.dropFile(page.getByRole("main"), sample("clock-skew.json"));
  await page.getByRole("row", { name: /^GET \/skewed, service gateway/ }).waitFor();
  await app.rowCount(2);
});

scenario("several files open together", async (app) => {
  const page = await app.open();
  await app.chooseFile(page.getByRole("button", { name: "Open files…" }), [
    sample("error-cascade.json"),
    sample("clock-skew.json"),
  ]);
  const list = page.getByRole("grid", { name: "List of traces" });
  await list.getByRole("row", { name: /POST \/checkout/ }).waitFor();
  await list.getByRole("row", { name: /GET \/skewed/ }).waitFor();
});

scenario("every sample opens", async (app) => {
  for (const title of ["Slow external call", "N+1 queries", "Sequential calls", "Error cascade", "Clock skew"]) {
    const page = await app.openSample(title);
    await app.rows().nth(1).waitFor();
    await page.goto("about:blank");
  }
  const page = await app.open();
  await page.getByRole("button", { name: /^Queue with links/ }).click();
  await page.getByRole("grid", { name: "List of traces" }).waitFor();
});

scenario("garbage is refused with a reason and advice", async (app) => {
  const page = await app.open();
  mkdirSync(join(root, "target/e2e"), { recursive: true });
  const garbage = join(root, "target/e2e/garbage.bin");
  writeFileSync(garbage, Uint8Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251));
  await app.dropFile(page.getByRole("main"), garbage);
  const card = page.getByRole("article").filter({ hasText: "garbage.bin" });
  await card.waitFor();
  await card.getByText(/fmt\.\w+/).first().waitFor();
  await app.screenshot("refused-garbage");
  await app.assertAccessible("a refused file");
  // What is broken must not stand in the way of the next file.
  await app.dropFile(page.getByRole("main"), sample("clock-skew.json"));
  await page.getByRole("row", { name: /^GET \/skewed/ }).first().waitFor();
});

// Writing it takes a while; that is not part of the test.
before(() => longFile());

scenario(
  "a long import shows its progress and can be cancelled",
  async (app) => {
    const page = await app.open();
    await app.chooseFile(page.getByRole("button", { name: "Open files…" }), longFile());
    const loading = page.getByRole("region", { name: "Loading" });
    await loading.waitFor();
    // Seen and pressed within one frame: on a busy machine the reading could end between a look from outside and
    // a click.
    await page.waitForFunction(() => {
      const region = document.querySelector('section[aria-label="Loading"]');
      const says = (what) => region?.innerText.includes(what);
      const cancel = [...(region?.querySelectorAll("button") ?? [])].find((b) => b.innerText.trim() === "Cancel");
      if (!says("MB/s") || !says("%") || !cancel) return false;
      cancel.click();
      return true;
    });
    await loading.waitFor({ state: "detached" });
    await app.loaded();
    await app.reportButton().click();
    await page.getByText("Reading was cancelled").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    // The page is as good as new.
    await app.dropFile(page.getByRole("main"), sample("clock-skew.json"));
    await page.getByRole("row", { name: /^GET \/skewed, service gateway/ }).waitFor();
  },
  { timeout: 120_000 },
);
