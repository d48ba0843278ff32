// How the page answers, from the browser's own traces. Usage: node bench.js [PART…]; prints one line of JSON for each figure.
// `cargo xtask bench --page` calls it; nothing here is a test.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { Trace } from "./trace.js";

const port = Number(process.env.PETSET_TEST_PORT ?? 4174);
const address = `http://127.0.0.1:${port}/`;
const capabilities = JSON.parse(readFileSync(new URL("webdriver.json", import.meta.url), "utf8"));

/** What a frame may take, in ms. */
const FRAME = 16.7;

/** The value below which such a share of all lies. */
const quantile = (values, share) =>
  values.length === 0 ? Number.NaN : values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)];

/** Prints a figure: what was measured, in which unit, and what it is to be at most. */
function tell(what, value, unit, target) {
  console.log(JSON.stringify({ what, value: Number(value.toFixed(1)), unit, target }));
}

class Bench {
  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
    this.prompt = page.locator('[data-part="prompt"]').first();
    this.entries = page.locator('[data-part="entry"]');
  }

  /** Enters a line; waits until it has answered. */
  async run(line, timeout = 120_000) {
    const count = await this.entries.count();
    await this.prompt.fill(line);
    await this.prompt.press("Enter");
    await this.page.waitForFunction(
      (before) => {
        const all = document.querySelectorAll('[data-part="entry"]');
        return all.length > before && all[all.length - 1].dataset.state === "done";
      },
      count,
      { timeout },
    );
  }

  /** Makes so many pods, and lets time run until all is quiet. */
  async pods(count) {
    await this.run(`kubectl create deployment many --image=nginx --replicas=${count}`);
    await this.page.locator('[data-part="until-quiet"]').click();
    await this.page.locator('[data-part="status"][data-quiet="true"]').waitFor({ timeout: 300_000 });
  }

  /** What the browser notes down while `act` runs. */
  async traced(act) {
    await this.browser.startTracing(this.page, {
      categories: [
        "toplevel",
        "devtools.timeline",
        "disabled-by-default-devtools.timeline",
        "disabled-by-default-devtools.timeline.frame",
        "latencyInfo",
      ],
    });
    await act();
    return new Trace(JSON.parse((await this.browser.stopTracing()).toString()));
  }

  /** The tasks of the page's main thread, by the time on the wall and by the time they had a processor. */
  tellTasks(name, trace, target) {
    const tasks = trace.tasks();
    const over = (key) => tasks.filter((task) => task[key] > 50).length;
    tell(`${name}: longest task`, Math.max(0, ...tasks.map((task) => task.wall)), "ms", target);
    tell(`${name}: longest task, on a processor`, Math.max(0, ...tasks.map((task) => task.cpu)), "ms", target);
    tell(`${name}: tasks above 50 ms`, over("wall"), "", 0);
    tell(`${name}: tasks above 50 ms, on a processor`, over("cpu"), "", 0);
  }

  tellFrames(name, trace) {
    const { drawn, dropped, gaps } = trace.frames();
    const busy = trace.tasks().filter((task) => task.cpu > FRAME).length;
    tell(`${name}: frames drawn`, drawn, "");
    tell(`${name}: frames dropped`, dropped, "", 0);
    tell(`${name}: gap between frames, median`, quantile(gaps, 0.5), "ms", 16.7);
    tell(`${name}: gap between frames, 95 of 100 within`, quantile(gaps, 0.95), "ms", 16.7);
    tell(`${name}: tasks above 16.7 ms, on a processor`, busy, "", 0);
  }
}

