// Jaeger and Tempo: from a link to the analysis, behind one server and across origins, and what is said when it fails.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { connect, listOf, openAll, openAndReturn, reload, searchAny } from "./checks.mjs";
import { eventually, scenario } from "./harness.mjs";
import { host } from "./hosting.mjs";
import { Replay } from "./replay.mjs";
import { lacking } from "./replay/fixtures.mjs";

let tempo;
let jaeger;
let site;
before(async () => {
  if (lacking) return;
  tempo = await Replay.start("tempo");
  jaeger = await Replay.start("jaeger");
  site = await host("nginx", { tempo: tempo.origin, jaeger: jaeger.origin });
});
after(async () => {
  await Promise.all([tempo?.close(), jaeger?.close(), site?.close()]);
});

const replayed = (name, run, options) => scenario(name, run, { skip: lacking, ...options });

/** What a browser writes to the console about a request that failed on purpose. */
const FAILED = /Failed to load resource|blocked by CORS policy|net::ERR_/;

/** The paths that a backend was asked for since `from`. */
const paths = (replay, from = 0) => replay.requests.slice(from).map(({ path }) => path);

replayed("behind one server a link opens traces of both backends, and reload brings them back", async (app) => {
  app.url = site.url;
  const order = "eeeee61470ea06d1bbbe9f8d7405c826";
  const page = await app.open(`#/waterfall?backend=tempo&trace=${order}`);
  await page.getByRole("row", { name: /service order-service/ }).first().waitFor();
  await app.loaded();
  assert.equal(tempo.requests.at(-1).headers.accept, "application/protobuf");
  await page.getByText(/^Tempo · /).first().waitFor();
  const asked = tempo.requests.length;
  await page.reload();
  await page.getByRole("row", { name: /service order-service/ }).first().waitFor();
  await app.loaded();
  assert.ok(paths(tempo, asked).includes(`/api/v2/traces/${order}`));
  // The whole program stands on what was fetched.
  await page.getByRole("treegrid", { name: "Spans" }).focus();
  await page.keyboard.press("4");
  await page.getByRole("grid", { name: "Critical path" }).getByRole("row").nth(1).waitFor();

  await page.goto(`${site.url}#/waterfall?backend=jaeger&trace=c0ffee00000000000000000000000a01`);
  await page.getByRole("row", { name: /^POST \/checkout, service frontend/ }).waitFor();
  await app.loaded();
  await page.goBack();
  await page.getByRole("grid", { name: "Critical path" }).getByRole("row", { name: /query-database/ }).first().waitFor();
  // Two of one backend are a list.
  await page.goto(`${site.url}#/?backend=jaeger&load=c0ffee00000000000000000000000a02,00000000000000000badcafe00000a03`);
  const list = page.getByRole("grid", { name: "List of traces" });
  await list.getByRole("row", { name: /POST \/checkout/ }).waitFor();
  await list.getByRole("row", { name: /orders process/ }).waitFor();
});

for (const product of ["Tempo", "Jaeger"]) {
  replayed(`${product}: connect, search, open, look around, come back, open all`, async (app) => {
    app.url = site.url;
    const replay = product === "Tempo" ? tempo : jaeger;
    // A Jaeger is known by how it refuses a search without a service.
    if (product === "Jaeger") app.allowComplaint(FAILED);
    const page = await connect(app, product);
    await searchAny(app, product);
    await app.assertAccessible(`what a search of ${product} found`);
    await app.screenshot(`search-${product}`);
    const asked = replay.requests.length;
    const results = await openAndReturn(app);
    assert.equal(paths(replay, asked).filter((path) => /search$|summaries$/.test(path)).length, 0, "a search was asked again");
    await reload(app, results);
    await openAll(app);
    await listOf(page).waitFor();
    await app.screenshot(`all-of-${product}`);
  });
}

