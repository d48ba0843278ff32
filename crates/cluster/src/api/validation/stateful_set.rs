//! StatefulSets.
//!
//! Upstream: `pkg/apis/apps/validation/validation.go`.

use super::{label, not_negative, pod, storage, workload};
use crate::api::field::{BadValue, Errors, Path};
use crate::api::selectors::Selector;
use k8s_openapi::api::apps::v1::{
    RollingUpdateStatefulSetStrategy, StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, PodTemplateSpec, Volume};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::json;

const IMMUTABLE: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/// What is checked at creation only, or not at all.
#[derive(Clone, Copy, Default)]
struct Skip {
    service_name: bool,
    claim_templates: bool,
    pod_template: bool,
}

pub(super) fn create(set: &StatefulSet, errors: &mut Errors) {
    if let Some(spec) = &set.spec {
        check(spec, Skip::default(), errors);
    }
}

pub(super) fn update(new: &StatefulSet, old: &StatefulSet, errors: &mut Errors) {
    let (Some(new), Some(old)) = (new.spec.as_ref(), old.spec.as_ref()) else {
        return;
    };
    if new == old {
        return;
    }
    let mut skip = Skip {
        service_name: true,
        claim_templates: true,
        pod_template: false,
    };
    // A stored template that breaks today's rules may stay as it is.
    let mut of_old = Errors::default();
    check(old, skip, &mut of_old);
    skip.pod_template = !of_old.is_empty();
    check(new, skip, errors);
    let mut munged = new.clone();
    munged.replicas = old.replicas;
    munged.template.clone_from(&old.template);
    munged.update_strategy.clone_from(&old.update_strategy);
    munged.min_ready_seconds = old.min_ready_seconds;
    munged.ordinals.clone_from(&old.ordinals);
    munged.revision_history_limit = old.revision_history_limit;
    munged
        .persistent_volume_claim_retention_policy
        .clone_from(&old.persistent_volume_claim_retention_policy);
    if munged != *old {
        errors.forbidden(&Path::new("spec"), IMMUTABLE);
    }
}

fn check(spec: &StatefulSetSpec, skip: Skip, errors: &mut Errors) {
    let path = Path::new("spec");
    let policy = spec.pod_management_policy.as_deref().unwrap_or("");
    let field = path.child("podManagementPolicy");
    match policy {
        "" => errors.required(&field, ""),
        "OrderedReady" | "Parallel" => {}
        other => errors.invalid(&field, other, "must be 'OrderedReady' or 'Parallel'"),
    }
    update_strategy(spec.update_strategy.as_ref(), &path, errors);
    retention(spec, &path, errors);
    if !skip.claim_templates {
        let list = path.child("volumeClaimTemplates");
        for (at, template) in spec.volume_claim_templates.iter().flatten().enumerate() {
            let place = list.index(at);
            let spec = template.spec.clone().unwrap_or_default();
            storage::claim_spec(&spec, &place.child("spec"), errors);
        }
    }
    not_negative(&spec.replicas.unwrap_or(0), &path.child("replicas"), errors);
    not_negative(
        &spec.min_ready_seconds.unwrap_or(0),
        &path.child("minReadySeconds"),
        errors,
    );
    if let Some(ordinals) = &spec.ordinals {
        not_negative(
            &ordinals.start.unwrap_or(0),
            &path.child("ordinals.start"),
            errors,
        );
    }
    if let Some(name) = spec.service_name.as_deref()
        && !skip.service_name
        && !name.is_empty()
    {
        label(name, &path.child("serviceName"), errors);
    }
    let selector = workload::selector(&spec.selector, "statefulset", &path, errors);
    template(spec, &selector, skip, &path, errors);
}

fn update_strategy(
    strategy: Option<&StatefulSetUpdateStrategy>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let field = path.child("updateStrategy");
    let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
    match strategy.and_then(|s| s.type_.as_deref()).unwrap_or("") {
        "" => errors.required(&field, ""),
        "OnDelete" => {
            if let Some(rolling) = rolling {
                errors.invalid(
                    &field.child("rollingUpdate"),
                    &workload::Verbatim(show_rolling(Some(rolling))),
                    "only allowed for updateStrategy 'RollingUpdate'",
                );
            }
        }
        "RollingUpdate" => {
            if let Some(rolling) = rolling {
                rolling_update(rolling, &field.child("rollingUpdate"), errors);
            }
        }
        other => {
            let shown = format!(
                "{{\"Type\":{},\"RollingUpdate\":{}}}",
                json!(other),
                show_rolling(rolling)
            );
            errors.invalid(
                &field,
                &workload::Verbatim(shown),
                "must be 'RollingUpdate' or 'OnDelete'",
            );
        }
    }
}

