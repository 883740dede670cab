// Drives the page as a person would: opens a file, looks around in the timeline, folds and finds.
import { cpuMillis, installProbes, markedAt, percentile, resetProbes } from "./probes.mjs";

const OPENING_TIMEOUT = 180_000;

/** Opens `file` in a fresh profile and measures until everything is there; `explore` also looks around. */
export async function openAndMeasure(browser, url, file, { explore }) {
  const devtools = await browser.newBrowserCDPSession();
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 }, reducedMotion: "reduce" });
  try {
    await context.addInitScript(installProbes);
    const page = await context.newPage();
    // The app leaves measures only when asked: a page that stays open for days would fill its memory.
    await page.goto(`${url}?measure`);
    await page.locator("#boot").waitFor({ state: "detached" });
    await page.waitForTimeout(300);
    await resetProbes(page);

    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: /open files/i }).first().click();
    const fileChooser = await chooser;
    const cpuBefore = await cpuMillis(devtools);
    await fileChooser.setFiles(file);
    const firstRows = await markedAt(page, "spanscope:first-rows", OPENING_TIMEOUT);
    const cpuFirst = (await cpuMillis(devtools)) - cpuBefore;
    const complete = await markedAt(page, "spanscope:complete", OPENING_TIMEOUT);
    const cpuComplete = (await cpuMillis(devtools)) - cpuBefore;
    const chosen = await page.evaluate(() => globalThis.probe.chosen);
    const block = await resetProbes(page);
    const result = {
      firstRows: firstRows - chosen,
      cpuFirst,
      complete: complete - chosen,
      cpuComplete,
      block,
      memory: await memory(page),
    };
    if (explore) Object.assign(result, await lookAround(page), { tables: await lookAtTables(page) });
    return result;
  } finally {
    await context.close();
    await devtools.detach();
  }
}

/** Bytes of wasm memory: the page's and that of its workers. */
async function memory(page) {
  const ask = () => globalThis.spanscope?.memory() ?? 0;
  let bytes = await page.evaluate(ask);
  for (const worker of page.workers()) bytes += await worker.evaluate(ask);
  return bytes;
}

/** Scrolls, zooms, pans, folds and finds; gives script time per frame and per command. */
async function lookAround(page) {
  const grid = page.getByRole("treegrid").first();
  await grid.waitFor();
  const box = await grid.boundingBox();
  const pane = { x: Math.min(1500, box.x + box.width + 300), y: box.y + Math.min(300, box.height / 2) };
  await page.mouse.move(pane.x, pane.y);
  const gestures = {};
  gestures.scroll = await frames(page, async () => {
    for (let step = 0; step < 60; step += 1) await wheel(page, 0, step % 20 === 19 ? -4000 : 600);
  });
  gestures.zoom = await frames(page, async () => {
    await page.keyboard.down("Control");
    for (let step = 0; step < 60; step += 1) await wheel(page, 0, step < 40 ? -60 : 60);
    await page.keyboard.up("Control");
  });
  gestures.pan = await frames(page, async () => {
    for (let step = 0; step < 60; step += 1) await wheel(page, step < 30 ? 120 : -120, 0);
  });
  const block = await resetProbes(page);

  await grid.focus();
  const folding = [];
  for (let round = 0; round < 3; round += 1) {
    folding.push(await command(page, "spanscope:fold", () => page.keyboard.press("Shift+P")));
    folding.push(await command(page, "spanscope:fold", () => page.keyboard.press("Shift+O")));
  }
  await page.keyboard.press("/");
  const finding = [];
  for (const word of ["SELECT", "checkout", "zzz"]) {
    finding.push(await command(page, "spanscope:find", () => page.keyboard.insertText(word)));
    await page.keyboard.press("ControlOrMeta+a");
  }
  await page.keyboard.press("Escape");
  const flame = await lookAtFlames(page, grid, gestures);
  const graph = await lookAtGraph(page, gestures);
  return { gestures, lookingBlock: block, fold: Math.max(...folding), find: Math.max(...finding), ...flame, graph };
}

