//! Why an object is as it is: what was checked, what holds it, what would let it go on.

use super::ObjectRef;

/// One answer to "why?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonView {
    /// The reason. `text` has the words, `pages` the page of the documentation.
    pub reason: Reason,
    /// The values of its words, in their order.
    pub values: Vec<String>,
    /// What was looked at one by one, each with what it lacks.
    pub lacks: Vec<LackView>,
    /// The object that stands in the way, or is waited for.
    pub next: Option<ObjectRef>,
    /// A command that would let it go on, or that shows more.
    pub command: Option<String>,
    /// Virtual time in ms at which it changes by itself, if that is known.
    pub until_ms: Option<u64>,
}

impl ReasonView {
    /// A reason with the values of its words, and nothing besides.
    pub fn new<const N: usize>(reason: Reason, values: [String; N]) -> ReasonView {
        debug_assert_eq!(N, reason.values(), "{reason:?}");
        ReasonView {
            reason,
            values: values.into(),
            lacks: Vec::new(),
            next: None,
            command: None,
            until_ms: None,
        }
    }
}

/// What one of several things that were looked at lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LackView {
    /// The thing; none when the matter is the asking object's own.
    pub object: Option<ObjectRef>,
    /// What it lacks.
    pub lack: Lack,
    /// The values of its words, in their order.
    pub values: Vec<String>,
}

/// What is asked of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Why does it wait?
    Waits,
    /// Why does it not work?
    NotReady,
    /// Why is it still there?
    Leaves,
    /// Why was it deleted?
    Deleted,
    /// Why is it there, or kept?
    Stays,
    /// Why is it not updated?
    Outdated,
    /// Why did it fail?
    Failed,
}

