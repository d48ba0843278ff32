// What a person's hands do at the prompt.
import { expect, test } from "../playground.js";

test("Tab, the history and its search", async ({ page, playground }) => {
  await playground.open();
  await page.keyboard.type("kubectl apply -f head");
  await page.keyboard.press("Tab");
  await expect(playground.prompt()).toHaveValue("kubectl apply -f headless-service.yaml ");
  await playground.enter(1);
  await expect(playground.entries().last()).toHaveAttribute("data-state", "done");
  await playground.run("kubectl get svc");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(playground.prompt()).toHaveValue("kubectl apply -f headless-service.yaml");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(playground.prompt()).toHaveValue("");
  await page.keyboard.press("Control+r");
  await page.keyboard.type("appl");
  await playground.enter(3);
  await expect(playground.entries().last()).toHaveAttribute("data-state", "done");
  expect(await playground.lastOutput()).toBe("service/my-headless-svc unchanged\n");
  await page.keyboard.type("kubectl get svc my");
  await page.keyboard.press("Tab");
  await expect(playground.prompt()).toHaveValue("kubectl get svc my-headless-svc ");
  await page.keyboard.press("Control+l");
  await expect(playground.entries()).toHaveCount(0);
});

test("Hangul is composed whole", async ({ page, playground }) => {
  await playground.open();
  const input = await page.context().newCDPSession(page);
  await playground.prompt().focus();
  await page.keyboard.type("echo ");
  for (const text of ["ㅎ", "하", "한"]) {
    await input.send("Input.imeSetComposition", { text, selectionStart: 1, selectionEnd: 1 });
  }
  await input.send("Input.insertText", { text: "한" });
  await input.send("Input.imeSetComposition", { text: "글", selectionStart: 1, selectionEnd: 1 });
  await input.send("Input.insertText", { text: "글" });
  await expect(playground.prompt()).toHaveValue("echo 한글");
  await playground.enter(1);
  await expect(playground.entries().last()).toHaveAttribute("data-state", "done");
  expect(await playground.lastOutput()).toBe("한글\n");
});

test("wrong commands get kubectl's own words", async ({ page, playground }) => {
  await playground.open();
  for (const [line, expected] of [
    ["kubectl scale statefulset nginx-ss --replicas=abc", 'invalid argument "abc" for "--replicas" flag'],
    ["kubectl get unicorns", `error: the server doesn't have a resource type "unicorns"`],
    ["kubectl", "kubectl controls the Kubernetes cluster manager."],
    ["kubectl frobnicate", 'unknown command "frobnicate" for "kubectl"'],
    ["kubectl apply -f 🐳.yaml", 'the path "🐳.yaml" does not exist'],
    ["echo 'open", "unexpected EOF"],
  ]) {
    expect(await playground.run(line), line).toContain(expected);
  }
  await playground.expectAccessible();
});

test("time stops, steps, speeds up and runs until nothing changes", async ({ page, playground }) => {
  await playground.open();
  const clock = page.locator('[data-part="clock"]');
  await page.locator('[data-part="pause"]').click();
  await playground.run("kubectl apply -f headless-service.yaml -f statefulset.yaml");
  const stopped = await clock.textContent();
  // The answer came although time stands still; nothing goes on by itself.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 400)));
  expect(await clock.textContent()).toBe(stopped);
  await expect(page.locator('[data-part="place"][data-meaning="ready"]')).toHaveCount(0);
  await expect(async () => {
    await page.locator('[data-part="step"]').click();
    expect(await page.locator('[data-part="place"][data-meaning="ready"]').count()).toBe(1);
  }).toPass();
  expect(await clock.textContent()).not.toBe(stopped);
  await page.locator('[data-part="until-quiet"]').click();
  await expect(page.locator('[data-part="place"][data-meaning="ready"]')).toHaveCount(3);
  await page.reload();
  await expect(page.locator('[data-part="place"][data-meaning="ready"]')).toHaveCount(3);
  await expect(clock).toHaveClass(/paused/);
  await page.locator('[data-part="pause"]').click();
  await page.locator('[data-part="speed"]').selectOption("20");
  const start = await clock.textContent();
  await expect(clock).not.toHaveText(start);
});
