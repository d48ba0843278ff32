// Who owns whom, and what a deletion takes along.
import { expect, screenshots, test } from "../playground.js";

const apply = "kubectl apply -f headless-service.yaml -f statefulset.yaml";

const quiet = async (page) => {
  await page.locator('[data-part="until-quiet"]').click();
  await expect(page.locator('[data-part="until-quiet"]')).not.toHaveClass(/active/);
};

test("the tree says what goes and what stays, for each way of deleting", async ({ page, playground }) => {
  const node = (name) => page.locator(`[data-part="owner-node"][data-name="${name}"]`);
  await playground.open();
  await page.locator("#tab-owners").click();
  await expect(page.locator("#picture")).toContainText("Nothing owns anything yet");
  await playground.run(apply);
  await quiet(page);
  await expect(node("nginx-ss-0")).toHaveAttribute("data-goes", "true");
  await expect(node("data-nginx-ss-0")).toHaveAttribute("data-goes", "false");
  await expect(node("data-nginx-ss-0")).toContainText("kubernetes.io/pvc-protection");
  await page.locator('[data-part="cascade-orphan"]').check();
  await expect(node("nginx-ss-0")).toHaveAttribute("data-goes", "false");
  await playground.expectAccessible();
  // What it said comes true.
  await page.locator(".tree-command .run").click();
  await quiet(page);
  await expect(playground.entries().last()).toContainText("--cascade=orphan");
  await expect(node("nginx-ss")).toHaveCount(0);
  await expect(node("nginx-ss-0")).toHaveCount(1);
});

test("the owners are drawn in every look", async ({ baseURL, browser }) => {
  test.setTimeout(240_000);
  await screenshots(browser, baseURL, "owners", async (playground, { width }) => {
    const { page } = playground;
    await playground.run(apply);
    await playground.run("kubectl create deployment front --image=nginx:1.21 --replicas=2");
    await quiet(page);
    if (width < 600) await page.locator('[data-part="pane-pictures"]').click();
    await page.locator("#tab-owners").click();
    await expect(page.locator('[data-part="tree"]')).toHaveCount(2);
    await playground.expectAccessible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});
