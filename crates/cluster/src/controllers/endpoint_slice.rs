//! EndpointSlices: the addresses behind each service, at most a hundred in one object.
//!
//! Upstream: `pkg/controller/endpointslice` and `staging/src/k8s.io/endpointslice`.

mod reconciler;
#[cfg(test)]
mod tests;

use super::service_pods::{Selected, Selection, Selections, managed_spec, wake_services};
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::store::{Change, ChangeType, Index, Store};
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use reconciler::{Plan, plan};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The label with the name of a slice's service.
const SERVICE_NAME_LABEL: &str = "kubernetes.io/service-name";
/// The label with the name of what manages a slice.
const MANAGED_BY_LABEL: &str = "endpointslice.kubernetes.io/managed-by";
/// This controller's name in that label.
const CONTROLLER_NAME: &str = "endpointslice-controller.k8s.io";

/// EndpointSlices of services.
#[derive(Clone, Default)]
pub struct EndpointSliceController {
    selections: Selections,
    /// The version of each service at its last sync, if that went well and no node changed since.
    synced: BTreeMap<Key, u64>,
    /// The version of each slice that this controller wrote last; another one is somebody else's doing.
    written: BTreeMap<Key, u64>,
}

impl Controller for EndpointSliceController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let Object::EndpointSlice(slice) = &*change.object else {
            if matches!(*change.object, Object::Node(_)) {
                // Endpoints name the zones of their nodes.
                self.synced.clear();
            }
            self.selections.observe(change);
            wake_services(change, store, ControllerId::EndpointSlice, wakes);
            return;
        };
        let label = |key: &str| slice.metadata.labels.as_ref()?.get(key);
        if label(MANAGED_BY_LABEL).map(String::as_str) != Some(CONTROLLER_NAME) {
            return;
        }
        let key = change.object.key();
        let own = match change.change {
            ChangeType::Deleted => self.written.remove(&key).is_none(),
            _ => self.written.get(&key) == Some(&change.resource_version),
        };
        if !own && let Some(service) = label(SERVICE_NAME_LABEL) {
            let service = Key::new(change.object.namespace(), service);
            self.synced.remove(&service);
            wakes.add(ControllerId::EndpointSlice, service);
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(object) = client.store().get(Kind::Service, key).cloned() else {
            self.selections.forget(key);
            self.synced.remove(key);
            return Outcome::DONE;
        };
        let Some(service) = object.as_kind::<Service>() else {
            return Outcome::DONE;
        };
        let Some(spec) = managed_spec(service) else {
            return Outcome::DONE;
        };
        let store = client.store();
        let version = object.resource_version();
        let slices = own_slices(store, key);
        let as_known = self.synced.remove(key) == Some(version);
        let (selection, trigger) = self.selections.of(key, &service.metadata, spec, store);
        let looked_at = 1 + selection.pods.len() as u64;
        let changed = std::mem::take(&mut selection.changed);
        let all_is_news = std::mem::take(&mut selection.fresh) || !as_known;
        let mut plan = if all_is_news {
            let pods: Vec<&Pod> = selection.pods.values().filter_map(Selected::pod).collect();
            plan(service, spec, &pods, &slices, None, store)
        } else {
            let touched = touched_slices(&slices, &changed);
            let pods = pods_in_question(selection, &changed, &slices, &touched);
            plan(service, spec, &pods, &slices, Some(&touched), store)
        };
        plan.set_trigger_time(trigger);
        let Err(why) = self.carry_out(plan, &object, client) else {
            self.synced.insert(key.clone(), version);
            return Outcome {
                looked_at,
                ..Outcome::DONE
            };
        };
        let message = format!("Error updating Endpoint Slices for Service {key}: {why}");
        let by = Reporter::control_plane("endpoint-slice-controller");
        let (about, reason) = (reference(&object), "FailedToUpdateEndpointSlices");
        client.event(&by, about, EventType::Warning, reason, message);
        Outcome {
            looked_at,
            ..Outcome::RETRY
        }
    }
}

