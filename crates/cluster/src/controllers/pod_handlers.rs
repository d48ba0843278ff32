//! Which set works when a pod changes.
//!
//! Upstream: `addPod`, `updatePod` and `deletePod` of `pkg/controller/replicaset/replica_set.go` and of
//! `pkg/controller/statefulset/stateful_set.go`, which are alike.

use crate::controller::Wakes;
use crate::meta::controller_ref::{controller_of, resolve_controller_ref};
use crate::meta::label_selector;
use crate::object::{Kind, Object};
use crate::pod::ready_since;
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Store};
use crate::time::Duration;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// Which pods an object keeps, and how many seconds they must be ready for to be available.
type Keeps = fn(&Object) -> Option<(&LabelSelector, Option<i32>)>;

/// A controller that keeps pods.
pub struct PodKeeper {
    /// Itself.
    pub controller: ControllerId,
    /// The kind that it works on.
    pub kind: Kind,
    /// What an object of the kind keeps.
    pub keeps: Keeps,
}

impl PodKeeper {
    /// Wakes the controller for the objects that a changed pod belongs to, or that may adopt it.
    pub fn observe_pod(&self, change: &Change, pod: &Pod, store: &Store, wakes: &mut Wakes) {
        let object = &change.object;
        let resolve = |owner| resolve_controller_ref(store, self.kind, object.namespace(), owner);
        let owner = controller_of(object.meta());
        let old = change.old.as_ref();
        let old_owner = old.and_then(|old| controller_of(old.meta()));
        let deleted = change.change == ChangeType::Deleted;
        if let Some(old_owner) = old_owner
            && (deleted || Some(old_owner) != owner)
            && let Some(set) = resolve(old_owner)
        {
            wakes.add(self.controller, set.key());
        }
        if deleted {
            return;
        }
        if let Some(owner) = owner {
            let Some(set) = resolve(owner) else {
                return;
            };
            wakes.add(self.controller, set.key());
            let old = old.and_then(|old| old.as_kind::<Pod>());
            let turned_ready =
                ready_since(pod).is_some() && old.is_some_and(|p| ready_since(p).is_none());
            let minimum = (self.keeps)(set).and_then(|(_, seconds)| seconds);
            let minimum = minimum.and_then(|seconds| u64::try_from(seconds).ok());
            if let Some(seconds) = minimum.filter(|seconds| turned_ready && *seconds > 0) {
                wakes.add_after(self.controller, set.key(), Duration::secs(seconds));
            }
            return;
        }
        let news =
            old.is_none_or(|old| old.meta().labels != object.meta().labels || old_owner.is_some());
        // A selector of a set is never empty: a pod without labels fits none.
        let labeled = object.meta().labels.as_ref().is_some_and(|l| !l.is_empty());
        if news && labeled && !object.is_terminating() {
            for set in store.list(self.kind, Some(object.namespace())) {
                if (self.keeps)(set).is_some_and(|(selector, _)| {
                    label_selector::is_valid(selector)
                        && label_selector::matches(selector, object.meta())
                }) {
                    wakes.add(self.controller, set.key());
                }
            }
        }
    }
}
