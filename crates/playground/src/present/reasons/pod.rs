//! Why a pod is as it is: scheduler first, then the kubelet, then its end.

use super::node::back;
use super::{Asked, condition, lacks, millis, missing, unscheduled};
use crate::view::{Lack, LackView, ObjectRef, Reason, ReasonView};
use k8s_openapi::api::core::v1::{Container, Node, Pod};
use petset_cluster::kubelet::{ContainerTrace, PodTrace, ProbeTrace, ProbeType, Stopped};
use petset_cluster::object::Resource;
use petset_cluster::trace::{Fact, Order, Said};
use petset_cluster::{Cluster, Key, Kind};
use std::collections::BTreeMap;

/// Answers for a pod.
pub(super) fn answer(asked: &mut Asked<'_>, pod: &Pod) {
    let spec = pod.spec.as_ref();
    let node = spec.and_then(|spec| spec.node_name.as_deref());
    let node = node.filter(|node| !node.is_empty());
    let status = pod.status.as_ref();
    let phase = status.and_then(|s| s.phase.as_deref()).unwrap_or("Pending");
    let trace = asked.cluster.pod_trace(&asked.key);
    if asked.object.is_terminating() {
        let deletion = asked.own_fact().and_then(deletion);
        asked.answers.extend(deletion);
        if let Some(node) = node {
            leaves(asked, node, trace.as_ref());
        }
        return;
    }
    match (node, phase) {
        (_, "Succeeded") => {
            asked.say(Reason::PodDone, []);
        }
        (_, "Failed") => failed(asked, pod, trace.as_ref()),
        (None, _) => unscheduled::answer(asked, pod),
        (Some(node), _) => {
            on_node(asked, pod, node);
            // Of a pod on a node that is silent nobody knows more.
            if let Some(trace) = trace.as_ref().filter(|_| asked.answers.is_empty()) {
                held_by_kubelet(asked, pod, node, trace);
            }
            outdated(asked, pod);
            made(asked);
        }
    }
}

/// The decision to delete a pod, as an answer.
fn deletion(fact: &Fact) -> Option<ReasonView> {
    Some(match fact {
        Fact::ScaledDown { ordinal } => {
            ReasonView::new(Reason::DeletedScaledDown, [ordinal.to_string()])
        }
        Fact::OutOfDate { revision } => {
            ReasonView::new(Reason::DeletedOutOfDate, [revision.clone()])
        }
        Fact::FinishedPodReplaced => ReasonView::new(Reason::DeletedFinished, []),
        Fact::TooMany { order } => ReasonView {
            lacks: vec![of_order(*order)],
            ..ReasonView::new(Reason::DeletedTooMany, [])
        },
        _ => return None,
    })
}

/// Why a pod is not there any more, as far as the latest decisions tell.
pub(super) fn deleted(cluster: &Cluster, kind: Kind, key: &Key) -> Option<ReasonView> {
    let log = cluster.server().trace().log().iter();
    let about = log.filter(|decision| decision.kind == kind && decision.key == *key);
    let facts = about.filter_map(|decision| match &decision.said {
        // What happened on its way out says nothing about why it had to go.
        Said::Fact(fact) => match **fact {
            Fact::Gone | Fact::Readiness { .. } => None,
            _ => Some(deletion(fact)),
        },
        Said::Event(_) => None,
    });
    facts.last().flatten()
}

fn of_order(order: Order) -> LackView {
    let lack = match order {
        Order::All => Lack::OrderAll,
        Order::Unassigned => Lack::OrderUnassigned,
        Order::Phase => Lack::OrderPhase,
        Order::NotReady => Lack::OrderNotReady,
        Order::Cost => Lack::OrderCost,
        Order::Neighbours => Lack::OrderNeighbours,
        Order::ReadyLater => Lack::OrderReadyLater,
        Order::Restarts => Lack::OrderRestarts,
        Order::Younger => Lack::OrderYounger,
        Order::Alike => Lack::OrderAlike,
    };
    lacks(None, lack, [])
}

