//! ReplicaSets for each template, one of them growing while the others shrink.
//!
//! Upstream: `pkg/controller/deployment/deployment_controller.go`.

mod conditions;
mod fenceposts;
mod progress;
mod recreate;
mod replica_sets;
mod revision;
mod rolling;
mod sync;

use super::controller_ref_manager::Claimer;
use super::pod_control::is_namespace_terminating;
use crate::api::Status;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Requeue, Wakes};
use crate::meta::controller_ref::{controller_of, resolve_controller_ref};
use crate::meta::label_selector;
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::store::{Change, ChangeType, Index, Store};
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, ReplicaSet};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use replica_sets::OwnedSet;
use std::sync::Arc;

/// ReplicaSets for each template, one of them growing while the others shrink.
#[derive(Clone, Default)]
pub struct DeploymentController {}

impl Controller for DeploymentController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        match &*change.object {
            Object::Deployment(_) => wakes.add(ControllerId::Deployment, change.object.key()),
            Object::ReplicaSet(_) => observe_replica_set(change, store, wakes),
            Object::Pod(_) if change.change == ChangeType::Deleted => {
                observe_deleted_pod(&change.object, store, wakes);
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(object) = client.store().get(Kind::Deployment, key).cloned() else {
            return Outcome::DONE;
        };
        let Some((deployment, spec)) = typed(&object) else {
            return Outcome::DONE;
        };
        if !label_selector::is_valid(&spec.selector) {
            return Outcome::DONE;
        }
        let mut rollout = Rollout {
            client,
            object: object.clone(),
            spec: spec.clone(),
            deployment: deployment.clone(),
            sets: Vec::new(),
            requeue: Requeue::No,
        };
        let result = rollout.sync_deployment();
        let looked_at = 1 + rollout.sets.len() as u64;
        let requeue = match result {
            Err(status) if !is_namespace_terminating(&status) => Requeue::RateLimited,
            _ => rollout.requeue,
        };
        Outcome { requeue, looked_at }
    }
}

fn typed(object: &Object) -> Option<(&Deployment, &DeploymentSpec)> {
    let deployment = object.as_kind::<Deployment>()?;
    Some((deployment, deployment.spec.as_ref()?))
}

/// One sync of one Deployment.
struct Rollout<'c, 'a> {
    client: &'c mut Client<'a>,
    /// The Deployment as the sync saw it, for events.
    object: Arc<Object>,
    /// Its spec.
    spec: DeploymentSpec,
    /// The Deployment as this sync changes it. It keeps the version that the sync saw, so that a second write of one sync is
    /// a conflict and the next sync goes on with fresh eyes, as upstream.
    deployment: Deployment,
    /// Its ReplicaSets as the sync saw them, the oldest first.
    sets: Vec<OwnedSet>,
    /// When to look again.
    requeue: Requeue,
}

impl Rollout<'_, '_> {
    fn sync_deployment(&mut self) -> Result<(), Status> {
        self.sets = self.claim_replica_sets()?;
        if self.object.is_terminating() {
            return self.sync_status_only();
        }
        self.check_paused_conditions()?;
        if self.is_paused() {
            return self.sync();
        }
        if self.is_scaling_event()? {
            return self.sync();
        }
        if self.is_rolling_update() {
            self.rollout_rolling()
        } else {
            self.rollout_recreate()
        }
    }

    /// The ReplicaSets of the Deployment, with those it adopts and without those it releases; the oldest first.
    fn claim_replica_sets(&mut self) -> Result<Vec<OwnedSet>, Status> {
        let claimer = Claimer {
            kind: Kind::Deployment,
            owner: self.object.meta(),
            selector: &self.spec.selector,
            filter: &|_| true,
        };
        let store = self.client.store();
        let candidates: Vec<Arc<Object>> = [self.object.uid(), ""]
            .into_iter()
            .flat_map(|owner| store.by_index(Kind::ReplicaSet, Index::OwnerUid, owner))
            .filter(|set| set.namespace() == self.object.namespace())
            .cloned()
            .collect();
        let mut claimed = Vec::new();
        let mut first = Ok(());
        for set in &candidates {
            match claimer.claim(self.client, set) {
                Ok(set) => claimed.extend(set.and_then(OwnedSet::of)),
                Err(error) if first.is_ok() => first = Err(Status::internal(&error)),
                Err(_) => {}
            }
        }
        first?;
        replica_sets::oldest_first(&mut claimed);
        Ok(claimed)
    }

