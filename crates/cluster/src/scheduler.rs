//! Finds a node for each pod.
//!
//! Upstream: `pkg/scheduler`. What nodes hold is counted as pods come and go; no attempt looks at all pods.

mod admission_check;
mod facts;
mod failure;
mod filter;
mod inter_pod_affinity;
mod node_info;
mod nominator;
mod pod_topology_spread;
mod preemption;
mod score;
mod volume_binding;

use crate::api::{Body, Request, Status, Subresource, Verb};
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Report, reference};
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::{Duration, Instant};
use crate::trace::Fact;
pub(crate) use admission_check::admission_check;
use failure::Nomination;
use filter::{Cycle, FitError, Preemption};
use k8s_openapi::api::core::v1::{Node, PersistentVolume, Pod, PodSpec};
use node_info::{NodeInfo, PodInfo};
use nominator::Nominator;
use preemption::Candidate;
use rpds::RedBlackTreeMapSync;
use std::sync::Arc;

/// The name in `spec.schedulerName` that is this scheduler's.
const NAME: &str = "default-scheduler";

/// How long volumes of a pod whose node is chosen are waited for.
///
/// Upstream: `pkg/scheduler/apis/config/v1/defaults.go`.
const BIND_TIMEOUT: Duration = Duration::secs(600);

/// How long a pod whose volumes did not come waits before it is tried again.
const BACK_OFF: Duration = Duration::secs(1);

/// Whether a node has what a pod asks for by its selector and its affinity to nodes.
pub(crate) fn matches_node(node: &Node, spec: &PodSpec) -> bool {
    let mut info = NodeInfo::default();
    info.update(node);
    filter::matches_affinity(&info, spec)
}

/// How many nodes are remembered with what they lack.
const NODES_EXPLAINED: usize = 16;

/// A node for a pod.
struct Found {
    node: String,
    plan: volume_binding::Plan,
    /// How many nodes would have done.
    fitting: usize,
}

/// A pod that waits.
#[derive(Clone, Debug)]
enum Waiting {
    /// No node was found; something has to change: nodes and volumes, or (if so) the pods that are there.
    Unschedulable(bool),
    /// The node is chosen, volumes are being bound for it, until this moment at the latest.
    ForVolumes(String, Instant),
}

/// Finds a node for each pod.
#[derive(Clone, Default)]
pub struct Scheduler {
    nodes: Vec<Arc<NodeInfo>>,
    /// Where pods are, as far as the scheduler knows: it counts a pod as soon as it has decided.
    assigned: RedBlackTreeMapSync<Key, (String, Arc<PodInfo>)>,
    waiting: RedBlackTreeMapSync<Key, Waiting>,
    nominator: Nominator,
}

impl Controller for Scheduler {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let gone = change.change == ChangeType::Deleted;
        match &*change.object {
            Object::Pod(pod) => self.observe_pod(pod, change, gone, wakes),
            Object::Node(node) => {
                let roomier = self.observe_node(node, gone);
                if roomier {
                    self.wake_all(wakes);
                }
            }
            Object::PersistentVolumeClaim(_) => {
                let key = change.object.key();
                self.wake_claim(&format!("{}/{}", key.namespace(), key.name()), store, wakes);
            }
            Object::PersistentVolume(volume) => match claim_of(volume) {
                Some(claim) => self.wake_claim(&claim, store, wakes),
                None => self.wake_all(wakes),
            },
            Object::StorageClass(_) => self.wake_all(wakes),
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(object) = client.store().get(Kind::Pod, key).cloned() else {
            self.waiting.remove_mut(key);
            return Outcome::DONE;
        };
        let Object::Pod(pod) = &*object else {
            return Outcome::DONE;
        };
        if !wants_node(pod) {
            self.waiting.remove_mut(key);
            return Outcome::DONE;
        }
        if let Some(Waiting::ForVolumes(node, until)) = self.waiting.get(key).cloned() {
            return self.bind_after_volumes(key, &object, pod, (&node, until), client);
        }
        self.schedule_one(key, &object, pod, client)
    }
}

