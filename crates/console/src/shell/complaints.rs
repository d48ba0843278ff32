//! What each shell says about a text that is no script.

use super::lexer::SyntaxError;
use super::state::{Dialect, State};

/// The words for a text that is no script.
pub(super) fn syntax_error(state: &State, error: &SyntaxError, text: &str) -> Vec<String> {
    let line = text.lines().count().max(1);
    let prefix = state.prefix();
    let name = &state.name;
    match (state.dialect, error) {
        (_, SyntaxError::NotSimulated(what)) => vec![format!("{prefix}not simulated here: {what}")],
        (Dialect::BashPrompt, SyntaxError::Unclosed(quote)) => vec![
            format!("bash: unexpected EOF while looking for matching `{quote}'"),
            "bash: syntax error: unexpected end of file".to_owned(),
        ],
        (Dialect::Bash, SyntaxError::Unclosed(quote)) => {
            vec![format!(
                "{name}: -c: line {line}: unexpected EOF while looking for matching `{quote}'"
            )]
        }
        (Dialect::BashPrompt, SyntaxError::Incomplete | SyntaxError::HereDocument(_)) => {
            vec!["bash: syntax error: unexpected end of file".to_owned()]
        }
        (Dialect::Bash, SyntaxError::Incomplete | SyntaxError::HereDocument(_)) => vec![format!(
            "{name}: -c: line {}: syntax error: unexpected end of file",
            line + 1
        )],
        (Dialect::BashPrompt, SyntaxError::Unexpected(token)) => {
            vec![format!(
                "bash: syntax error near unexpected token `{token}'"
            )]
        }
        (Dialect::Bash, SyntaxError::Unexpected(token)) => vec![
            format!("{name}: -c: line {line}: syntax error near unexpected token `{token}'"),
            format!(
                "{name}: -c: line {line}: `{}'",
                text.lines().last().unwrap_or("")
            ),
        ],
        (Dialect::BashPrompt | Dialect::Bash, SyntaxError::BadSubstitution(text)) => {
            vec![format!("{prefix}{text}: bad substitution")]
        }
        (Dialect::Dash, SyntaxError::BadSubstitution(_)) => {
            vec![format!("{prefix}Bad substitution")]
        }
        (Dialect::Ash, SyntaxError::BadSubstitution(_)) => {
            vec![format!("{prefix}syntax error: bad substitution")]
        }
        (Dialect::Dash, SyntaxError::Unclosed(_)) => {
            vec![format!("{prefix}Syntax error: Unterminated quoted string")]
        }
        (Dialect::Ash, SyntaxError::Unclosed(_)) => {
            vec![format!("{prefix}syntax error: unterminated quoted string")]
        }
        (Dialect::Dash, SyntaxError::Unexpected(token)) => {
            vec![format!("{prefix}Syntax error: \"{token}\" unexpected")]
        }
        (Dialect::Ash, SyntaxError::Unexpected(token)) => {
            vec![format!("{prefix}syntax error: unexpected \"{token}\"")]
        }
        (Dialect::Dash, _) => vec![format!("{prefix}Syntax error: end of file unexpected")],
        (Dialect::Ash, _) => vec![format!("{prefix}syntax error: unexpected end of file")],
    }
}
