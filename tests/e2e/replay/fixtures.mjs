// Recorded exchanges: where they are, and reading one.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The collection that lies beside the repository; `SPANSCOPE_SHARED` names another place. */
const collection = process.env.SPANSCOPE_SHARED ?? join(root, "../shared");

/** A path of the collection. */
export function shared(path) {
  const found = join(collection, path);
  if (!existsSync(found)) throw new Error(`${found} is missing; SPANSCOPE_SHARED says where the collection is`);
  return found;
}

/** Why tests that replay are skipped: the collection is not there. In CI it has to be, so there they fail. */
export const lacking =
  existsSync(collection) || /^(true|1)$/.test(process.env.CI ?? "") ? false : `${collection} is missing`;

/** A path of the fixtures of this repository. */
export const own = (path) => join(root, "tests/fixtures", path);

/** The exchanges of a folder, with their bodies. */
export function exchanges(folder) {
  return json(join(folder, "manifest.json")).map((entry) => ({ ...entry, body: readFileSync(join(folder, entry.file)) }));
}

export const json = (path) => JSON.parse(readFileSync(path, "utf8"));

/** An answer as JSON. */
export const answer = (value, status = 200, type = "application/json") => ({ status, type, body: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)) });

/** Nanoseconds of a duration in Go's form, such as `1h2m3.5s`; undefined when it is none. */
export function nanos(text) {
  const units = { ns: 1, us: 1e3, "µs": 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)].reduce((sum, [, number, unit]) => sum + Number(number) * units[unit], 0);
}
