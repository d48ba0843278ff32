//! The strategy that deletes all old pods before it makes new ones.
//!
//! Upstream: `pkg/controller/deployment/recreate.go`.

use super::Rollout;
use super::replica_sets::{OwnedSet, active, total};
use crate::api::Status;
use crate::meta::controller_ref::controller_of;
use crate::pod::is_terminal;
use crate::store::Index;
use k8s_openapi::api::core::v1::Pod;

impl Rollout<'_, '_> {
    pub(super) fn rollout_recreate(&mut self) -> Result<(), Status> {
        let (mut new, mut old) = self.all_replica_sets(false)?;
        let mut scaled_down = false;
        for set in active(&old) {
            self.scale_replica_set(&set, 0, false)?;
            scaled_down = true;
        }
        if scaled_down || self.old_pods_running(new.as_ref(), &old) {
            return self.sync_rollout_status(new.as_ref(), &old);
        }
        if new.is_none() {
            (new, old) = self.all_replica_sets(true)?;
        }
        if let Some(new) = &new {
            self.scale_replica_set(new, self.replicas(), false)?;
        }
        if self.is_complete(self.deployment.status.as_ref()) {
            self.cleanup(&old)?;
        }
        self.sync_rollout_status(new.as_ref(), &old)
    }

    /// Whether a pod of an earlier template has not ended yet.
    fn old_pods_running(&self, new: Option<&OwnedSet>, old: &[OwnedSet]) -> bool {
        if total(old, OwnedSet::actual) > 0 {
            return true;
        }
        let new = new.map(|set| set.object().uid());
        let uids = self.sets.iter().map(|set| set.object().uid());
        let store = self.client.store();
        uids.filter(|uid| Some(*uid) != new).any(|uid| {
            let mut pods = store.by_index_as::<Pod>(Index::OwnerUid, uid);
            pods.any(|pod| {
                let owner = controller_of(&pod.metadata);
                owner.is_some_and(|owner| owner.uid == uid) && !is_terminal(pod)
            })
        })
    }
}