replayed("a host that merely stands in a link is asked only after the reader", async (app) => {
  app.mayAsk = [tempo.origin];
  app.allowComplaint(FAILED);
  tempo.faults = ["cors"];
  const asked = tempo.requests.length;
  const link = (id) => `#/waterfall?tempo=${encodeURIComponent(tempo.with())}&trace=${id}`;
  const page = await app.open(link("eeeee61470ea06d1bbbe9f8d7405c826"));
  const dialog = page.getByRole("dialog", { name: /^Load from 127\.0\.0\.1/ });
  await dialog.waitFor();
  await app.assertAccessible("the question about a host");
  assert.equal(tempo.requests.length, asked);
  await dialog.getByRole("button", { name: "Do not load" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^Error cascade/ }).waitFor();
  assert.equal(tempo.requests.length, asked);
  await page.goto(app.url + link("eeeee61470ea06d1bbbe9f8d7405c826"));
  await dialog.getByRole("button", { name: "Load", exact: true }).click();
  await page.getByRole("row", { name: /service order-service/ }).first().waitFor();
  await app.loaded();
  // Agreed for this visit; and what breaks off is shown as far as it came.
  tempo.faults = ["cors", "cut"];
  await page.goto(app.url + link("cfd3eec31270cba34c41c8ba56bdf599"));
  await page.getByRole("row", { name: /process_item/ }).first().waitFor();
  await app.loaded();
  await page.getByText(/broke off/).first().waitFor();
  await app.screenshot("backend-broken-off");
  tempo.faults = [];
});

/** What goes wrong when a trace is opened, and what the page says of it. */
const TROUBLES = [
  ["404", /There is no Tempo at this path/],
  ["empty", /Tempo does not have this trace/],
  ["401", /Tempo wants to know who asks/],
  ["tenant", /No tenant was named/],
  ["403", /Tempo does not let you read this/],
  ["422", /The trace is larger than Tempo gives out/],
  ["500", /Tempo failed/],
  ["502", /A proxy cannot reach Tempo/],
  ["login", /A web page came instead of an answer/],
  ["redirect", /Tempo sends this page elsewhere/],
];

replayed("what goes wrong with a trace is said in words, and what came is shown", async (app) => {
  app.url = site.url;
  app.mayAsk = [`http://localhost:${tempo.port}`];
  app.allowComplaint(FAILED);
  const page = await app.open();
  /** Another trace each time: what has been asked for is not asked for again. */
  const open = (at) => page.goto(`${site.url}#/waterfall?backend=tempo&trace=cfd3eec31270cba34c41c8ba56bdf5${10 + at}`);
  for (const [at, [fault, words]] of TROUBLES.entries()) {
    tempo.faults = [fault];
    await open(at);
    await page.getByText(words).first().waitFor();
  }
  await app.screenshot("backend-fails");
  // More than the backend gives out: a part of it, and that it is one. Too busy at first, and slow, it only takes longer.
  tempo.faults = ["partial", "429", "drip=5"];
  await open(99 - 10);
  await page.getByRole("row", { name: /export/ }).first().waitFor();
  await app.loaded();
  await page.getByText(/partial/i).first().waitFor();
  await app.screenshot("backend-partial");
  tempo.faults = [];
  // The browser tells of where it was led, and did not go there.
  assert.ok(tempo.requests.every(({ host }) => !host.startsWith("localhost")));
});

