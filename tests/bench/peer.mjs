// The peer: how long @ngrok/webernetes takes to bring a Deployment of N pods to all Ready.
// Usage: node peer.mjs N. Prints one line of JSON: { n, wall_ms, cpu_ms, peak_rss_bytes }.
import { Cluster } from "@ngrok/webernetes";

const NAME = "load";
// Each of its nodes hands out one /24 of addresses, and shares them out unevenly: with 250 pods for each node, four
// pods of a thousand never got one.
const PODS_PER_NODE = 200;
const n = Number(process.argv[2]);
if (!Number.isInteger(n) || n < 1) {
  console.error("usage: node peer.mjs N");
  process.exit(2);
}

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: NAME },
  spec: {
    replicas: n,
    selector: { matchLabels: { app: NAME } },
    template: {
      metadata: { labels: { app: NAME } },
      spec: { containers: [{ name: "web", image: "crccheck/hello-world:1.0" }] },
    },
  },
};

const cluster = new Cluster({ nodes: Math.max(3, Math.ceil(n / PODS_PER_NODE)) });
await cluster.init();
await controlPlaneReady();

// The cluster without load is not measured, in the same way as for petset.
const cpuBefore = process.cpuUsage();
const started = performance.now();
await cluster.apply([deployment]);
await allReady();
const wallMs = performance.now() - started;
const cpu = process.cpuUsage(cpuBefore);
console.log(
  JSON.stringify({
    n,
    wall_ms: wallMs,
    cpu_ms: (cpu.user + cpu.system) / 1_000,
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
  }),
);
process.exit(0); // the cluster's timers would keep Node alive

function allReady() {
  return until(async () => {
    const { status } = await cluster.api.appsv1.readNamespacedDeployment({
      name: NAME,
      namespace: "default",
    });
    return (status?.readyReplicas ?? 0) === n;
  });
}

function controlPlaneReady() {
  return until(async () => {
    const { items } = await cluster.api.corev1.listNamespacedPod({ namespace: "kube-system" });
    const isReady = ({ status }) =>
      status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    return items.length > 0 && items.every(isReady);
  });
}

async function until(condition) {
  while (!(await condition())) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
