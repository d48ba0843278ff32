//! The scrubber: every moment of the session in a row, with the commands as marks.

use petset_playground::text::Texts;
use petset_playground::view::{FutureView, MomentView, PastView};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::icons::{Icon, icon};
use crate::top_bar::clock;

/// What a person did with the past.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PastAction {
    /// Look at a moment; `None` is the present.
    LookAt(Option<usize>),
    /// Look at what was at this virtual moment, in ms.
    LookAtMs(u64),
    /// Look at the moment before.
    Back,
    /// Look at the moment after; in the present, let the next event happen.
    Forward,
    /// Go on from the moment that is looked at.
    Continue,
    /// Take the last command back.
    Undo,
    /// Go back to a future that was left.
    Return(usize),
}

/// The row with the scrubber and what can be done with the moment it points at.
pub fn scrubber(
    words: &Texts,
    past: &PastView,
    now_ms: u64,
    onpast: &Callback<PastAction>,
) -> Html {
    let looking = past.looking_at.is_some();
    html! {
        <section class="past" aria-label={words.past} data-part="past" data-looking={looking.to_string()}>
            { button(Icon::Back, words.past_back, "past-back", past.moments.is_empty() || past.looking_at == Some(0), onpast, PastAction::Back) }
            { track(words, past, now_ms, onpast) }
            { button(Icon::Step, words.past_forward, "past-forward", !looking, onpast, PastAction::Forward) }
            { choices(words, past, now_ms, onpast) }
        </section>
    }
}

fn on(onpast: &Callback<PastAction>, action: PastAction) -> Callback<MouseEvent> {
    let onpast = onpast.clone();
    Callback::from(move |_| onpast.emit(action))
}

fn button(
    mark: Icon,
    label: &'static str,
    part: &'static str,
    disabled: bool,
    onpast: &Callback<PastAction>,
    action: PastAction,
) -> Html {
    // A button that is not of use now stays focusable: who walks back to the beginning keeps their place.
    let onclick = if disabled {
        Callback::noop()
    } else {
        on(onpast, action)
    };
    html! {
        <button type="button" class="tool" data-part={part} title={label} aria-label={label} aria-disabled={disabled.to_string()}
            {onclick}>{ icon(mark) }</button>
    }
}

fn track(words: &Texts, past: &PastView, now_ms: u64, onpast: &Callback<PastAction>) -> Html {
    let count = past.moments.len();
    let at = past.looking_at.unwrap_or(count);
    let oninput = {
        let onpast = onpast.clone();
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let wanted = input.value().parse().unwrap_or(count);
            onpast.emit(PastAction::LookAt((wanted < count).then_some(wanted)));
        })
    };
    let spoken = match past.looking_at.and_then(|at| past.moments.get(at)) {
        None => words.past_present.to_owned(),
        Some(MomentView {
            at_ms,
            command: None,
        }) => clock(*at_ms),
        Some(MomentView {
            at_ms,
            command: Some(command),
        }) => (words.past_before)(command.to_string(), clock(*at_ms)),
    };
    html! {
        <div class="track" title={clock(now_ms)}>
            <div class="marks" aria-hidden="true">
                { for past.moments.iter().enumerate().filter(|(_, moment)| moment.command.is_some()).map(|(index, moment)| html! {
                    <i key={index} style={format!("left:{:.2}%", 100.0 * index as f64 / count.max(1) as f64)} title={moment.command.as_deref().unwrap_or_default().to_owned()} />
                }) }
            </div>
            <input type="range" data-part="past-range" min="0" max={count.to_string()} step="1" value={at.to_string()} disabled={count == 0}
                aria-label={words.past_range} title={(words.past_kept)(past.limit)} aria-valuetext={spoken} {oninput} />
        </div>
    }
}

fn choices(words: &Texts, past: &PastView, now_ms: u64, onpast: &Callback<PastAction>) -> Html {
    if past.looking_at.is_some() {
        return html! {
            <div class="choices">
                <p class="looking" role="status" data-part="past-looking">{ (words.past_looking)(clock(now_ms)) }</p>
                <button type="button" class="button primary" data-part="past-continue" title={words.past_continue_explained}
                    onclick={on(onpast, PastAction::Continue)}>{ words.past_continue }</button>
                <button type="button" class="button" data-part="past-present" onclick={on(onpast, PastAction::LookAt(None))}>{ words.past_to_present }</button>
            </div>
        };
    }
    let undo = past.last_command.as_ref().map(|command| {
        let label = (words.past_undo_command)(command.to_string());
        html! {
            <button type="button" class="tool wide" data-part="past-undo" title={label.clone()} aria-label={label}
                onclick={on(onpast, PastAction::Undo)}>{ icon(Icon::Undo) }<span>{ words.past_undo }</span></button>
        }
    });
    let futures = past.futures.iter().enumerate().rev().map(|(index, future)| {
        let label = future_label(words, future);
        html! {
            <button type="button" class="tool wide future" key={index} data-part="past-return" title={label.clone()} aria-label={label}
                onclick={on(onpast, PastAction::Return(index))}>{ icon(Icon::Branch) }<span>{ clock(future.at_ms) }</span></button>
        }
    });
    html! { <div class="choices">{ undo }{ for futures }</div> }
}

fn future_label(words: &Texts, future: &FutureView) -> String {
    let at = clock(future.at_ms);
    match &future.command {
        Some(command) => (words.past_return_command)(command.to_string(), at),
        None => (words.past_return)(at),
    }
}