impl Scheduler {
    fn schedule_one(
        &mut self,
        key: &Key,
        object: &Arc<Object>,
        pod: &Pod,
        client: &mut Client<'_>,
    ) -> Outcome {
        let looked_at = self.nodes.len() as u64;
        let info = Arc::new(PodInfo::of(object));
        let outcome = self.find_node(pod, &info, client);
        let Found {
            node,
            plan,
            fitting,
        } = match outcome {
            Ok(found) => found,
            Err((error, room)) => {
                self.wait(key, object);
                let nomination = match (&room, &error) {
                    (Some(room), _) => Nomination::Node(room.node.clone()),
                    (
                        None,
                        FitError::Filtered {
                            preemption: Preemption::NoCandidates(_),
                            ..
                        },
                    ) => Nomination::Clear,
                    _ => Nomination::Keep,
                };
                let outcome = self.handle_failure(key, object, &error, nomination, client);
                if let Some(room) = room {
                    preemption::make_room(object, &room, client);
                    let rivals = self.nominator.less_important(&room.node, &info);
                    preemption::clear_nominations(&rivals, client);
                }
                return outcome;
            }
        };
        self.assume(key, &node, &info);
        let chosen = Fact::Scheduled {
            node: node.clone(),
            fitting,
        };
        client.decide(Kind::Pod, key, chosen);
        if !plan.is_empty() {
            let waits = Fact::WaitsForVolumesOn { node: node.clone() };
            client.explain(Kind::Pod, key, waits);
            let begun = plan.apply(&node, client);
            let waiting = Waiting::ForVolumes(node, client.now() + BIND_TIMEOUT);
            self.waiting.insert_mut(key.clone(), waiting);
            return match begun {
                true => Outcome::after(BIND_TIMEOUT),
                false => Outcome::RETRY,
            };
        }
        self.waiting.remove_mut(key);
        self.bind(key, object, &node, client);
        Outcome {
            looked_at,
            ..Outcome::DONE
        }
    }

    /// Upstream: `schedulePod`. With the error comes the place where room can be made, if there is one.
    fn find_node(
        &self,
        pod: &Pod,
        info: &PodInfo,
        client: &mut Client<'_>,
    ) -> Result<Found, (FitError, Option<Candidate>)> {
        if self.nodes.is_empty() {
            return Err((FitError::NoNodes, None));
        }
        let total = self.nodes.len();
        let claims = volume_binding::pre_filter(client.store(), pod)
            .map_err(|why| (FitError::PreFilter { total, why }, None))?;
        let draw = client.random().below(1 << 32);
        let store = client.store();
        let Some(cycle) = Cycle::new(&self.nodes, info, &claims, store) else {
            return Err((FitError::NoNodes, None));
        };
        let (mut fitting, refusals) = filter::filter(&self.nodes, |node| {
            if self.nominator.knows(&node.name) {
                let nominator = &self.nominator;
                nominator.refusal(&self.nodes, node, info, &claims, store)
            } else {
                cycle.refusal(node)
            }
        });
        if let Some(promised) = nominator::nominated_node(pod)
            && let Some(node) = fitting.iter().find(|node| node.name == promised)
        {
            fitting = vec![node];
        }
        if fitting.is_empty() {
            let found = match preemption::not_eligible(info, &refusals) {
                Some(why) => Err(why),
                None => {
                    let (nodes, nominator) = (&self.nodes, &self.nominator);
                    preemption::find(nodes, nominator, &refusals, info, &claims, store)
                }
            };
            let (preemption, room) = match found {
                Ok(room) => (Preemption::Nominated, Some(room)),
                Err(why) => (why, None),
            };
            let reasons = refusals.iter().flat_map(|(_, refusal)| refusal.messages());
            let lacks = refusals.iter().take(NODES_EXPLAINED);
            let error = FitError::Filtered {
                total,
                reasons: filter::count_reasons(reasons),
                lacks: lacks
                    .map(|(node, refusal)| (node.name.clone(), refusal.lacks.clone()))
                    .collect(),
                preemption,
            };
            return Err((error, room));
        }
        let best = score::select(&fitting, &self.nodes, info, store, draw);
        let plan = claims.plan(store, best);
        Ok(Found {
            node: best.name.clone(),
            plan,
            fitting: fitting.len(),
        })
    }

