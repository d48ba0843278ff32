//! From JSON to typed objects, with Go's words for what does not fit.
//!
//! Upstream: `sigs.k8s.io/json`, `staging/src/k8s.io/apimachinery/pkg/runtime/serializer/json`,
//! `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/create.go`.

use super::autoscaling;
use super::field::quote;
use super::quantity;
use super::schema::{self, Presence, Type};
use super::{FieldValidation, Options, Status, discovery};
use crate::object::{Kind, Object};
use serde_json::{Map, Number, Value};

/// What was found while reading a document.
#[derive(Debug, Default)]
pub struct Findings {
    /// Why the document is no such object.
    pub error: Option<Finding>,
    /// Fields that the object does not have, by path, in the order of the document.
    pub unknown: Vec<String>,
}

/// Something that does not fit, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The path of the field, with list indexes.
    pub path: String,
    /// The sentence.
    pub message: String,
}

/// Reads an object of `kind`.
///
/// # Errors
/// What the API server answers to a body that it cannot read.
pub fn object(
    kind: Kind,
    value: Value,
    options: &Options,
    warnings: &mut Vec<String>,
) -> Result<Object, Status> {
    let info = kind.info();
    let refuse = |why: &str| {
        Status::bad_request(format!(
            "{} in version \"{}\" cannot be handled as a {}: {why}",
            info.kind, info.version, info.kind
        ))
    };
    other_kind(kind, &value)?;
    let (decoded, findings) = read(kind, value);
    if let Some(error) = findings.error {
        return Err(refuse(&error.message));
    }
    if let Some(why) = findings.strict(options, warnings) {
        return Err(refuse(&why));
    }
    decoded.map_err(|why| refuse(&why))
}

/// Refuses a body that says it is of another kind.
fn other_kind(kind: Kind, value: &Value) -> Result<(), Status> {
    let word = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or("");
    let info = kind.info();
    let (version, given) = (word("apiVersion"), word("kind"));
    let given = if given.is_empty() { info.kind } else { given };
    if version.is_empty() || (version == info.api_version() && given == info.kind) {
        return Ok(());
    }
    let known = discovery::resources()
        .iter()
        .any(|resource| resource.api_version == version && resource.kind == given);
    let short = version.rsplit('/').next().unwrap_or(version);
    let group = if info.group.is_empty() {
        "core"
    } else {
        info.group
    };
    let group = group.split('.').next().unwrap_or(group);
    let why = match known {
        true => format!(
            "converting ({short}.{given}) to ({group}.{}): unknown conversion",
            info.kind
        ),
        false => format!(
            "no kind \"{given}\" is registered for version \"{version}\" in scheme \"pkg/runtime/scheme.go:111\""
        ),
    };
    Err(Status::bad_request(format!(
        "{given} in version \"{short}\" cannot be handled as a {}: {why}",
        info.kind
    )))
}

impl Findings {
    /// What a strict reader refuses the document for; those who only warn are told by warnings.
    pub(super) fn strict(&self, options: &Options, warnings: &mut Vec<String>) -> Option<String> {
        let unknown = &self.unknown;
        // What lies in a field that nobody knows is not looked at.
        let known = |told: &&String| !unknown.iter().any(|path| is_below(told, path));
        let mut all: Vec<String> = options.duplicates.iter().filter(known).cloned().collect();
        all.extend(
            unknown
                .iter()
                .map(|path| format!("unknown field {}", quote(path))),
        );
        match options.field_validation {
            FieldValidation::Strict if !all.is_empty() => {
                return Some(format!("strict decoding error: {}", joined(&all)));
            }
            FieldValidation::Warn => warnings.extend(all),
            FieldValidation::Strict | FieldValidation::Ignore => {}
        }
        None
    }
}

/// What a strict reader of YAML says of all keys that stand twice begins so; each is on a line of its own.
const YAML_LINE: &str = "line ";

/// All in one sentence.
pub(super) fn joined(all: &[String]) -> String {
    let (lines, fields): (Vec<_>, Vec<_>) =
        all.iter().partition(|told| told.starts_with(YAML_LINE));
    let mut parts: Vec<String> = Vec::new();
    if !lines.is_empty() {
        let lines: String = lines.iter().map(|line| format!("\n  {line}")).collect();
        parts.push(format!("yaml: unmarshal errors:{lines}"));
    }
    parts.extend(fields.into_iter().cloned());
    parts.join(", ")
}

