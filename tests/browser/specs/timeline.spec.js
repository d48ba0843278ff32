// Lanes on virtual time: read, zoomed, moved, and a way into the past.
import { expect, screenshots, test } from "../playground.js";

const apply = "kubectl apply -f headless-service.yaml -f statefulset.yaml";

const quiet = async (page) => {
  await page.locator('[data-part="until-quiet"]').click();
  await expect(page.locator('[data-part="until-quiet"]')).not.toHaveClass(/active/);
};

const prepare = async (playground) => {
  const { page } = playground;
  await playground.run(apply);
  await quiet(page);
  await playground.run("kubectl delete pod nginx-ss-1");
  await quiet(page);
};

test("the timeline is read, zoomed and moved with the keyboard, and leads into the past", async ({ page, playground }) => {
  await playground.open();
  await page.locator("#tab-timeline").click();
  await expect(page.locator("#picture")).toContainText("Nothing has happened yet");
  await prepare(playground);
  const lane = page.locator('[data-lane="nginx-ss-1"][data-part="lane"]');
  await expect(lane).toHaveCount(1);
  const tracks = page.locator('[data-part="tracks"]');
  const said = () => tracks.getAttribute("aria-valuetext");
  await tracks.focus();
  await page.keyboard.press("End");
  await expect(tracks).toHaveAttribute("aria-valuetext", /nginx-ss at .*: 3\/3/);
  // Down to the pod's lane: set, revision, place 0 with pod, claim and volume, place 1.
  for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Home");
  await expect(tracks).toHaveAttribute("aria-valuetext", /nginx-ss-1 at/);
  const seen = new Set();
  for (let step = 0; step < 40; step += 1) {
    seen.add((await said()).replace(/.*?: ([^.]*).*/, "$1").trim());
    await page.keyboard.press("ArrowRight");
  }
  for (const state of ["Pending", "ContainerCreating", "Running", "Terminating"]) expect([...seen].join(" ")).toContain(state);

  // Zoom: the same state takes more room; 0 shows everything again.
  const wide = () => lane.locator(".span").nth(-2).evaluate((span) => span.getBoundingClientRect().width);
  const before = await wide();
  await page.keyboard.press("End");
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await expect.poll(wide).toBeGreaterThan(before * 1.5);
  await page.keyboard.press("Shift+ArrowLeft");
  await playground.expectAccessible();
  await page.keyboard.press("0");
  await expect.poll(async () => Math.abs((await wide()) - before)).toBeLessThan(2);
  const box = await tracks.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -400);
  await page.keyboard.up("Control");
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 80, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator('[data-part="inspector"]')).toHaveCount(0);

  // A click inspects, a mark of a command looks back, and the line stays whole.
  await page.locator('[data-part="timeline-whole"]').click();
  // The line that is read out may have taken another height meanwhile.
  const now = await tracks.boundingBox();
  await page.mouse.click(now.x + now.width / 2, now.y + 26 + 13);
  await expect(page.locator('[data-part="inspector"]')).toContainText("nginx-ss");
  await page.locator('[data-part="inspector-close"]').click();
  await page.locator('[data-part="command-mark"]').nth(1).click();
  await expect(page.locator('[data-part="past-looking"]')).toBeVisible();
  await expect(page.locator(".looked-at")).toHaveCount(1);
  await expect(lane.locator(".span")).not.toHaveCount(0);
  await playground.expectAccessible();
});

test("the timeline is drawn in every look", async ({ baseURL, browser }) => {
  test.setTimeout(240_000);
  await screenshots(browser, baseURL, "timeline", async (playground, { width }) => {
    const { page } = playground;
    await prepare(playground);
    if (width < 600) await page.locator('[data-part="pane-pictures"]').click();
    await page.locator("#tab-timeline").click();
    await expect(page.locator('[data-part="span"]').first()).toBeVisible();
    await playground.expectAccessible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});
