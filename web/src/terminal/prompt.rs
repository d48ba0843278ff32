//! The prompt: a native text field with history, search, completion and a suggestion.
//!
//! The field's text belongs to the browser. It is read on input and written only when a person asks for it with a key
//! (history, completion), never while an input method composes.

use std::cell::RefCell;
use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{Completion, PromptState};
use wasm_bindgen::JsCast;
use web_sys::ClipboardEvent;
use yew::prelude::*;

use crate::browser;
use crate::icons::{Icon, icon};
use crate::words::use_words;

use super::Cursor;
use super::line::Line;

/// See [`Prompt`].
#[derive(Properties, Clone, PartialEq)]
pub struct Props {
    /// The field's id.
    pub id: AttrValue,
    /// What it waits for.
    pub state: PromptState,
    /// Take the focus when the page opens.
    pub autofocus: bool,
    /// The next command of the lesson.
    pub suggestion: Option<AttrValue>,
    /// Lines typed so far, oldest first.
    pub history: Rc<Vec<Rc<str>>>,
    /// What Tab offers.
    pub complete: Callback<Cursor, Completion>,
    /// A line was entered.
    pub onsubmit: Callback<String>,
    /// Ctrl-C.
    pub oninterrupt: Callback<()>,
    /// Ctrl-L.
    pub onclear: Callback<()>,
}

/// Acts on the line inside an event, and draws it afterwards.
#[derive(Clone)]
struct Hand {
    line: Rc<RefCell<Line>>,
    props: Props,
    redraw: UseForceUpdateHandle,
}

impl Hand {
    /// Runs `act` now. An event that comes while another one is being handled changes nothing.
    fn act<T>(&self, act: impl FnOnce(&mut Line, &Props) -> T) -> Option<T> {
        let done = self
            .line
            .try_borrow_mut()
            .ok()
            .map(|mut line| act(&mut line, &self.props));
        self.redraw.force_update();
        done
    }

    fn on<E: 'static>(&self, act: impl Fn(&mut Line, &Props, &E) + 'static) -> Callback<E> {
        let hand = self.clone();
        Callback::from(move |event: E| {
            hand.act(|line, props| act(line, props, &event));
        })
    }
}

/// The prompt.
#[component]
pub fn Prompt(props: &Props) -> Html {
    let words = use_words();
    let line = use_mut_ref(Line::default);
    let hand = Hand {
        line: line.clone(),
        props: props.clone(),
        redraw: use_force_update(),
    };
    {
        let (line, autofocus) = (line.clone(), props.autofocus);
        use_effect_with((), move |()| {
            if let Some(input) = line.borrow().field().filter(|_| autofocus) {
                drop(input.focus());
            }
        });
    }
    let line = line.borrow();
    {
        let list = list_id(props);
        let open = (line.candidates().is_some(), line.chosen());
        use_effect_with(open, move |(open, chosen)| {
            if *open {
                browser::reveal_option(&list, *chosen);
            }
        });
    }
    html! {
        <div class="prompt-area">
            if let Some(found) = line.searched(props) {
                <p class="search" role="status">
                    <span class="search-label">{ words.search_history }</span>
                    <code>{ found.unwrap_or(words.search_none) }</code>
                </p>
            }
            <div class="prompt-line">
                <span class="prompt-mark" aria-hidden="true">{ mark(props.state) }</span>
                <div class="prompt-field">
                    { field(words, &line, &hand) }
                    { ghost(words, &line, &hand) }
                </div>
            </div>
            { candidates(words, &line, &hand) }
            <p id={format!("{}-hint", props.id)} class="visually-hidden">
                if let Some(suggestion) = props.suggestion.as_ref().filter(|_| line.ghost(props).is_some()) {
                    { (words.suggestion)(suggestion) }
                }
            </p>
            <p id={format!("{}-keys", props.id)} class="visually-hidden">{ words.terminal_keys }</p>
        </div>
    }
}

