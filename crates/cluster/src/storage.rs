//! Disks with real bytes: what volumes and containers' own file systems hold.
//!
//! All of it lives in persistent maps, so that a snapshot of the cluster shares it.

pub mod file_system;
pub mod files;
pub mod mount;
mod saved;

use crate::time::Instant;
pub use file_system::{Errno, FileSystem, FileType, Metadata};
pub use files::Files;
use k8s_openapi::api::core::v1::Pod;
pub use mount::{DirectoryEntry, Mount, Usage};
use rpds::{QueueSync, RedBlackTreeMapSync, RedBlackTreeSetSync, VectorSync};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// How many bytes all disks together may hold, so that a page stays usable.
pub const STORED_BYTES_LIMIT: u64 = 64 << 20;

/// How many bytes one file may hold.
pub const FILE_BYTES_LIMIT: usize = 8 << 20;

/// How many writes a disk remembers; older ones are forgotten together.
pub const HISTORY_LIMIT: usize = 512;

/// Which disk: the directory or device that upstream would find on a node.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DiskId(Arc<str>);

impl DiskId {
    /// The disk behind a persistent volume's path (or another name of the place that holds its bytes).
    pub fn volume(place: &str) -> DiskId {
        DiskId(format!("volume:{place}").into())
    }

    /// The directory of a volume that lives and dies with a pod.
    pub fn ephemeral(pod_uid: &str, volume: &str) -> DiskId {
        DiskId(format!("pod:{pod_uid}/{volume}").into())
    }

    /// The writable layer of one run of a container.
    pub fn container(pod_uid: &str, container: &str, run: i32) -> DiskId {
        DiskId(format!("container:{pod_uid}/{container}/{run}").into())
    }
}

impl fmt::Debug for DiskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who changes a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writer {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod's name.
    pub pod: String,
    /// The container's name.
    pub container: String,
}

/// What was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It was written, whole or at its end.
    Written,
    /// A directory or link was made.
    Made,
    /// It was removed or moved away.
    Removed,
}

/// One entry of a disk's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When.
    pub at: Instant,
    /// Who.
    pub writer: Arc<Writer>,
    /// The path within the disk, beginning with `/`.
    pub path: String,
    /// What.
    pub change: FileChange,
}

/// One disk.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// The files.
    pub files: FileSystem,
    /// How many bytes fit; `None` when nothing but the limits of this program holds.
    pub capacity_bytes: Option<u64>,
    /// Who changed what, oldest first; empty for containers' own layers.
    pub history: VectorSync<HistoryEntry>,
    /// Whether changes are remembered.
    pub keeps_history: bool,
}

/// All disks of the cluster.
#[derive(Clone, Debug, Default)]
pub struct Disks {
    disks: RedBlackTreeMapSync<DiskId, Disk>,
    written_bytes: u64,
    lost: QueueSync<Arc<LostDisk>>,
    /// Disks on which nothing fits any more, whatever their size.
    full: RedBlackTreeSetSync<DiskId>,
}

/// A disk that is gone with the bytes on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostDisk {
    /// The pod that wrote last.
    pub pod: String,
    /// Whether it went with a pod, not with a claim.
    pub with_pod: bool,
    /// The paths of its files.
    pub files: Vec<String>,
}

/// How many disks that are gone are remembered.
const LOST_LIMIT: usize = 32;

impl Disks {
    /// Disks that held files and are gone, the latest first.
    pub fn lost(&self) -> impl Iterator<Item = &LostDisk> {
        let all: Vec<&LostDisk> = self.lost.iter().map(|lost| &**lost).collect();
        all.into_iter().rev()
    }

    /// A disk, if anything was ever mounted from it.
    pub fn get(&self, id: &DiskId) -> Option<&Disk> {
        self.disks.get(id)
    }

    /// Puts a disk in place, unless there is one.
    pub(crate) fn ensure(&mut self, id: &DiskId, make: impl FnOnce() -> Disk) {
        if !self.disks.contains_key(id) {
            self.disks.insert_mut(id.clone(), make());
        }
    }

    /// Makes the directory of a disk that is mounted instead of the whole of it, if there is nothing yet.
    pub(crate) fn make_sub_path(&mut self, mount: &Mount, now: Instant) {
        let missing = |disk: &Disk| disk.files.get(&mount.sub_path).is_none();
        if self.disks.get(&mount.disk).is_some_and(missing)
            && let Some(disk) = self.disks.get_mut(&mount.disk)
        {
            disk.files.make_directories(&mount.sub_path, now);
        }
    }

