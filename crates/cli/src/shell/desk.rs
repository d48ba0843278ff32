//! The cluster and the terminal of a native shell, with virtual time tied to the wall's.

use std::io::Write as _;
use std::time::{Duration, Instant};

use petset_cluster::{Cluster, Config};
use petset_console::{Activity, Effect, Files, Terminal, Until};

/// How often a command that runs is looked after.
const TURN: Duration = Duration::from_millis(20);
/// A command that wants input and prints nothing for so long waits for a line.
const HESITATION: Duration = Duration::from_millis(300);

/// Why a command is not polled at once.
pub(super) enum Pause {
    /// It has ended.
    Ended,
    /// Nothing happens before this much time has passed.
    For(Duration),
    /// A line is wanted behind this text.
    Input(String),
    /// A file is to be edited.
    Edit(String),
}

/// A cluster, a terminal, and the clock on the wall.
pub(super) struct Desk {
    pub(super) cluster: Cluster,
    pub(super) files: Files,
    terminal: Terminal,
    /// When virtual time was tied to the wall's, on both clocks.
    tied: (Instant, petset_cluster::Instant),
    speed: f64,
    /// The entry that is shown, and how much of its output has been.
    shown: (u64, usize),
    /// What stands in the line that is not ended.
    begun: String,
    quiet_since: Option<Instant>,
    edits: Vec<String>,
}

impl Desk {
    /// A new cluster whose time begins now.
    pub(super) fn new(config: Config, speed: f64) -> Desk {
        let cluster = Cluster::new(config, petset_console::Images::new());
        Desk {
            tied: (Instant::now(), cluster.now()),
            cluster,
            files: Files::new(),
            terminal: Terminal::new(),
            speed,
            shown: (0, 0),
            begun: String::new(),
            quiet_since: None,
            edits: Vec::new(),
        }
    }

    /// Lets the cluster do what it would have done by now.
    pub(super) fn catch_up(&mut self) {
        let passed = self.tied.0.elapsed().as_secs_f64() * self.speed;
        // A day at most, so that a machine that slept does not work for long.
        let micros = (passed * 1e6).min(86_400e6);
        let now = self.tied.1 + petset_cluster::Duration::micros(micros as u64);
        while self.cluster.next_event().is_some_and(|(at, _)| at <= now) {
            self.cluster.step();
            self.poll();
        }
        if now > self.cluster.now() {
            self.cluster.run_until(now);
        }
    }

    pub(super) fn prompt(&self) -> &'static str {
        self.terminal.prompt()
    }

    pub(super) fn submit(&mut self, line: &str) {
        self.catch_up();
        self.terminal.submit(line);
    }

    pub(super) fn input(&mut self, text: &str) {
        self.begun.clear();
        self.quiet_since = None;
        self.terminal.input(text);
    }

    pub(super) fn close_input(&mut self) {
        self.begun.clear();
        self.terminal.close_input();
    }

    pub(super) fn interrupt(&mut self) {
        let activity = self.terminal.interrupt(&mut self.cluster, &mut self.files);
        self.show(activity);
    }

    /// The exit code of the last command that has ended.
    pub(super) fn exit_code(&self) -> i32 {
        let ended = self
            .terminal
            .entries()
            .rev()
            .find_map(|entry| entry.exit_code);
        ended.unwrap_or(0)
    }

    /// Whether the last command was to leave the shell.
    pub(super) fn is_left(&self) -> bool {
        let last = self.terminal.entries().next_back();
        last.is_some_and(|entry| {
            let mut words = entry.command.split_whitespace();
            !entry.is_running() && matches!(words.next(), Some("exit" | "logout"))
        })
    }

    /// Lets the command go on and shows what it prints.
    pub(super) fn advance(&mut self) -> Pause {
        self.catch_up();
        let unfinished = self.poll();
        if let Some(name) = self.edits.pop() {
            return Pause::Edit(name);
        }
        if unfinished {
            return Pause::For(Duration::ZERO);
        }
        let wake = self
            .terminal
            .next_wake()
            .filter(|_| self.terminal.is_running());
        match wake {
            None => Pause::Ended,
            Some(Until::Input) => {
                let since = *self.quiet_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= HESITATION {
                    self.quiet_since = None;
                    Pause::Input(self.begun.clone())
                } else {
                    Pause::For(TURN)
                }
            }
            Some(_) => Pause::For(TURN),
        }
    }

    /// Whether there is more to do at once.
    fn poll(&mut self) -> bool {
        let activity = self.terminal.advance(&mut self.cluster, &mut self.files);
        let unfinished = activity.unfinished;
        self.show(activity);
        unfinished
    }

    fn show(&mut self, activity: Activity) {
        for effect in activity.effects {
            match effect {
                Effect::Clear => {
                    print!("\u{1b}[H\u{1b}[2J");
                    self.shown.1 = 0;
                }
                Effect::OpenEditor(name) => self.edits.push(name),
            }
        }
        let mut new = String::new();
        for entry in self.terminal.entries() {
            let seen = match entry.id.cmp(&self.shown.0) {
                std::cmp::Ordering::Less => continue,
                std::cmp::Ordering::Equal => self.shown.1,
                std::cmp::Ordering::Greater => 0,
            };
            let text: String = entry.output.iter().map(|(_, text)| text.as_str()).collect();
            new.push_str(text.get(seen..).unwrap_or_default());
            self.shown = (entry.id, text.len());
        }
        if new.is_empty() {
            return;
        }
        self.quiet_since = None;
        print!("{new}");
        // The screen is gone when this fails, and so is who would read a complaint.
        let _ = std::io::stdout().flush();
        match new.rfind('\n') {
            Some(at) => self.begun = new[at + 1..].to_owned(),
            None => self.begun.push_str(&new),
        }
    }
}
