//! Deletion: grace, finalizers, dependents.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/registry/rest/delete.go`,
//! `staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go`, `pkg/registry/core/{pod,namespace}`.

use super::{Options, Propagation, Reply, Request, Server, Status, admission, registry, selectors};
use crate::object::{Kind, Object};
use crate::time::{Duration, Instant};
use std::sync::Arc;

const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

/// What the rules about grace say of a deletion.
enum Grace {
    /// The kind knows no grace, or none is left.
    None,
    /// The object was marked; it stays for so many seconds.
    Marked(i64),
    /// It is marked already and nothing changes.
    Pending,
}

/// Deletes one object.
pub(super) fn delete(server: &mut Server, request: &Request) -> Result<Reply, Status> {
    let old = registry::get(server, request)?;
    admission::check_delete(request.kind, &request.name)?;
    delete_object(server, &old, &request.options)
}

/// Deletes all objects that fit the selectors, one after another.
pub(super) fn delete_collection(server: &mut Server, request: &Request) -> Result<Reply, Status> {
    let items = selectors::list(server, request)?;
    let mut deleted = Vec::with_capacity(items.len());
    for item in items {
        match delete_object(server, &item, &request.options) {
            Ok(Reply::Object(object) | Reply::Deleted(object)) => deleted.push(object),
            Ok(_) => {}
            Err(status) if status.is_not_found() => {}
            Err(status) => return Err(status),
        }
    }
    Ok(Reply::List {
        items: deleted,
        resource_version: server.store.resource_version(),
    })
}

fn delete_object(
    server: &mut Server,
    old: &Arc<Object>,
    options: &Options,
) -> Result<Reply, Status> {
    check_preconditions(old, options)?;
    let mut object = Object::clone(old);
    let grace = grace(server, &mut object, options.grace_period_seconds);
    if matches!(grace, Grace::Pending) {
        return Ok(Reply::Object(old.clone()));
    }
    mark_dependents(&mut object, options.propagation);
    let held = has_finalizers(&object);
    let changed = match grace {
        Grace::Marked(_) => true,
        Grace::None if held => {
            mark(server, &mut object, 0);
            true
        }
        Grace::None | Grace::Pending => false,
    };
    if let Object::Namespace(namespace) = &mut object
        && held
    {
        namespace.status.get_or_insert_default().phase = Some("Terminating".to_owned());
    }
    let now = held || matches!(grace, Grace::Marked(seconds) if seconds > 0);
    if options.dry_run {
        let object = Arc::new(object);
        return Ok(if now {
            Reply::Object(object)
        } else {
            Reply::Deleted(object)
        });
    }
    let kind = object.kind();
    let key = object.key();
    if changed && object != **old {
        let stored = server.store.put(object);
        if now {
            return Ok(Reply::Object(stored));
        }
    } else if now {
        return Ok(Reply::Object(old.clone()));
    }
    server
        .store
        .remove(kind, &key)
        .map(Reply::Deleted)
        .ok_or_else(|| Status::missing(kind, &key))
}

fn check_preconditions(old: &Object, options: &Options) -> Result<(), Status> {
    let kind = old.kind();
    let conflict = |why: String| {
        let name = old.name();
        let mut status = Status::conflict(kind, name, &why);
        status.message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": {why}",
            kind.info().qualified_kind()
        );
        kind.info().kind.clone_into(&mut status.kind);
        Err(status)
    };
    if let Some(uid) = options.precondition_uid.as_deref()
        && uid != old.uid()
    {
        return conflict(format!(
            "the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been deleted and then recreated",
            old.uid()
        ));
    }
    let version = old.meta().resource_version.as_deref().unwrap_or("");
    if let Some(wanted) = options.precondition_resource_version.as_deref()
        && wanted != version
    {
        return conflict(format!(
            "the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({version}). The object might have been modified"
        ));
    }
    Ok(())
}

