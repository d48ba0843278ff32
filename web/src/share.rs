//! The dialog that gives a session away or brings things in, and the banner that says where a session came from.

use petset_playground::text::ShareTexts;
use petset_playground::view::{ShareTrouble, check_manifest};
use petset_playground::{MAX_FILE_BYTES, Session};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use crate::app::sharing::{ShareAction, Sharing};
use crate::browser;
use crate::icons::{Icon, icon};
use crate::link;
use crate::words::use_words;

#[wasm_bindgen(module = "/src/fetch.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn fetch_text(address: &str, limit: u32) -> Result<JsValue, JsValue>;
}

/// What the banner says.
#[derive(Clone, Debug, PartialEq)]
pub enum Banner {
    /// The session came from a link or a file; one's own is kept.
    OfAnother,
    /// It was made one's own.
    Kept,
    /// One's own is shown again.
    Left,
    /// What came from elsewhere was not taken over.
    Trouble(ShareTrouble),
}

/// The banner, when there is something to say.
pub fn banner(
    words: &'static ShareTexts,
    banner: Option<&Banner>,
    has_aside: bool,
    onshare: &Callback<ShareAction>,
) -> Html {
    let Some(banner) = banner else {
        return html! {};
    };
    let button = |part: &'static str, label: &'static str, action: fn() -> ShareAction| {
        let onshare = onshare.clone();
        html! { <button type="button" class="button" data-part={part} onclick={move |_: MouseEvent| onshare.emit(action())}>{ label }</button> }
    };
    let (text, buttons) = match banner {
        Banner::OfAnother => (
            words.of_another.to_owned(),
            html! { <>
                { button("share-keep", words.keep, || ShareAction::Keep) }
                { button("share-back", words.back, || ShareAction::Back) }
            </> },
        ),
        Banner::Kept => (
            words.kept.to_owned(),
            button("share-undo", words.undo, || ShareAction::Return),
        ),
        Banner::Left => (
            words.left.to_owned(),
            if has_aside {
                button("share-return", words.return_to_it, || ShareAction::Return)
            } else {
                html! {}
            },
        ),
        Banner::Trouble(trouble) => ((words.trouble)(trouble), html! {}),
    };
    let onclose = {
        let onshare = onshare.clone();
        move |_: MouseEvent| onshare.emit(ShareAction::Dismiss)
    };
    let failed = matches!(banner, Banner::Trouble(_));
    html! {
        <section class={classes!("banner", failed.then_some("failed"))} aria-label={words.banner} data-part="share-banner">
            <p role={if failed { "alert" } else { "status" }}>{ text }</p>
            <div class="buttons">{ buttons }</div>
            <button type="button" class="tool" data-part="share-dismiss" title={words.close} aria-label={words.close} onclick={onclose}>{ icon(Icon::Close) }</button>
        </section>
    }
}

/// See [`ShareDialog`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it shows.
    pub sharing: Sharing,
    /// Something was done.
    pub onshare: Callback<ShareAction>,
}

/// Everything that leaves the page or comes into it.
#[component]
pub fn ShareDialog(props: &Props) -> Html {
    let words = use_words().share;
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                drop(dialog.show_modal());
            }
        });
    }
    let on = |action: fn() -> ShareAction| {
        let onshare = props.onshare.clone();
        Callback::from(move |_: MouseEvent| onshare.emit(action()))
    };
    let onclose = {
        let onshare = props.onshare.clone();
        move |_: Event| onshare.emit(ShareAction::Ask(false))
    };
    let onfile = {
        let onshare = props.onshare.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                open_file(file, &onshare);
            }
        })
    };
    html! {
        <dialog ref={dialog} class="dialog share" aria-labelledby="share-title" data-part="share-dialog" onclose={onclose}>
            <header>
                <h2 id="share-title">{ words.title }</h2>
                <button type="button" class="tool" data-part="share-close" title={words.close} aria-label={words.close} onclick={on(|| ShareAction::Ask(false))}>{ icon(Icon::Close) }</button>
            </header>
            <section>
                <h3>{ words.as_link }</h3>
                <p>{ words.link_explained }</p>
                <Link link={props.sharing.link.clone()} />
            </section>
            <section>
                <h3>{ words.as_file }</h3>
                <p>{ words.file_explained }</p>
                <div class="buttons">
                    <button type="button" class="button" data-part="share-download" onclick={on(|| ShareAction::Download)}>{ words.download }</button>
                    <label class="button">{ words.open_file }<input class="visually-hidden" type="file" accept=".json,application/json" data-part="share-file" onchange={onfile} /></label>
                </div>
            </section>
            <section>
                <h3>{ words.manifests }</h3>
                <p>{ words.manifests_explained }</p>
                if props.sharing.yaml.is_empty() {
                    <p class="faint" data-part="share-yaml-none">{ words.manifests_none }</p>
                } else {
                    <div class="buttons">
                        <button type="button" class="button" data-part="share-yaml" onclick={on(|| ShareAction::DownloadYaml)}>{ words.download_yaml }</button>
                        <Copy text={props.sharing.yaml.to_string()} label={words.copy_yaml} part="share-yaml-copy" primary={false} />
                    </div>
                }
            </section>
            <section>
                <h3>{ words.from_address }</h3>
                <Address fetching={props.sharing.fetching} fetched={props.sharing.fetched.clone()} onshare={props.onshare.clone()} />
            </section>
        </dialog>
    }
}

#[derive(Properties, PartialEq)]
struct LinkProps {
    link: Option<Result<String, ShareTrouble>>,
}

