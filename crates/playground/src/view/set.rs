//! The picture of a StatefulSet: places, and what stands on them.

use serde::{Deserialize, Serialize};

use super::{Meaning, ObjectRef};

/// Where a set was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetSource {
    /// It lives in the cluster.
    Cluster,
    /// It is only written in a file and not applied yet: its places are drawn empty.
    File {
        /// The file's name.
        file: String,
    },
}

/// One StatefulSet with the places of its ordinals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetView {
    /// Cluster or file.
    pub source: SetSource,
    /// The set.
    pub object: ObjectRef,
    /// The first ordinal.
    pub start: u32,
    /// `spec.replicas`.
    pub replicas: u32,
    /// `status.readyReplicas`.
    pub ready: u32,
    /// `spec.serviceName`, with the service when it exists.
    pub service_name: String,
    /// The headless service, when there is one of that name.
    pub service: Option<ObjectRef>,
    /// `OrderedReady` or `Parallel`.
    pub pod_management_policy: String,
    /// Which revisions there are; none while the set stands only in a file.
    pub rollout: Option<RolloutView>,
    /// The states of the first places (at most 24), for the narrow strip.
    pub strip: Vec<Meaning>,
    /// How many places there are in all, kept claims beyond `replicas` included.
    pub place_count: u32,
    /// The places of the asked window, by ordinal.
    pub places: Vec<PlaceView>,
    /// Touched since the last command.
    pub changed: bool,
    /// Why the set is not where it should be, if it is not.
    pub why: Option<Why>,
}

impl SetView {
    /// The command that moves the partition.
    pub fn partition_command(&self, partition: u32) -> String {
        let namespace = self.object.namespace.as_deref();
        let namespace = namespace.filter(|name| *name != "default");
        let namespace = namespace.map(|name| format!(" -n {name}"));
        format!(
            "kubectl patch statefulset {}{} -p '{{\"spec\":{{\"updateStrategy\":{{\"rollingUpdate\":{{\"partition\":{partition}}}}}}}}}'",
            self.object.name,
            namespace.unwrap_or_default()
        )
    }
}

/// The revisions of a set, by the last part of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutView {
    /// The one that places below the partition have.
    pub current: String,
    /// The one that is on its way; the same when nothing is.
    pub update: String,
    /// Places below this ordinal keep the current one.
    pub partition: u32,
    /// The set replaces pods by itself (`RollingUpdate`), so that the partition can be moved.
    pub moves: bool,
}

/// Some places of a large set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockView {
    /// The position of the first of them.
    pub position: u32,
    /// The ordinal of the first of them.
    pub first: u32,
    /// The ordinal of the last of them.
    pub last: u32,
    /// How many are in each state, by [`Meaning`].
    pub counts: [u32; 5],
}

/// The place of one ordinal. It outlives the pods that come and go on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceView {
    /// The ordinal.
    pub ordinal: u32,
    /// The name a pod has here, present or not.
    pub pod_name: String,
    /// False when the ordinal lies beyond `spec.replicas`: only kept claims, or a pod on its way out, are here.
    pub wanted: bool,
    /// What the place as a whole means, for the strip and the column head.
    pub meaning: Meaning,
    /// The pod, if there is one.
    pub pod: Option<PodView>,
    /// One for each claim template, in the template's order.
    pub claims: Vec<ClaimPlace>,
    /// Why nothing is here, or what is here waits.
    pub why: Option<Why>,
}

/// One pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodView {
    /// The pod.
    pub object: ObjectRef,
    /// Changes when a new pod takes the same name, so that the page can show that it is another one.
    pub uid: String,
    /// The STATUS column of `kubectl get pods`.
    pub status: String,
    /// What the status means.
    pub meaning: Meaning,
    /// It has a deletion timestamp: its name is struck out.
    pub terminating: bool,
    /// Ready containers.
    pub ready_containers: u32,
    /// One dot each.
    pub containers: Vec<ContainerView>,
    /// The last part of its revision's name, for a pod of a StatefulSet.
    pub revision: Option<String>,
    /// The RESTARTS column.
    pub restarts: u32,
    /// The node, once it is scheduled.
    pub node: Option<ObjectRef>,
    /// The address, once it has one.
    pub ip: Option<String>,
    /// Touched since the last command.
    pub changed: bool,
}

