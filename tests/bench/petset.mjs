// petset as WebAssembly in Node: a Parallel StatefulSet or a Deployment of N pods to all Ready.
// Usage: node petset.mjs GLUE.js N lab|bare|deployment, where GLUE.js is what wasm-bindgen wrote for Node.
// Prints one line of JSON in the form of peer.mjs.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const SEED = 1;
const [glue, pods, form] = process.argv.slice(2);
const n = Number(pods);
if (!glue || !form || !Number.isInteger(n) || n < 1) {
  console.error("usage: node petset.mjs GLUE.js N lab|bare|deployment");
  process.exit(2);
}
const { Load, memory_bytes } = createRequire(import.meta.url)(resolve(glue));

const load = new Load(n, form, SEED);
const cpuBefore = process.cpuUsage();
const started = performance.now();
const done = JSON.parse(load.run());
const wallMs = performance.now() - started;
const cpu = process.cpuUsage(cpuBefore);
console.log(
  JSON.stringify({
    n,
    wall_ms: wallMs,
    cpu_ms: (cpu.user + cpu.system) / 1_000,
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    wasm_memory_bytes: memory_bytes(),
    events: done.events,
    virtual_ms: done.virtual_ms,
  }),
);
