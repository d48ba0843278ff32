//! One learner's session: files, terminals, time, and the views of all of it.
//!
//! The page calls this and nothing else. It keeps no clock of its own: [`Session::advance`] is told how much time has
//! passed on the wall. Every call returns quickly; work that is due is done in slices.

mod views;

use std::cell::RefCell;
use std::rc::Rc;

use crate::engine::Engine;
use crate::files::Files;
use crate::inputs::{Input, Look, Saved};
use crate::lab3;
use crate::past::Past;
use crate::present;
use crate::twin::Twin;
use crate::view::{
    Completion, Diagnostic, FileError, FileInfo, PastView, PromptState, TerminalId, TerminalView,
    TimeView, Work,
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
    past: Past,
    /// Played only while somebody looks at it.
    twin: Option<Twin>,
    /// What is known of the set that was shown in blocks last.
    blocks: RefCell<present::blocks::Known>,
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
            past: Past::default(),
            twin: None,
            blocks: RefCell::default(),
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
        self.revision.wrapping_add(self.engine.revision)
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
            present::diagnostics::diagnostics(self.shown().cluster.server(), &self.files, text)
        })
        .unwrap_or_default()
    }

    /// Open terminals, in the order of opening. A new session has one.
    pub fn terminals(&self) -> Vec<TerminalId> {
        self.shown().terminals()
    }

    /// Opens another terminal; `None` when two are open.
    pub fn open_terminal(&mut self) -> Option<TerminalId> {
        self.act(Input::Open)
    }

    /// Closes a terminal; what runs in it is interrupted. The last one stays.
    pub fn close_terminal(&mut self, terminal: TerminalId) {
        self.act(Input::Close {
            terminal: terminal.0,
        });
    }

    /// Gives a line to a terminal, as Enter does. Marks of "what just changed" start anew, except for lines that come
    /// while a command runs. The command's effects come with `advance`.
    pub fn submit(&mut self, terminal: TerminalId, line: &str) {
        let starts = self
            .engine
            .seat(terminal)
            .is_some_and(|seat| !seat.is_running());
        if starts && !self.past.is_looking() {
            self.past.before_command(&self.engine, line);
        }
        self.act(Input::Line {
            terminal: terminal.0,
            line: line.to_owned(),
        });
    }

    /// Whether a terminal takes a line now: as the next command, or as input of the command that runs.
    pub fn takes_line(&self, terminal: TerminalId) -> bool {
        let seat = self.shown().seat(terminal);
        let waits = seat.is_some_and(|seat| !seat.is_running() || seat.awaits_input());
        waits && !self.engine.is_replaying() && !self.past.is_looking()
    }

    /// Whether what was done in an earlier visit is still being done again.
    pub fn is_replaying(&self) -> bool {
        self.engine.is_replaying()
    }

    /// Whether what is being done again may ask for the texts of [`crate::wants_texts`]. A page fetches them before it goes on.
    pub fn replay_wants_texts(&self) -> bool {
        self.engine.replay_wants_texts()
    }

    /// Ctrl-C: stops the running command with exit code 130, or drops an unfinished one.
    pub fn interrupt(&mut self, terminal: TerminalId) {
        self.act(Input::Interrupt {
            terminal: terminal.0,
        });
    }

    /// Ctrl-L: forgets the terminal's finished blocks. The history stays.
    pub fn clear(&mut self, terminal: TerminalId) {
        self.act(Input::Clear {
            terminal: terminal.0,
        });
    }

    /// What a terminal shows. `None` when it is not open.
    pub fn terminal(&self, terminal: TerminalId) -> Option<TerminalView> {
        let mut view = self.shown().seat(terminal)?.view();
        if self.past.is_looking() {
            view.prompt = PromptState::LookingBack;
        }
        Some(view)
    }

    /// Lines typed in this session, oldest first, shared by all terminals, without repeated neighbours.
    pub fn history(&self) -> &[Rc<str>] {
        &self.engine.history
    }

    /// What Tab offers for `line` with the cursor at byte `cursor`.
    pub fn complete(&self, terminal: TerminalId, line: &str, cursor: usize) -> Completion {
        present::completion::complete(&self.engine, &self.files, terminal, line, cursor)
    }

    /// The lesson's next command, for the ghost text of an empty prompt, while the lesson's files are there.
    pub fn suggestion(&self) -> Option<&'static str> {
        // A session from elsewhere may be about something else.
        let has_lesson = |(name, _): &(&str, &str)| self.files.text(name).is_some();
        let is_lesson = lab3::FILES.iter().all(has_lesson);
        lab3::next_command(self.shown().lines()).filter(|_| is_lesson)
    }

    /// The moments that can be looked at again, and the futures that were left.
    pub fn past(&self) -> PastView {
        self.past.view()
    }

    /// Looks at a moment of [`Session::past`]; `None` is the present. All views show that moment then. Looking changes
    /// nothing: time stands still, and what would change the cluster is refused. Nothing happens while a saved session is
    /// still being played again.
    pub fn look_at(&mut self, moment: Option<usize>) {
        if !self.engine.is_replaying() {
            self.past.look_at(moment);
            self.revision += 1;
        }
    }

    /// Looks at the last moment that is kept up to this one, in virtual ms; the first one if all came later.
    pub fn look_at_time(&mut self, at_ms: u64) {
        let moments = self.past.view().moments;
        let before = moments.iter().rposition(|moment| moment.at_ms <= at_ms);
        if !moments.is_empty() {
            self.look_at(Some(before.unwrap_or(0)));
        }
    }

    /// Looks at the moment before the one that is looked at.
    pub fn step_back(&mut self) {
        if !self.engine.is_replaying() {
            self.past.step_back(&self.engine);
            self.revision += 1;
        }
    }

    /// Makes the moment that is looked at the present. The old present stays among [`PastView::futures`].
    pub fn continue_from_here(&mut self) {
        let present = self.past.continue_from_here(&self.engine);
        self.replace_present(present);
    }

    /// Takes the last command back: goes on from the moment before it. The files stay as they are.
    pub fn undo_command(&mut self) {
        if let Some(moment) = self.past.before_last_command() {
            self.look_at(Some(moment));
            self.continue_from_here();
        }
    }

    /// Goes back to one of [`PastView::futures`]; the present takes its place there.
    pub fn return_to(&mut self, future: usize) {
        let present = self.past.return_to(future, &self.engine);
        self.replace_present(present);
    }

    fn replace_present(&mut self, present: Option<Engine>) {
        let Some(mut engine) = present else {
            return;
        };
        let revision = self.revision();
        engine.succeed(&self.engine);
        self.engine = engine;
        // The number goes on growing, although the new present has seen less.
        self.revision = revision.wrapping_add(1).wrapping_sub(self.engine.revision);
    }

    /// What the views show: the present, or the moment that is looked at.
    fn shown(&self) -> &Engine {
        self.past.shown().unwrap_or(&self.engine)
    }

    fn act(&mut self, input: Input) -> Option<TerminalId> {
        if self.past.is_looking() {
            return None;
        }
        self.engine.act(input, &mut self.files)
    }

    /// Time, and what happens next.
    pub fn time(&self) -> TimeView {
        present::time::time_view(self.shown())
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

    /// Moves to the next event that a learner can see and handles it, paused or not. While looking back, looks at the
    /// next moment.
    pub fn step_one(&mut self) -> Work {
        if self.past.is_looking() {
            self.past.step_forward();
            self.revision += 1;
            return Work::default();
        }
        let work = self.engine.step_one(&mut self.files);
        self.past.after_step(&self.engine);
        self.follow();
        work
    }

    /// Handles up to `max_events` events without waiting, paused or not. `more` until the cluster is quiet (what only
    /// repeats, such as an endless `-w` or a probe, does not count as change).
    pub fn run_until_quiet(&mut self, max_events: u32) -> Work {
        if self.past.is_looking() {
            return Work::default();
        }
        if let Some(command) = self.engine.replayed_command() {
            self.past.before_command(&self.engine, command);
        }
        let work = self.engine.run_until_quiet(max_events, &mut self.files);
        self.past.after_work(&self.engine);
        self.follow();
        work
    }

    /// Lets `wall_ms` pass at the current speed (nothing while paused) and handles up to `max_events` of the events that
    /// are due. When `more`, call again with `wall_ms` 0 for the rest.
    pub fn advance(&mut self, wall_ms: f64, max_events: u32) -> Work {
        if self.past.is_looking() {
            return Work::default();
        }
        if let Some(command) = self.engine.replayed_command() {
            self.past.before_command(&self.engine, command);
        }
        let work = self.engine.advance(wall_ms, max_events, &mut self.files);
        self.past.after_work(&self.engine);
        self.follow();
        work
    }

    /// Seed, files and inputs as a text, for [`Session::restore`].
    pub fn save(&self) -> String {
        self.share(Look::new())
    }

    /// The same with what the page shows, for links and files.
    pub fn share(&self, view: Look) -> String {
        let mut saved = self.engine.saved(self.seed, &self.files);
        saved.view = view;
        serde_json::to_string(&saved).unwrap_or_default()
    }

    /// Whether a text is a saved session, of this version or a later one.
    pub fn is_saved(text: &str) -> bool {
        !matches!(Saved::read(text), Err(RestoreError::Malformed))
    }

    /// What the page showed when a text was saved; empty when the text does not say.
    pub fn look_of(saved: &str) -> Look {
        Saved::read(saved)
            .map(|saved| saved.view)
            .unwrap_or_default()
    }

    /// Everything that a person made in the cluster, as one YAML text for a real one: without the fields that a server sets,
    /// in an order that applies. Empty when nothing was made.
    pub fn export_yaml(&self) -> String {
        let fresh = Engine::new(self.seed);
        present::export::export(&self.shown().cluster, &fresh.cluster)
    }

    /// Whether this is the first lesson's beginning: nothing was typed, and the files are as they were.
    pub fn is_untouched(&self) -> bool {
        let saved = self.engine.saved(self.seed, &self.files);
        let files = self.files.iter();
        self.engine.history.is_empty()
            && saved.inputs.is_empty()
            && files.eq(lab3::FILES.iter().copied())
    }

    /// Reads the files of a saved text and starts a new cluster: the way out when playing the inputs again fails.
    ///
    /// # Errors
    /// As [`Session::restore`].
    pub fn restore_files(saved: &str) -> Result<Self, RestoreError> {
        let saved = Saved::read(saved)?;
        Ok(Self::new(saved.seed, saved.files))
    }

    /// Reads a saved text. The inputs are played again with `advance`, without waiting; a list of `commands` in it comes
    /// after them, each when the cluster is quiet.
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
