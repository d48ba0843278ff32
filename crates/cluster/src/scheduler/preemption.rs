//! Making room for a pod by evicting pods of lower priority.
//!
//! Upstream: `pkg/scheduler/framework/preemption`, `plugins/defaultpreemption`.

use super::NAME;
use super::filter::{Preemption, Refusal, count_reasons};
use super::node_info::{NodeInfo, PodInfo};
use super::nominator::{Nominator, nominated_node};
use super::volume_binding::Claims;
use crate::client::Client;
use crate::disruption_budget::budgets_of;
use crate::object::{Key, Kind, Object};
use crate::record::{EventType, Report, reference};
use crate::sort;
use crate::store::Store;
use k8s_openapi::api::core::v1::{Pod, PodCondition};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where room can be made, and who has to go.
pub(super) struct Candidate {
    pub node: String,
    pub victims: Vec<Key>,
    cost: Cost,
}

/// The less, the better: victims that a disruption budget protects, their highest priority, the sum of their priorities, how
/// many they are, and last how long the most important of them have run.
type Cost = (usize, i32, i64, usize, Reverse<(bool, Option<Timestamp>)>);

/// Why a pod may not evict others.
pub(super) fn not_eligible(
    pod: &PodInfo,
    refusals: &[(&Arc<NodeInfo>, Refusal)],
) -> Option<Preemption> {
    let policy = pod
        .spec()
        .and_then(|spec| spec.preemption_policy.as_deref());
    if policy == Some("Never") {
        let why = "not eligible due to preemptionPolicy=Never.";
        return Some(Preemption::NotEligible(why));
    }
    let nominated = nominated_node(pod.object.as_kind::<Pod>()?)?;
    let (node, refusal) = refusals.iter().find(|(node, _)| node.name == nominated)?;
    if !refusal.resolvable {
        return None;
    }
    let going = |other: &Arc<PodInfo>| {
        let status = other
            .object
            .as_kind::<Pod>()
            .and_then(|pod| pod.status.as_ref());
        let conditions = status.and_then(|status| status.conditions.as_ref());
        let mut conditions = conditions.into_iter().flatten();
        let reason = Some("PreemptionByScheduler");
        let preempted =
            conditions.any(|c| c.type_ == "DisruptionTarget" && c.reason.as_deref() == reason);
        other.priority < pod.priority && other.object.is_terminating() && preempted
    };
    let why = "not eligible due to a terminating pod on the nominated node.";
    let some = node.pods.values().any(going);
    some.then_some(Preemption::NotEligible(why))
}

/// The best place where room can be made.
///
/// # Errors
/// What is said of the nodes when there is none.
pub(super) fn find(
    nodes: &[Arc<NodeInfo>],
    nominator: &Nominator,
    refusals: &[(&Arc<NodeInfo>, Refusal)],
    pod: &PodInfo,
    claims: &Claims,
    store: &Store,
) -> Result<Candidate, Preemption> {
    let mut texts = Vec::new();
    let mut best: Option<Candidate> = None;
    for (node, refusal) in refusals {
        if !refusal.resolvable {
            texts.push("Preemption is not helpful for scheduling".to_owned());
            continue;
        }
        let refusal = |changed: &NodeInfo| nominator.refusal(nodes, changed, pod, claims, store);
        match select_victims(node, pod, store, refusal) {
            Ok(candidate) => {
                if best.as_ref().is_none_or(|best| candidate.cost < best.cost) {
                    best = Some(candidate);
                }
            }
            Err(reasons) => texts.extend(reasons),
        }
    }
    best.ok_or_else(|| Preemption::NoCandidates(count_reasons(texts.into_iter())))
}

/// Who has to go from a node: all of lower priority, but for those that may stay beside the pod. Those that a disruption
/// budget protects are looked at first, then the important ones first.
fn select_victims(
    node: &Arc<NodeInfo>,
    pod: &PodInfo,
    store: &Store,
    refusal: impl Fn(&NodeInfo) -> Option<Refusal>,
) -> Result<Candidate, Vec<String>> {
    let mut lower: Vec<(Key, Arc<PodInfo>)> = node
        .pods
        .iter()
        .filter(|(_, other)| other.priority < pod.priority)
        .map(|(key, other)| (key.clone(), other.clone()))
        .collect();
    if lower.is_empty() {
        let text = "No preemption victims found for incoming pod";
        return Err(vec![text.to_owned()]);
    }
    let mut without = NodeInfo::clone(node);
    for (key, other) in &lower {
        without.remove(key, other);
    }
    if let Some(refusal) = refusal(&without) {
        return Err(refusal.messages());
    }
    sort::by(&mut lower, |(_, a), (_, b)| {
        importance(a).cmp(&importance(b))
    });
    let (protected, free) = part_by_budgets(lower, store);
    let mut victims: Vec<(Key, Arc<PodInfo>)> = Vec::new();
    let mut violations = 0;
    let all = protected.into_iter().map(|one| (one, 1));
    for ((key, other), violates) in all.chain(free.into_iter().map(|one| (one, 0))) {
        without.add(&key, &other);
        if refusal(&without).is_some() {
            without.remove(&key, &other);
            violations += violates;
            victims.push((key, other));
        }
    }
    sort::by(&mut victims, |(_, a), (_, b)| {
        importance(a).cmp(&importance(b))
    });
    let (highest, since) = victims.first().map_or((i32::MIN, None), |(_, first)| {
        let Reverse(priority) = importance(first).0;
        (priority, start_time(first))
    });
    let sum = victims
        .iter()
        .map(|(_, other)| i64::from(other.priority) + i64::from(i32::MAX) + 1)
        .sum();
    Ok(Candidate {
        node: node.name.clone(),
        cost: (
            violations,
            highest,
            sum,
            victims.len(),
            Reverse((since.is_none(), since)),
        ),
        victims: victims.into_iter().map(|(key, _)| key).collect(),
    })
}

