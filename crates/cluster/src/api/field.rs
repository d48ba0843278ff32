//! Paths of fields and what can be wrong with their values.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/util/validation/field`.

use super::Cause;
use std::fmt;

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
    Key(&'a str),
}

/// A path such as `spec.containers[0].name`. It is written out only when something is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

impl<'a> Path<'a> {
    /// A path of one field.
    pub const fn new(name: &'a str) -> Path<'a> {
        Path {
            parent: None,
            step: Step::Name(name),
        }
    }

    /// The field `name` below.
    pub const fn child<'b>(&'b self, name: &'b str) -> Path<'b> {
        Path {
            parent: Some(self),
            step: Step::Name(name),
        }
    }

    /// The element `index` of a list.
    pub const fn index<'b>(&'b self, index: usize) -> Path<'b> {
        Path {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    /// The value under `key` of a map.
    pub const fn key<'b>(&'b self, key: &'b str) -> Path<'b> {
        Path {
            parent: Some(self),
            step: Step::Key(key),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Name("") => f.write_str("[]"),
            Step::Name(name) if self.parent.is_some() => write!(f, ".{name}"),
            Step::Name(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) => write!(f, "[{key}]"),
        }
    }
}

/// A wrong value as the message shows it.
pub trait BadValue {
    /// The value in the notation of the API server's messages.
    fn show(&self) -> String;
}

impl BadValue for str {
    fn show(&self) -> String {
        quote(self)
    }
}

impl BadValue for String {
    fn show(&self) -> String {
        quote(self)
    }
}

impl BadValue for i32 {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl BadValue for i64 {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl BadValue for bool {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl BadValue for serde_json::Value {
    fn show(&self) -> String {
        match self {
            serde_json::Value::String(text) => quote(text),
            other => other.to_string(),
        }
    }
}

/// A Go string literal.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            control if u32::from(control) < 0x20 || control == '\u{7f}' => {
                quoted.push_str(&format!("\\x{:02x}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Everything that is wrong with an object, in the order in which it was found.
#[derive(Debug, Default)]
pub struct Errors(pub Vec<Cause>);

impl Errors {
    fn push(&mut self, reason: &'static str, path: &Path<'_>, message: String) {
        self.0.push(Cause {
            reason,
            field: path.to_string(),
            message,
        });
    }

    /// A value that is missing.
    pub fn required(&mut self, path: &Path<'_>, detail: &str) {
        self.push(
            "FieldValueRequired",
            path,
            with_detail("Required value", detail),
        );
    }

    /// A value that breaks a rule.
    pub fn invalid<V: BadValue + ?Sized>(&mut self, path: &Path<'_>, value: &V, detail: &str) {
        let message = with_detail(&format!("Invalid value: {}", value.show()), detail);
        self.push("FieldValueInvalid", path, message);
    }

    /// A part that breaks a rule as a whole; it is not shown.
    pub fn invalid_whole(&mut self, path: &Path<'_>, detail: &str) {
        let message = with_detail("Invalid value", detail);
        self.push("FieldValueInvalid", path, message);
    }

    /// A value that is none of a list.
    pub fn not_supported(&mut self, path: &Path<'_>, value: &str, supported: &[&str]) {
        let mut names = supported.to_vec();
        names.sort_unstable();
        self.not_among(path, value, &names);
    }

    /// The same, for the few lists that upstream shows in their own order.
    pub fn not_among(&mut self, path: &Path<'_>, value: &str, supported: &[&str]) {
        self.shown_not_among(path, &quote(value), supported);
    }

    /// The same for a value that is no text, in the notation in which it is shown.
    pub fn shown_not_among(&mut self, path: &Path<'_>, shown: &str, supported: &[&str]) {
        let mut message = format!("Unsupported value: {shown}");
        if !supported.is_empty() {
            let names: Vec<String> = supported.iter().map(|name| quote(name)).collect();
            message.push_str(&format!(": supported values: {}", names.join(", ")));
        }
        self.push("FieldValueNotSupported", path, message);
    }

    /// A value that may not be there.
    pub fn forbidden(&mut self, path: &Path<'_>, detail: &str) {
        self.push(
            "FieldValueForbidden",
            path,
            with_detail("Forbidden", detail),
        );
    }

    /// A value that is there twice.
    pub fn duplicate<V: BadValue + ?Sized>(&mut self, path: &Path<'_>, value: &V) {
        let message = format!("Duplicate value: {}", value.show());
        self.push("FieldValueDuplicate", path, message);
    }

    /// A name of something that is not there.
    pub fn not_found(&mut self, path: &Path<'_>, value: &str) {
        let message = format!("Not found: {}", quote(value));
        self.push("FieldValueNotFound", path, message);
    }

    /// A text that is too long.
    pub fn too_long(&mut self, path: &Path<'_>, limit: usize) {
        let message = format!("Too long: may not be more than {limit} bytes");
        self.push("FieldValueTooLong", path, message);
    }

    /// A list that is too long.
    pub fn too_many(&mut self, path: &Path<'_>, count: usize, limit: usize) {
        let message = format!("Too many: {count}: must have at most {limit} items");
        self.push("FieldValueTooMany", path, message);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many things are wrong.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

fn with_detail(head: &str, detail: &str) -> String {
    if detail.is_empty() {
        head.to_owned()
    } else {
        format!("{head}: {detail}")
    }
}
