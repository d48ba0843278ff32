//! Claims that want to grow.
//!
//! Upstream: `pkg/controller/volume/expand/expand_controller.go`; for volumes of a CSI driver, `kubernetes-csi/external-resizer`
//! and the kubelet's part of it, `pkg/volume/util/operationexecutor`. A key is a claim.

use super::external_provisioner::EBS;
use crate::api::quantity::Amount;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::storage::claim_names;
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::Duration;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use std::collections::BTreeMap;

/// How long the storage, and then the file system, takes to grow.
const OPERATION: Duration = Duration::millis(1_200);

const RESIZING: &str = "Resizing";
const FILE_SYSTEM_PENDING: &str = "FileSystemResizePending";

/// Claims that want to grow.
#[derive(Clone, Default)]
pub struct VolumeExpandController {}

impl Controller for VolumeExpandController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        if change.change == ChangeType::Deleted {
            return;
        }
        match &*change.object {
            Object::PersistentVolumeClaim(claim) => {
                let old = match change.old.as_deref() {
                    Some(Object::PersistentVolumeClaim(old)) => requested(old),
                    _ => None,
                };
                if wants_more(claim) && (requested(claim) != old || condition(claim).is_some()) {
                    wakes.add(ControllerId::VolumeExpand, change.object.key());
                }
            }
            Object::Pod(pod) if is_running(pod) => {
                for claim in claim_names(pod) {
                    let key = Key::new(change.object.namespace(), &claim);
                    let claim = store.get_as::<core::PersistentVolumeClaim>(&key);
                    if claim.and_then(condition) == Some(FILE_SYSTEM_PENDING) {
                        wakes.add(ControllerId::VolumeExpand, key);
                    }
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(claim) = client.get::<core::PersistentVolumeClaim>(key).cloned() else {
            return Outcome::DONE;
        };
        let name = claim
            .spec
            .as_ref()
            .and_then(|spec| spec.volume_name.as_deref());
        let volume = Key::new("", name.unwrap_or(""));
        let Some(volume) = client.get::<core::PersistentVolume>(&volume).cloned() else {
            return Outcome::DONE;
        };
        if !wants_more(&claim) {
            return Outcome::DONE;
        }
        let driver = volume.spec.as_ref().and_then(|spec| spec.csi.as_ref());
        let resized = driver.is_some_and(|csi| csi.driver == EBS);
        match condition(&claim) {
            None => {
                let message = "waiting for an external controller to expand this PVC".to_owned();
                let by = Reporter::control_plane("volume_expand");
                let about = reference(&Object::from(claim.clone()));
                client.event(&by, about, EventType::Normal, "ExternalExpanding", message);
                match resized {
                    true => begin(claim, &volume, client),
                    false => Outcome::DONE,
                }
            }
            Some(RESIZING) => grow_volume(claim, volume, client),
            Some(_) => grow_file_system(key, claim, &volume, client),
        }
    }
}

fn requested(claim: &core::PersistentVolumeClaim) -> Option<&Quantity> {
    let resources = claim.spec.as_ref()?.resources.as_ref()?;
    resources.requests.as_ref()?.get("storage")
}

/// Whether a bound claim asks for more than it has.
fn wants_more(claim: &core::PersistentVolumeClaim) -> bool {
    let status = claim.status.as_ref();
    let bound = status.and_then(|status| status.phase.as_deref()) == Some("Bound");
    let has = status.and_then(|status| status.capacity.as_ref()?.get("storage"));
    let amount = |size: Option<&Quantity>| size.map_or(0, |size| Amount::of(size).nano());
    bound && amount(requested(claim)) > amount(has)
}

/// How far the growing has come.
fn condition(claim: &core::PersistentVolumeClaim) -> Option<&'static str> {
    let conditions = claim.status.as_ref()?.conditions.as_ref()?;
    [RESIZING, FILE_SYSTEM_PENDING]
        .into_iter()
        .find(|name| conditions.iter().any(|condition| condition.type_ == *name))
}

fn is_running(pod: &core::Pod) -> bool {
    let status = pod.status.as_ref();
    status.and_then(|status| status.phase.as_deref()) == Some("Running")
}

