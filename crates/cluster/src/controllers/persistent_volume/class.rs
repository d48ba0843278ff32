//! Storage classes as the binder sees them.

use crate::object::Key;
use crate::store::Store;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The class annotation from before classes were a field; it still counts first.
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

fn annotated(meta: &ObjectMeta) -> Option<&str> {
    meta.annotations
        .as_ref()?
        .get(CLASS_ANNOTATION)
        .map(String::as_str)
}

/// The class a claim asks for; empty for none.
pub(super) fn of_claim(claim: &PersistentVolumeClaim) -> &str {
    let field = claim
        .spec
        .as_ref()
        .and_then(|spec| spec.storage_class_name.as_deref());
    annotated(&claim.metadata).or(field).unwrap_or("")
}

/// Whether a claim says nothing at all about its class.
pub(super) fn is_absent(claim: &PersistentVolumeClaim) -> bool {
    annotated(&claim.metadata).is_none()
        && claim
            .spec
            .as_ref()
            .is_none_or(|spec| spec.storage_class_name.is_none())
}

/// The class a volume belongs to; empty for none.
pub(super) fn of_volume(volume: &PersistentVolume) -> &str {
    let field = volume
        .spec
        .as_ref()
        .and_then(|spec| spec.storage_class_name.as_deref());
    annotated(&volume.metadata).or(field).unwrap_or("")
}

/// The class of that name.
pub(super) fn find<'a>(store: &'a Store, name: &str) -> Option<&'a StorageClass> {
    store.get_as::<StorageClass>(&Key::new("", name))
}

/// Whether claims of a class wait for the pod that will use them.
pub(super) fn waits_for_first_consumer(store: &Store, name: &str) -> bool {
    find(store, name)
        .is_some_and(|class| class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer"))
}

/// The default class: the newest that is marked as such.
pub(super) fn default_class(store: &Store) -> Option<&StorageClass> {
    let marked = |class: &&StorageClass| {
        let annotations = class.metadata.annotations.as_ref();
        let says = |key: &str| {
            annotations
                .and_then(|all| all.get(key))
                .is_some_and(|value| value == "true")
        };
        says("storageclass.kubernetes.io/is-default-class")
            || says("storageclass.beta.kubernetes.io/is-default-class")
    };
    store
        .list_as::<StorageClass>(None)
        .filter(marked)
        .max_by(|a, b| {
            let created = |class: &StorageClass| {
                class
                    .metadata
                    .creation_timestamp
                    .as_ref()
                    .map(|time| time.0)
            };
            created(a)
                .cmp(&created(b))
                .then_with(|| b.metadata.name.cmp(&a.metadata.name))
        })
}
