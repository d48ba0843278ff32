//! The event queue that moves virtual time, and the controllers' work queues.

use crate::object::{Key, Kind};
use crate::time::{Duration, Instant};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

/// Who does work when time comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControllerId {
    /// ReplicaSets for each template, one of them growing while the others shrink.
    Deployment,
    /// Equal pods, so many of them.
    ReplicaSet,
    /// Stable pods and their claims.
    StatefulSet,
    /// EndpointSlices of services.
    EndpointSlice,
    /// The older Endpoints of services.
    Endpoints,
    /// Deletion of what has lost its owners.
    GarbageCollector,
    /// The API server's own service.
    KubernetesService,
    /// Namespaces, their default service accounts and certificates.
    Namespace,
    /// Binding of claims and volumes, provisioning included.
    PersistentVolume,
    /// The provisioner beside the control plane.
    ExternalProvisioner,
    /// Finalizers that protect claims and volumes in use.
    VolumeProtection,
    /// One pod on each node that fits.
    DaemonSet,
    /// Pods that run to their end; a key is a job, or a pod that has lost its job.
    Job,
    /// Jobs that are made at certain times.
    CronJob,
    /// The end of jobs that have ended.
    TtlAfterFinished,
    /// Disruption budgets.
    Disruption,
    /// Conditions and taints of nodes that show no sign of life; a key is a node.
    NodeLifecycle,
    /// Deletion of pods that do not tolerate their node's taints; a key is a node or a pod.
    TaintEviction,
    /// Deletion of pods whose node is gone; a key is a node or a pod.
    PodGc,
    /// Claims of volumes that live with a pod.
    EphemeralVolume,
    /// Claims that want to grow.
    VolumeExpand,
    /// Volumes that have to be attached to nodes.
    AttachDetach,
    /// The scheduler.
    Scheduler,
    /// All kubelets; a key is a pod.
    Kubelet,
}

impl ControllerId {
    /// The kind of the objects whose keys the controller works on; none if its keys are of several kinds.
    pub fn works_on(self) -> Option<Kind> {
        match self {
            ControllerId::Deployment => Some(Kind::Deployment),
            ControllerId::ReplicaSet => Some(Kind::ReplicaSet),
            ControllerId::StatefulSet => Some(Kind::StatefulSet),
            ControllerId::EndpointSlice | ControllerId::Endpoints => Some(Kind::Service),
            ControllerId::Namespace => Some(Kind::Namespace),
            ControllerId::Job | ControllerId::TtlAfterFinished => Some(Kind::Job),
            ControllerId::CronJob => Some(Kind::CronJob),
            ControllerId::DaemonSet => Some(Kind::DaemonSet),
            ControllerId::Disruption => Some(Kind::PodDisruptionBudget),
            ControllerId::NodeLifecycle => Some(Kind::Node),
            ControllerId::Scheduler | ControllerId::Kubelet | ControllerId::EphemeralVolume => {
                Some(Kind::Pod)
            }
            ControllerId::VolumeExpand => Some(Kind::PersistentVolumeClaim),
            ControllerId::GarbageCollector
            | ControllerId::PersistentVolume
            | ControllerId::ExternalProvisioner
            | ControllerId::KubernetesService
            | ControllerId::TaintEviction
            | ControllerId::PodGc
            | ControllerId::VolumeProtection
            | ControllerId::AttachDetach => None,
        }
    }
}

/// What happens when a queued moment comes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// A controller's worker takes `Key` (or, in a single-worker queue, the next key).
    Work(ControllerId, Option<Key>),
    /// A delayed key becomes due.
    Enqueue(ControllerId, Key),
}

/// Tasks in the order (time, sequence).
#[derive(Clone, Debug, Default)]
pub struct EventQueue {
    heap: BinaryHeap<Reverse<(Instant, u64, Task)>>,
    sequence: u64,
}

impl EventQueue {
    /// Puts `task` at `at`; tasks of one moment run in the order in which they were put.
    pub fn push(&mut self, at: Instant, task: Task) {
        self.sequence += 1;
        self.heap.push(Reverse((at, self.sequence, task)));
    }

    /// The moment and the task that come next.
    pub fn peek(&self) -> Option<(Instant, &Task)> {
        self.heap.peek().map(|Reverse((at, _, task))| (*at, task))
    }

    /// Takes the next task.
    pub fn pop(&mut self) -> Option<(Instant, Task)> {
        self.heap.pop().map(|Reverse((at, _, task))| (at, task))
    }

    /// All tasks, in the order in which they will run.
    pub fn in_order(&self) -> Vec<(Instant, &Task)> {
        let mut all: Vec<_> = self.heap.iter().map(|Reverse(entry)| entry).collect();
        all.sort();
        all.into_iter().map(|(at, _, task)| (*at, task)).collect()
    }

    /// How many tasks wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing will ever happen by itself.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

/// How many keys of a queue are worked on at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// One after another, first in, first out.
    One,
    /// Each key by a worker of its own; one key is never worked on twice at once.
    PerKey,
}

/// How many moments of keys being worked on are kept before the first look at whether they have passed.
const BUSY_LIMIT: usize = 64;

