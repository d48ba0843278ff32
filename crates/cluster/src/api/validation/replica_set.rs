//! ReplicaSets, and what a Deployment shares with them.
//!
//! Upstream: `pkg/apis/apps/validation/validation.go`.

use super::{not_negative, pod, workload};
use crate::api::field::{Errors, Path};
use crate::meta::label_selector;
use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetSpec};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

const NOT_ABOVE_REPLICAS: &str = "cannot be greater than status.replicas";

pub(super) fn create(set: &ReplicaSet, errors: &mut Errors) {
    if let Some(spec) = &set.spec {
        check(spec, errors);
    }
}

pub(super) fn update(new: &ReplicaSet, old: &ReplicaSet, errors: &mut Errors) {
    if let (Some(new), Some(old)) = (&new.spec, &old.spec) {
        check(new, errors);
        workload::same_selector(&new.selector, &old.selector, errors);
    }
}

fn check(spec: &ReplicaSetSpec, errors: &mut Errors) {
    let path = Path::new("spec");
    let counts = [
        (spec.replicas, "replicas"),
        (spec.min_ready_seconds, "minReadySeconds"),
    ];
    for (count, name) in counts {
        not_negative(&count.unwrap_or(0), &path.child(name), errors);
    }
    let none = PodTemplateSpec::default();
    let template = spec.template.as_ref().unwrap_or(&none);
    selector_and_template(&spec.selector, template, &path, errors);
}

/// The selector, and the template if the selector can be used.
pub(super) fn selector_and_template(
    selector: &LabelSelector,
    template: &PodTemplateSpec,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    // The word is upstream's for both kinds.
    let parsed = workload::selector(selector, "deployment", path, errors);
    if !label_selector::is_valid(selector) {
        let why = "invalid label selector";
        errors.invalid(&path.child("selector"), selector, why);
        return;
    }
    let field = path.child("template");
    workload::template_fits(&parsed, template, &field, errors);
    pod::template(template, &field, errors);
    workload::runs_always(template, "ReplicaSet", &field, errors);
}

/// What is wrong with a status.
pub(super) fn status(set: &ReplicaSet, errors: &mut Errors) {
    let Some(status) = &set.status else { return };
    let counts = [
        (Some(status.replicas), "replicas"),
        (status.fully_labeled_replicas, "fullyLabeledReplicas"),
        (status.ready_replicas, "readyReplicas"),
        (status.available_replicas, "availableReplicas"),
    ];
    let path = Path::new("status");
    for (count, name) in counts {
        not_negative(&count.unwrap_or(0), &path.child(name), errors);
    }
    let observed = status.observed_generation.unwrap_or(0);
    not_negative(&observed, &path.child("observedGeneration"), errors);
    let terminating = status.terminating_replicas.unwrap_or(0);
    not_negative(&terminating, &path.child("terminatingReplicas"), errors);
    at_most_replicas(&counts, errors);
}

/// No counter (after the first, which is the number of replicas) may exceed that number, nor the last (of available ones)
/// the one before it (of ready ones).
pub(super) fn at_most_replicas(counts: &[(Option<i32>, &str)], errors: &mut Errors) {
    let path = Path::new("status");
    let value = |at: usize| counts.get(at).and_then(|(count, _)| *count).unwrap_or(0);
    for (count, name) in counts.iter().skip(1) {
        let count = count.unwrap_or(0);
        if count > value(0) {
            errors.invalid(&path.child(name), &count, NOT_ABOVE_REPLICAS);
        }
    }
    let available = value(counts.len().saturating_sub(1));
    if available > value(counts.len().saturating_sub(2)) {
        let why = "cannot be greater than readyReplicas";
        errors.invalid(&path.child("availableReplicas"), &available, why);
    }
}
