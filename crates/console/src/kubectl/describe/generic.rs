//! Kinds without a description of their own: every field.

use super::describe_metadata;
use super::writer::PrefixWriter;
use petset_cluster::Object;
use petset_cluster::sort;
use serde_json::{Map, Value};

/// Fields that are shown in front or not at all.
const SKIPPED: [&str; 5] = [
    ".metadata.managedFields",
    ".metadata.name",
    ".metadata.namespace",
    ".metadata.labels",
    ".metadata.annotations",
];

/// Words of which every letter is big.
const ACRONYMS: [&str; 4] = ["API", "URL", "UID", "GUID"];

/// An object as its fields, sorted by name.
///
/// Upstream: `genericDescriber`.
pub(super) fn describe(object: &Object, w: &mut PrefixWriter) {
    describe_metadata(object.meta(), w);
    if let Value::Object(fields) = object.to_json() {
        describe_fields(&fields, 0, "", w);
    }
}

fn describe_fields(fields: &Map<String, Value>, level: usize, path: &str, w: &mut PrefixWriter) {
    let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
    sort::by_key(&mut sorted, |(name, _)| *name);
    for (name, value) in sorted {
        let path = format!("{path}.{name}");
        if SKIPPED.contains(&path.as_str()) {
            continue;
        }
        let label = label(name);
        match value {
            Value::Object(fields) => {
                w.line(level, format_args!("{label}:"));
                describe_fields(fields, level + 1, &path, w);
            }
            Value::Array(items) => {
                w.line(level, format_args!("{label}:"));
                for item in items {
                    match item {
                        Value::Object(fields) => describe_fields(fields, level + 1, &path, w),
                        other => w.line(level + 1, value_text(other)),
                    }
                }
            }
            other => w.field(level, label, value_text(other)),
        }
    }
}

/// A value as upstream's language prints it.
fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(value_text).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(fields) => {
            let mut pairs: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{key}:{}", value_text(value)))
                .collect();
            pairs.sort();
            format!("map[{}]", pairs.join(" "))
        }
        other => other.to_string(),
    }
}

/// The words of a field's name, each with a big first letter.
///
/// Upstream: `smartLabelFor`.
fn label(field: &str) -> String {
    if field.chars().any(|c| !c.is_alphabetic() && c != '-') {
        return field.to_owned();
    }
    let words = merge_capitals(split_words(field));
    let words: Vec<String> = words.into_iter().map(|word| capitalise(&word)).collect();
    words.join(" ")
}

fn capitalise(word: &str) -> String {
    let big = word.to_uppercase();
    if ACRONYMS.contains(&big.as_str()) {
        return big;
    }
    let mut letters = word.chars();
    match letters.next() {
        Some(first) if word.to_lowercase() == word => first.to_uppercase().chain(letters).collect(),
        _ => word.to_owned(),
    }
}

/// Splits at changes between small letters, big letters and other characters; the last of several
/// big letters belongs to the small ones behind it.
///
/// Upstream: `github.com/fatih/camelcase`.
fn split_words(field: &str) -> Vec<String> {
    let class = |c: char| (c.is_lowercase(), c.is_uppercase());
    let mut words: Vec<Vec<char>> = Vec::new();
    for c in field.chars() {
        match words.last_mut() {
            Some(word) if word.last().is_some_and(|last| class(*last) == class(c)) => word.push(c),
            _ => words.push(vec![c]),
        }
    }
    for at in 1..words.len() {
        let (before, after) = words.split_at_mut(at);
        let (Some(big), Some(small)) = (before.last_mut(), after.first_mut()) else {
            continue;
        };
        let starts = |word: &[char], test: fn(char) -> bool| word.first().is_some_and(|c| test(*c));
        if starts(big, char::is_uppercase)
            && starts(small, char::is_lowercase)
            && let Some(last) = big.pop()
        {
            small.insert(0, last);
        }
    }
    let words = words.into_iter().filter(|word| !word.is_empty());
    words.map(|word| word.into_iter().collect()).collect()
}

/// Joins two or more big letters with the word behind them.
fn merge_capitals(words: Vec<String>) -> Vec<String> {
    let mut merged = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let all_big =
            word.len() >= 2 && word.chars().all(|c| !c.is_alphabetic() || c.is_uppercase());
        let next = words.next_if(|next| all_big && next.starts_with(char::is_uppercase));
        merged.push(word + next.as_deref().unwrap_or(""));
    }
    merged
}