/// A controller's queue of keys: a key that is added again while it waits is worked on once,
/// a key that is added while it is being worked on is worked on again.
///
/// Upstream: `staging/src/k8s.io/client-go/util/workqueue`.
#[derive(Clone, Debug)]
pub struct WorkQueue {
    id: ControllerId,
    workers: Workers,
    waiting: BTreeMap<Key, Instant>,
    fifo: VecDeque<Key>,
    wake: Option<Instant>,
    busy: BTreeMap<Key, Instant>,
    /// From so many entries on, those whose moment has passed are dropped.
    busy_limit: usize,
    all_busy: Instant,
    delayed: BTreeMap<Key, Instant>,
    failures: BTreeMap<Key, u32>,
}

impl WorkQueue {
    /// An empty queue of `id`.
    pub fn new(id: ControllerId, workers: Workers) -> WorkQueue {
        WorkQueue {
            id,
            workers,
            waiting: BTreeMap::new(),
            fifo: VecDeque::new(),
            wake: None,
            busy: BTreeMap::new(),
            busy_limit: BUSY_LIMIT,
            all_busy: Instant::ZERO,
            delayed: BTreeMap::new(),
            failures: BTreeMap::new(),
        }
    }

    /// Adds `key`, to be worked on from `at` on.
    pub fn add(&mut self, key: &Key, at: Instant, events: &mut EventQueue) {
        if self.waiting.contains_key(key) {
            return;
        }
        match self.workers {
            Workers::PerKey => {
                let at = at.max(self.busy.get(key).copied().unwrap_or_default());
                self.waiting.insert(key.clone(), at);
                events.push(at, Task::Work(self.id, Some(key.clone())));
            }
            Workers::One => {
                self.waiting.insert(key.clone(), at);
                self.fifo.push_back(key.clone());
                self.wake_at(at, events);
            }
        }
    }

    /// Adds `key` after `delay`; of two delays for one key the shorter counts.
    pub fn add_after(&mut self, key: &Key, now: Instant, delay: Duration, events: &mut EventQueue) {
        let at = now + delay;
        if self.delayed.get(key).is_some_and(|due| *due <= at) {
            return;
        }
        self.delayed.insert(key.clone(), at);
        events.push(at, Task::Enqueue(self.id, key.clone()));
    }

    /// Adds `key` after its back-off: 5 ms, doubled with each failure, at most 1000 s.
    pub fn add_rate_limited(&mut self, key: &Key, now: Instant, events: &mut EventQueue) {
        let failures = self.failures.entry(key.clone()).or_default();
        let delay = Duration::millis(5)
            .times(1 << (*failures).min(18))
            .min(Duration::secs(1000));
        *failures += 1;
        self.add_after(key, now, delay, events);
    }

    /// Forgets the failures of `key`.
    pub fn forget(&mut self, key: &Key) {
        self.failures.remove(key);
    }

    /// Whether a delayed key that comes due at `at` is still wanted then.
    pub fn take_delayed(&mut self, key: &Key, at: Instant) -> bool {
        if self.delayed.get(key) == Some(&at) {
            self.delayed.remove(key);
            return true;
        }
        false
    }

    /// Whether a task of this queue at `at` will do anything; delays and wakes that were overtaken do not.
    pub fn expects(&self, task: &Task, at: Instant) -> bool {
        match task {
            Task::Work(_, Some(key)) => self.waiting.get(key) == Some(&at),
            Task::Work(_, None) => !self.fifo.is_empty(),
            Task::Enqueue(_, key) => self.delayed.get(key) == Some(&at),
        }
    }

    /// The key that a worker takes next.
    pub fn front(&self) -> Option<&Key> {
        self.fifo.front()
    }

    /// Takes the key to be worked on now; `None` if the task that woke the queue is out of date.
    pub fn take(&mut self, woken_for: Option<Key>, now: Instant) -> Option<Key> {
        match woken_for {
            Some(key) => (self.waiting.get(&key) == Some(&now)).then(|| {
                self.waiting.remove(&key);
                key
            }),
            None => {
                self.wake = None;
                let key = self.fifo.pop_front()?;
                self.waiting.remove(&key);
                Some(key)
            }
        }
    }

    /// Says that `key` was worked on from `now` for `cost`; keys that wait for the worker are taken up after that.
    pub fn done(&mut self, key: &Key, now: Instant, cost: Duration, events: &mut EventQueue) {
        match self.workers {
            Workers::PerKey => {
                // Moments that have passed hold nothing back any more.
                if self.busy.len() > self.busy_limit {
                    self.busy.retain(|_, until| *until > now);
                    self.busy_limit = BUSY_LIMIT.max(self.busy.len() * 2);
                }
                self.busy.insert(key.clone(), now + cost);
            }
            Workers::One => {
                self.all_busy = now + cost;
                let next = self.fifo.front().and_then(|key| self.waiting.get(key));
                if let Some(seen) = next {
                    self.wake_at(*seen, events);
                }
            }
        }
    }

    fn wake_at(&mut self, at: Instant, events: &mut EventQueue) {
        if self.wake.is_none() {
            let at = at.max(self.all_busy);
            self.wake = Some(at);
            events.push(at, Task::Work(self.id, None));
        }
    }
}
