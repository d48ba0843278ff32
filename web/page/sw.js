// Keeps one version of the page, whole, so that it works without a network. The build writes the two lines below.
const VERSION = "";
const FILES = {};

const SCOPE = new URL("./", self.location.href).href;
const KEPT = `petset ${SCOPE} `;
const PAGE = "./";

self.addEventListener("install", (event) => event.waitUntil(fill()));

// A new version waits until somebody asks for it: pages that are open go on with theirs.
self.addEventListener("message", ({ data }) => {
  if (data === "take over") self.skipWaiting();
});

self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const address = url.replace(/[?#].*$/, "");
  if (method !== "GET" || !address.startsWith(SCOPE)) return;
  const path = address.slice(SCOPE.length);
  const file = path === "" || path === "index.html" ? PAGE : path;
  if (Object.hasOwn(FILES, file)) event.respondWith(answer(file, event.request));
});

/** All files or none: what a host has put there by half is no version. */
async function fill() {
  const cache = await caches.open(KEPT + VERSION);
  await Promise.all(Object.entries(FILES).map(async ([file, digest]) => {
    const address = new URL(file, SCOPE).href;
    const answer = await fetch(address, { cache: "no-cache" });
    const body = await answer.arrayBuffer();
    if (!answer.ok || !(await isWhole(file, digest, body))) throw new Error(`${address} is not of version ${VERSION}`);
    const headers = new Headers(answer.headers);
    // The body is unpacked already.
    for (const name of ["content-encoding", "content-length"]) headers.delete(name);
    await cache.put(address, new Response(body, { headers }));
  }));
}

/** Hosts may add to a page; it says itself of which version it is. */
async function isWhole(file, digest, body) {
  if (file === PAGE) return new TextDecoder().decode(body).includes(VERSION);
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("") === digest;
}

async function forgetOthers() {
  for (const name of await caches.keys()) {
    if (name.startsWith(KEPT) && name !== KEPT + VERSION) await caches.delete(name);
  }
}

async function answer(file, request) {
  const cache = await caches.open(KEPT + VERSION);
  return (await cache.match(new URL(file, SCOPE).href)) ?? fetch(request);
}
