//! The thread on which the cluster lives. Requests are brought to it as jobs; between them it moves virtual time.

use crate::texts::Texts;
use petset_cluster::{Cluster, Duration, Instant};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::thread;
use std::time;
use tokio::sync::{oneshot, watch};

/// How virtual time goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// So many virtual seconds for each second on the wall.
    Times(f64),
    /// After each change the cluster runs until it is quiet; while it is quiet, time follows the wall.
    Max,
    /// Time stands still, save for what a program of kubectl's takes to start and for each of its requests; whoever holds the engine moves it.
    Held,
}

/// How long the engine works on before it looks at what has come in.
const SLICE: time::Duration = time::Duration::from_millis(5);
/// How long requests wait at most for the cluster to become quiet.
const LONGEST_RUN: time::Duration = time::Duration::from_secs(20);
/// How many programs' sessions are remembered, so that each is counted once.
const SESSIONS: usize = 256;

type Act = Box<dyn FnOnce(&mut Cluster) + Send>;

struct Job {
    act: Act,
    /// Reads what is on its way to somebody who waits: not kept back until the cluster is quiet.
    streaming: bool,
    /// The program that asks, if it says so.
    session: Option<String>,
}

/// A handle on the cluster's thread. When the last one is dropped the thread ends.
#[derive(Clone)]
pub struct Engine {
    jobs: mpsc::Sender<Job>,
    moved: watch::Receiver<u64>,
    texts: Arc<Texts>,
}

impl Engine {
    /// Starts the thread; the cluster is made on it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        make: impl FnOnce() -> Cluster + Send + 'static,
        pace: Pace,
    ) -> std::io::Result<Engine> {
        let (jobs, inbox) = mpsc::channel();
        let (moving, moved) = watch::channel(0);
        thread::Builder::new()
            .name("cluster".to_owned())
            .spawn(move || {
                let mut keeper = Keeper {
                    cluster: make(),
                    inbox,
                    moving,
                    waiting: VecDeque::new(),
                    sessions: BTreeSet::new(),
                };
                match pace {
                    Pace::Held => keeper.hold(),
                    Pace::Times(times) => keeper.follow(times),
                    Pace::Max => keeper.hurry(),
                }
            })?;
        Ok(Engine {
            jobs,
            moved,
            texts: Arc::default(),
        })
    }

    /// Does something with the cluster, in its turn; none when the cluster's thread is gone.
    pub async fn run<R: Send + 'static>(
        &self,
        session: Option<String>,
        act: impl FnOnce(&mut Cluster) -> R + Send + 'static,
    ) -> Option<R> {
        self.send(false, session, act).await.ok()
    }

    /// Reads what is on its way to somebody who waits, before requests that are kept back.
    pub async fn peek<R: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Cluster) -> R + Send + 'static,
    ) -> Option<R> {
        self.send(true, None, act).await.ok()
    }

    /// The same as [`Engine::run`] for threads that may wait.
    pub fn run_blocking<R: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Cluster) -> R + Send + 'static,
    ) -> Option<R> {
        self.send(true, None, act).blocking_recv().ok()
    }

    /// The cluster's objects as text.
    pub(crate) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Tells of every moment at which something may have happened.
    pub fn moved(&self) -> watch::Receiver<u64> {
        self.moved.clone()
    }

    fn send<R: Send + 'static>(
        &self,
        streaming: bool,
        session: Option<String>,
        act: impl FnOnce(&mut Cluster) -> R + Send + 'static,
    ) -> oneshot::Receiver<R> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            act: Box::new(move |cluster| {
                // Who asked may be gone.
                let _ = answer.send(act(cluster));
            }),
            streaming,
            session,
        };
        // A closed inbox shows as an answer that never comes.
        let _ = self.jobs.send(job);
        answered
    }
}

