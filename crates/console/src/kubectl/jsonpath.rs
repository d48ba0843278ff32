//! JSONPath templates as `-o jsonpath`, `--sort-by` and custom columns read them.
//!
//! Upstream: `k8s.io/client-go/util/jsonpath`.

mod eval;
mod parse;

use super::errors::Error;
use petset_manifest::{to_json_compact_go, to_json_pretty};
use serde_json::Value;

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    List(Vec<Node>),
    Field(String),
    Array(Slice),
    Filter {
        left: Vec<Node>,
        right: Vec<Node>,
        operator: String,
    },
    Union(Vec<Vec<Node>>),
    Wildcard,
    Recursive,
    Literal(Value),
    Identifier(String),
}

/// `[start:end:step]`; `derived` marks the end of a plain index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slice {
    start: Option<i64>,
    end: Option<i64>,
    derived: bool,
    step: Option<i64>,
}

/// A template that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonPath {
    text: String,
    nodes: Vec<Node>,
}

impl JsonPath {
    /// Reads a template.
    ///
    /// # Errors
    /// client-go's sentences.
    pub(crate) fn parse(text: &str) -> Result<JsonPath, String> {
        Ok(JsonPath {
            text: text.to_owned(),
            nodes: parse::template(text)?,
        })
    }

    /// What the template finds, one list for each of its parts.
    ///
    /// # Errors
    /// client-go's sentences. Missing keys are errors only if `missing_is_error`.
    pub(crate) fn find(
        &self,
        data: &Value,
        missing_is_error: bool,
    ) -> Result<Vec<Vec<Value>>, String> {
        eval::find(&self.nodes, data, missing_is_error)
    }

    /// What `-o jsonpath=` prints.
    ///
    /// # Errors
    /// The sentence with the two dumps that kubectl adds.
    pub(crate) fn print(
        &self,
        data: &Value,
        as_json: bool,
        missing_is_error: bool,
    ) -> Result<String, Error> {
        let found = self.find(data, missing_is_error).map_err(|why| {
            Error::plain(format!(
                "error executing jsonpath {}: Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n",
                super::errors::quote(&self.text), self.text, go_value(data)
            ))
        })?;
        let mut text = String::new();
        for results in found {
            if as_json {
                text.push_str(&to_json_pretty(&Value::Array(results)));
                continue;
            }
            let words: Vec<String> = results.iter().map(plain).collect();
            text.push_str(&words.join(" "));
        }
        Ok(text)
    }
}

/// A value as a template prints it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(_) | Value::Object(_) => to_json_compact_go(value),
        other => other.to_string(),
    }
}

/// A value as Go's `%#v` would name it, roughly: the dump for debugging.
fn go_value(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let fields: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}:{}", super::errors::quote(key), go_value(value)))
                .collect();
            format!("map[string]interface {{}}{{{}}}", fields.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_value).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::String(text) => super::errors::quote(text),
        Value::Null => "interface {}(nil)".to_owned(),
        other => other.to_string(),
    }
}

/// Brings `x.y`, `.x.y`, `{x.y}` and `{.x.y}` into the last form.
///
/// # Errors
/// kubectl's sentence for anything else (upstream: `get.RelaxedJSONPathExpression`).
pub(crate) fn relaxed(path: &str) -> Result<String, Error> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let inner = match (path.strip_prefix('{'), path.ends_with('}')) {
        (Some(inner), true) => inner.strip_suffix('}').unwrap_or(inner),
        (None, false) => path,
        _ => return Err(Error::plain(UNEXPECTED_PATH)),
    };
    if inner.is_empty() || inner.contains(['{', '}']) {
        return Err(Error::plain(UNEXPECTED_PATH));
    }
    Ok(format!("{{.{}}}", inner.strip_prefix('.').unwrap_or(inner)))
}

const UNEXPECTED_PATH: &str = "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'";

#[cfg(test)]
mod tests;
