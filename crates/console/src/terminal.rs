//! A terminal: what was typed, what came of it, and what runs.
//!
//! Page and native shell hold one each and show what it keeps. Cloning it takes a snapshot.

mod entry;

use crate::command::{Files, Input, Poll, Until};
use crate::programs::prompt::{HOME, Prompt};
use crate::shell::{
    Dialect, Origin, POLL_BUDGET, Shell, Stream, Surroundings, SyntaxError, take_command,
};
use entry::next_effect;
pub use entry::{Activity, Effect, Entry};
use petset_cluster::Cluster;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// How much one command may print, in bytes.
pub const COMMAND_OUTPUT_LIMIT: usize = 1 << 20;

/// How much a terminal keeps, in bytes; the oldest entries go first.
pub const KEPT_OUTPUT_LIMIT: usize = 4 << 20;

/// How many entries a terminal keeps.
pub const ENTRY_LIMIT: usize = 1_000;

/// How many lines the history keeps.
pub const HISTORY_LIMIT: usize = 500;

/// How long one submission may be, in bytes.
pub const INPUT_LIMIT: usize = 256 << 10;

/// A terminal at the learner's prompt.
#[derive(Clone)]
pub struct Terminal {
    shell: Shell,
    folders: BTreeSet<String>,
    lines: VecDeque<String>,
    /// Lines of a command that is not whole yet.
    begun: Vec<String>,
    /// Whether a person types.
    interactive: bool,
    input: Input,
    /// Snapshots of a terminal share them.
    entries: VecDeque<Arc<Entry>>,
    next_id: u64,
    history: Arc<Vec<String>>,
    wake: Option<Until>,
    polled_at: u64,
    forgotten: bool,
}

impl Default for Terminal {
    fn default() -> Terminal {
        Terminal::new()
    }
}

impl Terminal {
    /// A fresh terminal.
    pub fn new() -> Terminal {
        Terminal::speaking(Dialect::BashPrompt)
    }

    /// What `bash -c` is: nobody types, standard input is empty, and errors name the line.
    pub fn of_script() -> Terminal {
        Terminal::speaking(Dialect::Bash)
    }

    fn speaking(dialect: Dialect) -> Terminal {
        let environment = [
            ("HOME", HOME),
            ("USER", "learner"),
            ("SHELL", "/bin/bash"),
            ("TERM", "xterm-256color"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Terminal {
            shell: Shell::new(Origin {
                name: "bash".to_owned(),
                environment: environment.into(),
                cwd: HOME.to_owned(),
                dialect,
                ..Origin::default()
            }),
            folders: BTreeSet::new(),
            lines: VecDeque::new(),
            begun: Vec::new(),
            interactive: dialect == Dialect::BashPrompt,
            input: standard_input(dialect == Dialect::BashPrompt),
            entries: VecDeque::new(),
            next_id: 1,
            history: Arc::default(),
            wake: None,
            polled_at: 0,
            forgotten: false,
        }
    }

    /// What stands before the place where one types: `$ `, or `> ` while a command is not whole.
    pub fn prompt(&self) -> &'static str {
        if self.begun.is_empty() { "$ " } else { "> " }
    }

    /// Takes what was typed or pasted: one line or several. They run one after another; while a command runs they wait.
    pub fn submit(&mut self, text: &str) {
        if text.len() > INPUT_LIMIT {
            let id = self.open(&format!("{}…", text.chars().take(80).collect::<String>()));
            let words = "not simulated here: more than 256 KiB of commands at once\n";
            self.print(id, Stream::Stderr, words);
            self.close(2);
            return;
        }
        let mut lines: Vec<String> = text
            .replace("\r\n", "\n")
            .split('\n')
            .map(str::to_owned)
            .collect();
        // A paste often ends with the end of its last line.
        if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        self.lines.extend(lines);
        self.wake = Some(Until::Time(petset_cluster::Instant::ZERO));
    }

    /// Text for the command that runs, as typed (with its line end).
    pub fn input(&mut self, text: &str) {
        if self.input.text.len() + text.len() <= INPUT_LIMIT {
            self.input.text.push_str(text);
        }
        self.wake = Some(Until::Time(petset_cluster::Instant::ZERO));
    }

    /// Ctrl-D: no more input for the command that runs.
    pub fn close_input(&mut self) {
        self.input.closed = true;
        self.wake = Some(Until::Time(petset_cluster::Instant::ZERO));
    }

    /// Ctrl-C: ends what runs and forgets what waits.
    pub fn interrupt(&mut self, cluster: &mut Cluster, files: &mut Files) -> Activity {
        let mut activity = Activity::default();
        self.lines.clear();
        if !self.begun.is_empty() {
            let text = self.begun.join("\n");
            self.begun.clear();
            let id = self.open(&text);
            self.print(id, Stream::Stdout, "^C\n");
            self.close(130);
            activity.changed = true;
            return activity;
        }
        if !self.is_running() {
            return activity;
        }
        let mut output = Vec::new();
        self.with_shell(cluster, files, &mut output, |shell, surroundings| {
            shell.interrupt(surroundings);
        });
        if let Some(id) = self.running_id() {
            self.print(id, Stream::Stdout, "^C\n");
        }
        self.take_output(output, &mut activity);
        self.close(130);
        activity.changed = true;
        activity
    }

    /// Lets what runs go on, if what it waits for has come, and starts waiting lines.
    pub fn advance(&mut self, cluster: &mut Cluster, files: &mut Files) -> Activity {
        let mut activity = Activity::default();
        let version = cluster.store().resource_version();
        if !self.is_due(cluster, version) {
            return activity;
        }
        self.polled_at = version;
        let mut budget = POLL_BUDGET;
        loop {
            if !self.is_running() && !self.start_next(&mut activity) {
                self.poll_background(cluster, files, &mut activity);
                return activity;
            }
            if !self.is_running() {
                continue;
            }
            let mut output = Vec::new();
            let poll = self.with_budget(cluster, files, &mut output, &mut budget, Shell::poll);
            self.take_output(output, &mut activity);
            let too_much = self
                .entries
                .back()
                .is_some_and(|entry| entry.length() > COMMAND_OUTPUT_LIMIT);
            match poll {
                _ if too_much => self.stop_flood(cluster, files, &mut activity),
                Poll::Done(status) => {
                    self.close(status);
                    activity.changed = true;
                }
                Poll::Pending(until) => {
                    self.wake = Some(until);
                    activity.unfinished = matches!(until, Until::Time(at) if at <= cluster.now());
                    return activity;
                }
            }
            if budget == 0 {
                activity.unfinished = true;
                self.wake = Some(Until::Time(cluster.now()));
                return activity;
            }
        }
    }

    /// What the terminal waits for; `None` when nothing runs.
    pub fn next_wake(&self) -> Option<Until> {
        if !self.is_running() && self.lines.is_empty() && !self.shell.has_jobs() {
            return None;
        }
        self.wake
    }

    /// Whether a command runs in the foreground.
    pub fn is_running(&self) -> bool {
        self.entries.back().is_some_and(|entry| entry.is_running())
    }

    /// What is kept, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().map(|entry| &**entry)
    }

