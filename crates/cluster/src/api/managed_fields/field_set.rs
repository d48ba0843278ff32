//! The fields of an object as paths, and sets of them in the form of `fieldsV1`.
//!
//! Upstream: `sigs.k8s.io/structured-merge-diff/v6/fieldpath`.

use crate::api::schema::{self, Field, Presence, Type};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A path: `f:spec`, `k:{"name":"web"}`, `v:"x"`.
pub(super) type Path = Vec<String>;

/// The paths of an object, each with its value; places that only hold others have none.
pub(super) type Fields = BTreeMap<Path, Value>;

/// How the values at a place are put together.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// As a whole.
    Atomic,
    /// Field by field.
    Struct(&'static str),
    /// Key by key.
    Map(&'static Type),
    /// Element by element, told apart by these fields.
    Keyed(Vec<&'static str>, &'static str),
    /// A set of plain values.
    Set,
}

/// Structs and maps that are one value.
const ATOMIC: [&str; 13] = [
    "ConfigMapKeySelector",
    "FieldsV1",
    "LabelSelector",
    "LocalObjectReference",
    "NodeSelector",
    "NodeSelectorTerm",
    "ObjectFieldSelector",
    "ObjectReference",
    "OwnerReference",
    "ResourceFieldSelector",
    "ScopeSelector",
    "SecretKeySelector",
    "TypedLocalObjectReference",
];

/// Maps that are one value: struct and field.
const ATOMIC_MAPS: [(&str, &str); 2] = [("ServiceSpec", "selector"), ("PodSpec", "nodeSelector")];

/// Lists whose elements are told apart by more than the merge key: struct, field, keys.
const KEYS: [(&str, &str, &[&str]); 4] = [
    ("Container", "ports", &["containerPort", "protocol"]),
    (
        "EphemeralContainer",
        "ports",
        &["containerPort", "protocol"],
    ),
    (
        "PodSpec",
        "topologySpreadConstraints",
        &["topologyKey", "whenUnsatisfiable"],
    ),
    ("ServiceSpec", "ports", &["port", "protocol"]),
];

/// What the system writes itself.
const SYSTEM: [&str; 8] = [
    "f:creationTimestamp",
    "f:generation",
    "f:managedFields",
    "f:name",
    "f:namespace",
    "f:resourceVersion",
    "f:selfLink",
    "f:uid",
];

/// The shape of a field of the struct `id`.
pub(super) fn shape(id: &str, name: &str, field: &'static Field) -> Shape {
    match &field.ty {
        Type::Struct(inner) if !ATOMIC.contains(inner) => Shape::Struct(inner),
        Type::Map(element) if !ATOMIC_MAPS.contains(&(id, name)) => Shape::Map(element),
        Type::List(element) => list_shape(id, name, field, element),
        _ => Shape::Atomic,
    }
}

fn list_shape(id: &str, name: &str, field: &Field, element: &Type) -> Shape {
    let several = KEYS.iter().find(|(of, list, _)| (*of, *list) == (id, name));
    let keys = several.map(|(_, _, keys)| keys.to_vec());
    let keys = keys.or_else(|| field.merge_key.map(|key| vec![key]));
    match (keys, element) {
        (Some(keys), Type::Struct(inner)) => Shape::Keyed(keys, inner),
        (None, Type::String(_)) if field.merge => Shape::Set,
        _ => Shape::Atomic,
    }
}

/// The shape of an element of a map.
pub(super) fn element_shape(ty: &Type) -> Shape {
    match ty {
        Type::Struct(inner) if !ATOMIC.contains(inner) => Shape::Struct(inner),
        _ => Shape::Atomic,
    }
}

/// The path element of a list's element.
pub(super) fn key_of(item: &Value, keys: &[&str]) -> String {
    let mut key = Map::new();
    for name in keys {
        let value = item.get(*name).cloned();
        // The one key that has a default.
        let value = value.or_else(|| (*name == "protocol").then(|| "TCP".into()));
        key.insert((*name).to_owned(), value.unwrap_or(Value::Null));
    }
    format!("k:{}", Value::Object(key))
}

/// The fields of an object of the kind `id`, without those that the system writes.
pub(super) fn of(id: &'static str, object: &Value) -> Fields {
    fields(id, object, false)
}

/// The same with the places that only hold others, as far as they can be left out: maps, lists, and structs that need not be there.
pub(super) fn with_places(id: &'static str, object: &Value) -> Fields {
    fields(id, object, true)
}

fn fields(id: &'static str, object: &Value, places: bool) -> Fields {
    let mut fields = Fields::new();
    let mut collector = Collector {
        path: Vec::new(),
        fields: &mut fields,
        places,
    };
    collector.collect(&Shape::Struct(id), object);
    fields.retain(|path, _| {
        let system = match path.as_slice() {
            [only] => matches!(only.as_str(), "f:apiVersion" | "f:kind" | "f:metadata"),
            [first, second, ..] => first == "f:metadata" && SYSTEM.contains(&second.as_str()),
            [] => true,
        };
        !system
    });
    fields
}

struct Collector<'a> {
    path: Path,
    fields: &'a mut Fields,
    places: bool,
}

