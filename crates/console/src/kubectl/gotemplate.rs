//! Go templates as `-o go-template` and `--template` read them.
//!
//! Upstream: Go's `text/template`; `k8s.io/cli-runtime/pkg/printers/template.go`. What shares templates (`define`, `template`, `block`) and leaves loops
//! (`break`, `continue`) is not simulated.

mod eval;
mod functions;
mod parse;

pub(crate) use functions::base64_text;

use super::errors::{Error, quote};
use super::printers::go_printed;
use petset_manifest::to_json_compact_go;
use serde_json::Value;

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    Action(Pipeline),
    If(Pipeline, Vec<Node>, Vec<Node>),
    With(Pipeline, Vec<Node>, Vec<Node>),
    Range(Pipeline, Vec<Node>, Vec<Node>),
}

/// Commands joined by `|`, whose value may be given to variables.
#[derive(Clone, Debug, PartialEq)]
struct Pipeline {
    variables: Vec<String>,
    /// `=` instead of `:=`.
    assigns: bool,
    commands: Vec<Vec<Operand>>,
}

/// A word of a command; numbers at the end say where in the text it stands.
#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Dot,
    Nil,
    Field(Vec<String>, usize),
    Variable(String, Vec<String>, usize),
    Function(String, usize),
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    Group(Box<Pipeline>, Vec<String>, usize),
}

/// A template that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GoTemplate {
    text: String,
    nodes: Vec<Node>,
    missing_keys_are_errors: bool,
}

impl GoTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// Go's sentences, as kubectl passes them on.
    pub(crate) fn parse(text: &str, allow_missing_keys: bool) -> Result<GoTemplate, Error> {
        let nodes = parse::template(text).map_err(|why| match why {
            parse::Refusal::Syntax(line, why) => Error::plain(format!(
                "error parsing template {text}, template: output:{line}: {why}"
            )),
            parse::Refusal::NotSimulated(what) => Error::not_simulated(what),
        })?;
        Ok(GoTemplate {
            text: text.to_owned(),
            nodes,
            missing_keys_are_errors: !allow_missing_keys,
        })
    }

    /// The template filled in with an object.
    ///
    /// # Errors
    /// Go's sentences, after what kubectl prints for debugging.
    pub(crate) fn print(&self, object: &Value) -> Result<String, Error> {
        eval::run(self, object).map_err(|why| {
            let text = &self.text;
            let shown = format!(
                "Error executing template: template: output:{why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{text}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
                to_json_compact_go(object),
                go_printed(object)
            );
            let error = Error::plain(format!(
                "error executing template {}: template: output:{why}",
                quote(text)
            ));
            Error::After(shown, Box::new(error))
        })
    }
}

#[cfg(test)]
mod tests;
