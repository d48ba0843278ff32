// Without a network, and from one version to the next.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { Playground } from "../playground.js";

const dist = fileURLToPath(new URL("../../../dist/", import.meta.url));
const finish = fileURLToPath(new URL("../../../web/page/finish.mjs", import.meta.url));
const types = {
  ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".png": "image/png",
  ".svg": "image/svg+xml", ".wasm": "application/wasm", ".webmanifest": "application/manifest+json",
};
/** The policy of docs/embedding.md. */
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src *";

/** A build of the page that browsers keep, with a mark that tells it from others. */
function build(mark) {
  const folder = mkdtempSync(join(tmpdir(), "petset-offline-"));
  cpSync(dist, folder, { recursive: true });
  const page = join(folder, "index.html");
  writeFileSync(page, readFileSync(page, "utf8").replace("<body", `<body data-mark="${mark}"`));
  execFileSync(process.execPath, [finish, folder, "0.0.1", "offline"]);
  return folder;
}

test.use({ serviceWorkers: "allow" });

const folders = {};
let server;
let shown;
let base;

test.beforeAll(async () => {
  for (const mark of ["first", "second"]) folders[mark] = build(mark);
  server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname.replace("/deep/path/", "/");
    const file = join(folders[shown], path.endsWith("/") ? `${path}index.html` : path);
    if (!request.url.startsWith("/deep/path/") || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const headers = { "content-type": types[extname(file)] ?? "application/octet-stream", "cache-control": "max-age=600" };
    response.writeHead(200, { ...headers, "content-security-policy": policy }).end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}/deep/path/`;
});

test.afterAll(() => {
  server.close();
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true });
});

/** Opens the page and waits until it is kept. */
async function openKept(page) {
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  const playground = new Playground(page);
  await page.goto(base);
  await expect(playground.prompt()).toBeVisible({ timeout: 30_000 });
  await page.evaluate(() => navigator.serviceWorker.ready);
  return { playground, errors };
}

test("the page is installable, and the package is described", async ({ page, request }) => {
  shown = "first";
  const { errors } = await openKept(page);
  const manifest = await (await request.get(await page.locator('link[rel="manifest"]').evaluate((link) => link.href))).json();
  expect(manifest).toMatchObject({ name: "petset", start_url: "./", scope: "./", display: "standalone" });
  for (const { src, sizes } of manifest.icons) {
    const size = await page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return image.naturalWidth;
    }, new URL(src, base).href);
    if (sizes !== "any") expect(`${size}x${size}`).toBe(sizes);
  }
  const described = JSON.parse(readFileSync(join(folders.first, "package.json"), "utf8"));
  expect(described).toMatchObject({ name: "petset", main: "./embed.js", license: "Apache-2.0 OR MIT" });
  // The policy of the manual lets everything through, and nothing is written into the page.
  expect(errors).toEqual([]);
  expect(await page.locator("script:not([src])").count()).toBe(0);
});

test("works without a network after one visit, cells and embedded pages included", async ({ page, context }) => {
  shown = "first";
  const { playground } = await openKept(page);
  expect(await playground.run("kubectl get nodes")).toContain("Ready");
  await context.setOffline(true);
  await page.reload();
  await expect(playground.entries()).toHaveCount(1, { timeout: 30_000 });
  expect(await playground.run("echo still here")).toBe("still here\n");
  await expect(page.locator(".cm-content")).toBeVisible();
  await page.goto(`${base}index.html?embed&lang=ko`);
  await expect(playground.prompt()).toBeVisible({ timeout: 30_000 });
  await context.setOffline(false);
});

test("a new version waits, says so, and takes over whole", async ({ page, context }) => {
  shown = "first";
  const { playground } = await openKept(page);
  await playground.run("echo kept");
  await page.reload();
  await expect(page.locator("body")).toHaveAttribute("data-mark", "first");
  const other = await context.newPage();
  await other.goto(base);
  await expect(other.locator('[data-part="prompt"]')).toBeVisible({ timeout: 30_000 });
  shown = "second";
  await page.reload();
  // Until somebody asks, the old version is all there is.
  await expect(page.locator("body")).toHaveAttribute("data-mark", "first");
  const banner = page.locator('[data-part="update-banner"]');
  await expect(banner).toBeVisible({ timeout: 30_000 });
  await playground.expectAccessible();
  await page.screenshot({ path: "../../target/screenshots/update-banner.png" });
  expect((await page.evaluate(() => caches.keys())).length).toBe(2);
  await page.locator('[data-part="update"]').click();
  await expect(page.locator("body")).toHaveAttribute("data-mark", "second", { timeout: 30_000 });
  await expect(playground.entries()).toHaveCount(1, { timeout: 30_000 });
  // Other tabs do not stay behind with half of the old version.
  await expect(other.locator("body")).toHaveAttribute("data-mark", "second", { timeout: 30_000 });
  await expect.poll(() => page.evaluate(async () => (await caches.keys()).length)).toBe(1);
  await context.setOffline(true);
  await page.reload();
  await expect(page.locator("body")).toHaveAttribute("data-mark", "second");
  await context.setOffline(false);
});

test("half a version is none", async ({ page }) => {
  shown = "first";
  await openKept(page);
  await page.reload();
  shown = "second";
  const editor = join(folders.second, "editor.js");
  const whole = readFileSync(editor);
  writeFileSync(editor, "// of another version\n");
  const state = () => page.evaluate(async () => {
    const { installing, waiting } = await navigator.serviceWorker.ready;
    return [installing !== null, waiting !== null];
  });
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update().catch(() => {}));
  await expect.poll(state).toEqual([false, false]);
  await page.reload();
  await expect(page.locator("body")).toHaveAttribute("data-mark", "first");
  await expect(page.locator('[data-part="update-banner"]')).toHaveCount(0);
  writeFileSync(editor, whole);
});

test("a page that is being developed is not kept, and takes the place of one that was", async ({ page }) => {
  shown = "first";
  await openKept(page);
  folders.development = mkdtempSync(join(tmpdir(), "petset-offline-"));
  cpSync(dist, folders.development, { recursive: true });
  execFileSync(process.execPath, [finish, folders.development, "0.0.1"]);
  shown = "development";
  await page.reload();
  // An update that is asked for while the page is loaded anew may be lost: it is asked for until it has come.
  const workers = () =>
    page.evaluate(async () => {
      const all = await navigator.serviceWorker.getRegistrations();
      await Promise.all(all.map((worker) => worker.update().catch(() => {})));
      return all.length;
    });
  await expect.poll(() => workers().catch(() => -1), { timeout: 20_000 }).toBe(0);
  // The worker that goes loads the page anew as well; two at a time end one of them.
  await expect(() => page.reload()).toPass();
  await expect(page.locator("meta[name=petset-build]")).toHaveCount(0);
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
});
