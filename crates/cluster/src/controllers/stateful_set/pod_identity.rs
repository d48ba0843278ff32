//! Names, ordinals and volumes of a set's pods, and what is read from a pod.
//!
//! Upstream: `pkg/controller/statefulset/stateful_set_utils.go`.

use crate::meta::controller_ref::new_controller_ref;
use crate::meta::label_selector;
use crate::object::{Kind, Object};
use crate::pod::{MinReady, ready_since};
use crate::time::Duration;
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimVolumeSource, Pod, PodTemplateSpec, Volume,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::borrow::Cow;
use std::sync::Arc;

/// The label that names the pod itself.
pub(super) const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
/// The label with the ordinal.
const POD_INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";
/// The label with the name of the revision a pod was made from.
pub(super) const REVISION_LABEL: &str = "controller-revision-hash";

/// Phase of a pod, as far as a set cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No phase yet.
    None,
    /// `Pending`.
    Pending,
    /// `Running`.
    Running,
    /// `Failed` or `Succeeded`: it will not run again.
    Finished,
    /// Any other word.
    Other,
}

/// A pod of a set with all that decisions look at, read once for each change of the pod.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// The pod.
    pub(super) object: Arc<Object>,
    /// The number in its name; none if it is no ordinal.
    pub(super) ordinal: Option<i32>,
    /// Its phase.
    pub(super) phase: Phase,
    /// Whether the condition Ready is true, whatever the phase.
    pub(super) ready: bool,
    /// Ready, and long enough for `minReadySeconds`.
    pub(super) available: bool,
    /// Whether it is being deleted.
    pub(super) terminating: bool,
    /// The revision it was made from; empty if the label is gone.
    pub(super) revision: Arc<str>,
    /// Whether the set's selector and name fit it.
    pub(super) fits: bool,
    /// Whether identity and volumes are as the set wants them.
    pub(super) conforms: bool,
}

impl Member {
    /// Reads a pod; `None` if the object is none. What it is compared with in the set cannot change later.
    pub(super) fn read(object: &Arc<Object>, set: &StatefulSet) -> Option<Member> {
        let pod = object.as_kind::<Pod>()?;
        let spec = set.spec.as_ref()?;
        let set_name = set.metadata.name.as_deref().unwrap_or("");
        let (parent, ordinal) = parent_and_ordinal(object.name());
        let ready = ready_since(pod).is_some();
        Some(Member {
            object: object.clone(),
            ordinal,
            phase: phase(pod),
            ready,
            available: ready,
            terminating: object.is_terminating(),
            revision: label(object.meta(), REVISION_LABEL).unwrap_or("").into(),
            fits: parent == set_name && label_selector::matches(&spec.selector, object.meta()),
            conforms: identity_matches(set_name, pod) && storage_matches(spec, set_name, pod),
        })
    }

    /// The same pod, with `available` as it is at the moment of `minimum`.
    pub(super) fn at(&self, minimum: MinReady) -> Cow<'_, Member> {
        if minimum.span == Duration::ZERO {
            return Cow::Borrowed(self);
        }
        let since = self.object.as_kind::<Pod>().and_then(ready_since);
        Cow::Owned(Member {
            available: since.is_some_and(|since| minimum.is_met(since)),
            ..self.clone()
        })
    }

    /// Running and ready.
    pub(super) fn running_and_ready(&self) -> bool {
        self.phase == Phase::Running && self.ready
    }

    /// Whether nobody can count on it.
    pub(super) fn unavailable(&self) -> bool {
        !self.available || self.terminating
    }

    /// Whether there is nothing to wait for and nothing to repair, claims aside.
    pub(super) fn settled(&self) -> bool {
        self.running_and_ready() && !self.unavailable() && self.conforms
    }
}

fn phase(pod: &Pod) -> Phase {
    let status = pod.status.as_ref();
    match status.and_then(|status| status.phase.as_deref()) {
        None | Some("") => Phase::None,
        Some("Pending") => Phase::Pending,
        Some("Running") => Phase::Running,
        Some("Failed" | "Succeeded") => Phase::Finished,
        Some(_) => Phase::Other,
    }
}

/// Splits `<parent>-<digits>`; without that form there is neither, and a number that is too large is no ordinal.
pub(super) fn parent_and_ordinal(name: &str) -> (&str, Option<i32>) {
    match name.rsplit_once('-') {
        Some((parent, digits))
            if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            (parent, digits.parse().ok())
        }
        _ => ("", None),
    }
}

/// The wanted ordinals, as (first, number of them).
pub(super) fn ordinal_range(spec: &StatefulSetSpec) -> (i32, i32) {
    let start = spec.ordinals.as_ref().and_then(|o| o.start).unwrap_or(0);
    (start, spec.replicas.unwrap_or(1).max(0))
}

/// Whether `ordinal` is among the wanted ones.
pub(super) fn in_range(spec: &StatefulSetSpec, ordinal: i32) -> bool {
    let (start, replicas) = ordinal_range(spec);
    ordinal >= start && i64::from(ordinal) < i64::from(start) + i64::from(replicas)
}

/// `<set>-<ordinal>`.
pub(super) fn pod_name(set_name: &str, ordinal: i32) -> String {
    format!("{set_name}-{ordinal}")
}

/// `<template>-<set>-<ordinal>`.
pub(super) fn claim_name(template: &str, set_name: &str, ordinal: i32) -> String {
    format!("{template}-{set_name}-{ordinal}")
}

/// The value of a label.
pub(super) fn label<'a>(meta: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    let labels = meta.labels.as_ref()?;
    labels.get(key).map(String::as_str)
}

