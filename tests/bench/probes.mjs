// What is put into the page to measure it, and the CPU time of the browser.

/** Runs in the page before anything else: collects what the app marks and how long the thread was blocked. */
export function installProbes() {
  const probe = { marks: {}, measures: {}, block: 0, waiting: {} };
  globalThis.probe = probe;
  // The moment the page is told of its file; the protocol's own delay before it is not the app's.
  addEventListener("change", () => (probe.chosen ??= performance.now()), true);
  // A beat of the main thread: the longest time between two is the longest block, less the pause asked for.
  const PAUSE = 4;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    probe.block = Math.max(probe.block, now - last - PAUSE);
    last = now;
  }, PAUSE);
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntriesByType("mark")) {
      if (!name.startsWith("spanscope:") || name.endsWith(":begin")) continue;
      probe.marks[name] ??= startTime;
      probe.waiting[name]?.(startTime);
    }
    for (const { name, duration } of list.getEntriesByType("measure")) (probe.measures[name] ??= []).push(duration);
  }).observe({ entryTypes: ["mark", "measure"] });
}

/** Waits in the page for a mark of the app; gives the milliseconds of the page's clock. */
export function markedAt(page, name, timeout) {
  return page.evaluate(
    ([name, timeout]) =>
      new Promise((resolve, reject) => {
        const { probe } = globalThis;
        if (name in probe.marks) return resolve(probe.marks[name]);
        probe.waiting[name] = resolve;
        setTimeout(() => reject(new Error(`no mark ${name} within ${timeout} ms`)), timeout);
      }),
    [name, timeout],
  );
}

/** Forgets what was measured so far and returns the longest block. */
export function resetProbes(page) {
  return page.evaluate(() => {
    const { block } = globalThis.probe;
    globalThis.probe.block = 0;
    globalThis.probe.measures = {};
    return block;
  });
}

/** Milliseconds of CPU that all processes of the browser have used: reading a file is not the renderer's work. */
export async function cpuMillis(devtools) {
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0);
}

/** The value below which `share` of the list lies. */
export function percentile(list, share) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (list) => percentile(list, 0.5);
