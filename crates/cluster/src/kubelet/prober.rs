//! Startup, readiness and liveness probes.
//!
//! Upstream: `pkg/kubelet/prober`.

use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1 as core;

/// From a container's start to the sync that sees it running and asks whether it is ready.
const FIRST_LOOK: Duration = Duration::millis(10);

/// Which probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeType {
    /// Until it passes, the other two wait.
    Startup,
    /// While it fails, the pod gets no traffic.
    Readiness,
    /// When it fails, the container is started anew.
    Liveness,
}

/// Where a probe stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeTrace {
    /// Which one.
    pub kind: ProbeType,
    /// How often it has failed in a row.
    pub failures: i32,
    /// After so many failures it counts as failed.
    pub failure_threshold: i32,
    /// When it is tried next.
    pub next: Instant,
    /// The time between two tries.
    pub period: Duration,
}

impl ProbeType {
    /// The word in events.
    pub fn as_str(self) -> &'static str {
        match self {
            ProbeType::Startup => "Startup",
            ProbeType::Readiness => "Readiness",
            ProbeType::Liveness => "Liveness",
        }
    }
}

/// One probe of a running container.
#[derive(Clone, Debug)]
pub(crate) struct ProbeWorker {
    pub kind: ProbeType,
    pub spec: core::Probe,
    pub next: Instant,
    started: Instant,
    /// A sync that comes sooner than the next tick asks too; ticks go on from there.
    sooner: Option<Instant>,
    successes: i32,
    failures: i32,
}

/// What a probe's result means for the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing changes.
    Unchanged,
    /// The threshold of successes is reached.
    Success,
    /// The threshold of failures is reached.
    Failure,
}

impl ProbeWorker {
    /// Counts a result.
    pub fn count(&mut self, success: bool) -> Verdict {
        let (threshold, count) = if success {
            self.failures = 0;
            self.successes += 1;
            (self.spec.success_threshold.unwrap_or(1), self.successes)
        } else {
            self.successes = 0;
            self.failures += 1;
            (self.spec.failure_threshold.unwrap_or(3), self.failures)
        };
        if count < threshold.max(1) {
            return Verdict::Unchanged;
        }
        if success {
            Verdict::Success
        } else {
            Verdict::Failure
        }
    }

    /// Whether the initial delay holds it back: the kubelet counts from the second in which the container started.
    fn is_delayed(&self, at: Instant) -> bool {
        let began = self.started.0 / Duration::secs(1).0;
        let seconds = (at.0 / Duration::secs(1).0).saturating_sub(began);
        seconds < u64::try_from(self.spec.initial_delay_seconds.unwrap_or(0)).unwrap_or(0)
    }

    fn period(&self) -> Duration {
        seconds(self.spec.period_seconds.unwrap_or(10).max(1))
    }
}

/// The probes of one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Probes {
    workers: Vec<ProbeWorker>,
}

impl Probes {
    /// The probes of a container that started at `started` in a pod that the kubelet has known since `added`: each
    /// ticks from then on, and waits for its initial delay. Every sync that sees a running container that is not ready
    /// asks for its readiness at once: the first, and the one at `relist`, when the runtime is next looked at.
    pub fn new(
        spec: &core::Container,
        added: Instant,
        started: Instant,
        relist: Instant,
    ) -> Probes {
        let of = |kind, probe: &Option<core::Probe>| {
            let spec = probe.clone()?;
            let mut worker = ProbeWorker {
                kind,
                spec,
                next: match kind {
                    ProbeType::Readiness => started + FIRST_LOOK,
                    _ => added,
                },
                started,
                sooner: (kind == ProbeType::Readiness).then_some(relist),
                successes: 0,
                failures: 0,
            };
            while worker.next < started || worker.is_delayed(worker.next) {
                worker.next += worker.period();
            }
            Some(worker)
        };
        let workers = [
            of(ProbeType::Startup, &spec.startup_probe),
            of(ProbeType::Readiness, &spec.readiness_probe),
            of(ProbeType::Liveness, &spec.liveness_probe),
        ];
        Probes {
            workers: workers.into_iter().flatten().collect(),
        }
    }

    /// A sync will see a container that is not ready: it asks for its readiness.
    pub fn look_again(&mut self, now: Instant) {
        let mut workers = self.workers.iter_mut();
        if let Some(worker) = workers.find(|worker| worker.kind == ProbeType::Readiness)
            && !worker.is_delayed(now)
        {
            worker.next = now + FIRST_LOOK;
        }
    }

    /// Whether there is a probe of a kind.
    pub fn has(&self, kind: ProbeType) -> bool {
        self.workers.iter().any(|worker| worker.kind == kind)
    }

    /// Where each probe stands.
    pub fn trace(&self) -> Vec<ProbeTrace> {
        let workers = self.workers.iter();
        workers
            .map(|worker| ProbeTrace {
                kind: worker.kind,
                failures: worker.failures,
                failure_threshold: worker.spec.failure_threshold.unwrap_or(3).max(1),
                next: worker.next,
                period: worker.period(),
            })
            .collect()
    }

    /// When the next probe is due.
    pub fn next_due(&self) -> Option<Instant> {
        self.workers.iter().map(|worker| worker.next).min()
    }

    /// Takes a probe that is due at `now` and sets its next time. The startup probe goes alone until it has passed;
    /// a terminating pod is only asked whether it is ready.
    pub fn take_due(
        &mut self,
        now: Instant,
        started_up: bool,
        terminating: bool,
    ) -> Option<(usize, ProbeWorker)> {
        loop {
            let index = self.workers.iter().position(|worker| worker.next <= now)?;
            let worker = &mut self.workers[index];
            let period = worker.period();
            worker.next += period;
            if let Some(sooner) = worker.sooner.take().filter(|at| *at > now) {
                worker.next = worker.next.min(sooner);
            }
            let held = (worker.kind == ProbeType::Startup) == started_up
                || (terminating && worker.kind != ProbeType::Readiness);
            if !held {
                return Some((index, worker.clone()));
            }
        }
    }

    /// The readiness probe, when a sync asks for it out of turn.
    pub fn readiness(&self) -> Option<(usize, ProbeWorker)> {
        let is = |worker: &ProbeWorker| worker.kind == ProbeType::Readiness;
        let index = self.workers.iter().position(is)?;
        Some((index, self.workers[index].clone()))
    }

    /// Counts the result of a probe.
    pub fn count(&mut self, index: usize, success: bool) -> Verdict {
        self.workers
            .get_mut(index)
            .map_or(Verdict::Unchanged, |worker| worker.count(success))
    }

    /// Ends all probing.
    pub fn stop(&mut self) {
        self.workers.clear();
    }
}

fn seconds(n: i32) -> Duration {
    Duration::secs(u64::try_from(n).unwrap_or(0))
}
