//! Events, newest first.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use petset_playground::view::{EventRow, Meaning};
use yew::prelude::*;

use super::{Offers, changed_mark, shapes};
use crate::words::use_words;

/// Rows that are drawn when the table comes into sight; the others follow, so that whoever asked for it need not wait for all.
const ROWS_AT_FIRST: usize = 40;

/// When the others follow, in ms: the first ones are on the screen by then.
const OTHERS_AFTER_MS: u32 = 50;

/// See [`EventsPicture`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Oldest first.
    pub events: Rc<Vec<EventRow>>,
    /// What the picture offers.
    pub offers: Offers,
}

/// The table of events.
#[component]
pub fn EventsPicture(props: &Props) -> Html {
    let words = use_words();
    let rows = use_state_eq(|| ROWS_AT_FIRST);
    {
        let rows = rows.clone();
        use_effect_with((), move |()| {
            let others = Timeout::new(OTHERS_AFTER_MS, move || rows.set(usize::MAX));
            move || drop(others)
        });
    }
    if props.events.is_empty() {
        return html! { <div class="empty"><h2>{ words.events_none }</h2><p>{ words.events_none_hint }</p></div> };
    }
    html! {
        <div class="table-scroll" tabindex="0" role="region" aria-label={words.tab_events}>
            <table class="events" data-part="events">
                <thead><tr>
                    <th scope="col">{ words.events_age }</th><th scope="col">{ words.events_type }</th>
                    <th scope="col">{ words.events_reason }</th><th scope="col">{ words.events_object }</th>
                    <th scope="col">{ words.events_message }</th>
                </tr></thead>
                <tbody>{ for props.events.iter().rev().take(*rows).map(|event| row(words, &props.offers, event)) }</tbody>
            </table>
        </div>
    }
}

fn row(words: &'static petset_playground::text::Texts, offers: &Offers, event: &EventRow) -> Html {
    let meaning = if event.warning {
        Meaning::Failed
    } else {
        Meaning::Ready
    };
    let kind = if event.warning { "Warning" } else { "Normal" };
    let select = |object: &petset_playground::view::ObjectRef| {
        let (onselect, object) = (offers.onselect.clone(), object.clone());
        Callback::from(move |_: MouseEvent| onselect.emit(object.clone()))
    };
    html! {
        <tr key={event.object.name.clone()} class={classes!(event.warning.then_some("warning"), event.changed.then_some("fresh"))}>
            <td class="number">{ changed_mark(words, event.changed) }{ &event.age }</td>
            <td data-meaning={super::meaning_name(meaning)} lang="en">
                if event.warning { { shapes::state_mark(meaning) } }
                { kind }
            </td>
            <td lang="en"><button type="button" class={classes!("object", offers.mark(&event.object))} onclick={select(&event.object)}>{ &event.reason }</button></td>
            <td lang="en"><button type="button" class={classes!("object", offers.mark(&event.regarding))} onclick={select(&event.regarding)}>
                { format!("{}/{}", event.regarding.kind.to_lowercase(), event.regarding.name) }</button></td>
            <td lang="en" class="message">{ &event.message }
                if event.count > 1 { <span class="times">{ (words.events_times)(event.count) }</span> }
            </td>
        </tr>
    }
}
