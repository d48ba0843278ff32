//! The functions that need no filter.

use super::eval::{VALUE_LIMIT, Values, combine, index, recurse};
use super::value::Json;
use crate::kubectl::base64;
use regex_lite::Regex;

/// The functions, and how many arguments each takes.
const FUNCTIONS: [(&str, usize); 42] = [
    ("add", 0),
    ("all", 0),
    ("any", 0),
    ("any", 1),
    ("all", 1),
    ("ascii_downcase", 0),
    ("ascii_upcase", 0),
    ("contains", 1),
    ("empty", 0),
    ("endswith", 1),
    ("first", 0),
    ("first", 1),
    ("flatten", 0),
    ("from_entries", 0),
    ("group_by", 1),
    ("has", 1),
    ("join", 1),
    ("keys", 0),
    ("last", 0),
    ("length", 0),
    ("ltrimstr", 1),
    ("map", 1),
    ("map_values", 1),
    ("max", 0),
    ("min", 0),
    ("not", 0),
    ("range", 1),
    ("recurse", 0),
    ("reverse", 0),
    ("rtrimstr", 1),
    ("select", 1),
    ("sort", 0),
    ("sort_by", 1),
    ("split", 1),
    ("startswith", 1),
    ("test", 1),
    ("to_entries", 0),
    ("tojson", 0),
    ("tonumber", 0),
    ("tostring", 0),
    ("type", 0),
    ("unique", 0),
];

/// Whether there is such a function.
pub(super) fn is_known(name: &str, arguments: usize) -> bool {
    FUNCTIONS.contains(&(name, arguments))
}

/// The functions of one value.
pub(super) fn with_value(name: &str, input: &Json, value: &Json) -> Values {
    let wrong = |words: &str| Err(format!("{} ({}) {words}", input.kind(), input.compact()));
    let found = match (name, input, value) {
        ("has", Json::Object(entries), Json::Text(key)) => {
            Json::Bool(entries.iter().any(|(known, _)| known == key))
        }
        ("has", Json::List(items), Json::Number(at)) => {
            Json::Bool(*at >= 0.0 && (*at as usize) < items.len())
        }
        ("has", _, _) => {
            return Err(format!(
                "Cannot check whether {} has a {} key",
                input.kind(),
                value.kind()
            ));
        }
        ("contains", _, _) => Json::Bool(contains(input, value)),
        ("startswith", Json::Text(text), Json::Text(part)) => {
            Json::Bool(text.starts_with(part.as_str()))
        }
        ("endswith", Json::Text(text), Json::Text(part)) => {
            Json::Bool(text.ends_with(part.as_str()))
        }
        ("ltrimstr", Json::Text(text), Json::Text(part)) => {
            Json::Text(text.strip_prefix(part.as_str()).unwrap_or(text).to_owned())
        }
        ("rtrimstr", Json::Text(text), Json::Text(part)) => {
            Json::Text(text.strip_suffix(part.as_str()).unwrap_or(text).to_owned())
        }
        ("ltrimstr" | "rtrimstr", _, _) => input.clone(),
        ("test", Json::Text(text), Json::Text(pattern)) => match Regex::new(pattern) {
            Ok(regex) => Json::Bool(regex.is_match(text)),
            Err(_) => return Err(format!("{pattern} (at offset 0) is not a valid regex")),
        },
        ("split", Json::Text(text), Json::Text(separator)) if separator.is_empty() => {
            Json::List(text.chars().map(|c| Json::Text(c.to_string())).collect())
        }
        ("split", Json::Text(text), Json::Text(separator)) => {
            let parts = text.split(separator.as_str());
            Json::List(parts.map(|part| Json::Text(part.to_owned())).collect())
        }
        ("join", Json::List(items), Json::Text(separator)) => {
            let texts = items.iter().map(|item| match item {
                Json::Null => String::new(),
                other => other.text(),
            });
            Json::Text(texts.collect::<Vec<_>>().join(separator))
        }
        ("range", _, Json::Number(end)) => {
            let count = end.max(0.0).min(VALUE_LIMIT as f64) as u32;
            return Ok((0..count).map(|n| Json::Number(f64::from(n))).collect());
        }
        _ => return wrong(&format!("cannot be used with {name}")),
    };
    Ok(vec![found])
}

fn contains(whole: &Json, part: &Json) -> bool {
    match (whole, part) {
        (Json::Text(whole), Json::Text(part)) => whole.contains(part.as_str()),
        (Json::List(whole), Json::List(parts)) => parts
            .iter()
            .all(|part| whole.iter().any(|item| contains(item, part))),
        (Json::Object(whole), Json::Object(parts)) => parts.iter().all(|(key, part)| {
            whole
                .iter()
                .any(|(known, value)| known == key && contains(value, part))
        }),
        _ => whole == part,
    }
}

