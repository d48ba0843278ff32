// The editor: CodeMirror behind the few calls that the page needs.
//
// The document belongs to the editor while a file is open: the page reads changes and never writes them back, so that
// an unfinished composition (Hangul, Kana) is never torn.

import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import {
  HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import {
  EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--yaml-key)" },
  { tag: [tags.string, tags.special(tags.string), tags.attributeValue], color: "var(--yaml-string)" },
  { tag: tags.content, color: "var(--yaml-value)" },
  { tag: [tags.lineComment, tags.comment], color: "var(--yaml-comment)", fontStyle: "italic" },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--yaml-mark)" },
  { tag: [tags.labelName, tags.typeName, tags.keyword, tags.meta], color: "var(--yaml-anchor)" },
]);

// Reading a document out costs its length: a long one is read less often.
const SHORT_CHARS = 100_000;
const DELAY_SHORT_MS = 80;
const DELAY_LONG_MS = 400;

/**
 * Puts an editor into `parent`.
 * `onChange(name, text)` is called a little after the document of file `name` has changed, and by `flush`.
 */
export function mount(parent, onChange) {
  const labels = new Compartment();
  const states = new Map();
  let current = null;
  let timer = 0;
  let labelText = "";

  const readOut = () => {
    clearTimeout(timer);
    timer = 0;
    if (current !== null) onChange(current, view.state.doc.toString());
  };
  const changed = (update) => {
    if (!update.docChanged || current === null) return;
    clearTimeout(timer);
    timer = setTimeout(readOut, update.state.doc.length < SHORT_CHARS ? DELAY_SHORT_MS : DELAY_LONG_MS);
  };
  const label = () => EditorView.contentAttributes.of({ "aria-label": labelText, spellcheck: "false", tabindex: "0", "aria-describedby": "editor-keys" });
  const isReadOnly = () => document.querySelector(".page")?.dataset.readOnly === "true";
  const newState = (text) => EditorState.create({
    doc: text,
    extensions: [
      lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), foldGutter(), drawSelection(),
      EditorState.allowMultipleSelections.of(true), indentOnInput(), indentUnit.of("  "), bracketMatching(),
      highlightActiveLine(), lintGutter(), yaml(), syntaxHighlighting(colours), EditorState.tabSize.of(2),
      keymap.of([{ key: "Tab", run: indentMore, shift: indentLess }, ...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap]),
      labels.of(label()), EditorState.readOnly.of(isReadOnly()), EditorView.updateListener.of(changed),
      EditorView.domEventHandlers({ blur: () => { if (timer) readOut(); } }),
    ],
  });

  const view = new EditorView({ parent, state: newState("") });

  return {
    /** Opens a file. Its undo history and cursor come back if it was open before. */
    open(name, text) {
      if (name === current) return;
      if (timer) readOut();
      if (current !== null) states.set(current, view.state);
      const known = states.get(name);
      current = name;
      view.setState(known && known.doc.toString() === text ? known : newState(text));
      view.dispatch({ effects: labels.reconfigure(label()) });
    },
    renamed(from, to) {
      if (states.has(from)) { states.set(to, states.get(from)); states.delete(from); }
      if (current === from) current = to;
    },
    forget(name) {
      states.delete(name);
      if (current === name) { clearTimeout(timer); timer = 0; current = null; }
    },
    /** Hands over what was typed a moment ago. */
    flush() { if (timer) readOut(); },
    /** Names the editor for screen readers. */
    label(text) {
      if (text === labelText) return;
      labelText = text;
      view.dispatch({ effects: labels.reconfigure(label()) });
    },
    /** `found`: flat list of from, to, severity, message, place, hint. */
    diagnostics(found) {
      const length = view.state.doc.length;
      const all = [];
      for (let i = 0; i + 5 < found.length; i += 6) {
        const from = Math.min(found[i], length);
        const to = Math.min(Math.max(found[i + 1], from), length);
        const [severity, message, place, hint] = found.slice(i + 2, i + 6);
        all.push({ from, to, severity, message, renderMessage: () => tooltip(message, place, hint) });
      }
      view.dispatch(setDiagnostics(view.state, all));
    },
    /** Puts the cursor there and shows it. */
    reveal(from) {
      const at = Math.min(from, view.state.doc.length);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    },
    destroy() { clearTimeout(timer); view.destroy(); },
  };
}

function tooltip(message, place, hint) {
  const root = document.createElement("div");
  const line = (className, text) => {
    const element = root.appendChild(document.createElement("div"));
    element.className = className;
    element.textContent = text;
  };
  line("lint-place", place);
  line("lint-message", message);
  if (hint) line("lint-hint", hint);
  return root;
}
