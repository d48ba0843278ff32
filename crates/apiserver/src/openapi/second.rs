//! The description in its second version, which older clients read: the same schemas in the words of Swagger 2.0.
//!
//! Upstream: `k8s.io/kube-openapi/pkg/{handler,openapiconv}`.

use super::{group_version_kind, root, schema_name, schemas};
use petset_cluster::api::discovery::resources;
use petset_cluster::api::schema::{self, Field};
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// The whole document.
pub(crate) fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        json!({
            "swagger": "2.0",
            "info": {"title": "Kubernetes", "version": "v1.36.3"},
            "paths": paths(),
            "definitions": definitions(),
        })
    })
}

fn paths() -> Map<String, Value> {
    let described = resources()
        .iter()
        .filter(|one| schemas().contains_key(&schema_name(one)));
    let paths = described.map(|resource| {
        let scope = match resource.namespaced {
            true => "namespaces/{namespace}/",
            false => "",
        };
        let path = format!("/{}/{scope}{}/{{name}}", root(resource), resource.plural);
        let parameters = ["dryRun", "fieldManager", "fieldValidation", "force"].map(|name| {
            let of = if name == "force" { "boolean" } else { "string" };
            json!({"name": name, "in": "query", "type": of, "uniqueItems": true})
        });
        let patch = json!({
            "consumes": [
                "application/json-patch+json",
                "application/merge-patch+json",
                "application/strategic-merge-patch+json",
                "application/apply-patch+yaml",
            ],
            "produces": ["application/json"],
            "parameters": parameters,
            "responses": {"200": {"description": "OK"}},
            "x-kubernetes-action": "patch",
            "x-kubernetes-group-version-kind": group_version_kind(resource),
        });
        (path, json!({"patch": patch}))
    });
    paths.collect()
}

fn definitions() -> Map<String, Value> {
    let all = schemas().iter();
    let mut definitions: Map<String, Value> = all
        .map(|(name, schema)| {
            let mut converted = convert(schema);
            add_strategies(name, &mut converted);
            (name.clone(), converted)
        })
        .collect();
    for resource in resources() {
        if let Some(definition) = definitions.get_mut(&schema_name(resource)) {
            definition["x-kubernetes-group-version-kind"] = json!([group_version_kind(resource)]);
        }
    }
    definitions
}

fn convert(schema: &Value) -> Value {
    let Value::Object(schema) = schema else {
        return schema.clone();
    };
    let mut converted = Map::new();
    for (name, value) in schema {
        let value = match (name.as_str(), value) {
            ("$ref", Value::String(place)) => Value::from(moved(place)),
            ("allOf", Value::Array(all)) => {
                // A reference beside a description.
                let place = all.first().and_then(|one| one["$ref"].as_str());
                converted.insert("$ref".to_owned(), place.map(moved).into());
                continue;
            }
            ("x-kubernetes-int-or-string", _) => {
                converted.insert("type".to_owned(), "string".into());
                converted.insert("format".to_owned(), "int-or-string".into());
                continue;
            }
            ("properties", Value::Object(properties)) => {
                let properties = properties.iter();
                properties
                    .map(|(name, schema)| (name.clone(), convert(schema)))
                    .collect()
            }
            ("items" | "additionalProperties", value) => convert(value),
            (_, value) => value.clone(),
        };
        converted.insert(name.clone(), value);
    }
    Value::Object(converted)
}

fn moved(place: &str) -> String {
    place.replace("#/components/schemas/", "#/definitions/")
}

/// How lists are put together in a strategic merge patch, of those types that are simulated.
fn add_strategies(name: &str, definition: &mut Value) {
    let id = name.rsplit('.').next().unwrap_or(name);
    let Some(Value::Object(properties)) = definition.get_mut("properties") else {
        return;
    };
    for (name, field) in schema::fields(id).into_iter().flatten() {
        let Some(Value::Object(property)) = properties.get_mut(*name) else {
            continue;
        };
        if let Some(key) = field.merge_key {
            property.insert("x-kubernetes-patch-merge-key".to_owned(), key.into());
        }
        let strategy = strategy(field);
        if !strategy.is_empty() {
            property.insert("x-kubernetes-patch-strategy".to_owned(), strategy.into());
        }
    }
}

fn strategy(field: &Field) -> String {
    let words = [(field.merge, "merge"), (field.retain_keys, "retainKeys")];
    let words = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word);
    words.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_definition() {
        let document = document();
        let text = document.to_string();
        assert!(!text.contains("#/components/"));
        let parts = text.split("#/definitions/").skip(1);
        for name in parts.filter_map(|part| part.split('"').next()) {
            assert!(document["definitions"].get(name).is_some(), "{name}");
        }
        let pod = &document["definitions"]["io.k8s.api.core.v1.PodSpec"]["properties"];
        assert_eq!(pod["containers"]["x-kubernetes-patch-merge-key"], "name");
        assert_eq!(
            pod["volumes"]["x-kubernetes-patch-strategy"],
            "merge,retainKeys"
        );
        let kind = &document["definitions"]["io.k8s.api.apps.v1.StatefulSet"];
        let want = json!([{"group": "apps", "version": "v1", "kind": "StatefulSet"}]);
        assert_eq!(kind["x-kubernetes-group-version-kind"], want);
    }
}
