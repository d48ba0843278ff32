//! Pods that want to be near others, or apart from them.
//!
//! Upstream: `pkg/scheduler/framework/plugins/interpodaffinity`.

use super::node_info::{NodeInfo, PodInfo};
use crate::api::selectors::Selector;
use crate::object::{Key, Kind, Object};
use crate::store::Store;
use crate::trace::NodeLack;
use k8s_openapi::api::core::v1::{PodAffinityTerm, WeightedPodAffinityTerm};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelectorRequirement;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How much a rule that an existing pod requires counts for the node of a pod that it likes.
const HARD_POD_AFFINITY_WEIGHT: i64 = 1;

/// A label of nodes with its value.
type Pair = (String, String);

/// One rule about other pods.
struct Term {
    selector: Selector,
    topology_key: String,
    namespaces: Vec<String>,
    namespace_selector: Option<Selector>,
    weight: i64,
}

impl Term {
    fn new(term: &PodAffinityTerm, weight: i64, pod: &PodInfo) -> Term {
        let mut selector = term.label_selector.clone();
        let keys = [
            (&term.match_label_keys, "In"),
            (&term.mismatch_label_keys, "NotIn"),
        ];
        for (keys, operator) in keys {
            for key in keys.iter().flatten() {
                let value = pod.labels().and_then(|labels| labels.get(key));
                if let (Some(value), Some(selector)) = (value, selector.as_mut()) {
                    let requirement = LabelSelectorRequirement {
                        key: key.clone(),
                        operator: operator.to_owned(),
                        values: Some(vec![value.clone()]),
                    };
                    selector
                        .match_expressions
                        .get_or_insert_default()
                        .push(requirement);
                }
            }
        }
        let mut namespaces = term.namespaces.clone().unwrap_or_default();
        if namespaces.is_empty() && term.namespace_selector.is_none() {
            namespaces.push(pod.object.namespace().to_owned());
        }
        Term {
            selector: Selector::from_spec(selector.as_ref()),
            topology_key: term.topology_key.clone(),
            namespaces,
            namespace_selector: term
                .namespace_selector
                .as_ref()
                .map(|selector| Selector::from_spec(Some(selector))),
            weight,
        }
    }

    fn matches(&self, pod: &PodInfo, store: &Store) -> bool {
        let namespace = pod.object.namespace();
        let selected = || {
            let selector = self.namespace_selector.as_ref()?;
            let object = store.get(Kind::Namespace, &Key::new("", namespace))?;
            Some(selector.matches(object.meta().labels.as_ref()))
        };
        let known = self.namespaces.iter().any(|known| known == namespace);
        (known || selected() == Some(true)) && self.selector.matches(pod.labels())
    }

    fn pair(&self, node: &NodeInfo) -> Option<Pair> {
        let value = node.labels.get(&self.topology_key)?;
        Some((self.topology_key.clone(), value.clone()))
    }
}

fn required(terms: &Option<Vec<PodAffinityTerm>>, pod: &PodInfo) -> Vec<Term> {
    let terms = terms.iter().flatten();
    terms
        .map(|term| Term::new(term, HARD_POD_AFFINITY_WEIGHT, pod))
        .collect()
}

fn preferred(terms: &Option<Vec<WeightedPodAffinityTerm>>, pod: &PodInfo, sign: i64) -> Vec<Term> {
    let terms = terms.iter().flatten();
    terms
        .map(|term| Term::new(&term.pod_affinity_term, sign * i64::from(term.weight), pod))
        .collect()
}

fn required_near(pod: &PodInfo) -> Vec<Term> {
    let (near, _) = pod.affinity();
    near.map_or_else(Vec::new, |near| {
        required(
            &near.required_during_scheduling_ignored_during_execution,
            pod,
        )
    })
}

fn required_apart(pod: &PodInfo) -> Vec<Term> {
    let (_, apart) = pod.affinity();
    apart.map_or_else(Vec::new, |apart| {
        required(
            &apart.required_during_scheduling_ignored_during_execution,
            pod,
        )
    })
}

/// The soft rules; those that keep apart have negative weights.
fn soft(pod: &PodInfo) -> Vec<Term> {
    let (near, apart) = pod.affinity();
    let mut terms = near.map_or_else(Vec::new, |near| {
        preferred(
            &near.preferred_during_scheduling_ignored_during_execution,
            pod,
            1,
        )
    });
    terms.extend(apart.map_or_else(Vec::new, |apart| {
        preferred(
            &apart.preferred_during_scheduling_ignored_during_execution,
            pod,
            -1,
        )
    }));
    terms
}

