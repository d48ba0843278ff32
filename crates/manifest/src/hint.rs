//! From a parser's complaint to what a person most likely did.

use crate::tree::SyntaxError;
use crate::{Hint, Span};

/// The likely cause of a syntax error and the words to point at, within the document.
pub(crate) fn explain(text: &str, error: &SyntaxError) -> (Option<Hint>, Span) {
    let here = word_at(text, error.at);
    if let Some(hint) = &error.hint {
        return (Some(hint.clone()), here);
    }
    let context = error.context.map_or(here, |at| word_at(text, at));
    let next = text.get(error.at..).and_then(|rest| rest.chars().next());
    match error.problem {
        "found character that cannot start any token" => match next {
            Some('\t') => (Some(Hint::TabIndent), here),
            Some(c) => (Some(Hint::ReservedCharacter(c)), here),
            None => (None, here),
        },
        "found a tab character that violates indentation" => (Some(Hint::TabIndent), here),
        "found unexpected end of stream" | "found unexpected document indicator" => {
            (Some(Hint::UnclosedQuote), context)
        }
        "mapping values are not allowed in this context" => {
            (Some(Hint::MappingInScalar), line_at(text, error.at))
        }
        "could not find expected ':'" => match indented_by_tab(text, error.at) {
            Some(span) => (Some(Hint::TabIndent), span),
            None => (Some(Hint::MissingColon), context),
        },
        "did not find expected key" => match indented_by_tab(text, error.at) {
            Some(span) => (Some(Hint::TabIndent), span),
            None if behind_quote(text, error.at) => (Some(Hint::UnclosedQuote), here),
            None => (Some(Hint::BadIndent), here),
        },
        "did not find expected '-' indicator" => (Some(Hint::BadListIndent), here),
        "did not find expected ',' or ']'" | "did not find expected ',' or '}'" => {
            (Some(Hint::UnclosedBracket), context)
        }
        "found unknown escape character" => (Some(Hint::BadEscape), here),
        "block sequence entries are not allowed in this context" => {
            (Some(Hint::BadListIndent), here)
        }
        _ => (None, here),
    }
}

/// Cuts a span to what can be seen: line ends and blanks at its end go, an empty one gets a character.
pub(crate) fn visible(text: &str, span: Span) -> Span {
    let end = span.end.min(text.len());
    let start = span.start.min(end);
    let trimmed = text
        .get(start..end)
        .map_or(start, |inside| start + inside.trim_end().len());
    if trimmed > start {
        return Span {
            start,
            end: trimmed,
        };
    }
    match text.get(start..).and_then(|rest| rest.chars().next()) {
        Some(c) if c != '\n' && c != '\r' => Span {
            start,
            end: start + c.len_utf8(),
        },
        // At a line's end: the last thing before it.
        _ => match text
            .get(..start)
            .and_then(|before| before.trim_end().char_indices().next_back())
        {
            Some((at, c)) => Span {
                start: at,
                end: at + c.len_utf8(),
            },
            None => Span { start, end: start },
        },
    }
}

fn word_at(text: &str, at: usize) -> Span {
    let at = at.min(text.len());
    let rest = text.get(at..).unwrap_or_default();
    let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
    Span {
        start: at,
        end: at + length,
    }
}

fn line_at(text: &str, at: usize) -> Span {
    let at = at.min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    Span {
        start: start + indent,
        end: start + line.trim_end().len().max(indent),
    }
}

/// The tab among the blanks that start this offset's line.
fn indented_by_tab(text: &str, at: usize) -> Option<Span> {
    let line = line_at(text, at);
    let before = text.get(..line.start)?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let tab = start + before.get(start..)?.find('\t')?;
    Some(Span {
        start: tab,
        end: tab + 1,
    })
}

/// Text right behind a closing quote: the quote closed too early.
fn behind_quote(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.trim_end_matches(' ').ends_with(['"', '\'']) && !before.ends_with('\n')
}
