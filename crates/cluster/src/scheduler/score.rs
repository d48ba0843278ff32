//! Which of the nodes that fit is the best.
//!
//! Upstream: `pkg/scheduler/framework/plugins`, with the weights of `apis/config/v1/default_plugins.go`. Images that a node
//! has already do not count here.

use super::filter::{fits_term, tolerates};
use super::node_info::{Basic, NodeInfo, PodInfo};
use super::{inter_pod_affinity, pod_topology_spread};
use crate::store::Store;
use k8s_openapi::api::core::v1::PodSpec;
use std::sync::Arc;

const TAINT_TOLERATION_WEIGHT: i64 = 3;
const NODE_AFFINITY_WEIGHT: i64 = 2;
const POD_TOPOLOGY_SPREAD_WEIGHT: i64 = 2;
const INTER_POD_AFFINITY_WEIGHT: i64 = 2;

/// The node with the highest score; `draw` (a random number) decides between equals.
pub(super) fn select<'n>(
    fitting: &[&'n NodeInfo],
    all: &[Arc<NodeInfo>],
    pod: &PodInfo,
    store: &Store,
    draw: u64,
) -> &'n NodeInfo {
    let default = PodSpec::default();
    let spec = pod.spec().unwrap_or(&default);
    let mut scores: Vec<i64> = fitting
        .iter()
        .map(|node| least_allocated(node, pod) + balanced(node, pod))
        .collect();
    let mut add = |weight: i64, part: Vec<i64>| {
        for (score, part) in scores.iter_mut().zip(part) {
            *score += weight * part;
        }
    };
    let softly_tainted = |node: &&NodeInfo| {
        let taints = node.taints.iter();
        let repelling =
            taints.filter(|taint| taint.effect == "PreferNoSchedule" && !tolerates(spec, taint));
        i64::try_from(repelling.count()).unwrap_or(i64::MAX)
    };
    let taints = share_of_most(fitting.iter().map(softly_tainted).collect());
    let free = taints.into_iter().map(|share| 100 - share).collect();
    add(TAINT_TOLERATION_WEIGHT, free);
    let wished = fitting.iter().map(|node| wishes(node, spec)).collect();
    add(NODE_AFFINITY_WEIGHT, share_of_most(wished));
    if let Some(part) = pod_topology_spread::scores(fitting, all, pod, store) {
        add(POD_TOPOLOGY_SPREAD_WEIGHT, part);
    }
    if let Some(part) = inter_pod_affinity::scores(fitting, all, pod, store) {
        add(INTER_POD_AFFINITY_WEIGHT, part);
    }
    let highest = scores.iter().max().copied().unwrap_or(0);
    let best: Vec<usize> = (0..fitting.len())
        .filter(|index| scores[*index] == highest)
        .collect();
    let count = best.len().max(1) as u64;
    fitting[best.get((draw % count) as usize).copied().unwrap_or(0)]
}

/// Each number in hundredths of the greatest.
fn share_of_most(numbers: Vec<i64>) -> Vec<i64> {
    let most = numbers.iter().max().copied().unwrap_or(0);
    if most == 0 {
        return numbers;
    }
    numbers
        .into_iter()
        .map(|number| 100 * number / most)
        .collect()
}

/// How much of what the pod would like a node has.
fn wishes(node: &NodeInfo, spec: &PodSpec) -> i64 {
    let affinity = spec.affinity.as_ref();
    let terms = affinity.and_then(|affinity| {
        let nodes = affinity.node_affinity.as_ref()?;
        nodes
            .preferred_during_scheduling_ignored_during_execution
            .as_ref()
    });
    let fitting = terms
        .into_iter()
        .flatten()
        .filter(|term| fits_term(node, &term.preference));
    fitting.map(|term| i64::from(term.weight)).sum()
}

/// The part that stays free, from 0 to 100.
fn least_allocated(node: &NodeInfo, pod: &PodInfo) -> i64 {
    let free = |used: i64, more: i64, all: i64| match used.saturating_add(more) {
        used if all <= 0 || used > all => 0,
        used => (all - used) * 100 / all,
    };
    let cpu = free(node.weight.cpu, pod.weight.cpu, node.room.cpu);
    (cpu + free(node.weight.memory, pod.weight.memory, node.room.memory)) / 2
}

/// Whether the pod makes the use of cpu and memory more alike (up to 100) or less (down to 50); nothing for a pod that
/// asks for neither.
fn balanced(node: &NodeInfo, pod: &PodInfo) -> i64 {
    if pod.asked == Basic::default() {
        return 0;
    }
    let cpu = (node.used.cpu, pod.asked.cpu, node.room.cpu);
    let memory = (node.used.memory, pod.asked.memory, node.room.memory);
    let evenness = |with_pod: bool| {
        let fraction = |(used, asked, all): (i64, i64, i64)| {
            let used = if with_pod {
                used.saturating_add(asked)
            } else {
                used
            };
            match all {
                0 => 0.0,
                all => (used as f64 / all as f64).min(1.0),
            }
        };
        let apart = (fraction(cpu) - fraction(memory)).abs() / 2.0;
        ((1.0 - apart) * 100.0) as i64
    };
    50 + (50 + evenness(true) - evenness(false)) / 2
}
