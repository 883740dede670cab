// Tempo's answers: the recorded ones where the question was recorded, else made of the recorded traces.
import { answer, exchanges, json, nanos, shared } from "./fixtures.mjs";

/** Gives the function that answers; reads the exchanges once. */
export function tempo() {
  const recorded = exchanges(shared("fixtures/tempo"));
  const play = (file) => {
    const { status, responseHeaders, body } = recorded.find((entry) => entry.file === file);
    return { status, type: responseHeaders["Content-Type"], body };
  };
  /** By path, and by the parameters that are more than a range. */
  const find = (path, query, accept = "") =>
    recorded.find((entry) => {
      const url = new URL(entry.path, "http://tempo");
      return (
        entry.method === "GET" &&
        !/^(?:tenant|limits|cors|misc)\//.test(entry.file) &&
        decodeURIComponent(url.pathname) === path &&
        meaning(url.searchParams) === meaning(query) &&
        wants(entry.requestHeaders.Accept) === wants(accept)
      );
    });
  const files = json(shared("fixtures/otlp/index.json"));
  const traces = new Map(files.map(({ file, traceId }) => [traceId, json(shared(`fixtures/otlp/${file}`))]));
  const spans = new Map([...traces].map(([id, trace]) => [id, spansOf(trace)]));
  const summaries = JSON.parse(play("search/q-all-range.json").body).traces;

  function trace(path, accept, has) {
    const [, version, id] = /^\/api\/(v2\/)?traces\/(.*)$/.exec(path);
    const wantsProtobuf = wants(accept) === "protobuf";
    if (!/^[0-9a-f]+$/i.test(id)) return play(`traces/v${version ? 2 : 1}-invalid-id.txt`);
    if (id.length > 32) return play("traces/v2-too-long-id.txt");
    if (has("partial")) return version ? play(`limits/v2-partial${wantsProtobuf ? "-protobuf.pb" : ".json"}`) : play("limits/v1-too-large.txt");
    const whole = id.toLowerCase().padStart(32, "0");
    if (has("empty") || !traces.has(whole)) {
      if (!version) return play("traces/v1-not-found.txt");
      // An empty trace and empty metrics.
      return wantsProtobuf ? { status: 200, type: "application/protobuf", body: Buffer.from([0x0a, 0, 0x12, 0]) } : play("traces/v2-not-found.json");
    }
    const named = `/api/${version ?? ""}traces/${whole}`;
    const entry = find(named, new URLSearchParams(), accept) ?? find(named, new URLSearchParams());
    if (entry) return play(entry.file);
    // The rest of the same recording, as it was sent to Tempo.
    const resourceSpans = traces.get(whole).resourceSpans;
    return answer(version ? { trace: { resourceSpans }, metrics: {} } : { batches: resourceSpans });
  }

  function search(query, has) {
    if (has("empty")) return play("search/q-none.json");
    const everything = query.has("q") && meaning(query) === "[]";
    const entry = everything ? { file: "search/q-all-range.json" } : find("/api/search", query);
    if (entry) return limited(play(entry.file), query);
    const isMeant = query.has("q") ? conditions(query.get("q")) : byTags(query);
    if (!isMeant) return answer(`invalid TraceQL query: parse error at line 1, col ${query.get("q").length}: syntax error: unexpected $end`, 400, "text/plain; charset=utf-8");
    const found = summaries.flatMap((summary) => {
      const matched = spans.get(summary.traceID.padStart(32, "0")).filter((span) => isMeant(span, summary));
      const set = { spans: matched.slice(0, 3).map(({ id: spanID, start, nanos }) => ({ spanID, startTimeUnixNano: start, durationNanos: String(nanos) })), matched: matched.length };
      return matched.length > 0 ? [{ ...summary, spanSet: set, spanSets: [set] }] : [];
    });
    return limited(answer({ traces: found, metrics: { inspectedBytes: "35553", completedJobs: 1, totalJobs: 1 } }), query);
  }

  return ({ path: encoded, query, headers, has }) => {
    const path = decodeURIComponent(encoded);
    if (path === "/api/echo") return play("status/echo.txt");
    if (path === "/ready") return play("status/ready.txt");
    if (path === "/api/status/buildinfo") return play("status/buildinfo.json");
    if (has("tenant") && !headers["x-scope-orgid"]) return play("tenant/no-org-id-search.txt");
    if (/^\/api\/(?:v2\/)?traces\/./.test(path)) return has("v1") && path.startsWith("/api/v2/") ? play("misc/not-a-path.txt") : trace(path, headers.accept, has);
    if (path === "/api/search") return search(query, has);
    if (/^\/api\/(?:v2\/)?search\/tags$/.test(path)) {
      if (has("empty")) return answer(path.includes("v2") ? { scopes: [], metrics: {} } : { tagNames: [], metrics: {} });
      return play((find(path, query) ?? find(path, new URLSearchParams())).file);
    }
    if (/^\/api\/(?:v2\/)?search\/tag\/.+\/values$/.test(path)) {
      if (has("empty")) return play("tags/v2-values-missing.json");
      const entry = find(path, query, headers.accept) ?? find(path, new URLSearchParams());
      return play(entry?.file ?? "tags/v2-values-missing.json");
    }
    if (path.startsWith("/api/metrics/")) return play(find(path, query)?.file ?? "metrics/range-none.json");
    return play("misc/not-a-path.txt");
  };
}

