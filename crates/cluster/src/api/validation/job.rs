//! Jobs.
//!
//! Upstream: `pkg/apis/batch/validation/validation.go`.

mod indexes;

use super::{names, not_negative, pod, workload};
use crate::api::field::{Errors, Path};
use crate::api::internal;
use crate::api::selectors::Selector;
use crate::typed;
use k8s_openapi::api::batch::v1::{Job, JobSpec, PodFailurePolicyRule};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::json;

const IMMUTABLE: &str = "field is immutable";
const MAX_PARALLELISM_FOR_INDEXED_JOB: i32 = 100_000;
const MAX_POD_FAILURE_POLICY_RULES: usize = 20;
const MAX_VALUES: usize = 255;
const ACTIONS: [&str; 4] = ["Count", "FailIndex", "FailJob", "Ignore"];

pub(super) fn create(job: &Job, errors: &mut Errors) {
    let Some(spec) = &job.spec else { return };
    let path = Path::new("spec");
    generated_labels(job, spec, errors);
    spec_of(spec, &path, errors);
    match &spec.selector {
        None => errors.required(&path.child("selector"), ""),
        Some(selector) => workload::selector_terms(selector, &path, errors),
    }
    let parsed = Selector::from_spec(spec.selector.as_ref());
    workload::template_fits(&parsed, &spec.template, &path.child("template"), errors);
    let completions = spec.completions.filter(|_| is_indexed(spec));
    if let Some(completions) = completions.filter(|completions| *completions > 0) {
        let name = job.metadata.name.as_deref().unwrap_or("");
        let longest = format!("{name}-{}", completions - 1);
        if !names::dns1123_label(&longest).is_empty() {
            let why = format!("will not able to create pod with invalid DNS label: {longest}");
            errors.invalid(&Path::new("metadata").child("name"), name, &why);
        }
    }
}

fn is_indexed(spec: &JobSpec) -> bool {
    spec.completion_mode.as_deref() == Some("Indexed")
}

/// The labels by which the job finds its pods must be those that it was given.
fn generated_labels(job: &Job, spec: &JobSpec, errors: &mut Errors) {
    if spec.manual_selector == Some(true) || spec.selector.is_none() {
        return;
    }
    let labels = spec
        .template
        .metadata
        .as_ref()
        .and_then(|meta| meta.labels.clone());
    let labels = labels.unwrap_or_default();
    let uid = job.metadata.uid.as_deref().unwrap_or("");
    let name = job.metadata.name.as_deref().unwrap_or("");
    let expected = [
        ("controller-uid", uid),
        ("job-name", name),
        ("batch.kubernetes.io/controller-uid", uid),
        ("batch.kubernetes.io/job-name", name),
    ];
    let (spec_path, template) = (Path::new("spec"), "template");
    let template = spec_path.child(template);
    let meta = template.child("metadata");
    let path = meta.child("labels");
    for (key, value) in expected {
        match labels.get(key) {
            None => errors.required(&path.key(key), &format!("must be '{value}'")),
            Some(found) if found != value => {
                let shown = json!(labels);
                let why = format!("must be '{value}'");
                errors.invalid(&path.key(key), &shown, &why);
            }
            Some(_) => {}
        }
    }
    let generated = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let parsed = Selector::from_spec(spec.selector.as_ref());
    if !parsed.matches(Some(&generated.into())) {
        let shown = typed::to_value(&spec.selector);
        let why = "`selector` not auto-generated";
        errors.invalid(&spec_path.child("selector"), &shown, why);
    }
}