    /// Remembers a pod that found no place.
    fn wait(&mut self, key: &Key, object: &Object) {
        let pods_matter = inter_pod_affinity::waits_for_pods(object);
        let waiting = Waiting::Unschedulable(pods_matter);
        self.waiting.insert_mut(key.clone(), waiting);
    }

    /// Counts a pod on its node before the API knows of it.
    fn assume(&mut self, key: &Key, node: &str, info: &Arc<PodInfo>) {
        self.remove(key);
        if let Some(known) = self.nodes.iter_mut().find(|known| known.name == node) {
            Arc::make_mut(known).add(key, info);
        }
        let entry = (node.to_owned(), info.clone());
        self.assigned.insert_mut(key.clone(), entry);
    }

    fn remove(&mut self, key: &Key) {
        let Some((node, info)) = self.assigned.get(key).cloned() else {
            return;
        };
        self.assigned.remove_mut(key);
        if let Some(known) = self.nodes.iter_mut().find(|known| known.name == node) {
            Arc::make_mut(known).remove(key, &info);
        }
    }

    fn bind(&mut self, key: &Key, object: &Arc<Object>, node: &str, client: &mut Client<'_>) {
        let mut binding = Pod::default();
        binding.metadata.name = Some(key.name().to_owned());
        binding.metadata.namespace = Some(key.namespace().to_owned());
        binding.spec.get_or_insert_default().node_name = Some(node.to_owned());
        let request = Request::new(Verb::Create, Kind::Pod, key.namespace(), key.name())
            .with_subresource(Subresource::Binding)
            .with_body(Body::Typed(Box::new(binding.into())));
        if let Err(error) = client.request(request) {
            self.remove(key);
            self.binding_failed(key, object, &error, client);
            return;
        }
        client.explain_no_more(Kind::Pod, key);
        client.event_v1(Report {
            controller: NAME,
            regarding: reference(object),
            related: None,
            kind: EventType::Normal,
            reason: "Scheduled",
            action: "Binding",
            note: format!("Successfully assigned {key} to {node}"),
        });
    }

    fn binding_failed(
        &mut self,
        key: &Key,
        object: &Arc<Object>,
        error: &Status,
        client: &mut Client<'_>,
    ) {
        if !error.is_not_found() {
            let error = FitError::Internal(format!("binding rejected: {}", error.message));
            self.wait(key, object);
            self.handle_failure(key, object, &error, Nomination::Keep, client);
        }
    }

    /// Binds a pod whose volumes were waited for, once they are there.
    fn bind_after_volumes(
        &mut self,
        key: &Key,
        object: &Arc<Object>,
        pod: &Pod,
        (node, until): (&str, Instant),
        client: &mut Client<'_>,
    ) -> Outcome {
        let overdue = client.now() >= until;
        let why = match volume_binding::pre_filter(client.store(), pod) {
            Ok(claims) if claims.all_bound() => {
                self.waiting.remove_mut(key);
                self.bind(key, object, node, client);
                return Outcome::DONE;
            }
            Ok(claims) => volume_binding::hopeless(client.store(), &claims, node, overdue),
            Err(why) => Some(why.message()),
        };
        let Some(why) = why else {
            return Outcome::after(until.since(client.now()));
        };
        self.remove(key);
        self.wait(key, object);
        let text = format!("running PreBind plugin \"VolumeBinding\": binding volumes: {why}");
        let error = FitError::Internal(text);
        self.handle_failure(key, object, &error, Nomination::Keep, client);
        Outcome::after(BACK_OFF)
    }

