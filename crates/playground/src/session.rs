//! One learner's session: files, terminals, time, and the views of all of it.
//!
//! The page calls this and nothing else. It keeps no clock of its own: [`Session::advance`] is told how much time has
//! passed on the wall. Every call returns quickly; work that is due is done in slices.

use std::rc::Rc;

use petset_cluster::Kind;

use crate::engine::Engine;
use crate::files::Files;
use crate::inputs::{Input, Saved};
use crate::lab3;
use crate::present;
use crate::view::{
    Completion, Diagnostic, DnsView, EventRow, FileError, FileInfo, ObjectRef, ResolveView,
    SetView, TerminalId, TerminalView, TimeView, Work,
};

/// A saved text could not be read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// It was written by another version.
    Version,
    /// It is not a saved session.
    Malformed,
}

/// One learner's session.
pub struct Session {
    seed: u64,
    files: Files,
    engine: Engine,
    revision: u64,
    to_open: Option<String>,
}

impl Session {
    /// A new cluster of three nodes and these files. Files that are not allowed (see [`FileError`]) are left out.
    pub fn new(seed: u64, files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut kept = Files::default();
        for (name, text) in files {
            if kept.add(&name, text).is_err() {
                continue;
            }
        }
        Self {
            seed,
            files: kept,
            engine: Engine::new(seed),
            revision: 0,
            to_open: None,
        }
    }

    /// A new session with the first lesson's files.
    pub fn with_lab3(seed: u64) -> Self {
        Self::new(
            seed,
            lab3::FILES.map(|(name, text)| (name.to_owned(), text.to_owned())),
        )
    }

    /// Grows with everything that a view could show. The page draws again when it has grown.
    pub fn revision(&self) -> u64 {
        self.revision + self.engine.revision
    }

    /// The files, in the order of their tabs.
    pub fn files(&self) -> Vec<FileInfo> {
        self.files.list()
    }

    /// A file's text.
    pub fn file_text(&self, name: &str) -> Option<&str> {
        self.files.text(name)
    }

