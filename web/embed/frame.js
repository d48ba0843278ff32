// The frame of a <petset-playground> element.

import { pack } from "../src/link.js";
import { words } from "./words.js";

/** A frame whose height follows what it shows is never higher than this, in CSS pixels. */
const HIGHEST = 900;

const { settings, language, theme } = window[Symbol.for("petset.embed.use")];

export class Frame {
  #element;
  #frame = null;
  #drawing = 0;

  constructor(element) {
    this.#element = element;
    addEventListener("message", this);
  }

  remove() {
    removeEventListener("message", this);
    this.#frame?.remove();
    this.#frame = null;
    this.#drawing++;
  }

  /** The files: the attribute is a JSON object of names and texts, or the id of a script or template that holds one. */
  #files() {
    const said = this.#element.getAttribute("files") ?? "";
    const text = said.trimStart().startsWith("{") ? said : document.getElementById(said)?.textContent ?? "{}";
    return Object.entries(JSON.parse(text));
  }

  async draw() {
    const drawing = ++this.#drawing;
    const host = this.#element;
    const said = (name) => host.getAttribute(name) ?? undefined;
    const lang = language(said("language"));
    const query = ["embed", `lang=${lang}`, `theme=${theme(said("theme"))}`];
    if (host.hasAttribute("view")) query.push(`view=${encodeURIComponent(said("view"))}`);
    if (host.hasAttribute("read-only")) query.push("read-only");
    const commands = (said("commands") ?? "").split("\n").map((line) => line.trim()).filter(Boolean);
    const text = said("session") ?? JSON.stringify({ version: 1, files: this.#files(), commands });
    const link = await pack(text);
    if (drawing !== this.#drawing) return;
    const frame = document.createElement("iframe");
    frame.src = `${settings.base}index.html?${query.join("&")}#${link}`;
    frame.title = words[lang].frame;
    frame.allow = "clipboard-write";
    Object.assign(frame.style, { width: "100%", border: "1px solid #8883", borderRadius: "8px", boxSizing: "border-box", height: host.style.minHeight });
    this.#frame = frame;
    host.shadowRoot.replaceChildren(frame);
  }

  handleEvent({ source, data }) {
    if (!this.#frame || source !== this.#frame.contentWindow || data?.petset !== 1) return;
    if (data.type === "height" && !this.#element.hasAttribute("height")) this.#frame.style.height = `${Math.min(data.height + 2, HIGHEST)}px`;
    this.#element.dispatchEvent(new CustomEvent(`petset-${data.type}`, { detail: data }));
  }

  send(message) {
    this.#frame?.contentWindow.postMessage({ petset: 1, ...message }, new URL(settings.base).origin);
  }
}