    /// Whether older entries were forgotten because there were too many.
    pub fn has_forgotten(&self) -> bool {
        self.forgotten
    }

    /// The lines that were typed, oldest first.
    pub fn history(&self) -> &[String] {
        &self.history
    }

    /// Takes over the history of an earlier session.
    pub fn set_history(&mut self, lines: Vec<String>) {
        self.history = Arc::new(lines);
        self.shell.set_history(self.history.clone());
    }

    /// The exported variables.
    pub fn environment(&self) -> BTreeMap<String, String> {
        self.shell.environment()
    }

    /// The aliases.
    pub fn aliases(&self) -> &BTreeMap<String, String> {
        self.shell.aliases()
    }

    /// The working directory below the home directory; empty there.
    pub fn folder(&self) -> &str {
        self.shell
            .cwd()
            .strip_prefix(HOME)
            .unwrap_or("")
            .trim_start_matches('/')
    }

    /// Empties the screen; what runs goes on.
    pub fn clear(&mut self) {
        let running = self.entries.pop_back().filter(|entry| entry.is_running());
        self.entries.clear();
        self.entries.extend(running);
    }

    fn is_due(&self, cluster: &Cluster, version: u64) -> bool {
        if !self.is_running() && !self.lines.is_empty() {
            return true;
        }
        match self.wake {
            None => false,
            Some(Until::Time(at)) => cluster.now() >= at,
            Some(Until::Change(at)) => {
                version != self.polled_at || at.is_none_or(|at| cluster.now() >= at)
            }
            // What a process prints into an attached terminal is no change of an object.
            Some(Until::Input) => true,
        }
    }

