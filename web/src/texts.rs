//! Fetches the texts of `kubectl explain` and `--help`, a file beside the page, when a line first asks for them.

use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

const FILE: &str = "texts.txt";

/// How far the fetching is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fetch {
    /// Nobody has asked.
    #[default]
    Never,
    /// On its way.
    UnderWay,
    /// Over, with the texts or without.
    Done,
}

/// Fetches the texts and gives them to the console. Without them kubectl says that it has none.
pub async fn fetch() {
    if let Some(text) = text().await {
        petset_playground::provide_texts(text);
    }
}

async fn text() -> Option<String> {
    let answer = JsFuture::from(web_sys::window()?.fetch_with_str(FILE)).await;
    let answer: Response = answer.ok()?.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}
