//! `kubectl rollout history`.
//!
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/history.go`.

use crate::kubectl::builder::{self, display};
use crate::kubectl::describe;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use crate::kubectl::printers::TabWriter;
use crate::kubectl::rollout::replica_sets::ReplicaSets;
use crate::kubectl::session::Io;
use k8s_openapi::api::apps::v1::{ControllerRevision, Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use petset_cluster::Object;
use petset_cluster::sort;
use petset_cluster::store::Index;
use petset_cluster::typed;

const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// Prints the revisions of sets.
pub(super) fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let revision = parsed.number("revision");
    if revision < 0 {
        return Err(Error::plain(format!(
            "revision must be a positive integer: {revision}"
        )));
    }
    let selection = super::select(parsed, io)?;
    let (objects, mut errors) = builder::fetch(&selection, io);
    for object in objects {
        errors.extend(show(&object, revision, io).err());
    }
    Error::of(errors)
}

fn show(object: &Object, revision: i64, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let history = match object {
        Object::Deployment(deployment) => of_deployment(deployment, io),
        Object::StatefulSet(_) | Object::DaemonSet(_) => of_set(object, io),
        _ => return Err(super::unsupported(object, "history viewer", "history")),
    };
    if revision > 0 && !history.is_empty() {
        let found = history.iter().find(|entry| entry.revision == revision);
        let entry = found.ok_or_else(|| Error::plain("unable to find the specified revision"))?;
        let text = describe::template_text(&entry.template);
        io.line(&format!("{} with revision #{revision}", display(object)));
        io.out(&text);
        io.line("");
        return Ok(());
    }
    io.line(&format!("{} ", display(object)));
    if history.is_empty() {
        io.line("No rollout history found.");
        return Ok(());
    }
    let mut writer = TabWriter::padded(2);
    writer.row(["REVISION", "CHANGE-CAUSE"]);
    for entry in history {
        writer.row([
            entry.revision.to_string(),
            entry.cause.unwrap_or_else(|| "<none>".to_owned()),
        ]);
    }
    let text = writer.flush();
    io.out(&text);
    io.line("");
    Ok(())
}

/// One revision.
struct Entry {
    revision: i64,
    cause: Option<String>,
    template: PodTemplateSpec,
}

fn cause_of(meta: &ObjectMeta) -> Option<String> {
    let cause = meta.annotations.as_ref()?.get(CHANGE_CAUSE)?;
    (!cause.is_empty()).then(|| cause.clone())
}

fn of_deployment(deployment: &Deployment, io: &Io<'_, '_>) -> Vec<Entry> {
    let sets = ReplicaSets::of(io.cluster().store(), deployment);
    let entry = |(revision, set): (i64, &ReplicaSet)| {
        let cause = cause_of(&set.metadata);
        let template = set.spec.as_ref().and_then(|spec| spec.template.clone());
        let mut template = template.unwrap_or_default();
        if let Some(cause) = &cause {
            let meta = template.metadata.get_or_insert_default();
            let annotations = meta.annotations.get_or_insert_default();
            annotations.insert(CHANGE_CAUSE.to_owned(), cause.clone());
        }
        Entry {
            revision,
            cause,
            template,
        }
    };
    sets.revisions().into_iter().map(entry).collect()
}

fn of_set(object: &Object, io: &Io<'_, '_>) -> Vec<Entry> {
    let entry = |entry: &ControllerRevision| {
        let data = entry.data.as_ref().map(|data| &data.0);
        let template = data.and_then(|data| data.pointer("/spec/template"));
        Entry {
            revision: entry.revision,
            cause: cause_of(&entry.metadata),
            template: template
                .and_then(|template| typed::from_value(template).ok())
                .unwrap_or_default(),
        }
    };
    revisions(object, io).iter().map(entry).collect()
}

/// The revisions that belong to a set, oldest first.
pub(super) fn revisions(object: &Object, io: &Io<'_, '_>) -> Vec<ControllerRevision> {
    let store = io.cluster().store();
    let mut found: Vec<ControllerRevision> = store
        .by_index_as::<ControllerRevision>(Index::OwnerUid, object.uid())
        .filter(|entry| entry.metadata.namespace.as_deref() == Some(object.namespace()))
        .cloned()
        .collect();
    sort::by_key(&mut found, |entry| entry.revision);
    found
}
