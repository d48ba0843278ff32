// What the script tag says.

const script = document.currentScript ?? document.querySelector("script[src*='embed.js'][data-petset], script[src$='embed.js']");
const said = script?.dataset ?? {};

/** What lets scripts of this tag through where the page's policy names a nonce. */
export const nonce = script?.nonce ?? "";

export const settings = {
  /** Where petset is: the folder of this script, unless the tag says otherwise. */
  base: new URL(said.base ? `${said.base.replace(/\/?$/, "/")}` : "./", script?.src || location.href).href,
  /** Which blocks may become cells. */
  select: said.select ?? "pre",
  /** "near": the cluster is loaded as soon as a cell comes near the viewport, not at its first use. */
  load: said.load ?? "use",
  lang: said.lang,
  theme: said.theme,
  /** Virtual seconds for each second on the wall. */
  speed: Number(said.speed) || 1,
};

/** "ko" or "en": as the tag says, as the page says, as the browser says. */
export function language(wish = settings.lang) {
  const tag = wish || document.documentElement.lang || navigator.language || "en";
  return /^ko\b/i.test(tag) ? "ko" : "en";
}

/** "light" or "dark", in the ways in which pages say so. */
export function theme(wish = settings.theme) {
  if (wish === "light" || wish === "dark") return wish;
  const root = document.documentElement;
  const said = [root.dataset.theme, root.dataset.mdColorScheme, document.body.dataset.mdColorScheme, root.dataset.bsTheme, root.dataset.colorMode];
  if (said.some((word) => word === "dark" || word === "slate") || root.classList.contains("dark")) return "dark";
  if (said.some((word) => word === "light" || word === "default")) return "light";
  // VitePress has a class for dark and none for light.
  if (document.querySelector(".VPApp, .VPContent")) return "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

const watched = new Set();
let watching = false;

/** Keeps `data-theme` of an element as the page is, for as long as the element is there. */
export function followTheme(element, wish) {
  const set = () => (element.dataset.theme = theme(wish));
  set();
  watched.add([element, set]);
  if (watching) return;
  watching = true;
  const again = () => {
    for (const entry of watched) entry[0].isConnected ? entry[1]() : watched.delete(entry);
  };
  const observer = new MutationObserver(again);
  const attributes = { attributes: true, attributeFilter: ["class", "data-theme", "data-md-color-scheme", "data-bs-theme", "data-color-mode"] };
  observer.observe(document.documentElement, attributes);
  observer.observe(document.body, attributes);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
}
