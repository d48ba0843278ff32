// The first lesson, typed as it is printed, in both languages.
import { expect, test } from "../playground.js";

const service = "kubectl apply -f headless-service.yaml";
const set = "kubectl apply -f statefulset.yaml";
const lookup =
  "kubectl run dns-test --image=busybox:1.28 --rm -it --restart=Never -- nslookup nginx-ss-0.my-headless-svc";

const place = (page, ordinal) => page.locator(`[data-part="place"][data-ordinal="${ordinal}"]`);

/** Waits until the set's head says that so many are ready. */
const ready = (page, count) =>
  expect(page.locator('[data-part="place"][data-meaning="ready"]')).toHaveCount(count, { timeout: 20_000 });

/** A table of kubectl's: the header exactly, a pattern for each row. */
function expectTable(text, header, rows) {
  const lines = text.trimEnd().split("\n");
  expect(lines[0].trim().split(/ {2,}/)).toEqual(header);
  expect(lines.slice(1)).toHaveLength(rows.length);
  rows.forEach((row, index) => expect(lines[index + 1]).toMatch(row));
}

const podHeader = ["NAME", "READY", "STATUS", "RESTARTS", "AGE"];
const runningPods = (count) =>
  Array.from({ length: count }, (_, ordinal) => new RegExp(`^nginx-ss-${ordinal} +1/1 +Running +0 +\\d+s$`));