/** What a question is about, without the times and limits. */
function meaning(query) {
  const kept = [...query].filter(([name, value]) => value !== "" && !["start", "end", "limit", "spss", "step", "exemplars", "since"].includes(name));
  // Nothing means everything.
  const pairs = kept.map(([name, value]) => [name, value.replaceAll(/\s+/g, " ").trim()]).filter(([name, value]) => !(name === "q" && value === "{}"));
  return JSON.stringify(pairs.sort());
}

/** As Tempo decides it: by the names within the header, in this order. */
function wants(accept = "") {
  return ["protobuf", "json", "llm"].find((name) => accept.includes(name))?.replace("json", "") ?? "";
}

function limited({ body, ...rest }, query) {
  if (rest.status !== 200) return { body, ...rest };
  const value = JSON.parse(body);
  value.traces = value.traces.slice(0, Number(query.get("limit") ?? 20));
  return { ...rest, body: Buffer.from(JSON.stringify(value)) };
}

/** What a search looks at. */
function spansOf({ resourceSpans }) {
  const pairs = (attributes = []) => attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]);
  const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        id: span.spanId,
        start: span.startTimeUnixNano,
        nanos: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)),
        name: span.name,
        kind: kinds[span.kind ?? 0],
        status: ["unset", "ok", "error"][span.status?.code ?? 0],
        resource: new Map(pairs(resource.attributes)),
        span: new Map(pairs(span.attributes)),
      })),
    ),
  );
}

/**
 * One set of conditions joined by `&&`, each a comparison or a choice of them in brackets: what forms write and
 * people type first. Undefined for anything else.
 */
function conditions(traceql) {
  const inner = /^\s*\{([^{}]*|(?:[^{}"]|"(?:[^"\\]|\\.)*")*)\}\s*$/.exec(traceql)?.[1];
  if (inner === undefined) return undefined;
  const all = inner.trim() === "" ? [] : split(inner, "&&").map((part) => choice(part.trim()));
  return all.includes(undefined) ? undefined : (span, trace) => all.every((test) => test(span, trace));
}

function choice(text) {
  const inner = /^\((.*)\)$/.exec(text)?.[1];
  const some = (inner === undefined ? [text] : split(inner, "||")).map((part) => comparison(part.trim()));
  return some.includes(undefined) ? undefined : (span, trace) => some.some((test) => test(span, trace));
}

/** Splits outside of quotes and brackets. */
function split(text, sign) {
  const parts = [""];
  for (const [piece] of text.matchAll(/"(?:[^"\\]|\\.)*"|\([^()]*(?:"(?:[^"\\]|\\.)*"[^()]*)*\)|&&|\|\||[^"(&|]+|./g)) {
    if (piece === sign) parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

function comparison(text) {
  const [, field, sign, value] = /^([\w.:/-]+|[\w]*\."[^"]+")\s*(=~|!=|>=|<=|=|>|<)\s*(.+)$/.exec(text) ?? [];
  if (field === undefined) return undefined;
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1].replaceAll(/\\(.)/g, "$1");
  const wanted = quoted ?? nanos(value) ?? value;
  const tests = {
    "=": (found) => found === String(wanted),
    "!=": (found) => found !== String(wanted),
    "=~": (found) => new RegExp(`^(?:${wanted})$`).test(found),
    ">=": (found) => Number(found) >= Number(wanted),
    "<=": (found) => Number(found) <= Number(wanted),
    ">": (found) => Number(found) > Number(wanted),
    "<": (found) => Number(found) < Number(wanted),
  };
  const read = reader(field.replaceAll('"', ""));
  return (span, trace) => read(span, trace).some((found) => found !== undefined && tests[sign](String(found)));
}

/** The values that a field has in a span; several where the scope is left open. */
function reader(field) {
  const intrinsic = {
    name: (span) => [span.name],
    status: (span) => [span.status],
    kind: (span) => [span.kind],
    duration: (span) => [span.nanos],
    "trace:duration": (_, trace) => [(trace.durationMs ?? 0) * 1e6],
    traceDuration: (_, trace) => [(trace.durationMs ?? 0) * 1e6],
    "trace:rootService": (_, trace) => [trace.rootServiceName],
    rootServiceName: (_, trace) => [trace.rootServiceName],
    "trace:rootName": (_, trace) => [trace.rootTraceName],
  };
  const own = intrinsic[field.replace(/^span:/, "")];
  if (own) return own;
  const [, scope, key] = /^([a-z]*)\.(.+)$/.exec(field) ?? [undefined, "", field];
  return (span) => [scope !== "resource" && span.span.get(key), scope !== "span" && span.resource.get(key)].filter((value) => typeof value === "string");
}

/** The search without TraceQL: fields, values found as parts of texts. */
function byTags(query) {
  const pairs = [...(query.get("tags") ?? "").matchAll(/([^\s=]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g)].map(([, key, quoted, plain]) => [key, quoted ?? plain]);
  const [least, most] = ["minDuration", "maxDuration"].map((name) => nanos(query.get(name) ?? ""));
  return (span, { durationMs = 0 }) =>
    durationMs * 1e6 >= (least ?? 0) &&
    durationMs * 1e6 <= (most ?? Infinity) &&
    pairs.every(([key, value]) => (key === "name" ? span.name : (span.span.get(key) ?? span.resource.get(key) ?? "")).includes(value));
}
