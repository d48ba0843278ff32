//! Equal pods, so many of them.
//!
//! Upstream: `pkg/controller/replicaset/replica_set.go`.

mod active_pods;
mod pod_family;
mod replica_set_status;

use super::controller_ref_manager::Claimer;
use super::pod_control::{
    BURST_REPLICAS, PodControl, is_namespace_terminating, pod_from_template, slow_start_batch,
};
use super::pod_handlers::PodKeeper;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Requeue, Wakes};
use crate::meta::controller_ref::{controller_of, resolve_controller_ref};
use crate::meta::label_selector;
use crate::object::{Key, Kind, Object};
use crate::pod::{MinReady, is_active, ready_since};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::Duration;
use crate::trace::Fact;
use active_pods::pods_to_delete;
use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetSpec};
use k8s_openapi::api::core::v1::Pod;
use pod_family::{Family, Member};
use replica_set_status::{Counts, calculate_status, update_status};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Equal pods, so many of them.
#[derive(Clone, Default)]
pub struct ReplicaSetController {
    /// The pods of each set by its uid, counted from change to change, so that a sync does not read what did not change.
    families: BTreeMap<String, Arc<Family>>,
}

impl Controller for ReplicaSetController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        match &*change.object {
            Object::ReplicaSet(set) => {
                if change.change == ChangeType::Deleted {
                    self.families.remove(change.object.uid());
                } else if let Some(family) = self.families.get_mut(change.object.uid())
                    && !family.is_of(set)
                {
                    Arc::make_mut(family).read_again(set);
                }
                wakes.add(ControllerId::ReplicaSet, change.object.key());
            }
            Object::Pod(pod) => {
                self.keep_member(change, store);
                KEEPER.observe_pod(change, pod, store, wakes);
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(object) = client.store().get(Kind::ReplicaSet, key).cloned() else {
            return Outcome::DONE;
        };
        let Some((set, spec)) = typed(&object) else {
            return Outcome::DONE;
        };
        if !label_selector::is_valid(&spec.selector) {
            return Outcome::DONE;
        }
        let family = self.families.get(object.uid()).cloned().unwrap_or_default();
        let looked_at = 1 + family.len() as u64;
        let requeue = match sync_replica_set(&object, (set, spec), &family, client) {
            Ok(None) => Requeue::No,
            Ok(Some(delay)) => Requeue::After(delay),
            Err(_) => Requeue::RateLimited,
        };
        Outcome { requeue, looked_at }
    }
}

const KEEPER: PodKeeper = PodKeeper {
    controller: ControllerId::ReplicaSet,
    kind: Kind::ReplicaSet,
    keeps: |object| {
        let (_, spec) = typed(object)?;
        Some((&spec.selector, spec.min_ready_seconds))
    },
};

fn typed(object: &Object) -> Option<(&ReplicaSet, &ReplicaSetSpec)> {
    let set = object.as_kind::<ReplicaSet>()?;
    Some((set, set.spec.as_ref()?))
}

impl ReplicaSetController {
    /// Takes note of a changed pod.
    fn keep_member(&mut self, change: &Change, store: &Store) {
        let object = &change.object;
        let owner = match change.change {
            ChangeType::Deleted => None,
            ChangeType::Added | ChangeType::Modified => controller_of(object.meta()),
        };
        let old = change
            .old
            .as_ref()
            .and_then(|old| controller_of(old.meta()));
        if let Some(old) = old
            && owner.is_none_or(|owner| owner.uid != old.uid)
            && let Some(family) = self.families.get_mut(&old.uid)
        {
            Arc::make_mut(family).remove(&object.key());
        }
        let set = owner.and_then(|owner| {
            resolve_controller_ref(store, Kind::ReplicaSet, object.namespace(), owner)
        });
        if let Some(set) = set
            && let Some((typed, _)) = typed(set)
        {
            let family = self
                .families
                .entry(set.uid().to_owned())
                .or_insert_with(|| Arc::new(Family::of(typed)));
            Arc::make_mut(family).put(object);
        }
    }
}

