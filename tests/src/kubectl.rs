//! The real kubectl as a runner of scenarios: its processes, against a server in this one, on virtual time that the runner moves.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time;

use petset_apiserver::{Activity, Engine, Face, Pace, Settling, kubeconfig};
use petset_cluster::store::ChangeType;
use petset_cluster::{Cluster, Config, Duration, Instant, Object};
use petset_console::Images;
use petset_scenario::simulated::as_fault;
use petset_scenario::{Change, Output, Runner};

/// The longest that one command may run, in virtual time and on the wall.
const COMMAND_LIMIT: Duration = Duration::secs(180);
const WALL_LIMIT: time::Duration = time::Duration::from_secs(60);
/// What a background command gets before the next line.
const BACKGROUND_START: Duration = Duration::millis(700);
/// A program that is connected and has been still for so long waits for the cluster.
const STILL: time::Duration = time::Duration::from_millis(25);
/// A program that has asked before and has been still for so long waits for time to pass.
const ASLEEP: time::Duration = time::Duration::from_millis(400);
/// How long background programs get to print what they were told last.
const LAST_WORDS: time::Duration = time::Duration::from_millis(300);
/// How often a running program is looked at.
const LOOK: time::Duration = time::Duration::from_millis(2);
/// How much virtual time passes at once for a program that sleeps.
const NAP: Duration = Duration::millis(500);

/// As in `petset_scenario::Simulated`: how the recordings name the folder of the cluster's volumes, and what it was really called.
const WRITTEN_AS: &str = "/var/ref/";
const RECORDED_UNDER: &str = "/tmp/ref/";

/// Where the programs find their server, below their home.
const CONFIG: &str = ".kube/config";
/// The home and the server as the built-in console names them.
const HOME: &str = "/home/learner";
const SERVER: &str = "https://10.10.0.1:6443";

/// A change, and when it happened.
type Seen = (Instant, ChangeType, Arc<Object>);

/// A server, its folder and the programs that run in the background.
pub struct RealKubectl {
    engine: Engine,
    activity: Arc<Activity>,
    // Keeps the server alive.
    _runtime: tokio::runtime::Runtime,
    folder: PathBuf,
    path: String,
    address: String,
    background: Vec<Started>,
    seen: u64,
    changes: Vec<Seen>,
    started: usize,
}

struct Started {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl RealKubectl {
    /// A new cluster of three nodes behind a server, for the program `kubectl`.
    ///
    /// # Errors
    /// When there is no port, thread or folder to be had.
    pub fn new(kubectl: &Path, seed: u64) -> Result<RealKubectl, String> {
        let config = Config {
            seed,
            ..Config::default()
        };
        let told = |error: std::io::Error| error.to_string();
        let engine = Engine::start(move || Cluster::new(config, Images::new()), Pace::Held);
        let engine = engine.map_err(told)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(told)?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.map_err(told)?;
        let address = listener.local_addr().map_err(told)?;
        let activity = Arc::new(Activity::default());
        let face = Face {
            engine: engine.clone(),
            log: None,
            activity: activity.clone(),
        };
        runtime.spawn(petset_apiserver::serve(
            listener,
            face,
            std::future::pending(),
        ));
        let folder = new_folder()?;
        let config = folder.join(CONFIG);
        fs::write(&config, kubeconfig::text(&address.to_string())).map_err(told)?;
        let programs = kubectl.parent().unwrap_or(Path::new("."));
        let path = std::env::var("PATH").unwrap_or_default();
        let seen = engine.run_blocking(|cluster| cluster.store().resource_version());
        Ok(RealKubectl {
            engine,
            activity,
            _runtime: runtime,
            folder,
            path: format!("{}:{path}", programs.display()),
            address: address.to_string(),
            background: Vec::new(),
            seen: seen.unwrap_or(0),
            changes: Vec::new(),
            started: 0,
        })
    }

    fn with<R: Send + 'static>(&self, act: impl FnOnce(&mut Cluster) -> R + Send + 'static) -> R {
        let done = self.engine.run_blocking(act);
        done.unwrap_or_else(|| panic!("the cluster's thread has ended"))
    }

    fn now(&self) -> Instant {
        self.with(|cluster| cluster.now())
    }

