//! Deletes what has lost its owners, and sees to the dependents of owners that are deleted foreground or leave orphans.
//!
//! Upstream: `pkg/controller/garbagecollector`. Its graph is the store's index of owners here.

use crate::api::Propagation;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::meta::controller_ref::{is_owned_by, remove_owner};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::Duration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The finalizer of an owner that waits for its dependents.
const FOREGROUND: &str = "foregroundDeletion";
/// The finalizer of an owner whose dependents stay.
const ORPHAN: &str = "orphan";

/// Deletion of what has lost its owners. A key is `namespace` / `kind/name`.
#[derive(Clone, Default)]
pub struct GarbageCollector {}

impl Controller for GarbageCollector {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let object = &change.object;
        match change.change {
            ChangeType::Deleted => {
                if object.kind() != Kind::Event {
                    wake_all(dependents(store, object.uid()), wakes);
                }
                wake_waiting_owners(object.meta(), store, wakes);
            }
            ChangeType::Added | ChangeType::Modified => {
                if has_finalizer(object.meta(), FOREGROUND) || has_finalizer(object.meta(), ORPHAN)
                {
                    wakes.add(ControllerId::GarbageCollector, work_key(object));
                }
                let old = change.old.as_ref().map(|old| old.meta());
                let old_owners = old.map(|meta| &meta.owner_references);
                if old_owners != Some(&object.meta().owner_references) {
                    old.into_iter()
                        .for_each(|meta| wake_waiting_owners(meta, store, wakes));
                    let owners = object.meta().owner_references.iter().flatten();
                    let mut states =
                        owners.map(|owner| owner_state(store, object.namespace(), owner));
                    if states.any(|state| state != OwnerState::Solid) {
                        wakes.add(ControllerId::GarbageCollector, work_key(object));
                    }
                }
            }
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some((kind, stored)) = parse_work_key(key) else {
            return Outcome::DONE;
        };
        let Some(object) = client.store().get(kind, &stored).cloned() else {
            return Outcome::DONE;
        };
        let terminating = object.is_terminating();
        if terminating && has_finalizer(object.meta(), ORPHAN) {
            return orphan_dependents(client, &object);
        }
        if terminating && has_finalizer(object.meta(), FOREGROUND) {
            return process_deleting_dependents(client, &object);
        }
        attempt_to_delete(client, &object)
    }
}

/// What an owner reference means at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OwnerState {
    /// The owner lives, or goes without looking after its dependents.
    Solid,
    /// There is no such owner any more.
    Dangling,
    /// The owner waits for its dependents to go.
    Waiting,
}

fn owner_state(store: &Store, namespace: &str, owner: &OwnerReference) -> OwnerState {
    let Some(kind) = kind_of(owner) else {
        // An owner of a kind that is not simulated cannot be looked up; nothing is deleted on a guess.
        return OwnerState::Solid;
    };
    let namespace = if kind.info().namespaced {
        namespace
    } else {
        ""
    };
    match store.get(kind, &Key::new(namespace, &owner.name)) {
        Some(found) if found.uid() == owner.uid => {
            if found.is_terminating() && has_finalizer(found.meta(), FOREGROUND) {
                OwnerState::Waiting
            } else {
                OwnerState::Solid
            }
        }
        _ => OwnerState::Dangling,
    }
}

fn kind_of(owner: &OwnerReference) -> Option<Kind> {
    let matches = |kind: &&Kind| {
        let info = kind.info();
        info.kind == owner.kind && info.api_version() == owner.api_version
    };
    Kind::ALL.iter().find(matches).copied()
}

fn has_finalizer(meta: &ObjectMeta, name: &str) -> bool {
    let mut finalizers = meta.finalizers.iter().flatten();
    finalizers.any(|finalizer| finalizer == name)
}

fn work_key(object: &Object) -> Key {
    let info = object.kind().info();
    let name = format!("{}/{}", info.qualified_plural(), object.name());
    Key::new(object.namespace(), &name)
}

