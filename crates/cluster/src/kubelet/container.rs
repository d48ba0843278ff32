//! One container of a pod on its node: its runs, its log, what it sees.
//!
//! Upstream: `pkg/kubelet/kuberuntime`, and containerd below it.

use super::exec::{LogLine, LogStream};
use super::prober::Probes;
use super::process::{ImageInfo, Process, SIGTERM, Step, User};
use super::volumes::Payload;
use crate::network::dns::ResolvConf;
use crate::storage::{DiskId, Mount, Writer};
use crate::time::{Duration, Instant};
use rpds::QueueSync;
use std::net::IpAddr;
use std::sync::Arc;

/// How many bytes of a container's log are kept; older lines are dropped, as rotation does.
const LOG_BYTES_LIMIT: usize = 256 << 10;

/// What the programs of one run of a container see of the world; it does not change while the container runs.
#[derive(Debug)]
pub(crate) struct Context {
    pub env: Vec<(String, String)>,
    pub hostname: String,
    pub working_dir: String,
    pub user: User,
    /// All groups, in their order.
    pub groups: Vec<u32>,
    /// The group that owns the pod's volumes.
    pub fs_group: Option<u32>,
    pub pod_ip: String,
    pub mounts: Vec<Mount>,
    pub fills: Vec<(DiskId, Fill)>,
    pub writer: Arc<Writer>,
    pub resolv_conf: ResolvConf,
    pub hosts: Vec<(IpAddr, Vec<String>)>,
    pub image: Arc<ImageInfo>,
    pub argv: Vec<String>,
    pub tty: bool,
}

/// What a disk holds when it is mounted for the first time. Filling waits until a program looks.
#[derive(Debug)]
pub(crate) enum Fill {
    /// The image's files and the container's own `/etc` files.
    Image,
    /// Nothing, with room for so many bytes; in memory or in a directory of the node.
    Empty(Option<u64>, bool),
    /// Persistent bytes: nothing yet, with room for so many; who writes is remembered.
    Volume(Option<u64>, Place),
    /// An empty file of the node, under its own name.
    NodeFile,
    /// Files made out of objects of the API.
    Payload(Payload),
}

/// What a persistent disk is to its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A directory (`hostPath`), which no pod's group gets.
    Directory,
    /// A `local` volume.
    Local,
    /// A device with a fresh file system.
    Device,
}

impl Fill {
    /// Whether a pod's group gets the files, and whether they are then for reading only.
    ///
    /// Upstream: the callers of `NewVolumeOwnership` in `pkg/volume`.
    pub fn takes_group(&self) -> Option<bool> {
        match self {
            Fill::Empty(..) | Fill::Volume(_, Place::Local | Place::Device) => Some(false),
            Fill::Payload(_) => Some(true),
            Fill::Image | Fill::NodeFile | Fill::Volume(_, Place::Directory) => None,
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub(crate) struct Exit {
    pub code: i32,
    pub reason: &'static str,
    pub message: Option<String>,
    pub at: Instant,
    /// The kubelet stopped it to start it again in the same sync.
    pub by_kubelet: bool,
}

/// A process that is going on (or has ended, with the code).
#[derive(Clone)]
pub(crate) struct Running {
    pub process: Option<Box<dyn Process>>,
    pub step: Step,
}

impl Running {
    pub fn due(&self) -> Option<Instant> {
        match self.step {
            Step::SleepUntil(at) if self.process.is_some() => Some(at),
            _ => None,
        }
    }
}

/// What a container that is to end waits for before it is asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// Its hook.
    Hook,
    /// Other containers of the pod.
    Turn,
}

/// A container on its way to its end, before it is asked to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopping {
    pub began: Instant,
    /// How long all of it may take.
    pub grace: Duration,
    /// How long it waits at most.
    pub until: Instant,
    pub waits: Waits,
}

/// One run of a container.
#[derive(Clone)]
pub(crate) struct Run {
    pub id: String,
    pub context: Arc<Context>,
    pub image: Arc<ImageInfo>,
    pub started: Option<Instant>,
    pub main: Running,
    pub exit: Option<Exit>,
    pub log: Log,
    /// When a run that was asked to end is killed.
    pub kill_at: Option<Instant>,
    /// What comes before it is asked to end.
    pub stopping: Option<Stopping>,
    /// The image as the spec names it.
    pub reference: String,
    /// Passed its startup probe (or has none).
    pub started_up: bool,
    /// Passed its readiness probe (or has none).
    pub ready: bool,
    pub probes: Probes,
}

impl Run {
    pub fn is_running(&self) -> bool {
        self.started.is_some() && self.exit.is_none()
    }

    /// When something of the run happens next by itself.
    pub fn next_due(&self) -> Option<Instant> {
        let stopping = self.stopping.map(|stopping| stopping.until);
        let all = [
            self.main.due(),
            self.kill_at,
            stopping,
            self.probes.next_due(),
        ];
        all.into_iter().flatten().min()
    }

