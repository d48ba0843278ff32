//! What Tab offers.

use crate::engine::Engine;
use crate::files::Files;
use crate::view::{Candidate, CandidateKind, Completion, TerminalId};

/// The most candidates that are shown.
const SHOWN: usize = 100;

/// What ends a word of a command line. Each is one byte long.
const SEPARATORS: [char; 7] = [' ', '\t', '\n', '|', ';', '&', '('];

/// What fits at the cursor.
pub(crate) fn complete(
    engine: &Engine,
    files: &Files,
    terminal: TerminalId,
    line: &str,
    cursor: usize,
) -> Completion {
    if engine.seat(terminal).is_none() || !line.is_char_boundary(cursor) {
        return Completion::default();
    }
    let candidates =
        petset_console::completion::complete(line, cursor, &engine.cluster, files.texts());
    let from = line[..cursor].rfind(SEPARATORS).map_or(0, |at| at + 1);
    Completion {
        from,
        candidates: candidates
            .into_iter()
            .take(SHOWN)
            .map(|candidate| Candidate {
                kind: kind_of(&candidate.text, files),
                text: candidate.text,
                description: candidate.description,
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
