//! What every picture offers in the same place: saving it as a drawing, and reading or copying it as text.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use super::CopyText;
use crate::words::use_words;

#[wasm_bindgen(module = "/src/drawing.js")]
extern "C" {
    fn draw(selector: &str, title: &str) -> String;
    #[wasm_bindgen(js_name = saveText)]
    fn save_text(name: &str, kind: &str, text: &str);
    #[wasm_bindgen(js_name = savePng)]
    async fn save_png(name: &str, svg: &str) -> JsValue;
}

/// See [`PictureTools`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The picture's name in file names.
    pub name: AttrValue,
    /// The picture's name for people.
    pub title: AttrValue,
    /// The picture as text, made when it is asked for.
    pub text: Callback<(), String>,
}

/// The panel behind "save".
#[component]
pub fn PictureTools(props: &Props) -> Html {
    let words = use_words();
    let texts = &words.views.tools;
    let open = use_state_eq(|| false);
    let shows_text = use_state_eq(|| false);
    let failed = use_state_eq(|| false);
    let ontoggle = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            let details = event.target_dyn_into::<web_sys::Element>();
            open.set(details.is_some_and(|details| details.has_attribute("open")));
        })
    };
    let drawn = {
        let title = props.title.clone();
        move || draw("#picture", &format!("petset: {title}"))
    };
    let onsvg = {
        let (name, drawn) = (format!("petset-{}.svg", props.name), drawn.clone());
        Callback::from(move |_: MouseEvent| save_text(&name, "image/svg+xml", &drawn()))
    };
    let onpng = {
        let (name, failed) = (format!("petset-{}.png", props.name), failed.clone());
        Callback::from(move |_: MouseEvent| {
            let (name, svg, failed) = (name.clone(), drawn(), failed.clone());
            wasm_bindgen_futures::spawn_local(async move {
                failed.set(!save_png(&name, &svg).await.is_truthy());
            });
        })
    };
    let onshow = {
        let shows_text = shows_text.clone();
        Callback::from(move |_: MouseEvent| shows_text.set(!*shows_text))
    };
    // The text costs something: it is made only for an open panel.
    let text = open.then(|| AttrValue::from(props.text.emit(())));
    html! {
        <details class="picture-tools" data-part="picture-tools" {ontoggle}>
            <summary>{ texts.save }</summary>
            <div class="panel">
                <div class="buttons">
                    <button type="button" class="button" data-part="save-svg" onclick={onsvg}>{ (texts.save_as)("SVG") }</button>
                    <button type="button" class="button" data-part="save-png" onclick={onpng}>{ (texts.save_as)("PNG") }</button>
                    if let Some(text) = text.clone() { <CopyText {text} /> }
                    <button type="button" class="button" data-part="show-text" aria-expanded={shows_text.to_string()} onclick={onshow}>
                        { if *shows_text { texts.hide_text } else { texts.as_text } }</button>
                </div>
                <p role="status" class="faint">{ if *failed { texts.failed } else { "" } }</p>
                if let Some(text) = text.filter(|_| *shows_text) {
                    <pre tabindex="0" role="region" aria-label={(texts.text_of)(&props.title)} data-part="picture-text">{ text }</pre>
                }
            </div>
        </details>
    }
}
