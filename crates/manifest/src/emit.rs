//! Values to YAML as `kubectl -o yaml` prints it.

use std::cmp::Ordering;
use std::io;

use libyaml_safer::{Emitter, Encoding, Event, MappingStyle, ScalarStyle, SequenceStyle};

use crate::resolve::{Scalar, is_base60, resolve};
use crate::{Value, float};

/// YAML byte for byte as kubectl prints it: keys in its order, lists not indented under their key, text that would read back as another type
/// quoted, text with line ends as a literal block, long text folded at 80 columns.
///
/// upstream: sigs.k8s.io/yaml Marshal, go.yaml.in/yaml/v2 encode.go
pub fn to_yaml(value: &Value) -> String {
    let mut out = Vec::new();
    // The emitter fails only when its writer does or when events come out of order.
    if emit(value, &mut out).is_err() {
        return String::new();
    }
    let mut text = String::from_utf8(out).unwrap_or_default();
    // The emitter marks a kept line end at the very end with `...`; Go's does not.
    if text.ends_with("\n...\n") && !matches!(value, Value::String(text) if text.ends_with("\n..."))
    {
        text.truncate(text.len() - "...\n".len());
    }
    text
}

fn emit(value: &Value, mut out: &mut Vec<u8>) -> Result<(), libyaml_safer::Error> {
    let out: &mut dyn io::Write = &mut out;
    let mut emitter = Emitter::new();
    emitter.set_output(out);
    emitter.set_unicode(true);
    emitter.emit(Event::stream_start(Encoding::Utf8))?;
    emitter.emit(Event::document_start(None, &[], true))?;
    write(&mut emitter, value)?;
    emitter.emit(Event::document_end(true))?;
    emitter.emit(Event::stream_end())?;
    emitter.flush()
}

fn write(emitter: &mut Emitter<'_>, value: &Value) -> Result<(), libyaml_safer::Error> {
    match value {
        Value::Null => plain(emitter, "null"),
        Value::Bool(yes) => plain(emitter, if *yes { "true" } else { "false" }),
        Value::Number(number) => plain(emitter, &number_text(number)),
        Value::String(text) => write_text(emitter, text),
        Value::Array(items) => {
            emitter.emit(Event::sequence_start(
                None,
                None,
                true,
                SequenceStyle::Block,
            ))?;
            for item in items {
                write(emitter, item)?;
            }
            emitter.emit(Event::sequence_end())
        }
        Value::Object(fields) => {
            emitter.emit(Event::mapping_start(None, None, true, MappingStyle::Block))?;
            for (key, value) in in_key_order(fields.iter().collect()) {
                write_text(emitter, key)?;
                write(emitter, value)?;
            }
            emitter.emit(Event::mapping_end())
        }
    }
}

fn plain(emitter: &mut Emitter<'_>, text: &str) -> Result<(), libyaml_safer::Error> {
    emitter.emit(Event::scalar(
        None,
        None,
        text,
        true,
        true,
        ScalarStyle::Plain,
    ))
}

fn write_text(emitter: &mut Emitter<'_>, text: &str) -> Result<(), libyaml_safer::Error> {
    let style = if text.contains('\n') {
        ScalarStyle::Literal
    } else if resolve(text) == Scalar::Text && !is_base60(text) {
        ScalarStyle::Plain
    } else {
        ScalarStyle::DoubleQuoted
    };
    emitter.emit(Event::scalar(None, None, text, true, true, style))
}

/// Numbers go through JSON text first, and are read again from it.
fn number_text(number: &serde_json::Number) -> String {
    let text = match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (None, None, Some(float)) => float::json(float),
        _ => number.to_string(),
    };
    match resolve(&text) {
        Scalar::Float(float) => float::shortest_g(float),
        Scalar::Int(number) => number.to_string(),
        _ => text,
    }
}

/// Go yaml's order of keys: letters by code point, other characters before letters, runs of digits by their number.
///
/// upstream: go.yaml.in/yaml/v2 sorter.go
fn key_order(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(a, b)| a != b) else {
        return a.len().cmp(&b.len());
    };
    let (x, y) = (a[at], b[at]);
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero that differs counts as a digit of the number that began before it.
    let within = (x == '0' || y == '0')
        && a[..at]
            .iter()
            .rev()
            .take_while(|c| c.is_numeric())
            .any(|c| *c != '0');
    let run = |chars: &[char]| {
        let digits: Vec<char> = chars[at..]
            .iter()
            .copied()
            .take_while(char::is_ascii_digit)
            .collect();
        let start = i64::from(within);
        let number = digits.iter().fold(start, |n, c| {
            n.wrapping_mul(10)
                .wrapping_add(i64::from(u32::from(*c)) - 48)
        });
        (number, digits.len())
    };
    run(&a).cmp(&run(&b)).then(x.cmp(&y))
}

/// A stable merge sort. The order above is not transitive for every set of keys, and the standard library's sort may panic on such an order.
fn in_key_order<'v>(mut fields: Vec<(&'v String, &'v Value)>) -> Vec<(&'v String, &'v Value)> {
    if fields.len() < 2 {
        return fields;
    }
    let mut right = in_key_order(fields.split_off(fields.len() / 2))
        .into_iter()
        .peekable();
    let mut left = in_key_order(fields).into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    while let (Some((a, _)), Some((b, _))) = (left.peek(), right.peek()) {
        let next = if key_order(a, b) == Ordering::Greater {
            right.next()
        } else {
            left.next()
        };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    merged
}