/** What the connection test is to say: who is asked by which name, where, and the words. */
const CAUSES = [
  ["Tempo", () => tempo.with("cors"), /Tempo 3\.0\.3 answers/],
  ["Tempo", () => tempo.with("cors", "429"), /Tempo 3\.0\.3 answers/],
  ["Jaeger", () => jaeger.with("cors"), /Jaeger, with its API of version 3, answers/],
  ["Jaeger", () => jaeger.with("cors", "legacy"), /Jaeger, with its older API, answers/],
  ["Tempo", () => jaeger.with("cors"), /This is Jaeger, not Tempo/],
  ["Jaeger", () => tempo.with("cors"), /This is Tempo, not Jaeger/],
  ["Tempo", () => "ftp://tempo.example.org", /only http and https/i],
  ["Tempo", () => "https://me:word@tempo.example.org", /user and password/i],
  ["Tempo", () => "http://tempo.example.org:3200", /asks http addresses on this computer only/],
  ["Tempo", () => "http://127.0.0.1:9", /Nothing answers at 127\.0\.0\.1:9/],
  ["Tempo", () => tempo.with("cors", "404"), /There is no Tempo at this path/],
  ["Jaeger", () => jaeger.with("cors", "404-plain"), /There is no Jaeger at this path/],
  ["Tempo", () => tempo.with("cors", "401"), /Tempo wants to know who asks/],
  ["Jaeger", () => jaeger.with("cors", "tenant"), /No tenant was named/],
  ["Tempo", () => tempo.with("cors", "tenant"), /No tenant was named/],
  ["Tempo", () => tempo.with("cors", "403"), /Tempo does not let you read this/],
  ["Jaeger", () => jaeger.with("cors", "500"), /Jaeger failed/],
  ["Tempo", () => tempo.with("cors", "502"), /A proxy cannot reach Tempo/],
  ["Jaeger", () => jaeger.with("cors", "login"), /A web page came instead of an answer/],
  ["Tempo", () => tempo.with("cors", "redirect"), /Tempo sends this page elsewhere/],
  ["Jaeger", () => jaeger.with(), /Jaeger answers, but does not let this page read it/],
  ["Tempo", () => tempo.with(), /Tempo answers, but does not let this page read it/],
];

