//! Working without a network, and changing to a new version when the person says so.

use petset_playground::text::OfflineTexts;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[wasm_bindgen(module = "/src/offline.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn keep_offline(on_waiting: &Closure<dyn Fn()>) -> Result<JsValue, JsValue>;
    /// Lets the version that waits take over; the page is loaded anew then.
    pub fn take_over();
}

/// Lets the browser keep the page, and tells when a new version waits. Where that is not allowed, nothing happens.
pub fn start(onwaiting: Callback<()>) {
    let on_waiting = Closure::new(move || onwaiting.emit(()));
    spawn_local(async move {
        drop(keep_offline(&on_waiting).await);
        // The browser calls it for as long as the page is open.
        on_waiting.forget();
    });
}

/// The message that a new version is there, with its button.
pub fn update_banner(words: &'static OfflineTexts, onupdate: &Callback<()>) -> Html {
    let onupdate = onupdate.clone();
    html! {
        <section class="banner update" aria-label={words.version} data-part="update-banner">
            <p role="status">{ words.ready }</p>
            <button type="button" class="button primary" data-part="update" onclick={move |_: MouseEvent| onupdate.emit(())}>{ words.update }</button>
        </section>
    }
}
