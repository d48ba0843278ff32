//! Claims, volumes and classes.
//!
//! Upstream: `pkg/apis/core/validation/validation.go`, `pkg/apis/storage/validation/validation.go`.

use super::{metadata, names, subdomain};
use crate::api::field::{BadValue, Errors, Path};
use crate::api::internal;
use crate::api::quantity::Amount;
use k8s_openapi::api::core::v1::{
    NodeSelectorRequirement, PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec,
    PersistentVolumeSpec, VolumeNodeAffinity,
};
use k8s_openapi::api::storage::v1::{StorageClass, VolumeAttachment};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::json;
use std::collections::BTreeMap;

const MODES: [&str; 4] = [
    "ReadOnlyMany",
    "ReadWriteMany",
    "ReadWriteOnce",
    "ReadWriteOncePod",
];
const IMMUTABLE: &str = "field is immutable";
/// How long the name of a CSI driver may be.
const DRIVER_NAME_LIMIT: usize = 63;

impl BadValue for Option<String> {
    fn show(&self) -> String {
        match self {
            Some(text) => text.show(),
            None => "null".to_owned(),
        }
    }
}

impl BadValue for Option<BTreeMap<String, String>> {
    fn show(&self) -> String {
        json!(self).to_string()
    }
}

fn access_modes(modes: &[String], path: &Path<'_>, errors: &mut Errors) {
    let known = |mode: &&String| MODES.contains(&mode.as_str());
    for mode in modes.iter().filter(|mode| !known(mode)) {
        errors.not_supported(path, mode, &MODES);
    }
    let single = modes.iter().any(|mode| mode == "ReadWriteOncePod");
    let other = modes
        .iter()
        .filter(known)
        .any(|mode| mode != "ReadWriteOncePod");
    if single && other {
        errors.forbidden(path, "may not use ReadWriteOncePod with other access modes");
    }
}

fn positive(quantity: &Quantity, path: &Path<'_>, errors: &mut Errors) {
    if Amount::of(quantity).nano() <= 0 {
        errors.invalid(path, &quantity.0, "must be greater than zero");
    }
}

fn volume_mode(mode: Option<&str>, path: &Path<'_>, errors: &mut Errors) {
    if let Some(mode) = mode
        && !matches!(mode, "Block" | "Filesystem")
    {
        errors.not_supported(&path.child("volumeMode"), mode, &["Block", "Filesystem"]);
    }
}

pub(super) fn claim(claim: &PersistentVolumeClaim, errors: &mut Errors) {
    let spec = claim.spec.clone().unwrap_or_default();
    claim_spec(&spec, &Path::new("spec"), errors);
}

/// What is wrong with the spec of a claim or of a claim template.
pub(super) fn claim_spec(spec: &PersistentVolumeClaimSpec, path: &Path<'_>, errors: &mut Errors) {
    let modes = spec.access_modes.as_deref().unwrap_or(&[]);
    let field = path.child("accessModes");
    if modes.is_empty() {
        errors.required(&field, "at least 1 access mode is required");
    }
    if let Some(selector) = &spec.selector {
        let place = path.child("selector");
        metadata::labels(
            selector.match_labels.as_ref(),
            &place.child("matchLabels"),
            errors,
        );
    }
    access_modes(modes, &field, errors);
    let resources = path.child("resources");
    let place = resources.key("storage");
    let storage = spec
        .resources
        .as_ref()
        .and_then(|resources| resources.requests.as_ref())
        .and_then(|requests| requests.get("storage"));
    match storage {
        None => errors.required(&place, ""),
        Some(quantity) => positive(quantity, &place, errors),
    }
    if let Some(class) = spec
        .storage_class_name
        .as_deref()
        .filter(|class| !class.is_empty())
    {
        subdomain(class, &path.child("storageClassName"), errors);
    }
    volume_mode(spec.volume_mode.as_deref(), path, errors);
}

fn amount(quantities: Option<&BTreeMap<String, Quantity>>) -> i128 {
    quantities
        .and_then(|quantities| quantities.get("storage"))
        .map_or(0, |quantity| Amount::of(quantity).nano())
}

