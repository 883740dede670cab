// The page as people host it: by nginx or Caddy with the configuration of deploy/, in front of two backends.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { root } from "./browser.mjs";

/** How long a server may take until it answers, in milliseconds. */
const PATIENCE = 30_000;

/** What was built, where `cargo xtask` has not said it. */
const dist = () => process.env.SPANSCOPE_DIST ?? join(root, process.env.SPANSCOPE_DEV ? "target/dist-dev" : "dist");

/** The executable of a server: named by the environment, else in one of the usual folders. */
export function executable(name) {
  const named = process.env[`SPANSCOPE_${name.toUpperCase()}`];
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return named ?? folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/**
 * Starts `nginx` or `caddy` with the configuration as it is shipped.
 * @param {{ jaeger: string, tempo: string }} backends their origins
 * @returns `url` with a slash at its end, and `close`
 */
export async function host(server, backends) {
  const program = executable(server);
  if (!program) throw new Error(`no ${server}: \`cargo xtask setup\` installs it on Debian`);
  const folder = mkdtempSync(join(tmpdir(), "spanscope-hosting-"));
  // Another program may take the port between its choice and its use.
  for (let attempts = 5; ; attempts -= 1) {
    const port = await freePort();
    const variables = {
      SPANSCOPE_LISTEN: `127.0.0.1:${port}`,
      SPANSCOPE_ROOT: dist(),
      SPANSCOPE_CONFIG: join(root, "deploy/config.json"),
      SPANSCOPE_JAEGER: backends.jaeger,
      SPANSCOPE_TEMPO: backends.tempo,
    };
    const process = START[server](program, folder, variables);
    let [said, ended] = ["", false];
    process.stderr.on("data", (data) => (said += data));
    const over = new Promise((resolve) => process.once("exit", resolve)).then(() => (ended = true));
    const url = `http://127.0.0.1:${port}/`;
    const latest = Date.now() + PATIENCE;
    while (!ended && !(await answers(url))) {
      await pause(50);
      if (Date.now() < latest) continue;
      process.kill("SIGKILL");
      throw new Error(`${server} does not answer:\n${said}`);
    }
    if (!ended) {
      const close = async () => {
        process.kill("SIGTERM");
        await over;
        rmSync(folder, { recursive: true, force: true });
      };
      return { url, close };
    }
    if (attempts === 0 || !/bind|address already in use/i.test(said)) throw new Error(`${server} does not start:\n${said}`);
  }
}

const START = {
  nginx(program, folder, variables) {
    writeFileSync(join(folder, "spanscope.conf"), filled(readFileSync(join(root, "deploy/nginx.conf.template"), "utf8"), variables));
    const scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
    // What a system's own nginx.conf is there for; everything else is the shipped file's.
    const main = `
      daemon off;
      pid ${folder}/nginx.pid;
      error_log stderr warn;
      worker_processes 1;
      ${process.getuid?.() === 0 ? "user root;" : ""}
      events {}
      http { access_log off; ${scratch.join(" ")} include ${folder}/spanscope.conf; }`;
    writeFileSync(join(folder, "nginx.conf"), main);
    const words = ["-e", "stderr", "-p", folder, "-c", join(folder, "nginx.conf")];
    const checked = spawnSync(program, ["-t", ...words], { encoding: "utf8" });
    if (checked.status !== 0 || /\[warn\]/.test(checked.stderr)) throw new Error(`nginx -t:\n${checked.stderr}`);
    return spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  },
  caddy(program, folder, variables) {
    mkdirSync(join(folder, "data"), { recursive: true });
    const own = { HOME: folder, XDG_DATA_HOME: join(folder, "data"), XDG_CONFIG_HOME: folder, CADDY_ADMIN: "127.0.0.1:0" };
    const env = { ...process.env, ...own, ...variables, SPANSCOPE_LISTEN: `http://${variables.SPANSCOPE_LISTEN}` };
    const words = ["--config", join(root, "deploy/Caddyfile"), "--adapter", "caddyfile"];
    const checked = spawnSync(program, ["validate", ...words], { encoding: "utf8", env });
    if (checked.status !== 0) throw new Error(`caddy validate:\n${checked.stderr}`);
    return spawn(program, ["run", ...words], { stdio: ["ignore", "ignore", "pipe"], env });
  },
};

/** What `envsubst` makes of a template when it is given these variables. */
function filled(template, variables) {
  const text = template.replaceAll(/\$\{(\w+)\}/g, (whole, name) => variables[name] ?? whole);
  const left = /\$\{SPANSCOPE_\w+\}/.exec(text);
  if (left) throw new Error(`the template asks for ${left[0]}`);
  return text;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const answers = (url) => fetch(url).then((response) => response.status < 500, () => false);