    /// Moves the cluster and notes what changed.
    fn drive<R: Send + 'static>(
        &mut self,
        mut act: impl FnMut(&mut Cluster, &mut dyn FnMut(&Cluster)) -> R + Send + 'static,
    ) -> R {
        let mut seen = self.seen;
        let (result, noted, seen) = self.with(move |cluster| {
            let mut noted: Vec<Seen> = Vec::new();
            let mut note = |cluster: &Cluster| {
                let store = cluster.store();
                for change in store.changes_since(seen).into_iter().flatten() {
                    noted.push((cluster.now(), change.change, change.object.clone()));
                }
                seen = store.resource_version();
            };
            note(cluster);
            let result = act(cluster, &mut note);
            note(cluster);
            (result, noted, seen)
        });
        self.changes.extend(noted);
        self.seen = seen;
        result
    }

    fn pass(&mut self, span: Duration) {
        self.drive(move |cluster, note| {
            let end = cluster.now() + span;
            while cluster.next_event().is_some_and(|(at, _)| at <= end) {
                cluster.step();
                note(cluster);
            }
            cluster.run_until(end);
        });
    }

    /// Lets things happen until something has changed or a command has said something.
    fn step(&mut self, limit: Instant) -> bool {
        self.drive(move |cluster, _| {
            let before = cluster.store().resource_version();
            for _ in 0..64 {
                if cluster.next_event().is_none_or(|(at, _)| at > limit) {
                    return false;
                }
                cluster.step();
                if cluster.store().resource_version() != before {
                    break;
                }
            }
            true
        })
    }

    fn spawn(&mut self, line: &str) -> Result<Started, String> {
        let told = |error: std::io::Error| format!("{line}: {error}");
        self.started += 1;
        let file = |ending: &str| self.folder.join(format!("{}.{ending}", self.started));
        let (out, err) = (file("out"), file("err"));
        let child = Command::new("bash")
            .args(["-c", line])
            .current_dir(self.folder.join("work"))
            .env("KUBECONFIG", self.folder.join(CONFIG))
            .env("HOME", &self.folder)
            .env("PATH", &self.path)
            .stdin(Stdio::null())
            .stdout(File::create(&out).map_err(told)?)
            .stderr(File::create(&err).map_err(told)?)
            .process_group(0)
            .spawn()
            .map_err(told)?;
        Ok(Started { child, out, err })
    }

    /// What a program said, with this run's places named as the built-in console names its own.
    fn printed(&self, started: &Started, code: Option<i32>) -> Output {
        let folder = self.folder.display().to_string();
        let text = |path: &Path| {
            let bytes = fs::read(path).unwrap_or_default();
            String::from_utf8_lossy(&bytes)
                .replace(&format!("{folder}/work"), HOME)
                .replace(&folder, HOME)
                .replace(&format!("http://{}", self.address), SERVER)
        };
        Output {
            stdout: text(&started.out),
            stderr: text(&started.err),
            code: code.unwrap_or(-1),
        }
    }

    fn counts(&self) -> (u64, u64, u64) {
        let count = |of: &AtomicU64| of.load(Ordering::SeqCst);
        let activity = &self.activity;
        (
            count(&activity.begun),
            count(&activity.open),
            count(&activity.streams),
        )
    }

    /// What kubectl takes from the last answer to its end; all of its time, if it has asked for nothing.
    fn leave(&mut self, line: &str, asked: bool) {
        if line.contains("kubectl") {
            let whole = self.with(|cluster| cluster.latency().kubectl);
            self.pass(if asked {
                Duration::micros(whole.0 / 3)
            } else {
                whole
            });
        }
        self.drive(|_, _| ());
    }

    /// Cuts a node off or connects it again: `cut-off $(cat FILE)`.
    fn fault(&mut self, words: &str) -> Output {
        let (what, node) = words.split_once(' ').unwrap_or((words, ""));
        let file = node
            .strip_prefix("$(cat ")
            .and_then(|rest| rest.strip_suffix(')'));
        let named = file.map(|file| fs::read_to_string(self.folder.join("work").join(file)));
        let node = match named {
            None => node.to_owned(),
            Some(Ok(name)) => name.trim().to_owned(),
            Some(Err(error)) => return failed(error.to_string()),
        };
        let cuts = what == "cut-off";
        let done = self.drive(move |cluster, _| match cuts {
            true => cluster.cut_off_node(&node),
            false => cluster.reconnect_node(&node),
        });
        if done {
            Output::default()
        } else {
            failed(format!("fault {words}: no such node"))
        }
    }

    /// Moves time while a program runs and waits for it: by `longest` at most, with which the program's own limits are reached.
    fn accompany(&mut self, started: &mut Started, longest: Duration) -> Option<i32> {
        let (asked_before, _, streams_before) = self.counts();
        let (begun, limit) = (time::Instant::now(), self.now() + longest);
        let (mut last, mut since) = (self.counts(), time::Instant::now());
        loop {
            match started.child.try_wait() {
                Ok(Some(status)) => return Some(status.code().unwrap_or(-1)),
                Ok(None) => {}
                Err(_) => return None,
            }
            let counts = self.counts();
            if counts != last {
                (last, since) = (counts, time::Instant::now());
            }
            let (asked, open, streams) = counts;
            let still = since.elapsed();
            // Time that has come so far stands still: what is left are the program's own limits, which the wall's clock decides.
            let moves = open == 0 && self.now() <= limit;
            if moves && streams > streams_before && still > STILL {
                if !self.step(limit) {
                    self.pass(NAP);
                }
                since = time::Instant::now();
            } else if moves && asked > asked_before && still > ASLEEP {
                self.pass(NAP);
                since = time::Instant::now();
            }
            if begun.elapsed() > WALL_LIMIT {
                end(started);
                return None;
            }
            thread::sleep(LOOK);
        }
    }
}

