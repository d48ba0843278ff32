//! What a terminal keeps of a command, and what commands ask of the page.

use crate::shell::Stream;

/// One command with what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number; later entries have greater ones.
    pub id: u64,
    /// What was typed; several lines for a command of several lines.
    pub command: String,
    /// What was printed, in order.
    pub output: Vec<(Stream, String)>,
    /// The exit code, once it has ended.
    pub exit_code: Option<i32>,
}

impl Entry {
    /// Whether it still runs.
    pub fn is_running(&self) -> bool {
        self.exit_code.is_none()
    }

    pub(super) fn length(&self) -> usize {
        self.command.len()
            + self
                .output
                .iter()
                .map(|(_, text)| text.len())
                .sum::<usize>()
    }
}

/// What a command asks the page to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Show this file in the editor.
    OpenEditor(String),
    /// Empty the screen.
    Clear,
}

/// What came of letting a terminal go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Whether an entry changed.
    pub changed: bool,
    /// Whether there is more to do at once: the budget of this call was used up.
    pub unfinished: bool,
    /// What the page is asked to do, in order.
    pub effects: Vec<Effect>,
}

/// The first request to the page in a text: where it begins, how long it is, what it is.
pub(super) fn next_effect(text: &str) -> Option<(usize, usize, Effect)> {
    const CLEAR: &str = "\u{1b}[H\u{1b}[2J";
    const EDIT: &str = "\u{1b}]petset;edit;";
    let clear = text.find(CLEAR).map(|at| (at, CLEAR.len(), Effect::Clear));
    let edit = text.find(EDIT).and_then(|at| {
        let name = &text[at + EDIT.len()..];
        let end = name.find('\u{7}')?;
        let effect = Effect::OpenEditor(name[..end].to_owned());
        Some((at, EDIT.len() + end + 1, effect))
    });
    match (clear, edit) {
        (Some(a), Some(b)) => Some(if a.0 < b.0 { a } else { b }),
        (a, b) => a.or(b),
    }
}
