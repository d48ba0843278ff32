//! What a node, a volume or a claim lacks, as the scheduler and the binder find it.

/// Why a node refuses a pod. One for each check of the scheduler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeLack {
    /// It is cordoned.
    Cordoned,
    /// It has a taint that the pod does not tolerate.
    Taint {
        /// The taint as kubectl writes it: `key=value:Effect`.
        taint: String,
    },
    /// Its labels do not fit the pod's node selector or affinity.
    NodeAffinity,
    /// A port of the node that the pod wants is taken.
    Ports,
    /// It has as many pods as it may.
    Pods,
    /// It has not enough of a resource left.
    Resource {
        /// Such as `cpu`.
        name: String,
        /// What the pod asks for; cpu in thousandths, all else in units.
        wanted: i128,
        /// What is left.
        free: i128,
        /// What an empty node has.
        all: i128,
    },
    /// A claim that allows a single pod is used by another one.
    ClaimInUse,
    /// The volume of a bound claim is not there.
    VolumeMissing,
    /// The volume of a bound claim cannot be reached from it.
    VolumeAffinity,
    /// No free volume that it reaches fits a claim, and the class makes none.
    NoVolume,
    /// It lacks the label that the pods are to be spread over.
    SpreadLabel,
    /// The pods would be spread too unevenly.
    Spread,
    /// The pods that the pod wants to be near are not there.
    PodAffinity,
    /// Pods that the pod wants to be away from are there.
    PodAntiAffinity,
    /// Pods that want to be away from the pod are there.
    OthersAntiAffinity,
}

impl NodeLack {
    /// The scheduler's own words.
    ///
    /// Upstream: `pkg/scheduler/framework/plugins`.
    pub(crate) fn message(&self) -> String {
        let text = match self {
            NodeLack::Cordoned => "node(s) were unschedulable",
            NodeLack::Taint { .. } => "node(s) had untolerated taint(s)",
            NodeLack::NodeAffinity => "node(s) didn't match Pod's node affinity/selector",
            NodeLack::Ports => "node(s) didn't have free ports for the requested pod ports",
            NodeLack::Pods => "Too many pods",
            NodeLack::Resource { name, .. } => return format!("Insufficient {name}"),
            NodeLack::ClaimInUse => {
                "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod"
            }
            NodeLack::VolumeMissing => {
                "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
            }
            NodeLack::VolumeAffinity => "node(s) didn't match PersistentVolume's node affinity",
            NodeLack::NoVolume => "node(s) didn't find available persistent volumes to bind",
            NodeLack::SpreadLabel => {
                "node(s) didn't match pod topology spread constraints (missing required label)"
            }
            NodeLack::Spread => "node(s) didn't match pod topology spread constraints",
            NodeLack::PodAffinity => "node(s) didn't match pod affinity rules",
            NodeLack::PodAntiAffinity => "node(s) didn't match pod anti-affinity rules",
            NodeLack::OthersAntiAffinity => {
                "node(s) didn't satisfy existing pods anti-affinity rules"
            }
        };
        text.to_owned()
    }
}

/// Why a claim keeps its pod from being looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimLack {
    /// There is no such claim.
    Missing {
        /// The claim.
        claim: String,
    },
    /// The claim of an ephemeral volume is about to be made.
    NotMadeYet {
        /// The claim.
        claim: String,
    },
    /// Its volume is gone for good.
    Lost {
        /// The claim.
        claim: String,
        /// The volume.
        volume: String,
    },
    /// It is being deleted.
    Going {
        /// The claim.
        claim: String,
    },
    /// Some claims are not bound, and do not wait for the pod.
    Unbound,
}

impl ClaimLack {
    /// The scheduler's own words.
    ///
    /// Upstream: `pkg/scheduler/framework/plugins/volumebinding`.
    pub(crate) fn message(&self) -> String {
        match self {
            ClaimLack::Missing { claim } => format!("persistentvolumeclaim \"{claim}\" not found"),
            ClaimLack::NotMadeYet { claim } => format!(
                "waiting for ephemeral volume controller to create the persistentvolumeclaim \"{claim}\""
            ),
            ClaimLack::Lost { claim, volume } => format!(
                "persistentvolumeclaim \"{claim}\" bound to non-existent persistentvolume \"{volume}\""
            ),
            ClaimLack::Going { claim } => {
                format!("persistentvolumeclaim \"{claim}\" is being deleted")
            }
            ClaimLack::Unbound => "pod has unbound immediate PersistentVolumeClaims".to_owned(),
        }
    }
}

/// Why a volume does not fit a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeLack {
    /// It belongs, or belonged, to another claim.
    OfOtherClaim,
    /// It is being deleted.
    Going,
    /// It is too small.
    Size,
    /// It is of another class.
    Class,
    /// One is a device and the other a file system.
    Mode,
    /// It cannot be mounted in the ways that are asked for.
    AccessModes,
    /// Its labels do not fit the claim's selector.
    Selector,
    /// It is neither available nor bound.
    Phase,
}

/// What decided that one pod goes before another.
///
/// Upstream: ActivePodsWithRanks in `pkg/controller/controller_utils.go`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// All go.
    All,
    /// It has no node.
    Unassigned,
    /// It is pending, or its state is unknown.
    Phase,
    /// It is not ready.
    NotReady,
    /// Its annotation says that it costs less.
    Cost,
    /// Its node has more pods of the same kind.
    Neighbours,
    /// It became ready later.
    ReadyLater,
    /// Its containers were restarted more often.
    Restarts,
    /// It is younger.
    Younger,
    /// Nothing but chance.
    Alike,
}
