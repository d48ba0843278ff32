//! What can be done to an object, with the command that does it.

/// Something to try on an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeedView {
    /// What.
    pub deed: Deed,
    /// The command, as a learner would type it.
    pub command: String,
}

/// What can be done to an object. `text` names it and says what a real cluster does then, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Delete a pod that a controller replaces.
    DeletePod,
    /// Delete a pod that nobody replaces.
    DeleteLonePod,
    /// End the first process of a pod's container.
    KillProcess,
    /// Keep new pods off a node.
    Cordon,
    /// Let pods onto a node again.
    Uncordon,
    /// Move the pods away from a node.
    Drain,
    /// Cut a node off from the control plane.
    CutOff,
    /// End that.
    Reconnect,
    /// Take a node's power.
    PowerOff,
    /// Give it back.
    PowerOn,
    /// Let a pod's programs not answer probes.
    Hang,
    /// End that.
    Unhang,
    /// Let nodes lose a pod's image while its registry does not answer.
    BreakPull,
    /// The same with a slow registry.
    SlowPull,
    /// End either.
    MendPull,
    /// Let nothing fit on a claim's disk any more.
    FillDisk,
    /// End that.
    FreeDisk,
    /// Let nobody reach the DNS server.
    CutDns,
    /// End that.
    MendDns,
    /// Delete a claim.
    DeleteClaim,
    /// One replica more.
    ScaleUp,
    /// One replica less.
    ScaleDown,
    /// Replace every pod of a set.
    Restart,
    /// Delete a set and leave its pods.
    Orphan,
}