for (const language of ["ko", "en"]) {
  test.describe(`in ${language}`, () => {
    test.use({ locale: language === "ko" ? "ko-KR" : "en-GB" });

    test("the lesson shows what a cluster shows", async ({ page, playground }) => {
      test.slow();
      await playground.open();
      await expect(page.locator("html")).toHaveAttribute("lang", language);
      await expect(playground.prompt()).toBeFocused();
      await expect(page.locator(".welcome li")).toHaveCount(3);
      await expect(page.locator('[data-part="place"]')).toHaveCount(3);
      await expect(page.locator('[data-part="ghost"]')).toContainText(service);

      expect(await playground.run(service)).toBe("service/my-headless-svc created\n");
      expectTable(
        await playground.run("kubectl get svc my-headless-svc"),
        ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"],
        [/^my-headless-svc +ClusterIP +None +<none> +80\/TCP +\d+s$/],
      );
      expect(await playground.run(set)).toBe("statefulset.apps/nginx-ss created\n");
      await expect(place(page, 0)).toHaveAttribute("data-meaning", "ready", { timeout: 15_000 });
      await ready(page, 3);
      expectTable(await playground.run("kubectl get pods -l app=nginx-ss"), podHeader, runningPods(3));
      const claims = await playground.run("kubectl get pvc");
      expectTable(
        claims,
        ["NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "VOLUMEATTRIBUTESCLASS", "AGE"],
        [0, 1, 2].map((n) => new RegExp(`^data-nginx-ss-${n} +Bound +pvc-[0-9a-f-]{36} +1Gi +RWO +standard +<unset> +\\d+s$`)),
      );

      const answer = await playground.run(lookup);
      expect(answer).toMatch(/Name: +nginx-ss-0\.my-headless-svc\nAddress 1: 10\.[0-9.]+ nginx-ss-0\.my-headless-svc\.default\.svc\.cluster\.local/);
      expect(answer).toContain('pod "dns-test" deleted from default namespace');

      expect(await playground.run("kubectl scale statefulset nginx-ss --replicas=5")).toBe("statefulset.apps/nginx-ss scaled\n");
      await ready(page, 5);
      expectTable(await playground.run("kubectl get pods"), podHeader, runningPods(5));

      await page.locator("#tab-dns").click();
      for (const ordinal of [0, 4]) {
        await expect(page.locator('[data-part="record"]').filter({ hasText: `nginx-ss-${ordinal}.my-headless-svc` }).first()).toBeVisible();
      }
      await page.locator('[data-part="resolve-name"]').fill("nginx-ss-1.my-headless-svc");
      await page.locator('[data-part="resolve"]').click();
      await expect(page.locator('[data-part="resolve-answer"] li code').first()).toHaveText("nginx-ss-1.my-headless-svc.default.svc.cluster.local");
      await page.locator('[data-part="resolve-name"]').fill("nowhere");
      await page.locator('[data-part="resolve"]').click();
      await expect(page.locator('[data-part="resolve-answer"] li')).toHaveCount(4);
      await playground.expectAccessible();
      await page.locator("#tab-events").click();
      await expect(page.locator('[data-part="events"]')).toContainText("SuccessfulCreate");
      await playground.expectAccessible();
      await page.locator("#tab-set").click();

      expect(await playground.run("kubectl scale statefulset nginx-ss --replicas=2")).toBe("statefulset.apps/nginx-ss scaled\n");
      await expect(page.locator('[data-part="kept"]')).toHaveCount(3, { timeout: 20_000 });
      await expect(page.locator('[data-part="pod"]')).toHaveCount(2);
      expectTable(await playground.run("kubectl get pods"), podHeader, runningPods(2));
      expect((await playground.run("kubectl get pvc")).trimEnd().split("\n")).toHaveLength(6);

      expect(await playground.run("for i in 0 1; do kubectl exec nginx-ss-$i -- hostname; done")).toBe("nginx-ss-0\nnginx-ss-1\n");
      expect(await playground.run("kubectl describe sts nginx-ss")).toMatch(/^Replicas: +2 desired \| 2 total$/m);
      expect(await playground.run("kubectl exec nginx-ss-0 -- cat /etc/hostname")).toBe("nginx-ss-0\n");
      await page.locator('[data-part="pod"] button').first().click();
      await expect(page.locator('[data-part="yaml"]')).toContainText("kind: Pod");
      await playground.expectAccessible();
      await page.locator('[data-part="inspector-close"]').click();

      const before = await page.locator('[data-part="terminal"] [role="log"]').innerText();
      await page.reload();
      await expect(page.locator('[data-part="kept"]')).toHaveCount(3);
      await expect(page.locator('[data-part="terminal"] [role="log"]')).toHaveText(before, { useInnerText: true });
      expect((await playground.run("kubectl get pods")).split("\n")[1]).toMatch(/^nginx-ss-0 +1\/1 +Running/);
      await page.reload();
      await expect(page.locator('[data-part="kept"]')).toHaveCount(3);
      await playground.expectAccessible();
    });
  });
}

test("a watch runs in one terminal while the other one works", async ({ page, playground }) => {
  await playground.open();
  await page.locator('[data-part="terminal-open"]').click();
  await playground.type("kubectl get pods -w", 0);
  await playground.run(`${service} && ${set}`, 1);
  await ready(page, 3);
  expect(await playground.lastOutput(0)).toMatch(/nginx-ss-2 +1\/1 +Running/);
  await playground.expectAccessible();
  await playground.prompt(0).focus();
  await page.keyboard.press("Control+c");
  await expect(playground.entries(0).last()).toHaveAttribute("data-state", "done");
  await expect(playground.entries(0).last()).toContainText("^C");
});

test("the lesson can be done with the keyboard alone", async ({ page, playground }) => {
  await playground.open();
  // The suggestion, taken with the right arrow, again and again: the whole lesson up to the look-up.
  for (let step = 0; step < 5; step += 1) {
    await expect(page.locator('[data-part="ghost"]')).toBeVisible();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect(playground.entries().nth(step)).toHaveAttribute("data-state", "done");
    if (step === 2) await ready(page, 3);
  }
  // Out of the terminal, to the pictures and into an object.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(playground.prompt()).not.toBeFocused();
  await page.locator("#tab-set").focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab").nth(1)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowLeft");
  await page.locator('[data-part="pod"] button').first().focus();
  await page.keyboard.press("Enter");
  await expect(page.locator('[data-part="yaml"]')).toContainText("nginx-ss-0");
  await page.locator('[data-part="inspector-close"]').focus();
  await page.keyboard.press("Enter");
  await expect(page.locator('[data-part="inspector"]')).toHaveCount(0);
});
