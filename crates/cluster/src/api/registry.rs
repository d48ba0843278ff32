//! The generic road of every request: decode, default, admit, prepare, validate, store.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers`,
//! `staging/src/k8s.io/apiserver/pkg/registry/{rest,generic/registry}`.

use super::{
    Body, Reply, Request, Server, Status, Subresource, Verb, admission, defaults, delete, eviction,
    managed_fields, patch, selectors, service_alloc, strategy, subresource, validation, warnings,
};
use crate::object::{Key, Object};
use std::sync::Arc;

/// How often a taken random name is drawn again.
const NAME_ATTEMPTS: usize = 8;
/// The longest base of a random name; the rest of the 63 letters is for the suffix.
const MAX_BASE_LENGTH: usize = 58;

/// Answers a request; the one place from which verbs are reached.
pub(super) fn dispatch(
    server: &mut Server,
    request: Request,
    warnings: &mut Vec<String>,
) -> Result<Reply, Status> {
    if !matches!(request.body, Body::Typed(_)) {
        warnings.extend(warnings::on_read(request.kind));
    }
    match (request.subresource, request.verb) {
        (Some(Subresource::Scale), _) => subresource::scale(server, request, warnings),
        (Some(Subresource::Binding), Verb::Create) => subresource::bind(server, request),
        (Some(Subresource::Eviction), Verb::Create) => eviction::evict(server, &request),
        (Some(Subresource::Binding | Subresource::Eviction), _) => {
            Err(Status::not_supported(request.kind))
        }
        (_, Verb::Get) => get(server, &request).map(Reply::Object),
        (_, Verb::List) => Ok(Reply::List {
            items: selectors::list(server, &request)?,
            resource_version: server.store.resource_version(),
        }),
        (_, Verb::Create) => create(server, request, warnings),
        (_, Verb::Update) => update(server, request, warnings),
        (_, Verb::Patch) => patch::patch(server, request, warnings),
        (_, Verb::Delete) => delete::delete(server, &request),
        (_, Verb::DeleteCollection) => delete::delete_collection(server, &request),
    }
}

/// The stored object that a request names.
pub(super) fn get(server: &Server, request: &Request) -> Result<Arc<Object>, Status> {
    server
        .store
        .get(request.kind, &Key::new(&request.namespace, &request.name))
        .cloned()
        .ok_or_else(|| Status::not_found(request.kind, &request.name))
}

fn body_object(request: &mut Request, warnings: &mut Vec<String>) -> Result<Object, Status> {
    match std::mem::take(&mut request.body) {
        Body::Typed(object) if object.kind() == request.kind => Ok(*object),
        Body::Json(value) => {
            let options = &request.options;
            super::decode::object(request.kind, value, options, warnings)
        }
        Body::Typed(_) | Body::None | Body::Patch(..) => Err(Status::bad_request(
            "an object of the request's kind is needed",
        )),
    }
}

