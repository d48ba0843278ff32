//! Messages between this page and the page around it. Each is an object with `petset: 1` and a `type`; docs/embedding.md says which.

use gloo::events::EventListener;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use crate::browser;

/// The version of the messages.
const VERSION: f64 = 1.0;

/// A message from the page around.
pub struct Message(JsValue);

impl Message {
    fn get(&self, name: &str) -> JsValue {
        js_sys::Reflect::get(&self.0, &name.into()).unwrap_or_default()
    }

    /// A text in it; empty when it is not there.
    pub fn text(&self, name: &str) -> String {
        self.get(name).as_string().unwrap_or_default()
    }

    /// A number in it; 0 when it is not there.
    pub fn number(&self, name: &str) -> f64 {
        self.get(name).as_f64().unwrap_or_default()
    }

    /// Whether something in it is true.
    pub fn is(&self, name: &str) -> bool {
        self.get(name).is_truthy()
    }

    /// A list of texts in it; empty when it is not there.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let list = self.get(name);
        let list = list.dyn_into::<js_sys::Array>().unwrap_or_default();
        list.iter().filter_map(|text| text.as_string()).collect()
    }
}

/// Calls back for each message of the page around, and of no other.
pub fn listen(mut on_message: impl FnMut(Message) + 'static) -> EventListener {
    EventListener::new(&browser::window(), "message", move |event| {
        let Some(event) = event.dyn_ref::<MessageEvent>() else {
            return;
        };
        let parent = browser::window().parent().ok().flatten();
        let is_parent = event
            .source()
            .zip(parent)
            .is_some_and(|(from, parent)| js_sys::Object::is(&from, &parent));
        let message = Message(event.data());
        if is_parent && message.number("petset") == VERSION {
            on_message(message);
        }
    })
}

/// An object with these values.
pub fn object(values: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in values {
        drop(js_sys::Reflect::set(&object, &(*name).into(), value));
    }
    object.into()
}

/// Tells the page around. Which page that is, is its own affair: nothing is told that it has not put in.
pub fn tell(kind: &str, values: &[(&str, JsValue)]) {
    let window = browser::window();
    let parent = window
        .parent()
        .ok()
        .flatten()
        .filter(|parent| *parent != window);
    let message = object(values);
    drop(js_sys::Reflect::set(
        &message,
        &"petset".into(),
        &VERSION.into(),
    ));
    drop(js_sys::Reflect::set(&message, &"type".into(), &kind.into()));
    if let Some(parent) = parent {
        drop(parent.post_message(&message, "*"));
    }
}
