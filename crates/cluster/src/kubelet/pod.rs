//! What a kubelet knows of one pod.

use super::container::{Container, Running};
use super::exec::ExecId;
use crate::object::{Key, Object};
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// A step of a sync that takes time.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    /// The sandbox and its network are being made.
    Sandbox,
    /// An image is being pulled for a container since a moment.
    Pull(usize, Instant),
    /// A container is being created.
    Create(usize),
    /// A created container is being started.
    Start(usize),
    /// The hook of a container that has been started takes its time.
    Started(usize),
    /// The last status before the end is on its way; then containers are asked to end.
    Stop,
}

/// Where a pod is in its life on the node.
///
/// Upstream: `pkg/kubelet/pod_workers.go`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Containers are kept as the spec wants them.
    Syncing,
    /// Containers are being stopped.
    Terminating,
    /// All have stopped and the last status is written; cleaned up at this moment.
    Terminated(Instant),
    /// Nothing is left to do; the object may still be there.
    Finished,
}

/// Whose command runs in a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hook {
    PostStart,
    PreStop,
}

/// A command in a container, or a connection to its main process.
#[derive(Clone)]
pub(crate) struct Exec {
    pub id: ExecId,
    pub container: usize,
    pub argv: Vec<String>,
    pub started: Instant,
    pub tty: bool,
    pub running: Running,
    pub stdout: String,
    pub stderr: String,
    pub exit: Option<i32>,
    /// Connected to the main process instead of having one of its own.
    pub attached: bool,
    /// The command is a hook of its container.
    pub hook: Option<Hook>,
}

/// Why the kubelet itself ends a pod.
#[derive(Clone, Debug)]
pub(crate) struct Evicted {
    /// The reason of the status and of the event.
    pub reason: &'static str,
    /// The message of both.
    pub message: String,
    /// Each later status tells of it again in an event.
    pub repeated: bool,
    /// How long containers have to end, if not as long as the pod's spec says.
    pub grace: Option<Duration>,
}

/// A pod on its node.
#[derive(Clone)]
pub(crate) struct PodWorker {
    pub key: Key,
    pub uid: String,
    /// The object as the kubelet last saw it, spec and metadata; its status is not looked at.
    pub object: Arc<Object>,
    pub node: String,
    pub host_ip: String,
    pub stage: Stage,
    pub start_time: Time,
    pub added: Instant,
    pub sandbox: bool,
    /// The sandbox was there when the runtime was last asked.
    pub sandbox_seen: bool,
    pub ip: Option<Ipv4Addr>,
    pub containers: Vec<Container>,
    pub job: Option<(Instant, Job)>,
    pub sync_at: Option<Instant>,
    /// A status that is written a little later than the change it tells of.
    pub status_at: Option<Instant>,
    /// The command of a hook after the start runs; the sync goes on when it has ended.
    pub in_post_start: bool,
    /// The kubelet itself ends the pod.
    pub evicted: Option<Evicted>,
    /// When the kubelet next looks at what the pod has written beyond its limits.
    pub storage_look_at: Option<Instant>,
    /// When the pod has been active for as long as it may be.
    pub deadline_at: Option<Instant>,
    /// The object was deleted by force; nobody is told anything any more.
    pub orphaned: bool,
    pub execs: Vec<Exec>,
    /// Containers that this sync has tried to start.
    pub attempted: Vec<usize>,
    /// Something changed in the runtime during this sync; another one follows at once.
    pub changed: bool,
    /// The kubelet stopped a container itself: the next sync goes on without telling the status first.
    pub quiet: bool,
    /// An object that a volume shows has changed; the next look at all volumes writes it.
    pub stale_volumes: bool,
    /// When that look comes.
    pub refresh_at: Option<Instant>,
    /// The pod's group has got the disks that were there before it.
    pub volumes_owned: bool,
    /// How long to wait before volumes that failed are tried again.
    pub volume_retry: Duration,
}

impl PodWorker {
    pub fn pod(&self) -> Option<&core::Pod> {
        self.object.as_kind::<core::Pod>()
    }

    pub fn spec(&self) -> Option<&core::PodSpec> {
        self.pod().and_then(|pod| pod.spec.as_ref())
    }

    /// The spec of a container.
    pub fn container_spec(&self, index: usize) -> Option<&core::Container> {
        let container = self.containers.get(index)?;
        let spec = self.spec()?;
        if container.init {
            spec.init_containers.as_ref()?.get(container.index)
        } else {
            spec.containers.get(container.index)
        }
    }

    /// Whether an init container goes on running beside the others.
    pub fn is_sidecar(&self, index: usize) -> bool {
        self.containers[index].init
            && self
                .container_spec(index)
                .is_some_and(|spec| spec.restart_policy.as_deref() == Some("Always"))
    }

    /// `Always`, `OnFailure` or `Never`.
    pub fn restart_policy(&self) -> &str {
        self.spec()
            .and_then(|spec| spec.restart_policy.as_deref())
            .unwrap_or("Always")
    }

    /// Whether a container that ended with `code` is to run again.
    pub fn restarts_after(&self, index: usize, code: i32) -> bool {
        if self.is_sidecar(index) {
            return true;
        }
        match self.restart_policy() {
            "Never" => false,
            "OnFailure" => code != 0,
            // An init container that has succeeded is done.
            _ => !self.containers[index].init || code != 0,
        }
    }

    /// `name_namespace(uid)`, as back-off messages name a pod.
    pub fn full_name(&self) -> String {
        format!("{}_{}({})", self.key.name(), self.key.namespace(), self.uid)
    }

    /// Whether the pod has no containers going any more.
    pub fn all_stopped(&self) -> bool {
        !self.containers.iter().any(Container::is_running)
    }

    /// When something of this pod happens next.
    pub fn next_due(&self) -> Option<Instant> {
        let processes = self.containers.iter().filter_map(|container| {
            let run = container.run.as_ref().filter(|run| run.is_running())?;
            run.next_due()
        });
        let execs = self.execs.iter().filter_map(|exec| exec.running.due());
        let stage = match self.stage {
            Stage::Terminated(at) => Some(at),
            _ => None,
        };
        let sync = self.sync_at.filter(|_| !self.is_busy());
        processes
            .chain(execs)
            .chain(self.job.as_ref().map(|(at, _)| *at))
            .chain(
                [
                    sync,
                    self.status_at,
                    stage,
                    self.deadline_at,
                    self.refresh_at,
                    self.storage_look_at,
                ]
                .into_iter()
                .flatten(),
            )
            .min()
    }

    /// Whether a sync is going on.
    pub fn is_busy(&self) -> bool {
        self.job.is_some() || self.in_post_start
    }

    /// Asks for a sync at `at`, or earlier if one is asked for already.
    pub fn sync_by(&mut self, at: Instant) {
        self.sync_at = Some(self.sync_at.map_or(at, |before| before.min(at)));
    }
}
