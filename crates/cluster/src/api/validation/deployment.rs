//! Deployments.
//!
//! Upstream: `pkg/apis/apps/validation/validation.go`.

use super::replica_set::{at_most_replicas, selector_and_template};
use super::{not_negative, workload};
use crate::api::field::{BadValue, Errors, Path};
use k8s_openapi::api::apps::v1::{
    Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::json;

pub(super) fn create(deployment: &Deployment, errors: &mut Errors) {
    if let Some(spec) = &deployment.spec {
        check(spec, errors);
    }
}

pub(super) fn update(new: &Deployment, old: &Deployment, errors: &mut Errors) {
    if let (Some(new), Some(old)) = (&new.spec, &old.spec) {
        check(new, errors);
        workload::same_selector(&new.selector, &old.selector, errors);
    }
}

fn check(spec: &DeploymentSpec, errors: &mut Errors) {
    let path = Path::new("spec");
    not_negative(&spec.replicas.unwrap_or(0), &path.child("replicas"), errors);
    selector_and_template(&spec.selector, &spec.template, &path, errors);
    strategy(spec.strategy.as_ref(), &path.child("strategy"), errors);
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    not_negative(&min_ready, &path.child("minReadySeconds"), errors);
    let limit = spec.revision_history_limit.unwrap_or(0);
    not_negative(&limit, &path.child("revisionHistoryLimit"), errors);
    if let Some(deadline) = spec.progress_deadline_seconds {
        let field = path.child("progressDeadlineSeconds");
        not_negative(&deadline, &field, errors);
        if deadline <= min_ready {
            errors.invalid(&field, &deadline, "must be greater than minReadySeconds");
        }
    }
}

fn strategy(strategy: Option<&DeploymentStrategy>, path: &Path<'_>, errors: &mut Errors) {
    let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
    let field = path.child("rollingUpdate");
    match strategy.and_then(|s| s.type_.as_deref()).unwrap_or("") {
        "Recreate" => {
            if rolling.is_some() {
                let why = "may not be specified when strategy `type` is 'Recreate'";
                errors.forbidden(&field, why);
            }
        }
        "RollingUpdate" => match rolling {
            Some(rolling) => rolling_update(rolling, &field, errors),
            None => errors.required(&field, "this should be defaulted and never be nil"),
        },
        other => {
            let rolling = rolling.map_or_else(
                || "null".to_owned(),
                |rolling| {
                    format!(
                        "{{\"MaxUnavailable\":{},\"MaxSurge\":{}}}",
                        amount(rolling.max_unavailable.as_ref()).show(),
                        amount(rolling.max_surge.as_ref()).show()
                    )
                },
            );
            let shown = format!("{{\"Type\":{},\"RollingUpdate\":{rolling}}}", json!(other));
            errors.shown_not_among(path, &shown, &["Recreate", "RollingUpdate"]);
        }
    }
}

fn amount(value: Option<&IntOrString>) -> IntOrString {
    value.cloned().unwrap_or(IntOrString::Int(0))
}

fn rolling_update(rolling: &RollingUpdateDeployment, path: &Path<'_>, errors: &mut Errors) {
    let unavailable = amount(rolling.max_unavailable.as_ref());
    let surge = amount(rolling.max_surge.as_ref());
    let field = path.child("maxUnavailable");
    workload::int_or_percent(&unavailable, &field, errors);
    workload::int_or_percent(&surge, &path.child("maxSurge"), errors);
    if number(&unavailable) == 0 && number(&surge) == 0 {
        errors.invalid(&field, &unavailable, "may not be 0 when `maxSurge` is 0");
    }
    if let IntOrString::String(text) = &unavailable
        && workload::percent(text).is_some_and(|percent| percent > 100)
    {
        errors.invalid(&field, text, "must not be greater than 100%");
    }
}

/// The number, or that of a percentage; 0 for other texts.
fn number(value: &IntOrString) -> i64 {
    match value {
        IntOrString::Int(number) => i64::from(*number),
        IntOrString::String(text) => workload::percent(text).or(text.parse().ok()).unwrap_or(0),
    }
}

/// What is wrong with a status.
pub(super) fn status(new: &Deployment, old: &Deployment, errors: &mut Errors) {
    let Some(status) = &new.status else { return };
    let path = Path::new("status");
    let observed = status.observed_generation.unwrap_or(0);
    not_negative(&observed, &path.child("observedGeneration"), errors);
    let counts = [
        (status.replicas, "replicas"),
        (status.updated_replicas, "updatedReplicas"),
        (status.ready_replicas, "readyReplicas"),
        (status.available_replicas, "availableReplicas"),
    ];
    let further = [
        (status.unavailable_replicas, "unavailableReplicas"),
        (status.terminating_replicas, "terminatingReplicas"),
        (status.collision_count, "collisionCount"),
    ];
    for (count, name) in counts.iter().chain(&further) {
        not_negative(&count.unwrap_or(0), &path.child(name), errors);
    }
    at_most_replicas(&counts, errors);
    let before = old.status.as_ref().and_then(|old| old.collision_count);
    let now = status.collision_count;
    if before.is_some_and(|before| now.is_none_or(|now| now < before)) {
        let field = path.child("collisionCount");
        errors.invalid(&field, &now.unwrap_or(0), "cannot be decremented");
    }
}
