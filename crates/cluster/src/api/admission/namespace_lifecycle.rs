//! No objects without a namespace, none in one that is going away.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go`.

use crate::api::{Cause, Server, Status};
use crate::object::{Key, Kind};
use k8s_openapi::api::core::v1::Namespace;

/// Namespaces that cannot be deleted.
const IMMORTAL: [&str; 3] = ["default", "kube-public", "kube-system"];

/// Refuses to write into a namespace that is not there, and to create in one that is going away.
pub(crate) fn check_namespace(
    server: &Server,
    kind: Kind,
    namespace: &str,
    name: &str,
    creating: bool,
) -> Result<(), Status> {
    let stored = server.store.get_as::<Namespace>(&Key::new("", namespace));
    let Some(stored) = stored else {
        return Err(Status::not_found(Kind::Namespace, namespace));
    };
    let phase = stored.status.as_ref().and_then(|s| s.phase.as_deref());
    if !creating || phase != Some("Terminating") {
        return Ok(());
    }
    let why = format!(
        "unable to create new content in namespace {namespace} because it is being terminated"
    );
    let mut status = Status::forbidden(kind, name, &why);
    status.causes.push(Cause {
        reason: "NamespaceTerminating",
        field: "metadata.namespace".to_owned(),
        message: format!("namespace {namespace} is being terminated"),
    });
    Err(status)
}

/// Refuses to delete the namespaces that a cluster cannot do without.
pub(crate) fn check_delete(kind: Kind, name: &str) -> Result<(), Status> {
    if kind == Kind::Namespace && IMMORTAL.contains(&name) {
        return Err(Status::forbidden(
            kind,
            name,
            "this namespace may not be deleted",
        ));
    }
    Ok(())
}
