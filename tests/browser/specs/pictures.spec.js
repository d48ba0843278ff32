// How each view looks, against pictures that are kept in tests/browser/looks. `cargo xtask looks` takes them anew.
import { expect, test } from "../playground.js";
import { FONT, looks, still, views } from "../looks.js";

for (const { name, width, height, language, scheme, forced } of looks) {
  test(`${name}: every view looks as it should`, async ({ browser, baseURL }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({
      baseURL,
      colorScheme: scheme,
      deviceScaleFactor: 0.5,
      forcedColors: forced,
      locale: language === "ko" ? "ko-KR" : "en-GB",
      reducedMotion: "reduce",
      viewport: { width, height },
    });
    const page = await context.newPage();
    await page.goto(`./${`#${still({ picture: "set" })}`}`);
    await expect(page.locator('[data-part="entry"][data-state="done"]')).toHaveCount(8, { timeout: 90_000 });
    await page.addStyleTag({ content: `:root { --sans: ${FONT} !important; --mono: ${FONT} !important; } * { caret-color: transparent !important; }` });
    const isThere = await page.evaluate((font) => {
      const context = document.createElement("canvas").getContext("2d");
      const wide = (family) => Object.assign(context, { font: `40px ${family}` }).measureText("가나다 mmm iii").width;
      return wide(`${font}, monospace`) !== wide("monospace");
    }, FONT);
    test.skip(!isThere && !process.env.CI, `${FONT} is not installed`);
    expect(isThere, `the font ${FONT}, which cargo xtask setup installs`).toBe(true);
    if (width < 600) await page.locator('[data-part="pane-pictures"]').click();
    for (const view of views) {
      await page.locator(`[data-part="tab-${view}"]`).click();
      const picture = page.locator("#picture");
      if (view === "twin") await expect(picture.locator('[data-part="twin"]')).toHaveAttribute("data-behind", "false", { timeout: 30_000 });
      await picture.evaluate((element) => element.scrollTo(0, 0));
      await expect.soft(picture, `${view}, ${name}`).toHaveScreenshot(`${view}-${name}.png`);
    }
    await page.locator(`[data-part="tab-set"]`).click();
    await page.locator('[data-part="pod"] button').first().click();
    const inspector = page.locator(".inspector");
    await expect.soft(inspector, `inspector, ${name}`).toHaveScreenshot(`inspector-${name}.png`);
    await context.close();
  });
}
