//! Errors and successes as `Status` objects.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/status.go`.

use petset_cluster::Object;
use petset_cluster::api::{Reason, Status};
use serde_json::{Value, json};

/// What stands in front of everything that Kubernetes has and this simulation has not.
const NOT_SIMULATED: &str = "not simulated here: ";
const NOT_IMPLEMENTED: u16 = 501;

/// The HTTP code of an error.
pub(crate) fn code(status: &Status) -> u16 {
    match status.reason {
        Some(reason) => reason.code(),
        None if status.message.starts_with(NOT_SIMULATED) => NOT_IMPLEMENTED,
        None => Reason::InternalError.code(),
    }
}

/// An error.
pub(crate) fn failure(status: &Status) -> Value {
    let mut details = json!({});
    for (name, value) in [
        ("name", &status.name),
        ("group", &status.group),
        ("kind", &status.kind),
    ] {
        if !value.is_empty() {
            details[name] = value.as_str().into();
        }
    }
    if !status.causes.is_empty() {
        let causes = status.causes.iter().map(|cause| {
            let mut value = json!({"reason": cause.reason, "message": cause.message});
            if !cause.field.is_empty() {
                value["field"] = cause.field.as_str().into();
            }
            value
        });
        details["causes"] = causes.collect();
    }
    if status.retry_after_seconds > 0 {
        details["retryAfterSeconds"] = status.retry_after_seconds.into();
    }
    let mut value = json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": status.message,
        "code": code(status),
    });
    if let Some(reason) = status.reason {
        value["reason"] = reason.as_str().into();
    }
    if details != json!({}) || is_generic(status) {
        value["details"] = details;
    }
    value
}

/// Whether an answer comes from the road to the resources and not from one of them: its details are empty, but there.
///
/// Upstream: `NewGenericServerResponse` of `staging/src/k8s.io/apimachinery/pkg/api/errors`.
fn is_generic(status: &Status) -> bool {
    match status.reason {
        Some(Reason::MethodNotAllowed) => true,
        Some(Reason::Invalid) => status.causes.is_empty(),
        Some(Reason::NotFound) => status.message == NO_RESOURCE,
        Some(Reason::UnsupportedMediaType) => status.message.starts_with("415:"),
        _ => false,
    }
}

const NO_RESOURCE: &str = "the server could not find the requested resource";

/// An address of a known group that leads to no resource.
pub(crate) fn no_resource() -> Status {
    Status {
        reason: Some(Reason::NotFound),
        ..Status::bad_request(NO_RESOURCE)
    }
}

/// The answer to a deletion after which the object is gone.
pub(crate) fn deleted(object: &Object) -> Value {
    let info = object.kind().info();
    let mut details = json!({"name": object.name(), "kind": info.plural, "uid": object.uid()});
    if !info.group.is_empty() {
        details["group"] = info.group.into();
    }
    json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    })
}

/// A resource of Kubernetes' that is not simulated: not found, in words that say why.
pub(crate) fn not_simulated(kind: &str) -> Status {
    Status {
        reason: Some(Reason::NotFound),
        ..Status::not_simulated(kind)
    }
}
