//! What the server answers at `/api`, `/apis` and below, in the plain form.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/discovery`.

use super::{ApiResource, Part, resources};
use serde_json::{Value, json};

/// The groups in their order, without the core group.
pub fn groups() -> Vec<&'static str> {
    let mut groups: Vec<&str> = Vec::new();
    for resource in resources() {
        let group = resource.group();
        if !group.is_empty() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

/// The resources of a group.
pub fn of_group(group: &str) -> impl Iterator<Item = &'static ApiResource> {
    resources()
        .iter()
        .filter(move |resource| resource.group() == group)
}

fn version_of(group: &str) -> &'static str {
    of_group(group).next().map_or("v1", ApiResource::version)
}

/// `/api`, as the server at `host` answers it.
pub fn versions(host: &str) -> Value {
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
pub fn versions_of(group: &str) -> Vec<&'static str> {
    let older = (group == "autoscaling").then_some("v1");
    [version_of(group)].into_iter().chain(older).collect()
}

/// `/apis`.
pub fn group_list() -> Value {
    let groups: Vec<Value> = groups().into_iter().map(group_value).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/GROUP`; none if there is no such group.
pub fn group(name: &str) -> Option<Value> {
    if !groups().contains(&name) {
        return None;
    }
    let mut value = group_value(name);
    value["kind"] = "APIGroup".into();
    value["apiVersion"] = "v1".into();
    Some(value)
}

/// `/api/v1`, `/apis/GROUP/VERSION`; none if there is no such version.
pub fn resource_list(api_version: &str) -> Option<Value> {
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

/// The short names of a resource.
pub fn short_names(resource: &ApiResource) -> Vec<&'static str> {
    resource
        .short_names
        .split(',')
        .filter(|name| !name.is_empty())
        .collect()
}

/// `kubectl get all` asks for what is there: a kind that is not simulated has no objects.
pub fn in_all(resource: &ApiResource) -> bool {
    resource.in_all() && resource.simulated().is_some()
}
