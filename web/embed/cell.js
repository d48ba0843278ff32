// A cell: a bar under a code block. What its buttons do is loaded when one is pressed for the first time, see use.js.

import { followTheme, language, settings } from "./settings.js";
import { sheet } from "./style.js";
import { texts } from "./texts.js";
import { use } from "./load.js";

/** Creates an element with properties and children. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) key in made ? (made[key] = value) : made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export class Cell {
  /** What is known of the page: `files()`, and `alone(block)`, which says whether a block has its frame for itself. */
  page;
  block;
  lang = language();
  words = texts[this.lang];
  root;
  run;
  edit;
  picture;
  #host;
  #status;
  #used = null;

  constructor(block, page) {
    this.block = block;
    this.page = page;
    this.#host = element("div", { className: "petset-cell", lang: this.lang });
    this.#host.dataset.petset = "off";
    const shadow = this.#host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet()];
    shadow.append(this.#build());
    followTheme(this.#host);
    block.after.after(this.#host);
  }

  remove() {
    this.#used?.remove();
    this.#host.remove();
  }

  #build() {
    const { words } = this;
    const { kind, name } = this.block;
    const button = (label, deed, more = {}) => {
      const made = element("button", { type: "button", ...more }, label);
      made.addEventListener("click", () => this.#do(deed));
      return made;
    };
    this.run = button(kind === "yaml" ? words.apply : words.run, "run", { className: "run" });
    this.edit = button(words.edit, "edit");
    this.picture = button(words.picture, "picture", { "aria-pressed": "false" });
    this.#status = element("span", { className: "status", role: "status" });
    const open = element("a", { href: settings.base, target: "_blank", rel: "noopener" }, words.open);
    open.addEventListener("click", (event) => {
      if (typeof CompressionStream === "undefined") return;
      event.preventDefault();
      // Opened at once: a window that is opened later counts as one that nobody asked for.
      this.#do("open", window.open("about:blank", "_blank"));
    });
    const bar = element("div", { className: "bar" }, this.run, name ? element("code", {}, name) : "", this.#status, element("span", { className: "gap" }), this.edit, this.picture, open);
    this.root = element("div", { className: "cell", role: "group", "aria-label": name ? `${words.cell} – ${name}` : words.cell }, bar);
    return this.root;
  }

  say(text, failed = false) {
    this.#status.textContent = text;
    this.#status.classList.toggle("failed", failed);
  }

  async #do(deed, value) {
    try {
      const { Use } = await use();
      this.#used ??= new Use(this);
      await this.#used[deed](value);
    } catch {
      value?.close();
      this.say(this.words.broken, true);
    }
  }
}
