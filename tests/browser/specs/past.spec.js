// Looking back, going on from an earlier moment, undo.
import { expect, test } from "../playground.js";

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
  await expect(playground.prompt()).toHaveAttribute("readonly", "");
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