/// Why it is still there although it was deleted.
fn leaves(asked: &mut Asked<'_>, node: &str, trace: Option<&PodTrace>) {
    let at = ObjectRef::cluster_wide("Node", node);
    if asked.cluster.is_node_cut_off(node) {
        let command = back(asked.cluster, node);
        let answer = asked.say(Reason::PodOnLostNode, [node.to_owned()]);
        answer.next = Some(at);
        answer.command = command;
        return;
    }
    let Some(trace) = trace else { return };
    let stopping = trace.containers.iter().filter(|c| c.running);
    let grace = asked
        .object
        .meta()
        .deletion_grace_period_seconds
        .unwrap_or(0);
    for container in stopping {
        let name = container.name.clone();
        let (answer, until) = match container.stopped {
            Some(Stopped::Hook(until)) => (asked.say(Reason::PodPreStop, [name]), Some(until)),
            Some(Stopped::Turn(until)) => (asked.say(Reason::PodTurn, [name]), Some(until)),
            Some(Stopped::Signalled(until)) => (
                asked.say(Reason::PodGrace, [name, grace.to_string()]),
                Some(until),
            ),
            None => (asked.say(Reason::PodGrace, [name, grace.to_string()]), None),
        };
        answer.until_ms = until.and_then(millis);
    }
    if let Some(at) = trace.cleaned_at {
        asked.say(Reason::PodCleanUp, [node.to_owned()]).until_ms = millis(at);
    }
}

/// A pod that ended badly.
fn failed(asked: &mut Asked<'_>, pod: &Pod, trace: Option<&PodTrace>) {
    let status = pod.status.as_ref();
    if let Some(reason) = status.and_then(|status| status.reason.clone()) {
        asked.say(Reason::PodEnded, [reason]);
        return;
    }
    let ended = trace.into_iter().flat_map(|trace| &trace.containers);
    let mut ended = ended.filter_map(|c| Some((&c.name, c.exit?)));
    let found = ended.rfind(|(_, (code, _))| *code != 0);
    let command = asked.kubectl(&format!("logs {}", asked.object.name()));
    let (name, code) = match found {
        Some((name, (_, "OOMKilled"))) => {
            asked.say(Reason::OutOfMemory, [name.clone()]);
            return;
        }
        Some((name, (code, _))) => (name.clone(), code),
        None => {
            let statuses = status.and_then(|s| s.container_statuses.as_ref());
            let mut ended = statuses.into_iter().flatten().filter_map(|status| {
                let code = status.state.as_ref()?.terminated.as_ref()?.exit_code;
                Some((status.name.clone(), code))
            });
            let Some(found) = ended.find(|(_, code)| *code != 0) else {
                return;
            };
            found
        }
    };
    asked
        .say(Reason::PodFailed, [name, code.to_string()])
        .command = Some(command);
}

/// What its node does to it.
fn on_node(asked: &mut Asked<'_>, pod: &Pod, name: &str) {
    let Some(node) = asked.store.get_as::<Node>(&Key::new("", name)) else {
        return;
    };
    let at = ObjectRef::cluster_wide("Node", name);
    let conditions = node.status.as_ref().and_then(|s| s.conditions.as_ref());
    if condition!(conditions, "Ready").is_some_and(|ready| ready.status != "True") {
        let command = back(asked.cluster, name);
        let answer = asked.say(Reason::PodNodeSilent, [name.to_owned()]);
        answer.next = Some(at.clone());
        answer.command = command;
    }
    let taints = node
        .spec
        .iter()
        .flat_map(|spec| spec.taints.iter().flatten());
    for taint in taints.filter(|taint| taint.effect == "NoExecute") {
        let spec = pod.spec.as_ref();
        let tolerations = spec
            .into_iter()
            .flat_map(|s| s.tolerations.iter().flatten());
        let fitting = tolerations.filter(|toleration| {
            let key = toleration.key.as_deref().unwrap_or("");
            let effect = toleration.effect.as_deref().unwrap_or("");
            (key.is_empty() || key == taint.key) && (effect.is_empty() || effect == taint.effect)
        });
        let seconds = fitting.filter_map(|toleration| toleration.toleration_seconds);
        let Some(seconds) = seconds.min() else {
            continue;
        };
        let since = taint.time_added.as_ref();
        let since = since.map(|since| asked.cluster.server().calendar().instant(&since.0));
        let until =
            since.map(|since| since.as_millis() + 1000 * u64::try_from(seconds).unwrap_or(0));
        let values = [name.to_owned(), taint.key.clone(), seconds.to_string()];
        let answer = asked.say(Reason::PodToBeEvicted, values);
        answer.until_ms = until;
        answer.next = Some(at.clone());
    }
}

