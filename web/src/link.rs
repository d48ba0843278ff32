//! Sessions in the address: see `link.js` for the form.

use petset_playground::view::ShareTrouble;
use wasm_bindgen::prelude::*;

use crate::browser;

/// The longest link that is offered, in characters. Chat programs and mail cut longer ones.
pub const LONGEST: usize = 16_000;
/// The most bytes that a link may hold when it is unpacked.
const LARGEST: u32 = 16 * 1024 * 1024;

#[wasm_bindgen(module = "/src/link.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn pack(text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn unpack(fragment: &str, limit: u32) -> Result<JsValue, JsValue>;
}

/// The session in the page's address, if there is one.
pub fn in_address() -> Option<String> {
    let fragment = browser::window().location().hash().ok()?;
    let fragment = fragment.strip_prefix('#')?;
    let rest = fragment.strip_prefix('v')?;
    let (version, _) = rest.split_once('.')?;
    let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    is_version.then(|| fragment.to_owned())
}

/// The whole address of this page with a session in it.
pub async fn address_of(session: &str) -> Result<String, ShareTrouble> {
    let fragment = pack(session).await.ok().and_then(|link| link.as_string());
    let fragment = fragment.ok_or(ShareTrouble::Unsupported)?;
    let location = browser::window().location();
    let part = |text: Result<String, JsValue>| text.unwrap_or_default();
    Ok(format!(
        "{}{}#{fragment}",
        part(location.origin()),
        part(location.pathname())
    ))
}

/// The session that a fragment holds.
pub async fn session_of(fragment: &str) -> Result<String, ShareTrouble> {
    let text = unpack(fragment, LARGEST).await;
    let trouble = |word: JsValue| match word.as_string().as_deref() {
        Some("later") => ShareTrouble::Later,
        Some("large") => ShareTrouble::TooLarge,
        Some("unsupported") => ShareTrouble::Unsupported,
        _ => ShareTrouble::Damaged,
    };
    let text = text.map_err(trouble)?;
    text.as_string().ok_or(ShareTrouble::Damaged)
}
