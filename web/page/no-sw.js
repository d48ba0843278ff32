// While the page is developed nothing keeps it: takes the place of one that an earlier build has left here, and goes.
self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const kept = `petset ${new URL("./", self.location.href).href} `;
  for (const name of await caches.keys()) if (name.startsWith(kept)) await caches.delete(name);
  await self.registration.unregister();
  for (const client of await self.clients.matchAll({ type: "window" })) await client.navigate(client.url);
}
