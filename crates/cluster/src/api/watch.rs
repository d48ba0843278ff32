//! Watches: what happens to the objects that fit a request's selectors, from a version on.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/storage/cacher`.

use super::selectors::{FieldSelector, Selector};
use super::{Cause, Reason, Request, Status};
use crate::object::{Kind, Object};
use crate::store::{ChangeType, Store};
use std::sync::Arc;

/// What happened to an object in the eyes of somebody who sees only what the selectors let through.
#[derive(Clone, Debug)]
pub struct Event {
    /// An object that is changed until it no longer fits counts as deleted, one that begins to fit as added.
    pub change: ChangeType,
    /// The object after the change; its last state that fitted, with the version of the change, when it is gone.
    pub object: Arc<Object>,
}

/// A watch: which objects, and up to which version they have been told of.
#[derive(Clone, Debug)]
pub struct Watch {
    kind: Kind,
    namespace: String,
    name: String,
    labels: Selector,
    fields: FieldSelector,
    seen: u64,
}

impl Watch {
    /// A watch of what `request` would list, for the changes after `resource_version`.
    ///
    /// # Errors
    /// What the API server answers to selectors that are none.
    pub fn new(request: &Request, resource_version: u64) -> Result<Watch, Status> {
        let options = &request.options;
        Ok(Watch {
            kind: request.kind,
            namespace: request.namespace.clone(),
            name: request.name.clone(),
            labels: Selector::parse(&options.label_selector).map_err(Status::bad_request)?,
            fields: FieldSelector::parse(request.kind, &options.field_selector)
                .map_err(Status::bad_request)?,
            seen: resource_version,
        })
    }

    /// The version up to which all changes were told.
    pub fn resource_version(&self) -> u64 {
        self.seen
    }

    /// What happened since the last call.
    ///
    /// # Errors
    /// `Expired` when the store no longer knows the changes since then.
    pub fn next(&mut self, store: &Store) -> Result<Vec<Event>, Status> {
        let Some(changes) = store.changes_since(self.seen) else {
            return Err(Status::too_old(self.seen, store.oldest_version()));
        };
        let mut events = Vec::new();
        for change in changes.filter(|change| change.object.kind() == self.kind) {
            let before = change.old.as_ref().is_some_and(|old| self.fits(old));
            let after = change.change != ChangeType::Deleted && self.fits(&change.object);
            let (change, object) = match (before, after) {
                (false, false) => continue,
                (false, true) => (ChangeType::Added, change.object.clone()),
                (true, true) => (ChangeType::Modified, change.object.clone()),
                (true, false) => {
                    let version = change.object.meta().resource_version.clone();
                    let last = change.old.as_ref().unwrap_or(&change.object);
                    let mut last = Object::clone(last);
                    last.meta_mut().resource_version = version;
                    (ChangeType::Deleted, Arc::new(last))
                }
            };
            events.push(Event { change, object });
        }
        self.seen = self.seen.max(store.resource_version());
        Ok(events)
    }

    fn fits(&self, object: &Object) -> bool {
        (self.namespace.is_empty() || object.namespace() == self.namespace)
            && (self.name.is_empty() || object.name() == self.name)
            && self.labels.matches(object.meta().labels.as_ref())
            && self.fields.matches(object)
    }
}

impl Status {
    /// A version from before what the watch log holds.
    pub fn too_old(wanted: u64, oldest: u64) -> Status {
        Status {
            reason: Some(Reason::Expired),
            ..Status::bad_request(format!("too old resource version: {wanted} ({oldest})"))
        }
    }

    /// A version that is yet to come. Upstream waits three seconds for it; here it cannot come by waiting.
    ///
    /// Upstream: `staging/src/k8s.io/apiserver/pkg/storage/errors.go` (`NewTooLargeResourceVersionError`).
    pub fn too_large(wanted: u64, present: u64) -> Status {
        let message = format!("Timeout: Too large resource version: {wanted}, current: {present}");
        Status {
            reason: Some(Reason::Timeout),
            causes: vec![Cause {
                reason: "ResourceVersionTooLarge",
                field: String::new(),
                message: "Too large resource version".to_owned(),
            }],
            retry_after_seconds: 1,
            ..Status::bad_request(message)
        }
    }
}
