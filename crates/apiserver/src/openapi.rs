//! The description of the API that clients validate with.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/openapi`, `k8s.io/kube-openapi/pkg/handler3`.

use petset_cluster::api::discovery::{ApiResource, resources};
use serde_json::{Map, Value, json};

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
    for resource in resources().iter().filter(|resource| root(resource) == path) {
        let scope = if resource.namespaced {
            "namespaces/{namespace}/"
        } else {
            ""
        };
        let path = format!("/{path}/{scope}{}/{{name}}", resource.plural);
        paths.insert(path, json!({"patch": patch(resource)}));
    }
    if paths.is_empty() {
        return None;
    }
    Some(json!({
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.36.3"},
        "paths": paths,
        "components": {"schemas": {}},
    }))
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
        "x-kubernetes-group-version-kind": {
            "group": resource.group(),
            "version": resource.version(),
            "kind": resource.kind,
        },
    })
}