fn show_rolling(rolling: Option<&RollingUpdateStatefulSetStrategy>) -> String {
    let Some(rolling) = rolling else {
        return "null".to_owned();
    };
    let unavailable = rolling
        .max_unavailable
        .as_ref()
        .map_or_else(|| "null".to_owned(), |amount| amount.show());
    format!(
        "{{\"Partition\":{},\"MaxUnavailable\":{unavailable}}}",
        rolling.partition.unwrap_or(0)
    )
}

fn rolling_update(
    rolling: &RollingUpdateStatefulSetStrategy,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    not_negative(
        &rolling.partition.unwrap_or(0),
        &path.child("partition"),
        errors,
    );
    let Some(amount) = &rolling.max_unavailable else {
        return;
    };
    let field = path.child("maxUnavailable");
    workload::int_or_percent(amount, &field, errors);
    match amount {
        IntOrString::Int(0) => errors.invalid(&field, &0, "cannot be 0"),
        IntOrString::Int(_) => {}
        IntOrString::String(text) => match workload::percent(text) {
            Some(0) => errors.invalid(&field, text, "cannot be 0"),
            Some(101..) => errors.invalid(&field, text, "must not be greater than 100%"),
            _ => {}
        },
    }
}

fn retention(spec: &StatefulSetSpec, path: &Path<'_>, errors: &mut Errors) {
    let Some(policy) = &spec.persistent_volume_claim_retention_policy else {
        return;
    };
    let field = path.child("persistentVolumeClaimRetentionPolicy");
    for (value, name) in [
        (&policy.when_deleted, "whenDeleted"),
        (&policy.when_scaled, "whenScaled"),
    ] {
        let value = value.as_deref().unwrap_or("");
        if !matches!(value, "Retain" | "Delete") {
            errors.not_among(&field.child(name), value, &["Retain", "Delete"]);
        }
    }
}

fn template(
    spec: &StatefulSetSpec,
    selector: &Selector,
    skip: Skip,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let field = path.child("template");
    workload::template_fits(selector, &spec.template, &field, errors);
    if !skip.pod_template {
        pod::template(&with_claims(spec), &field, errors);
    }
    workload::runs_always(&spec.template, "StatefulSet", &field, errors);
}

/// The template as its pods will have it: claims are volumes, the controller names host and subdomain.
fn with_claims(spec: &StatefulSetSpec) -> PodTemplateSpec {
    let mut template = spec.template.clone();
    let pod = template.spec.get_or_insert_default();
    pod.hostname = None;
    pod.subdomain = None;
    let claims: Vec<&str> = spec
        .volume_claim_templates
        .iter()
        .flatten()
        .filter_map(|claim| claim.metadata.name.as_deref())
        .collect();
    if !claims.is_empty() {
        let own = pod.volumes.take().unwrap_or_default();
        let mut volumes: Vec<Volume> = claims
            .iter()
            .map(|name| Volume {
                name: (*name).to_owned(),
                empty_dir: Some(EmptyDirVolumeSource::default()),
                ..Volume::default()
            })
            .collect();
        volumes.extend(
            own.into_iter()
                .filter(|volume| !claims.contains(&volume.name.as_str())),
        );
        pod.volumes = Some(volumes);
    }
    template
}

/// What is wrong with a status that follows `old`.
pub(super) fn status(set: &StatefulSet, old: &StatefulSet, errors: &mut Errors) {
    let Some(status) = &set.status else { return };
    let path = Path::new("status");
    let collisions = |set: &StatefulSet| set.status.as_ref().and_then(|s| s.collision_count);
    let counts = [
        (Some(status.replicas), "replicas"),
        (status.ready_replicas, "readyReplicas"),
        (status.current_replicas, "currentReplicas"),
        (status.updated_replicas, "updatedReplicas"),
        (status.available_replicas, "availableReplicas"),
    ];
    for (count, name) in counts {
        not_negative(&count.unwrap_or(0), &path.child(name), errors);
    }
    not_negative(
        &status.observed_generation.unwrap_or(0),
        &path.child("observedGeneration"),
        errors,
    );
    not_negative(
        &collisions(set).unwrap_or(0),
        &path.child("collisionCount"),
        errors,
    );
    for (count, name) in counts.into_iter().skip(1) {
        let count = count.unwrap_or(0);
        if count > status.replicas {
            errors.invalid(
                &path.child(name),
                &count,
                "cannot be greater than status.replicas",
            );
        }
    }
    let available = status.available_replicas.unwrap_or(0);
    if available > status.ready_replicas.unwrap_or(0) {
        errors.invalid(
            &path.child("availableReplicas"),
            &available,
            "cannot be greater than status.readyReplicas",
        );
    }
    if collisions(set) < collisions(old) {
        errors.invalid(
            &path.child("collisionCount"),
            &collisions(set).unwrap_or(0),
            "cannot be decremented",
        );
    }
}
