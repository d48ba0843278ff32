//! Values to YAML as `kubectl -o yaml` prints it.

use std::cmp::Ordering;

use crate::resolve::{Scalar, is_base60, resolve};
use crate::scalar::{Analysis, Style};
use crate::{Value, float};

/// YAML byte for byte as kubectl prints it: keys in its order, lists not indented under their key,
/// text that would read back as another type quoted, text with line ends as a literal block,
/// long text folded at 80 columns.
///
/// upstream: sigs.k8s.io/yaml Marshal, go.yaml.in/yaml/v2 encode.go and emitterc.go
pub fn to_yaml(value: &Value) -> String {
    let mut page = Page::default();
    page.node(value, None, Within::Document);
    page.start_line(0);
    page.out
}

/// What a node stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    Document,
    List,
    Mapping,
    /// A key on one line with its colon.
    SimpleKey,
}

/// The longest key, in bytes, that shares a line with its colon.
const SIMPLE_KEY_BYTES: usize = 128;

/// The text so far and what decides where the next piece goes.
pub(crate) struct Page {
    pub(crate) out: String,
    /// Characters on the current line.
    pub(crate) column: usize,
    /// Whether the last character was a blank.
    pub(crate) blank: bool,
    /// Whether the line so far holds only indentation and `-`, `?` or `:`.
    pub(crate) indenting: bool,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            out: String::new(),
            column: 0,
            blank: true,
            indenting: true,
        }
    }
}

impl Page {
    /// Writes one node. `indent` is the column of the block around it; the document has none.
    fn node(&mut self, value: &Value, indent: Option<usize>, within: Within) {
        match value {
            Value::Null => self.plain("null", indent),
            Value::Bool(yes) => self.plain(if *yes { "true" } else { "false" }, indent),
            Value::Number(number) => self.plain(&number_text(number), indent),
            Value::String(text) => self.text(text, indent, within),
            Value::Array(items) if items.is_empty() => self.indicator("[]", true, false, false),
            Value::Object(fields) if fields.is_empty() => self.indicator("{}", true, false, false),
            Value::Array(items) => {
                let beside_key = within == Within::Mapping && !self.indenting;
                let inner = if beside_key {
                    indent.unwrap_or(0)
                } else {
                    deeper(indent)
                };
                for item in items {
                    self.start_line(inner);
                    self.indicator("-", true, false, true);
                    self.node(item, Some(inner), Within::List);
                }
            }
            Value::Object(fields) => {
                let inner = deeper(indent);
                for (key, value) in in_key_order(fields.iter().collect()) {
                    self.start_line(inner);
                    self.key(key, inner);
                    self.node(value, Some(inner), Within::Mapping);
                }
            }
        }
    }

    fn key(&mut self, key: &str, indent: usize) {
        if key.len() <= SIMPLE_KEY_BYTES && !Analysis::of(key).multiline {
            self.text(key, Some(indent), Within::SimpleKey);
            self.indicator(":", false, false, false);
        } else {
            self.indicator("?", true, false, true);
            self.text(key, Some(indent), Within::Mapping);
            self.start_line(indent);
            self.indicator(":", true, false, true);
        }
    }

    fn plain(&mut self, text: &str, indent: Option<usize>) {
        self.scalar(text, Style::Plain, text_indent(indent), true);
    }

    fn text(&mut self, text: &str, indent: Option<usize>, within: Within) {
        let wanted = if text.contains('\n') {
            Style::Literal
        } else if resolve(text) == Scalar::Text && !is_base60(text) {
            Style::Plain
        } else {
            Style::DoubleQuoted
        };
        let simple = within == Within::SimpleKey;
        let style = Analysis::of(text).style(wanted, simple);
        self.scalar(text, style, text_indent(indent), !simple);
    }

    /// Begins a line at this column, unless the current one is still as good as new.
    pub(crate) fn start_line(&mut self, indent: usize) {
        if !self.indenting || self.column > indent || (self.column == indent && !self.blank) {
            self.out.push('\n');
            self.column = 0;
        }
        while self.column < indent {
            self.put(' ');
        }
        self.blank = true;
        self.indenting = true;
    }

    /// Writes punctuation. `apart`: a blank goes before it; `blank` and `indenting`: what it counts as itself.
    pub(crate) fn indicator(&mut self, text: &str, apart: bool, blank: bool, indenting: bool) {
        if apart && !self.blank {
            self.put(' ');
        }
        text.chars().for_each(|c| self.put(c));
        self.blank = blank;
        self.indenting = self.indenting && indenting;
    }

    pub(crate) fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }
}

fn deeper(indent: Option<usize>) -> usize {
    indent.map_or(0, |indent| indent + 2)
}

/// Where a text's further lines begin.
fn text_indent(indent: Option<usize>) -> usize {
    indent.map_or(2, |indent| indent + 2)
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
