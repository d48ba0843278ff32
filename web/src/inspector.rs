//! The inspector: why an object is as it is, its YAML, and the command that prints it.

mod change;
mod reasons;

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{ChangeView, DeedView, ObjectRef, ReasonView};
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::browser;
use crate::icons::{Icon, icon};
use crate::words::use_words;

/// See [`Inspector`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The object.
    pub object: ObjectRef,
    /// Its YAML now, or as it was last seen.
    pub yaml: AttrValue,
    /// It is not in the cluster any more.
    pub gone: bool,
    /// What can be done to it.
    pub deeds: Vec<DeedView>,
    /// What changed in it last.
    pub change: Option<Rc<ChangeView>>,
    /// Why it is as it is.
    pub reasons: Vec<ReasonView>,
    /// Virtual time of all this, in ms.
    pub now_ms: u64,
    /// Look at another object.
    pub onselect: Callback<ObjectRef>,
    /// Close it.
    pub onclose: Callback<()>,
    /// Run a command in the first terminal.
    pub onrun: Callback<String>,
}

/// One object, closely.
#[component]
pub fn Inspector(props: &Props) -> Html {
    let words = use_words();
    let heading = use_node_ref();
    let copied = use_state_eq(|| false);
    let shows_change = use_state_eq(|| false);
    {
        let (heading, copied) = (heading.clone(), copied.clone());
        use_effect_with(props.object.clone(), move |_| {
            copied.set(false);
            if let Some(heading) = heading.cast::<HtmlElement>() {
                drop(heading.focus());
            }
        });
    }
    let onkeydown = {
        let (onclose, shows) = (props.onclose.clone(), shows_change.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" => onclose.emit(()),
            "d" | "D" | "ㅇ" if !event.ctrl_key() && !event.meta_key() => shows.set(!*shows),
            _ => {}
        })
    };
    let command = props.object.command();
    let onrun = {
        let (onrun, command) = (props.onrun.clone(), command.clone());
        Callback::from(move |_: MouseEvent| onrun.emit(command.clone()))
    };
    let oncopy = {
        let (copied, command) = (copied.clone(), command.clone());
        Callback::from(move |_: MouseEvent| {
            let (copied, command) = (copied.clone(), command.clone());
            wasm_bindgen_futures::spawn_local(
                async move { copied.set(browser::copy(command).await) },
            );
        })
    };
    let onclose = {
        let onclose = props.onclose.clone();
        Callback::from(move |_: MouseEvent| onclose.emit(()))
    };
    let onshow = {
        let shows = shows_change.clone();
        Callback::from(move |_: MouseEvent| shows.set(!*shows))
    };
    let label = (words.inspector_yaml)(props.object.name.clone());
    html! {
        <aside class="inspector" data-part="inspector" aria-label={words.inspector} {onkeydown}>
            <header class="inspector-head">
                <h2 ref={heading} tabindex="-1"><span class="kind">{ &props.object.kind }</span>{ &props.object.name }</h2>
                <button type="button" class="tool" aria-label={words.close} title={words.close} data-part="inspector-close" onclick={onclose}>{ icon(Icon::Close) }</button>
            </header>
            <div class="inspector-command">
                <p class="faint">{ words.inspector_command }</p>
                <code>{ command }</code>
                <div class="buttons">
                    <button type="button" class="button primary" data-part="inspector-run" onclick={onrun}>{ icon(Icon::Prompt) }{ words.inspector_run }</button>
                    <button type="button" class="button" onclick={oncopy}>{ icon(if *copied { Icon::Check } else { Icon::Copy }) }
                        { if *copied { words.inspector_copied } else { words.inspector_copy } }</button>
                </div>
            </div>
            if props.gone {
                <p class="gone-note" role="status">{ words.inspector_gone }</p>
            }
            { reasons::list(words, props) }
            { deeds(words, &props.deeds, &props.onrun) }
            <p class="change-switch"><button type="button" class="button" data-part="show-change" aria-pressed={shows_change.to_string()} aria-keyshortcuts="d" onclick={onshow}>
                { words.views.set.change }<kbd>{ words.views.set.change_key }</kbd></button></p>
            if *shows_change { { change::change(words, props.change.as_deref()) } }
            <pre class="yaml" hidden={*shows_change} tabindex="0" role="region" aria-label={label} lang="en" data-part="yaml">{ for props.yaml.lines().map(yaml_line) }</pre>
        </aside>
    }
}

/// What to try, each with what a real cluster does then and with the command that does it.
fn deeds(words: &'static Texts, deeds: &[DeedView], onrun: &Callback<String>) -> Html {
    if deeds.is_empty() {
        return html! {};
    }
    let item = |deed: &DeedView| {
        let (onrun, command) = (onrun.clone(), deed.command.clone());
        html! {
            <li key={deed.command.clone()}>
                <button type="button" class="button" data-part="deed" onclick={move |_: MouseEvent| onrun.emit(command.clone())}>{ (words.deed)(deed.deed) }</button>
                <p>{ (words.deed_effect)(deed.deed) }</p>
                <code>{ &deed.command }</code>
            </li>
        }
    };
    html! {
        <details class="deeds" data-part="deeds">
            <summary>{ words.deeds }</summary>
            <ul>{ for deeds.iter().map(item) }</ul>
        </details>
    }
}

/// Colours a line: what stands before the first `: ` is its key.
fn yaml_line(line: &str) -> Html {
    let body = line.trim_start_matches([' ', '-']);
    let (indent, key_end) = (
        line.len() - body.len(),
        body.find(": ")
            .or_else(|| body.strip_suffix(':').map(str::len)),
    );
    match key_end.filter(|_| !body.starts_with(['"', '\'', '{', '['])) {
        Some(end) => html! {
            <>{ &line[..indent] }<span class="key">{ &body[..end] }</span>{ ":" }<span class="value">{ &body[end + 1..] }</span>{ "\n" }</>
        },
        None => html! { <>{ line }{ "\n" }</> },
    }
}
