// Looking back, going on from an earlier moment, undo.
import { expect, screenshots, test } from "../playground.js";

const apply = "kubectl apply -f headless-service.yaml -f statefulset.yaml";
const scale = "kubectl scale statefulset nginx-ss --replicas=5";

test("the past can be looked at, gone on from, and come back from", async ({ page, playground }) => {
  const ready = (count) => expect(page.locator('[data-part="place"][data-meaning="ready"]')).toHaveCount(count, { timeout: 20_000 });
  const range = page.locator('[data-part="past-range"]');
  await playground.open();
  await expect(range).toBeDisabled();
  await playground.run(apply);
  await ready(3);
  await playground.run(scale);
  await ready(5);
  await playground.prompt().pressSequentially("half a comm");

  // Back to the beginning with the keyboard.
  await range.focus();
  await page.keyboard.press("Home");
  await expect(range).toHaveAttribute("aria-valuetext", new RegExp(apply.replaceAll(".", "\\.")));
  await ready(0);
  await expect(page.locator('[data-part="past-looking"]')).toBeVisible();
  await expect(playground.prompt()).not.toBeEditable();
  await expect(playground.prompt()).toHaveValue("half a comm");
  await playground.expectAccessible();
  await page.keyboard.press("ArrowRight");
  await expect(range).toHaveValue("1");
  await page.locator('[data-part="past-back"]').click();
  await expect(range).toHaveValue("0");
  await page.locator('[data-part="past-forward"]').click();
  await expect(range).toHaveValue("1");
  await page.locator('[data-part="past-present"]').click();
  await ready(5);
  await expect(page.locator('[data-part="past-looking"]')).toHaveCount(0);
  await expect(playground.prompt()).toHaveValue("half a comm");

  // The scaling is taken back, and the future with it returned to.
  await page.locator('[data-part="past-undo"]').click();
  await ready(3);
  await expect(page.locator('[data-part="pod"]')).toHaveCount(3);
  await playground.expectAccessible();
  await page.locator('[data-part="past-return"]').click();
  await ready(5);
  await expect(playground.entries()).toHaveCount(2);
});

test("looking back and the nodes are drawn in every look", async ({ baseURL, browser }) => {
  test.setTimeout(240_000);
  await screenshots(browser, baseURL, "past", async (playground, { width }) => {
    const { page } = playground;
    await playground.run(apply);
    await playground.run("kubectl cordon node-2");
    await page.locator('[data-part="until-quiet"]').click();
    await expect(page.locator('[data-part="until-quiet"]')).not.toHaveClass(/active/);
    await playground.run(scale);
    await page.locator('[data-part="until-quiet"]').click();
    await expect(page.locator('[data-part="until-quiet"]')).not.toHaveClass(/active/);
    if (width < 600) await page.locator('[data-part="pane-pictures"]').click();
    await page.locator("#tab-nodes").click();
    await expect(page.locator('[data-part="node-pod"]').filter({ hasText: "nginx-ss-" })).toHaveCount(5);
    await playground.expectAccessible();
    await page.locator('[data-part="past-back"]').click();
    await expect(page.locator('[data-part="past-looking"]')).toBeVisible();
    await playground.expectAccessible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});
