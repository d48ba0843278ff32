//! What Go templates can call.
//!
//! Upstream: Go's `text/template/funcs.go`; `k8s.io/cli-runtime/pkg/printers/template.go` (`exists`, `base64decode`).

use super::eval::Value;
use k8s_openapi::ByteString;
use serde_json::Value as Json;
use std::cmp::Ordering;

const FUNCTIONS: [&str; 18] = [
    "and",
    "base64decode",
    "eq",
    "exists",
    "ge",
    "gt",
    "html",
    "index",
    "le",
    "len",
    "lt",
    "ne",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
];

pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// Calls a function.
///
/// # Errors
/// Go's sentence.
pub(super) fn call(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let wanted = match name {
        "not" | "len" | "base64decode" => Some((1, 1)),
        "ne" | "lt" | "le" | "gt" | "ge" => Some((2, 2)),
        "eq" | "index" | "slice" | "printf" | "exists" => Some((1, usize::MAX)),
        _ => None,
    };
    if let Some((least, most)) = wanted
        && !(least..=most).contains(&arguments.len())
    {
        let want = if most == usize::MAX {
            format!("at least {least}")
        } else {
            least.to_string()
        };
        return Err(format!(
            "wrong number of args for {name}: want {want} got {}",
            arguments.len()
        ));
    }
    let failed = |why: String| format!("error calling {name}: {why}");
    let result = match name {
        "not" => Ok(Value::Bool(!arguments[0].truth())),
        "len" => length(&arguments[0]),
        "index" => index(arguments),
        "slice" => slice(arguments),
        "exists" => Ok(Value::Bool(!matches!(
            index(arguments),
            Err(_) | Ok(Value::Missing)
        ))),
        "base64decode" => decode(&arguments[0]),
        "print" => Ok(Value::Text(print(arguments))),
        "println" => {
            let texts: Vec<String> = arguments.iter().map(Value::printed).collect();
            Ok(Value::Text(texts.join(" ") + "\n"))
        }
        "printf" => Ok(Value::Text(printf(arguments))),
        "html" => Ok(Value::Text(escaped(&print(arguments)))),
        "eq" => equal_to_any(arguments),
        "ne" => equal(&arguments[0], &arguments[1]).map(|equal| Value::Bool(!equal)),
        _ => less(&arguments[0], &arguments[1]).map(|order| {
            Value::Bool(match name {
                "lt" => order == Ordering::Less,
                "le" => order != Ordering::Greater,
                "gt" => order == Ordering::Greater,
                _ => order != Ordering::Less,
            })
        }),
    };
    result.map_err(failed)
}

fn length(value: &Value) -> Result<Value, String> {
    let length = match value {
        Value::Text(text) => text.len(),
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        Value::Missing | Value::Nil => return Err("len of nil pointer".to_owned()),
        other => return Err(format!("len of type {}", other.go_type())),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn index(arguments: &[Value]) -> Result<Value, String> {
    let Some((start, keys)) = arguments.split_first() else {
        return Ok(Value::Missing);
    };
    keys.iter()
        .try_fold(start.clone(), |value, key| match (value, key) {
            (Value::List(items), Value::Int(at)) => {
                let found = usize::try_from(*at).ok().and_then(|at| items.get(at));
                found
                    .map(Value::of)
                    .ok_or_else(|| format!("index out of range: {at}"))
            }
            (Value::Map(map), Value::Text(key)) => {
                Ok(map.get(key).map_or(Value::Missing, Value::of))
            }
            (Value::List(_), other) => Err(format!(
                "cannot index slice/array with type {}",
                other.go_type()
            )),
            (Value::Map(_), other) => Err(format!(
                "value has type {}; should be string",
                other.go_type()
            )),
            (Value::Missing, _) => Err("index of untyped nil".to_owned()),
            (Value::Nil, _) => Err("index of nil pointer".to_owned()),
            (other, _) => Err(format!("can't index item of type {}", other.go_type())),
        })
}

fn slice(arguments: &[Value]) -> Result<Value, String> {
    let bound = |at: usize, length: usize| match arguments.get(at) {
        None => Ok(if at == 1 { 0 } else { length }),
        Some(Value::Int(bound)) => usize::try_from(*bound)
            .ok()
            .filter(|bound| *bound <= length)
            .ok_or_else(|| format!("index out of range: {bound}")),
        Some(other) => Err(format!(
            "cannot index slice/array with type {}",
            other.go_type()
        )),
    };
    match &arguments[0] {
        Value::Text(text) => {
            let (from, to) = (bound(1, text.len())?, bound(2, text.len())?);
            let part = text.get(from..to);
            part.map(|part| Value::Text(part.to_owned()))
                .ok_or_else(|| format!("invalid slice index: {from} > {to}"))
        }
        Value::List(items) => {
            let (from, to) = (bound(1, items.len())?, bound(2, items.len())?);
            let part = items.get(from..to);
            part.map(|part| Value::List(part.to_vec()))
                .ok_or_else(|| format!("invalid slice index: {from} > {to}"))
        }
        other => Err(format!("can't slice item of type {}", other.go_type())),
    }
}

fn decode(value: &Value) -> Result<Value, String> {
    let Value::Text(text) = value else {
        return Err(format!(
            "wrong type for value; expected string; got {}",
            value.go_type()
        ));
    };
    let decoded = base64_text(text).map(Value::Text);
    decoded.ok_or_else(|| {
        format!(
            "base64 decode failed: illegal base64 data at input byte {}",
            corrupt(text)
        )
    })
}

/// Where Go's decoder stops: at the first character that is none of base64's, else at the last group, which is not whole.
fn corrupt(text: &str) -> usize {
    let strange = text.bytes().position(|byte| {
        !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'/' | b'=' | b'\n' | b'\r')
    });
    strange.unwrap_or(text.len() - text.len() % 4)
}

/// The text behind base64; none for what is not that.
pub(crate) fn base64_text(text: &str) -> Option<String> {
    let bytes = serde_json::from_value(Json::String(text.to_owned()));
    let bytes: Option<ByteString> = bytes.ok();
    bytes.map(|bytes| String::from_utf8_lossy(&bytes.0).into_owned())
}

/// Spaces stand between two arguments of which neither is a text.
fn print(arguments: &[Value]) -> String {
    let mut out = String::new();
    for (at, argument) in arguments.iter().enumerate() {
        let text = |value: &Value| matches!(value, Value::Text(_));
        if at > 0 && !text(argument) && !text(&arguments[at - 1]) {
            out.push(' ');
        }
        out.push_str(&argument.printed());
    }
    out
}

fn escaped(text: &str) -> String {
    let pairs = [
        ('&', "&amp;"),
        ('\'', "&#39;"),
        ('<', "&lt;"),
        ('>', "&gt;"),
        ('"', "&#34;"),
    ];
    text.chars()
        .map(|c| {
            pairs
                .iter()
                .find(|(from, _)| *from == c)
                .map_or_else(|| c.to_string(), |(_, to)| (*to).to_owned())
        })
        .collect()
}

fn printf(arguments: &[Value]) -> String {
    let format = arguments[0].printed();
    let mut values = arguments[1..].iter();
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut flags = String::new();
        while let Some(flag) = chars.next_if(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | '+'))
        {
            flags.push(flag);
        }
        let Some(verb) = chars.next() else {
            out.push_str("%!(NOVERB)");
            break;
        };
        if verb == '%' {
            out.push('%');
            continue;
        }
        let Some(value) = values.next() else {
            out.push_str(&format!("%!{verb}(MISSING)"));
            continue;
        };
        out.push_str(&padded(&verb_text(verb, value, &flags), &flags));
    }
    let extra: Vec<String> = values
        .map(|value| format!("{}={}", value.go_type(), value.printed()))
        .collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

