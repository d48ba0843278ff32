// One script tag turns a page's code blocks into cells that run. docs/embedding.md is its manual.
//
// It is small, loads nothing until a cell is used, and asks little of the page: its own parts stand in shadow roots, its styles are
// constructed, and the cluster runs in a hidden frame of petset's own page, so that the page's policies, globals and storage do not matter.

import { blocks, fileIn, linesOf } from "./blocks.js";
import { Cell } from "./cell.js";
import { define } from "./element.js";
import { use } from "./load.js";
import { settings } from "./settings.js";

const MARK = Symbol.for("petset.embed");

/** Near the viewport: a cell's bar is made a little before it can be seen. */
const MARGIN = "400px";

function start() {
  const found = new Map();
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      const block = found.get(target);
      block.cell ??= new Cell(block, { files, alone });
      if (settings.load === "near") use().then(({ engine }) => engine.load()).catch(() => {});
    }
  }, { rootMargin: MARGIN });

  /** Every file of the page, under the names that its commands use. */
  function files() {
    const all = new Map();
    for (const block of found.values()) if (block.kind === "yaml") all.set(block.name, block);
    return [...all.values()];
  }

  /** Whether no other block stands in the same frame. */
  function alone(block) {
    return [...found.values()].filter(({ after }) => after === block.after).length === 1;
  }

  function look() {
    for (const [element, block] of found) {
      if (element.isConnected) continue;
      block.cell?.remove();
      near.unobserve(element);
      found.delete(element);
    }
    let number = found.size;
    for (const block of blocks(settings.select)) {
      if (found.has(block.element)) continue;
      if (block.kind === "yaml") block.name = fileIn(block) ?? `manifest-${++number}.yaml`;
      else block.lines = linesOf(block.text);
      found.set(block.element, block);
      near.observe(block.element);
    }
  }

  look();
  // Pages that change without being loaded anew bring new blocks.
  let asked = 0;
  new MutationObserver(() => {
    asked ||= setTimeout(() => {
      asked = 0;
      look();
    }, 200);
  }).observe(document.body, { childList: true, subtree: true });
}

if (!window[MARK]) {
  window[MARK] = true;
  define();
  // Pages that draw themselves after they were loaded get their time: nothing is put between their elements before.
  const later = () => (window.requestIdleCallback ?? setTimeout)(start);
  if (document.readyState === "complete") later();
  else addEventListener("load", later, { once: true });
}