/// How long a line's program says that it waits at most.
fn timeout(line: &str) -> Option<Duration> {
    let (_, rest) = line.split_once("--timeout")?;
    let word = rest.get(1..)?.split_whitespace().next()?;
    let seconds = word.strip_suffix('s')?.parse().ok()?;
    Some(Duration::secs(seconds))
}

/// Ends a program and what it has started, as SIGTERM does.
fn end(started: &mut Started) {
    let group = format!("-{}", started.child.id());
    // A program that is gone already needs no end.
    let _ = Command::new("kill").args(["-TERM", "--", &group]).status();
    let _ = started.child.wait();
}

fn new_folder() -> Result<PathBuf, String> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let name = format!("petset-kubectl-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    for inside in ["work", ".kube"] {
        fs::create_dir_all(folder.join(inside))
            .map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    Ok(folder)
}

fn failed(error: String) -> Output {
    Output {
        stderr: error,
        code: 127,
        ..Output::default()
    }
}

impl Runner for RealKubectl {
    fn write_file(&mut self, name: &str, text: &str) {
        let path = self.folder.join("work").join(name);
        let text = text.replace(WRITTEN_AS, RECORDED_UNDER);
        if let Err(error) = fs::write(&path, text) {
            panic!("{}: {error}", path.display());
        }
    }

    fn run(&mut self, line: &str) -> Output {
        let line = &as_fault(line);
        if let Some(words) = line.strip_prefix("fault ") {
            return self.fault(words);
        }
        let seconds = line.strip_prefix("sleep ");
        if let Some(seconds) = seconds.and_then(|text| text.trim().parse().ok()) {
            self.pass(Duration::secs(seconds));
            return Output::default();
        }
        match self.spawn(line) {
            Ok(mut started) => {
                let (asked, ..) = self.counts();
                let code = self.accompany(&mut started, timeout(line).unwrap_or(COMMAND_LIMIT));
                let (asked_since, ..) = self.counts();
                self.leave(line, asked_since > asked);
                self.printed(&started, code)
            }
            Err(error) => failed(error),
        }
    }

    fn start_background(&mut self, line: &str) {
        let (_, _, streams) = self.counts();
        let end = self.now() + BACKGROUND_START;
        match self.spawn(line) {
            Ok(started) => self.background.push(started),
            Err(error) => panic!("{error}"),
        }
        let begun = time::Instant::now();
        while self.counts().2 == streams && begun.elapsed() < WALL_LIMIT {
            thread::sleep(LOOK);
        }
        self.pass(end.since(self.now()));
    }

    fn finish_background(&mut self) -> Vec<Output> {
        let mut background = std::mem::take(&mut self.background);
        if !background.is_empty() {
            thread::sleep(LAST_WORDS);
        }
        background
            .iter_mut()
            .map(|started| {
                end(started);
                self.printed(started, None)
            })
            .collect()
    }

    fn settle(&mut self) {
        self.drive(|cluster, note| {
            let mut settling = Settling::new(cluster);
            while settling.step(cluster) {
                note(cluster);
            }
            cluster.run_until(settling.rest(cluster));
        });
    }

    fn elapsed_ms(&self) -> u64 {
        self.now().as_millis()
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
                ms: at.as_millis(),
                event: named(change).to_owned(),
                object: object.to_json(),
            })
            .collect()
    }
}

impl Drop for RealKubectl {
    fn drop(&mut self) {
        for started in &mut self.background {
            end(started);
        }
        // What stays behind in the folder of temporary files hurts nobody.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
