//! The pictures: what stands in the cluster, drawn from data.

pub mod blocks;
pub mod dns;
pub mod events;
pub mod nodes;
pub mod owners;
pub mod partition;
pub mod set;
pub mod shapes;
pub mod storage;
pub mod timeline;
pub mod tools;
pub mod twin;

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{FaultView, Meaning, ObjectRef, Why};
use yew::prelude::*;

use crate::browser;
use crate::faults::fault_mark;
use crate::preferences::Picture;

/// What a picture offers: a closer look at an object, or a command.
#[derive(Clone, PartialEq)]
pub struct Offers {
    /// Look at an object.
    pub onselect: Callback<ObjectRef>,
    /// Run a command in the first terminal.
    pub onrun: Callback<String>,
    /// The object in the inspector.
    pub selected: Option<ObjectRef>,
    /// What belongs to it.
    pub related: Rc<Vec<ObjectRef>>,
    /// What is wrong on request.
    pub faults: Rc<Vec<FaultView>>,
}

impl Offers {
    /// What is wrong with an object, as marks to stand beside it.
    pub fn faults_of(&self, words: &'static Texts, object: &ObjectRef) -> Html {
        fault_mark(words, &self.faults, object)
    }

    /// How an object is marked: it is selected, or belongs to what is.
    pub fn mark(&self, object: &ObjectRef) -> Option<&'static str> {
        match self.selected.as_ref() == Some(object) {
            true => Some("selected"),
            false => self.related.contains(object).then_some("related"),
        }
    }
}

/// The value of `data-meaning`.
pub fn meaning_name(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Ready => "ready",
        Meaning::Progress => "progress",
        Meaning::Waiting => "waiting",
        Meaning::Failed => "failed",
        Meaning::Gone => "gone",
    }
}

/// The reason of something, folded behind a small "why?".
pub fn why(words: &Texts, why: Option<&Why>) -> Html {
    let Some(why) = why else { return html! {} };
    html! {
        <details class="why"><summary>{ words.why_label }</summary><p>{ (words.why)(why) }</p></details>
    }
}

/// A mark on what was touched since the last command.
pub fn changed_mark(words: &Texts, changed: bool) -> Html {
    if !changed {
        return html! {};
    }
    html! {
        <span class="changed" title={words.changed}>
            <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true"><path d="M5 0.5L9.5 5 5 9.5 0.5 5z" /></svg>
            <span class="visually-hidden">{ words.changed }</span>
        </span>
    }
}

#[derive(Properties, PartialEq)]
struct InSightProps {
    shown: &'static str,
}

/// Keeps the tab in front in sight where the row is longer than the page is wide.
#[component]
fn InSight(props: &InSightProps) -> Html {
    use_effect_with(props.shown, |_| {
        browser::reveal(".picture-tab[aria-selected=true]");
    });
    html! {}
}

/// What a picture is called on its tab.
pub fn tab_label(words: &Texts, picture: Picture) -> &'static str {
    match picture {
        Picture::Set => words.tab_set,
        Picture::Twin => words.views.twin.tab,
        Picture::Timeline => words.views.timeline.tab,
        Picture::Owners => words.views.owners.tab,
        Picture::Storage => words.tab_storage,
        Picture::Dns => words.tab_dns,
        Picture::Nodes => words.tab_nodes,
        Picture::Events => words.tab_events,
    }
}

