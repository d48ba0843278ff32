// Why is it so: reasons in the inspector, the running commentary, and faults with their end.
import { expect, test } from "../playground.js";

const apply = "kubectl apply -f headless-service.yaml -f statefulset.yaml";
const reasons = '[data-part="reasons"]';
const select = (page, text) => page.locator(`.picture button`).filter({ hasText: text }).first();

for (const language of ["ko", "en"]) {
  test(`a pod that fits nowhere says why, in ${language}`, async ({ page, playground }) => {
    await playground.open();
    await playground.speak(language);
    for (const node of [1, 2, 3]) await playground.run(`kubectl cordon node-${node}`);
    await playground.run(apply);
    await select(page, "nginx-ss-0").click();
    const reason = page.locator('[data-reason="PodUnschedulable"]');
    await expect(reason).toBeVisible({ timeout: 15_000 });
    for (const step of ["checked", "holds", "lets"]) await expect(reason.locator(`[data-part="${step}"]`)).not.toBeEmpty();
    await expect(reason.locator("li")).toHaveCount(3);
    const href = await reason.locator('[data-part="reason-page"]').getAttribute("href");
    expect(href).toMatch(language === "ko" ? /^https:\/\/kubernetes\.io\/ko\/docs\// : /^https:\/\/kubernetes\.io\/docs\//);
    await playground.expectAccessible();
    // The command that it offers lets it go on.
    await reason.locator('[data-part="reason-run"]').click();
    await expect(page.locator(`${reasons} [data-reason="PodUnschedulable"]`)).toHaveCount(0, { timeout: 20_000 });
  });
}

test("the commentary tells each decision, leads to its object and can be switched off", async ({ page, playground }) => {
  await playground.open();
  const shown = page.locator('[data-part="commentary"]');
  const button = page.locator('[data-part="commentary-switch"]');
  await expect(shown).toHaveCount(0);
  await button.click();
  await expect(button).toHaveAttribute("aria-pressed", "true");
  await playground.run(apply);
  await expect(shown.locator('[data-remark="Made"]')).toHaveCount(3, { timeout: 30_000 });
  const said = page.locator('[data-part="commentary-said"]');
  await expect(said).toHaveAttribute("aria-live", "polite");
  await expect(said).not.toBeEmpty();
  await playground.expectAccessible();
  await shown.locator('[data-remark="Made"] button').first().click();
  await expect(page.locator('[data-part="inspector"] h2')).toContainText("nginx-ss-2");
  await page.locator('[data-part="inspector-close"]').click();
  await page.reload();
  await expect(shown).toBeVisible();
  await button.click();
  await expect(shown).toHaveCount(0);
});

test("a fault is made by a button, shows its effect, and ends", async ({ page, playground }) => {
  await playground.open();
  await playground.run(apply);
  await expect(page.locator('[data-part="place"][data-meaning="ready"]')).toHaveCount(3, { timeout: 30_000 });
  await playground.run("fault fill-disk data-nginx-ss-0");
  expect(await playground.run("kubectl exec nginx-ss-0 -- sh -c 'echo hello > /usr/share/nginx/html/f'")).toContain("No space left on device");
  expect(await playground.run("fault list")).toContain("fault free-disk data-nginx-ss-0");
  await select(page, "data-nginx-ss-0").click();
  await page.locator('[data-part="deeds"] summary').click();
  await page.locator('[data-part="deed"]').filter({ hasText: "Free the disk" }).click();
  expect(await playground.run("fault list")).toBe("Nothing is broken.\n");
});