/// What the pods that are there mean for one that is to be placed.
#[derive(Default)]
pub(super) struct Required {
    near: Vec<Term>,
    apart: Vec<Term>,
    near_counts: BTreeMap<Pair, usize>,
    apart_counts: BTreeMap<Pair, usize>,
    /// Where pods are that want to be apart from this one.
    others: BTreeMap<Pair, usize>,
    /// Nobody is there that it wants to be near to, but it is one of them itself.
    is_first: bool,
}

impl Required {
    /// Looks at all pods if the pod has rules, else at those that have rules themselves.
    pub fn new(nodes: &[Arc<NodeInfo>], pod: &PodInfo, store: &Store) -> Required {
        let mut all = Required {
            near: required_near(pod),
            apart: required_apart(pod),
            ..Required::default()
        };
        let has_rules = !all.near.is_empty() || !all.apart.is_empty();
        for node in nodes
            .iter()
            .filter(|node| has_rules || node.with_affinity > 0)
        {
            for other in node.pods.values() {
                for term in required_apart(other) {
                    if let Some(pair) = term.pair(node)
                        && term.matches(pod, store)
                    {
                        *all.others.entry(pair).or_default() += 1;
                    }
                }
                if !has_rules {
                    continue;
                }
                if !all.near.is_empty() && all.near.iter().all(|term| term.matches(other, store)) {
                    for pair in all.near.iter().filter_map(|term| term.pair(node)) {
                        *all.near_counts.entry(pair).or_default() += 1;
                    }
                }
                for term in &all.apart {
                    if let Some(pair) = term.pair(node)
                        && term.matches(other, store)
                    {
                        *all.apart_counts.entry(pair).or_default() += 1;
                    }
                }
            }
        }
        all.is_first =
            all.near_counts.is_empty() && all.near.iter().all(|term| term.matches(pod, store));
        all
    }

    /// Why a node does not do, and whether fewer pods on it could change that.
    pub fn refusal(&self, node: &NodeInfo) -> Option<(NodeLack, bool)> {
        let known = |counts: &BTreeMap<Pair, usize>, term: &Term| {
            term.pair(node)
                .is_some_and(|pair| counts.contains_key(&pair))
        };
        let labelled = |term: &Term| node.labels.contains_key(&term.topology_key);
        let near = self.near.iter().all(labelled)
            && (self.is_first || self.near.iter().all(|term| known(&self.near_counts, term)));
        if !near {
            return Some((NodeLack::PodAffinity, false));
        }
        if self
            .apart
            .iter()
            .any(|term| known(&self.apart_counts, term))
        {
            return Some((NodeLack::PodAntiAffinity, true));
        }
        let on_node = |(key, value): &Pair| node.labels.get(key) == Some(value);
        self.others
            .keys()
            .any(on_node)
            .then_some((NodeLack::OthersAntiAffinity, true))
    }
}

/// What the soft rules say of each node: the rules of the pod, and those of the pods that are there about it. `None` when
/// there are no rules.
pub(super) fn scores(
    nodes: &[&NodeInfo],
    all: &[Arc<NodeInfo>],
    pod: &PodInfo,
    store: &Store,
) -> Option<Vec<i64>> {
    let own = soft(pod);
    let mut counts: BTreeMap<Pair, i64> = BTreeMap::new();
    let mut count = |term: &Term, node: &NodeInfo, other: &PodInfo| {
        if let Some(pair) = term.pair(node)
            && term.matches(other, store)
        {
            *counts.entry(pair).or_default() += term.weight;
        }
    };
    for node in all
        .iter()
        .filter(|node| !own.is_empty() || node.with_affinity > 0)
    {
        for other in node.pods.values() {
            own.iter().for_each(|term| count(term, node, other));
            if other.has_affinity() {
                let theirs = required_near(other).into_iter().chain(soft(other));
                theirs.into_iter().for_each(|term| count(&term, node, pod));
            }
        }
    }
    if counts.is_empty() {
        return None;
    }
    let sum = |node: &&NodeInfo| -> i64 {
        let here = counts
            .iter()
            .filter(|((key, value), _)| node.labels.get(key) == Some(value));
        here.map(|(_, weight)| weight).sum()
    };
    let raw: Vec<i64> = nodes.iter().map(sum).collect();
    let (least, most) = (raw.iter().min().copied()?, raw.iter().max().copied()?);
    let scaled = |score: i64| match most - least {
        0 => 0,
        range => 100 * (score - least) / range,
    };
    Some(raw.into_iter().map(scaled).collect())
}

/// Whether a pod may get a place because other pods come.
pub(super) fn waits_for_pods(object: &Object) -> bool {
    let Object::Pod(pod) = object else {
        return false;
    };
    let spec = pod.spec.as_ref();
    let near = spec.and_then(|spec| spec.affinity.as_ref()?.pod_affinity.as_ref());
    let spread = spec.and_then(|spec| spec.topology_spread_constraints.as_ref());
    near.is_some() || spread.is_some_and(|list| !list.is_empty())
}
