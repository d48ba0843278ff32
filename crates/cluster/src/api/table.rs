//! Tables of objects, as the API server makes them for `kubectl get`.
//!
//! Upstream: `pkg/printers/internalversion/printers.go`.

mod core;
mod pod;
mod storage;

pub use self::core::{event_source, roles};
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

/// The columns of a kind: names in order, wide ones marked with `true`.
fn columns_of(kind: Kind) -> &'static [(&'static str, bool)] {
    match kind {
        Kind::Pod => &[
            ("Name", false),
            ("Ready", false),
            ("Status", false),
            ("Restarts", false),
            ("Age", false),
            ("IP", true),
            ("Node", true),
            ("Nominated Node", true),
            ("Readiness Gates", true),
        ],
        Kind::StatefulSet => &[
            ("Name", false),
            ("Ready", false),
            ("Age", false),
            ("Containers", true),
            ("Images", true),
        ],
        Kind::ControllerRevision => &[
            ("Name", false),
            ("Controller", false),
            ("Revision", false),
            ("Age", false),
        ],
        Kind::Service => &[
            ("Name", false),
            ("Type", false),
            ("Cluster-IP", false),
            ("External-IP", false),
            ("Port(s)", false),
            ("Age", false),
            ("Selector", true),
        ],
        Kind::Endpoints => &[("Name", false), ("Endpoints", false), ("Age", false)],
        Kind::EndpointSlice => &[
            ("Name", false),
            ("AddressType", false),
            ("Ports", false),
            ("Endpoints", false),
            ("Age", false),
        ],
        Kind::PersistentVolumeClaim => &[
            ("Name", false),
            ("Status", false),
            ("Volume", false),
            ("Capacity", false),
            ("Access Modes", false),
            ("StorageClass", false),
            ("VolumeAttributesClass", false),
            ("Age", false),
            ("VolumeMode", true),
        ],
        Kind::PersistentVolume => &[
            ("Name", false),
            ("Capacity", false),
            ("Access Modes", false),
            ("Reclaim Policy", false),
            ("Status", false),
            ("Claim", false),
            ("StorageClass", false),
            ("VolumeAttributesClass", false),
            ("Reason", false),
            ("Age", false),
            ("VolumeMode", true),
        ],
        Kind::StorageClass => &[
            ("Name", false),
            ("Provisioner", false),
            ("ReclaimPolicy", false),
            ("VolumeBindingMode", false),
            ("AllowVolumeExpansion", false),
            ("Age", false),
        ],
        Kind::Node => &[
            ("Name", false),
            ("Status", false),
            ("Roles", false),
            ("Age", false),
            ("Version", false),
            ("Internal-IP", true),
            ("External-IP", true),
            ("OS-Image", true),
            ("Kernel-Version", true),
            ("Container-Runtime", true),
        ],
        Kind::Namespace => &[("Name", false), ("Status", false), ("Age", false)],
        Kind::Event => &[
            ("Last Seen", false),
            ("Type", false),
            ("Reason", false),
            ("Object", false),
            ("Subobject", true),
            ("Source", true),
            ("Message", false),
            ("First Seen", true),
            ("Count", true),
            ("Name", true),
        ],
        Kind::ConfigMap => &[("Name", false), ("Data", false), ("Age", false)],
        Kind::Secret => &[
            ("Name", false),
            ("Type", false),
            ("Data", false),
            ("Age", false),
        ],
        Kind::ServiceAccount => &[("Name", false), ("Age", false)],
    }
}

/// The columns of a kind, wide ones among them.
pub fn columns(kind: Kind) -> Vec<Column> {
    let columns = columns_of(kind).iter();
    columns
        .map(|(name, wide)| Column {
            name,
            priority: u8::from(*wide),
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
        Object::StatefulSet(set) => core::stateful_set(set, age),
        Object::ControllerRevision(revision) => core::controller_revision(revision, age),
        Object::Service(service) => core::service(service, age, printing.wide),
        Object::Endpoints(endpoints) => vec![name, core::endpoints(endpoints), age],
        Object::EndpointSlice(slice) => core::endpoint_slice(slice, age),
        Object::PersistentVolumeClaim(claim) => storage::claim(claim, age),
        Object::PersistentVolume(volume) => storage::volume(volume, age),
        Object::StorageClass(class) => storage::class(class, age),
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