fn verb_text(verb: char, value: &Value, flags: &str) -> String {
    let places = flags
        .split_once('.')
        .and_then(|(_, places)| places.parse().ok());
    match (verb, value) {
        ('v', value) | ('s', value @ (Value::Text(_) | Value::List(_) | Value::Map(_))) => {
            value.printed()
        }
        ('q', Value::Text(text)) => super::quote(text),
        ('d', Value::Int(number)) => number.to_string(),
        ('f', Value::Float(number)) => format!("{number:.*}", places.unwrap_or(6)),
        ('g', Value::Float(_)) | ('t', Value::Bool(_)) => value.printed(),
        ('T', value) => value.go_type().to_owned(),
        (verb, Value::Missing | Value::Nil) => format!("%!{verb}(<nil>)"),
        (verb, value) => format!("%!{verb}({}={})", value.go_type(), value.printed()),
    }
}

fn padded(text: &str, flags: &str) -> String {
    let (left, width) = match flags.strip_prefix('-') {
        Some(width) => (true, width),
        None => (false, flags),
    };
    let width = width
        .split('.')
        .next()
        .and_then(|width| width.parse::<usize>().ok());
    match width.map(|width| width.min(1_000)) {
        Some(width) if left => format!("{text:<width$}"),
        Some(width) => format!("{text:>width$}"),
        None => text.to_owned(),
    }
}

fn equal_to_any(arguments: &[Value]) -> Result<Value, String> {
    let (first, others) = arguments
        .split_first()
        .ok_or("missing argument for comparison")?;
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        if equal(first, other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Missing | Value::Nil, Value::Missing | Value::Nil) => Ok(true),
        (Value::Missing | Value::Nil, _) | (_, Value::Missing | Value::Nil) => Ok(false),
        (Value::List(_) | Value::Map(_), _) | (_, Value::List(_) | Value::Map(_)) => {
            Err("non-comparable type".to_owned())
        }
        (a, b) if a.go_type() == b.go_type() => Ok(a == b),
        (a, b) => Err(incompatible(a, b)),
    }
}

fn incompatible(a: &Value, b: &Value) -> String {
    let (a, b) = (a.go_type(), b.go_type());
    format!("incompatible types for comparison: {a} and {b}")
}

fn less(a: &Value, b: &Value) -> Result<Ordering, String> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a
            .partial_cmp(b)
            .ok_or_else(|| "invalid type for comparison".to_owned()),
        (Value::Text(a), Value::Text(b)) => Ok(a.cmp(b)),
        (a, b) if a.go_type() == b.go_type() => Err("invalid type for comparison".to_owned()),
        (a, b) => Err(incompatible(a, b)),
    }
}