/// Whether a sentence about a duplicate field is about `path` or a place below it.
fn is_below(told: &str, path: &str) -> bool {
    let place = told.strip_prefix("duplicate field \"");
    let rest = place.and_then(|place| place.strip_prefix(path));
    rest.is_some_and(|rest| rest.starts_with(['"', '.', '[']))
}

/// Reads a manifest of `kind` that need not be whole, and leaves it JSON: without fields that are not set, with amounts in their usual form.
///
/// # Errors
/// What the API server answers to a body that it cannot apply.
pub fn manifest(kind: Kind, value: Value) -> Result<Value, Status> {
    let info = kind.info();
    let text = |pointer: &str| {
        let found = value.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or("").to_owned()
    };
    let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
    let mut reader = Reader::default();
    let cleaned = reader.structure(info.kind, value);
    let of = if namespace.is_empty() {
        format!("/{name}")
    } else {
        format!("{namespace}/{name}")
    };
    let refuse = |why: &str| Status {
        reason: None,
        ..Status::bad_request(format!(
            "failed to create typed patch object ({of}; {}/{}, Kind={}): {why}",
            info.group, info.version, info.kind
        ))
    };
    if let Some(error) = reader.findings.error {
        return Err(refuse(&format!(".{}: {}", error.path, error.message)));
    }
    let unknown = reader.findings.unknown.iter();
    let unknown: Vec<String> = unknown
        .map(|path| format!(".{path}: field not declared in schema"))
        .collect();
    match unknown.as_slice() {
        [] => cleaned.ok_or_else(|| refuse("expected map")),
        [one] => Err(refuse(one)),
        several => Err(refuse(&format!("errors:\n  {}", several.join("\n  ")))),
    }
}

/// Reads an object of `kind` and tells everything that was found on the way.
pub fn read(kind: Kind, mut value: Value) -> (Result<Object, String>, Findings) {
    if kind == Kind::HorizontalPodAutoscaler {
        autoscaling::to_stored(&mut value);
    }
    let mut reader = Reader::default();
    let has_selector = value
        .pointer("/spec/selector")
        .is_some_and(Value::is_object);
    let cleaned = reader.structure(kind.info().kind, value);
    let object = cleaned
        .ok_or_else(String::new)
        .and_then(|value| Object::from_json(kind, &value).map_err(|error| error.to_string()));
    (
        object.map(|object| mark_selector(object, has_selector)),
        reader.findings,
    )
}

/// The typed selector of a set cannot be left out; an empty one that was written is told from none by its empty map of labels.
fn mark_selector(mut object: Object, has_selector: bool) -> Object {
    let selector = match &mut object {
        Object::Deployment(one) => one.spec.as_mut().map(|spec| &mut spec.selector),
        Object::DaemonSet(set) => set.spec.as_mut().map(|spec| &mut spec.selector),
        Object::ReplicaSet(set) => set.spec.as_mut().map(|spec| &mut spec.selector),
        Object::StatefulSet(set) => set.spec.as_mut().map(|spec| &mut spec.selector),
        _ => None,
    };
    if let Some(selector) = selector.filter(|_| has_selector) {
        selector.match_labels.get_or_insert_default();
    }
    object
}

#[derive(Default)]
struct Reader {
    findings: Findings,
    /// The structs around the present place.
    structs: Vec<&'static str>,
    /// The fields around the present place, as Go's messages give them: without list indexes.
    fields: Vec<String>,
    /// The same with list indexes and map keys.
    path: String,
}

impl Reader {
    fn fail(&mut self, message: String) {
        if self.findings.error.is_none() {
            self.findings.error = Some(Finding {
                path: self.path.clone(),
                message,
            });
        }
    }

    fn mismatch(&mut self, found: &str, ty: &Type) {
        let message = match self.structs.last() {
            Some(around) if !self.fields.is_empty() => format!(
                "json: cannot unmarshal {found} into Go struct field {}.{} of type {}",
                schema::go_struct(around),
                self.fields.join("."),
                ty.go_name()
            ),
            _ => format!(
                "json: cannot unmarshal {found} into Go value of type {}",
                ty.go_name()
            ),
        };
        self.fail(message);
    }

    fn structure(&mut self, id: &'static str, value: Value) -> Option<Value> {
        let Value::Object(map) = value else {
            self.mismatch(&kind_of(&value), &Type::Struct(id));
            return None;
        };
        let fields = schema::fields(id)?;
        let mut cleaned = Map::new();
        self.structs.push(id);
        for (name, value) in map {
            let length = self.path.len();
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(&name);
            match fields.get(name.as_str()) {
                None => self.findings.unknown.push(self.path.clone()),
                Some(_) if value.is_null() => {}
                Some(field) => {
                    self.fields.push(name.clone());
                    if let Some(value) = self.value(&field.ty, value)
                        && !(field.presence == Presence::IfNotZero && is_zero(&value))
                    {
                        cleaned.insert(name, value);
                    }
                    self.fields.pop();
                }
            }
            self.path.truncate(length);
        }
        self.structs.pop();
        Some(Value::Object(cleaned))
    }