/** How long the flame view takes to appear, spans in time and calls merged; zooms and pans both. */
async function lookAtFlames(page, grid, gestures) {
  const appear = async (mark, act) => {
    const from = await page.evaluate(() => performance.now());
    await act();
    return (await markedAt(page, mark, OPENING_TIMEOUT)) - from;
  };
  await grid.focus();
  const flameInTime = await appear("spanscope:flame", () => page.keyboard.press("2"));
  const tree = page.getByRole("tree", { name: "Frames" });
  const look = async (name) => {
    const box = await tree.boundingBox();
    await page.mouse.move(box.x + box.width / 3, box.y + Math.min(100, box.height / 2));
    gestures[`${name} zoom`] = await frames(page, async () => {
      await page.keyboard.down("Control");
      for (let step = 0; step < 60; step += 1) await wheel(page, 0, step < 40 ? -60 : 60);
      await page.keyboard.up("Control");
    });
    gestures[`${name} pan`] = await frames(page, async () => {
      for (let step = 0; step < 60; step += 1) await wheel(page, step < 30 ? 120 : -120, step % 20 === 19 ? -400 : 60);
    });
  };
  await look("flame in time");
  const merge = page.getByRole("button", { name: "By self time", exact: true });
  const flameMerged = await appear("spanscope:flame-merged", () => merge.click());
  await look("flame merged");
  return { flameInTime, flameMerged };
}

/** The tables: time until the first rows are there, and script time per turn of the wheel. */
async function lookAtTables(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const script = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "ScriptDuration").value * 1000;
  };
  const found = {};
  for (const [name, grid] of [
    ["Statistics", page.getByRole("treegrid", { name: "Statistics" })],
    ["Spans", page.getByRole("grid", { name: "Table of spans" })],
  ]) {
    const button = page.getByRole("navigation", { name: "Views" }).getByRole("button", { name, exact: true });
    const began = Date.now();
    await button.click();
    await grid.locator('[aria-rowindex="2"]').getByText(/\w/).first().waitFor();
    const appears = Date.now() - began;
    await grid.hover();
    const TURNS = 60;
    const before = await script();
    for (let turn = 0; turn < TURNS; turn += 1) await wheel(page, 0, turn % 20 === 19 ? -4000 : 600);
    found[name] = { appears, perFrame: ((await script()) - before) / TURNS };
  }
  await devtools.detach();
  return found;
}

/** Milliseconds from asking for the graph to its first picture; adds the frames of moving and zooming it. */
async function lookAtGraph(page, gestures) {
  const asked = await page.evaluate(() => performance.now());
  await page.getByRole("button", { name: "Graph", exact: true }).click();
  const shown = await markedAt(page, "spanscope:graph", OPENING_TIMEOUT);
  const box = await page.getByRole("group", { name: /^Picture of/ }).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  gestures.graph = await frames(page, async () => {
    for (let step = 0; step < 30; step += 1) await wheel(page, step < 15 ? 60 : -60, step % 2 ? 40 : -40);
    await page.keyboard.down("Control");
    for (let step = 0; step < 30; step += 1) await wheel(page, 0, step < 15 ? -60 : 60);
    await page.keyboard.up("Control");
  });
  return shown - asked;
}

async function wheel(page, x, y) {
  await page.mouse.wheel(x, y);
  await page.waitForTimeout(20);
}

/** Script time of the frames drawn meanwhile. */
async function frames(page, gesture) {
  await resetProbes(page);
  await gesture();
  await page.waitForTimeout(100);
  const times = await page.evaluate(() => globalThis.probe.measures["spanscope:frame"] ?? []);
  return { count: times.length, p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

/** Milliseconds that the app measured for one command, all its parts together; NaN if it left no measure. */
async function command(page, name, act) {
  await resetProbes(page);
  await act();
  await page
    .waitForFunction((name) => globalThis.probe.measures[name]?.length > 0, name, { timeout: 5000 })
    .catch(() => {});
  await page.waitForTimeout(200);
  const times = await page.evaluate((name) => globalThis.probe.measures[name] ?? [], name);
  return times.length === 0 ? Number.NaN : times.reduce((sum, time) => sum + time, 0);
}

/** Time and CPU of what a viewer in JavaScript cannot do without: the whole text, then `JSON.parse`. */
export async function parseAndMeasure(browser, url, file) {
  const devtools = await browser.newBrowserCDPSession();
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.locator("#boot").waitFor({ state: "detached" });
    await page.evaluate(() => {
      const input = document.createElement("input");
      input.type = "file";
      input.id = "probe-file";
      document.body.append(input);
    });
    await page.locator("#probe-file").setInputFiles(file);
    const before = await cpuMillis(devtools);
    const time = await page.evaluate(async () => {
      const [file] = document.getElementById("probe-file").files;
      const start = performance.now();
      globalThis.kept = JSON.parse(await file.text());
      return performance.now() - start;
    });
    return { time, cpu: (await cpuMillis(devtools)) - before };
  } catch (error) {
    // A text beyond 512 MiB is no string in Chromium, and the page may die of its memory.
    return { failed: error.message.split("\n")[0] };
  } finally {
    await context.close();
    await devtools.detach();
  }
}
