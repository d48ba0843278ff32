//! How long things take: one table, measured on a real three-node cluster, adjustable by the session.
//!
//! Proportions are those of the recordings (a pod whose image is there starts in about half a second);
//! the order of what happens never depends on this table alone.

use crate::time::Duration;

/// Durations of the steps of the simulated cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latency {
    /// From a write to the controllers' seeing it.
    pub watch: Duration,
    /// One controller sync, before what it does for each object it touches.
    pub sync: Duration,
    /// What a sync costs for each object it looks at.
    pub sync_per_object: Duration,
    /// One scheduling attempt.
    pub schedule: Duration,
    /// From the scheduler's binding to the kubelet's first status.
    pub kubelet_notice: Duration,
    /// Network and pause container of a pod.
    pub sandbox: Duration,
    /// Fixed part of an image pull.
    pub pull: Duration,
    /// Image pull, for each MiB.
    pub pull_per_mib: Duration,
    /// From an image that is there to a container that is created.
    pub container_create: Duration,
    /// From a created container to a started one.
    pub container_start: Duration,
    /// From a change in a container to the status that tells it.
    pub status: Duration,
    /// From asking a pod's containers to end to the last status, if they end at once.
    pub stop: Duration,
    /// How often a kubelet looks for containers that have ended by themselves.
    pub relist: Duration,
    /// Clean-up of a pod whose containers have stopped.
    pub pod_cleanup: Duration,
    /// Making a volume for a claim.
    pub provision: Duration,
    /// One request of kubectl, from Enter to the answer.
    pub kubectl: Duration,
    /// Random part added to each of these, in per cent.
    pub jitter_percent: u64,
}

impl Default for Latency {
    fn default() -> Latency {
        Latency {
            watch: Duration::millis(2),
            sync: Duration::millis(4),
            sync_per_object: Duration::micros(20),
            schedule: Duration::millis(2),
            kubelet_notice: Duration::millis(9),
            sandbox: Duration::millis(425),
            pull: Duration::millis(600),
            pull_per_mib: Duration::millis(25),
            container_create: Duration::millis(25),
            container_start: Duration::millis(55),
            status: Duration::millis(8),
            stop: Duration::millis(125),
            relist: Duration::secs(1),
            pod_cleanup: Duration::millis(330),
            provision: Duration::millis(12),
            kubectl: Duration::millis(60),
            jitter_percent: 5,
        }
    }
}
