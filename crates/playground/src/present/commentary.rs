//! The running commentary, out of the log of decisions.

use crate::view::{ObjectRef, Remark, RemarkView};
use petset_cluster::Kind;
use petset_cluster::trace::{Decision, Fact, PodLack, Said, Trace};

/// The latest sentences, oldest first, `max` at most. The same said again and again is one sentence with a count.
pub(crate) fn commentary(trace: &Trace, max: usize) -> Vec<RemarkView> {
    let mut all: Vec<RemarkView> = Vec::new();
    for decision in trace.log().iter() {
        if decision.key.namespace() == "kube-system" {
            continue;
        }
        let Some((remark, more)) = remark(decision) else {
            continue;
        };
        let info = decision.kind.info();
        let name = decision.key.name().to_owned();
        let object = match info.namespaced {
            true => ObjectRef::namespaced(info.kind, decision.key.namespace(), &name),
            false => ObjectRef::cluster_wide(info.kind, &name),
        };
        let mut values = vec![name];
        values.extend(more);
        debug_assert_eq!(values.len(), remark.values(), "{remark:?}");
        let again = all
            .last_mut()
            .filter(|last| last.remark == remark && last.object == object && last.values == values);
        if let Some(last) = again {
            last.count += 1;
            (last.number, last.at_ms) = (decision.number, decision.at.as_millis());
            continue;
        }
        all.push(RemarkView {
            number: decision.number,
            at_ms: decision.at.as_millis(),
            object,
            remark,
            values,
            count: 1,
        });
    }
    let first = all.len().saturating_sub(max);
    all.split_off(first)
}

/// The sentence of a decision, with the values after the object's name. Not every event is worth one.
fn remark(decision: &Decision) -> Option<(Remark, Vec<String>)> {
    match &decision.said {
        Said::Fact(fact) => of_fact(fact),
        Said::Event(reason) => of_event(decision.kind, reason),
    }
}

fn of_fact(fact: &Fact) -> Option<(Remark, Vec<String>)> {
    let none = Vec::new;
    Some(match fact {
        Fact::CreatedForOrdinal { ordinal } => (Remark::Made, vec![ordinal.to_string()]),
        Fact::ScaledDown { ordinal } => (Remark::ScaledDown, vec![ordinal.to_string()]),
        Fact::OutOfDate { .. } => (Remark::Replaced, none()),
        Fact::FinishedPodReplaced => (Remark::FinishedRemoved, none()),
        Fact::TooMany { .. } => (Remark::TooMany, none()),
        Fact::WaitsForPod { pod, lacks } => {
            let remark = match lacks {
                PodLack::Running => Remark::WaitsRunning,
                PodLack::Ready => Remark::WaitsReady,
                PodLack::Available => Remark::WaitsAvailable,
                PodLack::Gone => Remark::WaitsGone,
            };
            (remark, vec![pod.clone()])
        }
        Fact::WaitsForStaleClaim { pod } => (Remark::WaitsStaleClaim, vec![pod.clone()]),
        Fact::WaitsForClaims { claims } => (Remark::WaitsForClaims, vec![claims.join(", ")]),
        Fact::ClaimUnusable { .. } => (Remark::ClaimUnusable, none()),
        Fact::NoNodes => (Remark::NoNodes, none()),
        Fact::Unschedulable { total, .. } => (Remark::NoNodeFits, vec![total.to_string()]),
        Fact::Scheduled { node, fitting } => {
            (Remark::Placed, vec![node.clone(), fitting.to_string()])
        }
        Fact::WaitsForVolumesOn { node } => (Remark::VolumesFor, vec![node.clone()]),
        Fact::Readiness { ready: true } => (Remark::Ready, none()),
        Fact::Readiness { ready: false } => (Remark::Unready, none()),
        Fact::Gone => (Remark::Gone, none()),
        Fact::Bound { volume } => (Remark::Bound, vec![volume.clone()]),
        Fact::WaitsForConsumer { pods } if pods.is_empty() => (Remark::ClaimWaitsForPod, none()),
        Fact::WaitsForConsumer { pods } => (Remark::ClaimWaitsForNode, vec![pods.join(", ")]),
        Fact::NoClass => (Remark::ClaimNoClass, none()),
        Fact::WaitsForVolume { class } => (Remark::ClaimWaitsForVolume, vec![class.clone()]),
        Fact::KeptAfterScaleDown => (Remark::ClaimKept, none()),
    })
}

/// The reason words of events that say more than a fact does already.
const EVENTS: [(Kind, &str, Remark); 32] = [
    (Kind::Pod, "Pulling", Remark::Pulling),
    (Kind::Pod, "Pulled", Remark::Pulled),
    (Kind::Pod, "Started", Remark::Started),
    (Kind::Pod, "Killing", Remark::Killing),
    (Kind::Pod, "Unhealthy", Remark::Unhealthy),
    (Kind::Pod, "BackOff", Remark::BackOff),
    (Kind::Pod, "Failed", Remark::Failed),
    (Kind::Pod, "FailedMount", Remark::FailedMount),
    (Kind::Pod, "FailedAttachVolume", Remark::FailedAttach),
    (Kind::Pod, "SuccessfulAttachVolume", Remark::Attached),
    (Kind::Pod, "Evicted", Remark::Evicted),
    (Kind::Pod, "TaintManagerEviction", Remark::Evicted),
    (Kind::Pod, "Preempted", Remark::Preempted),
    (Kind::Pod, "NodeNotReady", Remark::NodeLost),
    (Kind::Node, "NodeReady", Remark::NodeReady),
    (Kind::Node, "NodeNotReady", Remark::NodeNotReady),
    (Kind::Node, "NodeNotSchedulable", Remark::NodeCordoned),
    (
        Kind::PersistentVolumeClaim,
        "ProvisioningSucceeded",
        Remark::Provisioned,
    ),
    (
        Kind::PersistentVolumeClaim,
        "ProvisioningFailed",
        Remark::NotProvisioned,
    ),
    (
        Kind::Deployment,
        "ScalingReplicaSet",
        Remark::ScalingReplicaSet,
    ),
    (Kind::ReplicaSet, "SuccessfulCreate", Remark::ControllerMade),
    (Kind::DaemonSet, "SuccessfulCreate", Remark::ControllerMade),
    (Kind::Job, "SuccessfulCreate", Remark::ControllerMade),
    (
        Kind::ReplicaSet,
        "SuccessfulDelete",
        Remark::ControllerRemoved,
    ),
    (
        Kind::DaemonSet,
        "SuccessfulDelete",
        Remark::ControllerRemoved,
    ),
    (Kind::Job, "SuccessfulDelete", Remark::ControllerRemoved),
    (Kind::ReplicaSet, "FailedCreate", Remark::ControllerFailed),
    (Kind::DaemonSet, "FailedCreate", Remark::ControllerFailed),
    (Kind::StatefulSet, "FailedCreate", Remark::ControllerFailed),
    (Kind::Job, "Completed", Remark::JobDone),
    (Kind::Job, "BackoffLimitExceeded", Remark::JobGaveUp),
    (Kind::Job, "DeadlineExceeded", Remark::JobGaveUp),
];

fn of_event(kind: Kind, reason: &str) -> Option<(Remark, Vec<String>)> {
    let mut known = EVENTS.iter();
    let (_, _, remark) = known.find(|(of, word, _)| *of == kind && *word == reason)?;
    let more = match remark.values() {
        1 => Vec::new(),
        _ => vec![kind.info().kind.to_owned()],
    };
    Some((*remark, more))
}