/// The object that a key of the collector's queue means.
pub(crate) fn parse_work_key(key: &Key) -> Option<(Kind, Key)> {
    let (plural, name) = key.name().split_once('/')?;
    let kind = Kind::ALL
        .iter()
        .find(|kind| kind.info().qualified_plural() == plural)?;
    Some((*kind, Key::new(key.namespace(), name)))
}

fn dependents<'a>(store: &'a Store, uid: &'a str) -> impl Iterator<Item = &'a Arc<Object>> {
    let none_for_nobody = Kind::ALL.iter().filter(move |_| !uid.is_empty());
    none_for_nobody.flat_map(move |kind| store.by_index(*kind, Index::OwnerUid, uid))
}

fn wake_all<'a>(objects: impl Iterator<Item = &'a Arc<Object>>, wakes: &mut Wakes) {
    for object in objects {
        wakes.add(ControllerId::GarbageCollector, work_key(object));
    }
}

/// Wakes the owners that wait for the object whose metadata this is.
fn wake_waiting_owners(meta: &ObjectMeta, store: &Store, wakes: &mut Wakes) {
    let namespace = meta.namespace.as_deref().unwrap_or("");
    for owner in meta.owner_references.iter().flatten() {
        if owner_state(store, namespace, owner) != OwnerState::Waiting {
            continue;
        }
        let found = kind_of(owner).and_then(|kind| {
            let namespace = if kind.info().namespaced {
                namespace
            } else {
                ""
            };
            store.get(kind, &Key::new(namespace, &owner.name))
        });
        wake_all(found.into_iter(), wakes);
    }
}

/// Takes the owner out of its dependents, then lets it go.
fn orphan_dependents(client: &mut Client<'_>, owner: &Arc<Object>) -> Outcome {
    let dependents: Vec<Arc<Object>> = dependents(client.store(), owner.uid()).cloned().collect();
    let mut outcome = Outcome {
        looked_at: 1 + dependents.len() as u64,
        ..Outcome::DONE
    };
    for dependent in dependents {
        let mut orphan = Object::clone(&dependent);
        remove_owner(orphan.meta_mut(), owner.uid());
        if client
            .update_object(orphan)
            .is_err_and(|error| !error.is_not_found())
        {
            outcome.requeue = Outcome::RETRY.requeue;
            return outcome;
        }
    }
    if remove_finalizer(client, owner, ORPHAN).is_err() {
        outcome.requeue = Outcome::RETRY.requeue;
    }
    outcome
}

fn remove_finalizer(
    client: &mut Client<'_>,
    object: &Arc<Object>,
    finalizer: &str,
) -> Result<(), ()> {
    let mut freed = Object::clone(object);
    if let Some(finalizers) = &mut freed.meta_mut().finalizers {
        finalizers.retain(|name| name != finalizer);
    }
    match client.update_object(freed) {
        Err(status) if !status.is_not_found() => Err(()),
        _ => Ok(()),
    }
}

/// Lets an owner go when no dependent blocks it any more, and sends for the dependents otherwise.
fn process_deleting_dependents(client: &mut Client<'_>, owner: &Arc<Object>) -> Outcome {
    let store = client.store();
    let uid = owner.uid();
    let blocks = |dependent: &Object| {
        let mut owners = dependent.meta().owner_references.iter().flatten();
        owners.any(|owner| owner.uid == uid && owner.block_owner_deletion == Some(true))
    };
    let all: Vec<Arc<Object>> = dependents(store, uid).cloned().collect();
    let looked_at = 1 + all.len() as u64;
    if !all.iter().any(|dependent| blocks(dependent)) {
        let requeue = match remove_finalizer(client, owner, FOREGROUND) {
            Ok(()) => Outcome::DONE.requeue,
            Err(()) => Outcome::RETRY.requeue,
        };
        return Outcome { requeue, looked_at };
    }
    for dependent in all.iter().filter(|dependent| !dependent.is_terminating()) {
        client.wake_after(
            ControllerId::GarbageCollector,
            &work_key(dependent),
            Duration::ZERO,
        );
    }
    Outcome {
        looked_at,
        ..Outcome::DONE
    }
}

