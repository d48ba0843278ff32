//! What a kubelet waits for, told to whoever asks why.

use super::Kubelet;
use super::container::{Container, Run, Waits};
use super::pod::{Job, PodWorker, Stage};
use super::prober::ProbeTrace;
use crate::object::Key;
use crate::time::{Duration, Instant};

/// Where a kubelet is with a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodTrace {
    /// The sandbox, and with it the network, is there.
    pub sandbox: bool,
    /// Volumes could not be mounted; they are tried again at this moment.
    pub volumes_again: Option<Instant>,
    /// The pod is being stopped.
    pub stopping: bool,
    /// Everything has stopped; the kubelet cleans up at this moment.
    pub cleaned_at: Option<Instant>,
    /// The containers, init containers first.
    pub containers: Vec<ContainerTrace>,
}

/// Where a kubelet is with a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerTrace {
    /// Its name.
    pub name: String,
    /// It is an init container.
    pub init: bool,
    /// It runs.
    pub running: bool,
    /// It runs and is ready.
    pub ready: bool,
    /// Its image is being pulled until this moment.
    pub pulled_at: Option<Instant>,
    /// The reason word of what keeps it from starting, such as `CrashLoopBackOff`.
    pub held_back: Option<&'static str>,
    /// When a back-off ends.
    pub again_at: Option<Instant>,
    /// How long this back-off is.
    pub back_off: Duration,
    /// How its last run ended: exit code and reason word.
    pub exit: Option<(i32, &'static str)>,
    /// How it is being stopped.
    pub stopped: Option<Stopped>,
    /// Its probes.
    pub probes: Vec<ProbeTrace>,
}

/// What a container that is to end waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Its hook before the end runs, until this moment at most.
    Hook(Instant),
    /// Other containers end first, until this moment at most.
    Turn(Instant),
    /// It was asked to end, and is killed at this moment.
    Signalled(Instant),
}

impl Kubelet {
    /// What is known of a pod; none for one that no kubelet has.
    pub(crate) fn trace(&self, key: &Key) -> Option<PodTrace> {
        let slot = self.pods.get(key)?;
        let worker = slot.current.as_ref().or_else(|| slot.orphans.first())?;
        let tried = worker.volume_retry > Duration::ZERO && !worker.sandbox;
        let containers = worker.containers.iter().enumerate();
        Some(PodTrace {
            sandbox: worker.sandbox,
            volumes_again: worker.sync_at.filter(|_| tried),
            stopping: worker.stage != Stage::Syncing,
            cleaned_at: match worker.stage {
                Stage::Terminated(at) => Some(at),
                _ => None,
            },
            containers: containers
                .map(|(index, container)| of_container(worker, index, container))
                .collect(),
        })
    }
}

fn of_container(worker: &PodWorker, index: usize, container: &Container) -> ContainerTrace {
    let run = container.run.as_ref();
    let going = run.filter(|run| run.is_running());
    let held_back = container.held_back.as_ref().map(|(reason, _)| *reason);
    let held_back = held_back.filter(|_| going.is_none());
    let (again_at, back_off) = match held_back {
        Some("CrashLoopBackOff") => {
            let ended = container.exit().map(|exit| exit.at);
            let until = ended.map(|at| container.back_off.until(at));
            (until, container.back_off.wait())
        }
        Some("ImagePullBackOff" | "ErrImagePull") => {
            let failed = container.pull_failed.as_ref().map(|(at, _)| *at);
            let until = failed.map(|at| container.pull_back_off.until(at));
            (until, container.pull_back_off.wait())
        }
        _ => (None, Duration::ZERO),
    };
    ContainerTrace {
        name: container.name.clone(),
        init: container.init,
        running: going.is_some(),
        ready: going.is_some_and(|run| run.ready),
        pulled_at: match &worker.job {
            Some((at, Job::Pull(of, _))) if *of == index => Some(*at),
            _ => None,
        },
        held_back,
        again_at,
        back_off,
        exit: container.exit().map(|exit| (exit.code, exit.reason)),
        stopped: going.and_then(stopped),
        probes: going.map_or(Vec::new(), |run| run.probes.trace()),
    }
}

fn stopped(run: &Run) -> Option<Stopped> {
    match run.stopping {
        Some(stopping) if stopping.waits == Waits::Hook => Some(Stopped::Hook(stopping.until)),
        Some(stopping) => Some(Stopped::Turn(stopping.until)),
        None => run.kill_at.map(Stopped::Signalled),
    }
}
