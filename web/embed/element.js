// <petset-playground>: the whole page, or one part of it, in a frame of this page.

import { pack } from "../src/link.js";
import { language, settings, theme } from "./settings.js";
import { texts } from "./texts.js";

/** A frame whose height follows what it shows is never higher than this, in CSS pixels. */
const HIGHEST = 900;
const FIRST_HEIGHT = 520;

class PlaygroundElement extends HTMLElement {
  static observedAttributes = ["files", "commands", "view", "height", "language", "theme", "read-only", "session"];
  #frame = null;
  #near = null;
  #drawing = 0;

  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" });
    this.style.display ||= "block";
    this.style.minHeight ||= `${Number(this.getAttribute("height")) || FIRST_HEIGHT}px`;
    addEventListener("message", this);
    this.#near = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        this.#near.disconnect();
        this.#near = null;
        this.#draw();
      }
    }, { rootMargin: "200px" });
    this.#near.observe(this);
  }

  disconnectedCallback() {
    removeEventListener("message", this);
    this.#near?.disconnect();
    this.#frame?.remove();
    this.#frame = null;
  }

  attributeChangedCallback() {
    if (this.#frame) this.#draw();
  }

  /** The files: the attribute is a JSON object of names and texts, or the id of a script or template that holds one. */
  #files() {
    const said = this.getAttribute("files") ?? "";
    const text = said.trimStart().startsWith("{") ? said : document.getElementById(said)?.textContent ?? "{}";
    return Object.entries(JSON.parse(text));
  }

  async #draw() {
    const drawing = ++this.#drawing;
    const lang = language(this.getAttribute("language") ?? undefined);
    const query = ["embed", `lang=${lang}`, `theme=${theme(this.getAttribute("theme") ?? undefined)}`];
    if (this.hasAttribute("view")) query.push(`view=${encodeURIComponent(this.getAttribute("view"))}`);
    if (this.hasAttribute("read-only")) query.push("read-only");
    const commands = (this.getAttribute("commands") ?? "").split("\n").map((line) => line.trim()).filter(Boolean);
    const text = this.getAttribute("session") ?? JSON.stringify({ version: 1, files: this.#files(), commands });
    const link = await pack(text);
    if (drawing !== this.#drawing) return;
    const frame = document.createElement("iframe");
    frame.src = `${settings.base}index.html?${query.join("&")}#${link}`;
    frame.title = texts[lang].frame;
    frame.allow = "clipboard-write";
    Object.assign(frame.style, { width: "100%", border: "1px solid #8883", borderRadius: "8px", boxSizing: "border-box", height: this.style.minHeight });
    this.#frame = frame;
    this.shadowRoot.replaceChildren(frame);
  }

  handleEvent({ source, data }) {
    if (!this.#frame || source !== this.#frame.contentWindow || data?.petset !== 1) return;
    if (data.type === "height" && !this.hasAttribute("height")) this.#frame.style.height = `${Math.min(data.height + 2, HIGHEST)}px`;
    this.dispatchEvent(new CustomEvent(`petset-${data.type}`, { detail: data }));
  }

  /** Sends a message of the manual to the page in the frame. */
  send(message) {
    this.#frame?.contentWindow.postMessage({ petset: 1, ...message }, new URL(settings.base).origin);
  }
}

/** Makes the element known, once for each page. */
export function define() {
  if (!customElements.get("petset-playground")) customElements.define("petset-playground", PlaygroundElement);
}
