//! Which nodes a pod fits on, and what is said when there is none.
//!
//! Upstream: `pkg/scheduler/framework/plugins`, `pkg/scheduler/framework/types.go`.

use super::node_info::{NodeInfo, PodInfo};
use super::volume_binding::Claims;
use super::{inter_pod_affinity, pod_topology_spread};
use crate::store::Store;
use crate::trace::{ClaimLack, NodeLack};
use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a pod gets no node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FitError {
    /// There are no nodes at all.
    NoNodes,
    /// Nothing about nodes: the pod itself cannot be scheduled now.
    PreFilter {
        /// How many nodes there are.
        total: usize,
        /// Why.
        why: ClaimLack,
    },
    /// Every node refuses it.
    Filtered {
        /// How many nodes there are.
        total: usize,
        /// How many nodes refuse for each reason.
        reasons: BTreeMap<String, usize>,
        /// The first nodes with what each lacks.
        lacks: Vec<(String, Vec<NodeLack>)>,
        /// What came of the attempt to make room by evicting pods of lower priority.
        preemption: Preemption,
    },
    /// Something else went wrong.
    Internal(String),
}

/// What came of the attempt to make room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Preemption {
    /// Room is being made on a node.
    Nominated,
    /// The pod may not evict others, with the words that say why.
    NotEligible(&'static str),
    /// No node can be made to fit: how many nodes for each text.
    NoCandidates(BTreeMap<String, usize>),
}

impl FitError {
    /// The reason in the pod's condition.
    pub fn reason(&self) -> &'static str {
        match self {
            FitError::Internal(_) => "SchedulerError",
            _ => "Unschedulable",
        }
    }

    /// The words of condition and event.
    pub fn message(&self) -> String {
        match self {
            FitError::NoNodes => "no nodes available to schedule pods".to_owned(),
            // The plug-in for dynamic resources finds nothing of its own and says so.
            FitError::PreFilter { total, why } => {
                format!(
                    "0/{total} nodes are available: {}. not found",
                    why.message()
                )
            }
            FitError::Filtered {
                total,
                reasons,
                preemption,
                ..
            } => {
                let head = format!("0/{total} nodes are available: {}.", counted(reasons));
                let tail = match preemption {
                    Preemption::Nominated => return head,
                    Preemption::NotEligible(why) => (*why).to_owned(),
                    Preemption::NoCandidates(texts) => {
                        format!("0/{total} nodes are available: {}.", counted(texts))
                    }
                };
                format!("{head} no new claims to deallocate, preemption: {tail}")
            }
            FitError::Internal(why) => why.clone(),
        }
    }
}

/// `2 Insufficient cpu, 1 Too many pods`, in the order of the texts' bytes.
fn counted(reasons: &BTreeMap<String, usize>) -> String {
    let mut texts: Vec<String> = reasons
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    texts.sort();
    texts.join(", ")
}

/// Why a node refuses a pod, and whether its evicting pods could change that.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub lacks: Vec<NodeLack>,
    pub resolvable: bool,
}

impl Refusal {
    fn new(lack: NodeLack, resolvable: bool) -> Refusal {
        Refusal {
            lacks: vec![lack],
            resolvable,
        }
    }

    fn for_good(lack: NodeLack) -> Refusal {
        Refusal::new(lack, false)
    }

    /// The scheduler's words for what is lacking.
    pub fn messages(&self) -> Vec<String> {
        self.lacks.iter().map(NodeLack::message).collect()
    }
}

/// One pod that is to be placed, with what was found out before nodes are looked at.
pub(super) struct Cycle<'a> {
    pub pod: &'a PodInfo,
    spec: &'a PodSpec,
    claims: &'a Claims,
    store: &'a Store,
    spread: pod_topology_spread::Required,
    affinity: inter_pod_affinity::Required,
    /// A claim that allows a single pod is in use.
    claim_in_use: bool,
}

impl<'a> Cycle<'a> {
    pub fn new(
        nodes: &[Arc<NodeInfo>],
        pod: &'a PodInfo,
        claims: &'a Claims,
        store: &'a Store,
    ) -> Option<Cycle<'a>> {
        Some(Cycle {
            pod,
            spec: pod.spec()?,
            claims,
            store,
            spread: pod_topology_spread::Required::new(nodes, pod),
            affinity: inter_pod_affinity::Required::new(nodes, pod, store),
            claim_in_use: claims.in_use_elsewhere(store, pod),
        })
    }

    /// Why a node does not do: the first plug-in that refuses decides.
    pub fn refusal(&self, node: &NodeInfo) -> Option<Refusal> {
        let spec = self.spec;
        if node.unschedulable && !tolerates_unschedulable(spec) {
            return Some(Refusal::for_good(NodeLack::Cordoned));
        }
        if let Some(taint) = untolerated(spec, node) {
            let taint = taint_text(taint);
            return Some(Refusal::for_good(NodeLack::Taint { taint }));
        }
        if !matches_affinity(node, spec) {
            return Some(Refusal::for_good(NodeLack::NodeAffinity));
        }
        if self.pod.conflicts(&node.host_ports) {
            return Some(Refusal::new(NodeLack::Ports, true));
        }
        if let Some(refusal) = resources(node, self.pod) {
            return Some(refusal);
        }
        if self.claim_in_use {
            return Some(Refusal::new(NodeLack::ClaimInUse, true));
        }
        if let Some(lack) = self.claims.refusal(self.store, node) {
            return Some(Refusal::for_good(lack));
        }
        let others = self
            .spread
            .refusal(node, self.pod)
            .or_else(|| self.affinity.refusal(node));
        others.map(|(lack, resolvable)| Refusal::new(lack, resolvable))
    }
}

