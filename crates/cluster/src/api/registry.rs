//! The generic road of every request: namespace, names, versions, finalizers, graceful deletion.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go`.

use super::{Body, Reply, Request, Server, Status, Subresource, Verb};
use crate::object::{Key, Kind, Object};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::sync::Arc;

/// Answers a request; the one place from which verbs are reached.
pub(super) fn dispatch(
    server: &mut Server,
    request: Request,
    warnings: &mut Vec<String>,
) -> Result<Reply, Status> {
    let _ = &warnings;
    match request.verb {
        Verb::Get => get(server, &request).map(Reply::Object),
        Verb::List => Ok(list(server, &request)),
        Verb::Create => create(server, request),
        Verb::Update => update(server, request),
        Verb::Delete => delete(server, &request),
        Verb::Patch | Verb::DeleteCollection => Err(Status::not_supported(request.kind)),
    }
}

fn key_of(request: &Request) -> Key {
    Key::new(&request.namespace, &request.name)
}

fn get(server: &Server, request: &Request) -> Result<Arc<Object>, Status> {
    server
        .store
        .get(request.kind, &key_of(request))
        .cloned()
        .ok_or_else(|| Status::not_found(request.kind, &request.name))
}

fn list(server: &Server, request: &Request) -> Reply {
    let namespace = (!request.namespace.is_empty()).then_some(request.namespace.as_str());
    Reply::List {
        items: server
            .store
            .list(request.kind, namespace)
            .cloned()
            .collect(),
        resource_version: server.store.resource_version(),
    }
}

fn body_object(request: &mut Request) -> Result<Object, Status> {
    match std::mem::take(&mut request.body) {
        Body::Typed(object) => Ok(*object),
        Body::Json(value) => Object::deserialize(request.kind, value)
            .map_err(|error| Status::bad_request(error.to_string())),
        Body::None | Body::Patch(..) => Err(Status::bad_request("an object is needed")),
    }
}

fn create(server: &mut Server, mut request: Request) -> Result<Reply, Status> {
    let mut object = body_object(&mut request)?;
    let kind = request.kind;
    let now = server.calendar.time(server.now);
    let uid = server.random.uid();
    let suffix = object.name().is_empty().then(|| server.random.suffix(5));
    let meta = object.meta_mut();
    if kind.info().namespaced {
        meta.namespace = Some(request.namespace.clone());
    }
    if let Some(suffix) = suffix {
        meta.name = Some(format!(
            "{}{suffix}",
            meta.generate_name.as_deref().unwrap_or("")
        ));
    }
    meta.uid = Some(uid);
    meta.creation_timestamp = Some(now);
    meta.generation = has_generation(kind).then_some(1);
    let key = object.key();
    if server.store.get(kind, &key).is_some() {
        return Err(Status::already_exists(kind, key.name()));
    }
    if request.options.dry_run {
        return Ok(Reply::Object(Arc::new(object)));
    }
    Ok(Reply::Object(server.store.put(object)))
}

fn update(server: &mut Server, mut request: Request) -> Result<Reply, Status> {
    let mut object = body_object(&mut request)?;
    let kind = request.kind;
    let old = get(server, &request)?;
    let wanted = object.meta().resource_version.as_deref();
    if wanted.is_some_and(|version| Some(version) != old.meta().resource_version.as_deref()) {
        return Err(Status::modified(kind, &request.name));
    }
    keep_system_fields(object.meta_mut(), old.meta());
    if request.subresource == Some(Subresource::Status) {
        let mut whole = Object::clone(&old);
        take_status(&mut whole, object);
        object = whole;
    }
    object
        .meta_mut()
        .resource_version
        .clone_from(&old.meta().resource_version);
    if object == *old {
        return Ok(Reply::Object(old));
    }
    if request.options.dry_run {
        return Ok(Reply::Object(Arc::new(object)));
    }
    let gone = object.is_terminating()
        && object.meta().finalizers.as_ref().is_none_or(Vec::is_empty)
        && object.meta().deletion_grace_period_seconds.unwrap_or(0) == 0;
    let stored = server.store.put(object);
    if gone {
        server.store.remove(kind, &stored.key());
    }
    Ok(Reply::Object(stored))
}

