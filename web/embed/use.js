// The second half of embed.js, loaded at the first use: the cluster, what a cell does, and the frame of an element.

import { pack } from "../src/link.js";
import { Engine } from "./engine.js";
import { Frame } from "./frame.js";
import { draw } from "./picture.js";
import { words } from "./words.js";

const first = window[Symbol.for("petset.embed.use")];
const { settings, element, linesOf } = first;
const engine = new Engine(settings);

/** What the buttons of a cell do. */
class Use {
  #cell;
  #words;
  #output;
  #figure;
  #stop = null;
  #hide = null;
  #field = null;
  #written;

  constructor(cell) {
    this.#cell = cell;
    this.#words = words[cell.lang];
    const { text, lines } = cell.block;
    this.#written = { text, lines };
    this.#output = element("pre", { className: "output", role: "log", tabIndex: 0, "aria-label": this.#words.output, hidden: true, lang: "en" });
    this.#figure = element("div", { className: "picture", hidden: true });
    cell.root.append(this.#output, this.#figure);
  }

  remove() {
    this.#stop?.();
    this.#hide?.();
  }

  async run() {
    if (this.#stop) {
      this.#stop();
      return;
    }
    const { run, block, page } = this.#cell;
    const words = this.#words;
    const label = run.textContent;
    const commands = block.kind === "yaml" ? [`kubectl apply -f ${block.name}`] : block.lines;
    let stopped = false;
    this.#stop = () => (stopped = true);
    run.textContent = words.stop;
    this.#cell.say(engine.loaded ? words.waiting : words.loading);
    const end = (text, failed) => {
      this.#stop = null;
      run.textContent = label;
      this.#cell.say(text, failed);
    };
    try {
      const stop = await engine.run(commands, page.files(), (data) => {
        if (data.type === "output") {
          this.#cell.say(words.running);
          this.#print(data.blocks, commands.length > 1 || block.kind === "yaml");
        } else if (data.type === "done") end(data.code === 0 ? words.done : words.failed(data.code), data.code !== 0);
      });
      if (stopped) stop();
      else if (this.#stop) this.#stop = stop;
    } catch {
      end(this.#cell.words.broken, true);
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

  /** Puts a field in the place of the block, or the block back as it was written. */
  edit() {
    const { edit, block, page, root, words: own } = this.#cell;
    const place = page.alone(block) ? block.after : block.element;
    if (this.#field) {
      Object.assign(block, this.#written);
      this.#field.remove();
      this.#field = null;
      place.style.display = "";
      edit.textContent = own.edit;
      return;
    }
    const words = this.#words;
    const text = block.kind === "yaml" ? block.text.trimEnd() : block.lines.join("\n");
    const field = element("textarea", { className: "field", value: text, spellcheck: false, wrap: "off", lang: "en", title: words.keys });
    field.setAttribute("autocapitalize", "off");
    field.setAttribute("aria-label", block.name ? `${own.edit} – ${block.name}` : own.edit);
    const fit = () => (field.rows = field.value.split("\n").length + 1);
    field.addEventListener("input", () => {
      if (block.kind === "yaml") block.text = `${field.value.trimEnd()}\n`;
      else block.lines = linesOf(field.value);
      fit();
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (!this.#stop) this.run();
    });
    fit();
    this.#field = field;
    place.style.display = "none";
    root.prepend(field);
    edit.textContent = words.reset;
    field.focus();
  }

  async picture() {
    const button = this.#cell.picture;
    const show = this.#figure.hidden;
    this.#figure.hidden = !show;
    button.setAttribute("aria-pressed", String(show));
    if (!show) {
      this.#hide?.();
      this.#hide = null;
      return;
    }
    this.#figure.replaceChildren(draw([], this.#words));
    const hide = await engine.picture((sets) => this.#figure.replaceChildren(draw(sets, this.#words)));
    if (this.#figure.hidden) hide();
    else this.#hide = hide;
  }

  /** Opens the playground with this page's files, and with the cluster as it is when there is one already. */
  async open(opened) {
    const files = this.#cell.page.files();
    const text = engine.loaded ? await engine.share() : JSON.stringify({ version: 1, files: files.map(({ name, text }) => [name, text]) });
    const address = `${settings.base}#${await pack(text)}`;
    if (opened) {
      opened.opener = null;
      opened.location.replace(address);
    } else location.assign(address);
  }
}

Object.assign(first, { Use, Frame, engine });
