//! The pods of one set, counted as they change.

use super::replica_set_status::Counts;
use crate::meta::label_selector;
use crate::object::{Key, Object};
use crate::pod::{is_active, is_terminating, ready_since};
use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A pod with what a set counts.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// The pod.
    pub(super) object: Arc<Object>,
    active: bool,
    terminating: bool,
    ready: bool,
    labeled: bool,
    fits: bool,
}

impl Member {
    /// The pod, by type.
    pub(super) fn pod(&self) -> Option<&Pod> {
        self.object.as_kind()
    }

    /// Adds the pod to `counts`, or with a `weight` of -1 takes it away. Available is as ready here.
    pub(super) fn count(&self, counts: &mut Counts, weight: i32) {
        if !self.fits {
            return;
        }
        if self.terminating {
            counts.terminating += weight;
        }
        if self.active {
            counts.active += weight;
            counts.labeled += weight * i32::from(self.labeled);
            counts.ready += weight * i32::from(self.ready);
            counts.available += weight * i32::from(self.ready);
        }
    }

    /// Whether it is active but not the set's to keep.
    fn is_misfit(&self) -> bool {
        self.active && !self.fits
    }
}

/// The pods that a set controls.
#[derive(Clone, Debug, Default)]
pub(super) struct Family {
    selector: LabelSelector,
    /// The template's labels, as a selector.
    labels: LabelSelector,
    members: BTreeMap<Key, Member>,
    counts: Counts,
    misfits: usize,
}

impl Family {
    /// The family of a set, without members.
    pub(super) fn of(set: &ReplicaSet) -> Family {
        let spec = set.spec.as_ref();
        Family {
            selector: spec.map(|spec| spec.selector.clone()).unwrap_or_default(),
            labels: LabelSelector {
                match_labels: template_labels(set).cloned(),
                match_expressions: None,
            },
            ..Family::default()
        }
    }

    /// Whether pods were read with the labels that the set's template still has.
    pub(super) fn is_of(&self, set: &ReplicaSet) -> bool {
        self.labels.match_labels.as_ref() == template_labels(set)
    }

    /// Judges all pods again by a set that has changed.
    pub(super) fn read_again(&mut self, set: &ReplicaSet) {
        let members = std::mem::take(&mut self.members);
        *self = Family::of(set);
        for member in members.values() {
            self.put(&member.object);
        }
    }

    /// How many pods there are, whatever their state.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// How many of the pods that fit are how far; available ones as if ready were enough.
    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// The active pods that fit.
    pub(super) fn active(&self) -> impl Iterator<Item = &Member> + Clone {
        self.members.values().filter(|one| one.active && one.fits)
    }

    /// The active pods that do not fit any more.
    pub(super) fn misfits(&self) -> impl Iterator<Item = &Arc<Object>> {
        let some = self.misfits > 0;
        let members = some.then(|| self.members.values()).into_iter().flatten();
        members.filter(|one| one.is_misfit()).map(|one| &one.object)
    }

    /// Judges a pod; `None` if the object is none.
    pub(super) fn read(&self, object: &Arc<Object>) -> Option<Member> {
        let pod = object.as_kind::<Pod>()?;
        Some(Member {
            object: object.clone(),
            active: is_active(pod),
            terminating: is_terminating(pod),
            ready: ready_since(pod).is_some(),
            labeled: label_selector::matches(&self.labels, object.meta()),
            fits: label_selector::matches(&self.selector, object.meta()),
        })
    }

    /// Takes up a pod, or what it has become.
    pub(super) fn put(&mut self, object: &Arc<Object>) {
        if let Some(member) = self.read(object) {
            member.count(&mut self.counts, 1);
            self.misfits += usize::from(member.is_misfit());
            let old = self.members.insert(object.key(), member);
            self.forget(old);
        }
    }

    /// Lets a pod go.
    pub(super) fn remove(&mut self, key: &Key) {
        let old = self.members.remove(key);
        self.forget(old);
    }

    fn forget(&mut self, old: Option<Member>) {
        if let Some(old) = old {
            old.count(&mut self.counts, -1);
            self.misfits -= usize::from(old.is_misfit());
        }
    }
}

fn template_labels(set: &ReplicaSet) -> Option<&BTreeMap<String, String>> {
    let template = set.spec.as_ref()?.template.as_ref()?;
    template.metadata.as_ref()?.labels.as_ref()
}
