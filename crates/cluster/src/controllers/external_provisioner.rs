//! The provisioners that run beside the control plane and make volumes for classes that name them: Docker Desktop's,
//! minikube's, Rancher's for local paths, and Amazon's for block storage.
//!
//! Upstream: `sigs.k8s.io/sig-storage-lib-external-provisioner/v13`, `controller/controller.go`;
//! `rancher/local-path-provisioner`, `kubernetes-sigs/aws-ebs-csi-driver`. A key with a namespace is a claim, one without
//! is a volume.

mod sources;

pub(crate) use sources::EBS;

use crate::annotation::BETA_STORAGE_CLASS;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::store::{Change, ChangeType, Store};
use crate::time::Duration;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sources::{Ask, Made, PROVISIONERS, Provisioner};
use std::collections::BTreeMap;

/// How long a claim that failed waits for another try.
const RETRY: Duration = Duration::secs(15);

const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";
const STORAGE_PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const FINALIZER: &str = "external-provisioner.volume.kubernetes.io/finalizer";

/// Makes and removes the volumes of the provisioners that run.
#[derive(Clone, Default)]
pub struct ExternalProvisioner {}

impl Controller for ExternalProvisioner {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        if change.change == ChangeType::Deleted {
            return;
        }
        let ours = match &*change.object {
            Object::PersistentVolumeClaim(claim) => to_provision(claim, store).is_some(),
            Object::PersistentVolume(volume) => is_to_delete(volume),
            _ => false,
        };
        if ours {
            wakes.add(ControllerId::ExternalProvisioner, change.object.key());
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        if key.namespace().is_empty() {
            return match client.get::<PersistentVolume>(key).cloned() {
                Some(volume) if is_to_delete(&volume) => delete(key, volume, client),
                _ => Outcome::DONE,
            };
        }
        let Some(claim) = client.get::<PersistentVolumeClaim>(key).cloned() else {
            return Outcome::DONE;
        };
        match to_provision(&claim, client.store()) {
            Some((provisioner, class)) => provision(&claim, provisioner, &class.clone(), client),
            None => Outcome::DONE,
        }
    }
}

/// Whether somebody makes the volumes of a class with this provisioner.
pub fn is_simulated(provisioner: &str) -> bool {
    let ours = PROVISIONERS.iter().any(|known| known.name == provisioner);
    ours || provisioner == "kubernetes.io/host-path"
}

fn annotation<'m>(meta: &'m ObjectMeta, name: &str) -> Option<&'m str> {
    meta.annotations.as_ref()?.get(name).map(String::as_str)
}

/// The provisioner of a claim that waits for one that runs here, and its class.
fn to_provision<'s>(
    claim: &PersistentVolumeClaim,
    store: &'s Store,
) -> Option<(&'static Provisioner, &'s StorageClass)> {
    let name = annotation(&claim.metadata, STORAGE_PROVISIONER)?;
    let provisioner = PROVISIONERS.iter().find(|known| known.name == name)?;
    let spec = claim.spec.as_ref()?;
    let volume = spec.volume_name.as_deref().unwrap_or("");
    if !volume.is_empty() {
        return None;
    }
    let class =
        annotation(&claim.metadata, BETA_STORAGE_CLASS).or(spec.storage_class_name.as_deref())?;
    let class = store.get_as::<StorageClass>(&Key::new("", class))?;
    let delayed = class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer");
    let chosen = annotation(&claim.metadata, SELECTED_NODE).is_some_and(|node| !node.is_empty());
    (class.provisioner == name && (chosen || !delayed)).then_some((provisioner, class))
}

/// Whether a volume of one of these provisioners is released and to go.
fn is_to_delete(volume: &PersistentVolume) -> bool {
    let by = annotation(&volume.metadata, PROVISIONED_BY);
    let spec = volume.spec.as_ref();
    let status = volume.status.as_ref();
    PROVISIONERS.iter().any(|known| by == Some(known.name))
        && (volume.metadata.deletion_timestamp.is_none() || has_finalizer(volume))
        && status.and_then(|status| status.phase.as_deref()) == Some("Released")
        && spec.and_then(|spec| spec.persistent_volume_reclaim_policy.as_deref()) == Some("Delete")
}

