// Links, session files, manifests that come in and go out.
import { readFile } from "node:fs/promises";
import { links, pack, session } from "../links.js";
import { Playground, expect, test } from "../playground.js";

const tabs = '[data-part="file-tab"]';
const part = (name) => `[data-part="${name}"]`;

/** Opens the page at a link, as a click on it does. */
async function follow(page, playground, link) {
  await page.goto(`./#${link}`);
  await expect(playground.prompt()).toBeVisible();
}

test("a link of every version opens", async ({ page, playground }) => {
  expect(Object.keys(links)).toEqual(["v1"]);
  await follow(page, playground, links.v1);
  await expect(playground.entries()).toHaveCount(3);
  expect(await playground.lastOutput()).toContain("nginx-ss-1   1/1     Running");
  await expect(page.locator("#tab-storage")).toHaveAttribute("aria-selected", "true");
  // A first visitor has nothing to lose: the session is theirs.
  await expect(page.locator(part("share-banner"))).toHaveCount(0);
  await page.reload();
  await expect(playground.entries()).toHaveCount(3);
});

test("a session goes through a link into another browser", async ({ page, playground, browser, baseURL }) => {
  await playground.open();
  await playground.run("kubectl apply -f headless-service.yaml");
  await playground.run("kubectl get svc my-headless-svc");
  const output = await playground.lastOutput();
  await page.locator("#tab-dns").click();
  await page.locator(part("share")).click();
  const link = await page.locator(part("share-link")).inputValue();
  expect(link).toMatch(/#v1\.[A-Za-z0-9_-]+$/);
  await playground.expectAccessible();
  await page.keyboard.press("Escape");
  await expect(page.locator(part("share-dialog"))).toHaveCount(0);
  const other = await browser.newContext({ baseURL, locale: "ko-KR" });
  const there = await other.newPage();
  await there.goto(link);
  await expect(there.locator(part("entry"))).toHaveCount(2);
  await expect(there.locator(part("output")).last()).toHaveText(output.trimEnd(), { useInnerText: true });
  await expect(there.locator("#tab-dns")).toHaveAttribute("aria-selected", "true");
  await other.close();
});

test("a link never takes away what a visitor has", async ({ page, playground }) => {
  await playground.open();
  await playground.run("echo mine");
  await page.goto("about:blank");
  await follow(page, playground, session({ "a.yaml": "a: 1\n" }, ["echo theirs"]));
  await expect(page.locator(tabs)).toHaveText(["a.yaml"]);
  await expect(page.locator(part("share-banner"))).toContainText("your own is kept as it was");
  await playground.expectAccessible();
  expect(await playground.run("echo more")).toBe("more\n");
  // A reload keeps what was done in the visitor's copy, not the link's beginning.
  await page.reload();
  await expect(playground.entries()).toHaveCount(2);
  await page.locator(part("share-back")).click();
  await expect(playground.entries()).toHaveCount(1);
  expect(await playground.lastOutput()).toBe("mine\n");
  expect(new URL(page.url()).hash).toBe("");
  await page.locator(part("share-return")).click();
  await expect(playground.entries()).toHaveCount(2);
  await page.locator(part("share-keep")).click();
  await page.locator(part("share-undo")).click();
  await page.locator(part("share-back")).click();
  await expect(playground.entries()).toHaveCount(1);
  await page.reload();
  expect(await playground.lastOutput()).toBe("mine\n");
});

test("a link that is opened where the page is open already", async ({ page, playground }) => {
  await playground.open();
  await playground.run("echo mine");
  const link = session({ "a.yaml": "a: 1\n" });
  await page.evaluate((link) => { location.hash = link; }, link);
  await expect(page.locator(tabs)).toHaveText(["a.yaml"]);
  await page.locator(part("share-back")).click();
  await expect(playground.entries()).toHaveCount(1);
});

test("damaged links and links of the future say so and leave the session alone", async ({ page, playground }) => {
  await playground.open();
  await playground.run("echo mine");
  const good = session({ "a.yaml": "a: 1\n" });
  const later = pack(JSON.stringify({ version: 2, boxes: [] }));
  const cases = [
    [good.slice(0, -7), "damaged"],
    [good.replace(/.(?=.{9}$)/, (letter) => (letter === "A" ? "B" : "A")), "damaged"],
    ["v1.", "damaged"],
    ["v1.!!!!", "damaged"],
    [pack("not a session"), "damaged"],
    [pack(" ".repeat(17 * 1024 * 1024)), "more than a session can be"],
    ["v2.abc", "later version"],
    [later, "later version"],
  ];
  for (const [link, words] of cases) {
    await page.evaluate((link) => { location.hash = link; }, link);
    await expect(page.locator(part("share-banner"))).toContainText(words);
    await expect(playground.entries()).toHaveCount(1);
    await expect(page.locator(tabs)).toHaveCount(2);
    await page.locator(part("share-dismiss")).click();
  }
  // What else stands behind "#" is no link.
  await page.evaluate(() => { location.hash = "prompt-1"; });
  await expect(page.locator(part("share-banner"))).toHaveCount(0);
  await follow(page, playground, `${good}).`);
  await expect(page.locator(tabs)).toHaveText(["a.yaml"]);
});

test("a session that is too long for a link is offered as a file, and the file opens", async ({ page, playground }) => {
  const noise = Array.from({ length: 9000 }, (_, index) => ((index * 2654435761) % 4294967296).toString(36)).join("");
  await follow(page, playground, session({ "long.yaml": `# ${noise}\n` }, ["echo long"]));
  await expect(playground.entries()).toHaveCount(1);
  await page.locator(part("share")).click();
  await expect(page.locator(part("share-too-long"))).toContainText("Share the file instead");
  await expect(page.locator(part("share-link"))).toHaveCount(0);
  const saving = page.waitForEvent("download");
  await page.locator(part("share-download")).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe("petset-session.json");
  const text = await readFile(await saved.path(), "utf8");
  expect(JSON.parse(text).files[0][0]).toBe("long.yaml");
  await page.keyboard.press("Escape");

  await page.evaluate(() => { localStorage.clear(); sessionStorage.clear(); location.hash = ""; });
  await page.goto("about:blank");
  await playground.open();
  await playground.run("echo mine");
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "petset-session.json"));
    return transfer;
  }, text);
  await page.dispatchEvent('[data-pane="editor"]', "drop", { dataTransfer: data });
  await expect(page.locator(tabs)).toHaveText(["long.yaml"]);
  await page.locator(part("share-back")).click();
  await page.locator(part("share")).click();
  await page.locator(part("share-file")).setInputFiles({ name: "a.json", mimeType: "application/json", buffer: Buffer.from('{"kind": "Pod"}') });
  await expect(page.locator(part("share-banner"))).toContainText("a.json is not a petset session");
  await page.locator(part("share")).click();
  await page.locator(part("share-file")).setInputFiles({ name: "b.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await expect(page.locator(tabs)).toHaveText(["long.yaml"]);
});

