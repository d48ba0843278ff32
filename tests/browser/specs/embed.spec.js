// Code blocks of other pages as cells, the element, and the frame.
import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { unpack } from "../links.js";
import { expect, test } from "../playground.js";
import { test as unwatched } from "@playwright/test";

const cells = ".petset-cell";
const engine = "iframe[aria-hidden=true]";

/** The cells of a page, once the script has found them. */
async function open(page, name, count = 4) {
  await page.goto(`./pages/${name}.html`);
  await expect(page.locator(cells).first()).toBeAttached({ timeout: 15_000 });
  // Cells appear as they come near the viewport.
  for (let at = 0; at < 6 && (await page.locator(cells).count()) < count; at++) await page.mouse.wheel(0, 900);
  await expect(page.locator(cells)).toHaveCount(count);
}

/** Uses a cell and waits until its commands have ended. */
async function use(page, index) {
  const cell = page.locator(cells).nth(index);
  await cell.locator(".run").click();
  await expect(cell.locator(".status")).toHaveText(/Done|Ended|끝났/, { timeout: 40_000 });
  return (await cell.locator(".output").textContent()) ?? "";
}

/** The link that the next page is opened with: the playground takes it out of its address as soon as it has read it. */
const linkOf = (context) =>
  new Promise((resolve) => {
    context.once("page", (opened) => opened.on("framenavigated", (frame) => frame.url().includes("/some/path/#v1.") && resolve(frame.url())));
  });

/** No violation in the page with its cells. MkDocs' own anchors of lines have no names. */
async function expectAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).exclude("[id^=__codelineno]").analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.target.join(" "))])).toEqual([]);
}

test("the script is small before its first use", () => {
  const { length } = readFileSync(new URL("../../../dist/embed.js", import.meta.url));
  expect(length).toBeLessThanOrEqual(15_000);
});

for (const tool of ["docusaurus", "mkdocs", "hugo", "jekyll", "vitepress", "plain"]) {
  test(`${tool}: its blocks are cells of one cluster`, async ({ page, playground }) => {
    void playground;
    await open(page, tool);
    await expect(page.locator(`${cells} .bar code`)).toHaveText(["web-service.yaml", "web.yaml"]);
    const applied = await use(page, 2);
    expect(applied).toBe("service/web created\nstatefulset.apps/web created\n");
    // Only lines behind a prompt are commands; one goes on in the next line.
    const shown = await use(page, 3);
    expect(shown).toMatch(/^\$ kubectl get service web\nNAME +TYPE .*\nweb +ClusterIP +None .*\n\$ kubectl get \\\n +statefulset web\nNAME +READY +AGE\nweb +\d\/2 /);
    expect(await use(page, 0)).toBe("$ kubectl apply -f web-service.yaml\nservice/web unchanged\n");
    // A block is edited in its place, run from there, and put back as it was written.
    const manifest = page.locator(cells).nth(1);
    const written = page.locator("pre code", { hasText: "StatefulSet" }).first();
    await manifest.getByRole("button", { name: "Edit" }).click();
    const field = manifest.getByRole("textbox", { name: "Edit – web.yaml" });
    await expect(field).toBeFocused();
    await expect(written).toBeHidden();
    await field.fill((await field.inputValue()).replace("replicas: 2", "replicas: 1"));
    await field.press("Control+Enter");
    await expect(manifest.locator(".output")).toHaveText("$ kubectl apply -f web.yaml\nstatefulset.apps/web configured\n", { timeout: 20_000 });
    await expectAccessible(page);
    await manifest.getByRole("button", { name: "Reset" }).click();
    await expect(field).toHaveCount(0);
    await expect(written).toBeVisible();
    expect(await use(page, 1)).toContain("statefulset.apps/web configured");
  });
}

test("nothing is loaded before a cell is near, and nothing but the script before it is used", async ({ page, playground }) => {
  void playground;
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto("./pages/far.html");
  await page.waitForLoadState("networkidle");
  await expect(page.locator(cells)).toHaveCount(0);
  await page.locator("pre").first().scrollIntoViewIfNeeded();
  await expect(page.locator(cells).first()).toBeVisible();
  await expect(page.locator(engine)).toHaveCount(0);
  expect(asked.filter((path) => path !== "/favicon.ico")).toEqual(["/pages/far.html", "/some/path/embed.js"]);
  await use(page, 0);
  expect(asked.some((path) => path.endsWith(".wasm"))).toBe(true);
  // The page's stylesheets and its editor are of no use to an engine without a page.
  expect(asked.filter((path) => path.endsWith("editor.js"))).toEqual([]);
});

