//! Strategic merge patches: merging that knows by which field the elements of a list are told apart.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go`.

mod diff;
mod merge;

use super::schema::{self, Type};
use crate::object::Kind;
use serde_json::{Map, Value};

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const SET_ELEMENT_ORDER: &str = "$setElementOrder/";
const DELETE_FROM_PRIMITIVE_LIST: &str = "$deleteFromPrimitiveList/";

/// Applies a patch to an object of `kind`.
///
/// # Errors
/// Upstream's words for patches that do not fit.
pub fn apply(kind: Kind, object: &Value, patch: &Value) -> Result<Value, String> {
    let (Value::Object(object), Value::Object(patch)) = (object, patch) else {
        return Err("invalid JSON document".to_owned());
    };
    let place = Place::of(kind);
    let merger = merge::Merger::applying();
    let merged = merger.map(object.clone(), patch.clone(), &place)?;
    Ok(Value::Object(merged))
}

/// The patch with which `kubectl apply` brings the live object `current` to `modified`: what the manifest says now is set, what it said last
/// time (`original`) and says no more is deleted, everything else is left alone. An empty object when there is nothing to do.
///
/// # Errors
/// Upstream's words for objects that cannot be compared.
pub fn three_way(
    kind: Kind,
    original: &Value,
    modified: &Value,
    current: &Value,
) -> Result<Value, String> {
    let empty = Map::new();
    let map = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let place = Place::of(kind);
    let (original, modified, current) = (map(original), map(modified), map(current));
    let changes = diff::Differ::changes().maps(&current, &modified, &place, false)?;
    let deletions = if original.is_empty() {
        empty
    } else {
        diff::Differ::deletions().maps(&original, &modified, &place, false)?
    };
    let merged = merge::Merger::combining().map(deletions, changes, &place)?;
    Ok(Value::Object(merged))
}

/// The patch that makes `modified` out of `original`.
///
/// # Errors
/// Upstream's words for objects that cannot be compared.
pub fn two_way(kind: Kind, original: &Value, modified: &Value) -> Result<Value, String> {
    let map = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let place = Place::of(kind);
    let patch = diff::Differ::both().maps(&map(original), &map(modified), &place, false)?;
    Ok(Value::Object(patch))
}

/// What is known of the value at a place.
#[derive(Clone, Copy)]
enum Place {
    Struct(&'static schema::Struct),
    Map(&'static Type),
    Unknown,
}

/// What is known of a field.
struct Known {
    place: Place,
    merge_key: &'static str,
    merge: bool,
    retain_keys: bool,
}

impl Place {
    fn of(kind: Kind) -> Place {
        schema::fields(kind.info().kind).map_or(Place::Unknown, Place::Struct)
    }

    fn of_type(ty: &'static Type) -> Place {
        match ty {
            Type::Struct(id) => schema::fields(id).map_or(Place::Unknown, Place::Struct),
            Type::Map(element) => Place::Map(element),
            Type::List(element) => Place::of_type(element),
            _ => Place::Unknown,
        }
    }

    fn field(&self, name: &str) -> Known {
        let unknown = Known {
            place: Place::Unknown,
            merge_key: "",
            merge: false,
            retain_keys: false,
        };
        match self {
            Place::Struct(fields) => fields.get(name).map_or(unknown, |field| Known {
                place: Place::of_type(&field.ty),
                merge_key: field.merge_key.unwrap_or(""),
                merge: field.merge,
                retain_keys: field.retain_keys,
            }),
            Place::Map(element) => Known {
                place: Place::of_type(element),
                ..unknown
            },
            Place::Unknown => unknown,
        }
    }
}

/// Whether two list elements stand for the same thing.
fn same(a: &Value, b: &Value, merge_key: &str) -> bool {
    if merge_key.is_empty() {
        a == b
    } else {
        a.get(merge_key).is_some() && a.get(merge_key) == b.get(merge_key)
    }
}

fn position(list: &[Value], item: &Value, merge_key: &str) -> Option<usize> {
    list.iter().position(|other| same(other, item, merge_key))
}

fn is_deletion(item: &Value) -> bool {
    item.get(DIRECTIVE).and_then(Value::as_str) == Some("delete")
}

fn require_merge_key(list: &[Value], merge_key: &str) -> Result<(), String> {
    for item in list {
        if let Value::Object(map) = item
            && !map.contains_key(merge_key)
        {
            return Err(format!(
                "map: {} does not contain declared merge key: {merge_key}",
                go_map(item)
            ));
        }
    }
    Ok(())
}

/// Sorts `list` as upstream does: by the order of `order`; elements that are not in it come before what they are compared with. Deletions go last.
fn in_order(list: Vec<Value>, order: &[Value], merge_key: &str) -> Vec<Value> {
    let (deletions, mut list): (Vec<Value>, Vec<Value>) = list
        .into_iter()
        .partition(|item| !merge_key.is_empty() && is_deletion(item));
    let before =
        |a: &Value, b: &Value| match (position(order, a, merge_key), position(order, b, merge_key))
        {
            (Some(a), Some(b)) => a < b,
            _ => true,
        };
    for end in 1..list.len() {
        let mut at = end;
        while at > 0 && before(&list[at], &list[at - 1]) {
            list.swap(at, at - 1);
            at -= 1;
        }
    }
    list.extend(deletions);
    list
}

/// A value in Go's `%v` notation, as messages about patches show it.
pub fn go_map(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_map).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(map) => {
            let items: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{key}:{}", go_map(value)))
                .collect();
            format!("map[{}]", items.join(" "))
        }
        other => other.to_string(),
    }
}