    fn replicas(&self) -> i32 {
        self.spec.replicas.unwrap_or(1)
    }

    fn is_paused(&self) -> bool {
        self.spec.paused == Some(true)
    }

    fn name(&self) -> &str {
        self.object.name()
    }

    /// The present moment as conditions carry it.
    fn now(&self) -> Time {
        self.client.calendar().time(self.client.now())
    }

    /// Writes the status, and the annotations, as they are in this sync.
    fn update_status(&mut self) -> Result<(), Status> {
        let written = self.client.update_status(self.deployment.clone());
        written.map(|_| ())
    }

    fn event(&mut self, kind: EventType, reason: &str, message: String) {
        let by = Reporter::control_plane("deployment-controller");
        let about = reference(&self.object);
        self.client.event(&by, about, kind, reason, message);
    }
}

fn observe_replica_set(change: &Change, store: &Store, wakes: &mut Wakes) {
    let object = &change.object;
    let owner = controller_of(object.meta());
    let old = change.old.as_ref().map(|old| old.meta());
    let old_owner = old.and_then(controller_of);
    let gone = change.change == ChangeType::Deleted;
    if let Some(old_owner) = old_owner
        && (gone || Some(old_owner) != owner)
        && let Some(deployment) =
            resolve_controller_ref(store, Kind::Deployment, object.namespace(), old_owner)
    {
        wakes.add(ControllerId::Deployment, deployment.key());
    }
    if gone {
        return;
    }
    if let Some(owner) = owner {
        if let Some(deployment) =
            resolve_controller_ref(store, Kind::Deployment, object.namespace(), owner)
        {
            wakes.add(ControllerId::Deployment, deployment.key());
        }
        return;
    }
    let news = old.is_none_or(|old| old.labels != object.meta().labels || old_owner.is_some());
    let labeled = object.meta().labels.as_ref().is_some_and(|l| !l.is_empty());
    if news && labeled && !object.is_terminating() {
        let deployments = store.list(Kind::Deployment, Some(object.namespace()));
        let fits = |deployment: &&Arc<Object>| {
            typed(deployment).is_some_and(|(_, spec)| {
                label_selector::is_valid(&spec.selector)
                    && label_selector::matches(&spec.selector, object.meta())
            })
        };
        deployments
            .filter(fits)
            .for_each(|one| wakes.add(ControllerId::Deployment, one.key()));
    }
}

/// The last pod of a Deployment that replaces all pods at once is what it waits for.
fn observe_deleted_pod(pod: &Object, store: &Store, wakes: &mut Wakes) {
    let Some(owner) = controller_of(pod.meta()).filter(|owner| owner.kind == "ReplicaSet") else {
        return;
    };
    let key = Key::new(pod.namespace(), &owner.name);
    let set = store.get_as::<ReplicaSet>(&key);
    let set = set.filter(|set| set.metadata.uid.as_ref() == Some(&owner.uid));
    let Some(owner) = set.and_then(|set| controller_of(&set.metadata)) else {
        return;
    };
    let Some(deployment) = resolve_controller_ref(store, Kind::Deployment, pod.namespace(), owner)
    else {
        return;
    };
    let strategy = typed(deployment).and_then(|(_, spec)| spec.strategy.as_ref()?.type_.as_deref());
    if strategy != Some("Recreate") {
        return;
    }
    let mut sets = store.by_index(Kind::ReplicaSet, Index::OwnerUid, deployment.uid());
    let has_pods = |set: &Arc<Object>| {
        let mut pods = store.by_index(Kind::Pod, Index::OwnerUid, set.uid());
        pods.next().is_some()
    };
    if !sets.any(has_pods) {
        wakes.add(ControllerId::Deployment, deployment.key());
    }
}
