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

/// Where texts are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// For all tabs, between visits.
    Browser,
    /// For this tab, until it is closed.
    Tab,
}

fn storage(area: Area) -> Option<Storage> {
    let storage = match area {
        Area::Browser => window().local_storage(),
        Area::Tab => window().session_storage(),
    };
    storage.ok().flatten()
}

/// A stored text.
pub fn load_in(area: Area, key: &str) -> Option<String> {
    storage(area)?.get_item(key).ok().flatten()
}

/// Stores a text. False when storage is denied or full.
pub fn store_in(area: Area, key: &str, text: &str) -> bool {
    storage(area).is_some_and(|storage| storage.set_item(key, text).is_ok())
}

/// Forgets a stored text.
pub fn forget_in(area: Area, key: &str) {
    if let Some(storage) = storage(area) {
        drop(storage.remove_item(key));
    }
}

/// A text stored for all tabs.
pub fn load(key: &str) -> Option<String> {
    load_in(Area::Browser, key)
}

/// Stores a text for all tabs. False when storage is denied or full.
pub fn store(key: &str, text: &str) -> bool {
    store_in(Area::Browser, key, text)
}

/// Forgets a text stored for all tabs.
pub fn forget(key: &str) {
    forget_in(Area::Browser, key);
}

/// Takes the part behind "#" out of the address, without a new page in the history.
pub fn drop_fragment() {
    let location = window().location();
    let path = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    if let Ok(history) = window().history() {
        drop(history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path)));
    }
}

/// Hands a text to the person as a file.
pub fn download(name: &str, kind: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options);
    let address = blob.and_then(|blob| web_sys::Url::create_object_url_with_blob(&blob));
    let anchor = document().create_element("a").ok();
    let anchor = anchor.and_then(|anchor| anchor.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let (Ok(address), Some(anchor)) = (address, anchor) {
        anchor.set_href(&address);
        anchor.set_download(name);
        anchor.click();
        drop(web_sys::Url::revoke_object_url(&address));
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

/// Scrolls an element of a row into sight, sideways alone.
pub fn reveal(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    let Some((element, row)) =
        found.and_then(|element| Some((element.clone(), element.parent_element()?)))
    else {
        return;
    };
    let (place, frame) = (
        element.get_bounding_client_rect(),
        row.get_bounding_client_rect(),
    );
    let over = (place.right() - frame.right()).max(0.0);
    let under = (frame.left() - place.left()).max(0.0);
    row.set_scroll_left(row.scroll_left() + (over - under) as i32);
}

/// Scrolls a command's element into the upper half of its terminal.
pub fn scroll_to(id: &str) {
    let element = document().get_element_by_id(id);
    let found = element.and_then(|element| {
        let screen = element.closest(".screen").ok().flatten()?;
        Some((element.get_bounding_client_rect(), screen))
    });
    if let Some((place, screen)) = found {
        let frame = screen.get_bounding_client_rect();
        let by = place.top() - frame.top() - frame.height() / 3.0;
        screen.set_scroll_top(screen.scroll_top() + by as i32);
    }
}

/// Scrolls a list that has opened into the terminal's frame, and its chosen line into the list's.
pub fn reveal_option(list: &str, option: Option<usize>) {
    let element = |id: &str| document().get_element_by_id(id);
    let Some(list) = element(list) else { return };
    let into = |inner: &web_sys::Element, outer: &web_sys::Element| {
        let (place, frame) = (
            inner.get_bounding_client_rect(),
            outer.get_bounding_client_rect(),
        );
        let over = (place.bottom() - frame.bottom()).max(0.0);
        let under = (frame.top() - place.top()).max(0.0);
        outer.set_scroll_top(outer.scroll_top() + (over - under).ceil() as i32);
    };
    if let Ok(Some(screen)) = list.closest(".screen") {
        into(&list, &screen);
    }
    if let Some(option) = option.and_then(|at| list.children().item(u32::try_from(at).ok()?)) {
        into(&option, &list);
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
