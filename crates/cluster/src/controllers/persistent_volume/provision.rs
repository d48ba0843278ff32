//! Volumes that are made for claims.
//!
//! Upstream: `pkg/controller/volume/persistentvolume/pv_controller.go` (`provisionClaim`), `pkg/volume/hostpath`.

use super::binding::explain_waiting;
use super::{
    BETA_STORAGE_PROVISIONER, BOUND_BY_CONTROLLER, CONTROLLER_FINALIZER, PROVISIONED_BY,
    PersistentVolumeController, STORAGE_PROVISIONER, event, resync,
};
use crate::client::Client;
use crate::controller::{Outcome, Requeue};
use crate::object::{Key, Object};
use crate::record::{EventType, reference};
use k8s_openapi::api::core::v1::{
    HostPathVolumeSource, PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec,
};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// The provisioner inside of the controller manager.
const HOST_PATH: &str = "kubernetes.io/host-path";

/// Plugins of the controller manager that make no volumes.
const NOT_PROVISIONABLE: [&str; 3] = [
    "kubernetes.io/nfs",
    "kubernetes.io/fc",
    "kubernetes.io/iscsi",
];

impl PersistentVolumeController {
    /// Has a volume made for a claim.
    pub(super) fn provision_claim(
        &mut self,
        key: &Key,
        claim: PersistentVolumeClaim,
        class_name: &str,
        class: Option<StorageClass>,
        client: &mut Client<'_>,
    ) -> Outcome {
        explain_waiting(client, &claim, class_name);
        let Some(class) = class else {
            let message = format!("storageclass.storage.k8s.io \"{class_name}\" not found");
            event(
                client,
                &claim,
                EventType::Warning,
                "ProvisioningFailed",
                message,
            );
            return resync(client);
        };
        let provisioner = class.provisioner.as_str();
        if provisioner != HOST_PATH && provisioner.starts_with("kubernetes.io/") {
            let message = if NOT_PROVISIONABLE.contains(&provisioner) {
                "no provisionable volume plugin matched".to_owned()
            } else {
                format!("no volume plugin matched name: {provisioner}")
            };
            event(
                client,
                &claim,
                EventType::Warning,
                "ProvisioningFailed",
                message,
            );
            return resync(client);
        }
        let annotated = |name: &str| {
            let annotations = claim.metadata.annotations.as_ref();
            annotations
                .and_then(|map| map.get(name))
                .map(String::as_str)
                == Some(provisioner)
        };
        if !annotated(STORAGE_PROVISIONER) || !annotated(BETA_STORAGE_PROVISIONER) {
            return self.name_provisioner(key, claim, provisioner, client);
        }
        if provisioner != HOST_PATH {
            tell_external(&claim, provisioner, client);
            return resync(client);
        }
        let now = client.now();
        match self.operations.get(key) {
            Some(due) if *due > now => Outcome::after(due.since(now)),
            Some(_) => {
                self.operations.remove_mut(key);
                self.provision(&claim, &class, client)
            }
            None => {
                let length = client.jitter(client.latency().provision);
                self.operations.insert_mut(key.clone(), now + length);
                Outcome::after(length)
            }
        }
    }

    /// Writes who is to make the volume. Another sync follows; it finds the operation begun.
    fn name_provisioner(
        &mut self,
        key: &Key,
        mut claim: PersistentVolumeClaim,
        provisioner: &str,
        client: &mut Client<'_>,
    ) -> Outcome {
        let annotations = claim.metadata.annotations.get_or_insert_default();
        for name in [STORAGE_PROVISIONER, BETA_STORAGE_PROVISIONER] {
            annotations.insert(name.to_owned(), provisioner.to_owned());
        }
        let Ok(stored) = client.update(claim) else {
            return Outcome::RETRY;
        };
        if let Object::PersistentVolumeClaim(claim) = &*stored
            && provisioner != HOST_PATH
        {
            tell_external(claim, provisioner, client);
            return resync(client);
        }
        let length = client.jitter(client.latency().provision);
        self.operations
            .insert_mut(key.clone(), client.now() + length);
        Outcome {
            requeue: Requeue::After(length),
            looked_at: 1,
        }
    }

    fn provision(
        &mut self,
        claim: &PersistentVolumeClaim,
        class: &StorageClass,
        client: &mut Client<'_>,
    ) -> Outcome {
        let name = format!("pvc-{}", claim.metadata.uid.as_deref().unwrap_or(""));
        let path = format!("/tmp/hostpath_pv/{}", client.random().uid());
        let volume = provisioned(claim, class, &name, path);
        match client.create(volume) {
            Ok(_) => {}
            Err(error) if error.is_already_exists() => return Outcome::DONE,
            Err(_) => return Outcome::RETRY,
        }
        let message = format!("Successfully provisioned volume {name} using {HOST_PATH}");
        event(
            client,
            claim,
            EventType::Normal,
            "ProvisioningSucceeded",
            message,
        );
        Outcome::DONE
    }
}

/// Says that somebody else is to make the volume.
fn tell_external(claim: &PersistentVolumeClaim, provisioner: &str, client: &mut Client<'_>) {
    let message = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
    );
    event(
        client,
        claim,
        EventType::Normal,
        "ExternalProvisioning",
        message,
    );
}

fn provisioned(
    claim: &PersistentVolumeClaim,
    class: &StorageClass,
    name: &str,
    path: String,
) -> PersistentVolume {
    let policy = class
        .reclaim_policy
        .clone()
        .unwrap_or_else(|| "Delete".to_owned());
    let spec = claim.spec.clone().unwrap_or_default();
    let requests = spec.resources.and_then(|resources| resources.requests);
    let annotations = [
        ("kubernetes.io/createdby", "hostpath-dynamic-provisioner"),
        (BOUND_BY_CONTROLLER, "yes"),
        (PROVISIONED_BY, HOST_PATH),
    ];
    let storage = requests.and_then(|mut requests| requests.remove("storage"));
    PersistentVolume {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            annotations: Some(
                annotations
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .collect(),
            ),
            finalizers: (policy == "Delete").then(|| vec![CONTROLLER_FINALIZER.to_owned()]),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeSpec {
            capacity: storage.map(|size| BTreeMap::from([("storage".to_owned(), size)])),
            host_path: Some(HostPathVolumeSource {
                path,
                type_: Some(String::new()),
            }),
            access_modes: spec.access_modes,
            claim_ref: Some(reference(&Object::from(claim.clone()))),
            persistent_volume_reclaim_policy: Some(policy),
            storage_class_name: class.metadata.name.clone(),
            mount_options: class.mount_options.clone(),
            volume_mode: spec.volume_mode,
            ..PersistentVolumeSpec::default()
        }),
        status: None,
    }
}
