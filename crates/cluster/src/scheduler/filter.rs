//! Which nodes a pod fits on, and what is said when there is none.
//!
//! Upstream: `pkg/scheduler/framework/plugins`, `pkg/scheduler/framework/types.go`.

use super::node_info::{NodeInfo, PodInfo};
use super::volume_binding::Claims;
use crate::store::Store;
use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm, Pod, PodSpec, Taint};
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
        why: String,
    },
    /// Every node refuses it.
    Filtered {
        /// How many nodes there are.
        total: usize,
        /// How many nodes refuse for each reason.
        reasons: BTreeMap<String, usize>,
        /// How many nodes would not fit even without their pods.
        unhelpful: usize,
        /// The pod does not evict others.
        never_preempts: bool,
    },
    /// Something else went wrong.
    Internal(String),
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
                format!("0/{total} nodes are available: {why}. not found")
            }
            FitError::Filtered {
                total,
                reasons,
                unhelpful,
                never_preempts,
            } => {
                let head = format!("0/{total} nodes are available: {}.", counted(reasons));
                let tail = if *never_preempts {
                    "not eligible due to preemptionPolicy=Never.".to_owned()
                } else {
                    let texts = [
                        ("Preemption is not helpful for scheduling", *unhelpful),
                        (
                            "No preemption victims found for incoming pod",
                            total - unhelpful,
                        ),
                    ];
                    let texts = texts.into_iter().filter(|(_, count)| *count > 0);
                    let texts = texts
                        .map(|(text, count)| (text.to_owned(), count))
                        .collect();
                    format!("0/{total} nodes are available: {}.", counted(&texts))
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
struct Refusal {
    reasons: Vec<String>,
    resolvable: bool,
}

impl Refusal {
    fn for_good(reason: &str) -> Refusal {
        Refusal {
            reasons: vec![reason.to_owned()],
            resolvable: false,
        }
    }
}

/// The nodes that fit, and the error for the case that there is none.
pub(super) fn filter<'n>(
    nodes: &'n [Arc<NodeInfo>],
    pod: &Pod,
    info: &PodInfo,
    claims: &Claims,
    store: &Store,
) -> (Vec<&'n NodeInfo>, FitError) {
    let default = PodSpec::default();
    let spec = pod.spec.as_ref().unwrap_or(&default);
    let (mut fitting, mut reasons, mut unhelpful) = (Vec::new(), BTreeMap::new(), 0);
    for node in nodes {
        match refusal(node, spec, info, claims, store) {
            None => fitting.push(&**node),
            Some(refusal) => {
                unhelpful += usize::from(!refusal.resolvable);
                for reason in refusal.reasons {
                    *reasons.entry(reason).or_default() += 1;
                }
            }
        }
    }
    let error = FitError::Filtered {
        total: nodes.len(),
        reasons,
        unhelpful,
        never_preempts: spec.preemption_policy.as_deref() == Some("Never"),
    };
    (fitting, error)
}

/// The first plug-in that refuses decides.
fn refusal(
    node: &NodeInfo,
    spec: &PodSpec,
    info: &PodInfo,
    claims: &Claims,
    store: &Store,
) -> Option<Refusal> {
    if node.unschedulable && !tolerates_unschedulable(spec) {
        return Some(Refusal::for_good("node(s) were unschedulable"));
    }
    let untolerated = node.taints.iter().any(|taint| {
        matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute") && !tolerates(spec, taint)
    });
    if untolerated {
        return Some(Refusal::for_good("node(s) had untolerated taint(s)"));
    }
    if !matches_affinity(node, spec) {
        return Some(Refusal::for_good(
            "node(s) didn't match Pod's node affinity/selector",
        ));
    }
    if info
        .host_ports
        .iter()
        .any(|port| node.host_ports.contains(port))
    {
        return Some(Refusal {
            reasons: vec!["node(s) didn't have free ports for the requested pod ports".to_owned()],
            resolvable: true,
        });
    }
    resources(node, info).or_else(|| claims.refusal(store, node).map(Refusal::for_good))
}

/// Upstream: `pkg/scheduler/framework/plugins/noderesources/fit.go`.
fn resources(node: &NodeInfo, info: &PodInfo) -> Option<Refusal> {
    let (mut reasons, mut resolvable) = (Vec::new(), true);
    let all = |name: &str| node.allocatable.get(name).copied().unwrap_or(0);
    if node.pods + 1 > all("pods") {
        reasons.push("Too many pods".to_owned());
    }
    for (name, wanted) in info.requests.iter().filter(|(_, wanted)| **wanted > 0) {
        let used = node.requested.get(name).copied().unwrap_or(0);
        if used + wanted > all(name) {
            reasons.push(format!("Insufficient {name}"));
            resolvable &= *wanted <= all(name);
        }
    }
    (!reasons.is_empty()).then_some(Refusal {
        reasons,
        resolvable,
    })
}

fn tolerates_unschedulable(spec: &PodSpec) -> bool {
    let taint = Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    tolerates(spec, &taint)
}

fn tolerates(spec: &PodSpec, taint: &Taint) -> bool {
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

fn matches_affinity(node: &NodeInfo, spec: &PodSpec) -> bool {
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
    terms.iter().any(|term| {
        let labels = term.match_expressions.iter().flatten();
        let fields = term.match_fields.iter().flatten();
        let some = term.match_expressions.is_some() || term.match_fields.is_some();
        some && labels
            .into_iter()
            .all(|wanted| fits(wanted, node.labels.get(&wanted.key)))
            && fields
                .into_iter()
                .all(|wanted| fits(wanted, Some(&node.name)))
    })
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
