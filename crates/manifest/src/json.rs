//! Values to JSON text as Go prints it.

use std::fmt::Write as _;

use crate::{Value, float};

/// JSON as `kubectl -o json` prints it: four spaces, a line end behind, `<`, `>` and `&` escaped.
///
/// upstream: cli-runtime pkg/printers/json.go
pub fn to_json_pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Some(0));
    out.push('\n');
    out
}

/// JSON as Go's `json.Marshal` prints it: no spaces, sorted keys, `<`, `>`, `&`, U+2028 and U+2029 escaped.
pub fn to_json_compact_go(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, None);
    out
}

fn write(out: &mut String, value: &Value, depth: Option<usize>) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => write_list(out, ['[', ']'], items.iter(), depth, write),
        Value::Object(fields) => write_list(
            out,
            ['{', '}'],
            fields.iter(),
            depth,
            |out, (key, value), depth| {
                write_string(out, key);
                out.push_str(if depth.is_some() { ": " } else { ":" });
                write(out, value, depth);
            },
        ),
    }
}

fn write_list<T>(
    out: &mut String,
    [open, close]: [char; 2],
    entries: impl ExactSizeIterator<Item = T>,
    depth: Option<usize>,
    entry: impl Fn(&mut String, T, Option<usize>),
) {
    out.push(open);
    let empty = entries.len() == 0;
    let inner = depth.map(|depth| depth + 1);
    for (index, item) in entries.enumerate() {
        if index > 0 {
            out.push(',');
        }
        new_line(out, inner);
        entry(out, item, inner);
    }
    if !empty {
        new_line(out, depth);
    }
    out.push(close);
}

fn new_line(out: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str("    "));
    }
}

fn write_number(out: &mut String, number: &serde_json::Number) {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (None, None, Some(float)) => out.push_str(&float::json(float)),
        _ => out.push_str(&number.to_string()),
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