replayed("the connection test tells causes apart and shows what mends CORS", async (app) => {
  const closed = "http://127.0.0.1:9";
  app.mayAsk = [tempo, jaeger].flatMap(({ origin, port }) => [origin, `http://localhost:${port}`]).concat(closed);
  app.allowComplaint(FAILED);
  const page = await app.open();
  await page.getByRole("button", { name: "Connect to Jaeger or Tempo…" }).click();
  const outcome = page.getByRole("form", { name: "Connection" }).locator("xpath=..").getByRole("status").or(page.getByRole("alert"));
  for (const [product, address, words] of CAUSES) {
    await page.getByRole("radio", { name: product, exact: true }).check();
    await page.getByRole("textbox", { name: "Address" }).fill(address());
    await page.getByRole("button", { name: "Test connection" }).click();
    // What is said of a usable address names it.
    const shown = address().startsWith("http://") ? address().replace(/\/?$/, "/") : "";
    await outcome.filter({ hasText: words }).filter({ hasText: shown }).first().waitFor();
  }
  await app.assertAccessible("what is wrong with a connection");
  await app.screenshot("connection-without-cors");
  // The lines that mend it, for the clipboard.
  const lines = page.getByRole("region", { name: /nginx/ });
  assert.match(await lines.textContent(), /location \/tempo\/ \{\s+proxy_pass http:\/\/127/);
  const copied = lines.locator("xpath=..");
  await page.evaluate(() => navigator.clipboard.writeText("nothing yet"));
  await copied.getByRole("button", { name: "Copy" }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes("proxy_pass"));
  // Nothing that the browser can know beforehand was asked.
  assert.ok([...tempo.requests, ...jaeger.requests].every(({ host }) => !host.startsWith("localhost")));
});

const SECRET = "s3cr3t-m4rk3r";
const TENANT = "team-m4rk3d";

replayed("a sign-in stays in memory, goes to its backend only, and is kept on request", async (app) => {
  const elsewhere = `http://localhost:${tempo.port}`;
  app.mayAsk = [tempo.origin, elsewhere];
  app.allowComplaint(FAILED);
  const said = [];
  app.page.on("console", (message) => said.push(message.text()));
  const sent = [];
  app.context.on("request", (request) => sent.push(request));
  tempo.requests.length = 0;
  tempo.faults = ["cors", `auth=Bearer ${SECRET}`, "tenant"];
  const page = await app.open();
  await page.getByRole("button", { name: "Connect to Jaeger or Tempo…" }).click();
  await page.getByRole("radio", { name: "Tempo", exact: true }).check();
  await page.getByRole("textbox", { name: "Address" }).fill(tempo.with());
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByText(/Tempo wants to know who asks/).waitFor();
  const signIn = async () => {
    await page.getByRole("textbox", { name: "Tenant" }).fill(TENANT);
    await page.getByRole("combobox", { name: "Sign-in" }).selectOption("Bearer token");
    await page.getByLabel("Token").fill(SECRET);
  };
  await signIn();
  await page.getByRole("textbox", { name: "Or open a trace by its id" }).fill("eeeee61470ea06d1bbbe9f8d7405c826");
  await page.getByRole("button", { name: "Open trace" }).click();
  await page.getByRole("row", { name: /service order-service/ }).first().waitFor();
  await app.loaded();
  assert.ok(tempo.requests.some(({ headers }) => headers.authorization === `Bearer ${SECRET}` && headers["x-scope-orgid"] === TENANT));

  /** Fails where the secret is anywhere but in a request to its backend. */
  const assertSecret = async (where) => {
    const found = await page.evaluate(() => ({
      address: location.href,
      history: JSON.stringify(history.state),
      local: JSON.stringify({ ...localStorage }),
      session: JSON.stringify({ ...sessionStorage }),
      text: document.documentElement.outerHTML,
      cookie: document.cookie,
    }));
    found.console = said.join("\n");
    for (const [place, text] of Object.entries(found)) assert.ok(!String(text).includes(SECRET), `the secret is in ${place}, ${where}`);
    for (const request of sent) {
      assert.ok(!request.url().includes(SECRET), `the secret is in an address, ${where}`);
      const headers = JSON.stringify(request.headers());
      if (!request.url().startsWith(`${tempo.origin}/`)) assert.ok(!headers.includes(SECRET), `the secret went to ${request.url()}, ${where}`);
    }
    assert.ok(tempo.requests.every(({ host }) => !host.startsWith("localhost")), `a redirect was followed, ${where}`);
  };
  await assertSecret("with a trace open");

  // What goes wrong later does not tell it either; nor does a redirect carry it away.
  for (const [fault, words] of [["500", /Tempo failed/], ["redirect", /sends this page elsewhere/], ["cut", /broke off/]]) {
    tempo.faults = ["cors", fault];
    await page.keyboard.press("g");
    const place = page.getByRole("dialog").getByRole("textbox");
    await place.fill("cfd3eec31270cba34c41c8ba56bdf599");
    await place.press("Enter");
    await page.getByText(words).first().waitFor();
    await assertSecret(`after ${fault}`);
  }

  // A reload has forgotten it: the link asks for it, with everything else filled in.
  tempo.faults = ["cors", `auth=Bearer ${SECRET}`, "tenant"];
  await page.goto(`${app.url}#/waterfall?tempo=${encodeURIComponent(tempo.with())}&trace=eeeee61470ea06d1bbbe9f8d7405c826`);
  await page.reload();
  await page.getByRole("dialog", { name: /^Load from / }).getByRole("button", { name: "Load", exact: true }).click();
  await page.getByRole("heading", { name: /^This link needs/ }).waitFor();
  await eventually(() => page.getByRole("textbox", { name: "Address" }).inputValue(), (value) => value === tempo.with(), "the address of the link");
  await app.assertAccessible("the sign-in of a link");
  await signIn();
  await page.getByRole("checkbox", { name: /^Keep this connection/ }).check();
  await page.getByRole("button", { name: "Connect and load" }).click();
  await page.getByRole("row", { name: /service order-service/ }).first().waitFor();
  // Kept because that was wanted; then nothing is asked after a reload.
  await page.waitForFunction((secret) => JSON.stringify({ ...localStorage }).includes(secret), SECRET);
  await page.reload();
  await page.getByRole("row", { name: /service order-service/ }).first().waitFor();
  await page.goto(`${app.url}#/connect`);
  await page.getByRole("button", { name: /^Forget Tempo/ }).click();
  await page.waitForFunction((secret) => !JSON.stringify({ ...localStorage }).includes(secret), SECRET);
  tempo.faults = [];
});
