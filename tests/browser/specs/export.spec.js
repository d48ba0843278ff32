// Every picture as SVG, as PNG and as text; the legend; the row of tabs.
import { readFileSync } from "node:fs";
import { expect, test } from "../playground.js";

const apply = "kubectl apply -f headless-service.yaml -f statefulset.yaml";
const pictures = ["set", "twin", "timeline", "storage", "dns", "nodes", "owners", "events"];

const quiet = async (page) => {
  await page.locator('[data-part="until-quiet"]').click();
  await expect(page.locator('[data-part="until-quiet"]')).not.toHaveClass(/active/);
};

test("every picture is saved as a drawing that needs nothing else, and read as text", async ({ page, playground }) => {
  test.setTimeout(120_000);
  await page.emulateMedia({ colorScheme: "dark" });
  await playground.open();
  await playground.run(apply);
  await quiet(page);
  const tools = page.locator('[data-part="picture-tools"]');
  for (const name of pictures) {
    await page.locator(`#tab-${name}`).click();
    await expect(page.locator("#picture")).toContainText("nginx-ss");
    if (!(await tools.evaluate((panel) => panel.open))) await tools.locator("summary").click();
    const [svgFile] = await Promise.all([page.waitForEvent("download"), page.locator('[data-part="save-svg"]').click()]);
    expect(svgFile.suggestedFilename()).toBe(`petset-${name}.svg`);
    const svg = readFileSync(await svgFile.path(), "utf8");
    // Its texts are those of the picture; nothing in it points anywhere else.
    expect(svg, name).toContain("nginx-ss");
    expect(svg.replaceAll("http://www.w3.org/2000/svg", ""), name).not.toMatch(/https?:|foreignObject|class=|var\(|<script/);
    expect((svg.match(/<(rect|path|circle|line)/g) ?? []).length, name).toBeGreaterThan(5);
    const parsed = await page.evaluate((text) => {
      const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
      return { error: root.querySelector("parsererror")?.textContent, ground: root.querySelector("rect[width='100%']")?.getAttribute("fill") };
    }, svg);
    expect(parsed, name).toEqual({ error: undefined, ground: "#ffffff" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", "auto");
    const [pngFile] = await Promise.all([page.waitForEvent("download"), page.locator('[data-part="save-png"]').click()]);
    const png = readFileSync(await pngFile.path());
    expect(png.subarray(1, 4).toString(), name).toBe("PNG");
    expect(png.readUInt32BE(16), name).toBeGreaterThan(400);
    await page.locator('[data-part="show-text"]').click();
    await expect(page.locator('[data-part="picture-text"]')).toContainText("nginx-ss");
    await page.locator('[data-part="show-text"]').click();
  }
  // The text keeps step with the picture.
  await page.locator("#tab-set").click();
  await page.locator('[data-part="show-text"]').click();
  await playground.run("kubectl scale statefulset nginx-ss --replicas=1");
  await quiet(page);
  await expect(page.locator('[data-part="picture-text"]')).toContainText("1");
  await expect(page.locator('[data-part="picture-text"]')).not.toContainText("nginx-ss-2: Running");
  await playground.expectAccessible();
});

test("tabs stay in reach on narrow pages, and the legend names shapes and marks", async ({ page, playground }) => {
  for (const width of [360, 1024]) {
    await page.setViewportSize({ width, height: 780 });
    await playground.open();
    if (width < 600) await page.locator('[data-part="pane-pictures"]').click();
    else {
      // Both files can be seen and clicked.
      for (const tab of await page.locator('[data-part="file-tab"]').all()) await expect(tab).toBeInViewport({ ratio: 0.99 });
    }
    await page.locator("#tab-set").focus();
    for (const name of pictures.slice(1)) {
      await page.keyboard.press("ArrowRight");
      await expect(page.locator(`#tab-${name}`)).toHaveAttribute("aria-selected", "true");
      await expect(page.locator(`#tab-${name}`)).toBeFocused();
      await expect(page.locator(`#tab-${name}`)).toBeInViewport({ ratio: 0.95 });
    }
    await page.keyboard.press("Home");
    await expect(page.locator("#tab-set")).toBeInViewport({ ratio: 0.95 });
    await page.locator('[data-part="legend"] summary').click();
    await expect(page.locator(".legend-body li")).toHaveCount(17);
    await expect(page.locator(".legend-body li").last()).toBeVisible();
    await playground.expectAccessible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
});
