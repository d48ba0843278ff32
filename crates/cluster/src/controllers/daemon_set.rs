//! One pod on each node that fits.
//!
//! Upstream: `pkg/controller/daemon/daemon_controller.go`.

pub(crate) mod daemonset_util;
mod update;

use super::controller_ref_manager::Claimer;
use super::pod_control::{
    BURST_REPLICAS, PodControl, is_namespace_terminating, pod_from_template, slow_start_batch,
};
use crate::client::Client;
use crate::controller::{Controller, Outcome, Requeue, Wakes};
use crate::meta::controller_ref::controller_of;
use crate::meta::label_selector;
use crate::object::{Key, Kind, Object};
use crate::pod::{MinReady, is_terminal, phase, ready_since};
use crate::queue::ControllerId;
use crate::record::EventType;
use crate::sort;
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::{Duration, Instant};
use daemonset_util::{Fit, fit, pin_to_node, pod_template, target_node};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec, DaemonSetStatus};
use k8s_openapi::api::core::v1::{Node, Pod};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The label of a pod's revision.
const HASH_LABEL: &str = "controller-revision-hash";
/// The first wait before the next failed pod of a node is deleted, and the longest.
const FAILED_POD_BACKOFF: (Duration, Duration) = (Duration::secs(1), Duration::secs(900));

/// Keeps one pod on each node that fits.
#[derive(Clone, Default)]
pub struct DaemonSetController {
    /// By set and node: how long to wait, and since when.
    failed: BTreeMap<(String, String), (Duration, Instant)>,
}

/// The pods of a set by node.
type ByNode = BTreeMap<String, Vec<Arc<Object>>>;

/// A set that is worked on.
struct DaemonSync<'a> {
    object: &'a Arc<Object>,
    set: &'a DaemonSet,
    spec: &'a DaemonSetSpec,
    hash: String,
    nodes: Vec<Node>,
    pods: ByNode,
    minimum: MinReady,
}

fn pod_in(object: &Object) -> Option<&Pod> {
    object.as_kind::<Pod>()
}

fn typed(object: &Object) -> Option<(&DaemonSet, &DaemonSetSpec)> {
    let set = object.as_kind::<DaemonSet>()?;
    Some((set, set.spec.as_ref()?))
}

fn set_of<'s>(store: &'s Store, object: &Object) -> Option<&'s Arc<Object>> {
    let owner = controller_of(object.meta()).filter(|owner| owner.kind == "DaemonSet")?;
    let set = store.get(Kind::DaemonSet, &Key::new(object.namespace(), &owner.name))?;
    (set.uid() == owner.uid).then_some(set)
}