struct Keeper {
    cluster: Cluster,
    inbox: Receiver<Job>,
    moving: watch::Sender<u64>,
    /// Jobs that are kept back until the cluster is quiet.
    waiting: VecDeque<Job>,
    sessions: BTreeSet<String>,
}

impl Keeper {
    fn hold(&mut self) {
        while let Ok(mut job) = self.inbox.recv() {
            if let Some(session) = job.session.take() {
                self.count(session);
            }
            self.perform(job);
        }
    }

    fn follow(&mut self, times: f64) {
        let begun = time::Instant::now();
        let start = self.cluster.now();
        loop {
            let due = start + scaled(begun.elapsed(), times);
            self.advance(|cluster| cluster.next_event().is_some_and(|(at, _)| at <= due));
            let next = self.cluster.next_event().map(|(at, _)| at);
            if next.is_none_or(|at| at > due) {
                self.cluster.run_until(due);
            }
            let pause = next.map_or(LONGEST_RUN, |at| {
                wall(at.since(self.cluster.now()), times).min(LONGEST_RUN)
            });
            if !self.receive(pause, |_| false) {
                return;
            }
        }
    }

    fn hurry(&mut self) {
        let begun = time::Instant::now();
        let start = self.cluster.now();
        loop {
            // At rest time goes with the wall, unless it is ahead.
            let due = start + scaled(begun.elapsed(), 1.0);
            self.advance(|cluster| cluster.next_event().is_some_and(|(at, _)| at <= due));
            let pause = match self.cluster.next_event() {
                None => LONGEST_RUN,
                Some((at, _)) => wall(at.since(due), 1.0).min(LONGEST_RUN),
            };
            let before = self.cluster.store().resource_version();
            let changed = move |cluster: &Cluster| cluster.store().resource_version() != before;
            if !self.receive(pause, changed) {
                return;
            }
            if changed(&self.cluster) {
                self.run_to_rest();
            }
        }
    }

    /// Runs until nothing that matters has changed for a while, and does the jobs that had to wait for that.
    fn run_to_rest(&mut self) {
        let begun = time::Instant::now();
        let mut settling = Settling::new(&self.cluster);
        while begun.elapsed() < LONGEST_RUN {
            let slice = time::Instant::now();
            let mut quiet = false;
            while slice.elapsed() < SLICE && !quiet {
                quiet = !settling.step(&mut self.cluster);
            }
            self.publish();
            if quiet {
                break;
            }
            while let Ok(job) = self.inbox.try_recv() {
                if job.streaming {
                    self.perform(job);
                } else {
                    self.waiting.push_back(job);
                }
            }
        }
        while let Some(job) = self.waiting.pop_front() {
            let before = self.cluster.store().resource_version();
            self.perform(job);
            if self.cluster.store().resource_version() != before {
                return self.run_to_rest();
            }
        }
    }

    /// Steps while `due` says so, for one slice at most.
    fn advance(&mut self, due: impl Fn(&Cluster) -> bool) {
        let slice = time::Instant::now();
        while due(&self.cluster) && slice.elapsed() < SLICE {
            self.cluster.step();
        }
        self.publish();
    }

