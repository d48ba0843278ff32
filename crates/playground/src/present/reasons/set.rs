//! Why a StatefulSet waits: for a pod, for a claim, for its partition, or for somebody.

use super::Asked;
use crate::view::Reason;
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::Service;
use petset_cluster::Kind;
use petset_cluster::trace::{Fact, PodLack};

/// Answers for a set.
pub(super) fn answer(asked: &mut Asked<'_>, set: &StatefulSet) {
    let Some(spec) = &set.spec else { return };
    if asked.object.is_terminating() {
        return;
    }
    match asked.own_fact() {
        Some(Fact::WaitsForPod { pod, lacks }) => waits(asked, set, spec, pod, *lacks),
        Some(Fact::WaitsForStaleClaim { pod }) => {
            asked.say(Reason::SetStaleClaim, [pod.clone()]);
        }
        _ => {}
    }
    rollout(asked, set, spec);
    service(asked, spec);
}

fn waits(
    asked: &mut Asked<'_>,
    set: &StatefulSet,
    spec: &StatefulSetSpec,
    pod: &str,
    lacks: PodLack,
) {
    let next = Some(asked.sibling(Kind::Pod, pod));
    let stuck = is_stuck(asked, set, pod, lacks);
    let delete = asked.kubectl(&format!("delete pod {pod}"));
    let name = pod.to_owned();
    let answer = match lacks {
        PodLack::Running => asked.say(Reason::SetWaitsRunning, [name]),
        PodLack::Ready => asked.say(Reason::SetWaitsReady, [name]),
        PodLack::Gone => asked.say(Reason::SetWaitsGone, [name]),
        PodLack::Available => {
            let seconds = spec.min_ready_seconds.unwrap_or(0).to_string();
            asked.say(Reason::SetWaitsAvailable, [name, seconds])
        }
    };
    answer.next.clone_from(&next);
    if stuck {
        let answer = asked.say(Reason::SetStuck, [pod.to_owned()]);
        answer.next = next;
        answer.command = Some(delete);
    }
}

/// Whether the pod that is waited for is of the newest revision, or of neither, and in trouble.
fn is_stuck(asked: &Asked<'_>, set: &StatefulSet, pod: &str, lacks: PodLack) -> bool {
    let Some(status) = &set.status else {
        return false;
    };
    if lacks == PodLack::Gone || status.current_revision == status.update_revision {
        return false;
    }
    let key = asked.beside(pod);
    let Some(stored) = asked.store.get(Kind::Pod, &key) else {
        return false;
    };
    let labels = stored.meta().labels.as_ref();
    let revision = labels.and_then(|labels| labels.get("controller-revision-hash"));
    let held = asked.cluster.pod_trace(&key).is_some_and(|trace| {
        let mut containers = trace.containers.iter();
        containers.any(|container| container.held_back.is_some())
    });
    revision != status.current_revision.as_ref() && held
}

/// What a rollout leaves as it is.
fn rollout(asked: &mut Asked<'_>, set: &StatefulSet, spec: &StatefulSetSpec) {
    let Some(status) = &set.status else { return };
    if status.current_revision == status.update_revision {
        return;
    }
    let name = asked.object.name().to_owned();
    let strategy = spec.update_strategy.as_ref();
    let updated = status.updated_replicas.unwrap_or(0);
    let old = status.replicas - updated;
    if strategy.and_then(|s| s.type_.as_deref()) == Some("OnDelete") {
        if old > 0 {
            asked.say(Reason::SetOnDelete, [old.to_string()]);
        }
        return;
    }
    let partition = strategy.and_then(|s| s.rolling_update.as_ref()?.partition);
    if let Some(partition) = partition.filter(|partition| *partition > 0) {
        let patch = format!(
            r#"patch sts {name} -p '{{"spec":{{"updateStrategy":{{"rollingUpdate":{{"partition":0}}}}}}}}'"#
        );
        let command = asked.kubectl(&patch);
        let values = [partition.to_string(), updated.to_string()];
        asked.say(Reason::SetPartition, values).command = Some(command);
    }
}

/// The service that gives the pods their names.
fn service(asked: &mut Asked<'_>, spec: &StatefulSetSpec) {
    let Some(name) = spec.service_name.as_deref().filter(|name| !name.is_empty()) else {
        return;
    };
    let stored = asked.store.get_as::<Service>(&asked.beside(name));
    let Some(service) = stored else {
        let create = format!("create service clusterip {name} --clusterip=None");
        let command = asked.kubectl(&create);
        asked.say(Reason::SetNoService, [name.to_owned()]).command = Some(command);
        return;
    };
    let address = service.spec.as_ref().and_then(|s| s.cluster_ip.as_deref());
    if address.is_some_and(|address| address != "None") {
        let next = asked.sibling(Kind::Service, name);
        asked
            .say(Reason::SetServiceNotHeadless, [name.to_owned()])
            .next = Some(next);
    }
}