/// Checks the parts of a job's spec that a cron job's template has as well.
pub(super) fn spec_of(spec: &JobSpec, path: &Path<'_>, errors: &mut Errors) {
    for (count, name) in [
        (spec.parallelism, "parallelism"),
        (spec.completions, "completions"),
    ] {
        not_negative(&count.unwrap_or(0), &path.child(name), errors);
    }
    let deadline = spec.active_deadline_seconds.unwrap_or(0);
    not_negative(&deadline, &path.child("activeDeadlineSeconds"), errors);
    for (count, name) in [
        (spec.backoff_limit, "backoffLimit"),
        (spec.ttl_seconds_after_finished, "ttlSecondsAfterFinished"),
        (spec.backoff_limit_per_index, "backoffLimitPerIndex"),
        (spec.max_failed_indexes, "maxFailedIndexes"),
    ] {
        not_negative(&count.unwrap_or(0), &path.child(name), errors);
    }
    let mode = spec.completion_mode.as_deref();
    let field = path.child("completionMode");
    if let Some(mode) = mode.filter(|mode| !matches!(*mode, "NonIndexed" | "Indexed")) {
        errors.not_among(&field, mode, &["NonIndexed", "Indexed"]);
    }
    if is_indexed(spec) {
        if spec.completions.is_none() {
            errors.required(
                &path.child("completions"),
                "when completion mode is Indexed",
            );
        }
        let parallelism = spec.parallelism.unwrap_or(0);
        if parallelism > MAX_PARALLELISM_FOR_INDEXED_JOB {
            let why = format!(
                "must be less than or equal to {MAX_PARALLELISM_FOR_INDEXED_JOB} when completion mode is Indexed"
            );
            errors.invalid(&path.child("parallelism"), &parallelism, &why);
        }
    }
    indexes::limits(spec, path, errors);
    indexes::manager(spec, path, errors);
    failure_policy(spec, path, errors);
    indexes::success_policy(spec, path, errors);
    let replacement = spec.pod_replacement_policy.as_deref();
    if let Some(policy) = replacement {
        let supported: &[&str] = match spec.pod_failure_policy {
            Some(_) => &["Failed"],
            None => &["Failed", "TerminatingOrFailed"],
        };
        if !supported.contains(&policy) {
            errors.not_supported(&path.child("podReplacementPolicy"), policy, supported);
        }
    }
    pod::template(&spec.template, &path.child("template"), errors);
    restart_policy(spec, path, errors);
}

fn restart_policy(spec: &JobSpec, path: &Path<'_>, errors: &mut Errors) {
    let template = path.child("template");
    let inner = template.child("spec");
    let field = inner.child("restartPolicy");
    let pod = spec.template.spec.as_ref();
    let policy = pod.and_then(|pod| pod.restart_policy.as_deref());
    match policy.unwrap_or("") {
        "Always" | "" => {
            errors.required(&field, "valid values: \"OnFailure\", \"Never\"");
        }
        "Never" => {}
        "OnFailure" if spec.pod_failure_policy.is_none() => {}
        "OnFailure" => {
            let why = "only \"Never\" is supported when podFailurePolicy is specified";
            errors.invalid(&field, "OnFailure", why);
        }
        other => errors.not_among(&field, other, &["OnFailure", "Never"]),
    }
}

fn failure_policy(spec: &JobSpec, path: &Path<'_>, errors: &mut Errors) {
    let Some(policy) = &spec.pod_failure_policy else {
        return;
    };
    let field = path.child("podFailurePolicy");
    let rules = field.child("rules");
    if policy.rules.len() > MAX_POD_FAILURE_POLICY_RULES {
        errors.too_many(&rules, policy.rules.len(), MAX_POD_FAILURE_POLICY_RULES);
    }
    for (at, rule) in policy.rules.iter().enumerate() {
        failure_rule(rule, spec, &rules.index(at), errors);
    }
}

fn failure_rule(rule: &PodFailurePolicyRule, job: &JobSpec, path: &Path<'_>, errors: &mut Errors) {
    let action = path.child("action");
    match rule.action.as_str() {
        "" => errors.required(
            &action,
            "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]",
        ),
        "FailIndex" if job.backoff_limit_per_index.is_none() => {
            let why = "requires the backoffLimitPerIndex to be set";
            errors.invalid(&action, "FailIndex", why);
        }
        known if ACTIONS.contains(&known) => {}
        other => errors.not_supported(&action, other, &ACTIONS),
    }
    let conditions = rule
        .on_pod_conditions
        .as_ref()
        .is_some_and(|c| !c.is_empty());
    match (&rule.on_exit_codes, conditions) {
        (Some(_), true) => {
            let why = "specifying both OnExitCodes and OnPodConditions is not supported";
            errors.invalid_whole(path, why);
        }
        (None, false) => {
            let why = "specifying one of OnExitCodes and OnPodConditions is required";
            errors.invalid_whole(path, why);
        }
        _ => {}
    }
    let Some(codes) = &rule.on_exit_codes else {
        return;
    };
    let path = path.child("onExitCodes");
    match codes.operator.as_str() {
        "" => errors.required(&path.child("operator"), "valid values: [\"In\" \"NotIn\"]"),
        "In" | "NotIn" => {}
        other => errors.not_supported(&path.child("operator"), other, &["In", "NotIn"]),
    }
    let spec = job.template.spec.clone().unwrap_or_default();
    let mut known = spec
        .containers
        .iter()
        .chain(spec.init_containers.iter().flatten());
    if let Some(name) = &codes.container_name
        && !known.any(|container| container.name == *name)
    {
        let why = "must be one of the container or initContainer names in the pod template";
        errors.invalid(&path.child("containerName"), name, why);
    }
    let values = path.child("values");
    let shown = json!(codes.values);
    if codes.values.is_empty() {
        errors.invalid(&values, &shown, "at least one value is required");
    } else if codes.values.len() > MAX_VALUES {
        errors.too_many(&values, codes.values.len(), MAX_VALUES);
    }
    for (at, value) in codes.values.iter().enumerate() {
        if codes.operator == "In" && *value == 0 {
            let why = "must not be 0 for the In operator";
            errors.invalid(&values.index(at), value, why);
        }
        if codes.values.iter().take(at).any(|before| before == value) {
            errors.duplicate(&values.index(at), value);
        }
    }
    if !codes.values.is_sorted() {
        errors.invalid(&values, &shown, "must be ordered");
    }
}