/// The namespace of the address and that of the object must agree.
fn take_namespace(object: &mut Object, request: &Request) -> Result<(), Status> {
    let meta = object.meta_mut();
    if !request.kind.info().namespaced {
        meta.namespace = None;
        return Ok(());
    }
    let given = meta.namespace.as_deref().unwrap_or("");
    if !given.is_empty() && given != request.namespace {
        return Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    meta.namespace = Some(request.namespace.clone());
    Ok(())
}

pub(super) fn create(
    server: &mut Server,
    mut request: Request,
    warnings: &mut Vec<String>,
) -> Result<Reply, Status> {
    let mut object = body_object(&mut request, warnings)?;
    let kind = request.kind;
    take_namespace(&mut object, &request)?;
    let generated = object.name().is_empty();
    if kind.info().namespaced {
        let name = admission::name_in_refusal(object.meta());
        admission::check_namespace(server, kind, &request.namespace, name, true)?;
    }
    defaults::apply(&mut object);
    object.meta_mut().managed_fields = None;
    note_managers(server, &mut object, None, &request);
    admission::admit_create(server, &mut object)?;
    if generated {
        generate_name(server, &mut object)?;
    }
    let now = server.calendar.time(server.now);
    let uid = server.random.uid();
    let meta = object.meta_mut();
    meta.uid = Some(uid);
    meta.creation_timestamp = Some(now);
    meta.deletion_timestamp = None;
    meta.deletion_grace_period_seconds = None;
    meta.self_link = None;
    if meta
        .resource_version
        .take()
        .is_some_and(|v| !v.is_empty() && v != "0")
    {
        return Err(Status {
            reason: None,
            ..Status::bad_request("resourceVersion should not be set on objects to be created")
        });
    }
    strategy::prepare_for_create(&mut object, server.gates, server.calendar, server.now);
    if let Object::Service(service) = &mut object {
        service_alloc::normalize(service, None);
    }
    let mut errors = validation::create(&object);
    if let (Object::Event(event), true) = (&object, request.options.newer_event) {
        validation::event::newer_create(event, &mut errors);
    }
    if !errors.is_empty() {
        return Err(Status::invalid(kind, object.name(), errors.0));
    }
    // Components read no warnings.
    if request.options.component.is_none() {
        warnings.extend(warnings::on_create(&object));
    }
    if let Object::Service(service) = &mut object {
        service_alloc::allocate(server, service)?;
    }
    let key = object.key();
    if let Some(existing) = server.store.get(kind, &key) {
        return Err(already_exists(existing, &object));
    }
    if request.options.dry_run {
        return Ok(Reply::Object(Arc::new(object)));
    }
    Ok(Reply::Object(server.store.put(object)))
}

/// A clash of names. One whose object has a base for a random name is told as a failure to draw one, whoever chose the name.
fn already_exists(existing: &Object, object: &Object) -> Status {
    let mut status = Status::already_exists(existing.kind(), existing.name());
    let base = object.meta().generate_name.as_deref();
    if base.is_some_and(|base| !base.is_empty()) {
        status
            .message
            .push_str(", the server was not able to generate a unique name for the object");
    }
    if existing.is_terminating() {
        status.message.insert_str(0, "object is being deleted: ");
    }
    status
}

fn generate_name(server: &mut Server, object: &mut Object) -> Result<(), Status> {
    let kind = object.kind();
    let Some(base) = object
        .meta()
        .generate_name
        .clone()
        .filter(|base| !base.is_empty())
    else {
        // Without a name there is nothing to draw; validation says so.
        return Ok(());
    };
    let base: String = base.chars().take(MAX_BASE_LENGTH).collect();
    for _ in 0..NAME_ATTEMPTS {
        let name = format!("{base}{}", server.random.suffix(5));
        object.meta_mut().name = Some(name);
        if server.store.get(kind, &object.key()).is_none() {
            return Ok(());
        }
    }
    Ok(())
}

fn update(
    server: &mut Server,
    mut request: Request,
    warnings: &mut Vec<String>,
) -> Result<Reply, Status> {
    let mut object = body_object(&mut request, warnings)?;
    take_namespace(&mut object, &request)?;
    if object.name().is_empty() {
        return Err(Status::bad_request("name must be provided"));
    }
    if object.name() != request.name {
        return Err(Status::bad_request(format!(
            "the name of the object ({}) does not match the name on the URL ({})",
            object.name(),
            request.name
        )));
    }
    let old = get(server, &request)?;
    write(server, object, &old, &request, warnings)
}

/// Puts `object` in the place of `old`, by the rules of the request's subresource.
pub(super) fn write(
    server: &mut Server,
    mut object: Object,
    old: &Arc<Object>,
    request: &Request,
    warnings: &mut Vec<String>,
) -> Result<Reply, Status> {
    let kind = request.kind;
    let wanted = object.meta().resource_version.as_deref().unwrap_or("");
    if !wanted.is_empty() && Some(wanted) != old.meta().resource_version.as_deref() {
        return Err(Status::modified(kind, old.name()));
    }
    if object
        .meta()
        .uid
        .as_deref()
        .is_some_and(|uid| !uid.is_empty() && uid != old.uid())
    {
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: {}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {}, UID in object meta: {}",
            storage_key(old),
            object.uid(),
            old.uid()
        );
        return Err(Status::conflict(kind, old.name(), &why));
    }
    match request.subresource {
        Some(Subresource::Status) if !strategy::has_status(old) => {
            return Err(Status::not_supported(kind));
        }
        Some(Subresource::Status) => {
            keep_system_fields(&mut object, old);
            strategy::prepare_for_status_update(&mut object, old, server.calendar, server.now);
        }
        Some(Subresource::Finalize) => finalize(&mut object, old)?,
        _ => {
            defaults::apply(&mut object);
            keep_system_fields(&mut object, old);
            admission::admit_update(server, &mut object, old)?;
            strategy::prepare_for_update(&mut object, old, server.gates);
            if let (Object::Service(new), Object::Service(old)) = (&mut object, &**old) {
                service_alloc::normalize(new, Some(old));
            }
        }
    }
    object
        .meta_mut()
        .resource_version
        .clone_from(&old.meta().resource_version);
    if request.options.component.is_some() {
        object
            .meta_mut()
            .managed_fields
            .clone_from(&old.meta().managed_fields);
        if object == **old {
            return Ok(Reply::Object(old.clone()));
        }
    }
    note_managers(server, &mut object, Some(old), request);
    if object == **old {
        return Ok(Reply::Object(old.clone()));
    }
    let mut errors = validation::update(&object, old, request.subresource);
    if let (Object::Event(new), Object::Event(old)) = (&object, &**old)
        && request.options.newer_event
    {
        validation::event::newer_update(new, old, &mut errors);
    }
    if !errors.is_empty() {
        return Err(Status::invalid(kind, old.name(), errors.0));
    }
    if request.subresource.is_none() {
        admission::validate_update(server, &object, old)?;
        if request.options.component.is_none() {
            warnings.extend(warnings::on_update(&object, old));
        }
        if let Object::Service(service) = &mut object {
            service_alloc::allocate(server, service)?;
        }
    }
    store(server, object, old, request.options.dry_run)
}