fn start_time(pod: &PodInfo) -> Option<Timestamp> {
    let status = pod.object.as_kind::<Pod>()?.status.as_ref()?;
    status.start_time.as_ref().map(|time| time.0)
}

/// The less, the more important: priority, then age. A pod that has not started is the youngest.
fn importance(pod: &PodInfo) -> (Reverse<i32>, bool, Option<Timestamp>) {
    let started = start_time(pod);
    (Reverse(pod.priority), started.is_none(), started)
}

type Pods = Vec<(Key, Arc<PodInfo>)>;

/// Parts pods whose eviction would break a disruption budget from the others. Each pod before uses its budgets up.
///
/// Upstream: `filterPodsWithPDBViolation`.
fn part_by_budgets(pods: Pods, store: &Store) -> (Pods, Pods) {
    let mut left: BTreeMap<Key, i32> = BTreeMap::new();
    pods.into_iter().partition(|(key, pod)| {
        let mut violated = false;
        for object in budgets_of(store, pod.object.meta()) {
            let budget = object.as_kind::<PodDisruptionBudget>();
            let status = budget.and_then(|budget| budget.status.as_ref());
            let gone = status.and_then(|status| status.disrupted_pods.as_ref());
            if gone.is_some_and(|gone| gone.contains_key(key.name())) {
                continue;
            }
            let allowed = status
                .and_then(|status| status.disruptions_allowed)
                .unwrap_or(0);
            let left = left.entry(object.key()).or_insert(allowed);
            *left -= 1;
            violated |= *left < 0;
        }
        violated
    })
}

/// Takes the promise of a place from pods that will not fit any more.
pub(super) fn clear_nominations(pods: &[Key], client: &mut Client<'_>) {
    for key in pods {
        let Some(mut pod) = client.get::<Pod>(key).cloned() else {
            continue;
        };
        pod.metadata.resource_version = None;
        pod.status.get_or_insert_default().nominated_node_name = None;
        // A pod that is gone by now has no promise.
        let _ = client.update_status(pod);
    }
}

/// Evicts the pods that are in the way of a more important one.
pub(super) fn make_room(object: &Arc<Object>, room: &Candidate, client: &mut Client<'_>) {
    for key in &room.victims {
        let Some(victim) = client.store().get(Kind::Pod, key).cloned() else {
            continue;
        };
        write_disruption_target(&victim, client);
        let uid = victim.uid().to_owned();
        // Somebody else may have deleted it meanwhile.
        let _ = client.delete(Kind::Pod, key, Some(&uid), None);
        client.event_v1(Report {
            controller: NAME,
            regarding: reference(&victim),
            related: Some(reference(object)),
            kind: EventType::Normal,
            reason: "Preempted",
            action: "Preempting",
            note: format!("Preempted by pod {} on node {}", object.uid(), room.node),
        });
    }
}

fn write_disruption_target(victim: &Object, client: &mut Client<'_>) {
    let Object::Pod(pod) = victim else { return };
    let mut pod = pod.clone();
    pod.metadata.resource_version = None;
    let date = client.calendar().time(client.now());
    let status = pod.status.get_or_insert_default();
    let conditions = status.conditions.get_or_insert_default();
    conditions.retain(|known| known.type_ != "DisruptionTarget");
    conditions.push(PodCondition {
        type_: "DisruptionTarget".to_owned(),
        status: "True".to_owned(),
        reason: Some("PreemptionByScheduler".to_owned()),
        message: Some(format!(
            "{NAME}: preempting to accommodate a higher priority pod"
        )),
        last_transition_time: Some(date),
        observed_generation: pod.metadata.generation,
        ..PodCondition::default()
    });
    // A pod that is gone by now needs no condition.
    let _ = client.update_status(*pod);
}