/// Deletes an object that no owner needs any more; one that still has an owner only loses the references to the others.
fn attempt_to_delete(client: &mut Client<'_>, object: &Arc<Object>) -> Outcome {
    let owners = object.meta().owner_references.clone().unwrap_or_default();
    let namespaced = |owner: &OwnerReference| kind_of(owner).is_some_and(|k| k.info().namespaced);
    // An object of the whole cluster cannot have an owner in a namespace, and nobody knows in which: it is left alone.
    let lost = object.namespace().is_empty() && owners.iter().any(namespaced);
    if owners.is_empty() || object.is_terminating() || lost {
        return Outcome::DONE;
    }
    let mut gone: BTreeSet<&str> = BTreeSet::new();
    let (mut solid, mut waiting) = (0, 0);
    for owner in &owners {
        match owner_state(client.store(), object.namespace(), owner) {
            OwnerState::Solid => solid += 1,
            OwnerState::Dangling => {
                report_wrong_namespace(client, object, owner);
                gone.insert(&owner.uid);
            }
            OwnerState::Waiting => {
                waiting += 1;
                gone.insert(&owner.uid);
            }
        }
    }
    let result = if solid > 0 {
        if gone.is_empty() {
            return Outcome::DONE;
        }
        let mut freed = Object::clone(object);
        for uid in gone {
            remove_owner(freed.meta_mut(), uid);
        }
        client.update_object(freed).map(|_| ())
    } else {
        let has_dependents = dependents(client.store(), object.uid()).next().is_some();
        let propagation = if waiting > 0 && has_dependents {
            unblock_cycle(client, object);
            Propagation::Foreground
        } else if has_finalizer(object.meta(), ORPHAN) {
            Propagation::Orphan
        } else if has_finalizer(object.meta(), FOREGROUND) {
            Propagation::Foreground
        } else {
            Propagation::Background
        };
        let key = object.key();
        client.delete_with(object.kind(), &key, object.uid(), propagation)
    };
    match result {
        Err(status) if !status.is_not_found() => Outcome::RETRY,
        _ => Outcome::DONE,
    }
}

/// A dependent of the object that is being deleted foreground itself would wait for it forever: it blocks no more.
fn unblock_cycle(client: &mut Client<'_>, object: &Arc<Object>) {
    let waits = |dependent: &&Arc<Object>| {
        dependent.is_terminating() && has_finalizer(dependent.meta(), FOREGROUND)
    };
    let cycle = dependents(client.store(), object.uid()).any(|dependent| waits(&dependent));
    if !cycle {
        return;
    }
    let mut free = Object::clone(object);
    for owner in free.meta_mut().owner_references.iter_mut().flatten() {
        owner.block_owner_deletion = Some(false);
    }
    let _ = client.update_object(free);
}

/// Says of an owner that lives in another namespace that it cannot be one.
fn report_wrong_namespace(client: &mut Client<'_>, object: &Arc<Object>, owner: &OwnerReference) {
    let elsewhere = kind_of(owner)
        .filter(|kind| kind.info().namespaced)
        .is_some_and(|kind| {
            let mut all = client.store().list(kind, None);
            all.any(|found| found.name() == owner.name && found.uid() == owner.uid)
        });
    if !elsewhere || !is_owned_by(object.meta(), &owner.uid) {
        return;
    }
    let namespace = object.namespace();
    let message = format!(
        "ownerRef [{}/{}, namespace: {namespace}, name: {}, uid: {}] does not exist in namespace \"{namespace}\"",
        owner.api_version, owner.kind, owner.name, owner.uid
    );
    let by = Reporter::control_plane("garbage-collector-controller");
    let about = reference(object);
    client.event(
        &by,
        about,
        EventType::Warning,
        "OwnerRefInvalidNamespace",
        message,
    );
}