    fn with_shell<T>(
        &mut self,
        cluster: &mut Cluster,
        files: &mut Files,
        output: &mut Vec<(Stream, String)>,
        act: impl FnOnce(&mut Shell, &mut Surroundings<'_>) -> T,
    ) -> T {
        let mut budget = POLL_BUDGET;
        self.with_budget(cluster, files, output, &mut budget, act)
    }

    fn with_budget<T>(
        &mut self,
        cluster: &mut Cluster,
        files: &mut Files,
        output: &mut Vec<(Stream, String)>,
        budget: &mut u32,
        act: impl FnOnce(&mut Shell, &mut Surroundings<'_>) -> T,
    ) -> T {
        let mut system = Prompt {
            cluster,
            files,
            folders: &mut self.folders,
        };
        act(
            &mut self.shell,
            &mut Surroundings {
                system: &mut system,
                stdin: &mut self.input,
                output,
                budget,
                depth: 0,
                terminal: self.interactive,
            },
        )
    }

    fn poll_background(
        &mut self,
        cluster: &mut Cluster,
        files: &mut Files,
        activity: &mut Activity,
    ) {
        let mut output = Vec::new();
        self.wake = self.with_shell(cluster, files, &mut output, Shell::poll_background);
        // What a background command prints belongs to the last command on the screen.
        self.take_output(output, activity);
    }

    /// Starts the next command of the waiting lines. Whether there was one.
    fn start_next(&mut self, activity: &mut Activity) -> bool {
        if self.lines.is_empty() {
            return false;
        }
        let mut candidate: VecDeque<String> = self.begun.iter().cloned().collect();
        candidate.extend(self.lines.iter().cloned());
        let (text, used, result) = take_command(&candidate, Dialect::BashPrompt);
        let incomplete = matches!(
            result,
            Err(SyntaxError::Incomplete(_) | SyntaxError::HereDocument(_))
        ) || matches!(&result, Err(SyntaxError::Unclosed(_)) if used > 1 && !self.begun.is_empty());
        if incomplete && used == candidate.len() && used < 500 {
            self.begun = candidate.into();
            self.lines.clear();
            activity.changed = true;
            return false;
        }
        let taken = used.saturating_sub(self.begun.len());
        self.begun.clear();
        self.lines.drain(..taken.min(self.lines.len()));
        self.remember(&text);
        let id = self.open(&text);
        activity.changed = true;
        self.input = standard_input(self.interactive);
        match self.shell.run(&text) {
            Ok(()) => {}
            Err(error) => {
                for line in self.shell.syntax_error(&error, &text) {
                    self.print(id, Stream::Stderr, &format!("{line}\n"));
                }
                self.close(2);
            }
        }
        true
    }

    fn remember(&mut self, text: &str) {
        if text.trim().is_empty() || self.history.last().is_some_and(|last| last == text) {
            return;
        }
        let history = Arc::make_mut(&mut self.history);
        history.push(text.to_owned());
        if history.len() > HISTORY_LIMIT {
            history.remove(0);
        }
        self.shell.set_history(self.history.clone());
    }

    fn open(&mut self, command: &str) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.entries.push_back(Arc::new(Entry {
            id,
            command: command.to_owned(),
            output: Vec::new(),
            exit_code: None,
        }));
        id
    }

    fn running_id(&self) -> Option<u64> {
        self.entries
            .back()
            .filter(|entry| entry.is_running())
            .map(|entry| entry.id)
    }

    fn close(&mut self, status: i32) {
        if let Some(entry) = self.entries.back_mut() {
            Arc::make_mut(entry).exit_code = Some(status);
        }
        let mut kept: usize = self.entries.iter().map(|entry| entry.length()).sum();
        while self.entries.len() > 1
            && (kept > KEPT_OUTPUT_LIMIT || self.entries.len() > ENTRY_LIMIT)
        {
            if let Some(entry) = self.entries.pop_front() {
                kept -= entry.length();
                self.forgotten = true;
            }
        }
    }

    fn print(&mut self, id: u64, stream: Stream, text: &str) {
        let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.id == id) else {
            return;
        };
        let entry = Arc::make_mut(entry);
        match entry.output.last_mut() {
            Some((last, chunk)) if *last == stream => chunk.push_str(text),
            _ => entry.output.push((stream, text.to_owned())),
        }
    }

    /// Ends a command that prints without end.
    fn stop_flood(&mut self, cluster: &mut Cluster, files: &mut Files, activity: &mut Activity) {
        let mut output = Vec::new();
        self.with_shell(cluster, files, &mut output, |shell, surroundings| {
            shell.interrupt(surroundings);
        });
        if let Some(id) = self.running_id() {
            let words = "\nbash: not simulated here: more than 1 MiB of output from one command\n";
            self.print(id, Stream::Stderr, words);
        }
        self.close(1);
        activity.changed = true;
    }

    /// Puts output into the last entry and finds what is meant for the page.
    fn take_output(&mut self, output: Vec<(Stream, String)>, activity: &mut Activity) {
        for (stream, text) in output {
            activity.changed = true;
            let mut rest = text.as_str();
            while let Some((at, length, effect)) = next_effect(rest) {
                self.append(stream, &rest[..at]);
                if effect == Effect::Clear {
                    self.cleared();
                }
                activity.effects.push(effect);
                rest = &rest[at + length..];
            }
            self.append(stream, rest);
        }
    }

    /// The screen is empty from here on; the command that runs keeps its place.
    fn cleared(&mut self) {
        self.clear();
        if let Some(entry) = self.entries.back_mut() {
            Arc::make_mut(entry).output.clear();
        }
    }

    fn append(&mut self, stream: Stream, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(id) = self.entries.back().map(|entry| entry.id) {
            self.print(id, stream, text);
        }
    }
}

/// The keyboard, or nothing at all.
fn standard_input(interactive: bool) -> Input {
    Input {
        text: String::new(),
        closed: !interactive,
        terminal: interactive,
    }
}
