//! What goes wrong in real clusters by itself, on request. Part of the cluster's state: snapshots and replays have it.

use super::Kubelet;
use super::process::{ImageInfo, ImageLookup};
use super::volumes::disk_of_volume;
use crate::client::Client;
use crate::cluster::Cluster;
use crate::object::Key;
use crate::queue::ControllerId;
use crate::storage::DiskId;
use crate::store::Store;
use crate::time::Duration;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use rpds::RedBlackTreeSetSync;
use std::sync::Arc;

/// How long a connection to a registry that does not answer is waited for.
pub(super) const REGISTRY_TIMEOUT: Duration = Duration::secs(30);

/// How much longer a slow pull takes.
pub(super) const SLOW_PULL: Duration = Duration::secs(60);

/// Something that is wrong until it is mended. A node that is cut off is not among them, see [`Cluster::cut_off_node`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The disk behind a claim is full: whoever writes gets `No space left on device`.
    FullDisk(Key),
    /// Nodes have lost an image, and its registry does not answer.
    BrokenPull(String),
    /// Nodes have lost an image, and its registry is slow.
    SlowPull(String),
    /// The programs of a pod do not answer probes.
    HangingProbes(Key),
    /// Nobody reaches the DNS server.
    NoDns,
}

/// Why a fault cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoFault {
    /// There is no such object.
    NotFound,
    /// The claim has no volume yet.
    NotBound,
    /// No kubelet runs the pod, or the container does not run.
    NotRunning,
    /// The pod has no container of that name.
    NoContainer,
    /// No container of the pod has a probe.
    NoProbes,
    /// No image of that name is known.
    NoImage,
    /// It is wrong already.
    Already,
}

/// Everything that is wrong now.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    all: RedBlackTreeSetSync<Fault>,
}

impl Faults {
    pub fn has(&self, fault: &Fault) -> bool {
        !self.all.is_empty() && self.all.contains(fault)
    }
}

impl Cluster {
    /// Makes something go wrong.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn break_down(&mut self, fault: Fault) -> Result<(), NoFault> {
        self.with_kubelet(|kubelet, client| kubelet.break_down(fault, client))
    }

    /// Ends what [`Cluster::break_down`] began. Returns whether there was such a fault.
    pub fn mend(&mut self, fault: &Fault) -> bool {
        self.with_kubelet(|kubelet, client| kubelet.mend(fault, client))
    }

    /// Everything that is wrong now, besides nodes that are cut off.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.kubelet().faults.all.iter()
    }

    /// The full name of an image, as faults have it; none for an image that nobody knows.
    pub fn full_image_name(&self, reference: &str) -> Option<String> {
        match self.kubelet().runtime().image(reference) {
            ImageLookup::Found(image) => Some(image.full_name.clone()),
            ImageLookup::NotFound { .. } => None,
        }
    }

    /// Ends the first process of a running container with SIGKILL, as the kernel does when memory is short. Without a
    /// name it is the pod's first container.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn kill_process(&mut self, pod: &Key, container: Option<&str>) -> Result<(), NoFault> {
        self.with_kubelet(|kubelet, client| kubelet.kill_process(pod, container, client))
    }
}

impl Kubelet {
    fn break_down(&mut self, fault: Fault, client: &mut Client<'_>) -> Result<(), NoFault> {
        if self.faults.has(&fault) {
            return Err(NoFault::Already);
        }
        match &fault {
            Fault::FullDisk(claim) => {
                let disk = disk_of_claim(client.store(), claim)?;
                self.disks.set_full(&disk, true);
            }
            Fault::HangingProbes(pod) => {
                let pod = client.get::<Pod>(pod).ok_or(NoFault::NotFound)?;
                let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
                let probed = |c: &k8s_openapi::api::core::v1::Container| {
                    c.readiness_probe.is_some()
                        || c.liveness_probe.is_some()
                        || c.startup_probe.is_some()
                };
                if !containers.into_iter().any(probed) {
                    return Err(NoFault::NoProbes);
                }
            }
            Fault::BrokenPull(image) | Fault::SlowPull(image) => {
                let other = match &fault {
                    Fault::BrokenPull(_) => Fault::SlowPull(image.clone()),
                    _ => Fault::BrokenPull(image.clone()),
                };
                self.faults.all.remove_mut(&other);
            }
            Fault::NoDns => {}
        }
        self.faults.all.insert_mut(fault);
        Ok(())
    }

