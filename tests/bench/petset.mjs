// petset as WebAssembly in Node: a Parallel StatefulSet or a Deployment of N pods to all Ready.
// Usage: node petset.mjs GLUE.js N lab|bare|deployment|sets, where GLUE.js is what wasm-bindgen wrote for Node.
// Prints one line of JSON in the form of peer.mjs, with the time of a second run besides.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const SEED = 1;
const [glue, pods, form] = process.argv.slice(2);
const n = Number(pods);
if (!glue || !form || !Number.isInteger(n) || n < 1) {
  console.error("usage: node petset.mjs GLUE.js N lab|bare|deployment|sets");
  process.exit(2);
}
const { Load, memory_bytes } = createRequire(import.meta.url)(resolve(glue));

let load = new Load(n, form, SEED);
const cpuBefore = process.cpuUsage();
const started = performance.now();
const done = JSON.parse(load.run());
const wallMs = performance.now() - started;
const cpu = process.cpuUsage(cpuBefore);
const peakRssBytes = process.resourceUsage().maxRSS * 1024;
const wasmMemoryBytes = memory_bytes();

// Once more on a new cluster: by now Node has compiled what is used most, as in a page that was used for a while.
load.free();
load = new Load(n, form, SEED);
const cpuBeforeAgain = process.cpuUsage();
const startedAgain = performance.now();
load.run();
const againMs = performance.now() - startedAgain;
const cpuAgain = process.cpuUsage(cpuBeforeAgain);
console.log(
  JSON.stringify({
    n,
    wall_ms: wallMs,
    again_ms: againMs,
    again_cpu_ms: (cpuAgain.user + cpuAgain.system) / 1_000,
    cpu_ms: (cpu.user + cpu.system) / 1_000,
    peak_rss_bytes: peakRssBytes,
    wasm_memory_bytes: wasmMemoryBytes,
    events: done.events,
    virtual_ms: done.virtual_ms,
  }),
);
