//! The pods of a daemon set: what is added to the template, and on which nodes they run.
//!
//! Upstream: `pkg/controller/daemon/util/daemonset_util.go`.

use super::HASH_LABEL;
use crate::annotation::TEMPLATE_GENERATION;
use crate::controllers::taint_eviction::tolerates;
use crate::scheduler::matches_node;
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::api::core::v1::{
    Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod, PodSpec, PodTemplateSpec,
    Toleration,
};

/// What pods of a daemon set tolerate on any node.
const TOLERATED: [(&str, &str); 6] = [
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
];

/// Whether a daemon pod runs on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It runs there.
    Runs,
    /// One that is there may stay.
    MayStay,
    /// It does not run there.
    DoesNotRun,
}

/// Adds what daemon pods tolerate.
fn add_tolerations(spec: &mut PodSpec) {
    let network = spec.host_network == Some(true);
    let network = network.then_some(("network-unavailable", "NoSchedule"));
    let tolerations = spec.tolerations.get_or_insert_default();
    for (key, effect) in TOLERATED.into_iter().chain(network) {
        let toleration = Toleration {
            key: Some(format!("node.kubernetes.io/{key}")),
            operator: Some("Exists".to_owned()),
            effect: Some(effect.to_owned()),
            ..Toleration::default()
        };
        let known = tolerations.iter_mut().find(|known| {
            known.key == toleration.key
                && known.effect == toleration.effect
                && known.operator == toleration.operator
                && known.value == toleration.value
        });
        match known {
            Some(known) => *known = toleration,
            None => tolerations.push(toleration),
        }
    }
}

/// The template with all that its pods get.
pub(super) fn pod_template(
    set: &DaemonSet,
    template: &PodTemplateSpec,
    hash: &str,
) -> PodTemplateSpec {
    let mut template = template.clone();
    add_tolerations(template.spec.get_or_insert_default());
    let annotations = set.metadata.annotations.as_ref();
    let generation = annotations.and_then(|all| all.get(TEMPLATE_GENERATION));
    let meta = template.metadata.get_or_insert_default();
    let labels = meta.labels.get_or_insert_default();
    if let Some(generation) = generation {
        labels.insert("pod-template-generation".to_owned(), generation.clone());
    }
    labels.insert(HASH_LABEL.to_owned(), hash.to_owned());
    template
}

/// Lets a pod run on one node only.
pub(super) fn pin_to_node(spec: &mut PodSpec, node: &str) {
    let affinity = spec.affinity.get_or_insert_default();
    let affinity = affinity.node_affinity.get_or_insert_default();
    let required = affinity
        .required_during_scheduling_ignored_during_execution
        .get_or_insert_with(NodeSelector::default);
    required.node_selector_terms = vec![NodeSelectorTerm {
        match_fields: Some(vec![NodeSelectorRequirement {
            key: "metadata.name".to_owned(),
            operator: "In".to_owned(),
            values: Some(vec![node.to_owned()]),
        }]),
        match_expressions: None,
    }];
}

/// The node that a pod is on or is meant for.
pub(super) fn target_node(pod: &Pod) -> Option<String> {
    let spec = pod.spec.as_ref()?;
    if let Some(node) = spec.node_name.as_ref().filter(|node| !node.is_empty()) {
        return Some(node.clone());
    }
    let affinity = spec.affinity.as_ref()?.node_affinity.as_ref()?;
    let required = affinity
        .required_during_scheduling_ignored_during_execution
        .as_ref()?;
    let terms = required.node_selector_terms.iter();
    let mut fields = terms.flat_map(|term| term.match_fields.iter().flatten());
    let name = fields.find(|field| field.key == "metadata.name" && field.operator == "In")?;
    name.values.as_ref()?.first().cloned()
}

/// Upstream: `NodeShouldRunDaemonPod`.
pub(super) fn fit(node: &Node, set: &DaemonSetSpec) -> Fit {
    let mut spec = set.template.spec.clone().unwrap_or_default();
    add_tolerations(&mut spec);
    let named = spec.node_name.as_deref().filter(|name| !name.is_empty());
    if named.is_some_and(|name| node.metadata.name.as_deref() != Some(name))
        || !matches_node(node, &spec)
    {
        return Fit::DoesNotRun;
    }
    let tolerations = spec.tolerations.unwrap_or_default();
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_ref());
    let refused = |effects: &[&str]| {
        taints.into_iter().flatten().any(|taint| {
            effects.contains(&taint.effect.as_str())
                && !tolerations.iter().any(|t| tolerates(t, taint))
        })
    };
    if !refused(&["NoExecute", "NoSchedule"]) {
        Fit::Runs
    } else if refused(&["NoExecute"]) {
        Fit::DoesNotRun
    } else {
        Fit::MayStay
    }
}