fn resizer(
    client: &mut Client<'_>,
    claim: &core::PersistentVolumeClaim,
    reason: &str,
    message: String,
) {
    let about = reference(&Object::from(claim.clone()));
    let by = Reporter::control_plane("external-resizer ebs.csi.aws.com");
    client.event(&by, about, EventType::Normal, reason, message);
}

/// Sets the one condition that says how far it has come, and the state of the resource.
fn set_progress(
    claim: &mut core::PersistentVolumeClaim,
    (name, message): (&str, Option<&str>),
    state: &str,
    client: &Client<'_>,
) {
    let size = requested(claim).cloned();
    let date = client.calendar().time(client.now());
    let status = claim.status.get_or_insert_default();
    status.conditions = Some(vec![core::PersistentVolumeClaimCondition {
        type_: name.to_owned(),
        status: "True".to_owned(),
        last_transition_time: Some(date),
        message: message.map(str::to_owned),
        ..core::PersistentVolumeClaimCondition::default()
    }]);
    let storage = || "storage".to_owned();
    status.allocated_resources = size.map(|size| BTreeMap::from([(storage(), size)]));
    status.allocated_resource_statuses = Some(BTreeMap::from([(storage(), state.to_owned())]));
}

fn begin(
    mut claim: core::PersistentVolumeClaim,
    volume: &core::PersistentVolume,
    client: &mut Client<'_>,
) -> Outcome {
    set_progress(
        &mut claim,
        (RESIZING, None),
        "ControllerResizeInProgress",
        client,
    );
    let name = volume.metadata.name.as_deref().unwrap_or("");
    let message = format!("External resizer is resizing volume {name}");
    resizer(client, &claim, RESIZING, message);
    match client.update_status(claim) {
        Ok(_) => Outcome::after(OPERATION),
        Err(_) => Outcome::RETRY,
    }
}

fn grow_volume(
    mut claim: core::PersistentVolumeClaim,
    mut volume: core::PersistentVolume,
    client: &mut Client<'_>,
) -> Outcome {
    let size = requested(&claim).cloned();
    let spec = volume.spec.get_or_insert_default();
    spec.capacity = size.map(|size| BTreeMap::from([("storage".to_owned(), size)]));
    let message =
        "Waiting for user to (re-)start a pod to finish file system resize of volume on node.";
    set_progress(
        &mut claim,
        (FILE_SYSTEM_PENDING, Some(message)),
        "NodeResizePending",
        client,
    );
    if client.update(volume).is_err() {
        return Outcome::RETRY;
    }
    let message = "Require file system resize of volume on node".to_owned();
    resizer(client, &claim, "FileSystemResizeRequired", message);
    match client.update_status(claim) {
        Ok(_) => Outcome::after(OPERATION),
        Err(_) => Outcome::RETRY,
    }
}

/// The kubelet's part: it grows the file system of a volume that a running pod has mounted.
fn grow_file_system(
    key: &Key,
    mut claim: core::PersistentVolumeClaim,
    volume: &core::PersistentVolume,
    client: &mut Client<'_>,
) -> Outcome {
    let users = format!("{}/{}", key.namespace(), key.name());
    let pods = client
        .store()
        .by_index_as::<core::Pod>(Index::Claim, &users);
    let Some(pod) = pods.into_iter().find(|pod| is_running(pod)).cloned() else {
        return Outcome::DONE;
    };
    let capacity = volume.spec.as_ref().and_then(|spec| spec.capacity.clone());
    let status = claim.status.get_or_insert_default();
    status.capacity = capacity;
    status.conditions = None;
    status.allocated_resource_statuses = None;
    if client.update_status(claim.clone()).is_err() {
        return Outcome::RETRY;
    }
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
    let node = node.unwrap_or_default();
    let name = volume.metadata.name.as_deref().unwrap_or("");
    let message = format!("MountVolume.NodeExpandVolume succeeded for volume \"{name}\" {node}");
    let by = Reporter::on_node("kubelet", &node);
    for object in [Object::from(pod), Object::from(claim)] {
        let (about, message) = (reference(&object), message.clone());
        client.event(
            &by,
            about,
            EventType::Normal,
            "FileSystemResizeSuccessful",
            message,
        );
    }
    Outcome::DONE
}
