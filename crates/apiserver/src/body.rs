//! The bodies of requests: JSON, YAML and protobuf to values, and what is said of those that cannot be read.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/{create,patch,rest}.go`.

use crate::resource::Asked;
use crate::strict;
use crate::syntax;
use petset_cluster::Kind;
use petset_cluster::api::field::quote;
use petset_cluster::api::{Body, PatchType, Reason, Status};
use serde_json::{Map, Value};

/// The media type of a server-side apply.
pub(crate) const APPLY_PATCH: &str = "application/apply-patch+yaml";

/// What has been read of a body, and the sentences about what stands twice in it.
pub(crate) type Document = (Value, Vec<String>);

pub(crate) fn patch(asked: &Asked) -> Result<(Body, Vec<String>), Status> {
    let (patch_type, (value, duplicates)) = match media(&asked.content_type) {
        "application/json-patch+json" => {
            let (value, mut found) = patch_document(asked)?;
            found.extend(unknown_in_operations(&value));
            let told = found.iter().map(|told| format!("json patch {told}"));
            (PatchType::Json, (value, told.collect()))
        }
        "application/merge-patch+json" => (PatchType::Merge, patch_document(asked)?),
        "application/strategic-merge-patch+json" => {
            let read = strict::read(&asked.body);
            let read = read.map_err(|error| Status::bad_request(go(&asked.body, &error)))?;
            (PatchType::Strategic, read)
        }
        APPLY_PATCH => (PatchType::Apply, yaml(asked)?),
        _ => {
            return Err(unsupported("415: Unsupported Media Type"));
        }
    };
    Ok((Body::Patch(patch_type, value), duplicates))
}

fn patch_document(asked: &Asked) -> Result<Document, Status> {
    strict::read(&asked.body).map_err(|error| {
        let why = go(&asked.body, &error);
        Status::bad_request(format!("error decoding patch: {why}"))
    })
}

/// What a strict reader says of the members that operations of a JSON patch do not have.
fn unknown_in_operations(patch: &Value) -> Vec<String> {
    const KNOWN: [&str; 4] = ["op", "path", "from", "value"];
    let operations = patch.as_array().into_iter().flatten().enumerate();
    operations
        .flat_map(|(at, operation)| {
            let members = operation.as_object().into_iter().flatten();
            let unknown = members.filter(|(name, _)| !KNOWN.contains(&name.as_str()));
            unknown
                .map(move |(name, _)| format!("unknown field {}", quote(&format!("[{at}].{name}"))))
        })
        .collect()
}

/// The media type without its parameters.
pub(crate) fn media(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or("").trim()
}

/// The document in a body.
pub(crate) fn document(asked: &Asked, kind: Kind) -> Result<Document, Status> {
    match media(&asked.content_type) {
        "application/yaml" => yaml(asked),
        "application/vnd.kubernetes.protobuf" => {
            let value = crate::protobuf::read(&asked.body).map_err(Status::bad_request)?;
            Ok((value, Vec::new()))
        }
        "" | "application/json" | "*/*" => match strict::read(&asked.body) {
            Ok((Value::Null, _)) => Ok((Value::Object(Map::new()), Vec::new())),
            Ok((value, duplicates)) if value.is_object() => Ok((value, duplicates)),
            Ok((other, _)) => {
                let found = kind_of(&other);
                let why = format!(
                    "json: cannot unmarshal {found} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}"
                );
                Err(unrecognized(kind, &asked.body, &why))
            }
            Err(error) => Err(unrecognized(kind, &asked.body, &go(&asked.body, &error))),
        },
        _ => Err(unsupported(
            "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
        )),
    }
}

fn unsupported(message: &str) -> Status {
    Status {
        reason: Some(Reason::UnsupportedMediaType),
        ..Status::bad_request(message)
    }
}

/// A body that is no object, with its first bytes.
///
/// Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/rest.go` (`transformDecodeError`, `summarizeData`).
fn unrecognized(kind: Kind, body: &[u8], why: &str) -> Status {
    const SHOWN: usize = 30;
    let first = &body[..body.len().min(SHOWN)];
    let more = if body.len() > SHOWN { " ..." } else { "" };
    let shown = match first {
        [] => "<empty>".to_owned(),
        [b'{', ..] => String::from_utf8_lossy(first).into_owned() + more,
        bytes => {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
                + more
        }
    };
    Status::bad_request(format!(
        "the object provided is unrecognized (must be of type {}): couldn't get version/kind; json parse error: {why} ({shown})",
        kind.info().kind
    ))
}

/// An error of JSON in Go's words; in the reader's own where Go's would have read on.
fn go(body: &[u8], error: &serde_json::Error) -> String {
    syntax::fault(body).unwrap_or_else(|| error.to_string())
}

/// What Go calls a JSON value.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn yaml(asked: &Asked) -> Result<Document, Status> {
    let text = std::str::from_utf8(&asked.body)
        .map_err(|_| Status::bad_request("error converting YAML to JSON: yaml: invalid UTF-8"))?;
    let (documents, errors) = petset_manifest::read(text);
    if let Some(error) = errors.first() {
        return Err(Status::bad_request(format!(
            "error decoding YAML: {}",
            error.kubectl()
        )));
    }
    let Some(first) = documents.into_iter().next() else {
        return Ok((Value::Null, Vec::new()));
    };
    let duplicates = first.duplicate_keys.iter().map(|duplicate| {
        let line = duplicate.value.line;
        format!(
            "line {line}: key {} already set in map",
            quote(&duplicate.key)
        )
    });
    Ok((first.value, duplicates.collect()))
}
