//! What becomes of a volume whose claim is gone.
//!
//! Upstream: `reclaimVolume`, `deleteVolumeOperation` and `recycleVolumeOperation` in `pv_controller.go`.

use super::bind::{set_volume_phase, typed, unbind};
use super::provision::{IN_TREE_FINALIZER, PROVISIONED_BY};
use crate::api::Status;
use crate::client::Client;
use crate::object::{Kind, Object, Resource as _};
use crate::record::{EventType, Reporter, reference};
use k8s_openapi::api::core::v1::PersistentVolume;

fn tell(
    client: &mut Client<'_>,
    volume: &PersistentVolume,
    kind: EventType,
    reason: &str,
    text: &str,
) {
    let by = Reporter::control_plane("persistentvolume-controller");
    client.event(
        &by,
        reference(&volume.clone().into_object()),
        kind,
        reason,
        text.to_owned(),
    );
}

/// Keeps, deletes or empties a released volume, as its policy says.
pub(super) fn reclaim(client: &mut Client<'_>, volume: PersistentVolume) -> Result<(), Status> {
    let spec = volume.spec.as_ref();
    match spec.and_then(|spec| spec.persistent_volume_reclaim_policy.as_deref()) {
        Some("Delete") => delete(client, volume),
        Some("Recycle") => {
            if spec.is_some_and(|spec| spec.host_path.is_some() || spec.nfs.is_some()) {
                tell(
                    client,
                    &volume,
                    EventType::Normal,
                    "VolumeRecycled",
                    "Volume recycled",
                );
                unbind(client, volume)
            } else {
                fail(
                    client,
                    volume,
                    "VolumeFailedRecycle",
                    "No recycler plugin found for the volume!",
                )
            }
        }
        _ => Ok(()),
    }
}

fn fail(
    client: &mut Client<'_>,
    volume: PersistentVolume,
    reason: &str,
    text: &str,
) -> Result<(), Status> {
    let before = volume
        .status
        .as_ref()
        .and_then(|status| status.phase.clone());
    let volume = set_volume_phase(client, volume, "Failed", Some(text.to_owned()))?;
    if before.as_deref() != Some("Failed") {
        tell(client, &volume, EventType::Warning, reason, text);
    }
    Ok(())
}

fn delete(client: &mut Client<'_>, mut volume: PersistentVolume) -> Result<(), Status> {
    if volume.metadata.deletion_timestamp.is_some() {
        return Ok(());
    }
    if let Some(why) = cannot_delete(&volume) {
        return fail(client, volume, "VolumeFailedDelete", &why);
    }
    let finalizers = volume.metadata.finalizers.get_or_insert_default();
    if finalizers
        .iter()
        .any(|finalizer| finalizer == IN_TREE_FINALIZER)
    {
        finalizers.retain(|finalizer| finalizer != IN_TREE_FINALIZER);
        volume = typed(client.update(volume)?)?;
    }
    let key = Object::from(volume.clone()).key();
    client.delete(
        Kind::PersistentVolume,
        &key,
        volume.metadata.uid.as_deref(),
        None,
    )
}

/// Why the data of a volume cannot be deleted; volumes that a running provisioner made always can.
fn cannot_delete(volume: &PersistentVolume) -> Option<String> {
    let provisioned = volume
        .metadata
        .annotations
        .as_ref()
        .is_some_and(|all| all.contains_key(PROVISIONED_BY));
    if provisioned {
        return None;
    }
    let name = volume.metadata.name.as_deref().unwrap_or("");
    let head = format!("error getting deleter volume plugin for volume \"{name}\": ");
    let spec = volume.spec.as_ref()?;
    if let Some(host_path) = &spec.host_path {
        let path = &host_path.path;
        let deletable = path
            .strip_prefix("/tmp/")
            .is_some_and(|rest| !rest.is_empty());
        return (!deletable).then(|| {
            format!("host_path deleter only supports /tmp/.+ but received provided {path}")
        });
    }
    if spec.nfs.is_some() || spec.fc.is_some() || spec.iscsi.is_some() {
        return Some(format!("{head}no deletable volume plugin matched"));
    }
    Some(format!("{head}no volume plugin matched"))
}
