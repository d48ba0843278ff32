//! From the cluster's objects to the views that the page draws.

pub(crate) mod diagnostics;
pub(crate) mod dns;
pub(crate) mod events;
pub(crate) mod pod;
pub(crate) mod set;

use crate::view::ObjectRef;
use petset_cluster::Object;

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