/// Where etcd has an object upstream.
///
/// Upstream: `pkg/registry/core/rest/storage_core.go`, the prefixes of each storage.
fn storage_key(object: &Object) -> String {
    let folder = match object {
        Object::Endpoints(_) => "services/endpoints",
        Object::Node(_) => "minions",
        Object::Service(_) => "services/specs",
        other => other.kind().info().plural,
    };
    format!("/registry/{folder}/{}", object.key())
}

/// Notes who writes, if the request asks for that.
fn note_managers(server: &Server, object: &mut Object, old: Option<&Object>, request: &Request) {
    let options = &request.options;
    let (tracking, manager) = (options.tracking.clone(), options.field_manager.as_deref());
    let now = server.calendar.time(server.now);
    if let Some(component) = options.component {
        if !matches!(
            request.subresource,
            Some(Subresource::Binding | Subresource::Finalize)
        ) {
            managed_fields::components::note(object, old, component, request.subresource, &now);
        }
        return;
    }
    managed_fields::note(object, old, tracking, manager, request.subresource, &now);
}

/// Stores a written object, or lets it go when nothing holds it any more.
fn store(
    server: &mut Server,
    object: Object,
    old: &Arc<Object>,
    dry_run: bool,
) -> Result<Reply, Status> {
    let freed = object.is_terminating()
        && !delete::has_finalizers(&object)
        && object.meta().deletion_grace_period_seconds.unwrap_or(0) == 0
        && old.meta().deletion_grace_period_seconds.unwrap_or(0) == 0;
    if dry_run {
        return Ok(Reply::Object(Arc::new(object)));
    }
    if freed {
        server.store.remove(object.kind(), &object.key());
        return Ok(Reply::Object(Arc::new(object)));
    }
    Ok(Reply::Object(server.store.put(object)))
}

/// Writes the finalizers of a namespace's spec, and nothing else.
fn finalize(object: &mut Object, old: &Object) -> Result<(), Status> {
    let (Object::Namespace(new), Object::Namespace(stored)) = (&mut *object, old) else {
        return Err(Status::not_supported(old.kind()));
    };
    let spec = new.spec.clone();
    *new = stored.clone();
    new.spec = spec;
    Ok(())
}

/// Metadata that the system keeps, whatever a writer sends.
///
/// Upstream: `staging/src/k8s.io/apiserver/pkg/registry/rest/update.go`, `apimachinery/pkg/api/validation/objectmeta.go`.
fn keep_system_fields(object: &mut Object, old: &Object) {
    let (new, old) = (object.meta_mut(), old.meta());
    new.uid.clone_from(&old.uid);
    new.generation = old.generation;
    new.self_link = None;
    match &mut new.managed_fields {
        None => new.managed_fields.clone_from(&old.managed_fields),
        Some(entries) => {
            managed_fields::components::shorten(entries, old.managed_fields.as_deref());
        }
    }
    if new.creation_timestamp.is_none() {
        new.creation_timestamp.clone_from(&old.creation_timestamp);
    }
    if new.deletion_timestamp.is_none() {
        new.deletion_timestamp.clone_from(&old.deletion_timestamp);
    }
    if new.deletion_grace_period_seconds.is_none() {
        new.deletion_grace_period_seconds = old.deletion_grace_period_seconds;
    }
    if new.generate_name.is_none() {
        new.generate_name.clone_from(&old.generate_name);
    }
}
