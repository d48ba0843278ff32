//! What the page asks of the browser. Storage and clipboard may be denied; then nothing happens.

use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlElement, Storage, Window};

/// The window. There is one: the page runs nowhere else.
pub fn window() -> Window {
    web_sys::window().unwrap_or_else(|| wasm_bindgen::throw_str("petset needs a browser window"))
}

/// The document.
pub fn document() -> Document {
    window()
        .document()
        .unwrap_or_else(|| wasm_bindgen::throw_str("petset needs a document"))
}

/// Wall ms since the page was opened, for measuring slices of work. The simulation never sees it.
pub fn now_ms() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now())
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// A stored text.
pub fn load(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Stores a text. False when storage is denied or full.
pub fn store(key: &str, text: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, text).is_ok())
}

/// Forgets a stored text.
pub fn forget(key: &str) {
    if let Some(storage) = storage() {
        drop(storage.remove_item(key));
    }
}

/// The browser's languages, most wanted first.
pub fn languages() -> Vec<String> {
    window()
        .navigator()
        .languages()
        .iter()
        .filter_map(|tag| tag.as_string())
        .collect()
}

/// Sets an attribute of the `html` element.
pub fn set_root_attribute(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        drop(root.set_attribute(name, value));
    }
}

/// Moves the focus to the first element that matches.
pub fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        drop(element.focus());
    }
}

/// Puts the focus on the tab at `index` of the list in which a key was pressed.
/// Events are handled at the top of the page, so that their current target is not the list.
pub fn focus_tab(event: &web_sys::KeyboardEvent, index: usize) {
    let pressed = event
        .target()
        .and_then(|at| at.dyn_into::<web_sys::Element>().ok());
    let list = pressed.and_then(|at| at.closest("[role=tablist]").ok().flatten());
    let tab = list.and_then(|list| list.children().item(u32::try_from(index).ok()?));
    if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
        drop(tab.focus());
    }
}

/// What has the focus.
pub fn focused() -> Option<HtmlElement> {
    document()
        .active_element()
        .and_then(|element| element.dyn_into().ok())
}

/// Whether a person has marked text, so that Ctrl-C means "copy".
pub fn has_selection() -> bool {
    let selection = window().get_selection().ok().flatten();
    selection.is_some_and(|selection| !selection.is_collapsed())
}

/// Puts a text on the clipboard, if the browser lets it.
pub async fn copy(text: String) -> bool {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
    match clipboard
        .ok()
        .and_then(|value| value.dyn_into::<web_sys::Clipboard>().ok())
    {
        Some(clipboard) => wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text))
            .await
            .is_ok(),
        None => false,
    }
}
