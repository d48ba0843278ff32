// Revisions and the partition's line, marks that go through every picture, what changed last, a thousand pods.
import { expect, test } from "../playground.js";

const apply = "kubectl apply -f headless-service.yaml -f statefulset.yaml";
const image = "kubectl set image statefulset/nginx-ss nginx=nginx:1.25";

const quiet = async (page) => {
  await page.locator('[data-part="until-quiet"]').click();
  await expect(page.locator('[data-part="until-quiet"]')).not.toHaveClass(/active/, { timeout: 30_000 });
};

test("the partition is a line: moved with keys and pointer, it offers the command, and places follow", async ({ page, playground }) => {
  await playground.open();
  await playground.run(apply);
  await quiet(page);
  const line = page.locator('[data-part="partition"]');
  await expect(line).toHaveAttribute("aria-valuenow", "0");
  await line.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(line).toHaveAttribute("aria-valuenow", "2");
  await expect(line).toHaveAttribute("aria-valuetext", /places from 2 on/);
  await playground.expectAccessible();
  await page.locator('[data-part="partition-run"]').click();
  await expect(page.locator('[data-part="partition-run"]')).toHaveCount(0);
  await playground.run(image);
  await quiet(page);
  const fresh = page.locator('[data-part="revision"][data-new="true"]');
  await expect(fresh).toHaveCount(1);
  await expect(fresh).toHaveAttribute("data-place", "2");
  await playground.expectAccessible();
  // By pointer, to the far left.
  const place = await line.boundingBox();
  const first = await page.locator('[data-part="revision"]').first().boundingBox();
  await page.mouse.move(place.x + 12, place.y + 16);
  await page.mouse.down();
  await page.mouse.move(first.x + 4, place.y + 16, { steps: 8 });
  await page.mouse.up();
  await expect(line).toHaveAttribute("aria-valuenow", "0");
  await page.locator('[data-part="partition-run"]').click();
  await quiet(page);
  await expect(page.locator('[data-part="revision"]').first()).toBeVisible();
  await expect(fresh).toHaveCount(0);
});

test("what is selected is marked in every picture, and what changed in it is one key away", async ({ page, playground }) => {
  await playground.open();
  await playground.run(apply);
  await quiet(page);
  await page.locator('[data-part="pod"] .thing').nth(1).click();
  await expect(page.locator('[data-part="inspector"]')).toContainText("nginx-ss-1");
  await expect(page.locator('[data-part="claim"] .related')).toHaveText(/data-nginx-ss-1/);
  await expect(page.locator('[data-part="volume"] .related')).toHaveCount(1);
  await page.keyboard.press("d");
  await expect(page.locator('[data-part="change"]')).toBeVisible();
  await expect(page.locator('[data-part="change"] ins').first()).toBeVisible();
  await expect(page.locator('[data-part="yaml"]')).toBeHidden();
  await playground.expectAccessible();
  await page.keyboard.press("d");
  await expect(page.locator('[data-part="yaml"]')).toBeVisible();
  for (const [tab, marked] of [["nodes", "nginx-ss-1"], ["dns", ""], ["storage", "nginx-ss-1"], ["timeline", "nginx-ss-1"], ["owners", "nginx-ss-1"], ["twin", "nginx-ss-1"]]) {
    await page.locator(`#tab-${tab}`).click();
    await expect(page.locator("#picture .selected").first(), tab).toContainText(marked);
    if (["timeline", "owners", "storage"].includes(tab)) await expect(page.locator("#picture .related").first(), tab).toBeVisible();
  }
});

test("a thousand pods are blocks that open", async ({ page, playground }) => {
  test.setTimeout(180_000);
  await playground.open();
  await playground.run("sed -e 's/replicas: 3/replicas: 1000/' -e 's/serviceName/podManagementPolicy: Parallel\\n  serviceName/' -e '/volumeClaimTemplates/,$d' -e '/volumeMounts/,/mountPath/d' statefulset.yaml > many.yaml");
  await playground.run("kubectl apply -f headless-service.yaml -f many.yaml");
  const blocks = page.locator('[data-part="block"]');
  await expect(blocks).toHaveCount(20);
  await quiet(page);
  await expect(blocks.first()).toHaveAttribute("aria-label", /0–49: 50 ready/);
  await blocks.nth(3).click();
  await expect(page.locator('[data-part="place"]').first()).toContainText("nginx-ss-150");
  await expect(blocks.nth(3)).toHaveAttribute("aria-current", "true");
  await playground.expectAccessible();
  for (const tab of ["owners", "nodes", "timeline"]) {
    await page.locator(`#tab-${tab}`).click();
    await expect(page.locator("#picture")).toContainText("nginx-ss");
    expect(await page.locator("#picture *").count(), tab).toBeLessThan(4_000);
  }
});