    fn value(&mut self, ty: &Type, value: Value) -> Option<Value> {
        match (ty, value) {
            (Type::Struct(id), value) => self.structure(id, value),
            (Type::List(element), Value::Array(items)) => self.list(element, items),
            (Type::Map(element), Value::Object(map)) => self.map(element, map),
            (Type::Raw, value) => Some(value),
            (Type::Quantity, value) => self.quantity(&value),
            (Type::IntOrString, Value::String(text)) => Some(Value::String(text)),
            (Type::Int32 | Type::IntOrString, Value::Number(number)) => {
                self.integer(ty, number, i32::MIN.into(), i32::MAX.into())
            }
            (Type::Int64, Value::Number(number)) => self.integer(ty, number, i64::MIN, i64::MAX),
            (Type::Bool, Value::Bool(flag)) => Some(Value::Bool(flag)),
            (Type::String(_), Value::String(text)) => Some(Value::String(text)),
            (Type::Time | Type::MicroTime, Value::String(text)) => self.time(text),
            (Type::Bytes, Value::String(text)) => self.bytes(text),
            (ty, value) => {
                self.mismatch(&kind_of(&value), ty);
                None
            }
        }
    }

    fn list(&mut self, element: &Type, items: Vec<Value>) -> Option<Value> {
        let mut cleaned = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let length = self.path.len();
            self.path.push_str(&format!("[{at}]"));
            let item = if item.is_null() {
                Some(zero(element))
            } else {
                self.value(element, item)
            };
            cleaned.extend(item);
            self.path.truncate(length);
        }
        Some(Value::Array(cleaned))
    }

    fn map(&mut self, element: &Type, map: Map<String, Value>) -> Option<Value> {
        let mut cleaned = Map::new();
        for (key, value) in map {
            let length = self.path.len();
            self.path.push_str(&format!(".{key}"));
            self.fields.push(key.clone());
            let value = if value.is_null() {
                Some(zero(element))
            } else {
                self.value(element, value)
            };
            if let Some(value) = value {
                cleaned.insert(key, value);
            }
            self.fields.pop();
            self.path.truncate(length);
        }
        Some(Value::Object(cleaned))
    }

    fn integer(&mut self, ty: &Type, number: Number, low: i64, high: i64) -> Option<Value> {
        match number.as_i64() {
            Some(whole) if (low..=high).contains(&whole) => Some(Value::from(whole)),
            _ => {
                self.mismatch(&format!("number {number}"), ty);
                None
            }
        }
    }

    fn quantity(&mut self, value: &Value) -> Option<Value> {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        match quantity::stored(&text) {
            Ok(stored) => Some(Value::String(stored)),
            Err(why) => {
                self.fail(why.to_owned());
                None
            }
        }
    }

    fn time(&mut self, text: String) -> Option<Value> {
        if text.parse::<k8s_openapi::jiff::Timestamp>().is_ok() {
            return Some(Value::String(text));
        }
        self.fail(format!(
            "parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\""
        ));
        None
    }

    fn bytes(&mut self, text: String) -> Option<Value> {
        let letters = text.trim_end_matches('=');
        let wrong = letters
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'));
        let wrong = wrong.or((!text.len().is_multiple_of(4)).then_some(letters.len()));
        match wrong {
            None => Some(Value::String(text)),
            Some(at) => {
                self.fail(format!("illegal base64 data at input byte {at}"));
                None
            }
        }
    }
}

/// What Go calls a JSON value.
pub(super) fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
    .to_owned()
}

/// The value of a field that nobody set.
pub(super) fn zero(ty: &Type) -> Value {
    match ty {
        Type::String(_) => Value::String(String::new()),
        Type::Bool => Value::Bool(false),
        Type::Int32 | Type::Int64 | Type::IntOrString => Value::from(0),
        Type::Quantity => Value::String("0".to_owned()),
        Type::Struct(_) => Value::Object(Map::new()),
        Type::Time | Type::MicroTime | Type::Raw | Type::Bytes | Type::List(_) | Type::Map(_) => {
            Value::Null
        }
    }
}

/// Whether a value is one that Go's `omitempty` leaves out.
pub(super) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}
