//! The twin view: the same commands against a StatefulSet and a ReplicaSet, row by row.

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{TwinCell, TwinNote, TwinRow, TwinSide, TwinStep, TwinView};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::{Offers, meaning_name, shapes};
use crate::icons::{Icon, icon};
use crate::words::use_words;

/// See [`TwinPicture`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Both sides.
    pub twin: Rc<TwinView>,
    /// What the picture offers.
    pub offers: Offers,
    /// Compare another set.
    pub onset: Callback<Option<String>>,
}

/// The table of both sides.
#[component]
pub fn TwinPicture(props: &Props) -> Html {
    let words = use_words();
    let (texts, twin) = (&words.views.twin, &props.twin);
    if let Some(pods) = twin.too_many {
        return html! { <div class="empty"><h2>{ texts.none }</h2><p>{ (texts.too_many)(pods) }</p></div> };
    }
    let Some(set) = &twin.set else {
        return empty(words, props);
    };
    html! {
        <div class="twin" data-part="twin" data-behind={twin.behind.to_string()}>
            <p class="twin-what">{ texts.what }</p>
            <div class="picture-bar">
                { chooser(words, props) }
                <span class="faint" role="status">{ if twin.behind { texts.behind } else { "" } }</span>
            </div>
            <table class="twin-rows">
                <thead><tr>
                    <th scope="col">{ texts.topic_head }</th>
                    <th scope="col">{ texts.stateful }{ " " }<code>{ &set.name }</code></th>
                    <th scope="col">{ texts.replica }{ " " }<code>{ &set.name }</code></th>
                </tr></thead>
                <tbody>{ for twin.rows.iter().map(|row| table_row(words, &props.offers, row)) }</tbody>
            </table>
            { steps(words, &twin.steps) }
            if !twin.manifest.is_empty() {
                <details class="twin-more"><summary>{ texts.manifest }</summary>
                    <p>{ texts.claims_explained }</p>
                    <pre tabindex="0" lang="en">{ &twin.manifest }</pre>
                </details>
            }
        </div>
    }
}

fn empty(words: &'static Texts, props: &Props) -> Html {
    let texts = &words.views.twin;
    let apply = props.twin.file.as_ref().map(|file| {
        let command = format!("kubectl apply -f {file}");
        run_button(words, &props.offers, &command)
    });
    html! { <div class="empty" data-part="twin-empty"><h2>{ texts.none }</h2><p>{ texts.none_hint }</p><p>{ apply }</p></div> }
}

fn run_button(words: &'static Texts, offers: &Offers, command: &str) -> Html {
    let (onrun, line) = (offers.onrun.clone(), command.to_owned());
    html! {
        <button type="button" class="run" title={words.inspector_run} data-part="twin-run" onclick={move |_| onrun.emit(line.clone())}>
            { icon(Icon::Prompt) }<code>{ command.to_owned() }</code></button>
    }
}

fn chooser(words: &'static Texts, props: &Props) -> Html {
    let twin = &props.twin;
    if twin.sets.len() < 2 {
        return html! {};
    }
    let shown = twin.set.as_ref().map(|set| {
        let namespace = set.namespace.as_deref().unwrap_or_default();
        format!("{namespace}/{}", set.name)
    });
    let onchange = {
        let onset = props.onset.clone();
        Callback::from(move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>();
            onset.emit(chosen.map(|select| select.value()));
        })
    };
    html! {
        <label class="picture-choice"><span>{ words.views.twin.of_set }</span>
            <select class="field" name="twin-set" {onchange}>
                { for twin.sets.iter().map(|set| html! {
                    <option key={set.clone()} value={set.clone()} selected={shown.as_ref() == Some(set)}>{ set }</option>
                }) }
            </select></label>
    }
}

fn table_row(words: &'static Texts, offers: &Offers, row: &TwinRow) -> Html {
    let texts = &words.views.twin;
    let topic = format!("{:?}", row.topic).to_lowercase();
    html! {
        <tr key={topic.clone()} data-part="twin-row" data-topic={topic}>
            <th scope="row"><b>{ (texts.topic)(row.topic) }</b>
                <p class="twin-why">{ (texts.why)(row.topic) }</p>
                if let Some(command) = &row.offer {
                    <p class="twin-try"><span>{ texts.try_it }</span>{ " " }{ run_button(words, offers, command) }</p>
                }
            </th>
            <td class="twin-side" data-side="stateful" data-label={texts.stateful}>{ cells(words, offers, &row.stateful) }</td>
            <td class="twin-side" data-side="replica" data-label={texts.replica}>{ cells(words, offers, &row.replica) }</td>
        </tr>
    }
}

fn cells(words: &'static Texts, offers: &Offers, side: &TwinSide) -> Html {
    let texts = &words.views.twin;
    if side.cells.is_empty() {
        return html! { <p class="faint">{ texts.nothing }</p> };
    }
    html! {
        <ol class="twin-cells">
            { for side.cells.iter().map(|cell| one_cell(words, offers, cell)) }
            if side.more > 0 { <li class="faint">{ (texts.more)(side.more) }</li> }
        </ol>
    }
}

fn one_cell(words: &'static Texts, offers: &Offers, cell: &TwinCell) -> Html {
    let note = (words.views.twin.note)(&cell.note);
    let vacant = cell.note == TwinNote::Vacant;
    let name = match &cell.object {
        Some(object) => {
            let (onselect, target) = (offers.onselect.clone(), object.clone());
            let mark = offers.mark(object);
            html! { <button type="button" class={classes!("object", mark)} onclick={move |_| onselect.emit(target.clone())}>{ &cell.name }</button> }
        }
        None => html! { <span class="twin-name">{ &cell.name }</span> },
    };
    html! {
        <li class={classes!("twin-cell", vacant.then_some("vacant"))} data-meaning={meaning_name(cell.meaning)} data-part="twin-cell">
            { shapes::state_mark(cell.meaning) }{ name }
            if !note.is_empty() { <span class="twin-note number">{ note }</span> }
        </li>
    }
}

fn steps(words: &'static Texts, steps: &[TwinStep]) -> Html {
    if steps.is_empty() {
        return html! {};
    }
    let texts = &words.views.twin;
    let item = |step: &TwinStep| {
        html! {
            <li data-part="twin-step">
                <code>{ &step.given }</code>
                if step.given != step.played { <p>{ (texts.played_as)(step.played.clone()) }</p> }
                if !step.answer.is_empty() { <pre tabindex="0" lang="en">{ &step.answer }</pre> }
            </li>
        }
    };
    html! {
        <details class="twin-more"><summary>{ texts.steps }</summary><ol>{ for steps.iter().rev().map(item) }</ol></details>
    }
}