/// One sync; the delay after which a pod may become available.
fn sync_replica_set(
    object: &Arc<Object>,
    (set, spec): (&ReplicaSet, &ReplicaSetSpec),
    family: &Family,
    client: &mut Client<'_>,
) -> Result<Option<Duration>, String> {
    let minimum = MinReady {
        span: Duration::secs(u64::try_from(spec.min_ready_seconds.unwrap_or(0)).unwrap_or(0)),
        now: client.now(),
        calendar: client.calendar(),
    };
    let adopted = claim_pods((set, spec), family, client)?;
    let newcomers: Vec<Member> = adopted.iter().filter_map(|pod| family.read(pod)).collect();
    let pods = || family.active().chain(&newcomers);
    let mut counts = family.counts();
    newcomers
        .iter()
        .for_each(|member| member.count(&mut counts, 1));
    if minimum.span > Duration::ZERO {
        let since = pods().filter_map(|member| ready_since(member.pod()?));
        let available = since.filter(|since| minimum.is_met(*since)).count();
        counts.available = i32::try_from(available).unwrap_or(i32::MAX);
    }
    let failure = if object.is_terminating() {
        Ok(())
    } else {
        let pods = pods().map(|member| &member.object);
        manage_replicas(object, (set, spec), counts, pods, client)
    };
    let now = client.calendar().time(client.now());
    let status = calculate_status(set, counts, failure.as_ref().err().map(String::as_str), now);
    update_status(client, &object.key(), object, status)?;
    failure?;
    if minimum.span > Duration::ZERO && counts.ready != counts.available {
        let since = pods().filter_map(|member| ready_since(member.pod()?));
        let due = since.filter_map(|since| minimum.due(since));
        let next = due.filter(|due| *due > minimum.now).min();
        return Ok(Some(
            next.map_or(minimum.span, |due| due.since(minimum.now)),
        ));
    }
    Ok(None)
}

/// Releases active pods that do not fit any more; the orphans that were adopted.
fn claim_pods(
    (set, spec): (&ReplicaSet, &ReplicaSetSpec),
    family: &Family,
    client: &mut Client<'_>,
) -> Result<Vec<Arc<Object>>, String> {
    let claimer = Claimer {
        kind: Kind::ReplicaSet,
        owner: &set.metadata,
        selector: &spec.selector,
        filter: &|_| true,
    };
    let namespace = set.metadata.namespace.as_deref().unwrap_or("");
    let orphans = client.store().by_index(Kind::Pod, Index::OwnerUid, "");
    let orphans = orphans.filter(|object| {
        object.namespace() == namespace && object.as_kind::<Pod>().is_some_and(is_active)
    });
    let candidates: Vec<Arc<Object>> = family.misfits().chain(orphans).cloned().collect();
    let mut adopted = Vec::new();
    let mut errors = Vec::new();
    for pod in &candidates {
        match claimer.claim(client, pod) {
            Ok(pod) => adopted.extend(pod),
            Err(error) => errors.push(error),
        }
    }
    errors.into_iter().next().map_or(Ok(adopted), Err)
}

/// Makes pods that are missing or deletes those that are too many.
fn manage_replicas<'p>(
    object: &Arc<Object>,
    (set, spec): (&ReplicaSet, &ReplicaSetSpec),
    counts: Counts,
    pods: impl Iterator<Item = &'p Arc<Object>>,
    client: &mut Client<'_>,
) -> Result<(), String> {
    let control = PodControl {
        component: "replicaset-controller",
        owner: object,
    };
    let wanted = spec.replicas.unwrap_or(1).max(0);
    let missing = usize::try_from(wanted - counts.active).unwrap_or(0);
    if missing > 0 {
        let template = spec.template.clone().unwrap_or_default();
        let pod = pod_from_template(object, &template);
        return slow_start_batch(missing.min(BURST_REPLICAS), || {
            match control.create_pod(client, pod.clone()) {
                Err(status) if !is_namespace_terminating(&status) => Err(status.message),
                _ => Ok(()),
            }
        });
    }
    let excess = usize::try_from(counts.active - wanted).unwrap_or(0);
    if excess == 0 {
        return Ok(());
    }
    let now = client.calendar().timestamp(client.now());
    let pods: Vec<&Arc<Object>> = pods.collect();
    let count = excess.min(BURST_REPLICAS);
    let chosen = pods_to_delete(pods, count, set, client.store(), now);
    let mut first = Ok(());
    for (pod, order) in chosen {
        match control.delete_pod(client, pod.name()) {
            Ok(()) => client.explain(Kind::Pod, &pod.key(), Fact::TooMany { order }),
            Err(status) if !status.is_not_found() && first.is_ok() => first = Err(status.message),
            Err(_) => {}
        }
    }
    first
}
