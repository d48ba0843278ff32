//! From typed objects to JSON as the API server writes it: which unset fields appear, and which zeros do not.
//!
//! Upstream: the `json` tags of `k8s.io/api`.

use super::decode::{is_zero, zero};
use super::schema::{self, Presence, Type};
use serde_json::{Map, Value};

/// Brings a serialised object of the struct `id` into the API server's form.
pub fn complete(id: &str, value: &mut Value) {
    if let (Value::Object(map), Some(fields)) = (value, schema::fields(id)) {
        structure(fields, map);
    }
}

fn structure(fields: &schema::Struct, map: &mut Map<String, Value>) {
    for (name, field) in fields {
        if let Some(value) = map.get_mut(*name) {
            visit(&field.ty, value);
            if field.presence == Presence::IfNotZero && is_zero(value) {
                map.remove(*name);
            }
        } else if field.presence == Presence::Always {
            let mut value = zero(&field.ty);
            visit(&field.ty, &mut value);
            map.insert((*name).to_owned(), value);
        }
    }
}

fn visit(ty: &Type, value: &mut Value) {
    match (ty, value) {
        (Type::Struct(id), value) => complete(id, value),
        (Type::List(element), Value::Array(items)) => {
            items.iter_mut().for_each(|item| visit(element, item));
        }
        (Type::Map(element), Value::Object(map)) => {
            map.values_mut().for_each(|value| visit(element, value));
        }
        (Type::Time, Value::String(text)) => {
            // Dates are written in whole seconds.
            if let (Some(dot), true) = (text.find('.'), text.ends_with('Z')) {
                text.replace_range(dot..text.len() - 1, "");
            }
        }
        (Type::MicroTime, Value::String(text)) => micro_time(text),
        _ => {}
    }
}

/// Six digits after the second.
fn micro_time(text: &mut String) {
    let Some(bare) = text.strip_suffix('Z').map(str::to_owned) else {
        return;
    };
    let (seconds, fraction) = bare.split_once('.').unwrap_or((&bare, ""));
    *text = format!("{seconds}.{fraction:0<6.6}Z");
}