/// What is wrong with a claim whose spec is changed.
pub(super) fn claim_update(
    new: &PersistentVolumeClaim,
    old: &PersistentVolumeClaim,
    errors: &mut Errors,
) {
    claim(new, errors);
    let mut munged = new.spec.clone().unwrap_or_default();
    let mut before = old.spec.clone().unwrap_or_default();
    if before.volume_name.as_deref().is_none_or(str::is_empty) {
        before.volume_name.clone_from(&munged.volume_name);
    }
    // A claim without a class may get one later, when there is a default.
    if before.storage_class_name.is_none() {
        munged.storage_class_name = None;
    }
    let bound = new
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        == Some("Bound");
    let requests = |claim: &PersistentVolumeClaim| {
        let resources = claim.spec.as_ref().and_then(|spec| spec.resources.as_ref());
        resources.and_then(|resources| resources.requests.clone())
    };
    if bound {
        if let Some(requests_of_new) = munged
            .resources
            .as_mut()
            .and_then(|resources| resources.requests.as_mut())
            && let Some(size) = requests(old).and_then(|requests| requests.get("storage").cloned())
        {
            requests_of_new.insert("storage".to_owned(), size);
        }
        munged
            .volume_attributes_class_name
            .clone_from(&before.volume_attributes_class_name);
    }
    let path = Path::new("spec");
    if munged != before {
        let diff = internal::diff(internal::CLAIM_SPEC, &before, &munged);
        errors.forbidden(&path, &format!("spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n{diff}"));
    }
    let (size, old_size) = (
        amount(requests(new).as_ref()),
        amount(requests(old).as_ref()),
    );
    let capacity = old
        .status
        .as_ref()
        .and_then(|status| status.capacity.as_ref());
    if size < old_size && size <= amount(capacity) {
        let resources = path.child("resources");
        let requests = resources.child("requests");
        errors.forbidden(
            &requests.child("storage"),
            "field can not be less than status.capacity",
        );
    }
    let mode =
        |claim: &PersistentVolumeClaim| claim.spec.as_ref().and_then(|s| s.volume_mode.clone());
    if mode(new) != mode(old) {
        errors.invalid(&Path::new("volumeMode"), &mode(new), IMMUTABLE);
    }
}

pub(super) fn volume(volume: &PersistentVolume, errors: &mut Errors) {
    let spec = volume.spec.clone().unwrap_or_default();
    let path = Path::new("spec");
    let modes = spec.access_modes.as_deref().unwrap_or(&[]);
    let field = path.child("accessModes");
    if modes.is_empty() {
        errors.required(&field, "");
    }
    access_modes(modes, &field, errors);
    let capacity = spec.capacity.clone().unwrap_or_default();
    let field = path.child("capacity");
    if capacity.is_empty() {
        errors.required(&field, "");
    }
    if capacity.len() != 1 || !capacity.contains_key("storage") {
        let shown = json!(capacity);
        let shown = if capacity.is_empty() {
            serde_json::Value::Null
        } else {
            shown
        };
        errors.0.push(crate::api::Cause {
            reason: "FieldValueNotSupported",
            field: field.to_string(),
            message: format!("Unsupported value: {shown}: supported values: \"storage\""),
        });
    }
    for (name, quantity) in &capacity {
        positive(quantity, &field.key(name), errors);
    }
    let policy = spec
        .persistent_volume_reclaim_policy
        .as_deref()
        .unwrap_or("");
    if !matches!(policy, "" | "Delete" | "Recycle" | "Retain") {
        errors.not_supported(
            &path.child("persistentVolumeReclaimPolicy"),
            policy,
            &["Delete", "Recycle", "Retain"],
        );
    }
    source(&spec, &path, errors);
    if let Some(class) = spec
        .storage_class_name
        .as_deref()
        .filter(|class| !class.is_empty())
    {
        subdomain(class, &path.child("storageClassName"), errors);
    }
    volume_mode(spec.volume_mode.as_deref(), &path, errors);
}

