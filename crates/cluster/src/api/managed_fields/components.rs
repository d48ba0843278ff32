//! What the cluster's own components have set.
//!
//! Their writes are many, and hardly anybody asks whose they were. So an object keeps of each component only a note without fields: who, which
//! part, when. What a component owns is found when somebody asks: the fields that no client owns, told apart by a short table.

use super::{UPDATE, field_set, name_of, unowned};
use crate::api::Subresource;
use crate::object::{Kind, Object};
use crate::sort;
use field_set::Path;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{FieldsV1, ManagedFieldsEntry, Time};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The name of the controller manager in notes.
pub const CONTROLLER_MANAGER: &str = "kube-controller-manager";
/// The name of the kubelets in notes.
pub const KUBELET: &str = "kubelet";
/// The name of the scheduler in notes.
pub const SCHEDULER: &str = "kube-scheduler";

const STATUS: &str = "status";

/// Fields that are not set by who wrote the rest of the object: kind, path, and who sets them.
const OWNERS: [(Kind, &str, &str); 10] = [
    (
        Kind::Pod,
        "f:status f:conditions k:{\"type\":\"PodScheduled\"} f:observedGeneration",
        KUBELET,
    ),
    (
        Kind::Pod,
        "f:status f:conditions k:{\"type\":\"PodScheduled\"}",
        SCHEDULER,
    ),
    (
        Kind::Pod,
        "f:status f:conditions k:{\"type\":\"DisruptionTarget\"}",
        CONTROLLER_MANAGER,
    ),
    (Kind::Pod, "f:status f:nominatedNodeName", SCHEDULER),
    (Kind::Node, "f:spec f:taints", CONTROLLER_MANAGER),
    (Kind::Node, "f:spec f:podCIDR", CONTROLLER_MANAGER),
    (Kind::Node, "f:spec f:podCIDRs", CONTROLLER_MANAGER),
    (Kind::Node, "f:status f:volumesAttached", CONTROLLER_MANAGER),
    (
        Kind::PersistentVolumeClaim,
        "f:metadata f:annotations f:volume.kubernetes.io/selected-node",
        SCHEDULER,
    ),
    (
        Kind::PersistentVolume,
        "f:metadata f:annotations f:pv.kubernetes.io/bound-by-controller",
        CONTROLLER_MANAGER,
    ),
];

/// Whether an entry is a component's note, without fields.
pub(super) fn is_note(entry: &ManagedFieldsEntry) -> bool {
    entry.fields_v1.is_none() && entry.manager.is_some()
}

/// Notes that a component has written `object`; what it changed of what clients own is theirs no more.
pub(in crate::api) fn note(
    object: &mut Object,
    old: Option<&Object>,
    component: &str,
    part: Option<Subresource>,
    now: &Time,
) {
    let kept = old.and_then(|old| old.meta().managed_fields.clone());
    let mut entries = kept.unwrap_or_default();
    let part = part.map(name_of);
    if let Some(old) = old {
        take_over(&mut entries, object, old, part);
    }
    let own = entries.iter_mut().find(|entry| {
        is_note(entry)
            && entry.manager.as_deref() == Some(component)
            && entry.subresource.as_deref() == part
    });
    match own {
        Some(entry) => entry.time = Some(now.clone()),
        None => entries.push(ManagedFieldsEntry {
            manager: Some(component.to_owned()),
            subresource: part.map(str::to_owned),
            time: Some(now.clone()),
            ..ManagedFieldsEntry::default()
        }),
    }
    object.meta_mut().managed_fields = Some(entries);
}

fn take_over(
    entries: &mut Vec<ManagedFieldsEntry>,
    object: &Object,
    old: &Object,
    part: Option<&str>,
) {
    let in_status = |entry: &ManagedFieldsEntry| entry.subresource.as_deref() == Some(STATUS);
    let of_part =
        |entry: &ManagedFieldsEntry| !is_note(entry) && in_status(entry) == (part == Some(STATUS));
    if !entries.iter().any(of_part) {
        return;
    }
    let id = object.kind().info().kind;
    let new = field_set::with_places(id, &object.to_json());
    let before = field_set::with_places(id, &old.to_json());
    for entry in entries.iter_mut().filter(|entry| of_part(entry)) {
        let mut paths = super::paths_of(entry);
        let had = paths.len();
        paths.retain(|path| {
            new.get(path)
                .is_some_and(|value| before.get(path) == Some(value))
        });
        if paths.len() != had {
            entry.fields_v1 = Some(FieldsV1(field_set::to_json(&paths)));
        }
    }
    entries.retain(|entry| is_note(entry) || !super::paths_of(entry).is_empty());
}

