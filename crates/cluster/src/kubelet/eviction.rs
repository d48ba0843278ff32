//! Pods that write more to their node than they may.
//!
//! Upstream: `localStorageEviction` in `pkg/kubelet/eviction/eviction_manager.go`,
//! `pkg/kubelet/server/stats/volume_stat_calculator.go`.

use super::Kubelet;
use super::kuberuntime::next_tick;
use super::pod::{Evicted, PodWorker, Stage};
use crate::api::quantity::Amount;
use crate::client::Client;
use crate::record::EventType;
use crate::storage::DiskId;
use crate::time::Duration;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// The least time between two counts of what a pod's volumes hold; up to twice as long passes.
const COUNTING: Duration = Duration::secs(60);
/// How often the last counts are compared with the limits.
const MONITORING: Duration = Duration::secs(10);
/// How long containers of such a pod have to end.
const GRACE: Duration = Duration::secs(1);

impl Kubelet {
    /// Plans the next look at a pod that holds more than it may by now.
    pub(super) fn plan_storage_look(&self, worker: &mut PodWorker, client: &mut Client<'_>) {
        if worker.storage_look_at.is_none()
            && worker.stage == Stage::Syncing
            && self.exceeded(worker).is_some()
        {
            let now = client.now();
            // Counting is somewhere between its last time and its next.
            let next_count = client.random().jitter(COUNTING, 100);
            let counted = now + Duration::micros(client.random().below(next_count.0));
            worker.storage_look_at = Some(next_tick(worker, counted, MONITORING));
        }
    }

    /// Ends a pod that still holds more than it may.
    pub(super) fn look_at_storage(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        worker.storage_look_at = None;
        let Some(message) = self.exceeded(worker) else {
            return;
        };
        if worker.stage != Stage::Syncing || worker.object.is_terminating() {
            return;
        }
        let warning = EventType::Warning;
        self.event(worker, None, client, warning, "Evicted", message.clone());
        let why = Evicted {
            reason: "Evicted",
            message,
            repeated: false,
            grace: Some(GRACE),
        };
        self.evict(worker, why, client);
    }

    /// Which limit a pod exceeds, in the words of the event.
    fn exceeded(&self, worker: &PodWorker) -> Option<String> {
        self.directory_exceeded(worker)
            .or_else(|| self.ephemeral_storage_exceeded(worker))
    }

    fn directory_exceeded(&self, worker: &PodWorker) -> Option<String> {
        let volumes = worker.spec()?.volumes.as_ref()?;
        volumes.iter().find_map(|volume| {
            let limit = volume.empty_dir.as_ref()?.size_limit.as_ref()?;
            let used = self.held(&DiskId::ephemeral(&worker.uid, &volume.name));
            let over = Amount::of(limit).value() > 0 && used > Amount::of(limit).value();
            over.then(|| {
                format!(
                    "Usage of EmptyDir volume {:?} exceeds the limit {:?}. ",
                    volume.name, limit.0
                )
            })
        })
    }

    fn ephemeral_storage_exceeded(&self, worker: &PodWorker) -> Option<String> {
        let spec = worker.spec()?;
        let limits: Vec<Option<&Quantity>> = (0..worker.containers.len())
            .map(|index| {
                let resources = worker.container_spec(index)?.resources.as_ref()?;
                resources.limits.as_ref()?.get("ephemeral-storage")
            })
            .collect();
        if limits.iter().all(Option::is_none) {
            return None;
        }
        let used: Vec<i128> = worker.containers.iter().map(|c| self.written(c)).collect();
        let volumes = spec.volumes.iter().flatten();
        let directories = volumes.filter(|volume| {
            let directory = volume.empty_dir.as_ref();
            directory.is_some_and(|dir| dir.medium.as_deref() != Some("Memory"))
        });
        let directories: i128 = directories
            .map(|volume| self.held(&DiskId::ephemeral(&worker.uid, &volume.name)))
            .sum();
        let regular = || (0..limits.len()).filter(|index| !worker.containers[*index].init);
        let allowed: i128 = regular()
            .filter_map(|index| limits[index])
            .map(|limit| Amount::of(limit).value())
            .sum();
        if used.iter().sum::<i128>() + directories > allowed {
            let mut limits = regular().filter_map(|index| limits[index]).map(Amount::of);
            let first = limits.next()?;
            let allowed = limits.fold(first, Amount::plus).canonical();
            return Some(format!(
                "Pod ephemeral local storage usage exceeds the total limit of containers {allowed}. "
            ));
        }
        regular().find_map(|index| {
            let limit = limits[index]?;
            let over = Amount::of(limit).value() > 0 && used[index] > Amount::of(limit).value();
            let name = &worker.containers[index].name;
            over.then(|| {
                format!(
                    "Container {name} exceeded its local ephemeral storage limit {:?}. ",
                    limit.0
                )
            })
        })
    }

    /// The bytes on a disk.
    fn held(&self, disk: &DiskId) -> i128 {
        let disk = self.disks.get(disk);
        disk.map_or(0, |disk| i128::from(disk.files.written_bytes()))
    }

    /// What a container has written into its own layer and its log.
    fn written(&self, container: &super::container::Container) -> i128 {
        let run = container.run.as_ref();
        run.map_or(0, |run| {
            let layer = run.context.fills.first();
            layer.map_or(0, |(layer, _)| self.held(layer)) + run.log.bytes() as i128
        })
    }
}