    fn observe_pod(&mut self, pod: &Pod, change: &Change, gone: bool, wakes: &mut Wakes) {
        let key = change.object.key();
        self.nominator.observe(&change.object, gone);
        let spec = pod.spec.as_ref();
        let node = spec
            .and_then(|spec| spec.node_name.as_deref())
            .unwrap_or("");
        let phase = pod
            .status
            .as_ref()
            .and_then(|status| status.phase.as_deref());
        if gone || matches!(phase, Some("Succeeded" | "Failed")) {
            self.waiting.remove_mut(&key);
            if self.assigned.contains_key(&key) {
                self.remove(&key);
                self.wake_all(wakes);
            }
            return;
        }
        if !node.is_empty() {
            self.waiting.remove_mut(&key);
            let known = self
                .assigned
                .get(&key)
                .is_some_and(|(known, _)| known == node);
            let relabelled = change.old.as_ref().is_some_and(|old| {
                let (old, new) = (old.meta(), &pod.metadata);
                old.labels != new.labels || old.deletion_timestamp != new.deletion_timestamp
            });
            if !known || relabelled {
                self.assume(&key, node, &Arc::new(PodInfo::of(&change.object)));
            }
            let old_node = change.old.as_ref().and_then(|old| match &**old {
                Object::Pod(old) => old.spec.as_ref()?.node_name.clone(),
                _ => None,
            });
            if relabelled || old_node.as_deref().unwrap_or("").is_empty() {
                self.wake_those_that_look_at_pods(wakes);
            }
            return;
        }
        let changed = change.old.as_ref().is_none_or(|old| {
            old.meta().generation != pod.metadata.generation || old.uid() != change.object.uid()
        });
        if changed && wants_node(pod) {
            wakes.add(ControllerId::Scheduler, key);
        }
    }

    /// Takes a node's state over. Returns whether something changed that could let a pod in.
    fn observe_node(&mut self, node: &Node, gone: bool) -> bool {
        let name = node.metadata.name.as_deref().unwrap_or("");
        let index = self.nodes.iter().position(|known| known.name == name);
        match (index, gone) {
            (Some(index), true) => {
                self.nodes.remove(index);
                false
            }
            (None, true) => false,
            (Some(index), false) => Arc::make_mut(&mut self.nodes[index]).update(node),
            (None, false) => {
                let mut info = NodeInfo::default();
                info.update(node);
                for (key, (place, pod)) in &self.assigned {
                    if place == name {
                        info.add(key, pod);
                    }
                }
                self.nodes.push(Arc::new(info));
                true
            }
        }
    }

    fn wake_all(&self, wakes: &mut Wakes) {
        for key in self.waiting.keys() {
            wakes.add(ControllerId::Scheduler, key.clone());
        }
    }

    fn wake_those_that_look_at_pods(&self, wakes: &mut Wakes) {
        for (key, waiting) in &self.waiting {
            if matches!(waiting, Waiting::Unschedulable(true)) {
                wakes.add(ControllerId::Scheduler, key.clone());
            }
        }
    }

    /// Wakes the pods that wait and mount a claim.
    fn wake_claim(&self, claim: &str, store: &Store, wakes: &mut Wakes) {
        if self.waiting.is_empty() {
            return;
        }
        for pod in store.by_index(Kind::Pod, Index::Claim, claim) {
            let key = pod.key();
            if self.waiting.contains_key(&key) {
                wakes.add(ControllerId::Scheduler, key);
            }
        }
    }
}

/// `namespace/name` of the claim a volume belongs to.
fn claim_of(volume: &PersistentVolume) -> Option<String> {
    let reference = volume.spec.as_ref()?.claim_ref.as_ref()?;
    let (namespace, name) = (reference.namespace.as_deref(), reference.name.as_deref());
    Some(format!(
        "{}/{}",
        namespace.unwrap_or(""),
        name.unwrap_or("")
    ))
}

fn wants_node(pod: &Pod) -> bool {
    let Some(spec) = &pod.spec else { return false };
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    spec.node_name.as_deref().is_none_or(str::is_empty)
        && spec.scheduler_name.as_deref().unwrap_or(NAME) == NAME
        && spec.scheduling_gates.as_ref().is_none_or(Vec::is_empty)
        && pod.metadata.deletion_timestamp.is_none()
        && !matches!(phase, Some("Succeeded" | "Failed"))
}