fn mark(state: PromptState) -> &'static str {
    match state {
        PromptState::Ready => "$",
        PromptState::Continuation => ">",
        PromptState::Running | PromptState::LookingBack => "…",
    }
}

fn list_id(props: &Props) -> String {
    format!("{}-list", props.id)
}

fn field(words: &Texts, line: &Line, hand: &Hand) -> Html {
    let props = &hand.props;
    let onkeydown = {
        let hand = hand.clone();
        Callback::from(move |event: KeyboardEvent| {
            if hand.act(|line, props| line.key(props, &event)) == Some(true) {
                event.prevent_default();
                event.stop_propagation();
            }
        })
    };
    let onpaste = hand.on(|line, props, event: &Event| {
        if props.state != PromptState::LookingBack
            && let Some(text) = pasted_lines(event)
        {
            line.paste(props, &text);
        }
    });
    let placeholder = match props.state {
        PromptState::Running => Some(words.terminal_running),
        PromptState::LookingBack => Some(words.terminal_looking_back),
        PromptState::Ready | PromptState::Continuation => None,
    };
    let active = line.chosen().map(|at| format!("{}-{at}", list_id(props)));
    html! {
        <input ref={line.input.clone()} id={props.id.clone()} type="text" data-part="prompt" class="prompt-input"
            name="command" aria-label={words.terminal_input} aria-describedby={format!("{0}-hint {0}-keys", props.id)}
            role="combobox" aria-autocomplete="list" aria-expanded={line.candidates().is_some().to_string()}
            aria-controls={list_id(props)} aria-activedescendant={active}
            autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" enterkeyhint="go"
            oninput={hand.on(|line, _, _: &InputEvent| line.changed())} onblur={hand.on(|line, _, _: &FocusEvent| line.blur())}
            readonly={props.state == PromptState::LookingBack} placeholder={placeholder} {onkeydown} {onpaste} />
    }
}

/// The rest of the suggestion, behind what is typed, and a button that takes it.
fn ghost(words: &Texts, line: &Line, hand: &Hand) -> Html {
    let Some(rest) = line.ghost(&hand.props) else {
        return html! {};
    };
    let onclick = hand.on(|line, props, _: &MouseEvent| {
        line.accept(props);
        line.focus();
    });
    html! {
        <span class="ghost" data-part="ghost">
            <span class="ghost-typed" aria-hidden="true">{ &line.typed }</span>
            <span class="ghost-rest" aria-hidden="true">{ rest }</span>
            <button type="button" class="accept" title={words.suggestion_accept} aria-label={words.suggestion_accept}
                data-part="accept" {onclick}>{ icon(Icon::Accept) }</button>
        </span>
    }
}

fn candidates(words: &Texts, line: &Line, hand: &Hand) -> Html {
    let list = list_id(&hand.props);
    let all = line.candidates();
    let described = all.is_some_and(|all| all.iter().any(|one| !one.description.is_empty()));
    html! {
        <ul id={list.clone()} class={classes!("candidates", described.then_some("described"))} role="listbox" aria-label={words.candidates} hidden={all.is_none()}>
            { for all.into_iter().flatten().enumerate().map(|(at, candidate)| html! {
                <li id={format!("{list}-{at}")} role="option" aria-selected={(line.chosen() == Some(at)).to_string()}
                    onpointerdown={hand.on(move |line, _, event: &PointerEvent| {
                        event.prevent_default();
                        line.press(at);
                    })}>
                    <span>{ candidate.text.clone() }</span>
                    if !candidate.description.is_empty() {
                        <span class="about">{ format!("({})", candidate.description) }</span>
                    }
                </li>
            }) }
        </ul>
    }
}

/// A pasted text that has several lines; the browser pastes a single line itself.
fn pasted_lines(event: &Event) -> Option<String> {
    let data = event.dyn_ref::<ClipboardEvent>()?.clipboard_data()?;
    let text = data
        .get_data("text/plain")
        .ok()
        .filter(|text| text.contains('\n'))?;
    event.prevent_default();
    Some(text)
}
