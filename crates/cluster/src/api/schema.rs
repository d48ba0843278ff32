//! The fields of the simulated kinds as Go declares them: names, types, how unset fields are written, merge keys.
//!
//! `schema.txt` is made by `schema/versioned` from the types of `k8s.io/api` v0.36.3, one Go struct a line: `Name|field type|…`. A field name that ends in `!` is
//! written even when it is unset (as its zero value), one that ends in `?` is left out when it is zero, the others are left out when they
//! are not set. `[]T` is a list, `{}T` a map. `key=` and the words after it are the tags `patchMergeKey` and `patchStrategy`.

use crate::sort;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// How an unset or zero field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// As its zero value.
    Always,
    /// Not at all, also when it is set to zero.
    IfNotZero,
    /// Not at all, but a zero that was set is written.
    IfSet,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A text; the name of its Go type.
    String(&'static str),
    /// `true` or `false`.
    Bool,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// An amount such as `1Gi`.
    Quantity,
    /// A number or a name.
    IntOrString,
    /// A date.
    Time,
    /// A date with microseconds.
    MicroTime,
    /// Anything.
    Raw,
    /// Bytes, written in base64.
    Bytes,
    /// A struct of the table.
    Struct(&'static str),
    /// A list.
    List(Box<Type>),
    /// A map from texts.
    Map(Box<Type>),
}

impl Type {
    fn parse(text: &'static str) -> Type {
        if let Some(element) = text.strip_prefix("[]") {
            return Type::List(Box::new(Type::parse(element)));
        }
        if let Some(element) = text.strip_prefix("{}") {
            return Type::Map(Box::new(Type::parse(element)));
        }
        match text {
            "string" => Type::String("string"),
            "bool" => Type::Bool,
            "int32" => Type::Int32,
            "int64" => Type::Int64,
            "quantity" => Type::Quantity,
            "intorstring" => Type::IntOrString,
            "time" => Type::Time,
            "microtime" => Type::MicroTime,
            "raw" => Type::Raw,
            "bytes" => Type::Bytes,
            _ => match text
                .strip_prefix("string(")
                .and_then(|rest| rest.strip_suffix(')'))
            {
                Some(go) => Type::String(go),
                None => Type::Struct(text),
            },
        }
    }

    /// The type's name in Go's messages.
    pub fn go_name(&self) -> String {
        match self {
            Type::String(go) => (*go).to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Int32 | Type::IntOrString => "int32".to_owned(),
            Type::Int64 => "int64".to_owned(),
            Type::Quantity => "resource.Quantity".to_owned(),
            Type::Time | Type::MicroTime => "string".to_owned(),
            Type::Raw => "runtime.RawExtension".to_owned(),
            Type::Bytes => "[]uint8".to_owned(),
            Type::Struct(id) => format!("v1.{}", go_struct(id)),
            Type::List(element) => format!("[]{}", element.go_name()),
            Type::Map(element) if **element == Type::Quantity => "v1.ResourceList".to_owned(),
            Type::Map(element) => format!("map[string]{}", element.go_name()),
        }
    }
}

/// The Go name of a struct of the table: two packages have one of the same name, which the table tells apart by a prefix.
pub fn go_struct(id: &str) -> &str {
    id.split_once(':').map_or(id, |(_, name)| name)
}

/// One field of a struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// How it is written when unset.
    pub presence: Presence,
    /// Its type.
    pub ty: Type,
    /// By which field elements of this list are told apart in a strategic merge patch.
    pub merge_key: Option<&'static str>,
    /// Whether a strategic merge patch merges this list (rather than replacing it).
    pub merge: bool,
    /// Whether a strategic merge patch says which fields of this object are kept.
    pub retain_keys: bool,
}

/// The fields of a struct by name.
pub type Struct = BTreeMap<&'static str, Field>;

fn table() -> &'static BTreeMap<&'static str, Struct> {
    static TABLE: OnceLock<BTreeMap<&'static str, Struct>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = include_str!("schema.txt").lines();
        sort::map(lines.filter_map(parse_line))
    })
}

/// The fields of the struct `id`, if the table has it.
pub fn fields(id: &str) -> Option<&'static Struct> {
    table().get(id)
}

/// The fields of the struct `id` in the order in which Go declares them.
pub fn in_order(id: &str) -> impl Iterator<Item = (&'static str, Field)> {
    let mut lines = include_str!("schema.txt").lines();
    let line = lines.find(|line| line.split('|').next() == Some(id));
    line.unwrap_or("")
        .split('|')
        .skip(1)
        .filter_map(parse_field)
}

fn parse_line(line: &'static str) -> Option<(&'static str, Struct)> {
    let mut parts = line.split('|');
    let id = parts.next()?;
    Some((id, sort::map(parts.filter_map(parse_field))))
}

fn parse_field(text: &'static str) -> Option<(&'static str, Field)> {
    let mut words = text.split(' ');
    let name = words.next()?;
    let ty = Type::parse(words.next()?);
    let mut field = Field {
        presence: Presence::IfSet,
        ty,
        merge_key: None,
        merge: false,
        retain_keys: false,
    };
    for strategy in words.flat_map(|word| word.split(',')) {
        match strategy.split_once('=') {
            Some((_, key)) => field.merge_key = Some(key),
            None if strategy == "merge" => field.merge = true,
            None if strategy == "retainKeys" => field.retain_keys = true,
            None => {}
        }
    }
    let name = if let Some(name) = name.strip_suffix('!') {
        field.presence = Presence::Always;
        name
    } else if let Some(name) = name.strip_suffix('?') {
        field.presence = Presence::IfNotZero;
        name
    } else {
        name
    };
    Some((name, field))
}
