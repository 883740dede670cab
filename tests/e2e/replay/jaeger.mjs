// Jaeger's answers, version 3 and (as the flavour `legacy`) those of 1.x to 2.20.
import { answer, exchanges, nanos, own } from "./fixtures.mjs";

/** Gives the function that answers; reads the exchanges once. */
export function jaeger() {
  const recorded = exchanges(own("jaeger"));
  const play = (file) => {
    const { status, contentType: type, body } = recorded.find((entry) => entry.file === file);
    return { status, type, body };
  };
  const parsed = (file) => JSON.parse(play(file).body);
  const spans = new Map(["checkout", "declined", "orphan", "odd"].map((name) => traceOf(parsed(`both/trace-${name}.json`).data[0])));
  const summaries = ["frontend", "worker", "odd"].flatMap((name) => parsed(`v3/summaries-${name}.json`).summaries);

  /** The newest first, as long as they have all that is asked for. */
  const found = ({ service, operation, least, most, tags, limit }) =>
    summaries
      .filter(({ traceId, minStartTimeUnixNano: start, maxEndTimeUnixNano: end }) => {
        const lasts = Number(BigInt(end) - BigInt(start));
        const isMeant = (span) =>
          span.service === service &&
          (!operation || span.name === operation) &&
          Object.entries(tags).every(([key, value]) => span.tags.get(key) === value);
        return lasts >= (least ?? 0) && lasts <= (most ?? Infinity) && spans.get(traceId).some(isMeant);
      })
      .sort((a, b) => Number(BigInt(b.minStartTimeUnixNano) - BigInt(a.minStartTimeUnixNano)))
      .slice(0, limit);

  /** An exchange about a service, by its path without the times. */
  const about = (path, service) => recorded.find((entry) => new RegExp(`^${path}\\?(?:query\\.)?service(?:Name)?=${service}(?:&|$)`).test(entry.path) && entry.status === 200)?.file;

  return ({ method, path, query, headers, has }) => {
    const legacy = has("legacy");
    const version = legacy ? "legacy" : "v3";
    if (method !== "GET" && method !== "HEAD") return answer("Method Not Allowed\n", 405, "text/plain; charset=utf-8");
    if (has("tenant") && !headers["x-tenant"]) return play("both/err-no-tenant.txt");
    const form = (prefix, names) => ({
      service: query.get(`${prefix}${names.service}`),
      operation: query.get(`${prefix}${names.operation}`),
      least: nanos(query.get(`${prefix}${names.least}`) ?? ""),
      most: nanos(query.get(`${prefix}${names.most}`) ?? ""),
      tags: JSON.parse(query.get(`${prefix}${names.tags}`) ?? "{}"),
      limit: Number(query.get(`${prefix}${names.limit}`) ?? 100),
    });
    if (path === "/api/dependencies") {
      if (!query.get("endTs")) return play("both/err-dependencies.json");
      return play(has("empty") ? "both/dependencies-none.json" : "both/dependencies.json");
    }
    const id = /^\/api\/(?:v3\/)?traces\/([^/]+)$/.exec(path)?.[1];
    if (id !== undefined) {
      const folder = path.startsWith("/api/v3/") ? "v3" : "both";
      if (!/^[0-9a-f]{1,32}$/i.test(id)) return play(`${folder}/err-trace-id.json`);
      const whole = id.toLowerCase().padStart(32, "0");
      const entry = recorded.find((entry) => entry.path === `/api/${folder === "v3" ? "v3/" : ""}traces/${whole}` && entry.status === 200);
      return play(entry && !has("empty") ? entry.file : `${folder}/err-trace-not-found.json`);
    }
    if (path === (legacy ? "/api/services" : "/api/v3/services")) return play(`${version}/services${has("empty") ? "-none" : ""}.json`);
    if (path === (legacy ? "/api/operations" : "/api/v3/operations")) {
      const service = query.get("service");
      if (!service) return play(`${version}/err-operations-no-service.json`);
      return play(about(path, service) ?? `${version}/operations-none.json`);
    }
    if (!legacy && path === "/api/v3/trace-summaries") {
      if (!query.get("query.startTimeMin") || !query.get("query.startTimeMax")) return play("v3/err-summaries-no-times.json");
      if (!query.get("query.serviceName")) return play("v3/err-summaries-no-service.json");
      if (["Min", "Max"].some((end) => query.has(`query.duration${end}`) && nanos(query.get(`query.duration${end}`)) === undefined)) return play("v3/err-summaries-duration.json");
      const names = { service: "serviceName", operation: "operationName", least: "durationMin", most: "durationMax", tags: "attributes", limit: "searchDepth" };
      return answer({ summaries: has("empty") ? [] : found(form("query.", names)) });
    }
    if (legacy && path === "/api/traces") {
      if (!query.get("service")) return play("legacy/err-traces-no-service.json");
      const names = { service: "service", operation: "operation", least: "minDuration", most: "maxDuration", tags: "tags", limit: "limit" };
      const traces = has("empty") ? [] : found(form("", names));
      const data = traces.map(({ traceId }) => JSON.parse(play(recorded.find((entry) => entry.path === `/api/traces/${traceId}`).file).body).data[0]);
      return answer({ data, total: 0, limit: 0, offset: 0, errors: null });
    }
    return play("both/err-no-such-path.txt");
  };
}

/** What a search looks at, by the trace's id in full. */
function traceOf(trace) {
  const spans = trace.spans.map(({ operationName, processID, tags }) => ({
    service: trace.processes[processID].serviceName,
    name: operationName,
    tags: new Map(tags.map(({ key, value }) => [key, String(value)])),
  }));
  return [trace.traceID.padStart(32, "0"), spans];
}