/// One container of a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerView {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Where it stands.
    pub state: ContainerState,
}

/// Where a container stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContainerState {
    /// Not started.
    Waiting,
    /// Started, not ready.
    Running,
    /// Started and ready.
    Ready,
    /// Ended with exit code 0.
    Succeeded,
    /// Ended with another exit code.
    Failed,
}

/// The place of a claim: its name is known before the claim exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimPlace {
    /// `TEMPLATE-SET-ORDINAL`.
    pub name: String,
    /// The claim, if it exists.
    pub claim: Option<ClaimView>,
}

/// One persistent volume claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimView {
    /// The claim.
    pub object: ObjectRef,
    /// `Pending`, `Bound`, `Lost`, or kubectl's `Terminating`.
    pub phase: String,
    /// What the phase means; `Gone` when it is kept without a user.
    pub meaning: Meaning,
    /// What it asked for or got, such as `1Gi`.
    pub capacity: String,
    /// Short access modes as kubectl prints them, such as `RWO`.
    pub access_modes: String,
    /// Its storage class; empty for none.
    pub storage_class: String,
    /// No pod uses it and its ordinal is beyond `replicas`: it waits for the ordinal to come back.
    pub kept: bool,
    /// The volume it is bound to.
    pub volume: Option<VolumeView>,
    /// Touched since the last command.
    pub changed: bool,
    /// Why it is pending, or why it was kept.
    pub why: Option<Why>,
}

/// One persistent volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeView {
    /// The volume.
    pub object: ObjectRef,
    /// `Available`, `Bound`, `Released`, `Failed`.
    pub phase: String,
    /// What the phase means.
    pub meaning: Meaning,
    /// Such as `1Gi`.
    pub capacity: String,
    /// Its storage class; empty for none.
    pub storage_class: String,
    /// `Delete`, `Retain` or `Recycle`.
    pub reclaim_policy: String,
    /// How many files are on the disk, when the simulation knows.
    pub file_count: Option<u32>,
    /// Touched since the last command.
    pub changed: bool,
}

/// Why something is not there, waits, or stays. `text` has the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The set is only in a file so far.
    NotApplied {
        /// The file to apply.
        file: String,
    },
    /// OrderedReady: a lower ordinal is not ready yet.
    PreviousNotReady {
        /// The pod that must become ready first.
        pod: String,
    },
    /// OrderedReady: a higher ordinal must be gone first.
    HigherStillThere {
        /// The pod that must go first.
        pod: String,
    },
    /// The controller will create it with its next sync.
    NotCreatedYet,
    /// The scheduler has not placed it; with its message if it tried.
    NotScheduled {
        /// The scheduler's message, empty if it has not tried.
        message: String,
    },
    /// A claim that the pod needs is not bound.
    ClaimNotBound {
        /// The claim.
        claim: String,
    },
    /// The image is being pulled.
    PullingImage {
        /// The image.
        image: String,
    },
    /// Sandbox and containers are being started.
    Starting,
    /// It runs and its readiness is not reached.
    NotReady,
    /// It got its stop signal and has a while to leave.
    Terminating {
        /// The grace period.
        grace_period_s: u64,
    },
    /// A volume is being made for the claim.
    Provisioning {
        /// The storage class.
        storage_class: String,
    },
    /// The claim names a class that does not exist, or none and there is no default.
    NoStorageClass {
        /// The class's name, empty for none.
        storage_class: String,
    },
    /// The claim outlives a scale-down (`whenScaled: Retain`).
    KeptByRetentionPolicy,
    /// Deletion waits: a pod still uses it.
    InUse {
        /// The pod.
        pod: String,
    },
    /// The service named in the set does not exist.
    ServiceMissing {
        /// Its name.
        service: String,
    },
    /// Kubernetes' own reason and message.
    Reported {
        /// Reason word.
        reason: String,
        /// Message.
        message: String,
    },
}