/// The functions without arguments.
pub(super) fn plain(name: &str, input: &Json) -> Values {
    let text = |value: String| Ok(vec![Json::Text(value)]);
    let found = match (name, input) {
        ("empty", _) => return Ok(Vec::new()),
        ("recurse", _) => return Ok(recurse(input)),
        ("not", _) => Json::Bool(!input.is_true()),
        ("type", _) => return text(input.kind().to_owned()),
        ("tostring", _) => return text(input.text()),
        ("tojson" | "@json", _) => return text(input.compact()),
        ("@text", _) => return text(input.text()),
        ("tonumber", Json::Number(_)) => input.clone(),
        ("tonumber", Json::Text(digits)) => match digits.parse() {
            Ok(number) => Json::Number(number),
            Err(_) => return Err(format!("Cannot parse '{digits}' as JSON")),
        },
        ("length", Json::Null) => Json::Number(0.0),
        ("length", Json::Text(text)) => Json::Number(text.chars().count() as f64),
        ("length", Json::List(items)) => Json::Number(items.len() as f64),
        ("length", Json::Object(entries)) => Json::Number(entries.len() as f64),
        ("length", Json::Number(number)) => Json::Number(number.abs()),
        ("ascii_downcase", Json::Text(value)) => return text(value.to_ascii_lowercase()),
        ("ascii_upcase", Json::Text(value)) => return text(value.to_ascii_uppercase()),
        ("@base64", _) => return text(base64(input.text().as_bytes())),
        ("keys", Json::Object(entries)) => {
            let mut keys: Vec<Json> = entries
                .iter()
                .map(|(key, _)| Json::Text(key.clone()))
                .collect();
            Json::sort(&mut keys);
            Json::List(keys)
        }
        ("keys", Json::List(items)) => {
            Json::List((0..items.len()).map(|at| Json::Number(at as f64)).collect())
        }
        ("to_entries", Json::Object(entries)) => {
            let entry = |(key, value): &(String, Json)| {
                Json::Object(vec![
                    ("key".to_owned(), Json::Text(key.clone())),
                    ("value".to_owned(), value.clone()),
                ])
            };
            Json::List(entries.iter().map(entry).collect())
        }
        (_, Json::List(items)) => return of_list(name, items),
        ("add" | "first" | "last" | "min" | "max", Json::Null) => Json::Null,
        _ => {
            return Err(format!(
                "{} ({}) has no {name}",
                input.kind(),
                input.compact()
            ));
        }
    };
    Ok(vec![found])
}

fn of_list(name: &str, items: &[Json]) -> Values {
    let sorted = || {
        let mut sorted = items.to_vec();
        Json::sort(&mut sorted);
        sorted
    };
    let texts = || items.iter().map(Json::text);
    let found = match name {
        "add" => {
            let mut sum = Json::Null;
            for item in items {
                sum = combine("+", &sum, item)?;
            }
            sum
        }
        "any" => Json::Bool(items.iter().any(Json::is_true)),
        "all" => Json::Bool(items.iter().all(Json::is_true)),
        "first" => items.first().cloned().unwrap_or(Json::Null),
        "last" => items.last().cloned().unwrap_or(Json::Null),
        "min" => sorted().first().cloned().unwrap_or(Json::Null),
        "max" => sorted().last().cloned().unwrap_or(Json::Null),
        "reverse" => Json::List(items.iter().rev().cloned().collect()),
        "sort" => Json::List(sorted()),
        "unique" => {
            let mut sorted = sorted();
            sorted.dedup();
            Json::List(sorted)
        }
        "flatten" => {
            let flat = items.iter().flat_map(|item| match item {
                Json::List(inner) => inner.clone(),
                other => vec![other.clone()],
            });
            Json::List(flat.collect())
        }
        "from_entries" => {
            let mut entries = Vec::new();
            for item in items {
                let key = ["key", "name", "k"]
                    .iter()
                    .filter_map(|name| index(item, &Json::Text((*name).to_owned())).ok())
                    .find(Json::is_true);
                let value = index(item, &Json::Text("value".to_owned()))?;
                Json::put(&mut entries, key.unwrap_or(Json::Null).text(), value);
            }
            Json::Object(entries)
        }
        "@tsv" => Json::Text(texts().collect::<Vec<_>>().join("\t")),
        "@csv" => {
            let cells = items.iter().map(|item| match item {
                Json::Text(text) => format!("\"{}\"", text.replace('"', "\"\"")),
                other => other.compact(),
            });
            Json::Text(cells.collect::<Vec<_>>().join(","))
        }
        "@sh" => {
            let cells = items.iter().map(|item| match item {
                Json::Text(text) => format!("'{}'", text.replace('\'', "'\\''")),
                other => other.compact(),
            });
            Json::Text(cells.collect::<Vec<_>>().join(" "))
        }
        _ => return Err(format!("array has no {name}")),
    };
    Ok(vec![found])
}
