//! `kubectl apply set-last-applied`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/apply/apply_set_last_applied.go`.

use crate::kubectl::change::{Change, LAST_APPLIED};
use crate::kubectl::errors::Error;
use crate::kubectl::files;
use crate::kubectl::flags::{DryRun, Parsed};
use crate::kubectl::session::Io;
use petset_cluster::api::PatchType;
use serde_json::json;

/// Writes what the files say into the annotations, and nothing else.
///
/// # Errors
/// Objects that are not there or have no such annotation, or what the API answers.
pub(crate) fn set_last_applied(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let mut change = Change::new(parsed, "kubectl-set-last-applied")?;
    let (manifests, errors) = files::read(parsed, io)?;
    Error::of(errors)?;
    let mut patches = Vec::new();
    for manifest in &manifests {
        let object = io.get(manifest.kind, &manifest.namespace, &manifest.name)?;
        let annotations = object.meta().annotations.as_ref();
        let old = annotations.and_then(|map| map.get(LAST_APPLIED));
        if old.is_none() && !parsed.is("create-annotation") {
            return Err(Error::plain(format!(
                "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
                manifest.name
            )));
        }
        let new = format!(
            "{}\n",
            petset_manifest::to_json_compact_go(&manifest.object)
        );
        if old.is_some_and(|old| old.trim_end() == new.trim_end()) {
            io.line(&format!(
                "set-last-applied {}: no changes required.",
                manifest.name
            ));
        } else {
            patches.push((object, new));
        }
    }
    for (object, text) in patches {
        let patch = json!({"metadata": {"annotations": {LAST_APPLIED: text}}});
        let shown = if change.dry_run == DryRun::Client {
            object.to_json()
        } else {
            let patch = (PatchType::Merge, patch);
            change.patch(&object, patch, None, io)?.to_json()
        };
        change.tell(&shown, "configured", io)?;
    }
    Ok(())
}
