//! Revisions: immutable copies of a set's pod template, named after a hash of their data.
//!
//! Upstream: `pkg/controller/history/controller_history.go`, and of `pkg/controller/statefulset` what builds
//! a revision (`stateful_set_utils.go` getPatch, newRevision).

use crate::client::Client;
use crate::hash::{fnv1_32, safe_encode};
use crate::meta::controller_ref::{controller_of, new_controller_ref};
use crate::meta::label_selector;
use crate::object::{Kind, Object};
use crate::sort;
use crate::store::Index;
use crate::typed;
use k8s_openapi::api::apps::v1::{ControllerRevision, StatefulSet};
use k8s_openapi::api::core::v1::{Container, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::sync::Arc;

/// The label that carries the hash part of a revision's name.
const HASH_LABEL: &str = "controller.kubernetes.io/hash";
/// A set's name is cut to so many bytes in the names of its revisions.
const PREFIX_LIMIT: usize = 223;

/// A revision as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Revision {
    /// The stored object.
    pub(super) object: Arc<Object>,
}

impl Revision {
    pub(super) fn name(&self) -> &str {
        self.object.name()
    }

    fn typed(&self) -> Option<&ControllerRevision> {
        self.object.as_kind::<ControllerRevision>()
    }

    pub(super) fn number(&self) -> i64 {
        self.typed().map_or(0, |revision| revision.revision)
    }

    pub(super) fn data(&self) -> Option<&Value> {
        let data = self.typed()?.data.as_ref()?;
        Some(&data.0)
    }

    /// The pod template that the revision keeps.
    pub(super) fn template(&self) -> Option<PodTemplateSpec> {
        let template = self.data()?.get("spec")?.get("template")?;
        typed::from_value(template).ok()
    }
}

/// The revisions in the set's namespace that fit its selector and are owned by it or by nobody, oldest first.
pub(super) fn list_revisions(client: &Client<'_>, set: &StatefulSet) -> Vec<Revision> {
    let uid = set.metadata.uid.as_deref().unwrap_or("");
    let Some(spec) = &set.spec else {
        return Vec::new();
    };
    let store = client.store();
    let mut found: Vec<Revision> = [uid, ""]
        .into_iter()
        .flat_map(|owner| store.by_index(Kind::ControllerRevision, Index::OwnerUid, owner))
        .filter(|object| {
            let meta = object.meta();
            meta.namespace == set.metadata.namespace
                && label_selector::matches(&spec.selector, meta)
                && controller_of(meta).is_none_or(|owner| owner.uid == uid)
        })
        .map(|object| Revision {
            object: object.clone(),
        })
        .collect();
    sort::by(&mut found, |a, b| {
        let created = |revision: &Revision| revision.object.meta().creation_timestamp.clone();
        a.number()
            .cmp(&b.number())
            .then_with(|| created(a).cmp(&created(b)))
            .then_with(|| a.name().cmp(b.name()))
    });
    found
}

/// What a revision of the set's present template holds: a patch that replaces the template.
pub(crate) fn revision_data(template: &PodTemplateSpec) -> Value {
    let mut template = template.clone();
    if let Some(spec) = &mut template.spec {
        // These are structs and not pointers upstream: always written, even when empty.
        let containers = spec.containers.iter_mut();
        let all = containers.chain(spec.init_containers.iter_mut().flatten());
        all.for_each(|container: &mut Container| {
            container.resources.get_or_insert_default();
        });
    }
    template.metadata.get_or_insert_default();
    let mut value = typed::to_value(&template);
    if let Value::Object(fields) = &mut value {
        fields.insert("$patch".to_owned(), Value::from("replace"));
    }
    json!({ "spec": { "template": value } })
}

