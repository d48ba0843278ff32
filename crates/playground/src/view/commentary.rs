//! The running commentary: one sentence for each decision.

use super::ObjectRef;
use super::reasons::table;

/// One sentence of the commentary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemarkView {
    /// Its number; they grow with time.
    pub number: u64,
    /// Virtual time in ms.
    pub at_ms: u64,
    /// What it is about.
    pub object: ObjectRef,
    /// The sentence. `text` has the words.
    pub remark: Remark,
    /// The values of its words, in their order; the first is the object's name.
    pub values: Vec<String>,
    /// How often it was said in a row.
    pub count: u32,
}

table! {
    /// A sentence about a decision: the number of values its words take, the first being the object's name.
    Remark {
        /// A set makes the pod of an ordinal: the ordinal.
        Made 2,
        /// A set removes its highest pod: the ordinal.
        ScaledDown 2,
        /// A set replaces an old pod.
        Replaced 1,
        /// A set removes a pod that has ended.
        FinishedRemoved 1,
        /// A ReplicaSet chose this pod to go.
        TooMany 1,
        /// A set waits for a pod to run: the pod.
        WaitsRunning 2,
        /// A set waits for a pod to be ready: the pod.
        WaitsReady 2,
        /// A set waits until a pod counts: the pod.
        WaitsAvailable 2,
        /// A set waits for a pod to be gone: the pod.
        WaitsGone 2,
        /// A set waits for an old claim to go: the pod.
        WaitsStaleClaim 2,
        /// The scheduler waits for claims: the claims.
        WaitsForClaims 2,
        /// A claim cannot be used.
        ClaimUnusable 1,
        /// There are no nodes.
        NoNodes 1,
        /// No node fits: how many there are.
        NoNodeFits 2,
        /// A node is chosen: the node, how many would have done.
        Placed 3,
        /// Volumes are bound for the node: the node.
        VolumesFor 2,
        /// The pod is ready.
        Ready 1,
        /// The pod is ready no more.
        Unready 1,
        /// The pod is gone.
        Gone 1,
        /// The claim is bound: the volume.
        Bound 2,
        /// The claim waits for a pod.
        ClaimWaitsForPod 1,
        /// The claim waits for pods to get a node: the pods.
        ClaimWaitsForNode 2,
        /// The claim has no class.
        ClaimNoClass 1,
        /// The claim waits for a volume: the class.
        ClaimWaitsForVolume 2,
        /// The claim is kept.
        ClaimKept 1,
        /// An image is being pulled.
        Pulling 1,
        /// An image is there.
        Pulled 1,
        /// A container has started.
        Started 1,
        /// A container is being stopped.
        Killing 1,
        /// A probe failed.
        Unhealthy 1,
        /// Something is tried again later.
        BackOff 1,
        /// Something could not be started.
        Failed 1,
        /// A volume could not be mounted.
        FailedMount 1,
        /// A volume could not be attached.
        FailedAttach 1,
        /// A volume was attached.
        Attached 1,
        /// A pod was evicted.
        Evicted 1,
        /// A pod makes room for a more important one.
        Preempted 1,
        /// A pod is on a node that was lost.
        NodeLost 1,
        /// A node is ready.
        NodeReady 1,
        /// A node is not ready.
        NodeNotReady 1,
        /// A node was cordoned.
        NodeCordoned 1,
        /// A volume was made for a claim.
        Provisioned 1,
        /// A volume could not be made for a claim.
        NotProvisioned 1,
        /// A Deployment changes the number of pods of a ReplicaSet.
        ScalingReplicaSet 1,
        /// A controller made a pod: its kind.
        ControllerMade 2,
        /// A controller removed a pod: its kind.
        ControllerRemoved 2,
        /// A controller could not make a pod: its kind.
        ControllerFailed 2,
        /// A job is done.
        JobDone 1,
        /// A job gave up.
        JobGaveUp 1,
    }
}