    fn mend(&mut self, fault: &Fault, client: &mut Client<'_>) -> bool {
        if let (Fault::FullDisk(claim), true) = (fault, self.faults.has(fault))
            && let Ok(disk) = disk_of_claim(client.store(), claim)
        {
            self.disks.set_full(&disk, false);
        }
        self.faults.all.remove_mut(fault)
    }

    fn kill_process(
        &mut self,
        pod: &Key,
        container: Option<&str>,
        client: &mut Client<'_>,
    ) -> Result<(), NoFault> {
        client.get::<Pod>(pod).ok_or(NoFault::NotFound)?;
        let mut worker = self.take(pod).ok_or(NoFault::NotRunning)?;
        let killed = self.kill_in(Arc::make_mut(&mut worker), container, client);
        self.put_back(pod, worker);
        client.wake_after(ControllerId::Kubelet, pod, Duration::ZERO);
        killed
    }

    fn kill_in(
        &mut self,
        worker: &mut super::pod::PodWorker,
        container: Option<&str>,
        client: &mut Client<'_>,
    ) -> Result<(), NoFault> {
        if self.is_cut_off(&worker.node) {
            return Err(NoFault::NotRunning);
        }
        let named = |name: &str| worker.containers.iter().position(|c| c.name == name);
        let index = match container {
            Some(name) => named(name).ok_or(NoFault::NoContainer)?,
            None => {
                let mut all = worker.containers.iter();
                all.position(|c| !c.init && c.is_running())
                    .ok_or(NoFault::NotRunning)?
            }
        };
        if !worker.containers[index].is_running() {
            return Err(NoFault::NotRunning);
        }
        self.kill_container(worker, index, client);
        Ok(())
    }

    /// Whether the registry of an image does not answer.
    pub(super) fn pull_is_broken(&self, image: &ImageInfo) -> bool {
        self.faults.has(&Fault::BrokenPull(image.full_name.clone()))
    }

    /// Whether nodes have lost an image because of a fault.
    pub(super) fn has_lost(&mut self, reference: &str, node: &str) -> bool {
        let ImageLookup::Found(image) = self.image(reference) else {
            return false;
        };
        let name = image.full_name.clone();
        let pulled = (node.to_owned(), reference.to_owned());
        self.faults.has(&Fault::BrokenPull(name.clone()))
            || (self.faults.has(&Fault::SlowPull(name)) && !self.pulled.contains(&pulled))
    }

    /// How much longer a pull takes than it should.
    pub(super) fn pull_delay(&mut self, reference: &str) -> Duration {
        let ImageLookup::Found(image) = self.image(reference) else {
            return Duration::ZERO;
        };
        let name = image.full_name.clone();
        if self.faults.has(&Fault::BrokenPull(name.clone())) {
            REGISTRY_TIMEOUT
        } else if self.faults.has(&Fault::SlowPull(name)) {
            SLOW_PULL
        } else {
            Duration::ZERO
        }
    }

    /// Whether the programs of a pod do not answer probes.
    pub(super) fn hangs(&self, pod: &Key) -> bool {
        self.faults.has(&Fault::HangingProbes(pod.clone()))
    }

    /// Whether nobody reaches the DNS server.
    pub(crate) fn has_no_dns(&self) -> bool {
        self.faults.has(&Fault::NoDns)
    }
}

/// The disk behind a claim.
fn disk_of_claim(store: &Store, claim: &Key) -> Result<DiskId, NoFault> {
    let claim = store.get_as::<PersistentVolumeClaim>(claim);
    let claim = claim.ok_or(NoFault::NotFound)?;
    let name = claim.spec.as_ref().and_then(|s| s.volume_name.as_deref());
    let volume = store.get_as::<PersistentVolume>(&Key::new("", name.unwrap_or("")));
    volume.map(disk_of_volume).ok_or(NoFault::NotBound)
}
