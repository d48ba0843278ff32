//! What the API server warns of in pods and in templates of pods.
//!
//! Upstream: `pkg/api/pod/warnings.go`, `pkg/api/node/util.go`.

use crate::api::quantity::Amount;
use crate::api::validation::names;
use k8s_openapi::api::core::v1::{
    Affinity, Container, ContainerPort, NodeSelectorTerm, PodSpec, ResourceRequirements, Volume,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::{BTreeMap, BTreeSet};

/// Labels of nodes that have newer names.
const NODE_LABELS: [(&str, &str); 8] = [
    (
        "beta.kubernetes.io/arch",
        "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
    ),
    (
        "beta.kubernetes.io/os",
        "deprecated since v1.14; use \"kubernetes.io/os\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    ),
    (
        "beta.kubernetes.io/instance-type",
        "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    ),
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    (
        "scheduler.alpha.kubernetes.io/preferAvoidPods",
        "deprecated since v1.22; use Taints and Tolerations instead",
    ),
    (
        "node-role.kubernetes.io/master",
        "use \"node-role.kubernetes.io/control-plane\" instead",
    ),
];

const ANNOTATIONS: [(&str, &str); 3] = [
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
];

const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const SECCOMP: &str = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
const NO_SELECTOR: &str = "a null labelSelector results in matching no pod";

/// The warnings about a pod (`base` is empty) or a template at `base`, which then ends in a dot.
pub(super) fn pod(base: &str, spec: &PodSpec, meta: Option<&ObjectMeta>, found: &mut Vec<String>) {
    let path = format!("{base}spec");
    for key in spec.node_selector.iter().flatten().map(|(key, _)| key) {
        if let Some(why) = outdated(key) {
            found.push(format!("{path}.nodeSelector[{key}]: {why}"));
        }
    }
    node_affinity(&path, spec.affinity.as_ref(), found);
    for (at, spread) in spec
        .topology_spread_constraints
        .iter()
        .flatten()
        .enumerate()
    {
        let place = format!("{path}.topologySpreadConstraints[{at}]");
        if let Some(why) = outdated(&spread.topology_key) {
            found.push(format!(
                "{place}.topologyKey: {} is {why}",
                spread.topology_key
            ));
        }
        if spread.label_selector.is_none() {
            found.push(format!("{place}.labelSelector: {NO_SELECTOR}"));
        }
    }
    let annotations = meta.and_then(|meta| meta.annotations.as_ref());
    let annotated = |key: &str| annotations.is_some_and(|all| all.contains_key(key));
    for (key, why) in ANNOTATIONS.iter().filter(|(key, _)| annotated(key)) {
        found.push(format!("{base}metadata.annotations[{key}]: {why}"));
    }
    for (at, volume) in spec.volumes.iter().flatten().enumerate() {
        self::volume(&format!("{path}.volumes[{at}]"), volume, found);
    }
    doubles(&path, spec, found);
    for name in ["memory", "ephemeral-storage"] {
        fraction(
            &format!("{path}.overhead"),
            spec.overhead.as_ref(),
            name,
            found,
        );
    }
    let profile = spec
        .security_context
        .as_ref()
        .map(|context| context.seccomp_profile.is_some());
    if profile != Some(true) && annotated(SECCOMP_POD) {
        found.push(format!(
            "{base}metadata.annotations[{SECCOMP_POD}]: {SECCOMP}"
        ));
    }
    for (place, container) in containers(&path, spec) {
        let context = container.security_context.as_ref();
        let profile = context.is_some_and(|context| context.seccomp_profile.is_some());
        let key = format!("{SECCOMP_CONTAINER}{}", container.name);
        if !profile && annotated(&key) {
            found.push(format!("{base}metadata.annotations[{key}]: {SECCOMP}"));
        }
        self::container(&place, container, found);
    }
    ports(&path, spec, found);
    if spec
        .termination_grace_period_seconds
        .is_some_and(|seconds| seconds < 0)
    {
        found.push(format!("{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"));
    }
    pod_affinity(&path, spec.affinity.as_ref(), found);
}

fn outdated(key: &str) -> Option<&'static str> {
    let found = NODE_LABELS.iter().find(|(label, _)| *label == key);
    found.map(|(_, why)| *why)
}

/// All containers with their paths, as upstream visits them.
fn containers<'a>(path: &str, spec: &'a PodSpec) -> Vec<(String, &'a Container)> {
    let init = spec.init_containers.iter().flatten().enumerate();
    let init = init.map(|(at, one)| (format!("{path}.initContainers[{at}]"), one));
    let usual = spec.containers.iter().enumerate();
    let usual = usual.map(|(at, one)| (format!("{path}.containers[{at}]"), one));
    init.chain(usual).collect()
}

/// Warnings about the labels that a node is to have.
pub(super) fn node_term(
    place: &str,
    term: &NodeSelectorTerm,
    values: bool,
    found: &mut Vec<String>,
) {
    for (at, expression) in term.match_expressions.iter().flatten().enumerate() {
        let place = format!("{place}.matchExpressions[{at}]");
        if let Some(why) = outdated(&expression.key) {
            found.push(format!("{place}.key: {} is {why}", expression.key));
        }
        for (index, value) in expression.values.iter().flatten().enumerate() {
            for why in names::label_value(value).iter().filter(|_| values) {
                found.push(format!(
                    "{place}.values[{index}]: {value} is invalid, {why}"
                ));
            }
        }
    }
}

fn node_affinity(path: &str, affinity: Option<&Affinity>, found: &mut Vec<String>) {
    let affinity = affinity.and_then(|affinity| affinity.node_affinity.as_ref());
    let Some(affinity) = affinity else { return };
    let path = format!("{path}.affinity.nodeAffinity");
    let required = affinity
        .required_during_scheduling_ignored_during_execution
        .iter();
    for (at, term) in required
        .flat_map(|one| &one.node_selector_terms)
        .enumerate()
    {
        let place = format!(
            "{path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[{at}]"
        );
        node_term(&place, term, false, found);
    }
    let preferred = affinity
        .preferred_during_scheduling_ignored_during_execution
        .iter();
    for (at, term) in preferred.flatten().enumerate() {
        let place =
            format!("{path}.preferredDuringSchedulingIgnoredDuringExecution[{at}].preference");
        node_term(&place, &term.preference, true, found);
    }
}

fn pod_affinity(path: &str, affinity: Option<&Affinity>, found: &mut Vec<String>) {
    let Some(affinity) = affinity else { return };
    let near = affinity.pod_affinity.as_ref().map(|one| {
        (
            "podAffinity",
            &one.required_during_scheduling_ignored_during_execution,
            &one.preferred_during_scheduling_ignored_during_execution,
        )
    });
    let apart = affinity.pod_anti_affinity.as_ref().map(|one| {
        (
            "podAntiAffinity",
            &one.required_during_scheduling_ignored_during_execution,
            &one.preferred_during_scheduling_ignored_during_execution,
        )
    });
    for (name, required, preferred) in [near, apart].into_iter().flatten() {
        let path = format!("{path}.affinity.{name}");
        for (at, term) in required.iter().flatten().enumerate() {
            if term.label_selector.is_none() {
                found.push(format!("{path}.requiredDuringSchedulingIgnoredDuringExecution[{at}].labelSelector: {NO_SELECTOR}"));
            }
        }
        for (at, term) in preferred.iter().flatten().enumerate() {
            if term.pod_affinity_term.label_selector.is_none() {
                found.push(format!("{path}.preferredDuringSchedulingIgnoredDuringExecution[{at}].podAffinityTerm.labelSelector: {NO_SELECTOR}"));
            }
        }
    }
}

fn volume(place: &str, volume: &Volume, found: &mut Vec<String>) {
    let old = [
        (
            "photonPersistentDisk",
            volume.photon_persistent_disk.is_some(),
            "v1.11, non-functional in v1.16+",
        ),
        (
            "gitRepo",
            volume.git_repo.is_some(),
            "v1.11, and disabled by default in v1.33+",
        ),
        (
            "scaleIO",
            volume.scale_io.is_some(),
            "v1.16, non-functional in v1.22+",
        ),
        (
            "flocker",
            volume.flocker.is_some(),
            "v1.22, non-functional in v1.25+",
        ),
        (
            "storageOS",
            volume.storageos.is_some(),
            "v1.22, non-functional in v1.25+",
        ),
        (
            "quobyte",
            volume.quobyte.is_some(),
            "v1.22, non-functional in v1.25+",
        ),
        (
            "glusterfs",
            volume.glusterfs.is_some(),
            "v1.25, non-functional in v1.26+",
        ),
        (
            "cephfs",
            volume.cephfs.is_some(),
            "v1.28, non-functional in v1.31+",
        ),
        (
            "rbd",
            volume.rbd.is_some(),
            "v1.28, non-functional in v1.31+",
        ),
    ];
    for (name, _, since) in old.iter().filter(|(_, used, _)| *used) {
        found.push(format!("{place}.{name}: deprecated in {since}"));
    }
}

/// Addresses and names that stand twice.
fn doubles(path: &str, spec: &PodSpec, found: &mut Vec<String>) {
    let mut known = BTreeSet::new();
    for (at, alias) in spec.host_aliases.iter().flatten().enumerate() {
        if !known.insert(&alias.ip) {
            found.push(format!(
                "{path}.hostAliases[{at}].ip: duplicate ip {:?}",
                alias.ip
            ));
        }
    }
    let mut known = BTreeSet::new();
    let secrets = spec.image_pull_secrets.iter().flatten().enumerate();
    for (at, secret) in secrets.clone() {
        if !known.insert(&secret.name) {
            found.push(format!(
                "{path}.imagePullSecrets[{at}].name: duplicate name {:?}",
                secret.name
            ));
        }
    }
    for (at, _) in secrets.filter(|(_, secret)| secret.name.is_empty()) {
        found.push(format!(
            "{path}.imagePullSecrets[{at}].name: invalid empty name \"\""
        ));
    }
}

/// An amount of bytes that is no whole number.
pub(super) fn fraction(
    place: &str,
    amounts: Option<&BTreeMap<String, Quantity>>,
    name: &str,
    found: &mut Vec<String>,
) {
    let amount = amounts.and_then(|all| all.get(name)).map(Amount::of);
    if let Some(amount) = amount.filter(|amount| amount.milli() % 1_000 != 0) {
        found.push(format!(
            "{place}[{name}]: fractional byte value {:?} is invalid, must be an integer",
            amount.canonical()
        ));
    }
}

fn container(place: &str, container: &Container, found: &mut Vec<String>) {
    let unset = ResourceRequirements::default();
    let resources = container.resources.as_ref().unwrap_or(&unset);
    for name in ["memory", "ephemeral-storage"] {
        fraction(
            &format!("{place}.resources.limits"),
            resources.limits.as_ref(),
            name,
            found,
        );
        fraction(
            &format!("{place}.resources.requests"),
            resources.requests.as_ref(),
            name,
            found,
        );
    }
    let probes = [
        ("livenessProbe", &container.liveness_probe),
        ("readinessProbe", &container.readiness_probe),
        ("startupProbe", &container.startup_probe),
    ];
    for (name, probe) in probes {
        if probe.as_ref().is_some_and(|probe| probe.grpc.is_some()) {
            found.push(format!(
                "{place}.{name}.grpc: not simulated here: probes by gRPC; this one never succeeds"
            ));
        }
    }
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (index, variable) in container.env.iter().flatten().enumerate() {
        if !names.insert(&variable.name) {
            let reference = format!("$({})", variable.name);
            let value = variable.value.as_deref().unwrap_or("");
            if value == reference || !value.contains(&reference) {
                found.push(format!("{place}.env[{index}]: hides previous definition of \"{}\", which may be dropped when using apply", variable.name));
            }
        }
    }
}

fn ports(path: &str, spec: &PodSpec, found: &mut Vec<String>) {
    let containers = containers(path, spec);
    let all = containers.iter().flat_map(|(place, container)| {
        let ports = container.ports.iter().flatten().enumerate();
        ports.map(move |(index, port)| (format!("{place}.ports[{index}]"), port))
    });
    let all: Vec<(String, &ContainerPort)> = all.collect();
    for (at, (place, port)) in all.iter().enumerate() {
        let host = (
            port.host_ip.as_deref().unwrap_or(""),
            port.host_port.unwrap_or(0),
        );
        if !host.0.is_empty() && host.1 == 0 {
            found.push(format!(
                "{place}: hostIP set without hostPort: {{Name:{} HostPort:0 ContainerPort:{} Protocol:{} HostIP:{}}}",
                port.name.as_deref().unwrap_or(""),
                port.container_port,
                port.protocol.as_deref().unwrap_or(""),
                host.0,
            ));
        }
        let same = |other: &&(String, &ContainerPort)| {
            other.1.container_port == port.container_port && other.1.protocol == port.protocol
        };
        for (other, before) in all[..at].iter().filter(same) {
            let theirs = (
                before.host_ip.as_deref().unwrap_or(""),
                before.host_port.unwrap_or(0),
            );
            let how = if host == theirs {
                "duplicate"
            } else if host.1 == 0 || theirs.1 == 0 {
                "overlapping"
            } else if host.1 == theirs.1 && host.0.is_empty() != theirs.0.is_empty() {
                "dangerously ambiguous"
            } else {
                continue;
            };
            found.push(format!("{place}: {how} port definition with {other}"));
        }
    }
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for (place, port) in &all {
        let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) else {
            continue;
        };
        if let Some(other) = names.get(name) {
            found.push(format!("{place}: duplicate port name {name:?} with {other}, services and probes that select ports by name will use {other}"));
        } else {
            names.insert(name, place);
        }
    }
}
