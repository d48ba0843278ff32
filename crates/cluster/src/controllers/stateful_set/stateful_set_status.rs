//! The status of a set: counters, completion of a rollout, and writing it only when it differs.
//!
//! Upstream: `pkg/controller/statefulset/stateful_set_status_updater.go`, and of `stateful_set_control.go` and
//! `stateful_set_utils.go` computeReplicaStatus, completeRollingUpdate, inconsistentStatus.

use super::pod_identity::{Member, Phase};
use crate::client::Client;
use crate::object::Key;
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetStatus};

/// A conflict is tried again so many times before the whole sync is.
const CONFLICT_RETRIES: usize = 5;

/// How many pods are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ReplicaCounts {
    pub(super) replicas: i32,
    pub(super) ready: i32,
    pub(super) available: i32,
    pub(super) current: i32,
    pub(super) updated: i32,
}

impl ReplicaCounts {
    /// Counts one pod.
    pub(super) fn add(&mut self, member: &Member, current: &str, update: &str) {
        if member.phase == Phase::None {
            return;
        }
        self.replicas += 1;
        if member.running_and_ready() {
            self.ready += 1;
            self.available += i32::from(member.available);
        }
        if !member.terminating {
            self.current += i32::from(&*member.revision == current);
            self.updated += i32::from(&*member.revision == update);
        }
    }
}

/// The status that says `counts`, with the revisions moved on if the rollout is complete.
pub(super) fn new_status(
    set: &StatefulSet,
    mut counts: ReplicaCounts,
    current: &str,
    update: &str,
    collisions: i32,
) -> StatefulSetStatus {
    let spec = set.spec.as_ref();
    let wanted = spec.and_then(|spec| spec.replicas).unwrap_or(1);
    let strategy = spec.and_then(|spec| spec.update_strategy.as_ref());
    let rolls = strategy.and_then(|s| s.type_.as_deref()) == Some("RollingUpdate");
    let complete = rolls && [counts.updated, counts.ready, counts.replicas] == [wanted; 3];
    let current = if complete { update } else { current };
    if complete {
        counts.current = counts.updated;
    }
    let some = |count: i32| (count != 0).then_some(count);
    StatefulSetStatus {
        observed_generation: set.metadata.generation,
        replicas: counts.replicas,
        ready_replicas: some(counts.ready),
        current_replicas: some(counts.current),
        updated_replicas: some(counts.updated),
        current_revision: Some(current.to_owned()),
        update_revision: Some(update.to_owned()),
        collision_count: Some(collisions),
        available_replicas: Some(counts.available),
        conditions: None,
    }
}

/// Writes the status unless the set says the same already.
pub(super) fn update_status(
    client: &mut Client<'_>,
    key: &Key,
    set: &StatefulSet,
    status: &StatefulSetStatus,
) -> Result<(), String> {
    let old = set.status.clone().unwrap_or_default();
    if !is_news(&old, status) {
        return Ok(());
    }
    let mut set = set.clone();
    let mut last = String::new();
    for _ in 0..CONFLICT_RETRIES {
        set.status = Some(status.clone());
        match client.update_status(set) {
            Ok(_) => return Ok(()),
            Err(error) if error.is_conflict() => last = error.message,
            Err(error) => return Err(error.message),
        }
        match client.get::<StatefulSet>(key) {
            Some(fresh) => set = fresh.clone(),
            None => break,
        }
    }
    Err(last)
}

fn is_news(old: &StatefulSetStatus, new: &StatefulSetStatus) -> bool {
    let counters = |status: &StatefulSetStatus| {
        [
            status.replicas,
            status.current_replicas.unwrap_or(0),
            status.ready_replicas.unwrap_or(0),
            status.updated_replicas.unwrap_or(0),
            status.available_replicas.unwrap_or(0),
        ]
    };
    let text = |revision: &Option<String>| revision.clone().unwrap_or_default();
    new.observed_generation.unwrap_or(0) > old.observed_generation.unwrap_or(0)
        || counters(new) != counters(old)
        || text(&new.current_revision) != text(&old.current_revision)
        || text(&new.update_revision) != text(&old.update_revision)
}
