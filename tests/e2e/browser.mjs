// The served page and a real browser, for tests and benchmarks alike.
import { spawn } from "node:child_process";
import { accessSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** The project's root. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/** Chromium's executable: from the environment, else from the PATH. */
function executable() {
  if (process.env.SPANSCOPE_CHROMIUM) return process.env.SPANSCOPE_CHROMIUM;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      try {
        accessSync(join(folder, name));
        return join(folder, name);
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new Error("no Chromium: set SPANSCOPE_CHROMIUM");
}

/** Serves the built page, unless whoever started the tests already does. */
export async function serve() {
  if (process.env.SPANSCOPE_URL) return { url: process.env.SPANSCOPE_URL, close() {} };
  const options = ["xtask", "serve", "--no-build", "--port", "0", "--prefix", "/tools/spanscope/"];
  if (process.env.SPANSCOPE_DEV) options.push("--dev");
  const server = spawn("cargo", options, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise((resolve, reject) => {
    let printed = "";
    server.stdout.on("data", (data) => {
      printed += data;
      const found = /http:\S+/.exec(printed);
      if (found) resolve(found[0]);
    });
    server.on("exit", (code) => reject(new Error(`the server ended (${code}): ${printed}`)));
  });
  return { url, close: () => server.kill() };
}

/** Starts the browser. */
export function launch(flags = []) {
  return chromium.launch({ executablePath: executable(), headless: true, timeout: 120_000, args: [...FLAGS, ...flags] });
}