/// What its kubelet waits for.
fn held_by_kubelet(asked: &mut Asked<'_>, pod: &Pod, node: &str, trace: &PodTrace) {
    let Some(spec) = &pod.spec else { return };
    if let Some(again) = trace.volumes_again {
        let missing = missing::in_volumes(asked, spec);
        let answer = asked.say(Reason::PodVolumes, [node.to_owned()]);
        answer.next = missing.first().and_then(|lack| lack.object.clone());
        answer.lacks = missing;
        answer.until_ms = millis(again);
        return;
    }
    let before = asked.answers.len();
    let inits = trace.containers.iter().filter(|c| c.init).count();
    for (index, container) in trace.containers.iter().enumerate() {
        let list = match container.init {
            true => spec.init_containers.as_deref().unwrap_or_default(),
            false => &spec.containers,
        };
        let Some(of) = list.iter().find(|of| of.name == container.name) else {
            continue;
        };
        let sidecar = of.restart_policy.as_deref() == Some("Always");
        if container.init && container.running && !sidecar {
            let values = [
                container.name.clone(),
                (index + 1).to_string(),
                inits.to_string(),
            ];
            let logs = format!("logs {} -c {}", asked.object.name(), container.name);
            let command = asked.kubectl(&logs);
            asked.say(Reason::PodInit, values).command = Some(command);
        }
        of_container(asked, of, node, container);
    }
    if asked.answers.len() > before {
        return;
    }
    not_ready(asked, pod, node, trace);
}

/// A pod of which no container is held back, but that is not ready either.
fn not_ready(asked: &mut Asked<'_>, pod: &Pod, node: &str, trace: &PodTrace) {
    let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_ref());
    if condition!(conditions, "Ready").is_some_and(|ready| ready.status == "True") {
        return;
    }
    let gates = pod
        .spec
        .iter()
        .flat_map(|s| s.readiness_gates.iter().flatten());
    for gate in gates {
        let known = condition!(conditions, gate.condition_type.as_str());
        if known.is_none_or(|known| known.status != "True") {
            asked.say(Reason::ReadinessGate, [gate.condition_type.clone()]);
            return;
        }
    }
    match trace.containers.iter().any(|c| !c.init && c.running) {
        true => asked.say(Reason::PodNotReady, []),
        false => asked.say(Reason::PodStarting, [node.to_owned()]),
    };
}

/// What holds one container.
fn of_container(asked: &mut Asked<'_>, spec: &Container, node: &str, trace: &ContainerTrace) {
    let name = trace.name.clone();
    let image = spec.image.clone().unwrap_or_default();
    if let Some(at) = trace.pulled_at {
        asked
            .say(Reason::ImagePulling, [image, node.to_owned()])
            .until_ms = millis(at);
        return;
    }
    let back_off = (trace.back_off.as_millis() / 1000).to_string();
    let until = trace.again_at.and_then(millis);
    match trace.held_back {
        Some("ImagePullBackOff" | "ErrImagePull") => {
            asked.say(Reason::ImageBackOff, [image, back_off]).until_ms = until;
        }
        Some("ErrImageNeverPull") => {
            asked.say(Reason::ImageNever, [image]);
        }
        Some("InvalidImageName") => {
            asked.say(Reason::ImageName, [image]);
        }
        Some("CreateContainerConfigError") => {
            let missing = missing::in_environment(asked, spec);
            asked.say(Reason::ContainerConfig, [name]).lacks = missing;
        }
        Some("RunContainerError") => {
            asked.say(Reason::ContainerStart, [name]);
        }
        Some("PostStartHookError") => {
            asked.say(Reason::ContainerHook, [name]);
        }
        Some("CrashLoopBackOff") => {
            let (code, how) = trace.exit.unwrap_or_default();
            if how == "OOMKilled" {
                asked.say(Reason::OutOfMemory, [name.clone()]);
            }
            let logs = format!("logs {} -c {name} --previous", asked.object.name());
            let command = asked.kubectl(&logs);
            let values = [name, code.to_string(), back_off];
            let answer = asked.say(Reason::CrashLoop, values);
            answer.until_ms = until;
            answer.command = Some(command);
        }
        _ => probes(asked, &name, trace),
    }
}