fn source(spec: &PersistentVolumeSpec, path: &Path<'_>, errors: &mut Errors) {
    let sources = [
        (spec.host_path.is_some(), "hostPath"),
        (spec.gce_persistent_disk.is_some(), "gcePersistentDisk"),
        (
            spec.aws_elastic_block_store.is_some(),
            "awsElasticBlockStore",
        ),
        (spec.glusterfs.is_some(), "glusterfs"),
        (spec.flocker.is_some(), "flocker"),
        (spec.nfs.is_some(), "nfs"),
        (spec.rbd.is_some(), "rbd"),
        (spec.quobyte.is_some(), "quobyte"),
        (spec.cephfs.is_some(), "cephfs"),
        (spec.iscsi.is_some(), "iscsi"),
        (spec.cinder.is_some(), "cinder"),
        (spec.fc.is_some(), "fc"),
        (spec.flex_volume.is_some(), "flexVolume"),
        (spec.azure_file.is_some(), "azureFile"),
        (spec.vsphere_volume.is_some(), "vsphereVolume"),
        (
            spec.photon_persistent_disk.is_some(),
            "photonPersistentDisk",
        ),
        (spec.portworx_volume.is_some(), "portworxVolume"),
        (spec.azure_disk.is_some(), "azureDisk"),
        (spec.scale_io.is_some(), "scaleIO"),
        (spec.local.is_some(), "local"),
        (spec.storageos.is_some(), "storageos"),
        (spec.csi.is_some(), "csi"),
    ];
    let mut present = sources.into_iter().filter(|(present, _)| *present);
    if present.next().is_none() {
        errors.required(path, "must specify a volume type");
    }
    for (_, name) in present {
        errors.forbidden(&path.child(name), "may not specify more than 1 volume type");
    }
    if let Some(host) = &spec.host_path {
        let place = path.child("hostPath");
        if host.path.is_empty() {
            errors.required(&place.child("path"), "");
        } else if host.path == "/"
            && spec.persistent_volume_reclaim_policy.as_deref() == Some("Recycle")
        {
            errors.forbidden(
                &path.child("persistentVolumeReclaimPolicy"),
                "may not be 'recycle' for a hostPath mount of '/'",
            );
        }
    }
    if spec.local.is_some() && spec.node_affinity.is_none() {
        errors.required(
            &path.child("nodeAffinity"),
            "Local volume requires node affinity",
        );
    }
}

/// The parts of a volume's spec that are not its source.
fn without_source(spec: &PersistentVolumeSpec) -> PersistentVolumeSpec {
    PersistentVolumeSpec {
        access_modes: None,
        capacity: None,
        claim_ref: None,
        mount_options: None,
        node_affinity: None,
        persistent_volume_reclaim_policy: None,
        storage_class_name: None,
        volume_attributes_class_name: None,
        volume_mode: None,
        ..spec.clone()
    }
}

/// What is wrong with a volume whose spec is changed.
pub(super) fn volume_update(new: &PersistentVolume, old: &PersistentVolume, errors: &mut Errors) {
    volume(new, errors);
    let (Some(new), Some(old)) = (&new.spec, &old.spec) else {
        return;
    };
    let (after, before) = (without_source(new), without_source(old));
    if after != before {
        let diff = internal::diff(internal::VOLUME_SOURCE, &before, &after);
        let spec = Path::new("spec");
        errors.forbidden(
            &spec.child("persistentvolumesource"),
            &format!("spec.persistentvolumesource is immutable after creation\n{diff}"),
        );
    }
    if new.volume_mode != old.volume_mode {
        errors.invalid(&Path::new("volumeMode"), &new.volume_mode, IMMUTABLE);
    }
    if old.node_affinity.is_some() && new.node_affinity != old.node_affinity {
        let why = format!("{IMMUTABLE}, except for updating from beta label to GA");
        errors.invalid(&Path::new("nodeAffinity"), &new.node_affinity, &why);
    }
}

