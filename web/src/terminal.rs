//! A terminal: a log of commands and their output, and a prompt below it.
//!
//! Plain elements, so that input methods, selection, search and screen readers work as everywhere else.

mod line;
pub mod output;
pub mod prompt;
pub mod transcript;

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{Completion, PromptState, TerminalId, TerminalView};
use web_sys::Element;
use yew::prelude::*;

use crate::browser;
use crate::icons::{Icon, icon};
use crate::words::use_words;
use transcript::Mark;

/// What a person did in a terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum TerminalAction {
    /// A line was entered.
    Submit(String),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-L.
    Clear,
    /// Close it.
    Close,
    /// Open another one.
    OpenAnother,
}

/// A line and its cursor (as a byte offset), for completion.
pub type Cursor = (String, usize);

/// See [`Terminal`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it shows.
    pub view: Rc<TerminalView>,
    /// Its place among the terminals, from 1.
    pub number: u32,
    /// Whether it may be closed.
    pub closable: bool,
    /// Whether another one may be opened.
    pub can_open: bool,
    /// The next command of the lesson.
    pub suggestion: Option<AttrValue>,
    /// Lines typed so far, oldest first.
    pub history: Rc<Vec<Rc<str>>>,
    /// What Tab offers.
    pub complete: Callback<Cursor, Completion>,
    /// The command that the page's address names.
    #[prop_or_default]
    pub marked: Option<u64>,
    /// What a person did.
    pub onaction: Callback<(TerminalId, TerminalAction)>,
}

/// One terminal.
#[component]
pub fn Terminal(props: &Props) -> Html {
    let words = use_words();
    let screen = use_node_ref();
    let at_end = use_mut_ref(|| true);
    let id = props.view.id;
    let number = props.number;
    let act = {
        let onaction = props.onaction.clone();
        move |action: TerminalAction| onaction.emit((id, action))
    };
    {
        let (screen, at_end) = (screen.clone(), at_end.clone());
        use_effect_with(props.view.clone(), move |_| {
            if let Some(screen) = screen.cast::<Element>().filter(|_| *at_end.borrow()) {
                screen.set_scroll_top(screen.scroll_height());
            }
        });
    }
    let found = props
        .marked
        .filter(|id| props.view.blocks.iter().any(|block| block.id == *id));
    {
        let at_end = at_end.clone();
        let mark = found.map(|block| Mark {
            terminal: number,
            block,
        });
        use_effect_with(mark, move |mark| {
            if let Some(mark) = mark {
                *at_end.borrow_mut() = false;
                browser::scroll_to(&mark.id());
            }
        });
    }
    let onscroll = {
        let (screen, at_end) = (screen.clone(), at_end.clone());
        Callback::from(move |_: Event| {
            if let Some(screen) = screen.cast::<Element>() {
                let below = screen.scroll_height() - screen.client_height() - screen.scroll_top();
                *at_end.borrow_mut() = below < 24;
            }
        })
    };
    let onsubmit = {
        let (act, at_end) = (act.clone(), at_end.clone());
        Callback::from(move |line| {
            *at_end.borrow_mut() = true;
            act(TerminalAction::Submit(line));
        })
    };
    let prompt_id = AttrValue::from(format!("prompt-{number}"));
    let onclick = {
        let prompt = format!("#{prompt_id}");
        Callback::from(move |event: MouseEvent| {
            let on_button = event
                .target_dyn_into::<Element>()
                .is_some_and(|e| matches!(e.closest("button, input"), Ok(Some(_))));
            if !on_button && !browser::has_selection() {
                browser::focus(&prompt);
            }
        })
    };
    let on = |action: TerminalAction| {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act(action.clone()))
    };
    let running = props.view.prompt == PromptState::Running;
    let name = (words.terminal_name)(number);
    html! {
        <section class="terminal" data-part="terminal" aria-label={name.clone()}>
            <div class="pane-head">
                <h2 class="pane-title">{ icon(Icon::Prompt) }{ name }</h2>
                <div class="tools">
                    if running {
                        <button type="button" class="tool wide stop" data-part="interrupt" onclick={on(TerminalAction::Interrupt)}>
                            { icon(Icon::Stop) }<span>{ words.terminal_interrupt }</span>
                        </button>
                    }
                    <transcript::CopyTranscript view={props.view.clone()} />
                    <button type="button" class="tool" title={words.terminal_clear} aria-label={words.terminal_clear}
                        onclick={on(TerminalAction::Clear)}>{ icon(Icon::Clear) }</button>
                    if props.can_open {
                        <button type="button" class="tool" title={words.terminal_open} aria-label={words.terminal_open}
                            data-part="terminal-open" onclick={on(TerminalAction::OpenAnother)}>{ icon(Icon::Split) }</button>
                    }
                    if props.closable {
                        <button type="button" class="tool" title={words.terminal_close} aria-label={words.terminal_close}
                            data-part="terminal-close" onclick={on(TerminalAction::Close)}>{ icon(Icon::Close) }</button>
                    }
                </div>
            </div>
            <div class="screen" ref={screen} {onscroll} {onclick}>
                if props.view.blocks.is_empty() && props.history.is_empty() && number == 1 {
                    { welcome(words) }
                }
                <div role="log" aria-live="polite" aria-label={(words.terminal_log)(number)} class="log">
                    { for props.view.blocks.iter().map(|block| html! {
                        <output::Entry key={block.id.to_string()} block={block.clone()} marked={found == Some(block.id)}
                            id={Mark { terminal: number, block: block.id }.id()} />
                    }) }
                </div>
                <prompt::Prompt id={prompt_id} state={props.view.prompt} autofocus={number == 1}
                    suggestion={props.suggestion.clone()} history={props.history.clone()} complete={props.complete.clone()}
                    {onsubmit} oninterrupt={on_plain(&act, TerminalAction::Interrupt)} onclear={on_plain(&act, TerminalAction::Clear)} />
            </div>
        </section>
    }
}

fn on_plain(
    act: &(impl Fn(TerminalAction) + Clone + 'static),
    action: TerminalAction,
) -> Callback<()> {
    let act = act.clone();
    Callback::from(move |()| act(action.clone()))
}

/// What an empty terminal says: where to begin.
fn welcome(words: &Texts) -> Html {
    html! {
        <div class="welcome">
            <h3>{ words.welcome }</h3>
            <ol>{ for words.welcome_steps.iter().map(|step| html! { <li>{ *step }</li> }) }</ol>
        </div>
    }
}
