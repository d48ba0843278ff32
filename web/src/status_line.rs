//! The lines that are always there: quiet, or what happens next and when; and the set's places in short.

use petset_playground::text::Texts;
use petset_playground::view::{Meaning, SetView, TimeView};
use yew::prelude::*;

use crate::icons::{Icon, icon};
use crate::pictures::{meaning_name, shapes};
use crate::preferences::Pane;
use crate::top_bar::clock;

/// Quiet, or what happens next.
pub fn status_line(words: &Texts, time: &TimeView, ahead: bool, looking: bool) -> Html {
    let (meaning, text) = if looking {
        (Meaning::Gone, (words.past_looking)(clock(time.now_ms)))
    } else {
        status(words, time, ahead)
    };
    html! {
        <footer class="status-line" data-part="status" data-meaning={meaning_name(meaning)} data-quiet={time.quiet.to_string()}>
            { shapes::state_mark(meaning) }<span>{ text }</span>
        </footer>
    }
}

fn status(words: &Texts, time: &TimeView, ahead: bool) -> (Meaning, String) {
    match &time.next {
        _ if ahead => (Meaning::Progress, words.running_ahead.to_owned()),
        _ if time.paused => (Meaning::Waiting, words.paused.to_owned()),
        Some(next) if !time.quiet => {
            let tenths = next.at_ms.saturating_sub(time.now_ms).div_ceil(100);
            let seconds = format!("{}.{}", tenths / 10, tenths % 10);
            (
                Meaning::Progress,
                (words.next_in)((words.next_kind)(&next.kind), seconds),
            )
        }
        _ => (Meaning::Ready, words.quiet.to_owned()),
    }
}

/// Each set's places in one line, for a narrow page.
pub fn strip(words: &Texts, sets: &[SetView]) -> Html {
    html! {
        <section class="strip" data-part="strip" aria-label={words.places}>
            { for sets.iter().map(|set| html! {
                <p class="strip-set" key={set.object.name.clone()}>
                    <span class="strip-name">{ &set.object.name }</span>
                    <span class="strip-places" aria-hidden="true">
                        { for set.strip.iter().map(|meaning| html! { <i data-meaning={meaning_name(*meaning)} /> }) }
                    </span>
                    <span class="number">{ format!("{}/{}", set.ready, set.replicas) }</span>
                    <span class="visually-hidden">{ (words.set_summary)(&set.object.name, set.ready, set.replicas) }</span>
                </p>
            }) }
        </section>
    }
}

/// The bar that switches panes on a narrow page.
pub fn pane_bar(words: &Texts, shown: Pane, onpane: &Callback<Pane>) -> Html {
    html! {
        <nav class="pane-bar" aria-label={words.pane_switch}>
            { for Pane::ALL.into_iter().map(|pane| {
                let (mark, label) = match pane {
                    Pane::Editor => (Icon::File, words.pane_editor),
                    Pane::Pictures => (Icon::Places, words.pane_pictures),
                    Pane::Terminal => (Icon::Prompt, words.pane_terminal),
                };
                let onpane = onpane.clone();
                html! {
                    <button type="button" data-part={format!("pane-{}", pane.name())} aria-pressed={(pane == shown).to_string()}
                        onclick={move |_| onpane.emit(pane)}>{ icon(mark) }<span>{ label }</span></button>
                }
            }) }
        </nav>
    }
}
