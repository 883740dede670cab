// Servers that play recorded exchanges of Tempo and Jaeger, with everything that goes wrong in front of real ones.
//
// An answer is chosen by path and by what the question is about, whatever the times it names: a real page asks
// for the last hour, the exchanges are older. What goes wrong is said by the first part of the path, as in
// `http://127.0.0.1:PORT/~cors,slow=500/api/echo`, or for all requests by `server.faults = [...]` or by
// `POST /_control` with a list as JSON. A fault takes a value behind `=` and may be meant for some paths only:
// `500@traces` fails where the path has `traces` in it. `FAULTS` lists them.
//
// Alone: `node tests/e2e/replay.mjs [--tempo PORT] [--jaeger PORT] [--faults cors,slow]`.
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { jaeger } from "./replay/jaeger.mjs";
import { tempo } from "./replay/tempo.mjs";

const TEXT = "text/plain; charset=utf-8";
const HTML = "text/html; charset=utf-8";

const page = (title) => `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
const failure = (status, text, type = TEXT, headers = {}) => ({ status, type, headers, body: Buffer.from(text) });

/**
 * What can go wrong instead of an answer; each is given the request and what the fault is set to, and gives an
 * answer, or nothing to let the real one pass.
 */
const FAULTS = {
  // `Basic` would have the browser ask for a password itself, where page and backend have one origin.
  401: (request) => failure(401, page("401 Authorization Required"), HTML, { "WWW-Authenticate": `Bearer realm="${request.product}"` }),
  403: () => failure(403, "RBAC: access denied"),
  404: () => failure(404, page("404 Not Found"), HTML),
  // A server of another kind, in the words of Go.
  "404-plain": () => failure(404, "404 page not found\n"),
  422: () => failure(422, "trace exceeds max size (max bytes: 20000)\n"),
  // Once for each path, then fine.
  429: (request) => (request.nth === 1 ? failure(429, "too many outstanding requests\n", TEXT, { "Retry-After": "1" }) : undefined),
  "429-always": () => failure(429, "too many outstanding requests\n", TEXT, { "Retry-After": "1" }),
  500: () => failure(500, "rpc error: code = Unknown desc = error finding trace by id: storage is gone\n"),
  502: () => failure(502, page("502 Bad Gateway"), HTML),
  503: () => failure(503, "upstream connect error\n"),
  // Answers only to who says who he is; with a value only to that one.
  auth: (request, wanted) => {
    const given = request.headers.authorization;
    return (wanted ? given === wanted : given) ? undefined : FAULTS[401](request);
  },
  login: () => failure(200, page("Sign in"), HTML),
  // To the same server under its other name, which is another origin.
  redirect: (request, to) => failure(302, "", TEXT, { Location: to || `http://localhost:${request.port}/login` }),
};

/** What is not an answer of its own: `slow` waits before it, `drip` sends it in pieces, `cut` breaks it off. */
const MANNERS = ["cors", "slow", "stall", "drip", "cut", "gzip"];
/** What the products understand themselves. */
const FLAVOURS = ["empty", "partial", "tenant", "legacy", "v1"];

const PRODUCTS = { tempo, jaeger };

/** A server of one product. */
export class Replay {
  /** Every request, oldest first: `method`, `path` without the faults, `query`, `headers`, `host`, `status`. */
  requests = [];
  /** What goes wrong for all requests. */
  faults = [];

  /** @param {"tempo" | "jaeger"} product */
  static async start(product, { port = 0, faults = [] } = {}) {
    const replay = new Replay();
    replay.product = product;
    replay.answer = PRODUCTS[product]();
    replay.faults = faults;
    replay.server = createServer((request, response) => {
      replay.#serve(request, response).catch((error) => response.destroy(error));
    });
    await new Promise((resolve, reject) => replay.server.once("error", reject).listen(port, "127.0.0.1", resolve));
    replay.port = replay.server.address().port;
    replay.origin = `http://127.0.0.1:${replay.port}`;
    return replay;
  }

