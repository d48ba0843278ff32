//! What the server says of its resources: plain and aggregated discovery, `/version`.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/discovery`.

use petset_cluster::api::discovery::ApiResource;
pub(crate) use petset_cluster::api::discovery::documents::{
    group, group_list, resource_list, versions,
};
use petset_cluster::api::discovery::documents::{
    groups, in_all, of_group, short_names, versions_of,
};
use serde_json::{Value, json};

/// What kubectl asks for when it wants everything at once.
pub(crate) const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Whether an `Accept` header asks for everything at once.
pub(crate) fn wants_aggregated(accept: &str) -> bool {
    accept.split(',').any(|choice| {
        let words: Vec<&str> = choice.split(';').map(str::trim).collect();
        ["g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"]
            .iter()
            .all(|word| words.contains(word))
    })
}

/// `/api` or (without `core`) `/apis`, everything at once.
pub(crate) fn aggregated(core: bool) -> Value {
    let names = if core { vec![""] } else { groups() };
    let items = names.into_iter().map(|group| {
        let resources: Vec<Value> = of_group(group).map(aggregated_resource).collect();
        let versions = versions_of(group).into_iter();
        let versions = versions.map(
            |version| json!({"version": version, "resources": resources, "freshness": "Current"}),
        );
        let mut meta = json!({"creationTimestamp": null});
        if !group.is_empty() {
            meta["name"] = group.into();
        }
        json!({
            "metadata": meta,
            "versions": versions.collect::<Vec<_>>(),
        })
    });
    json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items.collect::<Vec<_>>(),
    })
}

fn aggregated_resource(resource: &ApiResource) -> Value {
    let kind = |api_version: &'static str, kind: &str| {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        json!({"group": group, "version": version, "kind": kind})
    };
    let mut value = json!({
        "resource": resource.plural,
        "responseKind": kind(resource.api_version, resource.kind),
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": resource.singular_name(),
        "verbs": resource.verbs(),
    });
    let short = short_names(resource);
    if !short.is_empty() {
        value["shortNames"] = short.into();
    }
    if in_all(resource) {
        value["categories"] = json!(["all"]);
    }
    let parts: Vec<Value> = resource
        .parts()
        .iter()
        .map(|part| {
            json!({
                "subresource": part.name,
                "responseKind": kind(part.api_version, part.kind),
                "verbs": part.verbs,
            })
        })
        .collect();
    if !parts.is_empty() {
        value["subresources"] = parts.into();
    }
    value
}

/// `/version`.
pub(crate) fn version() -> Value {
    json!({
        "major": "1",
        "minor": "36",
        "emulationMajor": "1",
        "emulationMinor": "36",
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "35",
        "gitVersion": "v1.36.3",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "",
        "goVersion": "",
        "compiler": "gc",
        "platform": "linux/amd64",
    })
}
