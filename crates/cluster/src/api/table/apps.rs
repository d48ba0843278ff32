//! Rows of what makes pods, and of its revisions.

use super::{Cell, format_labels};
use crate::api::selectors::Selector;
use crate::meta::label_selector;
use k8s_openapi::api::apps::v1::{
    ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet,
};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// Names and images of a template's containers.
pub(super) fn containers(template: Option<&PodTemplateSpec>) -> [Cell; 2] {
    let containers = template
        .and_then(|template| template.spec.as_ref())
        .map_or(&[][..], |spec| &spec.containers);
    let names: Vec<&str> = containers.iter().map(|one| one.name.as_str()).collect();
    let images: Vec<&str> = containers
        .iter()
        .map(|one| one.image.as_deref().unwrap_or(""))
        .collect();
    [names.join(","), images.join(",")]
}

/// A selector in one line; `none` stands for an empty one.
pub(super) fn selector(selector: &LabelSelector, none: &str, invalid: &str) -> Cell {
    if !label_selector::is_valid(selector) {
        return invalid.to_owned();
    }
    let text = Selector::from_spec(Some(selector)).to_string();
    if text.is_empty() {
        none.to_owned()
    } else {
        text
    }
}

pub(super) fn deployment(deployment: &Deployment, age: Cell) -> Vec<Cell> {
    let spec = deployment.spec.as_ref();
    let status = deployment.status.clone().unwrap_or_default();
    let [names, images] = containers(spec.map(|spec| &spec.template));
    let wanted = spec.and_then(|spec| spec.replicas).unwrap_or(0);
    vec![
        deployment.metadata.name.clone().unwrap_or_default(),
        format!("{}/{wanted}", status.ready_replicas.unwrap_or(0)),
        status.updated_replicas.unwrap_or(0).to_string(),
        status.available_replicas.unwrap_or(0).to_string(),
        age,
        names,
        images,
        spec.map_or_else(Cell::new, |spec| selector(&spec.selector, "", "<invalid>")),
    ]
}

pub(super) fn daemon_set(set: &DaemonSet, age: Cell) -> Vec<Cell> {
    let spec = set.spec.as_ref();
    let status = set.status.clone().unwrap_or_default();
    let template = spec.map(|spec| &spec.template);
    let pod = template.and_then(|template| template.spec.as_ref());
    let [names, images] = containers(template);
    vec![
        set.metadata.name.clone().unwrap_or_default(),
        status.desired_number_scheduled.to_string(),
        status.current_number_scheduled.to_string(),
        status.number_ready.to_string(),
        status.updated_number_scheduled.unwrap_or(0).to_string(),
        status.number_available.unwrap_or(0).to_string(),
        format_labels(pod.and_then(|pod| pod.node_selector.as_ref())),
        age,
        names,
        images,
        spec.map_or_else(Cell::new, |spec| {
            selector(&spec.selector, "<none>", "<error>")
        }),
    ]
}

pub(super) fn replica_set(set: &ReplicaSet, age: Cell) -> Vec<Cell> {
    let spec = set.spec.as_ref();
    let status = set.status.as_ref();
    let [names, images] = containers(spec.and_then(|spec| spec.template.as_ref()));
    let count = |count: Option<i32>| count.unwrap_or(0).to_string();
    vec![
        set.metadata.name.clone().unwrap_or_default(),
        count(spec.and_then(|spec| spec.replicas)),
        count(status.map(|status| status.replicas)),
        count(status.and_then(|status| status.ready_replicas)),
        age,
        names,
        images,
        spec.map_or_else(Cell::new, |spec| {
            selector(&spec.selector, "<none>", "<error>")
        }),
    ]
}

pub(super) fn stateful_set(set: &StatefulSet, age: Cell) -> Vec<Cell> {
    let spec = set.spec.as_ref();
    let ready = set.status.as_ref().and_then(|status| status.ready_replicas);
    let wanted = spec.and_then(|spec| spec.replicas).unwrap_or(0);
    let [names, images] = containers(spec.map(|spec| &spec.template));
    vec![
        set.metadata.name.clone().unwrap_or_default(),
        format!("{}/{wanted}", ready.unwrap_or(0)),
        age,
        names,
        images,
    ]
}

pub(super) fn controller_revision(revision: &ControllerRevision, age: Cell) -> Vec<Cell> {
    let owners = revision.metadata.owner_references.iter().flatten();
    let controller = owners
        .into_iter()
        .find(|owner| owner.controller == Some(true));
    let controller = controller.map_or_else(
        || "<none>".to_owned(),
        |owner| {
            let group = owner
                .api_version
                .split_once('/')
                .map_or("", |(group, _)| group);
            let kind = owner.kind.to_lowercase();
            if group.is_empty() {
                format!("{kind}/{}", owner.name)
            } else {
                format!("{kind}.{group}/{}", owner.name)
            }
        },
    );
    vec![
        revision.metadata.name.clone().unwrap_or_default(),
        controller,
        revision.revision.to_string(),
        age,
    ]
}