    /// Adds a file at the end.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn add_file(&mut self, name: &str, text: String) -> Result<(), FileError> {
        self.revision += 1;
        self.files.add(name, text)
    }

    /// Gives a file another name, on the same tab.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn rename_file(&mut self, name: &str, new_name: &str) -> Result<(), FileError> {
        self.revision += 1;
        self.files.rename(name, new_name)
    }

    /// Deletes a file and returns its text, so that the page can offer to undo.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn delete_file(&mut self, name: &str) -> Result<String, FileError> {
        self.revision += 1;
        self.files.delete(name)
    }

    /// Replaces a file's text, as it is typed.
    ///
    /// # Errors
    /// See [`FileError`]; the old text stays then.
    pub fn set_file_text(&mut self, name: &str, text: String) -> Result<(), FileError> {
        self.revision += 1;
        self.files.set_text(name, text)
    }

    /// What is wrong in a file: syntax, fields, and what the API server would refuse (a dry run; nothing is stored).
    /// In the order of the text; at most 100.
    pub fn diagnostics(&self, file: &str) -> Vec<Diagnostic> {
        let text = self.files.text(file);
        text.map(|text| {
            present::diagnostics::diagnostics(self.engine.cluster.server(), &self.files, text)
        })
        .unwrap_or_default()
    }

    /// Open terminals, in the order of opening. A new session has one.
    pub fn terminals(&self) -> Vec<TerminalId> {
        self.engine.terminals()
    }

    /// Opens another terminal; `None` when two are open.
    pub fn open_terminal(&mut self) -> Option<TerminalId> {
        self.engine.act(Input::Open, &mut self.files)
    }

    /// Closes a terminal; what runs in it is interrupted. The last one stays.
    pub fn close_terminal(&mut self, terminal: TerminalId) {
        self.engine.act(
            Input::Close {
                terminal: terminal.0,
            },
            &mut self.files,
        );
    }

    /// Gives a line to a terminal, as Enter does. Marks of "what just changed" start anew, except for lines that come
    /// while a command runs. The command's effects come with `advance`.
    pub fn submit(&mut self, terminal: TerminalId, line: &str) {
        let line = line.to_owned();
        self.engine.act(
            Input::Line {
                terminal: terminal.0,
                line,
            },
            &mut self.files,
        );
    }

    /// Ctrl-C: stops the running command with exit code 130, or drops an unfinished one.
    pub fn interrupt(&mut self, terminal: TerminalId) {
        self.engine.act(
            Input::Interrupt {
                terminal: terminal.0,
            },
            &mut self.files,
        );
    }

    /// Ctrl-L: forgets the terminal's finished blocks. The history stays.
    pub fn clear(&mut self, terminal: TerminalId) {
        self.engine.act(
            Input::Clear {
                terminal: terminal.0,
            },
            &mut self.files,
        );
    }

    /// What a terminal shows. `None` when it is not open.
    pub fn terminal(&self, terminal: TerminalId) -> Option<TerminalView> {
        self.engine.seat(terminal).map(|seat| seat.view())
    }

    /// Lines typed in this session, oldest first, shared by all terminals, without repeated neighbours.
    pub fn history(&self) -> &[Rc<str>] {
        &self.engine.history
    }

    /// What Tab offers for `line` with the cursor at byte `cursor`.
    pub fn complete(&self, terminal: TerminalId, line: &str, cursor: usize) -> Completion {
        present::completion::complete(&self.engine, &self.files, terminal, line, cursor)
    }

    /// The lesson's next command, for the ghost text of an empty prompt.
    pub fn suggestion(&self) -> Option<&'static str> {
        lab3::next_command(self.engine.history.iter().map(|line| &**line))
    }

    /// Time, and what happens next.
    pub fn time(&self) -> TimeView {
        present::time::time_view(&self.engine)
    }

    /// Stops time, or lets it go on.
    pub fn set_paused(&mut self, paused: bool) {
        self.engine.clock.set_paused(paused);
        self.revision += 1;
    }

    /// Virtual seconds for each second on the wall, between 0.1 and 100.
    pub fn set_speed(&mut self, speed: f64) {
        self.engine.clock.set_speed(speed);
        self.revision += 1;
    }

    /// Moves to the next event that a learner can see and handles it, paused or not.
    pub fn step_one(&mut self) -> Work {
        let work = self.engine.step_one(&mut self.files);
        self.follow();
        work
    }

    /// Handles up to `max_events` events without waiting, paused or not. `more` until the cluster is quiet (what only
    /// repeats, such as an endless `-w` or a probe, does not count as change).
    pub fn run_until_quiet(&mut self, max_events: u32) -> Work {
        let work = self.engine.run_until_quiet(max_events, &mut self.files);
        self.follow();
        work
    }

    /// Lets `wall_ms` pass at the current speed (nothing while paused) and handles up to `max_events` of the events that
    /// are due. When `more`, call again with `wall_ms` 0 for the rest.
    pub fn advance(&mut self, wall_ms: f64, max_events: u32) -> Work {
        let work = self.engine.advance(wall_ms, max_events, &mut self.files);
        self.follow();
        work
    }

    /// All StatefulSets by namespace and name: those of the cluster, then those that are only in a file. Each with the
    /// places whose position is in `first..first + count`; the strip and the counts are always whole.
    pub fn set_views(&self, first: u32, count: u32) -> Vec<SetView> {
        present::set::set_views(
            self.engine.cluster.server(),
            &self.files,
            self.engine.since,
            first,
            count,
        )
    }

    /// The live zones, each with its first `max_records` records.
    pub fn dns_view(&self, max_records: u32) -> DnsView {
        present::dns::dns_view(self.engine.cluster.server(), self.engine.since, max_records)
    }

    /// Pods in namespace `default` that could ask, for the resolver's list; the first 100.
    pub fn pod_names(&self) -> Vec<String> {
        let pods = self.engine.cluster.store().list(Kind::Pod, Some("default"));
        pods.take(100).map(|pod| pod.name().to_owned()).collect()
    }

    /// Looks a name up as the pod would (or as a pod in namespace `default`, with `None`). Changes nothing.
    pub fn resolve(&self, from_pod: Option<&str>, name: &str) -> ResolveView {
        present::dns::resolve(self.engine.cluster.server(), from_pod, name)
    }

    /// Events, oldest first; the newest 200 at most.
    pub fn events_view(&self) -> Vec<EventRow> {
        present::events::events_view(self.engine.cluster.server(), self.engine.since)
    }

    /// An object as `kubectl get -o yaml` prints it; `None` when it is not there (any more).
    pub fn object_yaml(&self, object: &ObjectRef) -> Option<String> {
        present::object_yaml(self.engine.cluster.server(), object)
    }

    /// Seed, files and inputs as a text, for [`Session::restore`].
    pub fn save(&self) -> String {
        serde_json::to_string(&self.engine.saved(self.seed, &self.files)).unwrap_or_default()
    }

    /// Reads the files of a saved text and starts a new cluster: the way out when playing the inputs again fails.
    ///
    /// # Errors
    /// As [`Session::restore`].
    pub fn restore_files(saved: &str) -> Result<Self, RestoreError> {
        let saved = Saved::read(saved)?;
        Ok(Self::new(saved.seed, saved.files))
    }

    /// Reads a saved text. The inputs are played again with `advance`, without waiting.
    ///
    /// # Errors
    /// The text is from another version, or not a saved session.
    pub fn restore(saved: &str) -> Result<Self, RestoreError> {
        let mut saved = Saved::read(saved)?;
        let engine = Engine::replaying(&mut saved);
        let mut session = Self::new(saved.seed, saved.files);
        session.engine = engine;
        Ok(session)
    }

    /// The file that a command such as `vi web.yaml` asks to be shown in the editor; each is told once.
    pub fn take_file_to_open(&mut self) -> Option<String> {
        self.to_open.take()
    }

    /// A number that two sessions share exactly when their clusters are in the same state, on every platform.
    pub fn digest(&self) -> u64 {
        self.engine.cluster.digest()
    }

    /// Does what commands asked of the page.
    fn follow(&mut self) {
        if let Some(file) = self.engine.take_file_to_open() {
            if self.files.text(&file).is_none() && self.files.add(&file, String::new()).is_err() {
                return;
            }
            self.to_open = Some(file);
            self.revision += 1;
        }
    }
}