/// Whether an object must stay because somebody still has to clean up after it.
pub(super) fn has_finalizers(object: &Object) -> bool {
    let meta = object.meta();
    let of_namespace = match object {
        Object::Namespace(namespace) => namespace
            .spec
            .as_ref()
            .and_then(|spec| spec.finalizers.as_ref())
            .is_some_and(|list| !list.is_empty()),
        _ => false,
    };
    of_namespace
        || meta
            .finalizers
            .as_ref()
            .is_some_and(|list| !list.is_empty())
}

/// Marks a pod whose containers get time to stop. Only pods know grace.
fn grace(server: &Server, object: &mut Object, asked: Option<i64>) -> Grace {
    let Object::Pod(pod) = &*object else {
        return Grace::None;
    };
    let asked = asked.map(|seconds| if seconds < 0 { 1 } else { seconds });
    if let Some(date) = pod.metadata.deletion_timestamp.clone() {
        let left = pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
        if left == 0 {
            return Grace::None;
        }
        let Some(mut seconds) = asked.filter(|seconds| *seconds < left) else {
            return Grace::Pending;
        };
        let earlier = Duration::secs(u64::try_from(left - seconds).unwrap_or(0));
        let mut at = Instant(server.calendar.instant(&date.0).0.saturating_sub(earlier.0));
        if at < server.now {
            at = server.now;
            seconds = seconds.min(1);
        }
        let meta = object.meta_mut();
        meta.deletion_timestamp = Some(server.calendar.time(at));
        meta.deletion_grace_period_seconds = Some(seconds);
        return Grace::Marked(seconds);
    }
    let spec = pod.spec.as_ref();
    let phase = pod.status.as_ref().and_then(|s| s.phase.as_deref());
    let bound = spec
        .and_then(|spec| spec.node_name.as_deref())
        .is_some_and(|node| !node.is_empty());
    let over = matches!(phase, Some("Succeeded" | "Failed"));
    let own = spec.and_then(|spec| spec.termination_grace_period_seconds);
    let seconds = match asked.or(own).unwrap_or(0) {
        _ if !bound || over => 0,
        negative if negative < 0 => 1,
        seconds => seconds,
    };
    mark(server, object, seconds);
    Grace::Marked(seconds)
}

/// Sets the date of the end and counts the generation the first time.
fn mark(server: &Server, object: &mut Object, seconds: i64) {
    let at = server.now + Duration::secs(seconds.unsigned_abs());
    let date = server.calendar.time(at);
    let meta = object.meta_mut();
    if meta.deletion_timestamp.is_none() {
        if let Some(generation) = meta.generation.as_mut() {
            *generation += 1;
        }
        meta.deletion_timestamp = Some(date);
    }
    meta.deletion_grace_period_seconds = Some(seconds);
}

/// Leaves word for the garbage collector of what is to happen to dependents.
///
/// Upstream: `deletionFinalizersForGarbageCollection` in
/// `staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go`.
fn mark_dependents(object: &mut Object, propagation: Option<Propagation>) {
    let finalizers = object.meta().finalizers.as_deref().unwrap_or_default();
    let decided = finalizers.iter().any(|f| f == ORPHAN || f == FOREGROUND);
    let propagation = match propagation {
        // Jobs are older than the garbage collector: who does not say anything else leaves their pods.
        None if !decided && object.kind() == Kind::Job => Propagation::Orphan,
        None => return,
        Some(propagation) => propagation,
    };
    if object.kind() == Kind::Event {
        return;
    }
    let meta = object.meta_mut();
    let wanted = match propagation {
        Propagation::Background => None,
        Propagation::Foreground => Some(FOREGROUND),
        Propagation::Orphan => Some(ORPHAN),
    };
    let mut finalizers = meta.finalizers.take().unwrap_or_default();
    let before = finalizers.clone();
    finalizers.retain(|name| name != ORPHAN && name != FOREGROUND);
    finalizers.extend(wanted.map(str::to_owned));
    let same =
        finalizers.len() == before.len() && finalizers.iter().all(|name| before.contains(name));
    let result = if same { before } else { finalizers };
    meta.finalizers = (!result.is_empty()).then_some(result);
}
