//! `kubectl describe`: one text for each kind, made of an object and of what belongs to it.
//!
//! Upstream: `k8s.io/kubectl/pkg/describe/describe.go`.

pub(crate) mod command;
mod config_map;
mod container;
mod controlled_pods;
mod cron_job;
mod daemon_set;
mod deployment;
mod endpoints;
mod events;
mod generic;
mod horizontal_pod_autoscaler;
mod job;
mod namespace;
mod node;
mod persistent_volume;
mod persistent_volume_claim;
mod pod;
mod pod_disruption_budget;
mod replica_set;
mod resource;
mod secret;
mod selector;
mod service;
mod service_account;
mod stateful_set;
mod storage_class;
pub mod tabwriter;
mod time;
mod volume;
mod writer;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use petset_cluster::Object;
use petset_cluster::api::Server;
use petset_cluster::store::Store;
use time::Clock;
use writer::PrefixWriter;

/// What a description is made from, besides its object.
#[derive(Clone, Copy, Debug)]
struct View<'a> {
    store: &'a Store,
    clock: Clock,
}

/// What `kubectl describe` prints for one object. With `show_events`, the events about it come last.
///
/// Upstream: `ResourceDescriber.Describe`.
pub fn text(server: &Server, object: &Object, show_events: bool) -> String {
    let view = View {
        store: server.store(),
        clock: Clock(server.calendar().timestamp(server.now())),
    };
    let mut writer = PrefixWriter::default();
    let w = &mut writer;
    match object {
        Object::ConfigMap(config_map) => config_map::describe(config_map, w),
        Object::Endpoints(endpoints) => endpoints::describe(endpoints, w),
        Object::EndpointSlice(slice) => endpoints::describe_slice(slice, w),
        Object::Namespace(namespace) => namespace::describe(namespace, w),
        Object::Node(node) => node::describe(view, node, w),
        Object::PersistentVolumeClaim(claim) => persistent_volume_claim::describe(view, claim, w),
        Object::PersistentVolume(volume) => persistent_volume::describe(view, volume, w),
        Object::Pod(pod) => pod::describe(view, pod, w),
        Object::Secret(secret) => secret::describe(secret, w),
        Object::ServiceAccount(account) => service_account::describe(account, w),
        Object::Service(service) => service::describe(view, service, w),
        Object::Deployment(one) => deployment::describe(view, one, w),
        Object::DaemonSet(set) => daemon_set::describe(view, set, w),
        Object::CronJob(cron_job) => cron_job::describe(cron_job, w),
        Object::Job(job) => job::describe(job, w),
        Object::HorizontalPodAutoscaler(scaler) => horizontal_pod_autoscaler::describe(scaler, w),
        Object::ReplicaSet(set) => replica_set::describe(view, set, w),
        Object::StatefulSet(set) => stateful_set::describe(view, set, w),
        Object::StorageClass(class) => storage_class::describe(class, w),
        Object::PodDisruptionBudget(budget) => pod_disruption_budget::describe(budget, w),
        Object::ControllerRevision(_)
        | Object::Event(_)
        | Object::Lease(_)
        | Object::VolumeAttachment(_) => generic::describe(object, w),
    }
    if show_events && !matches!(object, Object::Namespace(_) | Object::Secret(_)) {
        events::describe(view, object, w);
    }
    writer.finish()
}

/// A pod template as `kubectl rollout history` prints it: with tabs, not in columns.
pub(crate) fn template_text(template: &PodTemplateSpec) -> String {
    let mut writer = PrefixWriter::default();
    pod::describe_template(template, &mut writer);
    writer.finish_raw()
}

/// A text that may be absent.
fn text_of(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("")
}

/// The text, or what stands for none.
fn text_or<'a>(value: &'a str, none: &'a str) -> &'a str {
    if value.is_empty() { none } else { value }
}

/// Name, namespace, labels and annotations: how most descriptions begin.
fn describe_metadata(
    object: &k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta,
    w: &mut PrefixWriter,
) {
    w.field(0, "Name", text_of(&object.name));
    w.field(0, "Namespace", text_of(&object.namespace));
    w.labels("Labels", object.labels.as_ref());
    w.annotations("Annotations", object.annotations.as_ref());
}
