//! Adopting orphans that fit a selector and releasing what fits no more.
//!
//! Upstream: `pkg/controller/controller_ref_manager.go`.

use super::controller_ref::{controller_of, new_controller_ref, remove_owner};
use super::label_selector;
use crate::client::Client;
use crate::object::{Key, Kind, Object};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use std::sync::Arc;

/// The object that claims others, and which ones.
pub struct Claimer<'s> {
    /// Its kind.
    pub kind: Kind,
    /// Its metadata as the sync saw it.
    pub owner: &'s ObjectMeta,
    /// The labels of what it manages.
    pub selector: &'s LabelSelector,
    /// A further test.
    pub filter: &'s dyn Fn(&Object) -> bool,
}

impl Claimer<'_> {
    fn uid(&self) -> &str {
        self.owner.uid.as_deref().unwrap_or("")
    }

    /// Keeps, adopts or releases one object; returns it (as it is then) if it is managed.
    ///
    /// # Errors
    /// Why the object could not be adopted or released.
    pub fn claim(
        &self,
        client: &mut Client<'_>,
        object: &Arc<Object>,
    ) -> Result<Option<Arc<Object>>, String> {
        let meta = object.meta();
        let fits = || label_selector::matches(self.selector, meta) && (self.filter)(object);
        let deleting = self.owner.deletion_timestamp.is_some();
        match controller_of(meta) {
            Some(owner) if owner.uid != self.uid() => Ok(None),
            Some(_) if fits() => Ok(Some(object.clone())),
            Some(_) if deleting => Ok(None),
            Some(_) => self.release(client, object).map(|()| None),
            None if deleting || object.is_terminating() || !fits() => Ok(None),
            None => self.adopt(client, object),
        }
    }

    /// Whether the claimer is still the object that the sync saw and is not being deleted.
    ///
    /// # Errors
    /// The sentence that says why it may adopt nothing.
    pub fn recheck(&self, client: &Client<'_>) -> Result<(), String> {
        let name = self.owner.name.as_deref().unwrap_or("");
        let namespace = self.owner.namespace.as_deref().unwrap_or("");
        let fresh = client.store().get(self.kind, &Key::new(namespace, name));
        let Some(fresh) = fresh else {
            let plural = self.kind.info().qualified_plural();
            return Err(format!(
                "can't recheck DeletionTimestamp: {plural} \"{name}\" not found"
            ));
        };
        if fresh.uid() != self.uid() {
            return Err(format!(
                "can't recheck DeletionTimestamp: original {} {namespace}/{name} is gone: got uid {}, wanted {}",
                self.kind.info().kind,
                fresh.uid(),
                self.uid()
            ));
        }
        match &fresh.meta().deletion_timestamp {
            Some(date) => Err(format!(
                "{namespace}/{name} has just been deleted at {}",
                date.0
            )),
            None => Ok(()),
        }
    }

    fn adopt(
        &self,
        client: &mut Client<'_>,
        object: &Arc<Object>,
    ) -> Result<Option<Arc<Object>>, String> {
        self.recheck(client).map_err(|why| {
            let kind = object.kind().info().kind;
            format!(
                "can't adopt {kind} {} ({}): {why}",
                object.key(),
                object.uid()
            )
        })?;
        let mut adopted = Object::clone(object);
        let owners = adopted.meta_mut().owner_references.get_or_insert_default();
        owners.push(new_controller_ref(self.kind, self.owner));
        match client.update_object(adopted) {
            Ok(written) => Ok(Some(written)),
            Err(status) if status.is_not_found() => Ok(None),
            Err(status) => Err(status.message),
        }
    }

    fn release(&self, client: &mut Client<'_>, object: &Arc<Object>) -> Result<(), String> {
        let mut released = Object::clone(object);
        remove_owner(released.meta_mut(), self.uid());
        match client.update_object(released) {
            Ok(_) => Ok(()),
            Err(status) if status.is_not_found() => Ok(()),
            Err(status) => Err(status.message),
        }
    }
}
