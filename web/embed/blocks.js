// Which code blocks a page has, in the markup that Docusaurus, MkDocs Material, Hugo, Jekyll, VitePress and people write.

const KINDS = { yaml: "yaml", yml: "yaml", bash: "bash", sh: "bash", shell: "bash", console: "bash", "shell-session": "bash", shellsession: "bash", zsh: "bash" };
const NAMED = /(?:language-|lang-|highlight-source-)([\w-]+)/;
/** Line numbers are code blocks of their own for some highlighters. */
const GUTTER = ".linenos, .linenodiv, .lineno, .gutter, .rouge-gutter";
/** What is not part of the code. */
const EXTRAS = "button, .copy, .lnt, .ln, .lineno, .linenos, .linenumber, .hljs-ln-numbers, [aria-hidden=true]";
const FILE = /^[\w./-]+\.ya?ml$/;

/** The blocks that can become cells. `data-petset="off"` on a block or around it leaves it out. */
export function* blocks(select) {
  for (const element of document.querySelectorAll(select)) {
    const pre = element.matches("pre") ? element : element.querySelector("pre");
    if (!pre || pre.closest(GUTTER) || pre.closest("[data-petset=off]")) continue;
    const kind = kindOf(pre);
    if (!kind) continue;
    const text = textOf(pre);
    const wanted = pre.closest("[data-petset]");
    const meant = kind === "yaml" ? /^apiVersion:/m.test(text) && /^kind:/m.test(text) : /^\s*(?:[$#>]\s+)?(?:kubectl|k)\s/m.test(text);
    if (meant || wanted) yield { element: pre, kind, text, after: outermost(pre) };
  }
}

function kindOf(pre) {
  let element = pre.querySelector("code") ?? pre;
  for (let up = 0; element && up < 9; up++, element = element.parentElement) {
    const word = element.dataset.lang ?? element.dataset.language ?? NAMED.exec(element.className)?.[1] ?? (element === pre && /^\w+$/.exec(pre.className)?.[0]);
    const kind = word && KINDS[word.toLowerCase()];
    if (kind) return kind;
    if (element.matches("article, main, section, body")) return null;
  }
  return null;
}

function textOf(pre) {
  const copy = (pre.querySelector("code") ?? pre).cloneNode(true);
  for (const extra of copy.querySelectorAll(EXTRAS)) extra.remove();
  for (const end of copy.querySelectorAll("br")) end.replaceWith("\n");
  return copy.textContent.replace(/\r/g, "").replace(/\u00a0/g, " ").trimEnd() + "\n";
}

/** The element that holds the block and nothing else: the cell stands after it. */
function outermost(pre) {
  let last = pre;
  for (let element = pre.parentElement, up = 0; element && up < 9; element = element.parentElement, up++) {
    if (element.matches("table, tbody, tr, td, figure") || /language-|highlight|codeBlock|code-block|chroma|vp-code-group/i.test(element.className)) last = element;
  }
  return last;
}

/** A block's file: its title, its first comment, or the file that the text before it names. */
export function fileIn({ element, text, after }) {
  const inside = after.querySelector("[class*=codeBlockTitle], .filename, figcaption, .code-block-title");
  const group = element.closest(".vp-code-group");
  const tab = group && [...group.querySelectorAll(".tabs label")][[...group.querySelectorAll("pre")].indexOf(element)];
  const said = [
    element.closest("[data-file]")?.dataset.file,
    after.dataset.title ?? element.title,
    inside?.textContent.trim(),
    tab?.textContent.trim(),
    /^#\s*(\S+)/.exec(text)?.[1],
    ...before(after),
  ];
  return said.find((name) => name && FILE.test(name))?.split("/").pop();
}

function before(after) {
  const previous = after.previousElementSibling;
  const names = [...(previous?.querySelectorAll?.("code, strong, em, a") ?? [])].map((element) => element.textContent.trim());
  return previous?.matches("p, h2, h3, h4, h5, figcaption") ? names.reverse() : [];
}

/** The commands of a block. Where some lines begin with a prompt, the others are what was printed. */
export function linesOf(text) {
  const lines = text.trimEnd().split("\n");
  if (!lines.some((line) => /^\s*[$] /.test(line))) return lines;
  const commands = [];
  let goesOn = false;
  for (const line of lines) {
    const command = /^\s*(?:[$]|>) (.*)$/.exec(line);
    if (command && (goesOn || !line.trimStart().startsWith(">"))) commands.push(command[1]);
    else if (goesOn) commands.push(line);
    else continue;
    goesOn = /\\$/.test(commands.at(-1));
  }
  return commands;
}
