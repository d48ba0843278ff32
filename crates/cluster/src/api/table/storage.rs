//! Rows of claims, volumes and classes.

use super::{Cell, or};
use crate::annotation::BETA_STORAGE_CLASS;
use crate::api::admission;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::api::storage::v1::{StorageClass, VolumeAttachment};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// `RWO,ROX` and so on.
pub fn access_modes(modes: Option<&Vec<String>>) -> String {
    const SHORT: [(&str, &str); 4] = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let has = |long: &str| modes.is_some_and(|modes| modes.iter().any(|mode| mode == long));
    let found: Vec<&str> = SHORT
        .iter()
        .filter(|(long, _)| has(long))
        .map(|(_, short)| *short)
        .collect();
    found.join(",")
}

fn storage(amounts: Option<&BTreeMap<String, Quantity>>) -> String {
    amounts
        .and_then(|amounts| amounts.get("storage"))
        .map_or_else(|| "0".to_owned(), |quantity| quantity.0.clone())
}

fn class_name(meta: &ObjectMeta, own: Option<&String>) -> String {
    let annotated = meta
        .annotations
        .as_ref()
        .and_then(|a| a.get(BETA_STORAGE_CLASS));
    annotated.or(own).cloned().unwrap_or_default()
}

pub(super) fn claim(claim: &PersistentVolumeClaim, age: Cell) -> Vec<Cell> {
    let spec = claim.spec.as_ref();
    let status = claim.status.as_ref();
    let phase = if claim.metadata.deletion_timestamp.is_some() {
        "Terminating".to_owned()
    } else {
        status
            .and_then(|status| status.phase.clone())
            .unwrap_or_default()
    };
    let volume = spec
        .and_then(|spec| spec.volume_name.clone())
        .unwrap_or_default();
    let (capacity, modes) = if volume.is_empty() {
        (String::new(), String::new())
    } else {
        (
            storage(status.and_then(|status| status.capacity.as_ref())),
            access_modes(status.and_then(|status| status.access_modes.as_ref())),
        )
    };
    vec![
        claim.metadata.name.clone().unwrap_or_default(),
        phase,
        volume,
        capacity,
        modes,
        class_name(
            &claim.metadata,
            spec.and_then(|spec| spec.storage_class_name.as_ref()),
        ),
        or(
            spec.and_then(|spec| spec.volume_attributes_class_name.as_deref()),
            "<unset>",
        ),
        age,
        or(spec.and_then(|spec| spec.volume_mode.as_deref()), "<unset>"),
    ]
}

pub(super) fn volume(volume: &PersistentVolume, age: Cell) -> Vec<Cell> {
    let spec = volume.spec.as_ref();
    let status = volume.status.as_ref();
    let phase = if volume.metadata.deletion_timestamp.is_some() {
        "Terminating".to_owned()
    } else {
        status
            .and_then(|status| status.phase.clone())
            .unwrap_or_default()
    };
    let claim = spec
        .and_then(|spec| spec.claim_ref.as_ref())
        .map(|claim| {
            let part = |text: &Option<String>| text.clone().unwrap_or_default();
            format!("{}/{}", part(&claim.namespace), part(&claim.name))
        })
        .unwrap_or_default();
    vec![
        volume.metadata.name.clone().unwrap_or_default(),
        storage(spec.and_then(|spec| spec.capacity.as_ref())),
        access_modes(spec.and_then(|spec| spec.access_modes.as_ref())),
        or(
            spec.and_then(|spec| spec.persistent_volume_reclaim_policy.as_deref()),
            "",
        ),
        phase,
        claim,
        class_name(
            &volume.metadata,
            spec.and_then(|spec| spec.storage_class_name.as_ref()),
        ),
        or(
            spec.and_then(|spec| spec.volume_attributes_class_name.as_deref()),
            "<unset>",
        ),
        or(status.and_then(|status| status.reason.as_deref()), ""),
        age,
        or(spec.and_then(|spec| spec.volume_mode.as_deref()), "<unset>"),
    ]
}

pub(super) fn class(class: &StorageClass, age: Cell) -> Vec<Cell> {
    let mut name = class.metadata.name.clone().unwrap_or_default();
    if admission::is_default_class(class) {
        name.push_str(" (default)");
    }
    vec![
        name,
        class.provisioner.clone(),
        or(class.reclaim_policy.as_deref(), "Delete"),
        or(class.volume_binding_mode.as_deref(), "Immediate"),
        class.allow_volume_expansion.unwrap_or(false).to_string(),
        age,
    ]
}

pub(super) fn attachment(attachment: &VolumeAttachment, age: Cell) -> Vec<Cell> {
    let spec = &attachment.spec;
    let status = attachment.status.as_ref();
    vec![
        attachment.metadata.name.clone().unwrap_or_default(),
        spec.attacher.clone(),
        or(spec.source.persistent_volume_name.as_deref(), ""),
        spec.node_name.clone(),
        status.is_some_and(|status| status.attached).to_string(),
        age,
    ]
}