/// The slices that list a pod which changed, and those that list nothing.
fn touched_slices(slices: &[Arc<Object>], changed: &BTreeSet<Key>) -> BTreeSet<Key> {
    let names: BTreeSet<&str> = changed.iter().map(Key::name).collect();
    let touched = |object: &&Arc<Object>| {
        let mut listed = listed_names(object).peekable();
        listed.peek().is_none() || listed.any(|name| names.contains(name))
    };
    let touched = slices.iter().filter(touched);
    touched.map(|object| object.key()).collect()
}

fn listed_names(slice: &Object) -> impl Iterator<Item = &str> {
    let slice = slice.as_kind::<EndpointSlice>();
    let endpoints = slice.and_then(|slice| slice.endpoints.as_deref());
    let endpoints = endpoints.unwrap_or_default().iter();
    endpoints.map(|endpoint| {
        let target = endpoint.target_ref.as_ref();
        target
            .and_then(|target| target.name.as_deref())
            .unwrap_or("")
    })
}

/// The pods that a plan needs which leaves the other slices as they are, in etcd's order.
fn pods_in_question<'a>(
    selection: &'a Selection,
    changed: &BTreeSet<Key>,
    slices: &[Arc<Object>],
    touched: &BTreeSet<Key>,
) -> Vec<&'a Pod> {
    let mut keys = changed.clone();
    for object in slices {
        if touched.contains(&object.key()) {
            keys.extend(listed_names(object).map(|name| Key::new(object.namespace(), name)));
        }
    }
    let pods = keys.iter().filter_map(|key| selection.pods.get(key)?.pod());
    pods.collect()
}

/// The slices of a service that this controller manages, terminating ones aside.
fn own_slices(store: &Store, service: &Key) -> Vec<Arc<Object>> {
    let label = format!("{SERVICE_NAME_LABEL}={}", service.name());
    store
        .by_index(Kind::EndpointSlice, Index::Label, &label)
        .filter(|slice| {
            let labels = slice.meta().labels.as_ref();
            let manager = labels.and_then(|labels| labels.get(MANAGED_BY_LABEL));
            slice.namespace() == service.namespace()
                && manager.is_some_and(|name| name == CONTROLLER_NAME)
                && !slice.is_terminating()
        })
        .cloned()
        .collect()
}

impl EndpointSliceController {
    fn carry_out(
        &mut self,
        plan: Plan,
        service: &Arc<Object>,
        client: &mut Client<'_>,
    ) -> Result<(), String> {
        let about = |verb: &str, name: &str, why: String| {
            format!(
                "failed to {verb} {name} EndpointSlice for Service {}: {why}",
                service.key()
            )
        };
        if !service.is_terminating() {
            for slice in plan.create {
                let made = client.create::<EndpointSlice>(slice).map_err(|status| {
                    format!(
                        "failed to create EndpointSlice for Service {}: {}",
                        service.key(),
                        status.message
                    )
                })?;
                self.written.insert(made.key(), made.resource_version());
            }
        }
        for slice in plan.update {
            let name = slice.metadata.name.clone().unwrap_or_default();
            let made = client
                .update::<EndpointSlice>(slice)
                .map_err(|status| about("update", &name, status.message))?;
            self.written.insert(made.key(), made.resource_version());
        }
        for key in plan.delete {
            self.written.remove(&key);
            client
                .delete(Kind::EndpointSlice, &key, None, None)
                .map_err(|status| about("delete", key.name(), status.message))?;
        }
        Ok(())
    }
}

/// Whether the slice belongs to this very service and not to an earlier one of its name.
fn owned_by(slice: &ObjectMeta, service: &ObjectMeta) -> bool {
    let owners = slice.owner_references.as_deref().unwrap_or_default();
    owners.iter().any(|owner| {
        Some(owner.uid.as_str()) == service.uid.as_deref()
            && owner.kind == "Service"
            && owner.api_version == "v1"
    })
}
