//! What the server says of its resources: plain and aggregated discovery, `/version`.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/discovery`.

use petset_cluster::api::discovery::{ApiResource, Part, resources};
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

/// The groups in their order, without the core group.
fn groups() -> Vec<&'static str> {
    let mut groups: Vec<&str> = Vec::new();
    for resource in resources() {
        let group = resource.group();
        if !group.is_empty() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

fn of_group(group: &str) -> impl Iterator<Item = &'static ApiResource> {
    resources()
        .iter()
        .filter(move |resource| resource.group() == group)
}

fn version_of(group: &str) -> &'static str {
    of_group(group).next().map_or("v1", ApiResource::version)
}

/// `/api`.
pub(crate) fn versions(host: &str) -> Value {
    json!({
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": host}],
    })
}

fn group_value(group: &str) -> Value {
    let versions: Vec<Value> = versions_of(group)
        .into_iter()
        .map(|version| json!({"groupVersion": format!("{group}/{version}"), "version": version}))
        .collect();
    let preferred = versions.first().cloned();
    json!({"name": group, "versions": versions, "preferredVersion": preferred})
}

/// The versions of a group, the preferred one first. One group is served in a second one.
fn versions_of(group: &str) -> Vec<&'static str> {
    let older = (group == "autoscaling").then_some("v1");
    [version_of(group)].into_iter().chain(older).collect()
}

/// `/apis`.
pub(crate) fn group_list() -> Value {
    let groups: Vec<Value> = groups().into_iter().map(group_value).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/GROUP`.
pub(crate) fn group(name: &str) -> Option<Value> {
    if !groups().contains(&name) {
        return None;
    }
    let mut value = group_value(name);
    value["kind"] = "APIGroup".into();
    value["apiVersion"] = "v1".into();
    Some(value)
}

/// `/api/v1`, `/apis/GROUP/VERSION`.
pub(crate) fn resource_list(api_version: &str) -> Option<Value> {
    let mut list = Vec::new();
    for resource in resources().iter().filter(|r| r.api_version == api_version) {
        let mut value = json!({
            "name": resource.plural,
            "singularName": resource.singular_name(),
            "namespaced": resource.namespaced,
            "kind": resource.kind,
            "verbs": resource.verbs(),
        });
        let short: Vec<&str> = short_names(resource);
        if !short.is_empty() {
            value["shortNames"] = short.into();
        }
        if in_all(resource) {
            value["categories"] = json!(["all"]);
        }
        list.push(value);
        for part in resource.parts() {
            let mut value = json!({
                "name": format!("{}/{}", resource.plural, part.name),
                "singularName": "",
                "namespaced": resource.namespaced,
                "kind": part.kind,
                "verbs": part.verbs,
            });
            if part.api_version != resource.api_version {
                let (group, version) = group_and_version(&part);
                value["group"] = group.into();
                value["version"] = version.into();
            }
            list.push(value);
        }
    }
    if list.is_empty() {
        return None;
    }
    Some(json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": list,
    }))
}

fn group_and_version(part: &Part) -> (&'static str, &'static str) {
    part.api_version
        .split_once('/')
        .unwrap_or(("", part.api_version))
}

fn short_names(resource: &ApiResource) -> Vec<&'static str> {
    resource
        .short_names
        .split(',')
        .filter(|name| !name.is_empty())
        .collect()
}

/// `kubectl get all` asks for what is there: a kind that is not simulated has no objects.
fn in_all(resource: &ApiResource) -> bool {
    resource.in_all() && resource.simulated().is_some()
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
