// The page as it is before anything was typed.
import { expect, looks, screenshots, test } from "../playground.js";

for (const language of ["ko", "en"]) {
  test.describe(`in ${language}`, () => {
    test.use({ locale: language === "ko" ? "ko-KR" : "en-GB" });

    for (const colorScheme of ["light", "dark"]) {
      test(`loads and is accessible, ${colorScheme}`, async ({ page, playground }) => {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.goto("./");
        await expect(page).toHaveTitle(/petset/);
        await expect(page.locator("html")).toHaveAttribute("lang", language);
        await expect(page.locator("main")).toBeVisible();
        await playground.expectAccessible();
      });
    }
  });
}

test("is drawn in every look without errors", async ({ baseURL, browser }) => {
  test.slow();
  expect(looks).toHaveLength(12);
  await screenshots(browser, baseURL, "first-screen", async ({ page }, { width }) => {
    await expect(page.locator("main")).toBeVisible();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(overflow, "nothing is wider than the window").toBeLessThanOrEqual(width);
  });
});
