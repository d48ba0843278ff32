//! The revision of each place, and the partition as a line between two of them.

use petset_playground::view::{RolloutView, SetView};
use web_sys::Element;
use yew::prelude::*;

use super::{Offers, shapes};
use crate::icons::{Icon, icon};
use crate::words::use_words;

/// See [`Partition`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The set, with its first places.
    pub set: SetView,
    /// Its revisions.
    pub rollout: RolloutView,
    /// What the picture offers.
    pub offers: Offers,
}

/// A row with the revision of each place. Where the set updates by itself the partition is a line that can be moved; a move
/// offers the command that makes it so.
#[component]
pub fn Partition(props: &Props) -> Html {
    let words = use_words();
    let texts = &words.views.set;
    let wanted = use_state_eq(|| None::<u32>);
    {
        let wanted = wanted.clone();
        use_effect_with(props.rollout.partition, move |_| wanted.set(None));
    }
    let (set, rollout) = (&props.set, &props.rollout);
    let start = set.places.first().map_or(0, |place| place.ordinal);
    let count = u32::try_from(set.places.len()).unwrap_or(u32::MAX);
    let last = start + count;
    let partition = wanted.unwrap_or(rollout.partition);
    let line = rollout.moves.then(|| partition.clamp(start, last) - start);
    let cells = set.places.iter().map(|place| {
        let revision = place.pod.as_ref().and_then(|pod| pod.revision.as_deref());
        let is_new = revision == Some(rollout.update.as_str()) && rollout.update != rollout.current;
        html! {
            <li class={classes!("revision", is_new.then_some("new"), revision.is_none().then_some("none"))} key={place.ordinal}
                data-part="revision" data-place={place.ordinal.to_string()} data-new={is_new.to_string()}>
                <code>{ revision.unwrap_or(texts.no_pod) }</code>
                if revision.is_some() && rollout.update != rollout.current { <span>{ if is_new { texts.update } else { texts.current } }</span> }
            </li>
        }
    });
    let command = wanted
        .filter(|wanted| *wanted != rollout.partition)
        .map(|wanted| set.partition_command(wanted));
    html! {
        <div class="rollout" data-part="rollout">
            <div class="revision-row" style={format!("--n:{}", count.max(1))}>
                <ol class="revisions" aria-label={texts.revisions}>{ for cells }</ol>
                if let Some(line) = line {
                    { handle(props, texts.partition, (texts.partition_is)(partition, last), (line, partition, start, last), &wanted) }
                }
            </div>
            <p class="faint rollout-said">
                if rollout.moves { { (texts.partition_is)(partition, last) } { ". " } { texts.partition_hint } } else { { texts.on_delete } }
            </p>
            if let Some(command) = command {
                { offer(props, texts.dismiss, command, &wanted) }
            }
        </div>
    }
}

fn offer(
    props: &Props,
    dismiss: &'static str,
    command: String,
    wanted: &UseStateHandle<Option<u32>>,
) -> Html {
    let (onrun, line, back) = (props.offers.onrun.clone(), command.clone(), wanted.clone());
    html! {
        <p class="partition-offer">
            { shapes::state_mark(petset_playground::view::Meaning::Waiting) }
            <button type="button" class="run" data-part="partition-run" onclick={move |_: MouseEvent| onrun.emit(line.clone())}>{ icon(Icon::Prompt) }<code>{ command }</code></button>
            <button type="button" class="link" onclick={move |_: MouseEvent| back.set(None)}>{ dismiss }</button>
        </p>
    }
}

/// The line: a slider over the places. `place` holds the column it stands at, the partition, the first ordinal and the end.
fn handle(
    props: &Props,
    label: &'static str,
    said: String,
    (line, partition, start, last): (u32, u32, u32, u32),
    wanted: &UseStateHandle<Option<u32>>,
) -> Html {
    let actual = props.rollout.partition;
    let set = {
        let wanted = wanted.clone();
        move |to: u32| wanted.set(Some(to).filter(|to| *to != actual))
    };
    let onkeydown = {
        let set = set.clone();
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowLeft" | "ArrowDown" => partition.saturating_sub(1).max(start),
                "ArrowRight" | "ArrowUp" => (partition + 1).min(last),
                "Home" => start,
                "End" => last,
                "Escape" => actual,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            set(to);
        })
    };
    let onpointerdown = Callback::from(|event: PointerEvent| {
        if let Some(handle) = event.target_dyn_into::<Element>() {
            drop(handle.set_pointer_capture(event.pointer_id()));
        }
    });
    let onpointermove = Callback::from(move |event: PointerEvent| {
        let handle = event.target_dyn_into::<Element>();
        let Some(handle) = handle.filter(|handle| handle.has_pointer_capture(event.pointer_id()))
        else {
            return;
        };
        let row = handle.closest(".revision-row").ok().flatten();
        let cells = row.and_then(|row| row.query_selector_all(".revision").ok());
        let Some(cells) = cells else { return };
        let x = f64::from(event.client_x());
        let left_of = |at: &u32| {
            let cell = cells
                .item(*at)
                .and_then(|cell| wasm_bindgen::JsCast::dyn_into::<Element>(cell).ok());
            cell.is_some_and(|cell| {
                let place = cell.get_bounding_client_rect();
                place.left() + place.width() / 2.0 < x
            })
        };
        let passed = (0..cells.length()).filter(left_of).count();
        set(start + u32::try_from(passed).unwrap_or(0));
    });
    html! {
        <div class="partition-line" role="slider" tabindex="0" aria-label={label} aria-valuemin={start.to_string()} aria-valuemax={last.to_string()}
            aria-valuenow={partition.to_string()} aria-valuetext={said.clone()} title={said} data-part="partition" style={format!("--at:{line}")}
            {onkeydown} {onpointerdown} {onpointermove}><span aria-hidden="true">{ partition }</span></div>
    }
}
