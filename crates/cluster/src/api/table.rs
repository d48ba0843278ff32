//! Tables of objects, as the API server makes them for `kubectl get`.
//!
//! Upstream: `pkg/printers/internalversion/printers.go`.

mod apps;
mod autoscaling;
mod batch;
mod core;
mod pod;
mod policy;
mod storage;

pub use self::core::{event_source, node_status, roles};
pub use self::pod::{PodColumns, pod_columns, status as pod_status};
pub use self::storage::access_modes;
use super::duration;
use crate::object::{Kind, Object};
use k8s_openapi::jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name; kubectl prints it in capitals.
    pub name: &'static str,
    /// 0 for columns that are always shown, 1 for those of `-o wide`.
    pub priority: u8,
}

/// One cell's text.
pub type Cell = String;

/// A table of objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns in order, wide ones among them.
    pub columns: Vec<Column>,
    /// One row for each object, with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

/// What a row is made with.
#[derive(Clone, Copy)]
struct Printing {
    now: Timestamp,
    wide: bool,
}

impl Printing {
    fn age(&self, object: &Object) -> Cell {
        let date = object.meta().creation_timestamp.as_ref();
        duration::age(date.map(|time| &time.0), self.now)
    }
}

/// The columns of a kind in order, separated by commas; those of `-o wide` begin with `+`.
fn columns_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Pod => "Name,Ready,Status,Restarts,Age,+IP,+Node,+Nominated Node,+Readiness Gates",
        Kind::Deployment => "Name,Ready,Up-to-date,Available,Age,+Containers,+Images,+Selector",
        Kind::ReplicaSet => "Name,Desired,Current,Ready,Age,+Containers,+Images,+Selector",
        Kind::StatefulSet => "Name,Ready,Age,+Containers,+Images",
        Kind::ControllerRevision => "Name,Controller,Revision,Age",
        Kind::Service => "Name,Type,Cluster-IP,External-IP,Port(s),Age,+Selector",
        Kind::Endpoints => "Name,Endpoints,Age",
        Kind::EndpointSlice => "Name,AddressType,Ports,Endpoints,Age",
        Kind::PersistentVolumeClaim => {
            "Name,Status,Volume,Capacity,Access Modes,StorageClass,VolumeAttributesClass,Age,+VolumeMode"
        }
        Kind::PersistentVolume => {
            "Name,Capacity,Access Modes,Reclaim Policy,Status,Claim,StorageClass,VolumeAttributesClass,Reason,Age,+VolumeMode"
        }
        Kind::HorizontalPodAutoscaler => "Name,Reference,Targets,MinPods,MaxPods,Replicas,Age",
        Kind::PodDisruptionBudget => "Name,Min Available,Max Unavailable,Allowed Disruptions,Age",
        Kind::DaemonSet => {
            "Name,Desired,Current,Ready,Up-to-date,Available,Node Selector,Age,+Containers,+Images,+Selector"
        }
        Kind::Job => "Name,Status,Completions,Duration,Age,+Containers,+Images,+Selector",
        Kind::CronJob => {
            "Name,Schedule,Timezone,Suspend,Active,Last Schedule,Age,+Containers,+Images,+Selector"
        }
        Kind::Lease => "Name,Holder,Age",
        Kind::StorageClass => {
            "Name,Provisioner,ReclaimPolicy,VolumeBindingMode,AllowVolumeExpansion,Age"
        }
        Kind::VolumeAttachment => "Name,Attacher,PV,Node,Attached,Age",
        Kind::Node => {
            "Name,Status,Roles,Age,Version,+Internal-IP,+External-IP,+OS-Image,+Kernel-Version,+Container-Runtime"
        }
        Kind::Namespace => "Name,Status,Age",
        Kind::Event => {
            "Last Seen,Type,Reason,Object,+Subobject,+Source,Message,+First Seen,+Count,+Name"
        }
        Kind::ConfigMap => "Name,Data,Age",
        Kind::Secret => "Name,Type,Data,Age",
        Kind::ServiceAccount => "Name,Age",
    }
}