impl Collector<'_> {
    fn collect(&mut self, shape: &Shape, value: &Value) {
        match (shape, value) {
            (Shape::Struct(id), Value::Object(map)) if !map.is_empty() => {
                for (name, value) in map {
                    let known = schema::fields(id).and_then(|known| known.get(name.as_str()));
                    let told =
                        |field: &&Field| !value.is_null() || field.presence == Presence::Always;
                    let Some(field) = known.filter(told) else {
                        continue;
                    };
                    self.path.push(format!("f:{name}"));
                    let shape = self::shape(id, name, field);
                    self.place(&shape, field, value);
                    self.collect(&shape, value);
                    self.path.pop();
                }
            }
            (Shape::Map(element), Value::Object(map)) if !map.is_empty() => {
                for (name, value) in map {
                    self.path.push(format!("f:{name}"));
                    self.collect(&element_shape(element), value);
                    self.path.pop();
                }
            }
            (Shape::Keyed(keys, id), Value::Array(items)) => {
                for item in items {
                    self.path.push(key_of(item, keys));
                    self.fields.insert(self.path.clone(), Value::Null);
                    if !ATOMIC.contains(id) {
                        self.collect(&Shape::Struct(id), item);
                    }
                    self.path.pop();
                }
            }
            (Shape::Set, Value::Array(items)) => {
                for item in items {
                    self.path.push(format!("v:{item}"));
                    self.fields.insert(self.path.clone(), item.clone());
                    self.path.pop();
                }
            }
            (_, value) => {
                self.fields.insert(self.path.clone(), value.clone());
            }
        }
    }

    /// Notes a place that only holds others.
    fn place(&mut self, shape: &Shape, field: &Field, value: &Value) {
        let holds = match value {
            Value::Object(map) => !map.is_empty(),
            Value::Array(list) => !list.is_empty(),
            _ => false,
        };
        let optional = field.presence != Presence::Always && !matches!(shape, Shape::Atomic);
        if self.places && holds && optional {
            self.fields.insert(self.path.clone(), Value::Null);
        }
    }
}

/// A set as `fieldsV1`.
pub(super) fn to_json(paths: &BTreeSet<Path>) -> Value {
    let mut root = Value::Object(Map::new());
    for path in paths {
        let mut place = &mut root;
        for element in path {
            // Every place on the way is an object: nothing else is ever put in.
            let Value::Object(map) = place else { break };
            place = map
                .entry(element.clone())
                .or_insert_with(|| Value::Object(Map::new()));
        }
        let has_more = paths
            .range(path.clone()..)
            .nth(1)
            .is_some_and(|next| next.starts_with(path));
        if let (true, Value::Object(map)) = (has_more, place) {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
    }
    root
}

/// The set in `fieldsV1`.
pub(super) fn from_json(value: &Value) -> BTreeSet<Path> {
    let mut paths = BTreeSet::new();
    read(value, &mut Vec::new(), &mut paths);
    paths
}

fn read(value: &Value, path: &mut Path, paths: &mut BTreeSet<Path>) {
    let Value::Object(map) = value else {
        return;
    };
    if map.is_empty() && !path.is_empty() {
        paths.insert(path.clone());
    }
    for (element, value) in map {
        if element == "." {
            paths.insert(path.clone());
            continue;
        }
        path.push(element.clone());
        read(value, path, paths);
        path.pop();
    }
}

/// A path as messages write it: `.spec.containers[name="web"].image`.
pub(super) fn shown(path: &Path) -> String {
    let mut text = String::new();
    for element in path {
        if let Some(name) = element.strip_prefix("f:") {
            text.push('.');
            text.push_str(name);
        } else if let Some(value) = element.strip_prefix("v:") {
            text.push_str(&format!("[={value}]"));
        } else if let Some(Ok(Value::Object(key))) =
            element.strip_prefix("k:").map(serde_json::from_str)
        {
            let pairs: Vec<String> = key.iter().map(|(k, v)| format!("{k}={v}")).collect();
            text.push_str(&format!("[{}]", pairs.join(",")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_those_that_fields_v1_names() {
        let set = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet",
            "metadata": {"name": "web", "labels": {"a": "b"}, "finalizers": ["x/y"]},
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": {"a": "b"}},
                "template": {"spec": {"containers": [
                    {"name": "c", "image": "i", "args": ["x"], "ports": [{"containerPort": 80}]},
                ]}},
                "volumeClaimTemplates": [{"metadata": {"name": "d"}}],
            },
        });
        let fields = of("StatefulSet", &set);
        let paths: BTreeSet<Path> = fields.keys().cloned().collect();
        let want = json!({
            "f:metadata": {"f:labels": {"f:a": {}}, "f:finalizers": {"v:\"x/y\"": {}}},
            "f:spec": {
                "f:replicas": {}, "f:selector": {}, "f:volumeClaimTemplates": {},
                "f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {
                    ".": {}, "f:name": {}, "f:image": {}, "f:args": {},
                    "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}},
                }}}},
            },
        });
        assert_eq!(to_json(&paths), want);
        assert_eq!(from_json(&want), paths);
        let image = paths.iter().map(shown).find(|path| path.ends_with("image"));
        let want = ".spec.template.spec.containers[name=\"c\"].image";
        assert_eq!(image.as_deref(), Some(want));
    }
}
