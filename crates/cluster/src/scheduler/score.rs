//! Which of the nodes that fit is the best.
//!
//! Upstream: `pkg/scheduler/framework/plugins/{noderesources,podtopologyspread}`.

use super::node_info::{NodeInfo, PodInfo};

/// The weight of spreading the pods of one controller.
const SPREAD_WEIGHT: i128 = 2;

/// The node with the highest score; `draw` (a random number) decides between equals.
pub(super) fn select<'n>(nodes: &[&'n NodeInfo], pod: &PodInfo, draw: u64) -> &'n NodeInfo {
    let siblings =
        |node: &NodeInfo| i128::from(node.by_owner.get(&pod.owner).copied().unwrap_or(0));
    let most = nodes.iter().map(|node| siblings(node)).max().unwrap_or(0);
    let least = nodes.iter().map(|node| siblings(node)).min().unwrap_or(0);
    let mut best: Vec<&'n NodeInfo> = Vec::new();
    let mut highest = i128::MIN;
    for node in nodes {
        let spread = match most {
            0 => 100,
            _ => 100 * (most + least - siblings(node)) / most,
        };
        let score = SPREAD_WEIGHT * spread + least_allocated(node, pod) + balanced(node, pod);
        if score > highest {
            highest = score;
            best.clear();
        }
        if score == highest {
            best.push(node);
        }
    }
    let count = best.len().max(1) as u64;
    best.get((draw % count) as usize)
        .copied()
        .unwrap_or(nodes[0])
}

fn shares(node: &NodeInfo, pod: &PodInfo) -> [(i128, i128); 2] {
    let all = |name: &str| node.allocatable.get(name).copied().unwrap_or(0);
    [
        (node.weight.0 + pod.weight.0, all("cpu")),
        (node.weight.1 + pod.weight.1, all("memory")),
    ]
}

/// The part that stays free, from 0 to 100.
fn least_allocated(node: &NodeInfo, pod: &PodInfo) -> i128 {
    let free = |(used, all): (i128, i128)| {
        if all <= 0 || used > all {
            0
        } else {
            (all - used) * 100 / all
        }
    };
    shares(node, pod).into_iter().map(free).sum::<i128>() / 2
}

/// How alike cpu and memory are used, from 0 to 100.
fn balanced(node: &NodeInfo, pod: &PodInfo) -> i128 {
    let [cpu, memory] = shares(node, pod).map(|(used, all)| {
        if all <= 0 {
            10_000
        } else {
            (used * 10_000 / all).min(10_000)
        }
    });
    (10_000 - (cpu - memory).abs() / 2) / 100
}
