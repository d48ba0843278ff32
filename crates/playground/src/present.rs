//! From the cluster's objects to the views that the page draws.

pub(crate) mod blocks;
pub(crate) mod commentary;
pub(crate) mod completion;
pub(crate) mod deeds;
pub(crate) mod diagnostics;
pub(crate) mod dns;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod faults;
pub(crate) mod nodes;
pub(crate) mod owners;
pub(crate) mod pod;
pub(crate) mod reasons;
pub(crate) mod related;
pub(crate) mod set;
pub(crate) mod storage;
pub(crate) mod time;
pub(crate) mod timeline;
pub(crate) mod twin;
pub(crate) mod ways;

use crate::view::ObjectRef;
use petset_cluster::api::Server;
use petset_cluster::{Key, Kind, Object};

/// Which objects count as touched since the last command.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Since {
    /// The store's resource version when the last command was given.
    pub resource_version: u64,
}

impl Since {
    /// Whether `object` was written after the last command.
    pub(crate) fn touched(self, object: &Object) -> bool {
        object.resource_version() > self.resource_version
    }
}

/// A reference to a stored object.
pub(crate) fn reference(object: &Object) -> ObjectRef {
    let info = object.kind().info();
    if info.namespaced {
        ObjectRef::namespaced(info.kind, object.namespace(), object.name())
    } else {
        ObjectRef::cluster_wide(info.kind, object.name())
    }
}

/// A stored object as `kubectl get -o yaml` prints it.
pub(crate) fn object_yaml(server: &Server, object: &ObjectRef) -> Option<String> {
    let kind = Kind::ALL
        .iter()
        .find(|kind| kind.info().kind == object.kind)?;
    let key = Key::new(object.namespace.as_deref().unwrap_or(""), &object.name);
    Some(yaml_of(server.store().get(*kind, &key)?))
}

/// An object as `kubectl get -o yaml` prints it.
pub(crate) fn yaml_of(object: &Object) -> String {
    let mut value = object.to_json();
    if let Some(meta) = value
        .get_mut("metadata")
        .and_then(|meta| meta.as_object_mut())
    {
        meta.remove("managedFields");
    }
    petset_manifest::to_yaml(&value)
}
