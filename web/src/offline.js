// The service worker, from the page's side.

const AN_HOUR_MS = 3_600_000;
let registration = null;

/** Lets the page be kept, and calls back when a new version waits. A page that is being developed is not kept. */
export async function keep_offline(on_waiting) {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  const scope = new URL("./", document.baseURI).href;
  if (!document.querySelector("meta[name=petset-build]")) {
    const left = await workers.getRegistrations();
    for (const one of left) if (one.scope === scope) await one.unregister();
    return;
  }
  // The version that a page began with is the version that it ends with: another one begins with another page.
  if (workers.controller) workers.addEventListener("controllerchange", () => location.reload(), { once: true });
  registration = await workers.register(new URL("sw.js", scope), { updateViaCache: "none" });
  const look = () => {
    if (registration.waiting && workers.controller) on_waiting();
  };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
  look();
  let asked = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" || Date.now() - asked < AN_HOUR_MS) return;
    asked = Date.now();
    registration.update().catch(() => {});
  });
}

/** Lets the version that waits take over; the page is loaded anew then. */
export function take_over() {
  registration?.waiting?.postMessage("take over");
}
