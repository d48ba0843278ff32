// The transcript: links to commands, the text to copy, and what is pasted into the prompt.
import { expect, test } from "../playground.js";

test("Tab tells what each word does, in kubectl's own words", async ({ page, playground }) => {
  await playground.open();
  await page.keyboard.type("kubectl rollout ");
  await page.keyboard.press("Tab");
  const list = page.locator('[role="listbox"]').first();
  await expect(list.getByRole("option")).toHaveText([
    "history(View rollout history)",
    "pause(Mark the provided resource as paused)",
    "restart(Restart a resource)",
    "resume(Resume a paused resource)",
    "status(Show the status of the rollout)",
    "undo(Undo a previous rollout)",
  ]);
  await expect(list.getByRole("option").first()).toBeInViewport();
  for (let press = 0; press < 6; press += 1) await page.keyboard.press("ArrowDown");
  await expect(playground.prompt()).toHaveValue("kubectl rollout undo");
  await expect(list.getByRole("option").last()).toBeInViewport({ ratio: 0.9 });
  await page.keyboard.press("Control+c");
  await page.keyboard.type("kubectl get --no-h");
  await page.keyboard.press("Tab");
  await expect(playground.prompt()).toHaveValue("kubectl get --no-headers ");
  await page.keyboard.press("Control+c");
  await playground.run("kubectl apply -f headless-service.yaml");
  await page.keyboard.type("kubectl get svc ");
  await page.keyboard.press("Tab");
  await expect(list.getByRole("option", { name: "my-headless-svc" })).toBeVisible();
  await playground.expectAccessible();
});

test("several lines are pasted one after another, and stop where a command asks", async ({ page, playground }) => {
  await playground.open();
  const paste = (text) =>
    playground.prompt().evaluate((field, text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, text);
  await playground.prompt().focus();
  await paste("$ echo one\nfor i in 1 2; do\n  echo $i\ndone\nread answer\necho got $answer\n");
  const commands = playground.entries().locator('[data-part="command"]');
  await expect(commands).toHaveText(["echo one", "for i in 1 2; do\n  echo $i\ndone", "read answer"]);
  await expect(playground.entries().last()).toHaveAttribute("data-state", "running");
  // The line that comes next is not taken for the answer.
  await page.keyboard.type("blue");
  await page.keyboard.press("Enter");
  await expect(commands).toHaveCount(4);
  await expect(playground.entries().last()).toHaveAttribute("data-state", "done");
  expect(await playground.lastOutput()).toBe("got blue\n");
  await paste("sleep 1000\necho never\n");
  await expect(commands).toHaveCount(5);
  await page.keyboard.press("Control+c");
  await expect(playground.entries().last()).toHaveAttribute("data-state", "done");
  await playground.run("echo after");
  await expect(commands.last()).toHaveText("echo after");
  await expect(commands).toHaveCount(6);
});

test("a link leads to its command, also after a reload, and says so when it is gone", async ({ page, playground }) => {
  await playground.open();
  await playground.run("echo first");
  await playground.run("seq 200");
  await playground.run("echo last");
  const first = playground.entries().first();
  await first.hover();
  const link = first.getByRole("link");
  await expect(link).toHaveAccessibleName("Link to the command echo first");
  await link.click();
  await expect(page).toHaveURL(/#command-1-1$/);
  await expect(first).toHaveAttribute("data-marked", "true");
  await expect(first).toBeInViewport();
  await page.reload();
  await expect(playground.entries()).toHaveCount(3);
  await expect(first).toHaveAttribute("data-marked", "true");
  await expect(first).toBeInViewport();
  await playground.expectAccessible();
  // Cleared: the link leads nowhere any more.
  await playground.prompt().focus();
  await page.keyboard.press("Control+l");
  await expect(page.locator('[data-part="mark-missing"]')).toContainText("not in this session");
  await page.locator('[data-part="mark-missing"] button').click();
  await expect(page.locator('[data-part="mark-missing"]')).toHaveCount(0);
});

test("the transcript is copied as a session", async ({ page, context, playground }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await playground.open();
  await playground.run("echo one");
  await playground.run("kubectl get nothing");
  await page.locator('[data-part="copy-transcript"]').first().click();
  await expect(page.getByText("The transcript is in the clipboard.").first()).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    `$ echo one\none\n$ kubectl get nothing\nerror: the server doesn't have a resource type "nothing"\n`,
  );
});

test("tables keep their columns on a narrow screen", async ({ page, playground }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await playground.open();
  await playground.run("kubectl get nodes -o wide");
  const shape = await playground.entries().last().locator('[data-part="output"]').evaluate((output) => {
    const lines = output.textContent.trimEnd().split("\n").length;
    const text = output.querySelector("pre");
    const style = getComputedStyle(text);
    return {
      rows: Math.round(text.getBoundingClientRect().height / parseFloat(style.lineHeight)),
      lines,
      wraps: style.whiteSpace,
      page: document.documentElement.scrollWidth <= innerWidth,
    };
  });
  expect(shape).toEqual({ rows: shape.lines, lines: 4, wraps: "pre", page: true });
  const scrolled = await page.locator(".screen").first().evaluate((screen) => {
    screen.scrollLeft = 200;
    return screen.scrollLeft > 0 && screen.scrollWidth > screen.clientWidth;
  });
  expect(scrolled).toBe(true);
});

test("a reload plays help again with its texts", async ({ page, playground }) => {
  await playground.open();
  const help = await playground.run("kubectl rollout --help");
  expect(help).toContain("Manage the rollout of one or many resources.");
  const explained = await playground.run("kubectl explain sts.spec.serviceName");
  expect(explained).toContain("FIELD: serviceName <string>");
  await page.reload();
  await expect(playground.entries()).toHaveCount(2);
  await expect(playground.entries().last()).toHaveAttribute("data-state", "done");
  expect(await playground.lastOutput()).toBe(explained);
  expect(await playground.entries().first().locator('[data-part="output"]').textContent()).toBe(help);
});

test("the suggestion knows what was applied together", async ({ page, playground }) => {
  await playground.open();
  await playground.run("kubectl apply -f headless-service.yaml -f statefulset.yaml");
  await expect(page.locator('[data-part="ghost"] .ghost-rest').first()).toHaveText("kubectl get pods -l app=nginx-ss");
});
