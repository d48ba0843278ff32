//! DaemonSets.
//!
//! Upstream: `pkg/apis/apps/validation/validation.go`.

use super::{not_negative, pod, workload};
use crate::api::field::{Errors, Path};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

pub(super) fn create(set: &DaemonSet, errors: &mut Errors) {
    if let Some(spec) = &set.spec {
        check(spec, errors);
    }
}

pub(super) fn update(new: &DaemonSet, old: &DaemonSet, errors: &mut Errors) {
    if let (Some(new), Some(old)) = (&new.spec, &old.spec) {
        workload::same_selector(&new.selector, &old.selector, errors);
        check(new, errors);
    }
}

fn check(spec: &DaemonSetSpec, errors: &mut Errors) {
    let path = Path::new("spec");
    let parsed = workload::selector(&spec.selector, "daemonset", &path, errors);
    let field = path.child("template");
    workload::template_fits(&parsed, &spec.template, &field, errors);
    pod::template(&spec.template, &field, errors);
    workload::runs_always(&spec.template, "DaemonSet", &field, errors);
    for (count, name) in [
        (spec.min_ready_seconds, "minReadySeconds"),
        (spec.revision_history_limit, "revisionHistoryLimit"),
    ] {
        not_negative(&count.unwrap_or(0), &path.child(name), errors);
    }
    strategy(spec, &path, errors);
}

/// The number of a number or of a percentage.
fn amount(amount: Option<&IntOrString>) -> i64 {
    match amount {
        None => 0,
        Some(IntOrString::Int(number)) => i64::from(*number),
        Some(IntOrString::String(text)) => workload::percent(text).unwrap_or(0),
    }
}

fn strategy(spec: &DaemonSetSpec, path: &Path<'_>, errors: &mut Errors) {
    let strategy = spec.update_strategy.clone().unwrap_or_default();
    let path = path.child("updateStrategy");
    match strategy.type_.as_deref().unwrap_or("") {
        "OnDelete" => {}
        "RollingUpdate" => {
            let path = path.child("rollingUpdate");
            let Some(rolling) = &strategy.rolling_update else {
                errors.required(&path, "");
                return;
            };
            let (unavailable, surge) = (&rolling.max_unavailable, &rolling.max_surge);
            for (value, name) in [(unavailable, "maxUnavailable"), (surge, "maxSurge")] {
                if let Some(value) = value {
                    workload::int_or_percent(value, &path.child(name), errors);
                }
            }
            for (value, name) in [(unavailable, "maxUnavailable"), (surge, "maxSurge")] {
                if let Some(value) = value {
                    workload::at_most_all(value, &path.child(name), errors);
                }
            }
            match (amount(unavailable.as_ref()), amount(surge.as_ref()), surge) {
                (0, 0, _) => {
                    let why = "cannot be 0 when maxSurge is 0";
                    errors.required(&path.child("maxUnavailable"), why);
                }
                (0, ..) | (_, 0, _) => {}
                (_, _, Some(surge)) => {
                    let why = "may not be set when maxUnavailable is non-zero";
                    errors.invalid(&path.child("maxSurge"), surge, why);
                }
                _ => {}
            }
        }
        other => errors.not_among(&path.child("type"), other, &["RollingUpdate", "OnDelete"]),
    }
}
