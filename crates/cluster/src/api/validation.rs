//! Rules that objects must keep; everything that is wrong is told at once.
//!
//! Upstream: `pkg/apis/*/validation`.

mod autoscaling;
mod container;
mod coordination;
mod core;
mod cron_job;
mod daemon_set;
mod deployment;
pub(super) mod event;
mod job;
pub mod metadata;
pub mod names;
mod node;
mod pod;
mod policy;
mod replica_set;
mod service;
mod stateful_set;
mod storage;
mod volume;
mod workload;

use super::Subresource;
use super::field::{BadValue, Errors, Path};
use crate::object::Object;

const NOT_NEGATIVE: &str = "must be greater than or equal to 0";

/// What is wrong with a new object.
pub fn create(object: &Object) -> Errors {
    let mut errors = Errors::default();
    metadata::create(object, &mut errors);
    let found = &mut errors;
    match object {
        Object::Pod(pod) => pod::create(pod, found),
        Object::DaemonSet(set) => daemon_set::create(set, found),
        Object::Deployment(one) => deployment::create(one, found),
        Object::ReplicaSet(set) => replica_set::create(set, found),
        Object::StatefulSet(set) => stateful_set::create(set, found),
        Object::Service(service) => service::create(service, found),
        Object::PersistentVolumeClaim(claim) => storage::claim(claim, found),
        Object::PersistentVolume(volume) => storage::volume(volume, found),
        Object::StorageClass(class) => storage::class(class, found),
        Object::VolumeAttachment(attachment) => storage::attachment(attachment, found),
        Object::ConfigMap(map) => core::config_map(map, found),
        Object::Secret(secret) => core::secret(secret, found),
        Object::Endpoints(endpoints) => core::endpoints(endpoints, found),
        Object::EndpointSlice(slice) => core::endpoint_slice(slice, found),
        Object::CronJob(cron_job) => cron_job::create(cron_job, found),
        Object::Job(job) => job::create(job, found),
        Object::Lease(lease) => coordination::lease(lease, found),
        Object::PodDisruptionBudget(budget) => policy::budget(budget, found),
        Object::HorizontalPodAutoscaler(scaler) => autoscaling::scaler(scaler, found),
        Object::Node(node) => node::node(node, found),
        Object::Event(event) => event::event(event, found),
        Object::ControllerRevision(revision) => node::revision_create(revision, found),
        Object::Namespace(namespace) => node::namespace_finalizers(namespace, found),
        Object::ServiceAccount(_) => {}
    }
    errors
}

/// What is wrong with a written object.
pub fn update(object: &Object, old: &Object, subresource: Option<Subresource>) -> Errors {
    let mut errors = Errors::default();
    metadata::update(object, old, &mut errors);
    let found = &mut errors;
    if subresource == Some(Subresource::Status) {
        match (object, old) {
            (Object::Deployment(new), Object::Deployment(old)) => {
                deployment::status(new, old, found);
            }
            (Object::ReplicaSet(set), _) => replica_set::status(set, found),
            (Object::StatefulSet(new), Object::StatefulSet(old)) => {
                stateful_set::status(new, old, found);
            }
            (Object::Namespace(namespace), _) => node::namespace_status(namespace, found),
            _ => {}
        }
        return errors;
    }
    match (object, old) {
        (Object::Pod(new), Object::Pod(old)) if new.spec != old.spec => {
            pod::update(new, old, found)
        }
        (Object::Deployment(new), Object::Deployment(old)) => deployment::update(new, old, found),
        (Object::DaemonSet(new), Object::DaemonSet(old)) => daemon_set::update(new, old, found),
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => replica_set::update(new, old, found),
        (Object::StatefulSet(new), Object::StatefulSet(old)) => {
            stateful_set::update(new, old, found)
        }
        (Object::Service(new), Object::Service(old)) => service::update(new, old, found),
        (Object::PersistentVolumeClaim(new), Object::PersistentVolumeClaim(old))
            if new.spec != old.spec =>
        {
            storage::claim_update(new, old, found);
        }
        (Object::PersistentVolume(new), Object::PersistentVolume(old)) if new.spec != old.spec => {
            storage::volume_update(new, old, found);
        }
        (Object::StorageClass(new), Object::StorageClass(old)) => {
            storage::class_update(new, old, found);
        }
        (Object::VolumeAttachment(new), Object::VolumeAttachment(old)) => {
            storage::attachment_update(new, old, found);
        }
        (Object::ConfigMap(new), Object::ConfigMap(old)) => {
            core::config_map_update(new, old, found)
        }
        (Object::Secret(new), Object::Secret(old)) => core::secret_update(new, old, found),
        (Object::Endpoints(new), _) => core::endpoints(new, found),
        (Object::EndpointSlice(new), _) => core::endpoint_slice(new, found),
        (Object::CronJob(new), Object::CronJob(old)) => cron_job::update(new, old, found),
        (Object::Job(new), Object::Job(old)) => job::update(new, old, found),
        (Object::Lease(new), _) => coordination::lease(new, found),
        (Object::PodDisruptionBudget(new), _) => policy::budget(new, found),
        (Object::HorizontalPodAutoscaler(new), _) => autoscaling::scaler(new, found),
        (Object::Node(new), Object::Node(old)) => node::node_update(new, old, found),
        (Object::Event(event), _) => event::event(event, found),
        (Object::ControllerRevision(new), Object::ControllerRevision(old)) => {
            node::revision_update(new, old, found);
        }
        (Object::Namespace(new), _) if subresource == Some(Subresource::Finalize) => {
            node::namespace_finalizers(new, found);
        }
        _ => {}
    }
    errors
}

/// A value that must be one of a list.
fn one_of(value: &str, supported: &[&str], path: &Path<'_>, errors: &mut Errors) {
    if value.is_empty() {
        errors.required(path, "");
    } else if !supported.contains(&value) {
        errors.not_supported(path, value, supported);
    }
}

fn not_negative<N: BadValue + PartialOrd + Default>(
    value: &N,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if *value < N::default() {
        errors.invalid(path, value, NOT_NEGATIVE);
    }
}

fn label(value: &str, path: &Path<'_>, errors: &mut Errors) {
    for why in names::dns1123_label(value) {
        errors.invalid(path, value, &why);
    }
}

fn subdomain(value: &str, path: &Path<'_>, errors: &mut Errors) {
    for why in names::dns1123_subdomain(value) {
        errors.invalid(path, value, &why);
    }
}
