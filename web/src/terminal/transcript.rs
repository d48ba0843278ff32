//! Links to single commands, and the whole session as text.
//!
//! A command's number in its terminal is the same after a reload, which plays the session again; the link holds it.

use std::rc::Rc;

use petset_playground::text::TranscriptTexts;
use petset_playground::view::TerminalView;
use yew::prelude::*;

use crate::browser;
use crate::icons::{Icon, icon};
use crate::words::use_words;

const PREFIX: &str = "command-";

/// A command of a terminal, as the page's address names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The terminal's place, from 1.
    pub terminal: u32,
    /// The command's block.
    pub block: u64,
}

impl Mark {
    /// What the page's address asks for.
    pub fn of_address() -> Option<Mark> {
        let fragment = browser::window().location().hash().ok()?;
        let (terminal, block) = fragment
            .strip_prefix('#')?
            .strip_prefix(PREFIX)?
            .split_once('-')?;
        Some(Mark {
            terminal: terminal.parse().ok()?,
            block: block.parse().ok()?,
        })
    }

    /// The id of the command's element.
    pub fn id(self) -> String {
        format!("{PREFIX}{}-{}", self.terminal, self.block)
    }

    /// Whether one of the terminals shows the command.
    pub fn is_in(self, terminals: &[Rc<TerminalView>]) -> bool {
        let at = usize::try_from(self.terminal).ok();
        let view = at.and_then(|at| terminals.get(at.checked_sub(1)?));
        view.is_some_and(|view| view.blocks.iter().any(|block| block.id == self.block))
    }
}

/// What is said of a link to a command that is not there.
pub fn missing(
    words: &TranscriptTexts,
    close: &'static str,
    onclose: Callback<MouseEvent>,
) -> Html {
    html! {
        <section class="banner failed" data-part="mark-missing">
            <p role="alert">{ words.missing }</p>
            <div class="buttons"><button type="button" class="button" onclick={onclose}>{ close }</button></div>
        </section>
    }
}

/// See [`CopyTranscript`].
#[derive(Properties, PartialEq)]
pub struct CopyProps {
    /// The terminal.
    pub view: Rc<TerminalView>,
}

/// Copies everything that a terminal shows.
#[component]
pub fn CopyTranscript(props: &CopyProps) -> Html {
    let words = use_words();
    let said = use_state_eq(|| "");
    let onclick = {
        let (said, view) = (said.clone(), props.view.clone());
        Callback::from(move |_: MouseEvent| {
            let (said, text) = (said.clone(), view.transcript());
            wasm_bindgen_futures::spawn_local(async move {
                let done = browser::copy(text).await;
                said.set(match done {
                    true => words.transcript.copied,
                    false => words.transcript.not_copied,
                });
            });
        })
    };
    html! {
        <>
            <span role="status" class="faint said">{ *said }</span>
            <button type="button" class="tool" title={words.transcript.copy} aria-label={words.transcript.copy}
                data-part="copy-transcript" {onclick}>{ icon(Icon::Copy) }</button>
        </>
    }
}
