//! What each shell says about a text that is no script.

use super::lexer::{SyntaxError, Unexpected};
use super::state::{Dialect, State};

/// The words for a text that is no script.
pub(super) fn syntax_error(state: &State, error: &SyntaxError, text: &str) -> Vec<String> {
    if let SyntaxError::NotSimulated(what) = error {
        return vec![format!("{}not simulated here: {what}", state.prefix())];
    }
    match state.dialect {
        Dialect::BashPrompt => bash("bash: ", "bash: ", error, None),
        Dialect::Bash => {
            let line = text.lines().count().max(1);
            let at = format!("{}: -c: line {line}: ", state.name);
            let after = format!("{}: -c: line {}: ", state.name, line + 1);
            bash(&at, &after, error, text.lines().last())
        }
        dialect => vec![format!(
            "{}{}",
            state.prefix(),
            posix(error, dialect == Dialect::Dash)
        )],
    }
}

fn bash(at: &str, after: &str, error: &SyntaxError, last: Option<&str>) -> Vec<String> {
    let end = format!("{after}syntax error: unexpected end of file");
    match error {
        SyntaxError::Unclosed(quote) => {
            let words = format!("{at}unexpected EOF while looking for matching `{quote}'");
            match last {
                Some(_) => vec![words],
                None => vec![words, end],
            }
        }
        SyntaxError::Unexpected(what, _) => {
            let token = match what {
                Unexpected::Token(text)
                | Unexpected::Word(text)
                | Unexpected::Redirection(text) => text,
                Unexpected::Newline => "newline",
            };
            let mut words = vec![format!("{at}syntax error near unexpected token `{token}'")];
            words.extend(last.map(|last| format!("{at}`{last}'")));
            words
        }
        SyntaxError::LoopVariable(name) => vec![format!("{at}`{name}': not a valid identifier")],
        SyntaxError::Condition(words) => vec![format!("{at}{words}")],
        _ => vec![end],
    }
}

/// The words of dash; with small letters and another order those of BusyBox.
fn posix(error: &SyntaxError, dash: bool) -> String {
    let (words, wanted) = match error {
        SyntaxError::Unclosed('`') => ("EOF in backquote substitution".to_owned(), None),
        SyntaxError::Unclosed(')') => (subject("end of file", dash), Some(")")),
        SyntaxError::Unclosed('}') => ("Missing '}'".to_owned(), None),
        SyntaxError::Incomplete(Some("))")) => ("Missing '))'".to_owned(), None),
        SyntaxError::Unclosed(_) => ("Unterminated quoted string".to_owned(), None),
        SyntaxError::LoopVariable(_) => ("Bad for loop variable".to_owned(), None),
        SyntaxError::Unexpected(what, wanted) => {
            let what = match what {
                Unexpected::Token(text) => format!("\"{text}\""),
                Unexpected::Word(_) => "word".to_owned(),
                Unexpected::Redirection(_) => "redirection".to_owned(),
                Unexpected::Newline => "newline".to_owned(),
            };
            (subject(&what, dash), *wanted)
        }
        SyntaxError::Incomplete(wanted) => (subject("end of file", dash), *wanted),
        _ => (subject("end of file", dash), None),
    };
    let wanted = wanted.map_or(String::new(), |wanted| format!(" (expecting \"{wanted}\")"));
    let name = if dash { "Syntax error" } else { "syntax error" };
    let words = match (dash, words.strip_prefix("EOF")) {
        (false, None) => {
            let mut chars = words.chars();
            let first = chars.next().map(|c| c.to_ascii_lowercase());
            first.into_iter().chain(chars).collect()
        }
        _ => words,
    };
    format!("{name}: {words}{wanted}")
}

fn subject(what: &str, dash: bool) -> String {
    match dash {
        true => format!("{what} unexpected"),
        false => format!("unexpected {what}"),
    }
}