pub(super) fn update(new: &Job, old: &Job, errors: &mut Errors) {
    create(new, errors);
    let (Some(spec), Some(before)) = (&new.spec, &old.spec) else {
        return;
    };
    let path = Path::new("spec");
    // An indexed job may be made larger or smaller as a whole.
    let elastic = is_indexed(spec) && spec.completions == spec.parallelism;
    if spec.completions != before.completions && !elastic {
        let value = json!(spec.completions);
        errors.invalid(&path.child("completions"), &value, IMMUTABLE);
    }
    if spec.selector != before.selector {
        let value = typed::to_value(&spec.selector);
        errors.invalid(&path.child("selector"), &value, IMMUTABLE);
    }
    let mut allowed = before.template.clone();
    if is_mutable(old) {
        keep_mutable(&spec.template, &mut allowed);
    }
    if spec.template != allowed {
        let value = workload::Verbatim(internal::compact_template(&spec.template));
        errors.invalid(&path.child("template"), &value, IMMUTABLE);
    }
    if spec.completion_mode != before.completion_mode {
        let value = json!(spec.completion_mode);
        errors.invalid(&path.child("completionMode"), &value, IMMUTABLE);
    }
    if spec.pod_failure_policy != before.pod_failure_policy {
        let shown = |policy| internal::compact(internal::POD_FAILURE_POLICY, policy);
        let value = spec.pod_failure_policy.as_ref().map(shown);
        let value = workload::Verbatim(value.unwrap_or_else(|| "null".to_owned()));
        errors.invalid(&path.child("podFailurePolicy"), &value, IMMUTABLE);
    }
    indexes::unchanged(spec, before, &path, errors);
}

/// Whether the job is suspended and has no pods, so that it may still be told where its pods run and what they get.
fn is_mutable(job: &Job) -> bool {
    let suspended = job.spec.as_ref().and_then(|spec| spec.suspend) == Some(true);
    let status = job.status.clone().unwrap_or_default();
    let mut conditions = status.conditions.iter().flatten();
    let told = conditions.any(|c| c.type_ == "Suspended" && c.status == "True");
    suspended && (status.start_time.is_none() || told) && status.active.unwrap_or(0) == 0
}

/// Takes over into `allowed` what may change while a job is suspended.
fn keep_mutable(new: &PodTemplateSpec, allowed: &mut PodTemplateSpec) {
    let meta = new.metadata.clone().unwrap_or_default();
    let kept = allowed.metadata.get_or_insert_default();
    kept.annotations = meta.annotations;
    kept.labels = meta.labels;
    let (Some(new), Some(pod)) = (&new.spec, &mut allowed.spec) else {
        return;
    };
    pod.node_selector.clone_from(&new.node_selector);
    pod.tolerations.clone_from(&new.tolerations);
    pod.scheduling_gates.clone_from(&new.scheduling_gates);
    pod.affinity.clone_from(&new.affinity);
    let containers = pod.containers.iter_mut().zip(&new.containers);
    for (kept, new) in containers.filter(|(kept, new)| kept.name == new.name) {
        kept.resources.clone_from(&new.resources);
    }
}