macro_rules! table {
    ($(#[$docs:meta])* $enum:ident { $($(#[$doc:meta])* $name:ident $values:literal $($question:ident $page:ident)?,)* }) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $enum { $($(#[$doc])* $name,)* }

        impl $enum {
            /// All of them.
            pub const ALL: &[$enum] = &[$($enum::$name,)*];

            /// How many values its words take.
            pub fn values(self) -> usize {
                match self { $($enum::$name => $values,)* }
            }

            $crate::view::reasons::table!(@more $enum $($name $($question $page)?,)*);
        }
    };
    (@more Reason $($name:ident $question:ident $page:ident,)*) => {
        /// What it answers.
        pub fn question(self) -> Question {
            match self { $(Reason::$name => Question::$question,)* }
        }

        /// The page of the documentation that explains it.
        pub fn page(self) -> $crate::pages::Page {
            match self { $(Reason::$name => $crate::pages::Page::$page,)* }
        }
    };
    (@more $enum:ident $($name:ident,)*) => {};
}
pub(crate) use table;

table! {
    /// Why something is as it is: the number of values its words take, what it answers, and its page.
    Reason {
        /// The scheduler has not looked at the pod yet.
        PodUnseen 0 Waits Scheduler,
        /// Scheduling gates hold the pod: their names.
        PodGated 1 Waits SchedulingGates,
        /// Another scheduler is to place the pod: its name.
        PodOtherScheduler 1 Waits Scheduler,
        /// There is no node.
        PodNoNodes 0 Waits Scheduler,
        /// No node fits: how many there are.
        PodUnschedulable 1 Waits Scheduler,
        /// Pods of lower priority are being evicted on a node: its name.
        PodMakesRoom 1 Waits Preemption,
        /// Claims are not bound: their names.
        PodWaitsForClaims 1 Waits Binding,
        /// A claim does not exist: its name.
        PodClaimMissing 1 Waits ClaimsAsVolumes,
        /// The claim of an ephemeral volume is being made: its name.
        PodClaimNotMade 1 Waits EphemeralVolumes,
        /// A claim's volume is gone: claim, volume.
        PodClaimLost 2 Waits Binding,
        /// A claim is being deleted: its name.
        PodClaimGoing 1 Waits InUse,
        /// The node is chosen, volumes are made for it: the node.
        PodWaitsForVolumes 1 Waits BindingMode,
        /// The kubelet prepares the pod: the node.
        PodStarting 1 Waits PodPhase,
        /// Volumes cannot be mounted: the node.
        PodVolumes 1 Waits Volumes,
        /// Init containers run: the container, its place, how many.
        PodInit 3 Waits InitContainers,
        /// An image is being pulled: image, node.
        ImagePulling 2 Waits Images,
        /// An image cannot be pulled: image, seconds of back-off.
        ImageBackOff 2 Failed ImageBackOffs,
        /// An image may not be pulled and is not there: image.
        ImageNever 1 Failed ImagePolicy,
        /// An image's name is no name: image.
        ImageName 1 Failed Images,
        /// What a container's environment needs is not there: container.
        ContainerConfig 1 Failed ConfigMaps,
        /// A container's program cannot be started: container.
        ContainerStart 1 Failed ContainerCommand,
        /// A container's hook failed: container.
        ContainerHook 1 Failed Hooks,
        /// A container ends again and again: container, exit code, seconds of back-off.
        CrashLoop 3 Failed RestartPolicy,
        /// A startup probe has not passed: container, failures, threshold.
        StartupProbe 3 NotReady Probes,
        /// A readiness probe fails: container, failures, threshold.
        ReadinessProbe 3 NotReady Probes,
        /// A liveness probe fails: container, failures, threshold.
        LivenessProbe 3 NotReady Probes,
        /// A readiness gate is not true: its name.
        ReadinessGate 1 NotReady ReadinessGates,
        /// The containers run and are not ready yet.
        PodNotReady 0 NotReady PodConditions,
        /// A hook before the end runs: container.
        PodPreStop 1 Leaves Termination,
        /// A container waits for others to end first: container.
        PodTurn 1 Leaves Sidecars,
        /// Containers were asked to end: container, grace period.
        PodGrace 2 Leaves Termination,
        /// Everything has ended, the kubelet cleans up: the node.
        PodCleanUp 1 Leaves Termination,
        /// The pod's node is cut off, nobody can say that it has ended: the node.
        PodOnLostNode 1 Leaves ForceDelete,
        /// The pod's node does not answer: the node.
        PodNodeSilent 1 NotReady NodeController,
        /// The pod will be evicted from a node with a taint: the node, the taint, seconds it is tolerated.
        PodToBeEvicted 3 NotReady TaintEviction,
        /// The pod has ended well.
        PodDone 0 Stays PodPhase,
        /// The pod has failed: container, exit code.
        PodFailed 2 Failed PodPhase,
        /// The pod was ended by its node or by the API: the reason word.
        PodEnded 1 Failed Disruptions,
        /// A container took more memory than it may: container.
        OutOfMemory 1 Failed Memory,
        /// The pod is deleted because its ordinal is wanted no more: ordinal.
        DeletedScaledDown 1 Deleted SetGuarantees,
        /// The pod is deleted because it is of an old revision: the revision.
        DeletedOutOfDate 1 Deleted SetRolling,
        /// The pod is deleted because it had ended.
        DeletedFinished 0 Deleted SetIdentity,
        /// The pod is deleted because there were too many.
        DeletedTooMany 0 Deleted ReplicaSetScaling,
        /// The pod was made for an ordinal: the ordinal.
        MadeForOrdinal 1 Stays SetIdentity,
        /// The pod is not updated, the partition is above it: ordinal, partition.
        OutdatedPartition 2 Outdated SetPartition,
        /// The pod is not updated: somebody has to delete it.
        OutdatedOnDelete 0 Outdated SetUpdates,
        /// The pod is not updated, higher ones come first: the pod that is waited for.
        OutdatedTurn 1 Outdated SetRolling,

        /// An ordered set waits for a pod to run: the pod.
        SetWaitsRunning 1 Waits SetGuarantees,
        /// An ordered set waits for a pod to be ready: the pod.
        SetWaitsReady 1 Waits SetGuarantees,
        /// An ordered set waits until a pod has been ready for a while: the pod, the seconds.
        SetWaitsAvailable 2 Waits SetMinReady,
        /// A set waits for a pod to be gone: the pod.
        SetWaitsGone 1 Waits SetGuarantees,
        /// A set waits for an old claim to be gone: the pod.
        SetStaleClaim 1 Waits SetRetention,
        /// Some pods keep the old revision: the partition, how many are updated.
        SetPartition 2 Outdated SetPartition,
        /// Pods are only updated when they are deleted: how many are old.
        SetOnDelete 1 Outdated SetUpdates,
        /// A rollout is stuck on a pod that never gets ready: the pod.
        SetStuck 1 Outdated SetForced,
        /// The set's service does not exist: the service.
        SetNoService 1 NotReady SetIdentity,
        /// The set's service has an address of its own: the service.
        SetServiceNotHeadless 1 NotReady HeadlessServices,

        /// The claim's class waits for a pod: the class.
        ClaimWaitsForPod 1 Waits BindingMode,
        /// The claim waits for its pods to get a node: the pods.
        ClaimWaitsForNode 1 Waits BindingMode,
        /// The claim has no class, there is no default, no volume fits.
        ClaimNoClass 0 Waits DefaultClass,
        /// The claim asks for no class at all, no volume fits.
        ClaimNoVolume 0 Waits Binding,
        /// The claim's class does not exist: the class.
        ClaimClassMissing 1 Waits StorageClasses,
        /// The class makes no volumes, no volume fits: the class.
        ClaimNotProvisioned 1 Waits LocalVolumes,
        /// A volume is being made: class, provisioner.
        ClaimProvisioning 2 Waits Provisioning,
        /// Nobody runs the class's provisioner: class, provisioner.
        ClaimNoProvisioner 2 Waits Provisioner,
        /// The volume that the claim names does not exist: the volume.
        ClaimVolumeMissing 1 Waits ReservedVolume,
        /// The volume that the claim names does not fit: the volume.
        ClaimVolumeUnfit 1 Waits ReservedVolume,
        /// The claim's volume is gone: the volume.
        ClaimLost 1 Failed Binding,
        /// The claim is in use: the pods.
        ClaimInUse 1 Leaves InUse,
        /// The claim is kept for an ordinal: the pod it belongs to.
        ClaimKept 1 Stays SetRetention,
        /// The claim is being made larger: from, to.
        ClaimGrows 2 Waits Expanding,

        /// The volume belongs to nobody.
        VolumeFree 0 Waits Binding,
        /// The volume is kept for a claim: the claim.
        VolumeReserved 1 Waits ReservedVolume,
        /// The volume's claim is gone, its bytes are kept: the claim.
        VolumeReleased 1 Waits Retain,
        /// The volume's claim is gone, it is being reclaimed: the policy.
        VolumeReclaimed 1 Leaves Reclaiming,
        /// Reclaiming failed: the policy.
        VolumeFailed 1 Failed Reclaiming,
        /// The volume is bound: the claim.
        VolumeInUse 1 Leaves InUse,

        /// The service selects nothing: endpoints are made by hand.
        ServiceNoSelector 0 NotReady ServiceWithoutSelector,
        /// No pod has the labels: the selector.
        ServiceNoPods 1 NotReady DebugService,
        /// No pod behind it is ready: how many there are.
        ServiceNoneReady 1 NotReady DebugService,
        /// Some pods behind it get no traffic: how many, of how many.
        ServiceSomeNotReady 2 NotReady EndpointSlices,
        /// It stands for a name outside: the name.
        ServiceExternal 1 Stays ExternalName,
        /// It waits for a load balancer that nobody makes.
        ServiceLoadBalancer 0 Waits LoadBalancer,

        /// A rollout goes on: updated, wanted, available, surge, unavailable.
        RolloutGoes 5 Waits DeploymentRolling,
        /// A rollout replaces all at once: how many old pods are left.
        RolloutRecreates 1 Waits DeploymentRecreate,
        /// A rollout is paused.
        RolloutPaused 0 Outdated DeploymentPausing,
        /// A rollout takes longer than it may: the seconds.
        RolloutTimedOut 1 Failed DeploymentFailed,
        /// Pods cannot be made.
        ReplicasFail 0 Failed DeploymentFailed,
        /// Pods are not ready: ready, wanted.
        ReplicasNotReady 2 NotReady PodConditions,
        /// An old replica set is kept for going back: how many are kept.
        ReplicaSetKept 1 Stays DeploymentHistory,
        /// A daemon runs on some nodes only: on how many, of how many nodes.
        DaemonNodes 2 Waits DaemonScheduling,
        /// A daemon's rollout goes on: updated, wanted.
        DaemonRollout 2 Outdated DaemonUpdates,
        /// The job is suspended.
        JobSuspended 0 Waits JobSuspending,
        /// The job runs: succeeded, wanted, active, at once.
        JobRuns 4 Waits JobParallel,
        /// The job makes a pod again after a while: failures, limit.
        JobBackOff 2 Waits JobBackOffs,
        /// The job gave up: the reason word, failures.
        JobFailed 2 Failed JobTermination,
        /// The cron job is suspended.
        CronSuspended 0 Waits CronSuspending,
        /// The cron job starts jobs by its schedule: the schedule.
        CronSchedule 1 Waits CronSchedules,
        /// No pod may be evicted: healthy, needed, pods.
        BudgetBlocks 3 Waits DisruptionBudgets,
        /// Some pods may be evicted: how many, healthy, needed.
        BudgetAllows 3 Stays DisruptionBudgets,
        /// The budget covers no pods.
        BudgetNoPods 0 Waits DisruptionBudgets,

        /// The node does not answer: the node.
        NodeSilent 1 NotReady NodeStatus,
        /// The node is cordoned.
        NodeCordoned 0 NotReady ManualNode,
        /// The node keeps pods away: the taints.
        NodeTainted 1 NotReady Taints,
        /// The namespace is emptied first: how many objects are left.
        NamespaceEmptied 1 Leaves Namespaces,
        /// Finalizers hold the object: their names.
        Finalizers 1 Leaves FinalizersPage,
        /// Its dependents go first: how many are left.
        Foreground 1 Leaves ForegroundDeletion,
    }
}

table! {
    /// What one of several things lacks, or what sets it apart: the number of values its words take.
    Lack {
        /// A node is cordoned.
        Cordoned 0,
        /// A node has a taint: the taint.
        Taint 1,
        /// A node's labels do not fit.
        NodeAffinity 0,
        /// A port is taken.
        Ports 0,
        /// A node is full of pods.
        Pods 0,
        /// A resource is short: name, wanted, free.
        Resource 3,
        /// No node of this kind could ever have so much: name, wanted, all.
        ResourceNever 3,
        /// The claim is used by another pod.
        ClaimInUse 0,
        /// The volume is not there.
        VolumeMissing 0,
        /// The volume cannot be reached from the node.
        VolumeAffinity 0,
        /// No volume for the claim on the node.
        NoVolume 0,
        /// The node lacks the label to spread over.
        SpreadLabel 0,
        /// Pods would be spread too unevenly.
        Spread 0,
        /// The pods to be near are not there.
        PodAffinity 0,
        /// The pods to be away from are there.
        PodAntiAffinity 0,
        /// Pods there want to be away from it.
        OthersAntiAffinity 0,

        /// The volume belongs to another claim: the claim.
        OfOtherClaim 1,
        /// The volume is being deleted.
        VolumeGoing 0,
        /// The volume is too small: its size, the wanted size.
        Size 2,
        /// The volume has another class: its class, the wanted class.
        Class 2,
        /// One is a device and the other a file system.
        Mode 0,
        /// The volume cannot be mounted like that: its modes, the wanted modes.
        AccessModes 2,
        /// The volume's labels do not fit the selector.
        Selector 0,
        /// The volume is not available: its phase.
        Phase 1,

        /// An object is not there.
        NotThere 0,
        /// An object has no such key: the key.
        NoKey 1,
        /// A claim is not bound.
        NotBound 0,
        /// A volume is not attached to the node yet.
        NotAttached 0,

        /// A pod is not ready: its status.
        PodStatus 1,
        /// A pod is on its way out.
        PodLeaving 0,

        /// All pods go.
        OrderAll 0,
        /// It had no node.
        OrderUnassigned 0,
        /// It was not running yet.
        OrderPhase 0,
        /// It was not ready.
        OrderNotReady 0,
        /// It costs less to delete.
        OrderCost 0,
        /// Its node had more of these pods.
        OrderNeighbours 0,
        /// It was ready for a shorter time.
        OrderReadyLater 0,
        /// It was restarted more often.
        OrderRestarts 0,
        /// It was younger.
        OrderYounger 0,
        /// Nothing set it apart.
        OrderAlike 0,
    }
}
