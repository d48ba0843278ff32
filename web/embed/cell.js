// A cell: a bar under a code block, and below it what the block's commands printed.

import { pack } from "../src/link.js";
import { draw } from "./picture.js";
import { followTheme, language, settings } from "./settings.js";
import { sheet } from "./style.js";
import { texts } from "./texts.js";

/** Creates an element with properties and children. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) key in made ? (made[key] = value) : made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export class Cell {
  #block;
  #engine;
  #files;
  #words;
  #host;
  #run;
  #status;
  #output;
  #figure;
  #stop = null;
  #hide = null;

  constructor(block, engine, files) {
    this.#block = block;
    this.#engine = engine;
    this.#files = files;
    this.#words = texts[language()];
    this.#host = element("div", { className: "petset-cell", lang: language() });
    this.#host.dataset.petset = "off";
    const root = this.#host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet()];
    root.append(this.#build());
    followTheme(this.#host);
    block.after.after(this.#host);
  }

  remove() {
    this.#stop?.();
    this.#hide?.();
    this.#host.remove();
  }

  #build() {
    const words = this.#words;
    const { kind, name } = this.#block;
    this.#run = element("button", { type: "button", className: "run" }, kind === "yaml" ? words.apply : words.run);
    this.#run.addEventListener("click", () => (this.#stop ? this.#stop() : this.#start()));
    this.#status = element("span", { className: "status", role: "status" });
    const picture = element("button", { type: "button", "aria-pressed": "false" }, words.picture);
    picture.addEventListener("click", () => this.#toggle(picture));
    const open = element("a", { href: settings.base, target: "_blank", rel: "noopener" }, words.open);
    open.addEventListener("click", (event) => this.#open(event));
    this.#output = element("pre", { className: "output", role: "log", tabIndex: 0, "aria-label": words.output, hidden: true, lang: "en" });
    this.#figure = element("div", { className: "picture", hidden: true });
    const bar = element("div", { className: "bar" }, this.#run, name ? element("code", {}, name) : "", this.#status, element("span", { className: "gap" }), picture, open);
    return element("div", { className: "cell", role: "group", "aria-label": name ? `${words.cell} – ${name}` : words.cell }, bar, this.#output, this.#figure);
  }

  #say(text, failed = false) {
    this.#status.textContent = text;
    this.#status.classList.toggle("failed", failed);
  }

  async #start() {
    const words = this.#words;
    const { kind, name, lines } = this.#block;
    const label = this.#run.textContent;
    const files = this.#files();
    const commands = kind === "yaml" ? [`kubectl apply -f ${name}`] : lines;
    let stopped = false;
    this.#stop = () => (stopped = true);
    this.#run.textContent = words.stop;
    this.#say(this.#engine.loaded ? words.waiting : words.loading);
    const end = (text, failed) => {
      this.#stop = null;
      this.#run.textContent = label;
      this.#say(text, failed);
    };
    try {
      const stop = await this.#engine.run(commands, files, (data) => {
        if (data.type === "output") {
          this.#say(words.running);
          this.#print(data.blocks, commands.length > 1 || kind === "yaml");
        } else if (data.type === "done") end(data.code === 0 ? words.done : words.failed(data.code), data.code !== 0);
      });
      if (stopped) stop();
      else if (this.#stop) this.#stop = stop;
    } catch {
      end(words.broken, true);
    }
  }

  #print(blocks, withCommands) {
    const parts = [];
    for (const { command, parts: printed } of blocks) {
      if (withCommands && command.trim()) parts.push(element("span", { className: "command" }, `$ ${command}\n`));
      for (const { text, error } of printed) parts.push(error ? element("span", { className: "error" }, text) : text);
    }
    const atEnd = this.#output.scrollTop + this.#output.clientHeight >= this.#output.scrollHeight - 4;
    this.#output.replaceChildren(...parts);
    this.#output.hidden = parts.length === 0;
    if (atEnd) this.#output.scrollTop = this.#output.scrollHeight;
  }

  async #toggle(button) {
    const show = this.#figure.hidden;
    this.#figure.hidden = !show;
    button.setAttribute("aria-pressed", String(show));
    if (!show) {
      this.#hide?.();
      this.#hide = null;
      return;
    }
    this.#figure.replaceChildren(draw([], this.#words));
    try {
      const hide = await this.#engine.picture((sets) => this.#figure.replaceChildren(draw(sets, this.#words)));
      if (this.#figure.hidden) hide();
      else this.#hide = hide;
    } catch {
      this.#say(this.#words.broken, true);
    }
  }

  /** Opens the playground with this page's files, and with the cluster as it is when there is one already. */
  async #open(event) {
    if (typeof CompressionStream === "undefined") return;
    event.preventDefault();
    // Opened at once: a window that is opened later counts as one that nobody asked for.
    const opened = window.open("about:blank", "_blank");
    const text = this.#engine.loaded ? await this.#engine.share() : JSON.stringify({ version: 1, files: this.#files().map(({ name, text }) => [name, text]) });
    const address = `${settings.base}#${await pack(text)}`;
    if (opened) {
      opened.opener = null;
      opened.location.replace(address);
    } else location.assign(address);
  }
}
