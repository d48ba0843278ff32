//! What Tab offers.

use crate::engine::Engine;
use crate::files::Files;
use crate::view::{Candidate, CandidateKind, Completion, TerminalId};

/// The most candidates that are shown.
const SHOWN: usize = 100;

/// What fits at the cursor.
pub(crate) fn complete(
    engine: &Engine,
    files: &Files,
    terminal: TerminalId,
    line: &str,
    cursor: usize,
) -> Completion {
    let Some(seat) = engine.seat(terminal) else {
        return Completion::default();
    };
    if !line.is_char_boundary(cursor) {
        return Completion::default();
    }
    let before = &line[..cursor];
    let from = before.rfind(char::is_whitespace).map_or(0, |at| {
        at + before[at..].chars().next().map_or(1, char::len_utf8)
    });
    let candidates =
        petset_console::completion::complete(line, cursor, &engine.cluster, files.texts());
    let _ = seat.terminal();
    Completion {
        from,
        candidates: candidates
            .into_iter()
            .take(SHOWN)
            .map(|candidate| Candidate {
                kind: kind_of(&candidate.text, files),
                text: candidate.text,
            })
            .collect(),
    }
}

fn kind_of(text: &str, files: &Files) -> CandidateKind {
    if text.starts_with('-') {
        CandidateKind::Flag
    } else if files.text(text).is_some() {
        CandidateKind::File
    } else {
        CandidateKind::Name
    }
}
