//! What each kind does to an object before it is stored: status, generation, fields behind gates.
//!
//! Upstream: `pkg/registry/*/*/strategy.go`.

use super::quantity::Amount;
use super::{FeatureGates, autoscaling, disabled_fields, service_alloc};
use crate::annotation::TEMPLATE_GENERATION;
use crate::object::Object;
use crate::time::{Calendar, Instant};
use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{
    Container, PersistentVolumeClaimStatus, PersistentVolumeStatus, Pod, PodCondition, PodStatus,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;

/// Clears what a creator may not set and sets what every new object has.
pub(super) fn prepare_for_create(
    object: &mut Object,
    gates: FeatureGates,
    calendar: Calendar,
    now: Instant,
) {
    object.meta_mut().generation = None;
    disabled_fields::drop(object);
    match object {
        Object::Pod(pod) => {
            pod.metadata.generation = Some(1);
            pod.status = Some(new_pod_status(pod));
        }
        Object::DaemonSet(set) => {
            set.metadata.generation = Some(1);
            set.status = Some(Default::default());
            set_template_generation(set, None);
        }
        Object::Deployment(deployment) => {
            deployment.metadata.generation = Some(1);
            deployment.status = Some(Default::default());
        }
        Object::CronJob(cron_job) => {
            cron_job.metadata.generation = Some(1);
            cron_job.status = Some(Default::default());
        }
        Object::Job(job) => {
            job.metadata.generation = Some(1);
            job.status = Some(Default::default());
            generate_selector(job);
        }
        Object::ReplicaSet(set) => {
            set.metadata.generation = Some(1);
            set.status = Some(Default::default());
        }
        Object::StatefulSet(set) => {
            set.metadata.generation = Some(1);
            set.status = Some(Default::default());
            max_unavailable(set, None, gates);
        }
        Object::PodDisruptionBudget(budget) => {
            budget.metadata.generation = Some(1);
            budget.status = Some(Default::default());
        }
        Object::VolumeAttachment(attachment) => attachment.status = Some(Default::default()),
        Object::HorizontalPodAutoscaler(scaler) => {
            scaler.status = Some(autoscaling::status(calendar.time(now)))
        }
        Object::Service(service) => service.status = Some(Default::default()),
        Object::EndpointSlice(slice) => slice.metadata.generation = Some(1),
        Object::PersistentVolumeClaim(claim) => {
            claim.status = Some(PersistentVolumeClaimStatus {
                phase: Some("Pending".to_owned()),
                ..Default::default()
            });
        }
        Object::PersistentVolume(volume) => {
            volume.status = Some(PersistentVolumeStatus {
                phase: Some("Pending".to_owned()),
                last_phase_transition_time: Some(calendar.time(now)),
                ..Default::default()
            });
        }
        Object::Namespace(namespace) => {
            namespace.status.get_or_insert_default().phase = Some("Active".to_owned());
            let spec = namespace.spec.get_or_insert_default();
            let finalizers = spec.finalizers.get_or_insert_default();
            if !finalizers.iter().any(|name| name == "kubernetes") {
                finalizers.push("kubernetes".to_owned());
            }
            let name = namespace.metadata.name.clone().unwrap_or_default();
            namespace
                .metadata
                .labels
                .get_or_insert_default()
                .insert("kubernetes.io/metadata.name".to_owned(), name);
        }
        _ => {}
    }
}

/// Takes the status (and what else a writer may not set) from the stored object and counts the generation.
pub(super) fn prepare_for_update(object: &mut Object, old: &Object, gates: FeatureGates) {
    object.meta_mut().generation = old.meta().generation;
    disabled_fields::drop(object);
    match (&mut *object, old) {
        (Object::StatefulSet(new), Object::StatefulSet(old)) => {
            max_unavailable(new, Some(old), gates);
        }
        (Object::DaemonSet(new), Object::DaemonSet(old)) => set_template_generation(new, Some(old)),
        (Object::Service(new), Object::Service(old)) => service_alloc::carry_over(new, old),
        (Object::Namespace(new), Object::Namespace(old)) => new.spec.clone_from(&old.spec),
        _ => {}
    }
    copy_status(object, old);
    let changed = match (&*object, old) {
        (Object::Pod(new), Object::Pod(old)) => new.spec != old.spec,
        (Object::Deployment(new), Object::Deployment(old)) => {
            new.spec != old.spec || new.metadata.annotations != old.metadata.annotations
        }
        (Object::CronJob(new), Object::CronJob(old)) => new.spec != old.spec,
        (Object::DaemonSet(new), Object::DaemonSet(old)) => new.spec != old.spec,
        (Object::Job(new), Object::Job(old)) => new.spec != old.spec,
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => new.spec != old.spec,
        (Object::StatefulSet(new), Object::StatefulSet(old)) => new.spec != old.spec,
        (Object::PodDisruptionBudget(new), Object::PodDisruptionBudget(old)) => {
            new.spec != old.spec
        }
        (Object::EndpointSlice(new), Object::EndpointSlice(old)) => {
            new.endpoints != old.endpoints
                || new.ports != old.ports
                || new.address_type != old.address_type
        }
        _ => false,
    };
    if changed && let Some(generation) = object.meta_mut().generation.as_mut() {
        *generation += 1;
    }
}

/// Keeps everything but the status of the stored object.
pub(super) fn prepare_for_status_update(
    object: &mut Object,
    old: &Object,
    calendar: Calendar,
    now: Instant,
) {
    let mut sent = std::mem::replace(object, without_pod_status(old));
    let (meta, theirs) = (object.meta_mut(), sent.meta_mut());
    if !matches!(old, Object::Deployment(_)) {
        meta.labels = theirs.labels.take();
    }
    meta.annotations = theirs.annotations.take();
    meta.finalizers = theirs.finalizers.take();
    match (&mut *object, &mut sent) {
        (Object::Pod(to), Object::Pod(from)) => to.status = from.status.take(),
        (to, from) => copy_status(to, from),
    }
    if let (Object::Pod(new), Object::Pod(old)) = (&mut *object, old) {
        keep_pod_status(new, old);
    }
    if let (Object::PersistentVolume(new), Object::PersistentVolume(old)) = (&mut *object, old) {
        let old_status = old.status.clone().unwrap_or_default();
        let status = new.status.get_or_insert_default();
        if status.phase == old_status.phase {
            if status.last_phase_transition_time.is_none() {
                status.last_phase_transition_time = old_status.last_phase_transition_time;
            }
        } else if status.last_phase_transition_time.is_none()
            || status.last_phase_transition_time == old_status.last_phase_transition_time
        {
            status.last_phase_transition_time = Some(calendar.time(now));
        }
    }
}

/// A copy whose status is about to be replaced. Most writes are of pods' statuses, so theirs are left out.
fn without_pod_status(object: &Object) -> Object {
    match object {
        Object::Pod(pod) => Object::from(Pod {
            metadata: pod.metadata.clone(),
            spec: pod.spec.clone(),
            status: None,
        }),
        _ => object.clone(),
    }
}

/// Whether a kind has a status subresource.
pub(super) fn has_status(object: &Object) -> bool {
    matches!(
        object,
        Object::Pod(_)
            | Object::Deployment(_)
            | Object::CronJob(_)
            | Object::DaemonSet(_)
            | Object::Job(_)
            | Object::ReplicaSet(_)
            | Object::StatefulSet(_)
            | Object::PodDisruptionBudget(_)
            | Object::HorizontalPodAutoscaler(_)
            | Object::Service(_)
            | Object::PersistentVolumeClaim(_)
            | Object::PersistentVolume(_)
            | Object::VolumeAttachment(_)
            | Object::Namespace(_)
            | Object::Node(_)
    )
}

fn copy_status(to: &mut Object, from: &Object) {
    match (to, from) {
        (Object::Pod(to), Object::Pod(from)) => to.status.clone_from(&from.status),
        (Object::Deployment(to), Object::Deployment(from)) => to.status.clone_from(&from.status),
        (Object::CronJob(to), Object::CronJob(from)) => to.status.clone_from(&from.status),
        (Object::DaemonSet(to), Object::DaemonSet(from)) => to.status.clone_from(&from.status),
        (Object::Job(to), Object::Job(from)) => to.status.clone_from(&from.status),
        (Object::ReplicaSet(to), Object::ReplicaSet(from)) => to.status.clone_from(&from.status),
        (Object::StatefulSet(to), Object::StatefulSet(from)) => to.status.clone_from(&from.status),
        (Object::PodDisruptionBudget(to), Object::PodDisruptionBudget(from)) => {
            to.status.clone_from(&from.status);
        }
        (Object::HorizontalPodAutoscaler(to), Object::HorizontalPodAutoscaler(from)) => {
            to.status.clone_from(&from.status);
        }
        (Object::Service(to), Object::Service(from)) => to.status.clone_from(&from.status),
        (Object::PersistentVolumeClaim(to), Object::PersistentVolumeClaim(from)) => {
            to.status.clone_from(&from.status);
        }
        (Object::PersistentVolume(to), Object::PersistentVolume(from)) => {
            to.status.clone_from(&from.status);
        }
        (Object::VolumeAttachment(to), Object::VolumeAttachment(from)) => {
            to.status.clone_from(&from.status);
        }
        (Object::Namespace(to), Object::Namespace(from)) => to.status.clone_from(&from.status),
        (Object::Node(to), Object::Node(from)) => to.status.clone_from(&from.status),
        _ => {}
    }
}

/// With the gate, `maxUnavailable` is 1 where it is left out; without, it goes, unless the stored set has one.
///
/// Upstream: `pkg/apis/apps/v1/defaults.go`, `pkg/registry/apps/statefulset/strategy.go`.
fn max_unavailable(set: &mut StatefulSet, old: Option<&StatefulSet>, gates: FeatureGates) {
    let in_use = old
        .and_then(|set| set.spec.as_ref())
        .and_then(|spec| spec.update_strategy.as_ref())
        .and_then(|strategy| strategy.rolling_update.as_ref())
        .is_some_and(|rolling| rolling.max_unavailable.is_some());
    let strategy = set.spec.as_mut().and_then(|s| s.update_strategy.as_mut());
    let Some(strategy) = strategy else { return };
    let rolls = strategy.type_.as_deref() == Some("RollingUpdate");
    let Some(rolling) = strategy.rolling_update.as_mut() else {
        return;
    };
    if !gates.max_unavailable_stateful_set {
        if !in_use {
            rolling.max_unavailable = None;
        }
    } else if rolls && rolling.max_unavailable.is_none() {
        rolling.max_unavailable = Some(IntOrString::Int(1));
    }
}

/// Gives a job the labels by which it finds its pods, unless it brings a selector of its own.
///
/// Upstream: `generateSelector` in `pkg/registry/batch/job/strategy.go`.
fn generate_selector(job: &mut Job) {
    let uid = job.metadata.uid.clone().unwrap_or_default();
    let name = job.metadata.name.clone().unwrap_or_default();
    let spec = job.spec.get_or_insert_default();
    let meta = spec.template.metadata.get_or_insert_default();
    if spec.manual_selector != Some(true) {
        let labels = meta.labels.get_or_insert_default();
        for (key, value) in [("job-name", &name), ("controller-uid", &uid)] {
            for key in [key.to_owned(), format!("batch.kubernetes.io/{key}")] {
                labels.entry(key).or_insert_with(|| value.clone());
            }
        }
        let selector = spec.selector.get_or_insert_default();
        let wanted = selector.match_labels.get_or_insert_default();
        let key = "batch.kubernetes.io/controller-uid".to_owned();
        wanted.entry(key).or_insert(uid);
    }
    // Defaulting would say so at the next read.
    if job
        .metadata
        .labels
        .as_ref()
        .is_none_or(|labels| labels.is_empty())
    {
        job.metadata.labels.clone_from(&meta.labels);
    }
}

/// Counts the templates of a daemon set in an annotation; nobody else may write it.
///
/// Upstream: `pkg/registry/apps/daemonset/strategy.go`.
fn set_template_generation(set: &mut DaemonSet, old: Option<&DaemonSet>) {
    let count = |set: &DaemonSet| {
        let annotations = set.metadata.annotations.as_ref()?;
        annotations.get(TEMPLATE_GENERATION)?.parse::<i64>().ok()
    };
    let template = |set: &DaemonSet| set.spec.as_ref().map(|spec| spec.template.clone());
    let next = match old {
        None => count(set).unwrap_or(1).max(1),
        Some(old) => count(old).unwrap_or(1) + i64::from(template(old) != template(set)),
    };
    let annotations = set.metadata.annotations.get_or_insert_default();
    annotations.insert(TEMPLATE_GENERATION.to_owned(), next.to_string());
}

fn new_pod_status(pod: &Pod) -> PodStatus {
    let gated = pod
        .spec
        .as_ref()
        .and_then(|spec| spec.scheduling_gates.as_ref())
        .is_some_and(|gates| !gates.is_empty());
    let gated = gated.then(|| {
        vec![PodCondition {
            type_: "PodScheduled".to_owned(),
            status: "False".to_owned(),
            reason: Some("SchedulingGated".to_owned()),
            message: Some("Scheduling is blocked due to non-empty scheduling gates".to_owned()),
            ..PodCondition::default()
        }]
    });
    PodStatus {
        phase: Some("Pending".to_owned()),
        qos_class: Some(qos_class(pod).to_owned()),
        conditions: gated,
        ..PodStatus::default()
    }
}

fn keep_pod_status(new: &mut Pod, old: &Pod) {
    let none = PodStatus::default();
    let old_status = old.status.as_ref().unwrap_or(&none);
    let status = new.status.get_or_insert_default();
    if status.qos_class.as_deref().is_none_or(str::is_empty) {
        status.qos_class.clone_from(&old_status.qos_class);
    }
    if status.observed_generation.unwrap_or(0) == 0 {
        status.observed_generation = old_status.observed_generation;
    }
    let mut before: Vec<&PodCondition> = old_status.conditions.iter().flatten().collect();
    for condition in status.conditions.iter_mut().flatten() {
        let found = before.iter().position(|old| old.type_ == condition.type_);
        let Some(old) = found.map(|at| before.remove(at)) else {
            continue;
        };
        if condition.observed_generation.unwrap_or(0) == 0 {
            condition.observed_generation = old.observed_generation;
        }
    }
}

/// How badly a pod needs its resources.
///
/// Upstream: `pkg/apis/core/helper/qos/qos.go`.
pub fn qos_class(pod: &Pod) -> &'static str {
    let mut requests = BTreeMap::new();
    let mut limits = BTreeMap::new();
    let mut guaranteed = true;
    let spec = pod.spec.as_ref();
    let containers = spec.map_or(&[][..], |spec| &spec.containers[..]).iter();
    let init = spec
        .into_iter()
        .flat_map(|spec| spec.init_containers.iter().flatten());
    for container in containers.chain(init) {
        add_amounts(&mut requests, container, false);
        guaranteed &= add_amounts(&mut limits, container, true) == 2;
    }
    if requests.is_empty() && limits.is_empty() {
        "BestEffort"
    } else if guaranteed && requests == limits {
        "Guaranteed"
    } else {
        "Burstable"
    }
}

/// Adds a container's cpu and memory to `sums`; returns how many of the two it names.
fn add_amounts(
    sums: &mut BTreeMap<&'static str, i128>,
    container: &Container,
    limits: bool,
) -> usize {
    let resources = container.resources.as_ref();
    let amounts = resources.and_then(|resources| {
        if limits {
            resources.limits.as_ref()
        } else {
            resources.requests.as_ref()
        }
    });
    let amount = |name| {
        amounts
            .and_then(|amounts: &BTreeMap<String, Quantity>| amounts.get(name))
            .map(|quantity| Amount::of(quantity).nano())
            .filter(|nano| *nano > 0)
    };
    let mut found = 0;
    for name in ["cpu", "memory"] {
        if let Some(nano) = amount(name) {
            *sums.entry(name).or_insert(0) += nano;
            found += 1;
        }
    }
    found
}
