// Starts the app. A file of its own, since the policy of the page allows no inline script.
//
// The build writes the addresses of the glue and the wasm into this script's tag, so that one copy serves
// every build tool. The app finds here what only JavaScript knows: `spanscope.worker`, the address it gives
// to `new Worker(…, { type: "module" })`, and `spanscope.memory()`, the bytes its wasm memory holds.
const { glue, wasm, worker = "worker.js" } = document.querySelector("script[data-glue]").dataset;
const absolute = (address) => new URL(address, document.baseURI).href;
const names = new URLSearchParams({ glue: absolute(glue), wasm: absolute(wasm) });

let exports;
globalThis.spanscope = {
  worker: `${absolute(worker)}#${names}`,
  memory: () => exports?.memory.buffer.byteLength ?? 0,
};

const note = document.getElementById("boot");
try {
  const { default: init } = await import(absolute(glue));
  exports = await init({ module_or_path: absolute(wasm) });
  note?.remove();
} catch (error) {
  if (note) {
    note.setAttribute("role", "alert");
    note.textContent = `Spanscope could not start: ${error.message ?? error}. It needs a current browser with WebAssembly.`;
  }
  throw error;
}
