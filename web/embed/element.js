// <petset-playground>: the whole page, or one part of it, in a frame of this page. The frame itself is made by frame.js.

import { use } from "./load.js";

const FIRST_HEIGHT = 520;

class PlaygroundElement extends HTMLElement {
  static observedAttributes = ["files", "commands", "view", "height", "language", "theme", "read-only", "session"];
  #frame = null;
  #near = null;

  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" });
    this.style.display ||= "block";
    this.style.minHeight ||= `${Number(this.getAttribute("height")) || FIRST_HEIGHT}px`;
    this.#near = new IntersectionObserver(async (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.#near.disconnect();
      const { Frame } = await use();
      if (this.isConnected) (this.#frame ??= new Frame(this)).draw();
    }, { rootMargin: "200px" });
    this.#near.observe(this);
  }

  disconnectedCallback() {
    this.#near?.disconnect();
    this.#frame?.remove();
    this.#frame = null;
  }

  attributeChangedCallback() {
    this.#frame?.draw();
  }

  /** Sends a message of the manual to the page in the frame. */
  send(message) {
    this.#frame?.send(message);
  }
}

/** Makes the element known, once for each page. */
export function define() {
  if (!customElements.get("petset-playground")) customElements.define("petset-playground", PlaygroundElement);
}
