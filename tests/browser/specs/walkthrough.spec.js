// The first lesson with the keyboard alone, and as a screen reader tells it: names, roles and announcements.
import { expect, test } from "../playground.js";

const ready = (page, count) =>
  expect(page.locator('[data-part="place"][data-meaning="ready"]')).toHaveCount(count, { timeout: 30_000 });

/** Presses Tab (or another key) until what has the focus fits; fails when nothing does within so many presses. */
async function reach(page, selector, key = "Tab", limit = 80) {
  for (let press = 0; press < limit; press += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${selector} cannot be reached with ${key}`);
}

/** What has the focus can be seen to have it. */
async function expectFocusIsSeen(page) {
  const seen = await page.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    return (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  });
  expect(seen, "the focus is drawn").toBe(true);
}

test("the lesson goes from its first to its last command with the keyboard alone", async ({ page, playground }) => {
  test.slow();
  await playground.open();
  await expect(playground.prompt()).toBeFocused();
  // The grey command is taken with the right arrow, as the welcome says.
  await page.keyboard.press("ArrowRight");
  await expect(playground.prompt()).toHaveValue("kubectl apply -f headless-service.yaml");
  const enter = async (line) => {
    const before = await playground.entries().count();
    if (line) await page.keyboard.type(line);
    await page.keyboard.press("Enter");
    await expect(playground.entries()).toHaveCount(before + 1);
    await expect(playground.entries().last()).toHaveAttribute("data-state", "done");
  };
  await enter();
  await enter("kubectl apply -f statefulset.yaml");
  await ready(page, 3);
  await enter("kubectl scale statefulset nginx-ss --replicas=5");
  await ready(page, 5);

  // Escape, then Tab, leaves the prompt; the tabs turn with arrows; an object opens with Enter and closes with Escape.
  await page.keyboard.press("Escape");
  await reach(page, ".picture-tab", "Shift+Tab");
  await expectFocusIsSeen(page);
  await page.keyboard.press("End");
  await expect(page.locator('.picture-tab[aria-selected="true"]')).toBeFocused();
  await page.keyboard.press("Home");
  await expect(page.locator("#tab-set")).toHaveAttribute("aria-selected", "true");
  await reach(page, ".picture button");
  await expectFocusIsSeen(page);
  await page.keyboard.press("Enter");
  await expect(page.locator('[data-part="inspector"] h2')).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.locator('[data-part="inspector"]')).toHaveCount(0);

  await page.keyboard.press("Escape");
  await reach(page, '[data-part="prompt"]');
  await enter("kubectl scale statefulset nginx-ss --replicas=2");
  await ready(page, 2);
  await enter("kubectl delete statefulset nginx-ss");
  await enter("kubectl get pvc");
  expect(await playground.lastOutput()).toContain("data-nginx-ss-4");
});

for (const [language, names] of [
  ["en", { prompt: "Command", tab: "Set", log: "Output of terminal 1", place: "Place 0, nginx-ss-0" }],
  ["ko", { prompt: "명령", tab: "스테이트풀셋", log: "터미널 1", place: "nginx-ss-0" }],
]) {
  test(`a screen reader finds its way and hears what happens, in ${language}`, async ({ page, playground }) => {
    await playground.open();
    await playground.speak(language);
    // Landmarks and controls have names.
    const unnamed = await page.evaluate(() => {
      const named = (e) => e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.title || e.textContent.trim();
      const all = document.querySelectorAll('button, input, [role="tab"], [role="slider"], [role="separator"], section, nav, aside');
      return [...all].filter((e) => e.checkVisibility() && !named(e)).map((e) => e.outerHTML.slice(0, 120));
    });
    expect(unnamed).toEqual([]);
    await expect(page.getByRole("tab").first()).toHaveAccessibleName(/\S/);
    if (language === "en") {
      await expect(page.getByRole("tab", { name: names.tab, exact: true })).toBeVisible();
      await expect(page.getByRole("log", { name: names.log })).toBeAttached();
    }
    await expect(page.getByRole("log").first()).toHaveAccessibleName(/\S/);
    await expect(playground.prompt()).toHaveAccessibleName(/\S/);
    // What a command prints is announced: it stands in a live region.
    await playground.run("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    await expect(page.getByRole("log").first()).toContainText("statefulset.apps/nginx-ss created");
    // Decisions are announced politely, and a few at a time.
    await page.locator('[data-part="commentary-switch"]').click();
    const said = page.locator('[data-part="commentary-said"]');
    await expect(said).toContainText(/nginx-ss/, { timeout: 20_000 });
    await ready(page, 3);
    const summary = page.locator('[data-part="strip"] .visually-hidden').first();
    await expect(summary).toHaveText(/nginx-ss.*3.*3|3.*3/);
    await expect(page.locator('[data-part="place"]').first()).toHaveAccessibleName(new RegExp(names.place));
    await playground.expectAccessible();
  });
}
