//! The simulation as a runner of scenarios.

mod typing;

use crate::record::{Change, Output};
use crate::scenario::Runner;
use petset_cluster::store::ChangeType;
use petset_cluster::{Cluster, Config, Duration, Instant, Kind, Object};
use petset_console::shell::Stream;
use petset_console::{Files, Terminal, Until};
use std::sync::Arc;

/// A change of anything but nodes and events within this time keeps a cluster from being settled.
const QUIET: Duration = Duration::millis(2_500);
/// With a pod still on its way, a cluster counts as settled after this long.
const QUIET_WITH_PODS: Duration = Duration::secs(12);
/// The longest wait for a cluster to settle.
const SETTLE_LIMIT: Duration = Duration::secs(90);
/// The longest that one command may run.
const COMMAND_LIMIT: Duration = Duration::secs(180);
/// What a background command gets before the next line.
const BACKGROUND_START: Duration = Duration::millis(700);

/// The recordings name the folder of the recorded cluster's volumes so. The folder's true name contained `/tmp/`: without that the host-path
/// deleter of the controller manager refuses to delete, and it deleted.
const WRITTEN_AS: &str = "/var/ref/";
const RECORDED_UNDER: &str = "/tmp/ref/";

/// A cluster and shells on virtual time, from one seed.
pub struct Simulated {
    cluster: Cluster,
    files: Files,
    /// Where a tutorial's lines are typed; a scenario's run on their own.
    desk: Terminal,
    background: Vec<Terminal>,
    seen: u64,
    changes: Vec<(Instant, ChangeType, Arc<Object>)>,
    last_change: Instant,
    start: Instant,
}

impl Default for Simulated {
    fn default() -> Simulated {
        Simulated::new(1)
    }
}

impl Simulated {
    /// A new cluster of three nodes.
    pub fn new(seed: u64) -> Simulated {
        Simulated::of(Config {
            seed,
            ..Config::default()
        })
    }

    /// A new cluster made so.
    pub fn of(config: Config) -> Simulated {
        crate::provide_texts();
        let cluster = Cluster::new(config, petset_console::Images::new());
        Simulated {
            seen: cluster.store().resource_version(),
            last_change: cluster.now(),
            start: cluster.now(),
            cluster,
            files: Files::new(),
            desk: Terminal::new(),
            background: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// The cluster, to be read.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Lets the next thing happen that happens up to `limit`, of the cluster or of a command that waits for `wake`.
    fn step(&mut self, limit: Instant, wake: Option<Until>) -> bool {
        let background = self.background.iter().map(Terminal::next_wake);
        let wakes = background
            .chain([wake])
            .flatten()
            .filter_map(|until| match until {
                Until::Time(at) | Until::Change(Some(at)) => Some(at),
                Until::Change(None) | Until::Input => None,
            });
        let of_cluster = self.cluster.next_event().map(|(at, _)| at);
        let Some(next) = wakes.chain(of_cluster).min().filter(|next| *next <= limit) else {
            return false;
        };
        if of_cluster.is_some_and(|at| at <= next) {
            self.cluster.step();
        } else {
            self.cluster.run_until(next);
        }
        self.follow();
        true
    }

    /// Notes what changed and lets the background commands see it.
    fn follow(&mut self) {
        for terminal in &mut self.background {
            terminal.advance(&mut self.cluster, &mut self.files);
        }
        let store = self.cluster.store();
        for change in store.changes_since(self.seen).into_iter().flatten() {
            if !matches!(change.object.kind(), Kind::Node | Kind::Event | Kind::Lease) {
                self.last_change = self.cluster.now();
            }
            let now = self.cluster.now();
            self.changes
                .push((now, change.change, change.object.clone()));
        }
        self.seen = store.resource_version();
    }

    fn since_start_ms(&self, at: Instant) -> u64 {
        at.since(self.start).as_millis()
    }

    /// Whether a pod is placed and not yet (or no longer) what it will be.
    fn pods_are_moving(&self) -> bool {
        let mut pods = self.cluster.store().list(Kind::Pod, None);
        pods.any(|object| {
            let Object::Pod(pod) = &**object else {
                return false;
            };
            let placed = pod
                .spec
                .as_ref()
                .is_some_and(|spec| spec.node_name.is_some());
            let statuses = pod
                .status
                .as_ref()
                .and_then(|status| status.container_statuses.as_deref())
                .unwrap_or_default();
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
}

impl Runner for Simulated {
    fn write_file(&mut self, name: &str, text: &str) {
        self.files
            .insert(name.to_owned(), text.replace(WRITTEN_AS, RECORDED_UNDER));
    }

    fn run(&mut self, line: &str) -> Output {
        let mut terminal = Terminal::of_script();
        terminal.submit(&as_fault(line));
        let limit = self.cluster.now() + COMMAND_LIMIT;
        loop {
            terminal.advance(&mut self.cluster, &mut self.files);
            self.follow();
            let Some(wake) = terminal.next_wake() else {
                break;
            };
            if matches!(wake, Until::Time(at) if at <= self.cluster.now()) {
                continue;
            }
            if !self.step(limit, Some(wake)) {
                break;
            }
        }
        output(&terminal)
    }

    fn start_background(&mut self, line: &str) {
        let mut terminal = Terminal::of_script();
        terminal.submit(line);
        self.background.push(terminal);
        self.follow();
        let limit = self.cluster.now() + BACKGROUND_START;
        while self.step(limit, None) {}
        self.cluster.run_until(limit);
    }

    fn finish_background(&mut self) -> Vec<Output> {
        let terminals = std::mem::take(&mut self.background);
        terminals.iter().map(output).collect()
    }

    fn settle(&mut self) {
        let start = self.cluster.now();
        let end = start + SETTLE_LIMIT;
        self.last_change = self.last_change.max(start);
        loop {
            let quiet = if self.pods_are_moving() {
                QUIET_WITH_PODS
            } else {
                QUIET
            };
            let limit = (self.last_change + quiet).min(end);
            if !self.step(limit, None) {
                self.cluster.run_until(limit);
                return;
            }
        }
    }

    fn elapsed_ms(&self) -> u64 {
        self.since_start_ms(self.cluster.now())
    }

    fn changes(&self) -> Vec<Change> {
        let named = |change: &ChangeType| match change {
            ChangeType::Added => "ADDED",
            ChangeType::Modified => "MODIFIED",
            ChangeType::Deleted => "DELETED",
        };
        self.changes
            .iter()
            .map(|(at, change, object)| Change {
                ms: self.since_start_ms(*at),
                event: named(change).to_owned(),
                object: object.to_json(),
            })
            .collect()
    }
}

/// A line that stops the kubelet process of a recorded node, or lets it go on, as the command that does so here.
pub fn as_fault(line: &str) -> String {
    for (signal, fault) in [("STOP", "cut-off"), ("CONT", "reconnect")] {
        let before = format!("kill -{signal} $(cat $REF/run/kubelet$(sed s/node-// ");
        let file = line.strip_prefix(&before);
        if let Some(file) = file.and_then(|rest| rest.strip_suffix(").pid)")) {
            return format!("fault {fault} $(cat {file})");
        }
    }
    line.to_owned()
}

fn output(terminal: &Terminal) -> Output {
    let mut output = Output::default();
    for entry in terminal.entries() {
        for (stream, text) in &entry.output {
            match stream {
                Stream::Stdout => output.stdout.push_str(text),
                Stream::Stderr => output.stderr.push_str(text),
            }
        }
        output.code = entry.exit_code.unwrap_or(-1);
    }
    output
}
