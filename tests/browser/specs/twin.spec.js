// The same commands against a StatefulSet and a ReplicaSet.
import { expect, screenshots, test } from "../playground.js";

const apply = "kubectl apply -f headless-service.yaml -f statefulset.yaml";

const quiet = async (page) => {
  await page.locator('[data-part="until-quiet"]').click();
  await expect(page.locator('[data-part="until-quiet"]')).not.toHaveClass(/active/);
};

test("the table is alive: rows change with the commands, and offers show what was not seen yet", async ({ page, playground }) => {
  const cells = (topic, side) => page.locator(`[data-topic="${topic}"] [data-side="${side}"] [data-part="twin-cell"]`);
  await playground.open();
  await page.locator("#tab-twin").click();
  await expect(page.locator('[data-part="twin-empty"]')).toBeVisible();
  await playground.expectAccessible();
  await playground.run(apply);
  await quiet(page);
  await expect(cells("names", "stateful")).toHaveText([/nginx-ss-0/, /nginx-ss-1/, /nginx-ss-2/]);
  await expect(cells("names", "replica")).toHaveText([/nginx-ss-\w{5}/, /nginx-ss-\w{5}/, /nginx-ss-\w{5}/]);
  await expect(cells("disks", "replica")).toHaveText([/data-nginx-ss$/, /data-nginx-ss$/, /data-nginx-ss$/]);
  await expect(cells("replacement", "stateful")).toHaveCount(0);
  await playground.expectAccessible();

  // The row offers the command that shows its difference.
  await page.locator('[data-topic="replacement"] [data-part="twin-run"]').click();
  await quiet(page);
  await expect(cells("replacement", "stateful")).toHaveText([/nginx-ss-0.*→ nginx-ss-0/]);
  await expect(cells("replacement", "replica")).toHaveText([/nginx-ss-\w{5}.*→ nginx-ss-\w{5}/]);
  await expect(page.locator('[data-topic="replacement"] [data-part="twin-run"]')).toHaveCount(0);

  // Looking back shows the twin of that moment too.
  await page.locator('[data-part="past-range"]').focus();
  await page.keyboard.press("Home");
  await expect(page.locator('[data-part="twin-empty"]')).toBeVisible();
  await page.locator('[data-part="past-present"]').click();
  await expect(cells("replacement", "replica")).toHaveCount(1);
  await page.locator("details.twin-more summary").first().click();
  await expect(page.locator('[data-part="twin-step"]').first()).toContainText("kubectl delete pod nginx-ss-0");
  await playground.expectAccessible();
});

test("the twin view is drawn in every look", async ({ baseURL, browser }) => {
  test.setTimeout(240_000);
  await screenshots(browser, baseURL, "twin", async (playground, { width }) => {
    const { page } = playground;
    await playground.run(apply);
    await quiet(page);
    await playground.run("kubectl delete pod nginx-ss-1");
    await quiet(page);
    await playground.run("kubectl scale statefulset nginx-ss --replicas=1");
    await quiet(page);
    if (width < 600) await page.locator('[data-part="pane-pictures"]').click();
    await page.locator("#tab-twin").click();
    await expect(page.locator('[data-topic="deletion"] [data-side="stateful"] [data-part="twin-cell"]')).toHaveCount(2);
    await playground.expectAccessible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});
