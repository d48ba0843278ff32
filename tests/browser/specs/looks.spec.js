// Language, theme and width; the lesson's end in every look.
import { expect, screenshots, test } from "../playground.js";

test("language and theme are remembered", async ({ page, playground }) => {
  await playground.open();
  await playground.speak("ko");
  await expect(page.locator("#tab-set")).not.toHaveText("Set");
  await page.locator('[data-part="theme"]').click();
  const theme = await page.locator("html").getAttribute("data-theme");
  expect(theme).not.toBe("auto");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "ko");
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
  for (const name of ["light", "dark"]) {
    await expect(async () => {
      await page.locator('[data-part="theme"]').click();
      await expect(page.locator("html")).toHaveAttribute("data-theme", name, { timeout: 100 });
    }).toPass();
    await playground.expectAccessible();
  }
});

test("a narrow page shows one part at a time", async ({ page, playground }) => {
  await page.setViewportSize({ width: 360, height: 780 });
  await playground.open();
  await playground.run("kubectl apply -f headless-service.yaml -f statefulset.yaml");
  for (const pane of ["editor", "pictures", "terminal"]) {
    await page.locator(`[data-part="pane-${pane}"]`).click();
    await expect(page.locator(`[data-pane="${pane}"]:not(.page)`)).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await playground.expectAccessible();
  }
});

test("the end of the lesson is drawn in every look", async ({ baseURL, browser }) => {
  test.setTimeout(240_000);
  await screenshots(browser, baseURL, "lab3", async (playground, { width }) => {
    const { page } = playground;
    const quiet = async () => {
      await page.locator('[data-part="until-quiet"]').click();
      await expect(page.locator('[data-part="until-quiet"]')).not.toHaveClass(/active/);
    };
    await playground.run("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    await playground.run("kubectl scale statefulset nginx-ss --replicas=5");
    await quiet();
    await playground.run("kubectl scale statefulset nginx-ss --replicas=2");
    await quiet();
    await playground.run("kubectl get pvc");
    await playground.expectAccessible();
    if (width < 600) await page.locator('[data-part="pane-pictures"]').click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});
