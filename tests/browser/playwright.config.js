import { readFileSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const port = Number(process.env.PETSET_TEST_PORT ?? 4173);
const capabilities = JSON.parse(readFileSync(new URL("webdriver.json", import.meta.url), "utf8"));

export default defineConfig({
  testDir: "specs",
  outputDir: "../../target/playwright",
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: "list",
  timeout: 60_000,
  snapshotPathTemplate: "looks/{arg}{ext}",
  // A picture of another machine differs in the edges of letters; a colour, a shape or a line that is not where it was is more than that.
  expect: { toHaveScreenshot: { animations: "disabled", scale: "device", threshold: 0.1, maxDiffPixelRatio: 0.004 } },
  use: {
    baseURL: `http://127.0.0.1:${port}/`,
    locale: "en-GB",
    trace: "off",
    // Answers that a test makes up would not reach a page that a service worker answers.
    serviceWorkers: "block",
    launchOptions: {
      // Without it Playwright starts a browser of its own, where it has one.
      executablePath: process.env.PETSET_CHROMIUM || undefined,
      args: capabilities["goog:chromeOptions"].args,
    },
  },
  webServer: {
    command: `node serve.js ${port}`,
    url: `http://127.0.0.1:${port}/`,
    reuseExistingServer: false,
  },
});
