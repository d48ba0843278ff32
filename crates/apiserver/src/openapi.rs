//! The description of the API that clients validate with.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/openapi`, `k8s.io/kube-openapi/pkg/handler3`.

mod gnostic;
mod second;

use petset_cluster::api::discovery::{ApiResource, resources};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// `/openapi/v3`: where the description of each version is.
pub(crate) fn index() -> Value {
    let mut paths = Map::new();
    for resource in resources() {
        let path = root(resource);
        let place = json!({"serverRelativeURL": format!("/openapi/v3/{path}")});
        paths.insert(path, place);
    }
    json!({"paths": paths})
}

fn root(resource: &ApiResource) -> String {
    let prefix = if resource.group().is_empty() {
        "api"
    } else {
        "apis"
    };
    format!("{prefix}/{}", resource.api_version)
}

/// `/openapi/v3/apis/GROUP/VERSION`.
pub(crate) fn document(path: &str) -> Option<Value> {
    let mut paths = Map::new();
    let mut wanted = Vec::new();
    let mut kinds = BTreeMap::new();
    for resource in resources().iter().filter(|resource| root(resource) == path) {
        let scope = if resource.namespaced {
            "namespaces/{namespace}/"
        } else {
            ""
        };
        let path = format!("/{path}/{scope}{}/{{name}}", resource.plural);
        paths.insert(path, json!({"patch": patch(resource)}));
        let name = schema_name(resource);
        wanted.push(name.clone());
        kinds.insert(name, group_version_kind(resource));
    }
    if paths.is_empty() {
        return None;
    }
    let mut schemas = closure(wanted);
    for (name, kind) in kinds {
        if let Some(schema) = schemas.get_mut(&name) {
            schema["x-kubernetes-group-version-kind"] = json!([kind]);
        }
    }
    Some(json!({
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.36.3"},
        "paths": paths,
        "components": {"schemas": schemas},
    }))
}

/// The schemas of all types, by name.
fn schemas() -> &'static Map<String, Value> {
    static SCHEMAS: OnceLock<Map<String, Value>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        // The build script writes an object; without one there is nothing to describe.
        serde_json::from_str(petset_openapi::SCHEMAS).unwrap_or_default()
    })
}

fn schema_name(resource: &ApiResource) -> String {
    let group = resource.group().split('.').next().unwrap_or("");
    let group = if group.is_empty() { "core" } else { group };
    format!(
        "io.k8s.api.{group}.{}.{}",
        resource.version(),
        resource.kind
    )
}

/// Some schemas and all that they refer to.
fn closure(mut wanted: Vec<String>) -> Map<String, Value> {
    let mut found = Map::new();
    while let Some(name) = wanted.pop() {
        if found.contains_key(&name) {
            continue;
        }
        if let Some(schema) = schemas().get(&name) {
            references(schema, &mut wanted);
            found.insert(name, schema.clone());
        }
    }
    found
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            let place = map.get("$ref").and_then(Value::as_str);
            let name = place.and_then(|place| place.strip_prefix("#/components/schemas/"));
            found.extend(name.map(str::to_owned));
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn group_version_kind(resource: &ApiResource) -> Value {
    json!({
        "group": resource.group(),
        "version": resource.version(),
        "kind": resource.kind,
    })
}

/// The one operation that kubectl looks at: which parameters a patch knows.
fn patch(resource: &ApiResource) -> Value {
    let parameters = ["dryRun", "fieldManager", "fieldValidation", "force"].map(|name| {
        let of = if name == "force" { "boolean" } else { "string" };
        json!({"name": name, "in": "query", "schema": {"type": of, "uniqueItems": true}})
    });
    json!({
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": group_version_kind(resource),
    })
}

/// What the protobuf form of the second version is called.
const GNOSTIC: &str = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/// The same, as older clients call it.
const GNOSTIC_BEFORE: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

/// `/openapi/v2` in the first form of an `Accept` header that is known: its media type and its bytes; none if there is no such form.
pub(crate) fn second_version(accept: &str) -> Option<(&'static str, &'static [u8])> {
    static JSON: OnceLock<Vec<u8>> = OnceLock::new();
    static PROTOBUF: OnceLock<Vec<u8>> = OnceLock::new();
    let json = || {
        let made = JSON.get_or_init(|| second::document().to_string().into_bytes());
        Some(("application/json", made.as_slice()))
    };
    if accept.trim().is_empty() {
        return json();
    }
    accept.split(',').find_map(
        |choice| match choice.split(';').next().unwrap_or("").trim() {
            "application/json" | "application/*" | "*/*" => json(),
            GNOSTIC | GNOSTIC_BEFORE => {
                let made = PROTOBUF.get_or_init(|| gnostic::encode(second::document()));
                Some((GNOSTIC, made.as_slice()))
            }
            _ => None,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_simulated_kind_is_described_with_its_fields() {
        for resource in resources().iter().filter(|r| r.simulated().is_some()) {
            let document = document(&root(resource)).expect("a document");
            let place = format!("/components/schemas/{}", schema_name(resource));
            let schema = document
                .pointer(&place)
                .unwrap_or_else(|| panic!("{place}"));
            let text = schema["description"].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{place} has a description");
            assert!(schema["properties"]["metadata"]["allOf"][0]["$ref"].is_string());
            let mut places = Vec::new();
            references(&document, &mut places);
            for name in places {
                assert!(
                    document["components"]["schemas"].get(&name).is_some(),
                    "{name}"
                );
            }
        }
    }
}
