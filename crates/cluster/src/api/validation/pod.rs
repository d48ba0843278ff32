//! Pods and pod templates.
//!
//! Upstream: `pkg/apis/core/validation/validation.go`.

use super::{container, label, metadata, names, one_of, subdomain, volume};
use crate::api::field::{Errors, Path};
use crate::api::internal;
use k8s_openapi::api::core::v1::{Pod, PodSpec, PodTemplateSpec, Toleration};

const IMMUTABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

pub(super) fn create(pod: &Pod, errors: &mut Errors) {
    if let Some(spec) = &pod.spec {
        pod_spec(spec, &Path::new("spec"), errors);
    }
}

pub(super) fn template(template: &PodTemplateSpec, path: &Path<'_>, errors: &mut Errors) {
    if let Some(meta) = &template.metadata {
        metadata::labels(meta.labels.as_ref(), &path.child("labels"), errors);
        metadata::annotations(meta, path, errors);
    }
    if let Some(spec) = &template.spec {
        pod_spec(spec, &path.child("spec"), errors);
    }
}

fn pod_spec(spec: &PodSpec, path: &Path<'_>, errors: &mut Errors) {
    let volumes = volume::volumes(
        spec.volumes.as_deref().unwrap_or(&[]),
        &path.child("volumes"),
        errors,
    );
    container::containers(spec, &volumes, path, errors);
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    one_of(
        &text(&spec.restart_policy),
        &["Always", "OnFailure", "Never"],
        &path.child("restartPolicy"),
        errors,
    );
    one_of(
        &text(&spec.dns_policy),
        &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"],
        &path.child("dnsPolicy"),
        errors,
    );
    metadata::labels(
        spec.node_selector.as_ref(),
        &path.child("nodeSelector"),
        errors,
    );
    dns_config(spec, path, errors);
    scheduling(spec, path, errors);
    if let Some(name) = spec
        .service_account_name
        .as_deref()
        .filter(|name| !name.is_empty())
    {
        subdomain(name, &path.child("serviceAccountName"), errors);
    }
    if let Some(name) = spec.node_name.as_deref().filter(|name| !name.is_empty()) {
        subdomain(name, &path.child("nodeName"), errors);
    }
    if let Some(seconds) = spec.active_deadline_seconds
        && !(1..=i64::from(i32::MAX)).contains(&seconds)
    {
        errors.invalid(
            &path.child("activeDeadlineSeconds"),
            &seconds,
            "must be between 1 and 2147483647, inclusive",
        );
    }
    if let Some(name) = spec.hostname.as_deref().filter(|name| !name.is_empty()) {
        label(name, &path.child("hostname"), errors);
    }
    if let Some(name) = spec.subdomain.as_deref().filter(|name| !name.is_empty()) {
        label(name, &path.child("subdomain"), errors);
    }
    tolerations(
        spec.tolerations.as_deref().unwrap_or(&[]),
        &path.child("tolerations"),
        errors,
    );
    for (at, alias) in spec.host_aliases.iter().flatten().enumerate() {
        let list = path.child("hostAliases");
        let place = list.index(at);
        if alias.ip.parse::<std::net::IpAddr>().is_err() {
            errors.invalid(&place.child("ip"), &alias.ip, super::core::BAD_IP);
        }
        for name in alias.hostnames.iter().flatten() {
            subdomain(name, &place.child("hostnames"), errors);
        }
    }
}

fn dns_config(spec: &PodSpec, path: &Path<'_>, errors: &mut Errors) {
    let place = path.child("dnsConfig");
    let none = spec.dns_policy.as_deref() == Some("None");
    let Some(config) = spec.dns_config.as_ref() else {
        if none {
            errors.required(
                &place,
                "must provide `dnsConfig` when `dnsPolicy` is \"None\"",
            );
        }
        return;
    };
    let servers = config.nameservers.as_deref().unwrap_or(&[]);
    if none && servers.is_empty() {
        errors.required(
            &place.child("nameservers"),
            "must provide at least one DNS nameserver when `dnsPolicy` is \"None\"",
        );
    }
    for (at, server) in servers.iter().enumerate() {
        if server.parse::<std::net::IpAddr>().is_err() {
            let list = place.child("nameservers");
            errors.invalid(&list.index(at), server, super::core::BAD_IP);
        }
    }
}

fn scheduling(spec: &PodSpec, path: &Path<'_>, errors: &mut Errors) {
    for (at, gate) in spec.scheduling_gates.iter().flatten().enumerate() {
        let list = path.child("schedulingGates");
        for why in names::qualified_name(&gate.name) {
            errors.invalid(&list.index(at), &gate.name, &why);
        }
    }
    for (at, spread) in spec
        .topology_spread_constraints
        .iter()
        .flatten()
        .enumerate()
    {
        let list = path.child("topologySpreadConstraints");
        let place = list.index(at);
        if spread.max_skew <= 0 {
            errors.invalid(
                &place.child("maxSkew"),
                &spread.max_skew,
                "must be greater than zero",
            );
        }
        if spread.topology_key.is_empty() {
            errors.required(&place.child("topologyKey"), "can not be empty");
        }
        one_of(
            &spread.when_unsatisfiable,
            &["DoNotSchedule", "ScheduleAnyway"],
            &place.child("whenUnsatisfiable"),
            errors,
        );
    }
}

