//! The editor of one file at a time: CodeMirror once it is loaded, a plain text area until then.
//!
//! The document belongs to the editor. A file's text goes in when the file is opened, and is never written back after
//! that, so that no composition is torn.

use std::cell::RefCell;
use std::rc::Rc;

use petset_playground::view::{Diagnostic, Severity};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::words::use_words;

#[wasm_bindgen(module = "/src/bridge.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn load_editor() -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// The editor's module.
    type Module;
    #[wasm_bindgen(method)]
    fn mount(
        this: &Module,
        parent: &HtmlElement,
        on_change: &Closure<dyn FnMut(String, String)>,
    ) -> View;

    /// An editor in the page; see `web/editor/src/editor.js`.
    type View;
    #[wasm_bindgen(method)]
    fn open(this: &View, name: &str, text: &str);
    #[wasm_bindgen(method)]
    fn renamed(this: &View, from: &str, to: &str);
    #[wasm_bindgen(method)]
    fn forget(this: &View, name: &str);
    #[wasm_bindgen(method)]
    fn flush(this: &View);
    #[wasm_bindgen(method)]
    fn label(this: &View, text: &str);
    #[wasm_bindgen(method)]
    fn diagnostics(this: &View, found: &js_sys::Array);
    #[wasm_bindgen(method)]
    fn reveal(this: &View, from: usize);
    #[wasm_bindgen(method)]
    fn destroy(this: &View);
}

struct Mounted {
    view: View,
    _on_change: Closure<dyn FnMut(String, String)>,
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.view.destroy();
    }
}

/// What the page can tell the editor. Nothing happens while it is not loaded.
#[derive(Clone, Default)]
pub struct EditorHandle(Rc<RefCell<Option<Mounted>>>);

impl PartialEq for EditorHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl EditorHandle {
    fn with(&self, tell: impl FnOnce(&View)) {
        if let Some(mounted) = &*self.0.borrow() {
            tell(&mounted.view);
        }
    }

    /// Hands over what was typed a moment ago.
    pub fn flush(&self) {
        self.with(View::flush);
    }

    /// A file has another name now; its text and history stay.
    pub fn renamed(&self, from: &str, to: &str) {
        self.with(|view| view.renamed(from, to));
    }

    /// A file is gone, or its text was replaced from outside.
    pub fn forget(&self, name: &str) {
        self.with(|view| view.forget(name));
    }

    /// Puts the cursor at this UTF-16 offset.
    pub fn reveal(&self, from: usize) {
        self.with(|view| view.reveal(from));
    }
}

/// See [`Editor`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The open file.
    pub name: AttrValue,
    /// Reads the open file's text when it is opened.
    pub read: Callback<AttrValue, String>,
    /// Grows when the open file was replaced from outside.
    pub generation: u32,
    /// Name and text, a little after each change.
    pub onchange: Callback<(String, String)>,
    /// What is wrong in the file.
    pub diagnostics: Rc<Vec<Diagnostic>>,
    /// For the page to talk to the editor.
    pub handle: EditorHandle,
}

/// The editor.
#[component]
pub fn Editor(props: &Props) -> Html {
    let words = use_words();
    let host = use_node_ref();
    let loaded = use_state_eq(|| false);
    {
        let (host, handle, loaded, onchange) = (
            host.clone(),
            props.handle.clone(),
            loaded.clone(),
            props.onchange.clone(),
        );
        use_effect_with((), move |()| {
            let slot = handle.clone();
            wasm_bindgen_futures::spawn_local(async move {
                // Without the module the plain text area stays.
                let Ok(module) = load_editor().await else {
                    return;
                };
                let Some(parent) = host.cast::<HtmlElement>() else {
                    return;
                };
                let on_change = Closure::new(move |name, text| onchange.emit((name, text)));
                let view = module.unchecked_into::<Module>().mount(&parent, &on_change);
                *slot.0.borrow_mut() = Some(Mounted {
                    view,
                    _on_change: on_change,
                });
                loaded.set(true);
            });
            move || drop(handle.0.borrow_mut().take())
        });
    }
    let label = (words.editor_label)(&props.name);
    {
        let (handle, read, label) = (props.handle.clone(), props.read.clone(), label.clone());
        use_effect_with(
            (*loaded, props.name.clone(), props.generation, label),
            move |(_, name, _, label)| {
                handle.with(|view| {
                    view.label(label);
                    view.open(name, &read.emit(name.clone()));
                });
            },
        );
    }
    {
        let handle = props.handle.clone();
        let key = (
            *loaded,
            props.name.clone(),
            props.diagnostics.clone(),
            words.language,
        );
        use_effect_with(key, move |(_, _, diagnostics, language)| {
            let words = language.texts();
            let flat = js_sys::Array::new();
            for found in &**diagnostics {
                let severity = match found.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                };
                let place = (words.line_column)(found.line, found.column);
                let hint = found
                    .hint
                    .as_ref()
                    .map(|hint| (words.hint)(hint))
                    .unwrap_or_default();
                flat.push(&JsValue::from(found.from as f64));
                flat.push(&JsValue::from(found.to as f64));
                for text in [severity, &found.message, &place, &hint] {
                    flat.push(&JsValue::from(text));
                }
            }
            handle.with(|view| view.diagnostics(&flat));
        });
    }
    html! {
        <div class="editor" data-part="editor">
            <p id="editor-keys" class="visually-hidden">{ words.editor_escape }</p>
            <div class="editor-host" ref={host} />
            if !*loaded {
                <PlainEditor name={props.name.clone()} label={label} read={props.read.clone()}
                    onchange={props.onchange.clone()} />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct PlainProps {
    name: AttrValue,
    label: String,
    read: Callback<AttrValue, String>,
    onchange: Callback<(String, String)>,
}

/// What stands there until CodeMirror is loaded, or when it cannot be.
#[component]
fn PlainEditor(props: &PlainProps) -> Html {
    let area = use_node_ref();
    {
        let (area, read) = (area.clone(), props.read.clone());
        use_effect_with(props.name.clone(), move |name| {
            if let Some(area) = area.cast::<HtmlTextAreaElement>() {
                area.set_value(&read.emit(name.clone()));
            }
        });
    }
    let oninput = {
        let (name, onchange) = (props.name.to_string(), props.onchange.clone());
        Callback::from(move |event: InputEvent| {
            let area: HtmlTextAreaElement = event.target_unchecked_into();
            onchange.emit((name.clone(), area.value()));
        })
    };
    html! {
        <textarea ref={area} class="plain-editor" aria-label={props.label.clone()} spellcheck="false"
            autocapitalize="off" {oninput} />
    }
}