test("two script tags make one cluster, and picture and playground are a button away", async ({ page, playground, context }) => {
  void playground;
  await open(page, "twice");
  await expect(page.locator(engine)).toHaveCount(1);
  await use(page, 2);
  const cell = page.locator(cells).nth(2);
  await cell.getByRole("button", { name: "Picture" }).click();
  await expect(cell.getByRole("img")).toHaveAttribute("aria-label", /^web: 2 of 2 ready, web-0: Running, web-1: Running$/, { timeout: 30_000 });
  await expectAccessible(page);
  await page.screenshot({ path: "../../target/screenshots/embed-cell.png" });
  const opening = context.waitForEvent("page");
  const link = linkOf(context);
  await cell.getByRole("link").click();
  const opened = await opening;
  const session = unpack(await link);
  expect(session.files.map(([name]) => name)).toEqual(["web-service.yaml", "web.yaml"]);
  await expect(opened.locator('[data-part="entry"]')).toHaveCount(1);
  await opened.close();
});

test("commands are edited in their place", async ({ page, playground }) => {
  void playground;
  await open(page, "plain");
  const cell = page.locator(cells).nth(3);
  await cell.getByRole("button", { name: "Edit" }).press("Enter");
  // What was printed is no part of the commands.
  const field = cell.getByRole("textbox");
  await expect(field).toHaveValue("kubectl get service web\nkubectl get \\\n    statefulset web");
  await field.fill("kubectl get nodes -o name");
  await field.press("Control+Enter");
  await expect(cell.locator(".output")).toContainText("node/node-1", { timeout: 30_000 });
  // Tab leaves the field: nobody is caught in it.
  await field.press("Tab");
  await expect(cell.getByRole("button", { name: "Run" })).toBeFocused();
});

test("a link to the playground needs no cluster", async ({ page, playground, context }) => {
  void playground;
  await open(page, "plain");
  const opening = context.waitForEvent("page");
  const link = linkOf(context);
  await page.locator(cells).nth(1).getByRole("link").click();
  const opened = await opening;
  const session = unpack(await link);
  expect(session.files.map(([name]) => name)).toEqual(["web-service.yaml", "web.yaml"]);
  await expect(page.locator(engine)).toHaveCount(0);
  await opened.close();
});

test("by keyboard, in Korean, in the dark, with what it says said aloud", async ({ page, playground }) => {
  void playground;
  await open(page, "korean");
  const cell = page.locator(cells).nth(0);
  await expect(cell).toHaveAttribute("data-theme", "dark");
  await cell.getByRole("button", { name: "적용" }).focus();
  await page.keyboard.press("Enter");
  await expect(cell.getByRole("status")).toHaveText("끝났어요", { timeout: 40_000 });
  await expect(cell.getByRole("log", { name: "출력" })).toContainText("service/web created");
  await page.keyboard.press("Tab");
  await expect(cell.getByRole("button", { name: "편집" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(cell.getByRole("button", { name: "그림" })).toHaveAttribute("aria-pressed", "true");
  await expectAccessible(page);
  await page.screenshot({ path: "../../target/screenshots/embed-cell-ko-dark.png" });
});

test("a command that never ends is stopped, and does not hold up the other cells", async ({ page, playground }) => {
  void playground;
  await open(page, "fast");
  await page.locator("main").evaluate((main) => {
    main.insertAdjacentHTML("afterbegin", '<pre><code class="language-bash">kubectl get pods -w\n</code></pre>');
  });
  await page.mouse.wheel(0, -5000);
  await expect(page.locator(cells)).toHaveCount(5);
  const watching = page.locator(cells).nth(0);
  await watching.locator(".run").click();
  await expect(watching.locator(".status")).toHaveText(/Running|Waiting/, { timeout: 30_000 });
  expect(await use(page, 3)).toContain("statefulset.apps/web created");
  await expect(watching.locator(".output")).toContainText("web-1 ", { timeout: 20_000 });
  await watching.getByRole("button", { name: "Stop" }).click();
  await expect(watching.locator(".status")).toHaveText("Ended with code 130");
  // Blocks that go take their cells with them.
  await page.locator("pre").first().evaluate((block) => block.remove());
  await expect(page.locator(cells)).toHaveCount(4);
});

test("a strict policy is enough", async ({ page, playground }) => {
  void playground;
  await open(page, "strict");
  expect(await use(page, 2)).toContain("statefulset.apps/web created");
});

unwatched("from another host, under a strict policy, with storage denied", async ({ page }) => {
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
      Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
    }
  });
  await open(page, "strict-other");
  expect(await use(page, 2)).toContain("statefulset.apps/web created");
  expect(errors).toEqual([]);
});