#[component]
fn Link(props: &LinkProps) -> Html {
    let words = use_words().share;
    match &props.link {
        None => html! { <p class="faint" role="status">{ "…" }</p> },
        Some(Err(trouble)) => {
            html! { <p class="form-error" role="alert">{ (words.trouble)(trouble) }</p> }
        }
        Some(Ok(address)) if address.len() > link::LONGEST => {
            let text = (words.link_too_long)(address.len(), link::LONGEST);
            html! { <p class="form-error" role="alert" data-part="share-too-long">{ text }</p> }
        }
        Some(Ok(address)) => {
            let onfocus = Callback::from(|event: FocusEvent| {
                let input: HtmlInputElement = event.target_unchecked_into();
                input.select();
            });
            html! { <>
                <input class="field" type="text" readonly=true aria-label={words.link} value={address.clone()} data-part="share-link" {onfocus} />
                <div class="buttons">
                    <Copy text={address.clone()} label={words.copy} part="share-copy" primary={true} />
                    <span class="faint">{ (words.link_length)(address.len()) }</span>
                </div>
            </> }
        }
    }
}

#[derive(Properties, PartialEq)]
struct CopyProps {
    text: String,
    label: &'static str,
    part: &'static str,
    primary: bool,
}

/// A button that copies a text and says whether that went well.
#[component]
fn Copy(props: &CopyProps) -> Html {
    let words = use_words().share;
    let copied = use_state_eq(|| None::<bool>);
    let onclick = {
        let (copied, text) = (copied.clone(), props.text.clone());
        Callback::from(move |_: MouseEvent| {
            let (copied, text) = (copied.clone(), text.clone());
            spawn_local(async move { copied.set(Some(browser::copy(text).await)) });
        })
    };
    let mark = if *copied == Some(true) {
        Icon::Check
    } else {
        Icon::Copy
    };
    let said = match *copied {
        None => "",
        Some(true) => words.copied,
        Some(false) => words.copy_refused,
    };
    html! { <>
        <button type="button" class={classes!("button", props.primary.then_some("primary"))} data-part={props.part} {onclick}>{ icon(mark) }{ props.label }</button>
        <span role="status">{ said }</span>
    </> }
}

#[derive(Properties, PartialEq)]
struct AddressProps {
    fetching: bool,
    fetched: Option<Result<String, ShareTrouble>>,
    onshare: Callback<ShareAction>,
}

#[component]
fn Address(props: &AddressProps) -> Html {
    let words = use_words().share;
    let input = use_node_ref();
    let asked = props.fetching;
    let onsubmit = {
        let (input, onshare) = (input.clone(), props.onshare.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let address = input.cast::<HtmlInputElement>().map(|input| input.value());
            let (address, onshare) = (address.unwrap_or_default(), onshare.clone());
            onshare.emit(ShareAction::Fetching);
            spawn_local(async move {
                let result = manifest_at(address.trim()).await;
                onshare.emit(ShareAction::Fetched(result));
            });
        })
    };
    let failed = !asked && matches!(props.fetched, Some(Err(_)));
    let said = match &props.fetched {
        _ if asked => words.fetching.to_owned(),
        None => String::new(),
        Some(Ok(name)) => (words.fetched)(name.clone()),
        Some(Err(trouble)) => (words.trouble)(trouble),
    };
    html! {
        <form class="address" {onsubmit}>
            <input ref={input} class="field" type="text" inputmode="url" name="address" aria-label={words.address} placeholder="https://…/web.yaml"
                autocomplete="off" autocapitalize="off" spellcheck="false" aria-invalid={failed.to_string()} aria-describedby="share-address-said" data-part="share-address" />
            <button type="submit" class="button" data-part="share-fetch">{ words.fetch }</button>
            <p id="share-address-said" class={failed.then_some("form-error")} role="status" data-part="share-address-said">{ said }</p>
        </form>
    }
}

async fn manifest_at(address: &str) -> Result<(String, String), ShareTrouble> {
    let text = fetch_text(address, MAX_FILE_BYTES as u32)
        .await
        .map_err(|word| {
            let word = word.as_string().unwrap_or_default();
            match word
                .strip_prefix("status ")
                .and_then(|code| code.parse().ok())
            {
                Some(code) => ShareTrouble::Status { code },
                None if word == "address" => ShareTrouble::BadAddress,
                None if word == "large" => ShareTrouble::FileTooLarge {
                    limit_bytes: MAX_FILE_BYTES,
                },
                None => ShareTrouble::Unreachable,
            }
        })?;
    let text = text.as_string().unwrap_or_default();
    check_manifest(&text)?;
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let allowed = |letter: &char| letter.is_ascii_alphanumeric() || "._-".contains(*letter);
    let name: String = name.chars().filter(allowed).collect();
    let name = if name.is_empty() {
        "manifest.yaml".to_owned()
    } else {
        name
    };
    Ok((name, text))
}

/// Whether a dropped file is a session. A manifest may be JSON as well.
pub fn is_session(name: &str, text: &str) -> bool {
    name.ends_with(".json") && Session::is_saved(text)
}

/// Opens a session file.
fn open_file(file: File, onshare: &Callback<ShareAction>) {
    let onshare = onshare.clone();
    spawn_local(async move {
        let text = JsFuture::from(file.text())
            .await
            .ok()
            .and_then(|text| text.as_string());
        let session = text.filter(|text| Session::is_saved(text));
        let name = file.name();
        onshare.emit(ShareAction::Opened(
            None,
            session.ok_or(ShareTrouble::NotASession { name }),
        ));
    });
}
