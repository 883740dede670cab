// The same app in a worker; the page passes the hashed addresses of glue and wasm behind the `#`.
const names = new URLSearchParams(self.location.hash.slice(1));
const { default: init } = await import(names.get("glue"));
const exports = await init({ module_or_path: names.get("wasm") });
globalThis.spanscope = { memory: () => exports.memory.buffer.byteLength };