    /// The signal that asks the main process to end.
    pub fn stop_signal(&self) -> i32 {
        if self.image.stop_signal == 0 {
            SIGTERM
        } else {
            self.image.stop_signal
        }
    }
}

/// The back-off of a container or an image pull: doubled with each use, forgotten after ten quiet minutes.
///
/// Upstream: `staging/src/k8s.io/client-go/util/flowcontrol/backoff.go`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BackOff {
    current: Duration,
    last_update: Instant,
}

impl BackOff {
    const INITIAL: Duration = Duration::secs(10);
    const MAX: Duration = Duration::secs(300);

    /// When something that ended at `event` may be tried again.
    pub fn until(&self, event: Instant) -> Instant {
        event + self.current
    }

    /// How long the present wait is.
    pub fn wait(&self) -> Duration {
        self.current
    }

    /// Counts a try at `now` for something that ended at `event`.
    pub fn next(&mut self, event: Instant, now: Instant) {
        let expired = event.since(self.last_update) > BackOff::MAX.times(2);
        self.current = if self.current == Duration::ZERO || expired {
            BackOff::INITIAL
        } else {
            self.current.times(2).min(BackOff::MAX)
        };
        self.last_update = now;
    }
}

/// A container of a pod: its present run, the one before, and what holds it back.
#[derive(Clone, Default)]
pub(crate) struct Container {
    pub name: String,
    pub init: bool,
    /// The place in its list of the pod's spec.
    pub index: usize,
    pub restart_count: i32,
    pub run: Option<Run>,
    /// The run that is being created.
    pub pending: Option<Run>,
    pub previous: Option<Run>,
    /// Why the last sync could not start it: reason and message, shown by the next one.
    pub held_back: Option<(&'static str, String)>,
    pub back_off: BackOff,
    pub pull_back_off: BackOff,
    /// When the last pull failed, and how.
    pub pull_failed: Option<(Instant, String)>,
}

impl Container {
    pub fn is_running(&self) -> bool {
        self.run.as_ref().is_some_and(Run::is_running)
    }

    pub fn exit(&self) -> Option<&Exit> {
        self.run.as_ref().and_then(|run| run.exit.as_ref())
    }

    /// `spec.containers{nginx}`, the field that events are about.
    pub fn field_path(&self) -> String {
        let list = if self.init {
            "initContainers"
        } else {
            "containers"
        };
        format!("spec.{list}{{{}}}", self.name)
    }
}

/// The lines a container wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    lines: QueueSync<LogLine>,
    open: Option<LogLine>,
    bytes: usize,
    dropped: u64,
}

impl Log {
    /// Adds text of one stream; lines end at line feeds.
    pub fn write(&mut self, at: Instant, stream: LogStream, text: &str) {
        for part in text.split_inclusive('\n') {
            let (part, ended) = match part.strip_suffix('\n') {
                Some(line) => (line, true),
                None => (part, false),
            };
            let mut line = match self.open.take() {
                Some(open) if open.stream == stream => open,
                other => {
                    self.push(other);
                    LogLine {
                        at,
                        stream,
                        text: String::new(),
                        ended: false,
                    }
                }
            };
            line.text.push_str(part);
            line.ended = ended;
            if ended {
                self.push(Some(line));
            } else {
                self.open = Some(line);
            }
        }
    }

    fn push(&mut self, line: Option<LogLine>) {
        let Some(line) = line else { return };
        self.bytes += line.text.len() + 1;
        self.lines.enqueue_mut(line);
        while self.bytes > LOG_BYTES_LIMIT {
            let Some(first) = self.lines.peek() else {
                break;
            };
            self.bytes -= first.text.len() + 1;
            self.lines.dequeue_mut();
            self.dropped += 1;
        }
    }

    /// How many bytes are kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of the line that comes next.
    pub fn next(&self) -> u64 {
        self.dropped + self.lines.len() as u64
    }

    /// The lines from number `from` on.
    pub fn from(&self, from: u64) -> impl Iterator<Item = &LogLine> {
        let skip = usize::try_from(from.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        self.lines.iter().skip(skip)
    }

    /// The last lines, as text of at most so many bytes.
    pub fn tail(&self, lines: usize, bytes: usize) -> String {
        let all = self.lines.iter().chain(self.open.as_ref());
        let skip = (self.lines.len() + usize::from(self.open.is_some())).saturating_sub(lines);
        let mut text = String::new();
        for line in all.skip(skip) {
            text.push_str(&line.text);
            text.push_str(if line.ended { "\n" } else { "" });
        }
        let mut start = text.len().saturating_sub(bytes);
        while !text.is_char_boundary(start) {
            start += 1;
        }
        text.split_off(start)
    }

    /// The line that is not ended yet.
    pub fn open(&self) -> Option<&LogLine> {
        self.open.as_ref()
    }
}