const parts = {
  /** From a click or a key to the next frame, with 100 pods, in every picture. */
  async interaction(bench) {
    const { page } = bench;
    await bench.pods(100);
    const trace = await bench.traced(async () => {
      for (let round = 0; round < 3; round += 1) {
        for (const tab of await page.locator(".picture-tab").all()) {
          await tab.click();
          await page.waitForTimeout(60);
          const pods = page.locator(".picture button:visible");
          for (let at = 0; at < Math.min(3, await pods.count()); at += 1) {
            await pods.nth(at).click({ force: true, timeout: 2_000 }).catch(() => {});
            await page.waitForTimeout(60);
          }
          await page.keyboard.press("Escape");
          await page.waitForTimeout(60);
        }
        await bench.prompt.click();
        await page.keyboard.type("kubectl get po", { delay: 40 });
        for (let key = 0; key < 14; key += 1) await page.keyboard.press("Backspace", { delay: 20 });
      }
    });
    const found = trace.interactions();
    tell("interaction, 100 pods: how many", found.length, "");
    tell("interaction, 100 pods: to the next frame, median", quantile(found.map((one) => one.wall), 0.5), "ms");
    tell("interaction, 100 pods: to the next frame, p95", quantile(found.map((one) => one.wall), 0.95), "ms", 50);
    tell("interaction, 100 pods: on a processor, p95", quantile(found.map((one) => one.cpu), 0.95), "ms", 50);
    if (process.env.PETSET_BENCH_VERBOSE) for (const one of found.toSorted((a, b) => b.cpu - a.cpu).slice(0, 12)) console.error(JSON.stringify(one));
  },

  /** Frames while 200 pods come and are drawn. */
  async animation(bench) {
    await bench.page.locator("#tab-nodes").click();
    const trace = await bench.traced(async () => {
      await bench.run("kubectl create deployment many --image=nginx --replicas=200");
      await bench.page.waitForTimeout(6_000);
    });
    bench.tellFrames("200 pods come", trace);
    bench.tellTasks("200 pods come", trace, FRAME);
  },

  /** Whether the page stays responsive while 10,000 pods come. */
  async many(bench) {
    const trace = await bench.traced(async () => {
      await bench.run("kubectl create deployment many --image=nginx --replicas=10000");
      await bench.page.waitForTimeout(8_000);
    });
    bench.tellTasks("10,000 pods come", trace, 50);
  },

  /** From Enter to the output, with 100 pods. */
  async latency(bench) {
    const { page } = bench;
    await bench.pods(100);
    await page.evaluate(() => {
      let pressed = 0;
      window.answers = [];
      addEventListener("keydown", (event) => event.key === "Enter" && (pressed = event.timeStamp), true);
      new MutationObserver(() => {
        const last = [...document.querySelectorAll('[data-part="entry"]')].at(-1);
        if (pressed === 0 || last?.dataset.state !== "done" || last.dataset.seen) return;
        last.dataset.seen = "yes";
        window.answers.push(performance.now() - pressed);
        pressed = 0;
      }).observe(document.querySelector('[role="log"]'), { childList: true, subtree: true, attributes: true });
    });
    const lines = ["kubectl get pods", "kubectl get pods -o wide", "kubectl get deployment,rs", "kubectl get nodes", "echo hello"];
    const trace = await bench.traced(async () => {
      for (let at = 0; at < 120; at += 1) {
        await bench.run(lines[at % lines.length]);
      }
    });
    const answers = await page.evaluate(() => window.answers);
    const enters = trace.interactions("keydown").filter((one) => one.cpu > 0.8);
    tell("Enter to output, 100 pods: how many", answers.length, "");
    tell("Enter to output, 100 pods: median", quantile(answers, 0.5), "ms");
    tell("Enter to output, 100 pods: p99", quantile(answers, 0.99), "ms", 16);
    tell("Enter to output, 100 pods: on a processor, p99", quantile(enters.map((one) => one.cpu), 0.99), "ms", 16);
  },

  /** Frames while 10,000 lines of output are scrolled. */
  async scroll(bench) {
    const { page } = bench;
    await bench.run("seq 10000");
    const all = page.locator(".folded button");
    if (await all.count()) await all.first().click();
    await page.waitForTimeout(500);
    const box = await page.locator(".screen").first().boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const trace = await bench.traced(async () => {
      for (const step of [-400, -2_000, 900]) {
        for (let at = 0; at < 80; at += 1) {
          await page.mouse.wheel(0, step);
          await page.waitForTimeout(16);
        }
      }
      await bench.run("echo after");
    });
    bench.tellFrames("10,000 lines scroll", trace);
    bench.tellTasks("10,000 lines scroll", trace, FRAME);
  },
};

const wanted = process.argv.slice(2);
const server = spawn(process.execPath, [fileURLToPath(new URL("serve.js", import.meta.url)), String(port)], { stdio: "ignore" });
try {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await fetch(address).then((answer) => answer.ok, () => false)) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  for (const [name, part] of Object.entries(parts)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const browser = await chromium.launch({
      executablePath: process.env.PETSET_CHROMIUM || undefined,
      args: capabilities["goog:chromeOptions"].args,
    });
    const context = await browser.newContext({ baseURL: address, locale: "en-GB", serviceWorkers: "block", viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(address);
    const bench = new Bench(browser, page);
    await bench.prompt.waitFor();
    await part(bench);
    await browser.close();
  }
} finally {
  server.kill();
}
