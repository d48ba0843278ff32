//! `kubectl patch`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/patch/patch.go`.

use super::builder;
use super::change::Change;
use super::errors::{Error, not_simulated_part, quote};
use super::flags::{DryRun, Parsed};
use super::session::{Io, Once};
use petset_cluster::Object;
use petset_cluster::api::{Body, PatchType, Request, Subresource, Verb};
use serde_json::{Value, json};

/// Begins `kubectl patch`.
pub(crate) fn start(parsed: Parsed) -> Once<Parsed> {
    Once::new(parsed, run)
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let (text, file) = (parsed.text("patch"), parsed.text("patch-file"));
    if !text.is_empty() && !file.is_empty() {
        return Err(Error::plain(
            "cannot specify --patch and --patch-file together",
        ));
    }
    if text.is_empty() && file.is_empty() {
        return Err(Error::plain(
            "must specify --patch or --patch-file containing the contents of the patch",
        ));
    }
    let kind = match parsed.text("type").to_lowercase().as_str() {
        "strategic" | "" => PatchType::Strategic,
        "merge" => PatchType::Merge,
        "json" => PatchType::Json,
        _ => {
            return Err(Error::plain(format!(
                "--type must be one of [json merge strategic], not {}",
                quote(parsed.text("type"))
            )));
        }
    };
    let part = match parsed.text("subresource") {
        "" => None,
        "status" => Some(Subresource::Status),
        "scale" => Some(Subresource::Scale),
        other => return Err(no_subresource(parsed, other, io)),
    };
    let mut change = Change::new(parsed, "kubectl-patch")?;
    let patch = read(text, file, io)?;
    change.may_be_local(parsed);
    change.say_nothing_of_dry_run();
    let chosen = builder::chosen(parsed, parsed.args.clone(), io)?;
    let mut errors = chosen.errors;
    for object in chosen.objects {
        let done = one(&object, (kind, patch.clone()), part, &mut change, io);
        errors.extend(done.err());
    }
    Error::of(errors)
}

/// What is said of a part that the first object has not.
fn no_subresource(parsed: &Parsed, part: &str, io: &mut Io<'_, '_>) -> Error {
    match builder::chosen(parsed, parsed.args.clone(), io) {
        Err(error) => error,
        Ok(chosen) => match chosen.objects.first() {
            None => Error::Several(chosen.errors),
            Some(object) => not_simulated_part(object.kind(), part),
        },
    }
}

fn read(text: &str, file: &str, io: &Io<'_, '_>) -> Result<Value, Error> {
    let text = if file.is_empty() {
        text
    } else {
        match io.context.files.get(file.trim_start_matches("./")) {
            Some(text) => text,
            None => {
                return Err(Error::plain(format!(
                    "unable to read patch file: open {file}: no such file or directory"
                )));
            }
        }
    };
    let (documents, errors) = petset_manifest::read(text);
    if let Some(error) = errors.first() {
        return Err(Error::plain(format!(
            "unable to parse {}: {}",
            quote(text),
            error.message
        )));
    }
    Ok(documents
        .into_iter()
        .next()
        .map_or(Value::Null, |document| document.value))
}

fn one(
    object: &Object,
    patch: (PatchType, Value),
    part: Option<Subresource>,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let before = match part {
        Some(Subresource::Scale) => scale_of(object, io)?,
        _ => object.to_json(),
    };
    let after = if change.dry_run == DryRun::Client {
        match patch.0 {
            PatchType::Strategic => super::apply::locally(object.kind(), &before, &patch.1)?,
            PatchType::Merge => merged(&before, &patch.1),
            _ => return Err(Error::not_simulated("patch --type=json --dry-run=client")),
        }
    } else if part == Some(Subresource::Scale) {
        scale_patch(object, patch, io)?
    } else {
        change.patch(object, patch, part, io)?.to_json()
    };
    let did = if after == before {
        "patched (no change)"
    } else {
        "patched"
    };
    change.tell(&after, did, io)
}

fn scale_of(object: &Object, io: &mut Io<'_, '_>) -> Result<Value, Error> {
    let request = Request::new(Verb::Get, object.kind(), object.namespace(), object.name());
    let reply = io.request(request.with_subresource(Subresource::Scale))?;
    Ok(super::session::as_json(&reply))
}

fn scale_patch(
    object: &Object,
    patch: (PatchType, Value),
    io: &mut Io<'_, '_>,
) -> Result<Value, Error> {
    let request = Request::new(
        Verb::Patch,
        object.kind(),
        object.namespace(),
        object.name(),
    )
    .with_subresource(Subresource::Scale)
    .with_body(Body::Patch(patch.0, patch.1));
    let reply = io.request(request)?;
    Ok(super::session::as_json(&reply))
}

/// RFC 7386.
pub(crate) fn merged(target: &Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else {
        return patch.clone();
    };
    let mut result = match target {
        Value::Object(_) => target.clone(),
        _ => json!({}),
    };
    if let Some(map) = result.as_object_mut() {
        for (key, value) in changes {
            if value.is_null() {
                map.remove(key);
            } else {
                let old = map.get(key).cloned().unwrap_or(Value::Null);
                map.insert(key.clone(), merged(&old, value));
            }
        }
    }
    result
}
