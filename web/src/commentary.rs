//! The running commentary: the latest decisions as sentences, read out politely.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use petset_playground::text::Texts;
use petset_playground::text::reasons::say;
use petset_playground::view::{ObjectRef, RemarkView};
use yew::prelude::*;

use crate::icons::{Icon, icon};
use crate::words::use_words;

/// How many sentences are shown.
pub const SHOWN: usize = 40;
/// So long sentences are gathered before they are read out.
const GATHER_MS: u32 = 1_500;
/// How many of them are read out.
const READ: usize = 2;

/// The switch.
pub fn switch(words: &Texts, on: bool, onswitch: &Callback<bool>) -> Html {
    let onswitch = onswitch.clone();
    html! {
        <button type="button" class="tool commentary-switch" aria-pressed={on.to_string()} title={words.commentary.title} aria-label={words.commentary.title}
            data-part="commentary-switch" onclick={move |_: MouseEvent| onswitch.emit(!on)}>{ icon(Icon::Speech) }</button>
    }
}

/// See [`Commentary`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The sentences, oldest first.
    pub remarks: Rc<Vec<RemarkView>>,
    /// Look at an object.
    pub onselect: Callback<ObjectRef>,
}

/// What is yet to be read out.
#[derive(Default)]
struct Waiting {
    remarks: Rc<Vec<RemarkView>>,
    read: u64,
    timer: Option<Timeout>,
}

/// The latest sentences, newest first.
#[component]
pub fn Commentary(props: &Props) -> Html {
    let words = use_words();
    let said = use_state_eq(String::new);
    let waiting = use_mut_ref(|| Waiting {
        read: props.remarks.last().map_or(0, |last| last.number + 1),
        ..Waiting::default()
    });
    {
        let said = said.clone();
        use_effect_with(props.remarks.clone(), move |remarks| {
            gather(&waiting, remarks, words, said);
        });
    }
    let item = |view: &RemarkView| {
        let (onselect, object) = (props.onselect.clone(), view.object.clone());
        html! {
            <li key={view.number} data-remark={format!("{:?}", view.remark)}>
                <span class="number">{ seconds(view.at_ms) }</span>
                <button type="button" class="link" onclick={move |_: MouseEvent| onselect.emit(object.clone())}>{ &view.object.name }</button>
                <span>{ sentence(words, view) }</span>
                if view.count > 1 { <span class="faint">{ (words.events_times)(view.count) }</span> }
            </li>
        }
    };
    html! {
        <section class="commentary" aria-label={words.commentary.title} data-part="commentary">
            if props.remarks.is_empty() { <p class="faint">{ words.commentary.none }</p> }
            <ol tabindex="0" aria-label={words.commentary.title}>{ for props.remarks.iter().rev().map(item) }</ol>
            <p class="visually-hidden" aria-live="polite" data-part="commentary-said">{ &*said }</p>
        </section>
    }
}

/// Remembers what came, and reads it out a little later, all at once.
fn gather(
    waiting: &Rc<RefCell<Waiting>>,
    remarks: &Rc<Vec<RemarkView>>,
    words: &'static Texts,
    said: UseStateHandle<String>,
) {
    let mut now = waiting.borrow_mut();
    now.remarks = remarks.clone();
    let news = remarks.last().is_some_and(|last| last.number >= now.read);
    if !news || now.timer.is_some() {
        return;
    }
    let later = waiting.clone();
    now.timer = Some(Timeout::new(GATHER_MS, move || {
        let mut now = later.borrow_mut();
        now.timer = None;
        let read = now.read;
        let fresh: Vec<&RemarkView> = now.remarks.iter().filter(|r| r.number >= read).collect();
        let next = fresh.last().map_or(read, |last| last.number + 1);
        let first = fresh.len().saturating_sub(READ);
        let mut text: Vec<String> = fresh[first..].iter().map(|r| sentence(words, r)).collect();
        if first > 0 {
            text.push((words.commentary.more)(first));
        }
        now.read = next;
        said.set(text.join(" "));
    }));
}

fn sentence(words: &Texts, view: &RemarkView) -> String {
    say((words.commentary.remark)(view.remark), &view.values)
}

/// Seconds with one digit behind the point.
fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}
