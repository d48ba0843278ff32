//! Writes the schemas down as lines, for `kubectl explain`.
//!
//! Upstream: `k8s.io/kubectl/pkg/explain/v2/funcs.go` says how the type of a field is guessed.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

const PLACE: &str = "#/components/schemas/";

/// The lines of all structs that are objects.
pub fn lines(schemas: &Map<String, Value>) -> String {
    let ids = ids(schemas);
    let mut text = String::new();
    for (name, id) in &ids {
        let schema = &schemas[*name];
        text.push_str(&format!("# {id}\t{}\n", escaped(schema)));
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (field, of) in schema["properties"].as_object().into_iter().flatten() {
            let mark = if required.contains(&field.as_str()) {
                "!"
            } else {
                ""
            };
            text.push_str(&format!(
                "{field}\t{}\t{mark}\t{}\t{}\n",
                guess(of, &ids),
                values(of),
                escaped(of)
            ));
        }
    }
    text
}

/// A name for each struct: the last part of its own, with the group before it where that is taken.
fn ids(schemas: &Map<String, Value>) -> BTreeMap<&str, String> {
    let mut ids = BTreeMap::new();
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    // Core's structs have the short names.
    let (core, others): (Vec<_>, Vec<_>) = schemas
        .iter()
        .filter(|(_, schema)| schema["type"] == "object")
        .map(|(name, _)| name.as_str())
        .partition(|name| name.starts_with("io.k8s.api.core."));
    for name in core.into_iter().chain(others) {
        let mut parts = name.rsplit('.');
        let short = parts.next().unwrap_or(name);
        let group = parts.nth(1).unwrap_or("");
        let id = match taken.insert(short, name) {
            None => short.to_owned(),
            Some(_) => format!("{group}:{short}"),
        };
        ids.insert(name, id);
    }
    ids
}

fn guess(schema: &Value, ids: &BTreeMap<&str, String>) -> String {
    if let Some(items) = schema.get("items") {
        return format!("[]{}", guess(items, ids));
    }
    if let Some(values) = schema.get("additionalProperties") {
        return format!("map[string]{}", guess(values, ids));
    }
    let target = schema["$ref"]
        .as_str()
        .or(schema["allOf"][0]["$ref"].as_str())
        .and_then(|place| place.strip_prefix(PLACE));
    if let Some(target) = target {
        let short = target.rsplit('.').next().unwrap_or(target);
        return match short {
            "Time" | "MicroTime" => "string".to_owned(),
            _ => ids.get(target).map_or(short, String::as_str).to_owned(),
        };
    }
    match schema["type"].as_str() {
        None | Some("object") => "Object".to_owned(),
        Some(plain) => plain.to_owned(),
    }
}

/// Adds the only values that a field may have, as the API server does: `values.txt` has them by struct and field.
pub fn add_values(schemas: &mut Map<String, Value>) {
    let ids: BTreeMap<String, String> = ids(schemas)
        .into_iter()
        .map(|(name, id)| (id, name.to_owned()))
        .collect();
    for (place, values) in include_str!("values.txt")
        .lines()
        .filter_map(|line| line.split_once(' '))
    {
        let field = place.split_once('.').and_then(|(id, field)| {
            let schema = schemas.get_mut(ids.get(id)?)?;
            schema
                .get_mut("properties")?
                .get_mut(field)?
                .as_object_mut()
        });
        if let Some(field) = field {
            let values = values.trim_matches('"').split('|').map(Value::from);
            field.insert("enum".to_owned(), values.collect());
        }
    }
}

/// The only values of a field, in one text.
fn values(schema: &Value) -> String {
    let values = schema["enum"].as_array().into_iter().flatten();
    let values: Vec<&str> = values.filter_map(Value::as_str).collect();
    match values[..] {
        [""] => "\"\"".to_owned(),
        _ => values.join("|"),
    }
}

fn escaped(schema: &Value) -> String {
    let description = schema["description"].as_str().unwrap_or_default();
    description.replace('\\', "\\\\").replace('\n', "\\n")
}