impl Controller for DaemonSetController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let object = &change.object;
        let old = change.old.as_deref();
        match &**object {
            Object::DaemonSet(_) => {
                if change.change == ChangeType::Deleted {
                    self.failed.retain(|(set, _), _| set != object.uid());
                }
                wakes.add(ControllerId::DaemonSet, object.key());
            }
            Object::Pod(_) | Object::ControllerRevision(_) => {
                let sets = [Some(&**object), old];
                for set in sets.into_iter().flatten().filter_map(|o| set_of(store, o)) {
                    wakes.add(ControllerId::DaemonSet, set.key());
                }
                if controller_of(object.meta()).is_some() || change.change == ChangeType::Deleted {
                    return;
                }
                for set in store.list(Kind::DaemonSet, Some(object.namespace())) {
                    let fits = typed(set).is_some_and(|(_, spec)| {
                        label_selector::matches(&spec.selector, object.meta())
                    });
                    if fits {
                        wakes.add(ControllerId::DaemonSet, set.key());
                    }
                }
            }
            Object::Node(node) => {
                let told = |node: &Node| {
                    let taints = node.spec.as_ref().and_then(|spec| spec.taints.clone());
                    (node.metadata.labels.clone(), taints)
                };
                let old = old.and_then(|old| old.as_kind::<Node>());
                if change.change != ChangeType::Modified || old.map(told) != Some(told(node)) {
                    for set in store.list(Kind::DaemonSet, None) {
                        wakes.add(ControllerId::DaemonSet, set.key());
                    }
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(object) = client.store().get(Kind::DaemonSet, key).cloned() else {
            return Outcome::DONE;
        };
        let Some((set, spec)) = typed(&object).filter(|_| !object.is_terminating()) else {
            return Outcome::DONE;
        };
        let looked_at = 1 + client.store().count(Kind::Node) as u64;
        let requeue = match self.sync_set(&object, (set, spec), client) {
            Ok(Some(delay)) => Requeue::After(delay),
            Ok(None) => Requeue::No,
            Err(_) => Requeue::RateLimited,
        };
        Outcome { requeue, looked_at }
    }
}

impl DaemonSetController {
    fn sync_set(
        &mut self,
        object: &Arc<Object>,
        (set, spec): (&DaemonSet, &DaemonSetSpec),
        client: &mut Client<'_>,
    ) -> Result<Option<Duration>, String> {
        let history = update::construct_history(object, (set, spec), client)?;
        let span = u64::try_from(spec.min_ready_seconds.unwrap_or(0)).unwrap_or(0);
        let mut sync = DaemonSync {
            object,
            set,
            spec,
            hash: history.hash.clone(),
            nodes: client.store().list_as::<Node>(None).cloned().collect(),
            pods: claim_pods(object, spec, client)?,
            minimum: MinReady {
                span: Duration::secs(span),
                now: client.now(),
                calendar: client.calendar(),
            },
        };
        let mut again = None;
        let (create, delete) = self.judge_nodes(&sync, &mut again, client);
        let busy = !create.is_empty() || !delete.is_empty();
        let mut result = sync.sync_nodes(create, delete, client);
        if result.is_ok() && !busy && update::is_rolling(spec) {
            let (create, delete) = sync.rolling_update();
            result = sync.sync_nodes(create, delete, client);
        }
        if result.is_ok() {
            update::clean_up(&sync, &history, client)?;
        }
        sync.pods = claim_pods(object, spec, client)?;
        let waits = sync.write_status(history.collisions, client)?;
        result?;
        Ok([again, waits].into_iter().flatten().min())
    }

    /// The nodes that need a pod and the pods that must go.
    fn judge_nodes(
        &mut self,
        sync: &DaemonSync<'_>,
        again: &mut Option<Duration>,
        client: &mut Client<'_>,
    ) -> (Vec<String>, Vec<String>) {
        let (mut create, mut delete) = (Vec::new(), Vec::new());
        for node in &sync.nodes {
            let name = node.metadata.name.clone().unwrap_or_default();
            let pods = sync.pods.get(&name).map_or(&[][..], Vec::as_slice);
            match fit(node, sync.spec) {
                Fit::Runs if pods.is_empty() => create.push(name),
                fit @ (Fit::Runs | Fit::MayStay) => {
                    let running = self.running(sync, &name, &mut delete, again, client);
                    if running.is_empty() && fit == Fit::Runs && sync.surges() {
                        create.push(name);
                    }
                    delete.extend(sync.surplus(&running));
                }
                Fit::DoesNotRun => {
                    let going = pods.iter().filter(|pod| !pod.is_terminating());
                    delete.extend(going.map(|pod| pod.name().to_owned()));
                }
            }
        }
        for (name, pods) in &sync.pods {
            let known = sync
                .nodes
                .iter()
                .any(|n| n.metadata.name.as_ref() == Some(name));
            let waiting = pods.iter().filter(|pod| {
                let spec = pod_in(pod).and_then(|pod| pod.spec.as_ref());
                spec.is_some_and(|spec| spec.node_name.as_deref().is_none_or(str::is_empty))
            });
            if !known {
                delete.extend(waiting.map(|pod| pod.name().to_owned()));
            }
        }
        (create, delete)
    }

    /// The pods of a node that run, oldest first; those that have ended are to be deleted.
    fn running(
        &mut self,
        sync: &DaemonSync<'_>,
        node: &str,
        delete: &mut Vec<String>,
        again: &mut Option<Duration>,
        client: &mut Client<'_>,
    ) -> Vec<Arc<Object>> {
        let mut running = Vec::new();
        let now = client.now();
        for object in sync.pods.get(node).into_iter().flatten() {
            let Some(pod) = pod_in(object).filter(|_| !object.is_terminating()) else {
                continue;
            };
            let (kind, reason, state, what) = match phase(pod) {
                "Failed" => (EventType::Warning, "FailedDaemonPod", "failed", "kill"),
                "Succeeded" => (
                    EventType::Normal,
                    "SucceededDaemonPod",
                    "succeeded",
                    "delete",
                ),
                _ => {
                    running.push(object.clone());
                    continue;
                }
            };
            if state == "failed" {
                let key = (sync.object.uid().to_owned(), node.to_owned());
                let (first, most) = FAILED_POD_BACKOFF;
                let known = self.failed.get(&key).copied();
                let known = known.filter(|(_, since)| now.since(*since) <= most.times(2));
                if let Some((wait, since)) = known.filter(|(wait, since)| *since + *wait > now) {
                    let left = (since + wait).since(now);
                    *again = Some(again.map_or(left, |before| before.min(left)));
                    continue;
                }
                let wait = known.map_or(first, |(wait, _)| wait.times(2).min(most));
                self.failed.insert(key, (wait, now));
            }
            let message = format!(
                "Found {state} daemon pod {} on node {node}, will try to {what} it",
                object.key()
            );
            sync.control().event(client, kind, reason, message);
            delete.push(object.name().to_owned());
        }
        sort::by_key(&mut running, |pod| {
            let pod = pod_in(pod);
            let spec = pod.and_then(|pod| pod.spec.as_ref());
            let waits = spec.is_none_or(|s| s.node_name.as_deref().is_none_or(str::is_empty));
            let created = pod.and_then(|pod| pod.metadata.creation_timestamp.as_ref());
            (
                waits,
                created.map(|time| time.0),
                pod.and_then(|pod| pod.metadata.name.clone()),
            )
        });
        running
    }
}

impl DaemonSync<'_> {
    fn control(&self) -> PodControl<'_> {
        PodControl {
            component: "daemonset-controller",
            owner: self.object,
        }
    }

    fn is_updated(&self, pod: &Object) -> bool {
        let labels = pod.meta().labels.as_ref();
        labels.and_then(|labels| labels.get(HASH_LABEL)) == Some(&self.hash)
    }

    fn is_ready(pod: &Object) -> bool {
        pod_in(pod).is_some_and(|pod| ready_since(pod).is_some())
    }

    fn is_available(&self, pod: &Object) -> bool {
        let since = pod_in(pod).and_then(ready_since);
        since.is_some_and(|since| self.minimum.is_met(since))
    }

    /// The pods of a node that are one too many.
    fn surplus(&self, running: &[Arc<Object>]) -> Vec<String> {
        let names = |pods: &[&Arc<Object>]| -> Vec<String> {
            pods.iter().map(|pod| pod.name().to_owned()).collect()
        };
        if !self.surges() {
            let rest: Vec<&Arc<Object>> = running.iter().skip(1).collect();
            return names(&rest);
        }
        let (new, old): (Vec<&Arc<Object>>, Vec<&Arc<Object>>) =
            running.iter().partition(|pod| self.is_updated(pod));
        let mut gone: Vec<&Arc<Object>> = new.iter().skip(1).copied().collect();
        gone.extend(old.iter().skip(1).copied());
        if let (Some(new), Some(old)) = (new.first(), old.first())
            && (!Self::is_ready(old) || self.is_available(new))
        {
            gone.push(old);
        }
        names(&gone)
    }

    /// Makes pods for nodes and deletes pods.
    fn sync_nodes(
        &self,
        mut create: Vec<String>,
        mut delete: Vec<String>,
        client: &mut Client<'_>,
    ) -> Result<(), String> {
        create.truncate(BURST_REPLICAS);
        delete.truncate(BURST_REPLICAS);
        let control = self.control();
        let template = pod_template(self.set, &self.spec.template, &self.hash);
        let pod = pod_from_template(self.object, &template);
        let mut nodes = create.iter();
        let mut first = slow_start_batch(create.len(), || {
            let mut pod = pod.clone();
            if let Some(node) = nodes.next() {
                pin_to_node(pod.spec.get_or_insert_default(), node);
            }
            match control.create_pod(client, pod) {
                Err(status) if !is_namespace_terminating(&status) => Err(status.message),
                _ => Ok(()),
            }
        });
        for name in delete {
            if let Err(status) = control.delete_pod(client, &name)
                && !status.is_not_found()
            {
                first = first.and(Err(status.message));
            }
        }
        first
    }

    /// Writes the counts. Returns how long until a ready pod may be available.
    ///
    /// Upstream: `updateDaemonSetStatus`.
    fn write_status(
        &self,
        collisions: Option<i32>,
        client: &mut Client<'_>,
    ) -> Result<Option<Duration>, String> {
        let (mut desired, mut current, mut misscheduled) = (0, 0, 0);
        let (mut ready, mut available, mut updated) = (0, 0, 0);
        for node in &self.nodes {
            let name = node.metadata.name.as_deref().unwrap_or("");
            let pods = self.pods.get(name).map_or(&[][..], Vec::as_slice);
            if fit(node, self.spec) != Fit::Runs {
                misscheduled += i32::from(!pods.is_empty());
                continue;
            }
            desired += 1;
            let oldest = pods.iter().min_by_key(|pod| {
                let created = pod.meta().creation_timestamp.as_ref();
                created.map(|time| time.0)
            });
            let Some(pod) = oldest else { continue };
            current += 1;
            ready += i32::from(Self::is_ready(pod));
            available += i32::from(self.is_available(pod));
            updated += i32::from(self.is_updated(pod));
        }
        let some = |count: i32| Some(count).filter(|count| *count != 0);
        let old = self.set.status.clone().unwrap_or_default();
        let status = DaemonSetStatus {
            desired_number_scheduled: desired,
            current_number_scheduled: current,
            number_misscheduled: misscheduled,
            number_ready: ready,
            number_available: some(available),
            number_unavailable: some(desired - available),
            updated_number_scheduled: some(updated),
            observed_generation: self.set.metadata.generation,
            collision_count: collisions,
            conditions: old.conditions.clone(),
        };
        if status != old {
            let mut set = self.set.clone();
            set.status = Some(status);
            set.metadata.resource_version = None;
            client.update_status(set).map_err(|status| status.message)?;
        }
        let waits = self.minimum.span > Duration::ZERO && ready != available;
        Ok(waits.then_some(self.minimum.span))
    }
}

/// The pods of the set by node: its own, less what it releases, and orphans that it adopts.
fn claim_pods(
    object: &Arc<Object>,
    spec: &DaemonSetSpec,
    client: &mut Client<'_>,
) -> Result<ByNode, String> {
    let claimer = Claimer {
        kind: Kind::DaemonSet,
        owner: object.meta(),
        selector: &spec.selector,
        filter: &|_| true,
    };
    let store = client.store();
    let own = store.by_index(Kind::Pod, Index::OwnerUid, object.uid());
    let orphans = store.by_index(Kind::Pod, Index::OwnerUid, "");
    let orphans = orphans.filter(|pod| {
        pod.namespace() == object.namespace() && label_selector::matches(&spec.selector, pod.meta())
    });
    let candidates: Vec<Arc<Object>> = own.chain(orphans).cloned().collect();
    let mut pods = ByNode::new();
    for pod in candidates {
        let Some(pod) = claimer.claim(client, &pod)? else {
            continue;
        };
        let over = pod.is_terminating() && pod_in(&pod).is_some_and(is_terminal);
        let node = pod_in(&pod).and_then(target_node);
        if let Some(node) = node.filter(|_| !over) {
            pods.entry(node).or_default().push(pod);
        }
    }
    Ok(pods)
}
