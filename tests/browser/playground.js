// What a person does with the page, and what every test of it watches for.
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test as base } from "@playwright/test";

/** Where things are in the page: the only place that knows. */
const part = {
  terminal: '[data-part="terminal"]',
  prompt: '[data-part="prompt"]',
  entry: '[data-part="entry"]',
  output: '[data-part="output"]',
  language: '[data-part="language"]',
};

/** A command's entry carries its state; this one says that the prompt is free again. */
const DONE = /^done$/;

export class Playground {
  constructor(page) {
    this.page = page;
  }

  /** Opens the page and waits until it takes commands. */
  async open() {
    await this.page.goto("./");
    await expect(this.prompt()).toBeVisible();
  }

  /** The input of a terminal; the first one is 0. */
  prompt(terminal = 0) {
    return this.page.locator(part.terminal).nth(terminal).locator(part.prompt);
  }

  /** The entries of a terminal, one per command. */
  entries(terminal = 0) {
    return this.page.locator(part.terminal).nth(terminal).locator(part.entry);
  }

  /** Types a command as a person would, and returns at once. */
  async type(command, terminal = 0) {
    const prompt = this.prompt(terminal);
    // Only a prompt that takes a click stands below all entries that a reload brings back.
    await prompt.click();
    const before = await this.entries(terminal).count();
    await prompt.pressSequentially(command);
    await this.enter(before + 1, terminal);
  }

  /** Presses Enter at the prompt, and waits until the terminal holds so many entries. */
  async enter(count, terminal = 0) {
    await this.prompt(terminal).press("Enter");
    await expect(this.entries(terminal)).toHaveCount(count);
  }

  /** Types a command, waits until it ended, and returns what it printed. */
  async run(command, terminal = 0) {
    await this.type(command, terminal);
    await expect(this.entries(terminal).last()).toHaveAttribute("data-state", DONE);
    return this.lastOutput(terminal);
  }

  /** What the last command has printed so far. */
  async lastOutput(terminal = 0) {
    const output = this.entries(terminal).last().locator(part.output);
    return output.evaluate((element) => {
      const copy = element.cloneNode(true);
      // Words for screen readers say which stream a text came from; the command did not print them.
      for (const spoken of copy.querySelectorAll(".visually-hidden")) spoken.remove();
      return copy.textContent;
    });
  }

  /** Switches the page's texts to "ko" or "en". */
  async speak(language) {
    if ((await this.page.locator("html").getAttribute("lang")) === language) return;
    await this.page.locator(part.language).click();
    await expect(this.page.locator("html")).toHaveAttribute("lang", language);
  }

  /** Fails with the list of accessibility violations, if there are any. */
  async expectAccessible() {
    // Half-way through its motion a part may have less contrast than it has at rest.
    await this.page.evaluate(() => {
      const ends = document.getAnimations().filter((motion) => motion.effect?.getComputedTiming().endTime !== Infinity);
      return Promise.allSettled(ends.map((motion) => motion.finished));
    });
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    const found = violations.map(({ id, help, nodes }) => ({
      id,
      help,
      at: nodes.map((node) => node.target.join(" ")),
    }));
    expect(found).toEqual([]);
  }
}

/** Reports what must never happen while a page is open: errors, and requests to other hosts. */
function watch(page, baseURL) {
  const found = [];
  page.on("pageerror", (error) => found.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") found.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const address = request.url();
    const isLocal = /^(data|blob):/.test(address) || address.startsWith(baseURL);
    if (!isLocal) found.push(`request to another host: ${address}`);
  });
  return found;
}

export const test = base.extend({
  playground: async ({ page, baseURL }, use) => {
    const found = watch(page, baseURL);
    await use(new Playground(page));
    expect(found, "errors of the page, and requests to other hosts").toEqual([]);
  },
});

export { expect };

/** Every look of the page: widths, colour schemes and languages. */
export const looks = [1600, 1024, 360].flatMap((width) =>
  ["light", "dark"].flatMap((scheme) => ["ko", "en"].map((language) => ({ width, scheme, language }))),
);

/**
 * Opens the page in each look, lets `prepare` bring it to the state to be shown,
 * and writes target/screenshots/NAME-WIDTH-SCHEME-LANGUAGE.png.
 */
export async function screenshots(browser, baseURL, name, prepare = async () => {}) {
  for (const { width, scheme, language } of looks) {
    const context = await browser.newContext({
      baseURL,
      colorScheme: scheme,
      locale: language === "ko" ? "ko-KR" : "en-GB",
      reducedMotion: "reduce",
      viewport: { width, height: width < 600 ? 780 : 900 },
    });
    const page = await context.newPage();
    const found = watch(page, baseURL);
    await page.goto("./");
    await prepare(new Playground(page), { width, scheme, language });
    const file = `../../target/screenshots/${name}-${width}-${scheme}-${language}.png`;
    await page.screenshot({ path: fileURLToPath(new URL(file, import.meta.url)) });
    expect(found, `${width} ${scheme} ${language}`).toEqual([]);
    await context.close();
  }
}