/// The columns of a kind, wide ones among them.
pub fn columns(kind: Kind) -> Vec<Column> {
    let columns = columns_of(kind).split(',');
    columns
        .map(|column| match column.strip_prefix('+') {
            Some(name) => Column { name, priority: 1 },
            None => Column {
                name: column,
                priority: 0,
            },
        })
        .collect()
}

/// The table of some objects of `kind` at the moment `now`. With `wide`, long cells are not cut.
pub fn table(kind: Kind, objects: &[Arc<Object>], now: Timestamp, wide: bool) -> Table {
    let printing = Printing { now, wide };
    Table {
        columns: columns(kind),
        rows: objects
            .iter()
            .map(|object| row_of(object, printing))
            .collect(),
    }
}

/// The cells of one object.
pub fn row(object: &Object, now: Timestamp, wide: bool) -> Vec<Cell> {
    row_of(object, Printing { now, wide })
}

fn row_of(object: &Object, printing: Printing) -> Vec<Cell> {
    let age = printing.age(object);
    let name = object.name().to_owned();
    match object {
        Object::Pod(pod) => pod::row(pod, age, printing.now),
        Object::Deployment(deployment) => apps::deployment(deployment, age),
        Object::DaemonSet(set) => apps::daemon_set(set, age),
        Object::CronJob(cron_job) => batch::cron_job(cron_job, age, printing),
        Object::Job(job) => batch::job(job, age, printing),
        Object::ReplicaSet(set) => apps::replica_set(set, age),
        Object::StatefulSet(set) => apps::stateful_set(set, age),
        Object::ControllerRevision(revision) => apps::controller_revision(revision, age),
        Object::Service(service) => core::service(service, age, printing.wide),
        Object::Endpoints(endpoints) => vec![name, core::endpoints(endpoints), age],
        Object::EndpointSlice(slice) => core::endpoint_slice(slice, age),
        Object::PersistentVolumeClaim(claim) => storage::claim(claim, age),
        Object::PersistentVolume(volume) => storage::volume(volume, age),
        Object::StorageClass(class) => storage::class(class, age),
        Object::VolumeAttachment(attachment) => storage::attachment(attachment, age),
        Object::Node(node) => core::node(node, age),
        Object::Namespace(namespace) => {
            let phase = namespace.status.as_ref().and_then(|s| s.phase.clone());
            vec![name, phase.unwrap_or_default(), age]
        }
        Object::Event(event) => core::event(event, printing.now),
        Object::ConfigMap(map) => {
            let texts = map.data.as_ref().map_or(0, BTreeMap::len);
            let count = texts + map.binary_data.as_ref().map_or(0, BTreeMap::len);
            vec![name, count.to_string(), age]
        }
        Object::Secret(secret) => {
            let count = secret.data.as_ref().map_or(0, BTreeMap::len);
            let kind = secret.type_.clone().unwrap_or_default();
            vec![name, kind, count.to_string(), age]
        }
        Object::ServiceAccount(_) => vec![name, age],
        Object::PodDisruptionBudget(budget) => policy::budget(budget, age),
        Object::HorizontalPodAutoscaler(scaler) => autoscaling::scaler(scaler, age),
        Object::Lease(lease) => {
            let spec = lease.spec.as_ref();
            let holder = spec.and_then(|spec| spec.holder_identity.clone());
            vec![name, holder.unwrap_or_default(), age]
        }
    }
}

/// `a=b,c=d`, or `<none>`.
pub fn format_labels(labels: Option<&BTreeMap<String, String>>) -> String {
    let pairs: Vec<String> = labels
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    if pairs.is_empty() {
        "<none>".to_owned()
    } else {
        pairs.join(",")
    }
}

/// A text, or `default` when there is none.
fn or(text: Option<&str>, default: &str) -> String {
    match text {
        None | Some("") => default.to_owned(),
        Some(text) => text.to_owned(),
    }
}