/// The probes of a running container that keep it from being ready, or are about to end it.
fn probes(asked: &mut Asked<'_>, name: &str, trace: &ContainerTrace) {
    let startup = trace.probes.iter().any(|p| p.kind == ProbeType::Startup);
    let holds = |probe: &&ProbeTrace| match probe.kind {
        ProbeType::Startup => !trace.ready,
        ProbeType::Readiness => !(trace.ready || startup && probe.failures == 0),
        ProbeType::Liveness => probe.failures > 0,
    };
    for probe in trace.probes.iter().filter(holds) {
        let reason = match probe.kind {
            ProbeType::Startup => Reason::StartupProbe,
            ProbeType::Readiness => Reason::ReadinessProbe,
            ProbeType::Liveness => Reason::LivenessProbe,
        };
        let values = [
            name.to_owned(),
            probe.failures.to_string(),
            probe.failure_threshold.to_string(),
        ];
        let describe = format!("describe pod {}", asked.object.name());
        let command = asked.kubectl(&describe);
        let answer = asked.say(reason, values);
        answer.until_ms = millis(probe.next);
        answer.command = Some(command);
    }
}

/// The set that a pod belongs to.
fn owner<'a, T: Resource>(asked: &Asked<'a>) -> Option<&'a T> {
    let owners = asked.object.meta().owner_references.iter().flatten();
    let kind = T::SIMULATED_KIND.info().kind;
    let mut owners = owners.filter(|owner| owner.controller == Some(true) && owner.kind == kind);
    asked.store.get_as::<T>(&asked.beside(&owners.next()?.name))
}

/// A pod of a set whose template has changed since.
fn outdated(asked: &mut Asked<'_>, pod: &Pod) {
    use k8s_openapi::api::apps::v1::StatefulSet;
    let Some(set) = owner::<StatefulSet>(asked) else {
        return;
    };
    let labels = pod.metadata.labels.as_ref();
    let own = label(labels, "controller-revision-hash");
    let wanted = set
        .status
        .as_ref()
        .and_then(|s| s.update_revision.as_deref());
    let ordinal = label(labels, "apps.kubernetes.io/pod-index");
    let (Some(own), Some(wanted), Some(spec)) = (own, wanted, set.spec.as_ref()) else {
        return;
    };
    if own == wanted {
        return;
    }
    let strategy = spec.update_strategy.as_ref();
    let delete = asked.kubectl(&format!("delete pod {}", asked.object.name()));
    if strategy.and_then(|s| s.type_.as_deref()) == Some("OnDelete") {
        asked.say(Reason::OutdatedOnDelete, []).command = Some(delete);
        return;
    }
    let partition = strategy.and_then(|s| s.rolling_update.as_ref()?.partition);
    let number = ordinal.and_then(|text| text.parse::<i32>().ok());
    let start = spec.ordinals.as_ref().and_then(|o| o.start).unwrap_or(0);
    match (number, partition.unwrap_or(0)) {
        (Some(number), partition) if number - start < partition => {
            let name = set.metadata.name.as_deref().unwrap_or("");
            let patch = format!(
                r#"patch sts {name} -p '{{"spec":{{"updateStrategy":{{"rollingUpdate":{{"partition":0}}}}}}}}'"#
            );
            let command = asked.kubectl(&patch);
            let values = [number.to_string(), partition.to_string()];
            asked.say(Reason::OutdatedPartition, values).command = Some(command);
        }
        _ => {
            let key = asked.beside(set.metadata.name.as_deref().unwrap_or(""));
            if let Some(Fact::WaitsForPod { pod, .. }) = asked.fact(Kind::StatefulSet, &key)
                && pod != asked.object.name()
            {
                let next = asked.sibling(Kind::Pod, pod);
                asked.say(Reason::OutdatedTurn, [pod.clone()]).next = Some(next);
            }
        }
    }
}

fn label<'a>(labels: Option<&'a BTreeMap<String, String>>, name: &str) -> Option<&'a str> {
    labels?.get(name).map(String::as_str)
}

/// Why it was made, when nothing else is to be said.
fn made(asked: &mut Asked<'_>) {
    use k8s_openapi::api::apps::v1::StatefulSet;
    if !asked.answers.is_empty() || owner::<StatefulSet>(asked).is_none() {
        return;
    }
    let labels = asked.object.meta().labels.as_ref();
    let Some(ordinal) = label(labels, "apps.kubernetes.io/pod-index") else {
        return;
    };
    let delete = asked.kubectl(&format!("delete pod {}", asked.object.name()));
    asked
        .say(Reason::MadeForOrdinal, [ordinal.to_owned()])
        .command = Some(delete);
}