/// The tabs above the pictures, `shown` in front.
pub fn picture_tabs(words: &Texts, shown: Picture, onpicture: &Callback<Picture>) -> Html {
    let onkeydown = {
        let onpicture = onpicture.clone();
        Callback::from(move |event: KeyboardEvent| {
            let count = Picture::ALL.len();
            let at = Picture::ALL.iter().position(|p| *p == shown).unwrap_or(0);
            let wanted = match event.key().as_str() {
                "ArrowRight" => (at + 1) % count,
                "ArrowLeft" => (at + count - 1) % count,
                "Home" => 0,
                "End" => count - 1,
                _ => return,
            };
            event.prevent_default();
            onpicture.emit(Picture::ALL[wanted]);
            browser::focus_tab(&event, wanted);
        })
    };
    html! {
        <>
        <InSight shown={shown.name()} />
        <div class="picture-tabs" role="tablist" aria-label={words.pictures} {onkeydown}>
            { for Picture::ALL.into_iter().map(|picture| {
                let selected = picture == shown;
                let label = tab_label(words, picture);
                let onpicture = onpicture.clone();
                html! {
                    <button type="button" role="tab" class="picture-tab" id={format!("tab-{}", picture.name())}
                        data-part={format!("tab-{}", picture.name())}
                        aria-selected={selected.to_string()} aria-controls="picture" tabindex={if selected { "0" } else { "-1" }}
                        onclick={move |_| onpicture.emit(picture)}>{ label }</button>
                }
            }) }
        </div>
        </>
    }
}

/// What shapes, marks and lines mean, behind a button.
pub fn legend(words: &Texts) -> Html {
    let texts = &words.views.legend;
    let all = [
        Meaning::Ready,
        Meaning::Progress,
        Meaning::Waiting,
        Meaning::Failed,
        Meaning::Gone,
    ];
    let shape =
        |drawn: Html, name: &'static str| html! { <li class="shape">{ drawn }{ name }</li> };
    html! {
        <details class="legend" data-part="legend">
            <summary title={words.legend}>{ texts.legend }</summary>
            <div class="legend-body" tabindex="0" role="group" aria-label={words.legend}>
                <p class="legend-head">{ texts.states }</p>
                <ul>
                    { for all.into_iter().map(|meaning| html! {
                        <li data-meaning={meaning_name(meaning)}>{ shapes::state_mark(meaning) }{ (words.meaning)(meaning) }</li>
                    }) }
                </ul>
                <p class="legend-head">{ texts.shapes }</p>
                <ul data-meaning="ready">
                    { shape(shapes::pod(Meaning::Ready, &[petset_playground::view::ContainerState::Ready]), texts.pod) }
                    { shape(shapes::claim(Meaning::Ready, false), texts.claim) }
                    { shape(shapes::volume(Meaning::Ready, false, true), texts.volume) }
                    { shape(shapes::signpost(), texts.service) }
                    { shape(shapes::empty_pod(), texts.place) }
                </ul>
                <p class="legend-head">{ texts.marks }</p>
                <ul>
                    <li>{ changed_mark(words, true) }{ words.changed }</li>
                    <li><i class="key-selected" aria-hidden="true" />{ texts.selected }</li>
                    <li><i class="key-related" aria-hidden="true" />{ texts.related }</li>
                    <li><i class="key-command" aria-hidden="true" />{ texts.command }</li>
                    <li><i class="key-event" aria-hidden="true" />{ texts.event }</li>
                    <li><i class="key-owned" aria-hidden="true" />{ texts.owned }</li>
                    <li><i class="key-used" aria-hidden="true" />{ texts.used }</li>
                </ul>
            </div>
        </details>
    }
}

/// See [`CopyText`].
#[derive(Properties, PartialEq)]
pub struct CopyProps {
    /// What is copied.
    pub text: AttrValue,
}

/// A button that copies a picture as text, and says so.
#[component]
pub fn CopyText(props: &CopyProps) -> Html {
    let words = crate::words::use_words();
    let copied = use_state_eq(|| false);
    let onclick = {
        let (copied, text) = (copied.clone(), props.text.to_string());
        Callback::from(move |_: MouseEvent| {
            let (copied, text) = (copied.clone(), text.clone());
            wasm_bindgen_futures::spawn_local(async move { copied.set(browser::copy(text).await) });
        })
    };
    html! {
        <span class="copy-text">
            <button type="button" class="button" {onclick} data-part="copy-text">{ words.copy_text }</button>
            <span role="status">{ if *copied { words.inspector_copied } else { "" } }</span>
        </span>
    }
}