test("the cluster's manifests are saved, and a manifest is fetched", async ({ page, playground, baseURL }) => {
  await playground.open();
  await page.locator(part("share")).click();
  await expect(page.locator(part("share-yaml-none"))).toBeVisible();
  await page.keyboard.press("Escape");
  await playground.run("kubectl apply -f headless-service.yaml -f statefulset.yaml");
  await page.locator(part("share")).click();
  const saving = page.waitForEvent("download");
  await page.locator(part("share-yaml")).click();
  const yaml = await readFile(await (await saving).path(), "utf8");
  expect(yaml.match(/^kind: .*/gm)).toEqual(["kind: Service", "kind: StatefulSet"]);
  expect(yaml).not.toMatch(/uid|resourceVersion|status:/);

  const answers = {
    "web.yaml": { body: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" },
    "page.yaml": { body: "<!DOCTYPE html><p>" },
    "words.yaml": { body: "only words" },
    "broken.yaml": { body: "a: [1\n" },
    "huge.yaml": { body: "# much\n".repeat(700_000) },
  };
  await page.route("**/fetched/*", (route) => route.fulfill(answers[route.request().url().split("/").pop()]));
  const said = page.locator(part("share-address-said"));
  for (const [address, words] of [
    ["web", "starts with https://"],
    ["ftp://example.org/a.yaml", "starts with https://"],
    [`${baseURL}fetched/page.yaml`, "web page"],
    [`${baseURL}fetched/words.yaml`, "no manifest"],
    [`${baseURL}fetched/broken.yaml`, "not YAML"],
    [`${baseURL}fetched/huge.yaml`, "larger than 4 MiB"],
    [`${baseURL}fetched/web.yaml`, "Added as web.yaml"],
  ]) {
    await page.locator(part("share-address")).fill(address);
    await page.locator(part("share-fetch")).click();
    await expect(said).toContainText(words);
  }
  await playground.expectAccessible();
  await page.keyboard.press("Escape");
  await expect(page.locator(tabs)).toHaveText(["headless-service.yaml", "statefulset.yaml", "web.yaml"]);
  expect(await playground.run("kubectl apply -f web.yaml")).toBe("configmap/a created\n");
});

test("what cannot be fetched says why", async ({ page, baseURL }) => {
  // The browser itself reports these requests as errors: this page is not watched for them.
  const playground = new Playground(page);
  await playground.open();
  await page.route("**/fetched/*", (route) => (route.request().url().endsWith("gone.yaml") ? route.fulfill({ status: 404 }) : route.abort()));
  await page.locator(part("share")).click();
  for (const [name, words] of [["gone.yaml", "error 404"], ["away.yaml", "CORS"]]) {
    await page.locator(part("share-address")).fill(`${baseURL}fetched/${name}`);
    await page.locator(part("share-fetch")).click();
    await expect(page.locator(part("share-address-said"))).toContainText(words);
  }
});

for (const [width, locale, colorScheme] of [[360, "ko-KR", "dark"], [1280, "en-GB", "light"]]) {
  test.describe(`${width} px, ${locale}`, () => {
    test.use({ locale, colorScheme, viewport: { width, height: 780 } });
    test("dialog and banner fit, by keyboard alone", async ({ page, playground }) => {
      await playground.open();
      await playground.run("echo mine");
      await page.locator(part("share")).focus();
      await page.keyboard.press("Enter");
      await expect(page.locator(part("share-copy"))).toBeVisible();
      await playground.expectAccessible();
      await page.screenshot({ path: `../../target/screenshots/share-${width}-${locale}.png` });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(overflow).toBeLessThanOrEqual(width);
      await page.keyboard.press("Escape");
      await expect(page.locator(part("share"))).toBeFocused();
      const link = session({ "a.yaml": "a: 1\n" });
      await page.evaluate((link) => { location.hash = link; }, link);
      await expect(page.locator(part("share-banner"))).toBeVisible();
      await playground.expectAccessible();
      await page.screenshot({ path: `../../target/screenshots/share-banner-${width}-${locale}.png` });
    });
  });
}