/// A new revision object, without the name that creation gives it.
pub(super) fn new_revision(
    set: &StatefulSet,
    data: Value,
    number: i64,
    collisions: i32,
) -> ControllerRevision {
    let template = set.spec.as_ref().map(|spec| &spec.template);
    let meta = template.and_then(|template| template.metadata.as_ref());
    let mut labels = meta
        .and_then(|meta| meta.labels.clone())
        .unwrap_or_default();
    let hash = hash_revision(&data, collisions);
    labels.insert(HASH_LABEL.to_owned(), hash);
    ControllerRevision {
        metadata: ObjectMeta {
            namespace: set.metadata.namespace.clone(),
            labels: Some(labels),
            annotations: set.metadata.annotations.clone(),
            owner_references: Some(vec![new_controller_ref(Kind::StatefulSet, &set.metadata)]),
            ..ObjectMeta::default()
        },
        data: Some(RawExtension(data)),
        revision: number,
    }
}

/// Stores a new revision under the first free name; every name that is taken by other data raises the count of collisions.
pub(super) fn create_revision(
    client: &mut Client<'_>,
    set: &StatefulSet,
    mut revision: ControllerRevision,
    collisions: &mut i32,
) -> Result<Revision, String> {
    let data = revision.data.as_ref().map_or(Value::Null, |d| d.0.clone());
    let set_name = set.metadata.name.as_deref().unwrap_or("");
    loop {
        let hash = hash_revision(&data, *collisions);
        revision.metadata.name = Some(revision_name(set_name, &hash));
        match client.create(revision.clone()) {
            Ok(object) => return Ok(Revision { object }),
            Err(status) if status.is_already_exists() => {
                let key = Object::from(revision.clone()).key();
                let Some(object) = client.store().get(Kind::ControllerRevision, &key) else {
                    return Err(status.message);
                };
                let there = Revision {
                    object: object.clone(),
                };
                if there.data() == Some(&data) {
                    return Ok(there);
                }
                *collisions += 1;
            }
            Err(status) => return Err(status.message),
        }
    }
}

/// Gives a revision that is used again the newest number.
pub(super) fn renumber_revision(
    client: &mut Client<'_>,
    revision: &Revision,
    number: i64,
) -> Result<Revision, String> {
    let Some(typed) = revision.typed() else {
        return Ok(revision.clone());
    };
    if typed.revision == number {
        return Ok(revision.clone());
    }
    let mut typed = typed.clone();
    typed.revision = number;
    let object = client.update(typed).map_err(|status| status.message)?;
    Ok(Revision { object })
}

/// Makes the set the controller of a revision that has none.
pub(super) fn adopt_revision(
    client: &mut Client<'_>,
    set: &StatefulSet,
    revision: &Revision,
) -> Result<(), String> {
    let Some(mut typed) = revision.typed().cloned() else {
        return Ok(());
    };
    let owners = typed.metadata.owner_references.get_or_insert_default();
    owners.push(new_controller_ref(Kind::StatefulSet, &set.metadata));
    let written = client.update(typed);
    written.map(|_| ()).map_err(|status| status.message)
}

/// `<set>-<hash>`.
pub(super) fn revision_name(set_name: &str, hash: &str) -> String {
    let end = set_name.len().min(PREFIX_LIMIT);
    format!("{}-{hash}", set_name.get(..end).unwrap_or(set_name))
}

/// The hash part of a revision's name.
pub(super) fn hash_revision(data: &Value, collisions: i32) -> String {
    let raw = go_json(data);
    let sum = fnv1_32(&[raw.as_bytes(), collisions.to_string().as_bytes()]);
    safe_encode(sum)
}

/// A value as Go writes a map: keys in byte order, no spaces, HTML's special characters escaped.
///
/// Upstream: Go's `encoding/json`.
fn go_json(value: &Value) -> String {
    let mut out = String::new();
    write_go_json(value, &mut out);
    out
}

fn write_go_json(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => write_go_map(fields, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_go_json(item, out);
            }
            out.push(']');
        }
        Value::String(text) => write_go_string(text, out),
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}

fn write_go_map(fields: &Map<String, Value>, out: &mut String) {
    let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
    sort::by_key(&mut sorted, |(name, _)| *name);
    out.push('{');
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_go_string(name, out);
        out.push(':');
        write_go_json(value, out);
    }
    out.push('}');
}

fn write_go_string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
}