test("cells go on without a network once the cluster is loaded", async ({ page, playground, context }) => {
  void playground;
  await open(page, "plain");
  await use(page, 2);
  await context.setOffline(true);
  expect(await use(page, 3)).toContain("web    ClusterIP");
  await context.setOffline(false);
});

test("the element shows a session in a frame, as high as it needs to be", async ({ page, playground }) => {
  void playground;
  await page.setViewportSize({ width: 1200, height: 900 });
  await page.goto("./pages/element.html");
  const frame = page.frameLocator("petset-playground iframe");
  await expect(frame.locator('[data-part="entry"]')).toHaveCount(2, { timeout: 30_000 });
  await expect(frame.locator("#tab-set")).toHaveAttribute("aria-selected", "true");
  await expect(frame.locator('[data-part="share"]')).toBeHidden();
  await expect(page.locator("petset-playground iframe")).toHaveAttribute("title", "petset playground");
  await expect.poll(() => page.locator("petset-playground iframe").evaluate((frame) => frame.clientHeight)).toBeGreaterThan(519);
  const answer = page.locator("petset-playground").evaluate((element) => new Promise((resolve) => {
    element.addEventListener("petset-session", (event) => resolve(event.detail.session));
    element.send({ type: "share", id: 7 });
  }));
  expect(JSON.parse(await answer).files.map(([name]) => name)).toEqual(["web-service.yaml", "web.yaml"]);
  await expectAccessible(page);
  await page.screenshot({ path: "../../target/screenshots/embed-element.png" });
});

test("two elements are two clusters; one may only be read", async ({ page, playground }) => {
  void playground;
  await page.goto("./pages/elements.html");
  const [first, second] = [page.frameLocator("petset-playground >> nth=0 >> iframe"), page.frameLocator("petset-playground >> nth=1 >> iframe")];
  await expect(first.locator("html")).toHaveAttribute("lang", "ko", { timeout: 30_000 });
  await expect(first.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(first.locator('[data-part="entry"]')).toHaveCount(1);
  await expect(first.locator('[data-part="prompt"]')).toBeHidden();
  await expect(page.locator("petset-playground iframe").first()).toHaveCSS("height", "400px");
  const prompt = second.locator('[data-part="prompt"]');
  await prompt.fill("echo second");
  await prompt.press("Enter");
  await expect(second.locator('[data-part="output"]')).toHaveText("second");
  await expect(first.locator('[data-part="entry"]')).toHaveCount(1);
  // Nothing of them is stored: the visitor's own session is not theirs.
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
});

test("a frame without the script takes messages and tells its height", async ({ page, playground }) => {
  void playground;
  await page.addInitScript(() => {
    window.heard = [];
    addEventListener("message", ({ data }) => window.heard.push(data));
  });
  await page.goto("./pages/frame.html");
  await expect.poll(() => page.evaluate(() => window.heard.some((data) => data.type === "ready")), { timeout: 30_000 }).toBe(true);
  await page.evaluate(() => {
    const target = document.querySelector("#direct").contentWindow;
    target.postMessage({ petset: 1, type: "open", id: 1, session: JSON.stringify({ version: 1, files: [["a.yaml", "a: 1\n"]] }) }, location.origin);
    target.postMessage({ petset: 1, type: "run", lines: ["cat a.yaml"] }, location.origin);
    target.postMessage({ petset: 1, type: "open", id: 2, session: "nothing" }, location.origin);
  });
  await expect(page.frameLocator("#direct").locator('[data-part="output"]')).toHaveText("a: 1");
  const answers = await page.evaluate(() => window.heard.filter((data) => data.type === "opened").map(({ id, ok }) => [id, ok]));
  expect(answers).toEqual([[1, true], [2, false]]);
  expect(await page.evaluate(() => window.heard.some((data) => data.type === "height" && data.height > 0))).toBe(true);
});
