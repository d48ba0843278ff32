//! Where disks are mounted in a container, and what lies in directories.

use super::DiskId;
use super::file_system::Metadata;

/// A disk (or a part of one) at a place in the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where: `/` for the container's own layer, else a path without a trailing `/`.
    pub path: String,
    /// What.
    pub disk: DiskId,
    /// The part of the disk; empty for all of it, else beginning with `/`.
    pub sub_path: String,
    /// Whether writing is refused.
    pub read_only: bool,
    /// What `df` and `mount` show as the device: `overlay`, `tmpfs`, `/dev/vda1`.
    pub source: String,
    /// The type of file system that `mount` shows.
    pub fs_type: &'static str,
}

/// What `df` tells of a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The mount.
    pub mount: Mount,
    /// Bytes that are used.
    pub used_bytes: u64,
    /// Bytes that fit; `None` when the disk has no size of its own.
    pub capacity_bytes: Option<u64>,
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The name.
    pub name: String,
    /// What it is; links are not followed.
    pub metadata: Metadata,
}
