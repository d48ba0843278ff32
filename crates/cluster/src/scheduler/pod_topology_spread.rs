//! Pods that are to be spread over nodes, zones and other parts of the cluster.
//!
//! Upstream: `pkg/scheduler/framework/plugins/podtopologyspread`.

use super::filter::{matches_affinity, tolerates_all};
use super::node_info::{NodeInfo, PodInfo};
use crate::api::selectors::Selector;
use crate::store::Store;
use crate::trace::NodeLack;
use k8s_openapi::api::core::v1::{PodSpec, Service, TopologySpreadConstraint};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use std::collections::BTreeMap;
use std::sync::Arc;

const HOSTNAME: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";

/// Whom a constraint counts.
enum Counted {
    /// Pods with these labels, in the pod's namespace.
    Labelled(Selector),
    /// The pods of the same controller.
    Siblings,
}

/// One constraint.
struct Constraint {
    max_skew: i64,
    topology_key: String,
    min_domains: usize,
    counted: Counted,
    honors_affinity: bool,
    honors_taints: bool,
}

impl Constraint {
    fn new(given: &TopologySpreadConstraint, pod: &PodInfo) -> Constraint {
        let mut selector = given.label_selector.clone();
        for key in given.match_label_keys.iter().flatten() {
            let value = pod.labels().and_then(|labels| labels.get(key));
            if let (Some(value), Some(selector)) = (value, selector.as_mut()) {
                let requirement = LabelSelectorRequirement {
                    key: key.clone(),
                    operator: "In".to_owned(),
                    values: Some(vec![value.clone()]),
                };
                selector
                    .match_expressions
                    .get_or_insert_default()
                    .push(requirement);
            }
        }
        Constraint {
            max_skew: i64::from(given.max_skew),
            topology_key: given.topology_key.clone(),
            min_domains: given
                .min_domains
                .and_then(|least| usize::try_from(least).ok())
                .unwrap_or(1),
            counted: Counted::Labelled(Selector::from_spec(selector.as_ref())),
            honors_affinity: given.node_affinity_policy.as_deref() != Some("Ignore"),
            honors_taints: given.node_taints_policy.as_deref() == Some("Honor"),
        }
    }

    fn default(max_skew: i64, topology_key: &str, counted: Counted) -> Constraint {
        Constraint {
            max_skew,
            topology_key: topology_key.to_owned(),
            min_domains: 1,
            counted,
            honors_affinity: true,
            honors_taints: false,
        }
    }

    /// Whether the pods of a node count at all.
    fn includes(&self, node: &NodeInfo, spec: &PodSpec) -> bool {
        (!self.honors_affinity || matches_affinity(node, spec))
            && (!self.honors_taints || tolerates_all(spec, node))
    }

    fn count(&self, node: &NodeInfo, pod: &PodInfo) -> i64 {
        match &self.counted {
            Counted::Siblings => i64::from(node.by_owner.get(&pod.owner).copied().unwrap_or(0)),
            Counted::Labelled(selector) => {
                let counts = |other: &&Arc<PodInfo>| {
                    other.object.namespace() == pod.object.namespace()
                        && !other.object.is_terminating()
                        && selector.matches(other.labels())
                };
                i64::try_from(node.pods.values().filter(counts).count()).unwrap_or(i64::MAX)
            }
        }
    }

    fn counts_itself(&self, pod: &PodInfo) -> i64 {
        match &self.counted {
            Counted::Siblings => 1,
            Counted::Labelled(selector) => i64::from(selector.matches(pod.labels())),
        }
    }
}

fn own(pod: &PodInfo, when: &str) -> Vec<Constraint> {
    let given = pod
        .spec()
        .and_then(|spec| spec.topology_spread_constraints.as_deref());
    let given = given.unwrap_or_default().iter();
    given
        .filter(|constraint| constraint.when_unsatisfiable == when)
        .map(|constraint| Constraint::new(constraint, pod))
        .collect()
}

/// How the pods that count are spread over the values of each constraint's label.
#[derive(Default)]
pub(super) struct Required {
    constraints: Vec<(Constraint, BTreeMap<String, i64>)>,
}

impl Required {
    pub fn new(nodes: &[Arc<NodeInfo>], pod: &PodInfo) -> Required {
        let constraints = own(pod, "DoNotSchedule");
        let default = PodSpec::default();
        let spec = pod.spec().unwrap_or(&default);
        let labelled = |node: &NodeInfo| {
            constraints
                .iter()
                .all(|constraint| node.labels.contains_key(&constraint.topology_key))
        };
        let mut counts = vec![BTreeMap::new(); constraints.len()];
        for node in nodes.iter().filter(|node| labelled(node)) {
            for (constraint, counts) in constraints.iter().zip(&mut counts) {
                if let Some(value) = node.labels.get(&constraint.topology_key)
                    && constraint.includes(node, spec)
                {
                    *counts.entry(value.clone()).or_default() += constraint.count(node, pod);
                }
            }
        }
        Required {
            constraints: constraints.into_iter().zip(counts).collect(),
        }
    }

    /// Why a node does not do, and whether fewer pods on it could change that.
    pub fn refusal(&self, node: &NodeInfo, pod: &PodInfo) -> Option<(NodeLack, bool)> {
        for (constraint, counts) in &self.constraints {
            let Some(value) = node.labels.get(&constraint.topology_key) else {
                return Some((NodeLack::SpreadLabel, false));
            };
            let least = match counts.len() < constraint.min_domains {
                true => 0,
                false => counts
                    .values()
                    .min()
                    .copied()
                    .unwrap_or(i64::from(i32::MAX)),
            };
            let here = counts.get(value).copied().unwrap_or(0);
            if here + constraint.counts_itself(pod) - least > constraint.max_skew {
                return Some((NodeLack::Spread, true));
            }
        }
        None
    }
}

