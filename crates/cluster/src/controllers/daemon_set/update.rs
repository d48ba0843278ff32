//! Revisions of a daemon set, and pods of an older one that give way to the newest.
//!
//! Upstream: `pkg/controller/daemon/update.go`.

use super::daemonset_util::{Fit, fit};
use super::{DaemonSync, HASH_LABEL};
use crate::client::Client;
use crate::controllers::disruption::scaled;
use crate::controllers::pod_template_hash::compute_hash;
use crate::controllers::stateful_set::controller_history::revision_data;
use crate::meta::controller_ref::new_controller_ref;
use crate::object::{Key, Kind, Object};
use crate::sort;
use crate::store::Index;
use k8s_openapi::api::apps::v1::{
    ControllerRevision, DaemonSet, DaemonSetSpec, RollingUpdateDaemonSet,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The revisions of a set.
pub(super) struct History {
    /// The hash of the newest.
    pub(super) hash: String,
    /// The others, oldest first.
    old: Vec<ControllerRevision>,
    /// How often a name was taken.
    pub(super) collisions: Option<i32>,
}

fn rolling(spec: &DaemonSetSpec) -> Option<&RollingUpdateDaemonSet> {
    let strategy = spec.update_strategy.as_ref()?;
    let rolls = strategy.type_.as_deref() == Some("RollingUpdate");
    strategy.rolling_update.as_ref().filter(|_| rolls)
}

/// Whether pods of older revisions give way by themselves.
pub(super) fn is_rolling(spec: &DaemonSetSpec) -> bool {
    rolling(spec).is_some()
}

fn hash_of(revision: &ControllerRevision) -> Option<&String> {
    revision.metadata.labels.as_ref()?.get(HASH_LABEL)
}

/// Finds or makes the revision of the set's template.
pub(super) fn construct_history(
    object: &Arc<Object>,
    (set, spec): (&DaemonSet, &DaemonSetSpec),
    client: &mut Client<'_>,
) -> Result<History, String> {
    let store = client.store();
    let mut all: Vec<ControllerRevision> = store
        .by_index_as::<ControllerRevision>(Index::OwnerUid, object.uid())
        .cloned()
        .collect();
    sort::by_key(&mut all, |revision| {
        (revision.revision, revision.metadata.name.clone())
    });
    let data = revision_data(&spec.template);
    let status = set.status.as_ref();
    let mut collisions = status.and_then(|status| status.collision_count);
    let fits =
        |revision: &ControllerRevision| revision.data.as_ref().is_some_and(|known| known.0 == data);
    let (current, old): (Vec<_>, Vec<_>) = all.into_iter().partition(fits);
    let number = old
        .iter()
        .map(|revision| revision.revision)
        .max()
        .unwrap_or(0)
        + 1;
    if let Some(mut revision) = current.into_iter().next_back() {
        let hash = hash_of(&revision).cloned().unwrap_or_default();
        if revision.revision < number {
            revision.revision = number;
            client.update(revision).map_err(|status| status.message)?;
        }
        return Ok(History {
            hash,
            old,
            collisions,
        });
    }
    loop {
        let hash = compute_hash(&spec.template, collisions);
        let meta = spec.template.metadata.clone().unwrap_or_default();
        let mut labels = meta.labels.unwrap_or_default();
        labels.insert(HASH_LABEL.to_owned(), hash.clone());
        let name = format!("{}-{hash}", object.name());
        let revision = ControllerRevision {
            metadata: ObjectMeta {
                name: Some(name.clone()),
                namespace: object.meta().namespace.clone(),
                labels: Some(labels),
                annotations: object.meta().annotations.clone(),
                owner_references: Some(vec![new_controller_ref(Kind::DaemonSet, object.meta())]),
                ..ObjectMeta::default()
            },
            data: Some(RawExtension(data.clone())),
            revision: number,
        };
        match client.create(revision) {
            Ok(_) => {
                return Ok(History {
                    hash,
                    old,
                    collisions,
                });
            }
            Err(status) if status.is_already_exists() => {
                collisions = Some(collisions.unwrap_or(0) + 1);
            }
            Err(status) => return Err(status.message),
        }
    }
}

/// Deletes the oldest revisions that no pod has, beyond as many as are kept.
pub(super) fn clean_up(
    sync: &DaemonSync<'_>,
    history: &History,
    client: &mut Client<'_>,
) -> Result<(), String> {
    let limit = usize::try_from(sync.spec.revision_history_limit.unwrap_or(10)).unwrap_or(0);
    let excess = history.old.len().saturating_sub(limit);
    let pods = client
        .store()
        .by_index(Kind::Pod, Index::OwnerUid, sync.object.uid());
    let live: BTreeSet<String> = pods
        .filter_map(|pod| pod.meta().labels.as_ref()?.get(HASH_LABEL).cloned())
        .collect();
    let unused = history
        .old
        .iter()
        .filter(|revision| hash_of(revision).is_none_or(|hash| !live.contains(hash)));
    for revision in unused.take(excess) {
        let name = revision.metadata.name.as_deref().unwrap_or("");
        let key = Key::new(sync.object.namespace(), name);
        client
            .delete(Kind::ControllerRevision, &key, None, None)
            .map_err(|status| status.message)?;
    }
    Ok(())
}

impl DaemonSync<'_> {
    /// Whether a node may have two pods while the set is updated.
    pub(super) fn surges(&self) -> bool {
        self.surge(1) > 0
    }

    fn surge(&self, desired: i32) -> i32 {
        let most = rolling(self.spec).and_then(|rolling| rolling.max_surge.as_ref());
        most.map_or(0, |most| scaled(most, desired).unwrap_or(0))
    }

    /// The nodes that get a pod of the newest revision, and the older pods that go.
    ///
    /// Upstream: `rollingUpdate`.
    pub(super) fn rolling_update(&self) -> (Vec<String>, Vec<String>) {
        let runs = |name: &str| {
            let mut nodes = self.nodes.iter();
            let node = nodes.find(|node| node.metadata.name.as_deref() == Some(name));
            node.is_some_and(|node| fit(node, self.spec) == Fit::Runs)
        };
        let desired = self
            .nodes
            .iter()
            .filter(|node| fit(node, self.spec) == Fit::Runs);
        let desired = i32::try_from(desired.count()).unwrap_or(i32::MAX);
        let surge = self.surge(desired);
        let most = rolling(self.spec).and_then(|rolling| rolling.max_unavailable.as_ref());
        let unavailable = most.map_or(0, |most| scaled(most, desired).unwrap_or(0));
        let limit = if surge > 0 { surge } else { unavailable };
        let (mut now, mut later, mut delete) = (Vec::new(), Vec::new(), Vec::new());
        let (mut moving, mut available) = (0, 0);
        let mut misplaced = Vec::new();
        for (node, pods) in &self.pods {
            let living = pods.iter().filter(|pod| !pod.is_terminating());
            let (new, old): (Vec<_>, Vec<_>) = living.partition(|pod| self.is_updated(pod));
            let either = old.first().or(new.first());
            available += i32::from(either.is_some_and(|pod| self.is_available(pod)));
            match (&new[..], &old[..]) {
                ([new], []) => moving += i32::from(surge == 0 && !self.is_available(new)),
                ([], [old]) if surge == 0 => {
                    if self.is_available(old) {
                        later.push(old.name().to_owned());
                    } else {
                        now.push(old.name().to_owned());
                        moving += 1;
                    }
                }
                ([], [old]) => match (self.is_available(old), runs(node)) {
                    (true, true) => later.push(node.clone()),
                    (false, true) => now.push(node.clone()),
                    (true, false) => misplaced.push(old.name().to_owned()),
                    (false, false) => delete.push(old.name().to_owned()),
                },
                ([new], [old]) if surge > 0 && self.is_available(new) => {
                    delete.push(old.name().to_owned());
                }
                ([], []) if surge > 0 => {}
                _ => moving += 1,
            }
        }
        let room = usize::try_from(limit - moving).unwrap_or(0);
        now.extend(later.into_iter().take(room));
        if surge == 0 {
            return (Vec::new(), now);
        }
        let spare = usize::try_from(available - desired).unwrap_or(0);
        delete.extend(misplaced.into_iter().take(spare));
        (now, delete)
    }
}
