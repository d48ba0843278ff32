//! `kubectl rollout history`.
//!
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/history.go`.

use crate::kubectl::builder::{self, display};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use crate::kubectl::printers::TabWriter;
use crate::kubectl::session::Io;
use k8s_openapi::api::apps::v1::ControllerRevision;
use petset_cluster::Object;
use petset_cluster::sort;
use petset_cluster::store::Index;

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
    if !super::is_stateful_set(object) {
        return Err(super::unsupported(object, "history viewer", true));
    }
    let history = revisions(object, io);
    if revision > 0 {
        if !history.iter().any(|entry| entry.revision == revision) {
            return Err(Error::plain("unable to find the specified revision"));
        }
        return Err(Error::not_simulated("rollout history --revision"));
    }
    io.line(&format!("{} ", display(object)));
    if history.is_empty() {
        io.line("No rollout history found.");
        return Ok(());
    }
    let mut writer = TabWriter::padded(2);
    writer.row(["REVISION", "CHANGE-CAUSE"]);
    for entry in &history {
        let annotations = entry.metadata.annotations.as_ref();
        let cause = annotations.and_then(|map| map.get(CHANGE_CAUSE));
        let cause = cause.filter(|text| !text.is_empty());
        writer.row([
            entry.revision.to_string(),
            cause.cloned().unwrap_or_else(|| "<none>".to_owned()),
        ]);
    }
    let text = writer.flush();
    io.out(&text);
    io.line("");
    Ok(())
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
