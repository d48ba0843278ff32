// The files and the editor.
import { expect, test } from "../playground.js";

const editor = ".cm-content";

/** Replaces the open file's text, as a paste does. */
async function write(page, text) {
  await page.locator(editor).click();
  await page.keyboard.press("Control+a");
  if (text === "") return page.keyboard.press("Delete");
  await page.locator(editor).evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

test("files are added, renamed, deleted, brought back and dropped in", async ({ page, playground }) => {
  await playground.open();
  await page.locator('[data-part="file-add"]').click();
  await page.keyboard.type("a b.yaml");
  await page.keyboard.press("Enter");
  await expect(page.locator("#file-name-error")).not.toBeEmpty();
  await playground.expectAccessible();
  await page.locator('[name="file-name"]').fill("웹.yaml");
  await page.keyboard.press("Enter");
  const tabs = page.locator('[data-part="file-tab"]');
  await expect(tabs.last()).toHaveText("웹.yaml");
  await expect(page.locator(editor)).toBeVisible();
  await write(page, "kind: ConfigMap\n");
  await page.locator('[data-part="file-rename"]').click();
  await page.locator('[name="file-name"]').fill("web.yaml");
  await page.keyboard.press("Enter");
  await expect(tabs.last()).toHaveText("web.yaml");
  expect(await playground.run("cat web.yaml")).toBe("kind: ConfigMap\n");
  await page.locator('[data-part="file-delete"]').click();
  await expect(tabs).toHaveCount(2);
  await page.locator(".notice button").click();
  await expect(tabs).toHaveCount(3);
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["dropped: 1\n"], "dropped file.yaml"));
    return transfer;
  });
  await page.dispatchEvent('[data-pane="editor"]', "drop", { dataTransfer: data });
  await expect(tabs.last()).toHaveText("dropped-file.yaml");
  await page.reload();
  await expect(tabs).toHaveCount(4);
  expect(await playground.run("cat dropped-file.yaml")).toBe("dropped: 1\n");
});

test("what is wrong stands under the wrong word, with its place and a hint", async ({ page, playground }) => {
  await playground.open();
  const text = await playground.run("cat statefulset.yaml");
  for (const [wrong, place, words] of [
    [text.replace("replicas: 3", "replcas: 3"), "7:3", 'unknown field "spec.replcas"'],
    [text.replace("replicas: 3", "replicas: -3"), "7:13", "must be greater than or equal to 0"],
    [text.replace("  replicas", "\treplicas"), "7:1", "found character that cannot start any token"],
    [text.replace("kind: StatefulSet", "kind: StatefulSett"), "2:7", 'no matches for kind "StatefulSett"'],
  ]) {
    await write(page, wrong);
    const problem = page.locator(".problem").filter({ hasText: words });
    await expect(problem).toBeVisible();
    const [line, column] = place.split(":");
    await expect(problem.locator(".place")).toContainText(new RegExp(`${line}\\D+${column}`));
    await expect(problem.locator(".problem-hint")).not.toBeEmpty();
    await expect(page.locator(".cm-lintRange").first()).toBeVisible();
  }
  await playground.expectAccessible();
  await write(page, "");
  expect(await playground.run("kubectl apply -f statefulset.yaml")).toContain("error: no objects passed to apply");
});

test("two megabytes and ten thousand replicas keep the page awake", async ({ page, playground }) => {
  test.slow();
  await playground.open();
  const text = await playground.run("cat statefulset.yaml");
  await write(page, "# a long line of nothing in particular\n".repeat(54_000));
  await expect(page.locator(".problems")).toBeVisible();
  await page.reload();
  expect(await playground.run("wc -c statefulset.yaml")).toMatch(/^2106000 /);

  await write(page, text.replace("replicas: 3", "replicas: 10000\n  podManagementPolicy: Parallel"));
  await page.evaluate(() => {
    window.gaps = [];
    let last = performance.now();
    const look = (now) => {
      window.gaps.push(now - last);
      last = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await playground.type("kubectl apply -f statefulset.yaml");
  await expect(page.locator('[data-part="pod"]').first()).toBeVisible({ timeout: 20_000 });
  await page.waitForFunction(() => window.gaps.length > 300, undefined, { timeout: 60_000 });
  const gaps = (await page.evaluate(() => window.gaps)).sort((a, b) => b - a);
  test.info().annotations.push({ type: "longest frames in ms", description: gaps.slice(0, 5).map(Math.round).join(" ") });
  console.log(`longest frames in ms: ${gaps.slice(0, 8).map(Math.round).join(" ")}; median ${Math.round(gaps[gaps.length >> 1])}`);
  await expect(playground.entries().last()).toHaveAttribute("data-state", "done", { timeout: 60_000 });
  expect(await playground.lastOutput()).toBe("statefulset.apps/nginx-ss created\n");
  await playground.prompt().pressSequentially("still here");
  await expect(playground.prompt()).toHaveValue("still here");
});
