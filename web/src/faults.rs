//! What is wrong on request: a row above everything, and marks beside what it is about.

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{FaultView, Meaning, ObjectRef};
use yew::prelude::*;

use crate::pictures::{meaning_name, shapes};

/// Every fault, each with the button that ends it. Nothing where nothing is wrong.
pub fn faults(
    words: &'static Texts,
    faults: &Rc<Vec<FaultView>>,
    looking: bool,
    onselect: &Callback<ObjectRef>,
    onrun: &Callback<String>,
) -> Html {
    let texts = &words.views.faults;
    let item = |fault: &FaultView| {
        let (onrun, command) = (onrun.clone(), fault.command.clone());
        let said = (texts.said)(fault);
        let name = match fault.object.clone() {
            Some(object) => {
                let onselect = onselect.clone();
                html! { <button type="button" class="object" onclick={move |_: MouseEvent| onselect.emit(object.clone())}>{ &said }</button> }
            }
            None => html! { <span>{ &said }</span> },
        };
        html! {
            <li key={fault.command.clone()} data-part="fault" data-meaning={meaning_name(Meaning::Failed)}>
                { shapes::state_mark(Meaning::Failed) }{ name }
                if !looking {
                    <button type="button" class="button" data-part="mend" title={fault.command.clone()} aria-label={(texts.mend)(&said)}
                        onclick={move |_: MouseEvent| onrun.emit(command.clone())}>{ texts.undo }</button>
                }
            </li>
        }
    };
    html! {
        <section class="faults" aria-label={texts.broken} data-part="faults" data-count={faults.len().to_string()} hidden={faults.is_empty()}>
            <h2>{ texts.broken }</h2>
            <ul>{ for faults.iter().map(item) }</ul>
        </section>
    }
}

/// A mark beside an object that something is wrong with.
pub fn fault_mark(words: &'static Texts, faults: &[FaultView], object: &ObjectRef) -> Html {
    let own = faults
        .iter()
        .filter(|fault| fault.object.as_ref() == Some(object));
    html! {
        { for own.map(|fault| html! { <span class="fault-mark" data-part="fault-mark">{ (words.views.faults.wrong)(fault.wrong) }</span> }) }
    }
}
