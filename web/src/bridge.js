// Loads the editor when the page has been drawn.
export function load_editor() {
  return import(new URL("editor.js", document.baseURI).href);
}