fn tolerations(list: &[Toleration], path: &Path<'_>, errors: &mut Errors) {
    for (at, toleration) in list.iter().enumerate() {
        let place = path.index(at);
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let (key, operator) = (text(&toleration.key), text(&toleration.operator));
        let (value, effect) = (text(&toleration.value), text(&toleration.effect));
        if !key.is_empty() {
            for why in names::qualified_name(&key) {
                errors.invalid(&place.child("key"), &key, &why);
            }
        }
        let on_operator = place.child("operator");
        if key.is_empty() && operator != "Exists" {
            errors.invalid(&on_operator, &operator, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }
        if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
            errors.invalid(
                &place.child("effect"),
                &effect,
                "effect must be 'NoExecute' when `tolerationSeconds` is set",
            );
        }
        match operator.as_str() {
            "Equal" | "" => {
                let wrong = names::label_value(&value);
                if !wrong.is_empty() {
                    errors.invalid(&on_operator, &value, &wrong.join(";"));
                }
            }
            "Exists" if !value.is_empty() => errors.invalid(
                &on_operator,
                &value,
                "value must be empty when `operator` is 'Exists'",
            ),
            "Exists" => {}
            "Lt" | "Gt" => {
                errors.not_supported(&on_operator, &operator, &["Equal", "Exists", "Lt", "Gt"]);
            }
            _ => errors.not_supported(&on_operator, &operator, &["Equal", "Exists"]),
        }
        if !effect.is_empty() {
            one_of(
                &effect,
                &["NoSchedule", "PreferNoSchedule", "NoExecute"],
                &place.child("effect"),
                errors,
            );
        }
    }
}

/// What is wrong with a pod whose spec is changed.
pub(super) fn update(new: &Pod, old: &Pod, errors: &mut Errors) {
    create(new, errors);
    let (Some(new), Some(old)) = (new.spec.as_ref(), old.spec.as_ref()) else {
        return;
    };
    let path = Path::new("spec");
    let init = |spec: &PodSpec| spec.init_containers.as_ref().map_or(0, Vec::len);
    for (same, name) in [
        (new.containers.len() == old.containers.len(), "containers"),
        (init(new) == init(old), "initContainers"),
    ] {
        if !same {
            errors.forbidden(
                &path.child(name),
                "pod updates may not add or remove containers",
            );
            return;
        }
    }
    for (at, container) in new.containers.iter().enumerate() {
        let image = container.image.as_deref().unwrap_or("");
        if image.trim().len() != image.len() {
            let list = path.child("containers");
            let place = list.index(at);
            errors.invalid(
                &place.child("image"),
                image,
                "must not have leading or trailing whitespace",
            );
        }
    }
    deadline(new, old, errors);
    if added_only(new, old, errors) {
        let munged = munge(new, old);
        if munged != *old {
            let diff = internal::diff(internal::POD_SPEC, old, &munged);
            errors.forbidden(&path, &format!("{IMMUTABLE}\n{diff}"));
        }
    }
}

fn deadline(new: &PodSpec, old: &PodSpec, errors: &mut Errors) {
    let path = Path::new("spec");
    let place = path.child("activeDeadlineSeconds");
    match (new.active_deadline_seconds, old.active_deadline_seconds) {
        (Some(new), Some(old)) if old < new => {
            errors.invalid(&place, &new, "must be less than or equal to previous value")
        }
        (None, Some(_)) => errors.invalid(
            &place,
            &None::<i64>,
            "must not update from a positive integer to nil value",
        ),
        _ => {}
    }
}

/// Tolerations may come but not go, gates may go but not come. Returns whether that was kept.
fn added_only(new: &PodSpec, old: &PodSpec, errors: &mut Errors) -> bool {
    let path = Path::new("spec");
    let kept = old.tolerations.iter().flatten().all(|before| {
        new.tolerations.iter().flatten().any(|after| {
            let mut same = before.clone();
            same.toleration_seconds = after.toleration_seconds;
            same == *after
        })
    });
    if !kept {
        errors.forbidden(
            &path.child("tolerations"),
            "existing toleration can not be modified except its tolerationSeconds",
        );
    }
    let gates = old.scheduling_gates.as_deref().unwrap_or(&[]);
    let added: Vec<&str> = new
        .scheduling_gates
        .iter()
        .flatten()
        .filter(|gate| !gates.contains(gate))
        .map(|gate| gate.name.as_str())
        .collect();
    if !added.is_empty() {
        errors.forbidden(
            &path.child("schedulingGates"),
            &format!(
                "only deletion is allowed, but found new scheduling gates '{}'",
                added.join(",")
            ),
        );
    }
    kept
}

/// The new spec with everything that may change taken from the old one.
fn munge(new: &PodSpec, old: &PodSpec) -> PodSpec {
    let mut munged = new.clone();
    for (new, old) in munged.containers.iter_mut().zip(&old.containers) {
        new.image.clone_from(&old.image);
    }
    let init = munged.init_containers.iter_mut().flatten();
    for (new, old) in init.zip(old.init_containers.iter().flatten()) {
        new.image.clone_from(&old.image);
    }
    munged.active_deadline_seconds = old.active_deadline_seconds;
    munged.scheduling_gates.clone_from(&old.scheduling_gates);
    munged.tolerations.clone_from(&old.tolerations);
    if old
        .termination_grace_period_seconds
        .is_some_and(|seconds| seconds < 0)
        && munged.termination_grace_period_seconds == Some(1)
    {
        munged.termination_grace_period_seconds = old.termination_grace_period_seconds;
    }
    munged
}
