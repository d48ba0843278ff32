//! Patches of stored objects: typed → JSON → patched → typed.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go`.

use super::field::{Errors, Path};
use super::{
    Body, PatchType, Reply, Request, Server, Status, decode, managed_fields, registry, strategic,
};
use crate::object::Object;
use serde_json::Value;

/// The most operations that one JSON patch may hold.
const MAX_OPERATIONS: usize = 10_000;

/// Patches one object.
pub(super) fn patch(
    server: &mut Server,
    mut request: Request,
    warnings: &mut Vec<String>,
) -> Result<Reply, Status> {
    let Body::Patch(patch_type, patch) = std::mem::take(&mut request.body) else {
        return Err(Status::bad_request("a patch is needed"));
    };
    if patch_type == PatchType::Apply {
        return managed_fields::apply(server, request, patch, warnings);
    }
    let old = registry::get(server, &request)?;
    let present = old.to_json();
    let (patched, shown) = if patch_type == PatchType::Strategic {
        require_object(&patch)?;
        let patched =
            strategic::apply(request.kind, &present, &patch).map_err(Status::bad_request)?;
        (patched, strategic::go_map(&patch))
    } else {
        let patched = apply_untyped(patch_type, &present, patch)?;
        let shown = patched.to_string();
        (patched, shown)
    };
    let object = typed(patched, &shown, &request, warnings)?;
    if object.name() != old.name() {
        return Err(Status::bad_request(format!(
            "the name of the object ({}) does not match the name on the URL ({})",
            object.name(),
            old.name()
        )));
    }
    registry::write(server, object, &old, &request, warnings)
}

fn require_object(patch: &Value) -> Result<(), Status> {
    let found = match patch {
        Value::Object(_) | Value::Null => return Ok(()),
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
    };
    Err(Status::bad_request(format!(
        "json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
    )))
}

/// Applies a JSON patch or a merge patch.
pub(super) fn apply_untyped(
    patch_type: PatchType,
    present: &Value,
    patch: Value,
) -> Result<Value, Status> {
    let mut patched = present.clone();
    match patch_type {
        PatchType::Json => {
            let found = decode::kind_of(&patch);
            if found != "array" {
                return Err(Status::bad_request(format!(
                    "error decoding patch: json: cannot unmarshal {found} into Go value of type []handlers.jsonPatchOp"
                )));
            }
            check_operations(&patch)?;
            let patch: json_patch::Patch =
                serde_json::from_value(patch).map_err(|_| Status::unprocessable())?;
            json_patch::patch(&mut patched, &patch).map_err(|_| Status::unprocessable())?;
        }
        PatchType::Merge | PatchType::Strategic | PatchType::Apply => {
            require_object(&patch).map_err(|status| {
                Status::bad_request(format!("error decoding patch: {}", status.message))
            })?;
            json_patch::merge(&mut patched, &patch);
        }
    }
    Ok(patched)
}

/// Refuses operations that are none, and too many.
fn check_operations(patch: &Value) -> Result<(), Status> {
    let refuse = |found: &str, of: &str| {
        Err(Status::bad_request(format!(
            "error decoding patch: json: cannot unmarshal {found} into Go {of}"
        )))
    };
    let operations = patch.as_array().map(Vec::as_slice).unwrap_or_default();
    for operation in operations {
        match operation {
            Value::Null => {}
            Value::Object(members) => {
                for name in ["op", "path", "from"] {
                    let member = members.get(name).unwrap_or(&Value::Null);
                    if !matches!(member, Value::Null | Value::String(_)) {
                        let of = format!("struct field jsonPatchOp.{name} of type string");
                        return refuse(&decode::kind_of(member), &of);
                    }
                }
            }
            other => {
                return refuse(
                    &decode::kind_of(other),
                    "value of type handlers.jsonPatchOp",
                );
            }
        }
    }
    if operations.len() > MAX_OPERATIONS {
        return Err(Status::entity_too_large(&format!(
            "The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {}",
            operations.len()
        )));
    }
    Ok(())
}

/// Reads the patched object; what does not fit is told about the patch.
fn typed(
    patched: Value,
    shown: &str,
    request: &Request,
    warnings: &mut Vec<String>,
) -> Result<Object, Status> {
    let refuse = |why: &str| {
        let mut errors = Errors::default();
        errors.invalid(&Path::new("patch"), shown, why);
        Status::invalid_request(errors.0)
    };
    let (object, findings) = decode::read(request.kind, patched);
    if let Some(error) = findings.error {
        return Err(refuse(&error.message));
    }
    if let Some(why) = findings.strict(&request.options, warnings) {
        return Err(refuse(&why));
    }
    object.map_err(|why| refuse(&why))
}
