//! The picture of the disks: who mounts them, what lies on them, who wrote it, and what becomes of it.

use serde::{Deserialize, Serialize};

use super::{Meaning, ObjectRef};

/// Every disk that pods mount or claims hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageView {
    /// The sets whose pods have disks, by name; the picture can be limited to one of them.
    pub sets: Vec<String>,
    /// How many disks there are in all.
    pub disk_count: u32,
    /// The first disks: those of sets first, by name.
    pub disks: Vec<DiskView>,
    /// Disks that are gone with their bytes, the latest first.
    pub lost: Vec<LostDiskView>,
}

/// What kind of disk it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DiskKind {
    /// Behind a persistent volume claim.
    Claim,
    /// An `emptyDir`.
    EmptyDir,
    /// An `emptyDir` in memory.
    Memory,
    /// A directory of the node.
    HostPath,
    /// A persistent volume without a claim.
    Volume,
}

/// One disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskView {
    /// What kind of disk it is.
    pub kind: DiskKind,
    /// The claim's name, the name of the volume in the pod, or that of the persistent volume.
    pub name: String,
    /// The set that it belongs to.
    pub set: Option<String>,
    /// The pods that mount it.
    pub pods: Vec<ObjectRef>,
    /// The claim.
    pub claim: Option<ObjectRef>,
    /// The persistent volume.
    pub volume: Option<ObjectRef>,
    /// The phase of the claim or volume; empty for disks that have none.
    pub phase: String,
    /// What the phase means.
    pub meaning: Meaning,
    /// How much fits, such as `1Gi`; empty when nothing is said.
    pub capacity: String,
    /// Bytes in files.
    pub used_bytes: u64,
    /// How many files and links there are.
    pub file_count: u32,
    /// The first files, by path.
    pub files: Vec<DiskFileView>,
    /// The latest changes, the newest first.
    pub writes: Vec<WriteView>,
    /// What becomes of the bytes, in sentences.
    pub fates: Vec<Fate>,
    /// Written to since the last command.
    pub changed: bool,
}

/// One file of a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskFileView {
    /// The path within the disk.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// `-rw-r--r--`
    pub mode: String,
    /// The beginning of the text; `None` for bytes that are no text.
    pub text: Option<String>,
    /// More follows than `text` shows.
    pub cut: bool,
    /// The pod that wrote it last, if that is remembered.
    pub writer: Option<String>,
}

/// One change of a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteView {
    /// Virtual time in ms since the cluster started.
    pub at_ms: u64,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// The path within the disk.
    pub path: String,
    /// What was done.
    pub change: WriteKind,
}

/// What was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WriteKind {
    /// Written.
    Written,
    /// A directory or link was made.
    Made,
    /// Removed.
    Removed,
}

/// What becomes of a disk's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// They go with the pod.
    GoWithPod,
    /// They stay when the pod goes.
    OutlivePod,
    /// They are deleted with the claim (`Delete`).
    GoWithClaim,
    /// They stay when the claim goes; nobody else gets them (`Retain`).
    OutliveClaim,
    /// They are scrubbed when the claim goes (`Recycle`).
    ScrubbedAfterClaim,
    /// The set deletes the claim when it is deleted.
    ClaimGoesWithSet,
    /// The set deletes the claim when it is scaled down.
    ClaimGoesWithScaleDown,
    /// The claim is gone, and the bytes are kept until somebody decides.
    KeptAfterRelease,
    /// They stay on the node.
    StayOnNode,
}

/// A disk that is gone with its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostDiskView {
    /// The pod that wrote last.
    pub pod: String,
    /// It belonged to a pod, not to a claim.
    pub with_pod: bool,
    /// The files that were on it.
    pub files: Vec<String>,
}
