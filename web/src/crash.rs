//! What a person sees when the page breaks: a plain message, and a way out that keeps their files.

use std::cell::Cell;

use petset_playground::text::Language;

use crate::browser;

/// Set when the page broke. The next start plays no inputs again, because they may break it once more.
const KEY: &str = "petset.broken";

thread_local! {
    static LANGUAGE: Cell<Language> = const { Cell::new(Language::En) };
}

/// Shows the message from now on whenever the program panics.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        browser::store(KEY, "1");
        show(&info.to_string());
    }));
}

/// The message's language.
pub fn set_language(language: Language) {
    LANGUAGE.set(language);
}

/// Whether the page broke last time. Asked once: the mark is gone afterwards.
pub fn take() -> bool {
    let broken = browser::load(KEY).is_some();
    browser::forget(KEY);
    broken
}

fn show(details: &str) {
    let document = browser::document();
    let texts = LANGUAGE.get().texts();
    let lines = [
        ("crash-title", texts.crash_title),
        ("crash-body", texts.crash_body),
        ("crash-reload", texts.crash_reload),
        ("crash-details", details),
    ];
    for (id, text) in lines {
        if let Some(element) = document.get_element_by_id(id) {
            element.set_text_content(Some(text));
        }
    }
    if let Some(element) = document.get_element_by_id("crash") {
        drop(element.remove_attribute("hidden"));
    }
}
