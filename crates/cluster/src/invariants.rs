//! What must be true after every step, seen from outside of the components.

use crate::cluster::Cluster;
use crate::object::{Key, Object};
use crate::store::ChangeType;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;
use std::collections::{BTreeMap, BTreeSet};

/// What the checker remembers from one look to the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watcher {
    seen: u64,
    generations: BTreeMap<String, i64>,
}

impl Cluster {
    /// Looks at every change since the last call and at what it left. For tests: it costs more than the steps themselves.
    ///
    /// # Errors
    /// The rule that is broken, and by what.
    pub fn check_invariants(&mut self) -> Result<(), String> {
        let mut watcher = std::mem::take(&mut self.watcher);
        let result = watcher.check(self);
        self.watcher = watcher;
        result
    }
}

impl Watcher {
    fn check(&mut self, cluster: &Cluster) -> Result<(), String> {
        let store = cluster.store();
        let mut sets: BTreeSet<Key> = BTreeSet::new();
        for change in store.changes_since(self.seen).into_iter().flatten() {
            if change.resource_version <= self.seen {
                return Err(format!(
                    "resource version {} comes late",
                    change.resource_version
                ));
            }
            self.seen = change.resource_version;
            if let Some(old) = &change.old
                && old.resource_version() >= change.resource_version
            {
                return Err(format!("{} did not get a new version", change.object.key()));
            }
            match &*change.object {
                Object::StatefulSet(set) => {
                    self.generation(set, change.change)?;
                    sets.insert(change.object.key());
                }
                Object::Pod(pod) if change.change == ChangeType::Added => ordered(cluster, pod)?,
                _ => {}
            }
        }
        for key in sets {
            counts(cluster, &key)?;
        }
        Ok(())
    }

    /// `observedGeneration` never goes back and never runs ahead.
    fn generation(&mut self, set: &StatefulSet, change: ChangeType) -> Result<(), String> {
        let uid = set.metadata.uid.clone().unwrap_or_default();
        if change == ChangeType::Deleted {
            self.generations.remove(&uid);
            return Ok(());
        }
        let status = set.status.as_ref();
        let observed = status.and_then(|s| s.observed_generation).unwrap_or(0);
        let before = self.generations.insert(uid, observed).unwrap_or(0);
        if observed < before {
            return Err(format!(
                "observedGeneration went back from {before} to {observed}"
            ));
        }
        if observed > set.metadata.generation.unwrap_or(0) {
            return Err(format!("observedGeneration {observed} is in the future"));
        }
        Ok(())
    }
}

/// An ordered set makes a pod only when all below it are ready and stay.
fn ordered(cluster: &Cluster, pod: &Pod) -> Result<(), String> {
    let owners = pod.metadata.owner_references.as_deref().unwrap_or_default();
    let Some(owner) = owners.iter().find(|owner| owner.kind == "StatefulSet") else {
        return Ok(());
    };
    let namespace = pod.metadata.namespace.as_deref().unwrap_or("");
    let Some(set) = cluster
        .store()
        .get_as::<StatefulSet>(&Key::new(namespace, &owner.name))
    else {
        return Ok(());
    };
    let Some(spec) = &set.spec else {
        return Ok(());
    };
    let name = pod.metadata.name.as_deref().unwrap_or("");
    let ordinal = |name: &str| {
        name.rsplit_once('-')
            .and_then(|(_, n)| n.parse::<i32>().ok())
    };
    if spec.pod_management_policy.as_deref() == Some("Parallel") {
        return Ok(());
    }
    let start = spec.ordinals.as_ref().and_then(|o| o.start).unwrap_or(0);
    for below in start..ordinal(name).unwrap_or(start) {
        let key = Key::new(namespace, &format!("{}-{below}", owner.name));
        let ready = cluster.store().get_as::<Pod>(&key).is_some_and(|pod| {
            let status = pod.status.as_ref();
            let conditions = status.and_then(|status| status.conditions.as_deref());
            pod.metadata.deletion_timestamp.is_none()
                && conditions
                    .unwrap_or_default()
                    .iter()
                    .any(|c| c.type_ == "Ready" && c.status == "True")
        });
        if !ready {
            return Err(format!("{name} was made although {key} is not ready"));
        }
    }
    Ok(())
}

/// A status that was just written counts no more pods than there are; no two pods share an ordinal.
fn counts(cluster: &Cluster, key: &Key) -> Result<(), String> {
    let Some(set) = cluster.store().get_as::<StatefulSet>(key) else {
        return Ok(());
    };
    let uid = set.metadata.uid.as_deref().unwrap_or("");
    let pods = cluster
        .store()
        .by_index_as::<Pod>(crate::store::Index::OwnerUid, uid);
    let mut ordinals = BTreeSet::new();
    let mut number = 0;
    for pod in pods {
        number += 1;
        let name = pod.metadata.name.as_deref().unwrap_or("");
        let ordinal = name
            .rsplit_once('-')
            .and_then(|(_, n)| n.parse::<i32>().ok());
        if ordinal.is_some() && !ordinals.insert(ordinal) {
            return Err(format!("two pods of {key} have the ordinal of {name}"));
        }
    }
    let status = set.status.clone().unwrap_or_default();
    let most = [
        Some(status.replicas),
        status.ready_replicas,
        status.current_replicas,
        status.updated_replicas,
        status.available_replicas,
    ];
    let most = most.into_iter().flatten().max().unwrap_or(0);
    let terminating = set.metadata.deletion_timestamp.is_some();
    if most > number && !terminating && was_written_last(cluster, key) {
        return Err(format!(
            "the status of {key} counts {most} pods of {number}"
        ));
    }
    Ok(())
}

/// Whether the last change of all was the set's own, so that its status cannot be out of date yet.
fn was_written_last(cluster: &Cluster, key: &Key) -> bool {
    let store = cluster.store();
    let set = store.get(crate::object::Kind::StatefulSet, key);
    let wrote_status = |version: u64| {
        let mut change = store.changes_since(version - 1).into_iter().flatten();
        change.next().is_some_and(|change| {
            let status =
                |object: &Object| object.as_kind::<StatefulSet>().map(|s| s.status.clone());
            change.old.as_deref().and_then(status) != status(&change.object)
        })
    };
    set.is_some_and(|set| {
        let version = set.resource_version();
        version == store.resource_version() && wrote_status(version)
    })
}
