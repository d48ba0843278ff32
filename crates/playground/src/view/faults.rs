//! What is wrong on request now, as the page shows it.

use super::{Deed, ObjectRef};

/// Something that was broken on request and not mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultView {
    /// What.
    pub wrong: Wrong,
    /// The object that it is about; none for an image, and for DNS.
    pub object: Option<ObjectRef>,
    /// The object's name, or that of the image; empty for DNS.
    pub name: String,
    /// What ends it.
    pub mend: Deed,
    /// The command that ends it, as a learner would type it.
    pub command: String,
}

/// What can be wrong. `text` has the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A node has no power.
    PowerOff,
    /// A node does not reach the control plane.
    CutOff,
    /// Nothing fits on a claim's disk.
    FullDisk,
    /// An image's registry does not answer.
    BrokenPull,
    /// An image's registry is slow.
    SlowPull,
    /// A pod's programs answer no probe.
    Hanging,
    /// Nobody reaches the DNS server.
    NoDns,
}