/// Notes that came back with their fields become notes again; others that a client sends stay as they are.
pub(in crate::api) fn shorten(
    entries: &mut [ManagedFieldsEntry],
    old: Option<&[ManagedFieldsEntry]>,
) {
    let notes = old
        .unwrap_or_default()
        .iter()
        .filter(|entry| is_note(entry));
    for note in notes {
        let same = entries.iter_mut().find(|entry| {
            entry.manager == note.manager
                && entry.subresource == note.subresource
                && entry.operation.as_deref().unwrap_or(UPDATE) == UPDATE
        });
        if let Some(entry) = same {
            *entry = note.clone();
        }
    }
}

/// Writes out what the components of an object own, and puts all entries into the API server's order.
///
/// Upstream: `sortEncodedManagedFields` of `staging/src/k8s.io/apimachinery/pkg/util/managedfields/internal/managedfields.go`.
pub fn expand(object: &mut Value) {
    let word = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or("");
    let (kind, version) = (word("kind"), word("apiVersion"));
    let found = Kind::ALL.iter().find(|known| {
        let info = known.info();
        info.kind == kind && (version.is_empty() || info.api_version() == version)
    });
    let Some(kind) = found.copied() else { return };
    expand_as(kind, object);
}

/// The same for a document that does not say its kind.
pub fn expand_as(kind: Kind, object: &mut Value) {
    let Some(entries) = object
        .pointer("/metadata/managedFields")
        .and_then(Value::as_array)
    else {
        return;
    };
    let mut all: Vec<Value> = match entries.iter().any(is_short) {
        true => expanded(kind, entries, object),
        false => entries.clone(),
    };
    let key = |entry: &Value| {
        let word = |name: &str| entry[name].as_str().unwrap_or("").to_owned();
        ["operation", "time", "manager", "apiVersion", "subresource"].map(word)
    };
    sort::by_key(&mut all, key);
    if let Some(Value::Object(meta)) = object.get_mut("metadata") {
        match all.is_empty() {
            true => meta.remove("managedFields"),
            false => meta.insert("managedFields".to_owned(), all.into()),
        };
    }
}

fn is_short(entry: &Value) -> bool {
    entry.get("fieldsV1").is_none() && entry.get("manager").is_some()
}

fn expanded(kind: Kind, entries: &[Value], object: &Value) -> Vec<Value> {
    let info = kind.info();
    let noted = entries.iter().filter_map(|entry| entry.get("fieldsV1"));
    let noted = sort::set(noted.flat_map(field_set::from_json));
    let notes: Vec<Note<'_>> = entries
        .iter()
        .filter(|entry| is_short(entry))
        .map(note_of)
        .collect();
    let mut owned: Vec<BTreeSet<Path>> = vec![BTreeSet::new(); notes.len()];
    let mut own = object.clone();
    unowned::take_out(kind, &mut own);
    let free = field_set::with_places(info.kind, &own).into_keys();
    for path in free.filter(|path| !noted.contains(path)) {
        if let Some(at) = owner(kind, &path, &notes) {
            owned[at].insert(path);
        }
    }
    let full = entries.iter().filter(|entry| !is_short(entry)).cloned();
    let mut all: Vec<Value> = full.collect();
    for (note, paths) in notes
        .iter()
        .zip(&owned)
        .filter(|(_, paths)| !paths.is_empty())
    {
        let mut entry = json!({
            "apiVersion": info.api_version(),
            "fieldsType": "FieldsV1",
            "fieldsV1": field_set::to_json(paths),
            "manager": note.manager,
            "operation": UPDATE,
            "time": note.time,
        });
        if !note.part.is_empty() {
            entry["subresource"] = note.part.into();
        }
        all.push(entry);
    }
    all
}

/// A component's note.
struct Note<'a> {
    manager: &'a str,
    part: &'a str,
    time: &'a Value,
}

fn note_of(entry: &Value) -> Note<'_> {
    let word = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or("");
    Note {
        manager: word("manager"),
        part: word("subresource"),
        time: entry.get("time").unwrap_or(&Value::Null),
    }
}

/// Which of the components that have written has set a field that no client owns.
fn owner(kind: Kind, path: &Path, notes: &[Note<'_>]) -> Option<usize> {
    let status = path.first().is_some_and(|first| first == "f:status");
    let of_part = |note: &Note<'_>| (note.part == STATUS) == status;
    let by_name = |name: &str| {
        notes
            .iter()
            .position(|note| of_part(note) && note.manager == name)
    };
    let begins = |text: &str| {
        let mut words = path.iter();
        text.split(' ')
            .all(|word| words.next().is_some_and(|own| own == word))
    };
    let rule = OWNERS
        .iter()
        .find(|(of, text, _)| *of == kind && begins(text));
    if let Some((_, _, name)) = rule {
        return by_name(name);
    }
    // The kubelets tell how their pods and nodes are, whoever else adds to that.
    let told = matches!(kind, Kind::Pod | Kind::Node) && status;
    let told = told.then(|| by_name(KUBELET)).flatten();
    let found = told.or_else(|| notes.iter().position(of_part));
    // A status is written with annotations.
    let aside = path.first().is_some_and(|first| first == "f:metadata");
    found.or_else(|| (aside && !notes.is_empty()).then_some(0))
}