/// Whether name and pod-name label are those of the pod's ordinal.
pub(super) fn identity_matches(set_name: &str, pod: &Pod) -> bool {
    let name = pod.metadata.name.as_deref().unwrap_or("");
    let (parent, ordinal) = parent_and_ordinal(name);
    // `web-01` has an ordinal, but its name is not the one that is made from it.
    let digits = name.get(parent.len() + 1..).unwrap_or("");
    ordinal.is_some()
        && parent == set_name
        && (digits == "0" || !digits.starts_with('0'))
        && label(&pod.metadata, POD_NAME_LABEL) == Some(name)
}

/// Whether the pod mounts its own claim for each template.
pub(super) fn storage_matches(spec: &StatefulSetSpec, set_name: &str, pod: &Pod) -> bool {
    let name = pod.metadata.name.as_deref().unwrap_or("");
    let Some(ordinal) = parent_and_ordinal(name).1 else {
        return false;
    };
    let volumes = pod.spec.as_ref().and_then(|s| s.volumes.as_deref());
    let volumes = volumes.unwrap_or_default();
    claim_templates(spec).iter().all(|template| {
        let wanted = template.metadata.name.as_deref().unwrap_or("");
        let volume = volumes.iter().rev().find(|volume| volume.name == wanted);
        volume
            .and_then(|volume| volume.persistent_volume_claim.as_ref())
            .is_some_and(|claim| claim.claim_name == claim_name(wanted, set_name, ordinal))
    })
}

/// The claim templates.
pub(super) fn claim_templates(spec: &StatefulSetSpec) -> &[PersistentVolumeClaim] {
    spec.volume_claim_templates.as_deref().unwrap_or_default()
}

/// The claims of one ordinal, made from the templates: the selector's labels win over the template's.
pub(super) fn claims(
    set: &StatefulSet,
    spec: &StatefulSetSpec,
    ordinal: i32,
) -> Vec<PersistentVolumeClaim> {
    let set_name = set.metadata.name.as_deref().unwrap_or("");
    let claim = |template: &PersistentVolumeClaim| {
        let mut claim = template.clone();
        let name = template.metadata.name.as_deref().unwrap_or("");
        claim.metadata.name = Some(claim_name(name, set_name, ordinal));
        claim.metadata.namespace.clone_from(&set.metadata.namespace);
        if let Some(selected) = &spec.selector.match_labels {
            let labels = claim.metadata.labels.get_or_insert_default();
            labels.extend(selected.clone());
        }
        claim.status = None;
        claim
    };
    claim_templates(spec).iter().map(claim).collect()
}

/// Puts the volumes of the claims first and keeps the others.
pub(super) fn update_storage(spec: &StatefulSetSpec, set_name: &str, ordinal: i32, pod: &mut Pod) {
    let templates = claim_templates(spec);
    let is_claim = |name: &str| {
        templates
            .iter()
            .any(|t| t.metadata.name.as_deref() == Some(name))
    };
    let pod_spec = pod.spec.get_or_insert_default();
    let others = pod_spec.volumes.take().unwrap_or_default();
    let mut volumes: Vec<Volume> = templates
        .iter()
        .map(|template| {
            let name = template.metadata.name.clone().unwrap_or_default();
            let claim = PersistentVolumeClaimVolumeSource {
                claim_name: claim_name(&name, set_name, ordinal),
                read_only: None,
            };
            Volume {
                name,
                persistent_volume_claim: Some(claim),
                ..Volume::default()
            }
        })
        .collect();
    volumes.extend(others.into_iter().filter(|volume| !is_claim(&volume.name)));
    pod_spec.volumes = (!volumes.is_empty()).then_some(volumes);
}

/// Sets name, namespace and the labels of the identity.
pub(super) fn update_identity(set: &StatefulSet, ordinal: i32, pod: &mut Pod) {
    let name = pod_name(set.metadata.name.as_deref().unwrap_or(""), ordinal);
    let meta = &mut pod.metadata;
    meta.namespace.clone_from(&set.metadata.namespace);
    let labels = meta.labels.get_or_insert_default();
    labels.insert(POD_NAME_LABEL.to_owned(), name.clone());
    labels.insert(POD_INDEX_LABEL.to_owned(), ordinal.to_string());
    meta.name = Some(name);
}

/// A pod of the set for `ordinal`, made from `template`.
pub(super) fn new_pod(
    set: &StatefulSet,
    spec: &StatefulSetSpec,
    template: &PodTemplateSpec,
    revision: &str,
    ordinal: i32,
) -> Pod {
    let set_name = set.metadata.name.as_deref().unwrap_or("");
    let from = template.metadata.clone().unwrap_or_default();
    let mut pod = Pod {
        metadata: ObjectMeta {
            generate_name: Some(format!("{set_name}-")),
            labels: from.labels,
            annotations: from.annotations,
            finalizers: from.finalizers,
            owner_references: Some(vec![new_controller_ref(Kind::StatefulSet, &set.metadata)]),
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        status: None,
    };
    update_identity(set, ordinal, &mut pod);
    let labels = pod.metadata.labels.get_or_insert_default();
    labels.insert(REVISION_LABEL.to_owned(), revision.to_owned());
    let pod_spec = pod.spec.get_or_insert_default();
    pod_spec.hostname = Some(pod_name(set_name, ordinal));
    pod_spec.subdomain = spec.service_name.clone().filter(|name| !name.is_empty());
    update_storage(spec, set_name, ordinal, &mut pod);
    pod
}
