//! The ReplicaSets of a Deployment: which one is of its template, and sums over them.
//!
//! Upstream: `pkg/controller/deployment/util/deployment_util.go`.

use crate::object::Object;
use crate::sort;
use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetSpec, ReplicaSetStatus};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The label that tells the ReplicaSets of one Deployment, and their pods, apart.
pub(super) const HASH_LABEL: &str = "pod-template-hash";

/// A ReplicaSet with a spec.
#[derive(Clone, Debug)]
pub(super) struct OwnedSet(Arc<Object>);

impl OwnedSet {
    /// The object, if it is a ReplicaSet with a spec.
    pub(super) fn of(object: Arc<Object>) -> Option<OwnedSet> {
        let set = object.as_kind::<ReplicaSet>()?;
        set.spec.as_ref()?;
        Some(OwnedSet(object))
    }

    /// The stored object.
    pub(super) fn object(&self) -> &Arc<Object> {
        &self.0
    }

    /// The same, by type.
    pub(super) fn typed(&self) -> Option<&ReplicaSet> {
        self.0.as_kind()
    }

    fn spec(&self) -> Option<&ReplicaSetSpec> {
        self.typed()?.spec.as_ref()
    }

    fn status(&self) -> Option<&ReplicaSetStatus> {
        self.typed()?.status.as_ref()
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        self.0.name()
    }

    /// How many pods it is to have.
    pub(super) fn replicas(&self) -> i32 {
        self.spec().and_then(|spec| spec.replicas).unwrap_or(1)
    }

    /// How many pods it has.
    pub(super) fn actual(&self) -> i32 {
        self.status().map_or(0, |status| status.replicas)
    }

    /// How many of them are ready.
    pub(super) fn ready(&self) -> i32 {
        self.status().and_then(|s| s.ready_replicas).unwrap_or(0)
    }

    /// How many of them are available.
    pub(super) fn available(&self) -> i32 {
        let status = self.status();
        status.and_then(|s| s.available_replicas).unwrap_or(0)
    }

    /// How many pods are being deleted; none if its controller has not said.
    pub(super) fn terminating(&self) -> Option<i32> {
        self.status().and_then(|s| s.terminating_replicas)
    }

    /// The generation that its controller has seen.
    pub(super) fn observed_generation(&self) -> i64 {
        let status = self.status();
        status.and_then(|s| s.observed_generation).unwrap_or(0)
    }

    /// The generation.
    pub(super) fn generation(&self) -> i64 {
        self.0.meta().generation.unwrap_or(0)
    }

    /// An annotation.
    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        let annotations = self.0.meta().annotations.as_ref()?;
        annotations.get(key).map(String::as_str)
    }

    /// Whether it is of `template`, the label with the hash aside.
    pub(super) fn is_of(&self, template: &PodTemplateSpec) -> bool {
        let own = self.spec().and_then(|spec| spec.template.as_ref());
        own.is_some_and(|own| equal_ignore_hash(own, template))
    }
}

fn equal_ignore_hash(a: &PodTemplateSpec, b: &PodTemplateSpec) -> bool {
    let without = |template: &PodTemplateSpec| {
        let mut meta = template.metadata.clone().unwrap_or_default();
        let mut labels = meta.labels.take().unwrap_or_default();
        labels.remove(HASH_LABEL);
        let annotations: BTreeMap<String, String> = meta.annotations.take().unwrap_or_default();
        (labels, annotations, meta)
    };
    a.spec == b.spec && without(a) == without(b)
}

fn by_age(a: &OwnedSet, b: &OwnedSet) -> Ordering {
    let created = |set: &OwnedSet| set.0.meta().creation_timestamp.clone();
    created(a)
        .cmp(&created(b))
        .then_with(|| a.name().cmp(b.name()))
}

/// Sorts by date and name.
pub(super) fn oldest_first(sets: &mut [OwnedSet]) {
    sort::by(sets, by_age);
}

/// Sorts by size, of equal ones the newer first.
pub(super) fn largest_and_newest_first(sets: &mut [OwnedSet]) {
    sort::by(sets, |a, b| {
        let size = |set: &OwnedSet| Reverse(set.replicas());
        size(a).cmp(&size(b)).then_with(|| by_age(b, a))
    });
}

/// Sorts by size, of equal ones the older first.
pub(super) fn largest_and_oldest_first(sets: &mut [OwnedSet]) {
    sort::by(sets, |a, b| {
        let size = |set: &OwnedSet| Reverse(set.replicas());
        size(a).cmp(&size(b)).then_with(|| by_age(a, b))
    });
}

/// Those that are to have pods.
pub(super) fn active(sets: &[OwnedSet]) -> Vec<OwnedSet> {
    let active = sets.iter().filter(|set| set.replicas() > 0);
    active.cloned().collect()
}

/// A sum over ReplicaSets.
pub(super) fn total(sets: &[OwnedSet], count: impl Fn(&OwnedSet) -> i32) -> i32 {
    sets.iter().map(count).fold(0, i32::saturating_add)
}

/// How many pods of all ReplicaSets are being deleted; none if a controller has not said.
pub(super) fn terminating(sets: &[OwnedSet]) -> Option<i32> {
    let known = sets
        .iter()
        .filter(|set| set.observed_generation() != 0 || set.terminating().is_some());
    known.map(OwnedSet::terminating).sum()
}
