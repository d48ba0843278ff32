//! Volumes of pods.

use super::{label, metadata};
use crate::api::field::{Errors, Path};
use k8s_openapi::api::core::v1::Volume;
use std::collections::BTreeSet;

/// Checks the volumes; returns the names that mounts may use.
pub(super) fn volumes(
    volumes: &[Volume],
    path: &Path<'_>,
    errors: &mut Errors,
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, volume) in volumes.iter().enumerate() {
        let place = path.index(at);
        let before = errors.len();
        source(volume, &place, errors);
        let name = place.child("name");
        if volume.name.is_empty() {
            errors.required(&name, "");
        } else {
            label(&volume.name, &name, errors);
        }
        if names.contains(&volume.name) {
            errors.duplicate(&name, &volume.name);
        }
        if errors.len() == before {
            names.insert(volume.name.clone());
        }
    }
    names
}

fn source(volume: &Volume, path: &Path<'_>, errors: &mut Errors) {
    let sources = kinds(volume);
    if sources.is_empty() {
        errors.required(path, "must specify a volume type");
    }
    for name in sources.iter().skip(1) {
        errors.forbidden(&path.child(name), "may not specify more than 1 volume type");
    }
    match sources.first().copied() {
        Some("hostPath") => {
            let given = volume.host_path.as_ref().map_or("", |source| &source.path);
            if given.is_empty() {
                let place = path.child("hostPath");
                errors.required(&place.child("path"), "");
            }
        }
        Some("secret") => {
            let source = volume.secret.as_ref();
            let name = source.and_then(|source| source.secret_name.as_deref());
            if name.unwrap_or("").is_empty() {
                let place = path.child("secret");
                errors.required(&place.child("secretName"), "");
            }
        }
        Some("configMap") => {
            let name = volume.config_map.as_ref().map_or("", |source| &source.name);
            if name.is_empty() {
                let place = path.child("configMap");
                errors.required(&place.child("name"), "");
            }
        }
        Some("persistentVolumeClaim") => {
            let claim = volume.persistent_volume_claim.as_ref();
            if claim.map_or("", |source| &source.claim_name).is_empty() {
                let place = path.child("persistentVolumeClaim");
                errors.required(&place.child("claimName"), "");
            }
        }
        Some("ephemeral") => {
            let template = volume
                .ephemeral
                .as_ref()
                .and_then(|source| source.volume_claim_template.as_ref());
            let place = path.child("ephemeral");
            let place = place.child("volumeClaimTemplate");
            match template {
                None => errors.required(&place, ""),
                Some(template) => {
                    if let Some(meta) = &template.metadata {
                        let meta_path = place.child("metadata");
                        metadata::labels(meta.labels.as_ref(), &meta_path.child("labels"), errors);
                    }
                    super::storage::claim_spec(&template.spec, &place.child("spec"), errors);
                }
            }
        }
        _ => {}
    }
}

/// The sources that a volume names, in the order in which they are looked at.
fn kinds(volume: &Volume) -> Vec<&'static str> {
    let named = [
        (volume.empty_dir.is_some(), "emptyDir"),
        (volume.host_path.is_some(), "hostPath"),
        (volume.git_repo.is_some(), "gitRepo"),
        (volume.gce_persistent_disk.is_some(), "gcePersistentDisk"),
        (
            volume.aws_elastic_block_store.is_some(),
            "awsElasticBlockStore",
        ),
        (volume.secret.is_some(), "secret"),
        (volume.nfs.is_some(), "nfs"),
        (volume.iscsi.is_some(), "iscsi"),
        (volume.glusterfs.is_some(), "glusterfs"),
        (volume.flocker.is_some(), "flocker"),
        (
            volume.persistent_volume_claim.is_some(),
            "persistentVolumeClaim",
        ),
        (volume.rbd.is_some(), "rbd"),
        (volume.cinder.is_some(), "cinder"),
        (volume.cephfs.is_some(), "cephfs"),
        (volume.quobyte.is_some(), "quobyte"),
        (volume.downward_api.is_some(), "downwardAPI"),
        (volume.fc.is_some(), "fc"),
        (volume.flex_volume.is_some(), "flexVolume"),
        (volume.config_map.is_some(), "configMap"),
        (volume.azure_file.is_some(), "azureFile"),
        (volume.vsphere_volume.is_some(), "vsphereVolume"),
        (
            volume.photon_persistent_disk.is_some(),
            "photonPersistentDisk",
        ),
        (volume.portworx_volume.is_some(), "portworxVolume"),
        (volume.azure_disk.is_some(), "azureDisk"),
        (volume.storageos.is_some(), "storageOS"),
        (volume.projected.is_some(), "projected"),
        (volume.scale_io.is_some(), "scaleIO"),
        (volume.csi.is_some(), "csi"),
        (volume.ephemeral.is_some(), "ephemeral"),
        (volume.image.is_some(), "image"),
    ];
    let present = named.into_iter().filter(|(present, _)| *present);
    present.map(|(_, name)| name).collect()
}
