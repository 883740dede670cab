// The shipped configurations: what a server sends with it, before any browser comes.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { executable, host } from "./hosting.mjs";
import { Replay } from "./replay.mjs";
import { lacking } from "./replay/fixtures.mjs";

let tempo;
let jaeger;
before(async () => {
  if (lacking) return;
  tempo = await Replay.start("tempo");
  jaeger = await Replay.start("jaeger");
});
after(async () => {
  await Promise.all([tempo?.close(), jaeger?.close()]);
});

/** An answer as it is sent: `fetch` would unpack it and hide how it came. */
function get(url, headers = {}, method = "GET") {
  return new Promise((resolve, reject) => {
    request(url, { headers, method }, async (response) => {
      try {
        const chunks = [];
        for await (const chunk of response) chunks.push(chunk);
        resolve({ status: response.statusCode, headers: response.headers, raw: response.rawHeaders, body: Buffer.concat(chunks) });
      } catch (error) {
        reject(error);
      }
    })
      .once("error", reject)
      .end();
  });
}

for (const server of ["nginx", "caddy"]) {
  // Caddy is checked where there is one; nginx has to be there.
  const skip = lacking || (server === "caddy" && !executable("caddy") ? "no caddy on this machine" : false);
  describe(`${server} with the configuration of deploy/`, { skip }, () => {
    let site;
    before(async () => {
      if (!skip) site = await host(server, { tempo: tempo.origin, jaeger: jaeger.origin });
    });
    after(() => site?.close());

    test("sends the page with its policy, small, and for ever what never changes", async () => {
      const page = await get(site.url);
      assert.equal(page.status, 200);
      assert.match(page.headers["content-type"], /^text\/html/);
      assert.match(page.headers["content-security-policy"], /^default-src 'none'; .*frame-ancestors 'self'$/);
      assert.equal(page.headers["x-content-type-options"], "nosniff");
      assert.equal(page.headers["referrer-policy"], "no-referrer");
      assert.equal(page.headers["cache-control"], "no-cache");
      const wasm = /spanscope-[0-9a-f]{16}\.wasm/.exec(page.body.toString())[0];
      const plain = await get(site.url + wasm);
      assert.equal(plain.headers["content-type"], "application/wasm");
      assert.match(plain.headers["cache-control"], /immutable/);
      assert.equal(plain.headers["content-encoding"], undefined);
      // The fast build has no packed twins.
      if (!process.env.SPANSCOPE_DEV) {
        for (const encoding of ["br", "gzip"]) {
          const packed = await get(site.url + wasm, { "Accept-Encoding": encoding === "br" ? "gzip, deflate, br, zstd" : "gzip" });
          assert.equal(packed.headers["content-encoding"], encoding);
          assert.equal(packed.headers["content-type"], "application/wasm");
          assert.match(packed.headers["cache-control"], /immutable/);
          assert.match(packed.headers["vary"], /Accept-Encoding/);
          assert.ok(packed.body.length < plain.body.length / 2);
        }
        const index = await get(site.url, { "Accept-Encoding": "br" });
        assert.equal(index.headers["content-encoding"], "br");
        assert.match(index.headers["content-type"], /^text\/html/);
      }
      const missing = await get(`${site.url}no-such-file.js`);
      assert.equal(missing.status, 404);
      assert.match(missing.headers["content-security-policy"], /default-src 'none'/);
      const config = await get(`${site.url}config.json`);
      assert.equal(config.headers["content-type"], "application/json");
      assert.deepEqual(JSON.parse(config.body).backends.map(({ url }) => url), ["jaeger/", "tempo/"]);
    });

    test("passes questions on to the backends as they are, and only questions", async () => {
      const traceql = encodeURIComponent('{ resource.service.name = "order-service" && duration > 300ms }');
      const headers = { "X-Scope-OrgID": "team-a", Authorization: "Bearer marker", Accept: "application/json" };
      const found = await get(`${site.url}tempo/api/search?q=${traceql}&limit=5`, headers);
      assert.equal(found.status, 200);
      assert.ok(JSON.parse(found.body).traces.length > 0);
      assert.equal(found.headers["cache-control"], "no-store");
      assert.equal(found.raw.filter((name) => /^x-content-type-options$/i.test(name)).length, 1);
      const asked = tempo.requests.at(-1);
      assert.equal(asked.path, "/api/search");
      assert.equal(asked.query.get("q"), decodeURIComponent(traceql));
      assert.deepEqual([asked.headers["x-scope-orgid"], asked.headers.authorization], ["team-a", "Bearer marker"]);

      const values = await get(`${site.url}tempo/api/v2/search/tag/span%3Aname/values`);
      assert.ok(JSON.parse(values.body).tagValues.length > 0);
      const services = await get(`${site.url}jaeger/api/v3/services`, { "Accept-Encoding": "gzip" });
      assert.equal(services.status, 200);
      const missing = await get(`${site.url}jaeger/api/v3/traces/0123456789abcdef0123456789abcdef`);
      assert.equal(missing.status, 404);
      assert.match(missing.body.toString(), /No traces found/);

      const before = jaeger.requests.length;
      const archive = await get(`${site.url}jaeger/api/archive/c0ffee00000000000000000000000a01`, {}, "POST");
      assert.equal(archive.status, 403);
      assert.equal(jaeger.requests.length, before);
    });

    test("lets an answer that breaks off look like one, and says when a backend is away", async () => {
      tempo.faults = ["cut"];
      await assert.rejects(get(`${site.url}tempo/api/v2/traces/eeeee61470ea06d1bbbe9f8d7405c826`));
      tempo.faults = [];
      const away = await host(server, { tempo: "http://127.0.0.1:9", jaeger: jaeger.origin });
      try {
        assert.equal((await get(`${away.url}tempo/api/echo`)).status, 502);
      } finally {
        await away.close();
      }
    });
  });
}
