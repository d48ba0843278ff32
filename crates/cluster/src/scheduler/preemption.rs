//! Making room for a pod by evicting pods of lower priority.
//!
//! Upstream: `pkg/scheduler/framework/preemption`, `plugins/defaultpreemption`. Disruption budgets are not looked at, and
//! a place that was made free is not kept for the pod it was made for.

use super::NAME;
use super::filter::{Cycle, Preemption, Refusal, count_reasons};
use super::node_info::{NodeInfo, PodInfo};
use super::volume_binding::Claims;
use crate::client::Client;
use crate::object::{Key, Kind, Object};
use crate::record::{EventType, Report, reference};
use crate::sort;
use crate::store::Store;
use k8s_openapi::api::core::v1::PodCondition;
use std::cmp::Reverse;
use std::sync::Arc;

/// Where room can be made, and who has to go.
pub(super) struct Candidate {
    pub node: String,
    pub victims: Vec<Key>,
    /// The victims' highest priority, the sum of their priorities, and how many they are: the less, the better.
    cost: (i32, i64, usize),
}

/// Why a pod may not evict others.
pub(super) fn not_eligible(pod: &PodInfo, nodes: &[Arc<NodeInfo>]) -> Option<Preemption> {
    let policy = pod
        .spec()
        .and_then(|spec| spec.preemption_policy.as_deref());
    if policy == Some("Never") {
        let why = "not eligible due to preemptionPolicy=Never.";
        return Some(Preemption::NotEligible(why));
    }
    let Object::Pod(object) = &*pod.object else {
        return None;
    };
    let nominated = object.status.as_ref()?.nominated_node_name.as_deref()?;
    let node = nodes.iter().find(|node| node.name == nominated)?;
    let going =
        |other: &Arc<PodInfo>| other.priority < pod.priority && other.object.is_terminating();
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
        match select_victims(nodes, node, pod, claims, store) {
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

/// Who has to go from a node: all of lower priority, but for those that may stay beside the pod, the important ones first.
fn select_victims(
    nodes: &[Arc<NodeInfo>],
    node: &Arc<NodeInfo>,
    pod: &PodInfo,
    claims: &Claims,
    store: &Store,
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
    let refusal = |changed: &NodeInfo| {
        let mut all = nodes.to_vec();
        let changed = Arc::new(changed.clone());
        if let Some(place) = all.iter_mut().find(|other| other.name == changed.name) {
            *place = changed.clone();
        }
        Cycle::new(&all, pod, claims, store).and_then(|cycle| cycle.refusal(&changed))
    };
    if let Some(refusal) = refusal(&without) {
        return Err(refusal.messages());
    }
    sort::by(&mut lower, |(_, a), (_, b)| {
        Reverse(a.priority).cmp(&Reverse(b.priority))
    });
    let mut victims = Vec::new();
    let mut cost = (i32::MIN, 0_i64, 0_usize);
    for (key, other) in lower {
        without.add(&key, &other);
        if refusal(&without).is_some() {
            without.remove(&key, &other);
            cost.0 = cost.0.max(other.priority);
            cost.1 += i64::from(other.priority) + i64::from(i32::MAX) + 1;
            cost.2 += 1;
            victims.push(key);
        }
    }
    Ok(Candidate {
        node: node.name.clone(),
        victims,
        cost,
    })
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
