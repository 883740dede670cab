// `cargo xtask live`: the page, behind nginx with the shipped configuration, in front of real servers.
import { after, before } from "node:test";
import { connect, openAll, openAndReturn, reload, searchAny } from "./checks.mjs";
import { scenario } from "./harness.mjs";
import { host } from "./hosting.mjs";

const given = { Jaeger: process.env.SPANSCOPE_LIVE_JAEGER, Tempo: process.env.SPANSCOPE_LIVE_TEMPO };
// What is not given is nowhere, and not asked.
const nowhere = "http://127.0.0.1:9";

let site;
before(async () => {
  site = await host("nginx", { jaeger: given.Jaeger ?? nowhere, tempo: given.Tempo ?? nowhere });
});
after(() => site?.close());

for (const [product, url] of Object.entries(given)) {
  if (!url) continue;
  scenario(`${product} at ${url}: connect, search, open, look around, reload, open all`, async (app) => {
    app.url = site.url;
    // A Jaeger is known by how it refuses a search without a service.
    app.allowComplaint(/status of 400/);
    await connect(app, product);
    await searchAny(app, product);
    await reload(app, await openAndReturn(app));
    await openAll(app);
  });
}
