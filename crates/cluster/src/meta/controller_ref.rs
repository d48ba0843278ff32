//! Owner references to controllers.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/controller_ref.go`.

use crate::object::{Key, Kind, Object};
use crate::store::Store;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use std::sync::Arc;

/// The reference to the one owner that manages the object.
pub fn controller_of(meta: &ObjectMeta) -> Option<&OwnerReference> {
    let owners = meta.owner_references.as_deref().unwrap_or_default();
    owners.iter().find(|owner| owner.controller == Some(true))
}

/// The object of this kind that a reference means, if it is still the same one.
pub fn resolve_controller_ref<'s>(
    store: &'s Store,
    kind: Kind,
    namespace: &str,
    owner: &OwnerReference,
) -> Option<&'s Arc<Object>> {
    if owner.kind != kind.info().kind {
        return None;
    }
    let found = store.get(kind, &Key::new(namespace, &owner.name))?;
    (found.uid() == owner.uid).then_some(found)
}

/// A reference to `owner` as the managing controller, which its dependents hold back when it is deleted foreground.
pub fn new_controller_ref(kind: Kind, owner: &ObjectMeta) -> OwnerReference {
    let info = kind.info();
    OwnerReference {
        api_version: info.api_version(),
        kind: info.kind.to_owned(),
        name: owner.name.clone().unwrap_or_default(),
        uid: owner.uid.clone().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// Whether `uid` is among the owners.
pub fn is_owned_by(meta: &ObjectMeta, uid: &str) -> bool {
    let owners = meta.owner_references.as_deref().unwrap_or_default();
    owners.iter().any(|owner| owner.uid == uid)
}

/// Takes the references with `uid` away.
pub fn remove_owner(meta: &mut ObjectMeta, uid: &str) {
    if let Some(owners) = &mut meta.owner_references {
        owners.retain(|owner| owner.uid != uid);
        if owners.is_empty() {
            meta.owner_references = None;
        }
    }
}