/// The nodes that fit, and what the others say.
pub(super) fn filter(
    nodes: &[Arc<NodeInfo>],
    refusal: impl Fn(&NodeInfo) -> Option<Refusal>,
) -> (Vec<&NodeInfo>, Vec<(&Arc<NodeInfo>, Refusal)>) {
    let (mut fitting, mut refusals) = (Vec::new(), Vec::new());
    for node in nodes {
        match refusal(node) {
            None => fitting.push(&**node),
            Some(refusal) => refusals.push((node, refusal)),
        }
    }
    (fitting, refusals)
}

/// How many nodes say what.
pub(super) fn count_reasons(reasons: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    counts
}

/// Upstream: `pkg/scheduler/framework/plugins/noderesources/fit.go`.
fn resources(node: &NodeInfo, info: &PodInfo) -> Option<Refusal> {
    let (mut lacks, mut resolvable) = (Vec::new(), true);
    let all = |name: &str| node.allocatable.get(name).copied().unwrap_or(0);
    if node.pods.size() as i128 + 1 > all("pods") {
        lacks.push(NodeLack::Pods);
    }
    for (name, wanted) in info.requests.iter().filter(|(_, wanted)| **wanted > 0) {
        let used = node.requested.get(name).copied().unwrap_or(0);
        if used + wanted > all(name) {
            lacks.push(NodeLack::Resource {
                name: name.clone(),
                wanted: *wanted,
                free: (all(name) - used).max(0),
                all: all(name),
            });
            resolvable &= *wanted <= all(name);
        }
    }
    (!lacks.is_empty()).then_some(Refusal { lacks, resolvable })
}

fn tolerates_unschedulable(spec: &PodSpec) -> bool {
    let taint = Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    tolerates(spec, &taint)
}

/// Whether a pod bears the taints of a node that keep pods away.
pub(super) fn tolerates_all(spec: &PodSpec, node: &NodeInfo) -> bool {
    untolerated(spec, node).is_none()
}

/// The first taint of a node that keeps a pod away.
fn untolerated<'n>(spec: &PodSpec, node: &'n NodeInfo) -> Option<&'n Taint> {
    let keeps_away = |taint: &&Taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute");
    let mut taints = node.taints.iter().filter(keeps_away);
    taints.find(|taint| !tolerates(spec, taint))
}

fn taint_text(taint: &Taint) -> String {
    match taint.value.as_deref().unwrap_or("") {
        "" => format!("{}:{}", taint.key, taint.effect),
        value => format!("{}={value}:{}", taint.key, taint.effect),
    }
}

pub(super) fn tolerates(spec: &PodSpec, taint: &Taint) -> bool {
    spec.tolerations.iter().flatten().any(|toleration| {
        let key = toleration.key.as_deref().unwrap_or("");
        let effect = toleration.effect.as_deref().unwrap_or("");
        let value = match toleration.operator.as_deref() {
            Some("Exists") => true,
            _ => toleration.value.as_deref().unwrap_or("") == taint.value.as_deref().unwrap_or(""),
        };
        (effect.is_empty() || effect == taint.effect)
            && (key.is_empty() || key == taint.key)
            && value
    })
}

pub(super) fn matches_affinity(node: &NodeInfo, spec: &PodSpec) -> bool {
    let selector = spec.node_selector.iter().flatten();
    if !selector
        .into_iter()
        .all(|(key, value)| node.labels.get(key) == Some(value))
    {
        return false;
    }
    let affinity = spec
        .affinity
        .as_ref()
        .and_then(|affinity| affinity.node_affinity.as_ref());
    let required = affinity.and_then(|a| {
        a.required_during_scheduling_ignored_during_execution
            .as_ref()
    });
    required.is_none_or(|required| fits_terms(node, &required.node_selector_terms))
}

/// Whether a node fits one of several terms.
pub(super) fn fits_terms(node: &NodeInfo, terms: &[NodeSelectorTerm]) -> bool {
    terms.iter().any(|term| fits_term(node, term))
}

/// Whether a node fits a term; an empty one fits no node.
pub(super) fn fits_term(node: &NodeInfo, term: &NodeSelectorTerm) -> bool {
    let labels = term.match_expressions.iter().flatten();
    let fields = term.match_fields.iter().flatten();
    let some = term.match_expressions.is_some() || term.match_fields.is_some();
    some && labels
        .into_iter()
        .all(|wanted| fits(wanted, node.labels.get(&wanted.key)))
        && fields
            .into_iter()
            .all(|wanted| fits(wanted, Some(&node.name)))
}

fn fits(wanted: &NodeSelectorRequirement, value: Option<&String>) -> bool {
    let listed = || {
        let mut values = wanted.values.iter().flatten();
        value.is_some_and(|value| values.any(|known| known == value))
    };
    let compare = |greater: bool| {
        let number = |text: Option<&String>| text.and_then(|text| text.parse::<i64>().ok());
        let bound = number(wanted.values.iter().flatten().next());
        match (number(value), bound) {
            (Some(value), Some(bound)) if greater => value > bound,
            (Some(value), Some(bound)) => value < bound,
            _ => false,
        }
    };
    match wanted.operator.as_str() {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => compare(true),
        "Lt" => compare(false),
        _ => false,
    }
}
