//! Making volumes for claims: the in-tree host-path provisioner, and external provisioners that run beside the cluster.
//!
//! Upstream: `provisionClaim` in `pv_controller.go`, and `sig-storage-lib-external-provisioner`.

use super::bind::{BOUND_BY_CONTROLLER, annotate, has_annotation};
use super::claim::tell;
use super::{PersistentVolumeController, class, resync};
use crate::api::Status;
use crate::client::Client;
use crate::controllers::Outcome;
use crate::object::{Key, Kind, Object, Resource as _};
use crate::record::{EventType, Reporter, reference};
use k8s_openapi::api::core::v1::{
    HostPathVolumeSource, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm,
    PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec, VolumeNodeAffinity,
};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// The node that the scheduler chose for the first consumer.
pub(super) const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
/// Who made a volume.
pub(super) const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";
/// Keeps a volume object until the in-tree provisioner has deleted the data.
pub(super) const IN_TREE_FINALIZER: &str = "kubernetes.io/pv-controller";

const PROVISIONER_ANNOTATIONS: [&str; 2] = [
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/storage-provisioner",
];

/// The in-tree provisioner that the simulated controller manager knows.
const HOST_PATH: &str = "kubernetes.io/host-path";

/// An external provisioner that runs in the simulated cluster.
struct External {
    name: &'static str,
    /// The component that its events name.
    reporter: &'static str,
    /// Whether a volume belongs to the node it was made on.
    on_node: bool,
}

const EXTERNAL: [External; 3] = [
    External {
        name: "docker.io/hostpath",
        reporter: "docker.io/hostpath_storage-provisioner_00000000-0000-4000-8000-000000000001",
        on_node: false,
    },
    External {
        name: "k8s.io/minikube-hostpath",
        reporter: "k8s.io/minikube-hostpath_minikube_00000000-0000-4000-8000-000000000002",
        on_node: false,
    },
    External {
        name: "rancher.io/local-path",
        reporter: "rancher.io/local-path_local-path-provisioner_00000000-0000-4000-8000-000000000003",
        on_node: true,
    },
];

/// Goes one step further in making a volume for a claim.
pub(super) fn provision(
    controller: &mut PersistentVolumeController,
    client: &mut Client<'_>,
    claim: PersistentVolumeClaim,
) -> Outcome {
    let name = class::of_claim(&claim).to_owned();
    let Some(class) = class::find(client.store(), &name).cloned() else {
        let text = format!("storageclass.storage.k8s.io \"{name}\" not found");
        tell(
            client,
            &claim,
            EventType::Warning,
            "ProvisioningFailed",
            &text,
        );
        return resync();
    };
    let external = EXTERNAL
        .iter()
        .find(|external| external.name == class.provisioner);
    if class.provisioner != HOST_PATH && class.provisioner.starts_with("kubernetes.io/") {
        let text = format!("no volume plugin matched name: {}", class.provisioner);
        tell(
            client,
            &claim,
            EventType::Warning,
            "ProvisioningFailed",
            &text,
        );
        return resync();
    }
    let uid = claim.metadata.uid.clone().unwrap_or_default();
    match controller.provisioning.get(&uid) {
        None => {
            let claim = match request(client, claim, &class) {
                Ok(claim) => claim,
                Err(_) => return Outcome::RETRY,
            };
            if class.provisioner != HOST_PATH {
                tell_of_external(client, &claim, &class, external);
            }
            let wait = client.latency().provision;
            if class.provisioner != HOST_PATH && external.is_none() {
                return resync();
            }
            controller.provisioning.insert(uid, client.now() + wait);
            Outcome::after(wait)
        }
        Some(ready) if *ready > client.now() => Outcome::after(ready.since(client.now())),
        Some(_) => {
            controller.provisioning.remove(&uid);
            match make(client, &claim, &class, external) {
                Ok(()) => Outcome::DONE,
                Err(_) => Outcome::RETRY,
            }
        }
    }
}

/// Notes on the claim who is to make its volume.
fn request(
    client: &mut Client<'_>,
    mut claim: PersistentVolumeClaim,
    class: &StorageClass,
) -> Result<PersistentVolumeClaim, Status> {
    let noted = PROVISIONER_ANNOTATIONS
        .iter()
        .all(|key| has_annotation(&claim.metadata, key));
    if noted {
        return Ok(claim);
    }
    for key in PROVISIONER_ANNOTATIONS {
        annotate(&mut claim.metadata, key, &class.provisioner);
    }
    super::bind::typed(client.update(claim)?)
}

fn tell_of_external(
    client: &mut Client<'_>,
    claim: &PersistentVolumeClaim,
    class: &StorageClass,
    external: Option<&External>,
) {
    if let Some(external) = external {
        let object = Object::from(claim.clone());
        let text = format!(
            "External provisioner is provisioning volume for claim \"{}\"",
            object.key()
        );
        let by = Reporter::control_plane(external.reporter);
        client.event(
            &by,
            reference(&object),
            EventType::Normal,
            "Provisioning",
            text,
        );
    }
    let text = format!(
        "Waiting for a volume to be created either by the external provisioner '{}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
        class.provisioner
    );
    tell(
        client,
        claim,
        EventType::Normal,
        "ExternalProvisioning",
        &text,
    );
}