/// The constraints of pods without own ones: the pods of one controller or service go apart.
fn defaults(pod: &PodInfo, store: &Store) -> Vec<Constraint> {
    let counted = || {
        if !pod.owner.is_empty() {
            return Some(Counted::Siblings);
        }
        let services = store.list_as::<Service>(Some(pod.object.namespace()));
        let mut merged = BTreeMap::new();
        for service in services {
            let selector = service
                .spec
                .as_ref()
                .and_then(|spec| spec.selector.as_ref());
            let Some(selector) = selector.filter(|selector| !selector.is_empty()) else {
                continue;
            };
            let fits = selector
                .iter()
                .all(|(key, value)| pod.labels().and_then(|labels| labels.get(key)) == Some(value));
            if fits {
                merged.extend(selector.clone());
            }
        }
        let selector = LabelSelector {
            match_labels: Some(merged),
            ..LabelSelector::default()
        };
        let some = selector
            .match_labels
            .as_ref()
            .is_some_and(|map| !map.is_empty());
        some.then(|| Counted::Labelled(Selector::from_spec(Some(&selector))))
    };
    let (Some(by_host), Some(by_zone)) = (counted(), counted()) else {
        return Vec::new();
    };
    vec![
        Constraint::default(3, HOSTNAME, by_host),
        Constraint::default(5, ZONE, by_zone),
    ]
}

/// What the soft constraints say of each node, from 0 to 100; `None` when there are none.
pub(super) fn scores(
    nodes: &[&NodeInfo],
    all: &[Arc<NodeInfo>],
    pod: &PodInfo,
    store: &Store,
) -> Option<Vec<i64>> {
    let default = PodSpec::default();
    let spec = pod.spec().unwrap_or(&default);
    let given = spec.topology_spread_constraints.as_ref();
    let has_own = given.is_some_and(|given| !given.is_empty());
    let constraints = match has_own {
        true => own(pod, "ScheduleAnyway"),
        false => defaults(pod, store),
    };
    if constraints.is_empty() {
        return None;
    }
    // Nodes without a label of the pod's own constraints get nothing; by default a missing zone does not matter.
    let counts_here = |node: &NodeInfo| {
        !has_own
            || constraints
                .iter()
                .all(|constraint| node.labels.contains_key(&constraint.topology_key))
    };
    let mut raw = vec![0.0_f64; nodes.len()];
    for constraint in &constraints {
        add_scores(&mut raw, constraint, nodes, all, &counts_here, (pod, spec));
    }
    let scored = |index: usize| counts_here(nodes[index]);
    let rounded: Vec<i64> = raw.iter().map(|score| (score + 0.5) as i64).collect();
    let known = || {
        (0..nodes.len())
            .filter(|index| scored(*index))
            .map(|index| rounded[index])
    };
    let (least, most) = (known().min().unwrap_or(0), known().max().unwrap_or(0));
    let score = |index: usize| match (scored(index), most) {
        (false, _) => 0,
        (true, 0) => 100,
        (true, most) => 100 * (most + least - rounded[index]) / most,
    };
    Some((0..nodes.len()).map(score).collect())
}

fn add_scores(
    raw: &mut [f64],
    constraint: &Constraint,
    nodes: &[&NodeInfo],
    all: &[Arc<NodeInfo>],
    counts_here: &dyn Fn(&NodeInfo) -> bool,
    (pod, spec): (&PodInfo, &PodSpec),
) {
    fn value<'n>(node: &'n NodeInfo, key: &str) -> Option<&'n str> {
        node.labels.get(key).map(String::as_str)
    }
    let key = &constraint.topology_key;
    let values: Vec<Option<&str>> = nodes.iter().map(|node| value(node, key)).collect();
    if values.iter().all(Option::is_none) {
        return;
    }
    let candidates = || nodes.iter().filter(|node| counts_here(node));
    let by_host = key == HOSTNAME;
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    if !by_host {
        for node in candidates() {
            counts.insert(value(node, key).unwrap_or(""), 0);
        }
        for node in all
            .iter()
            .filter(|node| counts_here(node) && constraint.includes(node, spec))
        {
            if let Some(count) = counts.get_mut(value(node, key).unwrap_or("")) {
                *count += constraint.count(node, pod);
            }
        }
    }
    let size = if by_host {
        candidates().count()
    } else {
        counts.len()
    };
    let weight = logarithm(size as f64 + 2.0);
    for ((score, node), value) in raw.iter_mut().zip(nodes).zip(values) {
        let Some(value) = value else { continue };
        let count = match by_host {
            true => constraint.count(node, pod),
            false => counts.get(value).copied().unwrap_or(0),
        };
        *score += count as f64 * weight + (constraint.max_skew - 1) as f64;
    }
}

/// The natural logarithm of a number from 1 on, with additions and multiplications alone: the same bits on every machine.
fn logarithm(mut number: f64) -> f64 {
    const LN_2: f64 = std::f64::consts::LN_2;
    let mut halvings = 0.0;
    while number > 1.5 {
        number /= 2.0;
        halvings += 1.0;
    }
    let ratio = (number - 1.0) / (number + 1.0);
    let (mut power, mut sum) = (ratio, 0.0);
    for odd in 0..20 {
        sum += power / f64::from(2 * odd + 1);
        power *= ratio * ratio;
    }
    halvings * LN_2 + 2.0 * sum
}

#[cfg(test)]
mod tests {
    use super::logarithm;

    #[test]
    fn logarithms_are_those_of_the_library() {
        for n in 1..5_000 {
            let n = f64::from(n);
            assert!((logarithm(n) - n.ln()).abs() < 1e-12, "{n}");
        }
    }
}