fn delete(server: &mut Server, request: &Request) -> Result<Reply, Status> {
    let old = get(server, request)?;
    let kind = request.kind;
    if request
        .options
        .precondition_uid
        .as_deref()
        .is_some_and(|uid| uid != old.uid())
    {
        let why = format!(
            "Precondition failed: UID in precondition: {}, UID in object meta: {}",
            request.options.precondition_uid.as_deref().unwrap_or(""),
            old.uid()
        );
        return Err(Status::conflict(kind, &request.name, &why));
    }
    let grace = grace_period(&old, request.options.grace_period_seconds);
    let has_finalizers = old
        .meta()
        .finalizers
        .as_ref()
        .is_some_and(|finalizers| !finalizers.is_empty());
    if grace == 0 && !has_finalizers {
        let key = old.key();
        let last = server
            .store
            .remove(kind, &key)
            .ok_or_else(|| Status::missing(kind, &key))?;
        return Ok(Reply::Deleted(last));
    }
    if old.is_terminating() && old.meta().deletion_grace_period_seconds.unwrap_or(0) <= grace {
        return Ok(Reply::Object(old));
    }
    let mut object = Object::clone(&old);
    let at = server.now + crate::time::Duration::secs(u64::try_from(grace).unwrap_or(0));
    let date = server.calendar.time(at);
    let meta = object.meta_mut();
    meta.deletion_timestamp = Some(date);
    meta.deletion_grace_period_seconds = Some(grace);
    if let Some(generation) = meta.generation.as_mut() {
        *generation += 1;
    }
    Ok(Reply::Object(server.store.put(object)))
}

/// Seconds that a deletion waits: only pods that are bound to a node and still run wait at all.
fn grace_period(object: &Object, asked: Option<i64>) -> i64 {
    let Object::Pod(pod) = object else { return 0 };
    let spec = pod.spec.as_ref();
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("");
    if spec
        .and_then(|s| s.node_name.as_deref())
        .is_none_or(str::is_empty)
        || matches!(phase, "Succeeded" | "Failed")
    {
        return 0;
    }
    asked
        .or_else(|| spec.and_then(|s| s.termination_grace_period_seconds))
        .unwrap_or(30)
        .max(0)
}

/// Which kinds count the writes to their spec.
fn has_generation(kind: Kind) -> bool {
    matches!(kind, Kind::Pod | Kind::StatefulSet | Kind::EndpointSlice)
}

fn keep_system_fields(new: &mut ObjectMeta, old: &ObjectMeta) {
    new.uid.clone_from(&old.uid);
    new.creation_timestamp.clone_from(&old.creation_timestamp);
    new.deletion_timestamp.clone_from(&old.deletion_timestamp);
    new.deletion_grace_period_seconds = old.deletion_grace_period_seconds;
    new.generation = old.generation;
}

/// Moves the status (and nothing else) of `from` into `to`.
fn take_status(to: &mut Object, from: Object) {
    match (to, from) {
        (Object::Pod(to), Object::Pod(from)) => to.status = from.status,
        (Object::StatefulSet(to), Object::StatefulSet(from)) => to.status = from.status,
        (Object::Service(to), Object::Service(from)) => to.status = from.status,
        (Object::PersistentVolumeClaim(to), Object::PersistentVolumeClaim(from)) => {
            to.status = from.status
        }
        (Object::PersistentVolume(to), Object::PersistentVolume(from)) => to.status = from.status,
        (Object::Namespace(to), Object::Namespace(from)) => to.status = from.status,
        (Object::Node(to), Object::Node(from)) => to.status = from.status,
        _ => {}
    }
}