impl BadValue for Option<VolumeNodeAffinity> {
    /// As Go prints its own type: all fields, in its spelling and order.
    fn show(&self) -> String {
        let requirements = |list: &Option<Vec<NodeSelectorRequirement>>| {
            let Some(list) = list else {
                return "null".to_owned();
            };
            let shown = list.iter().map(|r| {
                format!(
                    "{{\"Key\":{},\"Operator\":{},\"Values\":{}}}",
                    json!(r.key),
                    json!(r.operator),
                    json!(r.values)
                )
            });
            format!("[{}]", shown.collect::<Vec<_>>().join(","))
        };
        let required = self
            .as_ref()
            .and_then(|affinity| affinity.required.as_ref());
        let Some(required) = required else {
            return "null".to_owned();
        };
        let terms = required.node_selector_terms.iter().map(|term| {
            format!(
                "{{\"MatchExpressions\":{},\"MatchFields\":{}}}",
                requirements(&term.match_expressions),
                requirements(&term.match_fields)
            )
        });
        let terms = terms.collect::<Vec<_>>().join(",");
        format!("{{\"Required\":{{\"NodeSelectorTerms\":[{terms}]}}}}")
    }
}

pub(super) fn class(class: &StorageClass, errors: &mut Errors) {
    let path = Path::new("provisioner");
    if class.provisioner.is_empty() {
        errors.required(&path, "");
    } else {
        for why in names::qualified_name(&class.provisioner.to_lowercase()) {
            errors.invalid(&path, &class.provisioner, &why);
        }
    }
    let policy = class.reclaim_policy.as_deref().unwrap_or("");
    if !matches!(policy, "Delete" | "Retain") {
        errors.not_supported(&Path::new("reclaimPolicy"), policy, &["Delete", "Retain"]);
    }
    let mode = class.volume_binding_mode.as_deref().unwrap_or("");
    if !matches!(mode, "Immediate" | "WaitForFirstConsumer") {
        errors.not_supported(
            &Path::new("volumeBindingMode"),
            mode,
            &["Immediate", "WaitForFirstConsumer"],
        );
    }
}

pub(super) fn class_update(new: &StorageClass, old: &StorageClass, errors: &mut Errors) {
    if new.parameters != old.parameters {
        errors.invalid(&Path::new("parameters"), &new.parameters, IMMUTABLE);
    }
    if new.provisioner != old.provisioner {
        errors.invalid(&Path::new("provisioner"), &new.provisioner, IMMUTABLE);
    }
    if new.reclaim_policy != old.reclaim_policy {
        errors.invalid(&Path::new("reclaimPolicy"), &new.reclaim_policy, IMMUTABLE);
    }
    if new.volume_binding_mode != old.volume_binding_mode {
        errors.invalid(
            &Path::new("volumeBindingMode"),
            &new.volume_binding_mode,
            IMMUTABLE,
        );
    }
}

/// Upstream: `ValidateVolumeAttachment`.
pub(super) fn attachment(attachment: &VolumeAttachment, errors: &mut Errors) {
    const ONE: &str = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    let spec = Path::new("spec");
    let (attacher, source) = (spec.child("attacher"), spec.child("source"));
    let driver = &attachment.spec.attacher;
    if driver.is_empty() {
        errors.required(&attacher, "");
    } else {
        if driver.len() > DRIVER_NAME_LIMIT {
            errors.too_long(&attacher, DRIVER_NAME_LIMIT);
        }
        for why in names::dns1123_subdomain(&driver.to_lowercase()) {
            errors.invalid(&attacher, driver, &why);
        }
    }
    let given = &attachment.spec.source;
    match (&given.persistent_volume_name, &given.inline_volume_spec) {
        (None, None) => errors.required(&source, ONE),
        (Some(_), Some(_)) => errors.forbidden(&source, ONE),
        (Some(name), None) => {
            let field = source.child("persistentVolumeName");
            if name.is_empty() {
                errors.required(&field, "must specify non empty persistentVolumeName");
            }
            for why in names::dns1123_subdomain(name) {
                errors.invalid(&field, name, &why);
            }
        }
        (None, Some(_)) => {}
    }
    let node = &attachment.spec.node_name;
    for why in names::dns1123_subdomain(node) {
        errors.invalid(&spec.child("nodeName"), node, &why);
    }
}

/// Upstream: `ValidateVolumeAttachmentUpdate`.
pub(super) fn attachment_update(
    new: &VolumeAttachment,
    old: &VolumeAttachment,
    errors: &mut Errors,
) {
    attachment(new, errors);
    if new.spec != old.spec {
        errors.invalid_whole(&Path::new("spec"), IMMUTABLE);
    }
}
