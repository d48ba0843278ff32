//! The provisioner that runs beside the control plane and makes volumes for classes that name it, as Docker Desktop has it.
//!
//! Upstream: `sigs.k8s.io/sig-storage-lib-external-provisioner/v10`, `controller/controller.go`. A key with a namespace is a
//! claim, one without is a volume.

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::store::{Change, ChangeType, Store};
use k8s_openapi::api::core::v1::{
    HostPathVolumeSource, PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec,
};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// The name by which classes ask for this provisioner.
const NAME: &str = "docker.io/hostpath";
/// How it signs its events: its name, its host and an id of its own.
const COMPONENT: &str =
    "docker.io/hostpath_storage-provisioner_8c2b0ae7-43f5-4d19-9f0e-61d5a7c1e3b4";
/// Where its volumes lie.
const DIRECTORY: &str = "/var/lib/k8s-pvs";

const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";
const STORAGE_PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

/// Makes and removes the volumes of `docker.io/hostpath`.
#[derive(Clone, Default)]
pub struct ExternalProvisioner {}

impl Controller for ExternalProvisioner {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        if change.change == ChangeType::Deleted {
            return;
        }
        let ours = match &*change.object {
            Object::PersistentVolumeClaim(claim) => class_to_provision(claim, store).is_some(),
            Object::PersistentVolume(volume) => is_to_delete(volume),
            _ => false,
        };
        if ours {
            wakes.add(ControllerId::ExternalProvisioner, change.object.key());
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        if key.namespace().is_empty() {
            return match client.get::<PersistentVolume>(key) {
                Some(volume) if is_to_delete(volume) => delete(key, client),
                _ => Outcome::DONE,
            };
        }
        let Some(claim) = client.get::<PersistentVolumeClaim>(key).cloned() else {
            return Outcome::DONE;
        };
        match class_to_provision(&claim, client.store()).cloned() {
            Some(class) => provision(&claim, &class, client),
            None => Outcome::DONE,
        }
    }
}

/// The class of a claim that waits for a volume of this provisioner.
fn class_to_provision<'s>(
    claim: &PersistentVolumeClaim,
    store: &'s Store,
) -> Option<&'s StorageClass> {
    let annotation = |name: &str| claim.metadata.annotations.as_ref()?.get(name);
    if annotation(STORAGE_PROVISIONER)? != NAME {
        return None;
    }
    let spec = claim.spec.as_ref()?;
    if spec
        .volume_name
        .as_deref()
        .is_some_and(|name| !name.is_empty())
    {
        return None;
    }
    let class = store.get_as::<StorageClass>(&Key::new("", spec.storage_class_name.as_deref()?))?;
    let delayed = class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer");
    let chosen = annotation(SELECTED_NODE).is_some_and(|node| !node.is_empty());
    (class.provisioner == NAME && (chosen || !delayed)).then_some(class)
}

/// Whether a volume of this provisioner is released and to go.
fn is_to_delete(volume: &PersistentVolume) -> bool {
    let annotations = volume.metadata.annotations.as_ref();
    let spec = volume.spec.as_ref();
    let status = volume.status.as_ref();
    annotations
        .and_then(|map| map.get(PROVISIONED_BY))
        .is_some_and(|name| name == NAME)
        && volume.metadata.deletion_timestamp.is_none()
        && status.and_then(|status| status.phase.as_deref()) == Some("Released")
        && spec.and_then(|spec| spec.persistent_volume_reclaim_policy.as_deref()) == Some("Delete")
}

fn provision(
    claim: &PersistentVolumeClaim,
    class: &StorageClass,
    client: &mut Client<'_>,
) -> Outcome {
    let name = format!("pvc-{}", claim.metadata.uid.as_deref().unwrap_or(""));
    if client
        .get::<PersistentVolume>(&Key::new("", &name))
        .is_some()
    {
        return Outcome::DONE;
    }
    let key = Object::from(claim.clone()).key();
    let message = format!(
        "External provisioner is provisioning volume for claim \"{}/{}\"",
        key.namespace(),
        key.name()
    );
    event(client, claim, "Provisioning", message);
    if client.create(provisioned(claim, class, &name)).is_err() {
        return Outcome::RETRY;
    }
    let message = format!("Successfully provisioned volume {name}");
    event(client, claim, "ProvisioningSucceeded", message);
    Outcome::DONE
}

fn provisioned(
    claim: &PersistentVolumeClaim,
    class: &StorageClass,
    name: &str,
) -> PersistentVolume {
    let spec = claim.spec.clone().unwrap_or_default();
    let requests = spec.resources.and_then(|resources| resources.requests);
    let storage = requests.and_then(|mut requests| requests.remove("storage"));
    let annotations = BTreeMap::from([(PROVISIONED_BY.to_owned(), NAME.to_owned())]);
    let policy = class.reclaim_policy.as_deref().unwrap_or("Delete");
    PersistentVolume {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            annotations: Some(annotations),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeSpec {
            capacity: storage.map(|size| BTreeMap::from([("storage".to_owned(), size)])),
            host_path: Some(HostPathVolumeSource {
                path: format!("{DIRECTORY}/{name}"),
                type_: Some("DirectoryOrCreate".to_owned()),
            }),
            access_modes: spec.access_modes,
            claim_ref: Some(reference(&Object::from(claim.clone()))),
            persistent_volume_reclaim_policy: Some(policy.to_owned()),
            storage_class_name: class.metadata.name.clone(),
            mount_options: class.mount_options.clone(),
            volume_mode: spec.volume_mode,
            ..PersistentVolumeSpec::default()
        }),
        status: None,
    }
}

fn delete(key: &Key, client: &mut Client<'_>) -> Outcome {
    match client.delete(Kind::PersistentVolume, key, None, None) {
        Err(error) if !error.is_not_found() => Outcome::RETRY,
        _ => Outcome::DONE,
    }
}

fn event(client: &mut Client<'_>, claim: &PersistentVolumeClaim, reason: &str, message: String) {
    let about = reference(&Object::from(claim.clone()));
    let by = Reporter::control_plane(COMPONENT);
    client.event(&by, about, EventType::Normal, reason, message);
}
