//! Upstream: `plugin/pkg/admission/storage/{storageclass/setdefault,storageobjectinuseprotection,persistentvolume/resize}`.

use crate::annotation::BETA_STORAGE_CLASS;
use crate::api::quantity::Amount;
use crate::api::{Server, Status};
use crate::object::{Key, Kind};
use crate::store::Store;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
const BETA_DEFAULT_CLASS: &str = "storageclass.beta.kubernetes.io/is-default-class";

pub(super) fn protect_claim(claim: &mut PersistentVolumeClaim) {
    add_finalizer(&mut claim.metadata, "kubernetes.io/pvc-protection");
}

pub(super) fn protect_volume(volume: &mut PersistentVolume) {
    add_finalizer(&mut volume.metadata, "kubernetes.io/pv-protection");
}

fn add_finalizer(meta: &mut ObjectMeta, name: &str) {
    let finalizers = meta.finalizers.get_or_insert_default();
    if !finalizers.iter().any(|finalizer| finalizer == name) {
        finalizers.push(name.to_owned());
    }
}

/// Whether a storage class is marked as the default one.
pub(crate) fn is_default_class(class: &StorageClass) -> bool {
    class
        .metadata
        .annotations
        .iter()
        .flatten()
        .any(|(key, value)| (key == DEFAULT_CLASS || key == BETA_DEFAULT_CLASS) && value == "true")
}

/// The default storage class: the newest of those that are marked, the first by name among equally old ones.
///
/// Upstream: `pkg/volume/util/storageclass.go`.
pub(crate) fn default_class_of(store: &Store) -> Option<&StorageClass> {
    store
        .list_as::<StorageClass>(None)
        .filter(|class| is_default_class(class))
        .reduce(|best, class| {
            let date = |class: &StorageClass| {
                class
                    .metadata
                    .creation_timestamp
                    .as_ref()
                    .map(|time| time.0)
            };
            if date(class) > date(best) {
                class
            } else {
                best
            }
        })
}

pub(super) fn default_class(server: &Server, claim: &mut PersistentVolumeClaim) {
    let annotated = claim
        .metadata
        .annotations
        .iter()
        .flatten()
        .any(|(key, _)| key == BETA_STORAGE_CLASS);
    let spec = claim.spec.get_or_insert_default();
    if annotated || spec.storage_class_name.is_some() {
        return;
    }
    if let Some(class) = default_class_of(&server.store) {
        spec.storage_class_name = class.metadata.name.clone();
    }
}

fn requested(claim: &PersistentVolumeClaim) -> i128 {
    claim
        .spec
        .as_ref()
        .and_then(|spec| spec.resources.as_ref())
        .and_then(|resources| resources.requests.as_ref())
        .and_then(|requests| requests.get("storage"))
        .map_or(0, |quantity| Amount::of(quantity).nano())
}

pub(super) fn check_resize(
    server: &Server,
    claim: &PersistentVolumeClaim,
    old: &PersistentVolumeClaim,
) -> Result<(), Status> {
    if requested(claim) <= requested(old) {
        return Ok(());
    }
    let name = old.metadata.name.as_deref().unwrap_or("");
    let refuse = |why: &str| Err(Status::forbidden(Kind::PersistentVolumeClaim, name, why));
    let phase = old.status.as_ref().and_then(|s| s.phase.as_deref());
    if phase != Some("Bound") {
        return refuse("Only bound persistent volume claims can be expanded");
    }
    let class_of = |claim: &PersistentVolumeClaim| {
        let annotated = claim
            .metadata
            .annotations
            .as_ref()
            .and_then(|annotations| annotations.get(BETA_STORAGE_CLASS).cloned());
        annotated.or_else(|| {
            claim
                .spec
                .as_ref()
                .and_then(|spec| spec.storage_class_name.clone())
        })
    };
    let (class, old_class) = (class_of(claim), class_of(old));
    let expandable = class.as_deref().is_some_and(|class| {
        server
            .store
            .get_as::<StorageClass>(&Key::new("", class))
            .is_some_and(|class| class.allow_volume_expansion == Some(true))
    });
    if class != old_class || !expandable {
        return refuse(
            "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
        );
    }
    Ok(())
}