  /** The address of the server with these faults, as one would type it. */
  with(...faults) {
    return `${this.origin}/${faults.length > 0 ? `~${faults.join(",")}/` : ""}`;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(request, response) {
    const url = new URL(request.url, "http://replay");
    if (url.pathname.startsWith("/_")) return this.#control(url.pathname, request, response);
    const [, given, path] = /^\/(?:~([^/]*)\/)?(.*)$/.exec(decodeURI(url.pathname));
    const asked = {
      product: this.product,
      port: this.port,
      method: request.method,
      path: `/${path}`,
      query: url.searchParams,
      headers: request.headers,
      host: request.headers.host,
    };
    const faults = [...this.faults, ...(given ? given.split(",") : [])].map(read).filter(({ at }) => !at || asked.path.includes(at));
    asked.has = (name) => faults.some((fault) => fault.name === name);
    asked.key = `${given ?? ""} ${asked.method} ${asked.path}`;
    asked.nth = 1 + this.requests.filter((earlier) => earlier.key === asked.key).length;
    this.requests.push(asked);
    const manner = (name) => faults.find((fault) => fault.name === name);

    if (manner("stall")) return;
    if (manner("slow")) await pause(Number(manner("slow").value || 2000));
    if (manner("cors")) allow(request, response);
    if (manner("cors") && request.method === "OPTIONS") return response.writeHead(204).end();
    let answer;
    for (const { name, value } of faults) answer ??= FAULTS[name]?.(asked, value);
    answer ??= this.answer(asked);
    asked.status = answer.status;
    await send(answer, manner, request, response);
  }

  async #control(path, request, response) {
    if (path === "/_control") {
      let text = "";
      for await (const chunk of request) text += chunk;
      this.faults = JSON.parse(text || "[]");
    }
    if (path === "/_requests" && request.method === "DELETE") this.requests.length = 0;
    const shown = this.requests.map(({ method, path, query, headers, status }) => ({ method, path, query: String(query), headers, status }));
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(path === "/_requests" ? shown : this.faults));
  }
}

/** `500@traces`, `slow=500`. */
function read(text) {
  const [, name, value, at] = /^([^=@]+)(?:=([^@]*))?(?:@(.+))?$/.exec(text);
  const isKnown = Object.hasOwn(FAULTS, name) || MANNERS.includes(name) || FLAVOURS.includes(name);
  if (!isKnown) throw new Error(`no such fault: ${name}`);
  return { name, value, at };
}

/** What an operator adds so that a page of another origin may ask. */
function allow(request, response) {
  response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*");
  response.setHeader("Access-Control-Allow-Methods", "GET");
  response.setHeader("Access-Control-Allow-Headers", "authorization, x-scope-orgid, x-tenant");
  response.setHeader("Access-Control-Expose-Headers", "Retry-After");
  response.setHeader("Vary", "Origin");
}

async function send(answer, manner, request, response) {
  const { status, type, headers = {} } = answer;
  const packs = manner("gzip") && /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  const body = packs ? gzipSync(answer.body) : answer.body;
  response.writeHead(status, {
    ...(type && { "Content-Type": type }),
    ...(packs && { "Content-Encoding": "gzip" }),
    "Content-Length": body.length,
    "X-Content-Type-Options": "nosniff",
    ...headers,
  });
  if (request.method === "HEAD") return response.end();
  if (manner("cut")) {
    // Half of it has arrived when the connection ends.
    await new Promise((resolve) => response.write(body.subarray(0, body.length / 2), resolve));
    await pause(50);
    return response.destroy();
  }
  if (manner("drip")) {
    const pieces = 20;
    for (let at = 0; at < pieces && !response.destroyed; at += 1) {
      response.write(body.subarray((body.length * at) / pieces, (body.length * (at + 1)) / pieces));
      await pause(Number(manner("drip").value || 100));
    }
    return response.end();
  }
  return response.end(body);
}

async function main(words) {
  const option = (name) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
  const faults = option("--faults")?.split(",") ?? [];
  for (const [product, port] of [["tempo", 3200], ["jaeger", 16686]]) {
    const replay = await Replay.start(product, { port: Number(option(`--${product}`) ?? port), faults });
    console.log(`${product} is played at ${replay.with()}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv.slice(2));
