//! Where a command ends in lines that were pasted, piped or read from a page.

use super::lexer::SyntaxError;
use super::parser;
use super::state::Dialect;
use std::collections::VecDeque;

/// How many lines the first command of some lines has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// So many, and it is whole.
    Whole(usize),
    /// More than there are.
    Incomplete,
    /// So many, and the last of them cannot be read.
    Wrong(usize),
}

/// How far the first command reaches.
pub fn extent<'a>(lines: impl IntoIterator<Item = &'a str>) -> Extent {
    let lines: VecDeque<String> = lines.into_iter().map(str::to_owned).collect();
    let (_, count, result) = take_command(&lines, Dialect::BashPrompt);
    match result {
        Ok(()) => Extent::Whole(count),
        Err(
            SyntaxError::Incomplete(_) | SyntaxError::Unclosed(_) | SyntaxError::HereDocument(_),
        ) => Extent::Incomplete,
        Err(_) => Extent::Wrong(count),
    }
}

/// Splits off the first lines of a paste that are a whole command, or all of it when it never becomes one.
/// Returns the command, and how many lines it has.
pub(crate) fn take_command(
    lines: &VecDeque<String>,
    dialect: Dialect,
) -> (String, usize, Result<(), SyntaxError>) {
    let mut text = String::new();
    let mut first_error = None;
    for (i, line) in lines.iter().enumerate().take(500) {
        if i > 0 {
            text.push('\n');
        }
        text.push_str(line);
        let continued = line.ends_with('\\') && !line.ends_with("\\\\");
        match parser::parse(&text, dialect) {
            _ if continued && i + 1 < lines.len() => {}
            Ok(_) if continued => first_error = Some(SyntaxError::Incomplete(None)),
            Ok(_) => return (text, i + 1, Ok(())),
            Err(
                error @ (SyntaxError::Incomplete(_)
                | SyntaxError::Unclosed(_)
                | SyntaxError::HereDocument(_)),
            ) => first_error = Some(error),
            Err(error) => return (text, i + 1, Err(error)),
        }
    }
    let count = lines.len().min(500);
    (
        text,
        count,
        Err(first_error.unwrap_or(SyntaxError::Incomplete(None))),
    )
}