    /// Gives a disk another size.
    pub(crate) fn set_capacity(&mut self, id: &DiskId, bytes: u64) {
        if let Some(disk) = self.disks.get_mut(id) {
            disk.capacity_bytes = Some(bytes);
        }
    }

    /// Lets nothing fit on a disk any more, or ends that.
    pub(crate) fn set_full(&mut self, id: &DiskId, full: bool) {
        match full {
            true => self.full.insert_mut(id.clone()),
            false => {
                self.full.remove_mut(id);
            }
        }
    }

    /// Whether nothing fits on a disk any more.
    pub fn is_full(&self, id: &DiskId) -> bool {
        self.full.contains(id)
    }

    /// Gives a disk that was made out of objects of the API other files.
    pub(crate) fn replace_files(&mut self, id: &DiskId, files: FileSystem) {
        if let Some(disk) = self.disks.get_mut(id) {
            disk.files = files;
        }
    }

    /// Forgets a disk and its bytes.
    pub(crate) fn remove(&mut self, id: &DiskId) {
        if let Some(disk) = self.disks.get(id) {
            let gone = disk.files.written_bytes();
            if let Some(lost) = lost_disk(id, disk) {
                self.lost.enqueue_mut(Arc::new(lost));
                if self.lost.len() > LOST_LIMIT {
                    self.lost.dequeue_mut();
                }
            }
            self.written_bytes = self.written_bytes.saturating_sub(gone);
            self.disks.remove_mut(id);
        }
    }

    /// Changes a disk's files if there is room for `growth` bytes more.
    pub(crate) fn change<R>(
        &mut self,
        id: &DiskId,
        growth: i64,
        change: impl FnOnce(&mut Disk) -> R,
    ) -> Result<R, Errno> {
        let disk = self.disks.get_mut(id).ok_or(Errno::Io)?;
        let wanted = disk.files.written_bytes().saturating_add_signed(growth);
        let too_many = |capacity| wanted > capacity;
        if growth > 0 && (disk.capacity_bytes.is_some_and(too_many) || self.full.contains(id)) {
            return Err(Errno::NoSpace);
        }
        let total = self.written_bytes.saturating_add_signed(growth);
        if growth > 0 && total > STORED_BYTES_LIMIT {
            return Err(Errno::Limit);
        }
        self.written_bytes = total;
        disk.files.count_bytes(growth);
        Ok(change(disk))
    }
}

/// What is remembered of a disk that goes; nothing of one that nobody wrote to.
fn lost_disk(id: &DiskId, disk: &Disk) -> Option<LostDisk> {
    let last = disk.history.last()?;
    let files = disk
        .files
        .walk()
        .filter(|(path, metadata)| !path.is_empty() && metadata.file_type != FileType::Directory);
    let files: Vec<String> = files.map(|(path, _)| path.to_owned()).collect();
    (!files.is_empty()).then(|| LostDisk {
        pod: last.writer.pod.clone(),
        with_pod: id.0.starts_with("pod:"),
        files,
    })
}

impl Disk {
    /// Remembers a change, if this disk remembers any.
    pub(crate) fn remember(&mut self, entry: HistoryEntry) {
        if !self.keeps_history {
            return;
        }
        if self.history.len() >= HISTORY_LIMIT {
            let newer = self.history.iter().skip(HISTORY_LIMIT / 2).cloned();
            self.history = newer.collect();
        }
        self.history.push_back_mut(entry);
    }
}

/// The names of the claims that a pod mounts; those of its ephemeral volumes are named after pod and volume.
pub fn claim_names(pod: &Pod) -> impl Iterator<Item = Cow<'_, str>> {
    let volumes = pod
        .spec
        .iter()
        .flat_map(|spec| spec.volumes.iter().flatten());
    volumes.filter_map(|volume| {
        let claim = volume.persistent_volume_claim.as_ref();
        let named = claim.map(|claim| Cow::from(claim.claim_name.as_str()));
        let own = volume.ephemeral.as_ref();
        named.or_else(|| {
            own?;
            let pod = pod.metadata.name.as_deref().unwrap_or("");
            Some(format!("{pod}-{}", volume.name).into())
        })
    })
}
