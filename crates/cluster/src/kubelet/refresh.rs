//! Volumes that change while they are mounted: those that show objects of the API, and claims that grow.
//!
//! Upstream: `pkg/volume/util/atomic_writer.go`; a kubelet looks at each pod's volumes about once a minute.

use super::pod::PodWorker;
use super::{Kubelet, security_context, volumes};
use crate::api::quantity::Amount;
use crate::client::Client;
use crate::controller::Wakes;
use crate::object::{Key, Object};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Store};
use crate::time::Duration;
use k8s_openapi::api::core::v1 as core;
use std::sync::Arc;

/// How often a kubelet looks at all volumes of a pod, but for up to half as much again.
const SYNC_FREQUENCY: Duration = Duration::secs(60);

impl Kubelet {
    /// Sees which mounted volumes a change concerns.
    pub(super) fn observe_volumes(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        if change.change != ChangeType::Modified {
            return;
        }
        match &*change.object {
            Object::PersistentVolumeClaim(claim) => self.grow(claim, store),
            object @ (Object::ConfigMap(_) | Object::Secret(_)) => {
                let shown: Vec<Key> = self
                    .pods
                    .iter()
                    .filter(|(key, slot)| {
                        let pod = slot.current.as_ref().and_then(|worker| worker.pod());
                        key.namespace() == object.namespace()
                            && pod.is_some_and(|pod| volumes::pod_shows(pod, object))
                    })
                    .map(|(key, _)| key.clone())
                    .collect();
                for key in shown {
                    self.mark_stale(&key, wakes);
                }
            }
            object @ Object::Pod(pod) if volumes::pod_shows(pod, object) => {
                let old = change.old.as_deref().map(Object::meta);
                let new = object.meta();
                let told = old.is_some_and(|old| {
                    old.labels != new.labels || old.annotations != new.annotations
                });
                if told {
                    self.mark_stale(&object.key(), wakes);
                }
            }
            _ => {}
        }
    }

    fn mark_stale(&mut self, key: &Key, wakes: &mut Wakes) {
        let slot = self.pods.get_mut(key);
        if let Some(worker) = slot.and_then(|slot| slot.current.as_mut()) {
            Arc::make_mut(worker).stale_volumes = true;
            wakes.add(ControllerId::Kubelet, key.clone());
        }
    }

    /// A claim that has got more room: so has its disk.
    fn grow(&mut self, claim: &core::PersistentVolumeClaim, store: &Store) {
        let capacity = claim
            .status
            .as_ref()
            .and_then(|status| status.capacity.as_ref());
        let bytes = capacity
            .and_then(|capacity| capacity.get("storage"))
            .and_then(|size| u64::try_from(Amount::of(size).value()).ok());
        let name = claim
            .spec
            .as_ref()
            .and_then(|spec| spec.volume_name.as_deref());
        let volume = store.get_as::<core::PersistentVolume>(&Key::new("", name.unwrap_or("")));
        if let (Some(bytes), Some(volume)) = (bytes, volume) {
            let disk = volumes::disk_of_volume(volume);
            let known = self.disks.get(&disk).and_then(|disk| disk.capacity_bytes);
            if known.is_some_and(|known| known < bytes) {
                self.disks.set_capacity(&disk, bytes);
            }
        }
    }

    /// Writes what the objects hold now into the volumes that show them. Mounts of a single path keep what they had.
    pub(super) fn refresh_volumes(&mut self, worker: &mut PodWorker, client: &Client<'_>) {
        worker.refresh_at = None;
        if let Some(object) = client.store().get(crate::object::Kind::Pod, &worker.key)
            && object.uid() == worker.uid
        {
            worker.object = object.clone();
        }
        let now = client.now();
        for (disk, payload) in volumes::object_volumes(worker, client.store()) {
            let by_path = worker.containers.iter().any(|container| {
                let run = container.run.as_ref();
                let mut mounts = run.into_iter().flat_map(|run| &run.context.mounts);
                mounts.any(|mount| mount.disk == disk && !mount.sub_path.is_empty())
            });
            if by_path {
                continue;
            }
            let moment = client.calendar().timestamp(now).to_string();
            let mut fresh = payload.renamed(worker, &moment).file_system(now);
            if let Some(group) = worker.spec().and_then(security_context::fs_group) {
                security_context::own(&mut fresh, group, true, false);
            }
            self.disks.replace_files(&disk, fresh);
        }
    }
}

/// Sets the time of the next look at the volumes, if one of them is out of date.
pub(super) fn plan_refresh(worker: &mut Arc<PodWorker>, client: &mut Client<'_>) {
    if worker.stale_volumes {
        let at = client.now() + client.random().jitter(SYNC_FREQUENCY, 50);
        let worker = Arc::make_mut(worker);
        worker.stale_volumes = false;
        worker.refresh_at.get_or_insert(at);
    }
}