/// Creates the volume object, reserved for its claim.
fn make(
    client: &mut Client<'_>,
    claim: &PersistentVolumeClaim,
    class: &StorageClass,
    external: Option<&External>,
) -> Result<(), Status> {
    let uid = claim.metadata.uid.as_deref().unwrap_or("");
    let name = format!("pvc-{uid}");
    if client
        .store()
        .get(Kind::PersistentVolume, &Key::new("", &name))
        .is_some()
    {
        return Ok(());
    }
    let random = client.random().uid();
    let volume = PersistentVolume {
        metadata: volume_metadata(&name, claim, class, external),
        spec: Some(volume_spec(&name, &random, claim, class, external)),
        status: None,
    };
    client.create(volume)?;
    let (by, text) = match external {
        Some(external) => (
            external.reporter,
            format!("Successfully provisioned volume {name}"),
        ),
        None => (
            "persistentvolume-controller",
            format!("Successfully provisioned volume {name} using {HOST_PATH}"),
        ),
    };
    let about = reference(&claim.clone().into_object());
    client.event(
        &Reporter::control_plane(by),
        about,
        EventType::Normal,
        "ProvisioningSucceeded",
        text,
    );
    Ok(())
}

fn volume_metadata(
    name: &str,
    claim: &PersistentVolumeClaim,
    class: &StorageClass,
    external: Option<&External>,
) -> ObjectMeta {
    let mut meta = ObjectMeta {
        name: Some(name.to_owned()),
        ..ObjectMeta::default()
    };
    annotate(&mut meta, PROVISIONED_BY, &class.provisioner);
    match external {
        Some(external) if external.on_node => {
            let node = selected_node(claim);
            annotate(&mut meta, "local.path.provisioner/selected-node", &node);
        }
        Some(_) => {}
        None => {
            annotate(
                &mut meta,
                "kubernetes.io/createdby",
                "hostpath-dynamic-provisioner",
            );
            annotate(&mut meta, BOUND_BY_CONTROLLER, "yes");
            if class.reclaim_policy.as_deref() == Some("Delete") {
                meta.finalizers = Some(vec![IN_TREE_FINALIZER.to_owned()]);
            }
        }
    }
    meta
}

fn selected_node(claim: &PersistentVolumeClaim) -> String {
    claim
        .metadata
        .annotations
        .as_ref()
        .and_then(|all| all.get(SELECTED_NODE))
        .cloned()
        .unwrap_or_default()
}

fn volume_spec(
    name: &str,
    random: &str,
    claim: &PersistentVolumeClaim,
    class: &StorageClass,
    external: Option<&External>,
) -> PersistentVolumeSpec {
    let spec = claim.spec.clone().unwrap_or_default();
    let size = spec
        .resources
        .and_then(|resources| resources.requests?.get("storage").cloned())
        .unwrap_or_default();
    let object = Object::from(claim.clone());
    let (path, path_type) = match external {
        None => (format!("/tmp/hostpath_pv/{random}"), ""),
        Some(external) if external.on_node => {
            let folder = format!("{name}_{}_{}", object.namespace(), object.name());
            (
                format!("/var/local-path-provisioner/{folder}"),
                "DirectoryOrCreate",
            )
        }
        Some(_) => (
            format!("/var/lib/docker-hostpath/{name}"),
            "DirectoryOrCreate",
        ),
    };
    PersistentVolumeSpec {
        capacity: Some(BTreeMap::from([("storage".to_owned(), size)])),
        access_modes: spec.access_modes,
        claim_ref: Some(reference(&object)),
        host_path: Some(HostPathVolumeSource {
            path,
            type_: Some(path_type.to_owned()),
        }),
        mount_options: class.mount_options.clone(),
        node_affinity: external
            .is_some_and(|external| external.on_node)
            .then(|| on_node(&selected_node(claim))),
        persistent_volume_reclaim_policy: class.reclaim_policy.clone(),
        storage_class_name: class.metadata.name.clone(),
        volume_mode: spec.volume_mode,
        ..PersistentVolumeSpec::default()
    }
}

fn on_node(node: &str) -> VolumeNodeAffinity {
    let requirement = NodeSelectorRequirement {
        key: "kubernetes.io/hostname".to_owned(),
        operator: "In".to_owned(),
        values: Some(vec![node.to_owned()]),
    };
    let term = NodeSelectorTerm {
        match_expressions: Some(vec![requirement]),
        match_fields: None,
    };
    VolumeNodeAffinity {
        required: Some(NodeSelector {
            node_selector_terms: vec![term],
        }),
    }
}