fn has_finalizer(volume: &PersistentVolume) -> bool {
    let mut finalizers = volume.metadata.finalizers.iter().flatten();
    finalizers.any(|finalizer| finalizer == FINALIZER)
}

fn provision(
    claim: &PersistentVolumeClaim,
    provisioner: &Provisioner,
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
    let by = provisioner.component;
    event(
        client,
        claim,
        by,
        EventType::Normal,
        "Provisioning",
        message,
    );
    let id = client.random().hex(9);
    let ask = Ask {
        volume: &name,
        claim: &key,
        spec: &claim.spec.clone().unwrap_or_default(),
        node: annotation(&claim.metadata, SELECTED_NODE),
        id: &id,
        store: client.store(),
    };
    let made = match (provisioner.make)(&ask) {
        Ok(made) => made,
        Err(why) => {
            let class = class.metadata.name.as_deref().unwrap_or("");
            let message =
                format!("failed to provision volume with StorageClass \"{class}\": {why}");
            event(
                client,
                claim,
                by,
                EventType::Warning,
                "ProvisioningFailed",
                message,
            );
            return Outcome::after(RETRY);
        }
    };
    let volume = provisioned(claim, class, provisioner, &name, made);
    if client.create(volume).is_err() {
        return Outcome::RETRY;
    }
    let message = format!("Successfully provisioned volume {name}");
    event(
        client,
        claim,
        by,
        EventType::Normal,
        "ProvisioningSucceeded",
        message,
    );
    Outcome::DONE
}

fn provisioned(
    claim: &PersistentVolumeClaim,
    class: &StorageClass,
    provisioner: &Provisioner,
    name: &str,
    made: Made,
) -> PersistentVolume {
    let spec = claim.spec.clone().unwrap_or_default();
    let requests = spec.resources.and_then(|resources| resources.requests);
    let asked = requests.and_then(|mut requests| requests.remove("storage"));
    let mut annotations = made.annotations;
    annotations.insert(PROVISIONED_BY.to_owned(), provisioner.name.to_owned());
    let policy = class.reclaim_policy.as_deref().unwrap_or("Delete");
    PersistentVolume {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            annotations: Some(annotations),
            finalizers: made.csi.is_some().then(|| vec![FINALIZER.to_owned()]),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeSpec {
            capacity: made
                .capacity
                .or(asked)
                .map(|size| BTreeMap::from([("storage".to_owned(), size)])),
            host_path: made.host_path,
            csi: made.csi,
            node_affinity: made.node_affinity,
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

fn delete(key: &Key, mut volume: PersistentVolume, client: &mut Client<'_>) -> Outcome {
    let terminating = volume.metadata.deletion_timestamp.is_some();
    if !terminating
        && let Err(error) = client.delete(Kind::PersistentVolume, key, None, None)
        && !error.is_not_found()
    {
        return Outcome::RETRY;
    }
    if !has_finalizer(&volume) {
        return Outcome::DONE;
    }
    if let Some(stored) = client.get::<PersistentVolume>(key) {
        volume = stored.clone();
    }
    if let Some(finalizers) = volume.metadata.finalizers.as_mut() {
        finalizers.retain(|finalizer| finalizer != FINALIZER);
    }
    match client.update(volume) {
        Err(error) if !error.is_not_found() => Outcome::RETRY,
        _ => Outcome::DONE,
    }
}

fn event(
    client: &mut Client<'_>,
    claim: &PersistentVolumeClaim,
    component: &'static str,
    kind: EventType,
    reason: &str,
    message: String,
) {
    let about = reference(&Object::from(claim.clone()));
    let by = Reporter::control_plane(component);
    client.event(&by, about, kind, reason, message);
}
