//! Claims of generic ephemeral volumes: made for their pod, and gone with it.
//!
//! Upstream: `pkg/controller/volume/ephemeral/controller.go`. A key is a pod.

use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::store::{Change, ChangeType, Store};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Volume};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

/// Claims of generic ephemeral volumes.
#[derive(Clone, Default)]
pub struct EphemeralVolumeController {}

impl Controller for EphemeralVolumeController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        match &*change.object {
            Object::Pod(pod) if change.change == ChangeType::Added && has_ephemeral(pod) => {
                wakes.add(ControllerId::EphemeralVolume, change.object.key());
            }
            Object::PersistentVolumeClaim(claim) if change.change == ChangeType::Deleted => {
                let owner = claim.metadata.owner_references.iter().flatten().next();
                let Some(owner) = owner.filter(|owner| owner.kind == "Pod") else {
                    return;
                };
                let key = Key::new(change.object.namespace(), &owner.name);
                if store.get_as::<Pod>(&key).is_some_and(has_ephemeral) {
                    wakes.add(ControllerId::EphemeralVolume, key);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(pod) = client.get::<Pod>(key).cloned() else {
            return Outcome::DONE;
        };
        if pod.metadata.deletion_timestamp.is_some() {
            return Outcome::DONE;
        }
        let volumes = pod
            .spec
            .iter()
            .flat_map(|spec| spec.volumes.iter().flatten());
        let mut outcome = Outcome::DONE;
        for volume in volumes {
            if let Err(why) = ensure_claim(key, &pod, volume, client) {
                let by = Reporter::control_plane("ephemeral_volume");
                let about = reference(&Object::from(pod.clone()));
                let message = format!("ephemeral volume \"{}\": {why}", volume.name);
                client.event(&by, about, EventType::Warning, "FailedBinding", message);
                outcome = Outcome::RETRY;
            }
        }
        outcome
    }
}

fn has_ephemeral(pod: &Pod) -> bool {
    let mut volumes = pod
        .spec
        .iter()
        .flat_map(|spec| spec.volumes.iter().flatten());
    volumes.any(|volume| volume.ephemeral.is_some())
}

/// Makes the claim of a volume, unless it is there.
fn ensure_claim(
    key: &Key,
    pod: &Pod,
    volume: &Volume,
    client: &mut Client<'_>,
) -> Result<(), String> {
    let Some(template) = volume
        .ephemeral
        .as_ref()
        .and_then(|source| source.volume_claim_template.as_ref())
    else {
        return Ok(());
    };
    let name = format!("{}-{}", key.name(), volume.name);
    let uid = pod.metadata.uid.clone().unwrap_or_default();
    if let Some(claim) = client.get::<PersistentVolumeClaim>(&Key::new(key.namespace(), &name)) {
        let mut owners = claim.metadata.owner_references.iter().flatten();
        return match owners.any(|owner| owner.uid == uid) {
            true => Ok(()),
            false => Err(format!(
                "PVC {}/{name} was not created for pod {}/{} (pod is not owner)",
                key.namespace(),
                key.namespace(),
                key.name()
            )),
        };
    }
    let mut claim = PersistentVolumeClaim {
        metadata: template.metadata.clone().unwrap_or_default(),
        spec: Some(template.spec.clone()),
        status: None,
    };
    claim.metadata.name = Some(name);
    claim.metadata.namespace = Some(key.namespace().to_owned());
    claim.metadata.owner_references = Some(vec![OwnerReference {
        api_version: "v1".to_owned(),
        kind: "Pod".to_owned(),
        name: key.name().to_owned(),
        uid,
        controller: Some(true),
        block_owner_deletion: Some(true),
    }]);
    match client.create(claim) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("create PVC: {}", error.message)),
    }
}