    /// Waits for a job and does it, with those that have come meanwhile, until the cluster is as `enough` says. Returns whether anybody is left
    /// to send more.
    fn receive(&mut self, pause: time::Duration, enough: impl Fn(&Cluster) -> bool) -> bool {
        match self.inbox.recv_timeout(pause) {
            Ok(job) => self.perform(job),
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        let slice = time::Instant::now();
        while slice.elapsed() < SLICE && !enough(&self.cluster) {
            match self.inbox.try_recv() {
                Ok(job) => self.perform(job),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }

    fn perform(&mut self, job: Job) {
        (job.act)(&mut self.cluster);
        self.publish();
    }

    fn publish(&self) {
        let now = self.cluster.now().0;
        let version = self.cluster.store().resource_version();
        self.moving.send_if_modified(|told| {
            let fresh = now.wrapping_mul(31).wrapping_add(version);
            std::mem::replace(told, fresh) != fresh
        });
    }

    /// What a program of kubectl's takes from Enter to its first request, once for each, and from one request to the next: as the built-in kubectl does.
    fn count(&mut self, session: String) {
        let whole = self.cluster.latency().kubectl;
        let span = match self.sessions.insert(session) {
            true => Duration::micros(whole.0 / 3 * 2),
            false => Duration::micros(whole.0 / 6),
        };
        if self.sessions.len() > SESSIONS {
            self.sessions.pop_first();
        }
        self.cluster.run_until(self.cluster.now() + span);
    }
}

/// The wait for a cluster to come to rest.
///
/// It is at rest when nothing has changed for two and a half seconds, save nodes and events, and no pod is on its way; with a pod on its way,
/// after twelve; and after a minute and a half in any case.
#[derive(Debug)]
pub struct Settling {
    seen: u64,
    last_change: Instant,
    end: Instant,
}

const QUIET: Duration = Duration::millis(2_500);
const QUIET_WITH_PODS: Duration = Duration::secs(12);
const SETTLE_LIMIT: Duration = Duration::secs(90);

impl Settling {
    /// Begins to wait.
    pub fn new(cluster: &Cluster) -> Settling {
        Settling {
            seen: cluster.store().resource_version(),
            last_change: cluster.now(),
            end: cluster.now() + SETTLE_LIMIT,
        }
    }

    /// Lets the next thing happen. Returns false when the cluster is at rest.
    pub fn step(&mut self, cluster: &mut Cluster) -> bool {
        use petset_cluster::Kind;
        let store = cluster.store();
        if store.resource_version() != self.seen {
            let changes = store.changes_since(self.seen).into_iter().flatten();
            let mut kinds = changes.map(|change| change.object.kind());
            if kinds.any(|kind| !matches!(kind, Kind::Node | Kind::Event)) {
                self.last_change = cluster.now();
            }
            self.seen = store.resource_version();
        }
        let Some((at, _)) = cluster.next_event() else {
            return false;
        };
        let past = |quiet| at > self.last_change + quiet;
        if at > self.end || past(QUIET_WITH_PODS) || (past(QUIET) && !pods_are_moving(cluster)) {
            return false;
        }
        cluster.step()
    }

    /// Up to when nothing may happen for the cluster to be at rest.
    pub fn rest(&self, cluster: &Cluster) -> Instant {
        let quiet = if pods_are_moving(cluster) {
            QUIET_WITH_PODS
        } else {
            QUIET
        };
        (self.last_change + quiet).min(self.end).max(cluster.now())
    }
}

/// Whether a pod is placed and not yet (or no longer) what it will be.
pub fn pods_are_moving(cluster: &Cluster) -> bool {
    use petset_cluster::{Kind, Object};
    let mut pods = cluster.store().list(Kind::Pod, None);
    pods.any(|object| {
        let Object::Pod(pod) = &**object else {
            return false;
        };
        let spec = pod.spec.as_ref();
        let placed = spec.is_some_and(|spec| spec.node_name.is_some());
        let status = pod.status.as_ref();
        let statuses = status.and_then(|status| status.container_statuses.as_deref());
        let statuses = statuses.unwrap_or_default();
        let starting = statuses.iter().any(|status| {
            let waiting = status
                .state
                .as_ref()
                .and_then(|state| state.waiting.as_ref());
            let reason = waiting.and_then(|waiting| waiting.reason.as_deref());
            matches!(reason, Some("ContainerCreating" | "PodInitializing"))
        });
        object.is_terminating() || (placed && statuses.is_empty()) || starting
    })
}

fn scaled(wall: time::Duration, times: f64) -> Duration {
    Duration::micros((wall.as_secs_f64() * times * 1e6) as u64)
}

fn wall(span: Duration, times: f64) -> time::Duration {
    time::Duration::from_micros((span.0 as f64 / times).min(1e12) as u64)
}
