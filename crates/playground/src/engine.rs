//! What runs behind a session: the cluster, the terminals, and the time that moves both.

mod quiet;

use crate::clock::Clock;
use crate::files::Files;
use crate::inputs::{Input, InputLog, Saved, TimedInput, WHEN_QUIET};
use crate::present::dns::{Published, published};
use crate::present::{self, Since};
use crate::seat::Seat;
use crate::texts::wants_texts;
use crate::view::{TerminalId, Work};
use petset_cluster::{Cluster, Config, Duration, Instant};
use petset_console::Effect;
use petset_console::images::Images;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// How many terminals may be open.
const MAX_TERMINALS: usize = 2;

/// A command's wait of up to this long is the length of a request; it is not waited for on the wall, nor while time stands still.
const REQUEST: Duration = Duration::millis(250);

/// So far may requests run ahead of the wall for each line that is given: an endless loop of requests does not race.
const LEAD: Duration = Duration::secs(3);

/// When nothing has changed for this long, a cluster counts as quiet: what still happens only repeats.
const QUIET: Duration = Duration::secs(15);

/// The same while pods come or go: their grace periods and back-offs may be long.
const QUIET_WITH_PODS: Duration = Duration::secs(600);

/// A command that goes on this often without any change in the cluster only repeats.
const REPEATS: u32 = 100;

/// So long is waited for quiet before the next command of a list is given: what crashes again and again is never quiet.
const PATIENCE: Duration = Duration::secs(600);

/// The most events that one step passes over.
const STEP_EVENTS: u32 = 10_000;

/// How many lines of history are kept.
const HISTORY: usize = 1_000;

/// The running part of a session.
#[derive(Clone)]
pub(crate) struct Engine {
    pub(crate) cluster: Cluster,
    pub(crate) clock: Clock,
    pub(crate) since: Since,
    /// The moment of the last command, and what DNS gave out then.
    pub(crate) before: Rc<(Instant, Published)>,
    pub(crate) history: Vec<Rc<str>>,
    pub(crate) revision: u64,
    seats: Vec<Seat>,
    next_terminal: u32,
    log: InputLog,
    replay: VecDeque<TimedInput>,
    /// The moment of saving, with the number of things that had happened; `None` when no replay is under way.
    replay_until: Option<(Instant, u64)>,
    /// The moment of the last input of the replay.
    replayed_at: Instant,
    /// The files of the replay; the editor shows those of the moment of saving all the while.
    replay_files: Files,
    /// What was done during a replay, to be done after it.
    meanwhile: VecDeque<Input>,
    /// How many things have happened; with the moment it says where between two of them an input came.
    ticks: u64,
    /// Up to when requests may run ahead of the wall.
    lead_until: Instant,
    last_change: (u64, Instant),
    /// How often commands went on since then.
    repeats: u32,
    /// Whether pods come or go, with the version of the store that this was found in.
    moving: Cell<(u64, bool)>,
    /// How far the places of sets go.
    pub(crate) ends: RefCell<present::set::Ends>,
    to_open: Option<String>,
}

impl Engine {
    /// A new cluster of three nodes, and one terminal.
    pub(crate) fn new(seed: u64) -> Engine {
        let cluster = Cluster::new(
            Config {
                seed,
                ..Config::default()
            },
            Images::new(),
        );
        let version = cluster.store().resource_version();
        let mut engine = Engine {
            since: Since {
                resource_version: version,
            },
            before: Rc::default(),
            last_change: (version, cluster.now()),
            cluster,
            clock: Clock::default(),
            history: Vec::new(),
            revision: 0,
            seats: Vec::new(),
            next_terminal: 0,
            log: InputLog::default(),
            replay: VecDeque::new(),
            replay_until: None,
            replayed_at: Instant::ZERO,
            replay_files: Files::default(),
            meanwhile: VecDeque::new(),
            ticks: 0,
            lead_until: Instant::ZERO,
            repeats: 0,
            moving: Cell::new((version, false)),
            ends: RefCell::default(),
            to_open: None,
        };
        engine.open();
        engine
    }

    /// A session that does again what was done; the inputs come in [`Engine::advance`].
    pub(crate) fn replaying(saved: &mut Saved) -> Engine {
        let mut engine = Engine::new(saved.seed);
        engine.replay = saved.take_inputs();
        engine.replay_until = Some((Instant(saved.now_us), saved.ticks));
        engine.clock.set_speed(saved.speed);
        engine.clock.set_paused(saved.paused);
        engine
    }

    /// Everything done so far, what a replay has yet to do included.
    pub(crate) fn saved(&self, seed: u64, files: &Files) -> Saved {
        let (now, ticks) = self
            .replay_until
            .unwrap_or((self.cluster.now(), self.ticks));
        let mut saved = Saved::of(seed, files, &self.log);
        saved.inputs.extend(self.replay.iter().cloned());
        saved
            .inputs
            .extend(self.meanwhile.iter().map(|input| TimedInput {
                at_us: now.0,
                ticks,
                input: input.clone(),
            }));
        (saved.now_us, saved.ticks) = (now.0, ticks);
        (saved.paused, saved.speed) = (self.clock.paused(), self.clock.speed());
        saved
    }

    /// Whether a replay is not through yet.
    pub(crate) fn is_replaying(&self) -> bool {
        self.replay_until.is_some()
    }

    /// Grows with everything that happens in the cluster or is printed.
    pub(crate) fn version(&self) -> u64 {
        self.revision
    }

    /// Whether a line that a replay has yet to give may ask for the texts, which are not there.
    pub(crate) fn replay_wants_texts(&self) -> bool {
        self.replay.iter().any(|timed| match &timed.input {
            Input::Line { line, .. } => wants_texts(line),
            _ => false,
        })
    }

    /// The command that a replay gives next, once everything before it has happened.
    pub(crate) fn replayed_command(&self) -> Option<&str> {
        let next = self.replay.front()?;
        match &next.input {
            Input::Line { line, .. } if self.is_time_for(next.at_us, next.ticks) => Some(line),
            _ => None,
        }
    }

    /// Whether everything before an input of this moment has happened.
    fn is_time_for(&self, at_us: u64, ticks: u64) -> bool {
        let waited = || self.cluster.now().since(self.replayed_at) >= PATIENCE;
        self.ticks >= ticks && (at_us != WHEN_QUIET || self.is_quiet() || waited())
    }

    /// What was done up to now.
    pub(crate) fn inputs(&self) -> &[TimedInput] {
        self.log.inputs()
    }

    /// How many lines had been given at `at`.
    pub(crate) fn lines_given_at(&self, at: Instant) -> usize {
        let given = self.log.inputs().iter();
        let lines = given.filter(|timed| matches!(timed.input, Input::Line { .. }));
        lines.take_while(|timed| timed.at_us <= at.0).count()
    }

    /// Lets everything happen up to `at`, at most `max_events` of it. Returns how many it was, and whether `at` is reached.
    pub(crate) fn catch_up(
        &mut self,
        at: Instant,
        max_events: u32,
        files: &mut Files,
    ) -> (u32, bool) {
        for done in 0..max_events {
            if !self.tick(at, files) {
                return (done, true);
            }
        }
        (max_events, false)
    }

    /// The lines that were given up to now.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.log.lines()
    }

    /// Takes the place of `present`: time goes on as it does there, and what was typed there can be found again.
    pub(crate) fn succeed(&mut self, present: &Engine) {
        self.clock = present.clock.clone();
        self.clock.forget_owed();
        self.history.clone_from(&present.history);
        self.to_open = None;
        // A moment of a replay had the rest of it before it; that has been played since.
        (self.replay, self.replay_until) = (VecDeque::new(), None);
        self.meanwhile.clear();
    }

    pub(crate) fn terminals(&self) -> Vec<TerminalId> {
        self.seats.iter().map(Seat::id).collect()
    }

    pub(crate) fn seat(&self, id: TerminalId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.id() == id)
    }

    fn seat_mut(&mut self, id: TerminalId) -> Option<&mut Seat> {
        self.seats.iter_mut().find(|seat| seat.id() == id)
    }

    fn open(&mut self) -> Option<TerminalId> {
        if self.seats.len() >= MAX_TERMINALS {
            return None;
        }
        let id = TerminalId(self.next_terminal);
        self.next_terminal += 1;
        self.seats.push(Seat::new(id));
        self.revision += 1;
        Some(id)
    }

    /// Does one thing that a person did, and writes it down. What was done before a reload comes first.
    pub(crate) fn act(&mut self, input: Input, files: &mut Files) -> Option<TerminalId> {
        if self.is_replaying() {
            self.meanwhile.push_back(input);
            return None;
        }
        let moment = (self.cluster.now(), self.ticks);
        self.log.record(moment, input.clone(), files);
        self.perform(input, files)
    }

    fn perform(&mut self, input: Input, files: &mut Files) -> Option<TerminalId> {
        self.revision += 1;
        match input {
            Input::File { name, text } => {
                files.work(|texts| match text {
                    Some(text) => texts.insert(name, text),
                    None => texts.remove(&name),
                });
                self.log.files_are(files);
                None
            }
            Input::Line { terminal, line } => {
                self.submit(TerminalId(terminal), &line);
                None
            }
            Input::Interrupt { terminal } => {
                let id = TerminalId(terminal);
                let Engine { seats, cluster, .. } = self;
                let seat = seats.iter_mut().find(|seat| seat.id() == id)?;
                files.work(|texts| seat.interrupt(cluster, texts));
                None
            }
            Input::Clear { terminal } => {
                if let Some(seat) = self.seat_mut(TerminalId(terminal)) {
                    seat.clear();
                }
                None
            }
            Input::Open => self.open(),
            Input::Close { terminal } => {
                if self.seats.len() > 1 {
                    let id = TerminalId(terminal);
                    let Engine { seats, cluster, .. } = self;
                    if let Some(seat) = seats.iter_mut().find(|seat| seat.id() == id) {
                        files.work(|texts| seat.interrupt(cluster, texts));
                    }
                    self.seats.retain(|seat| seat.id() != id);
                }
                None
            }
        }
    }

    fn submit(&mut self, id: TerminalId, line: &str) {
        let version = self.cluster.store().resource_version();
        let trimmed = line.trim();
        if !trimmed.is_empty() && self.history.last().is_none_or(|last| &**last != trimmed) {
            if self.history.len() == HISTORY {
                self.history.remove(0);
            }
            self.history.push(trimmed.into());
        }
        self.lead_until = self.cluster.now() + LEAD;
        self.repeats = 0;
        let Some(seat) = self.seat_mut(id) else {
            return;
        };
        let starts = !seat.is_running();
        seat.submit(line);
        if starts {
            self.since = Since {
                resource_version: version,
            };
            let published = published(self.cluster.server());
            self.before = Rc::new((self.cluster.now(), published));
        }
    }

    /// Lets wall time pass and does up to `max_events` of what is due.
    pub(crate) fn advance(&mut self, wall_ms: f64, max_events: u32, files: &mut Files) -> Work {
        let mut work = Work::default();
        if self.is_replaying() {
            work.events = self.replay_slice(max_events);
            if self.is_replaying() {
                return Work { more: true, ..work };
            }
            while let Some(input) = self.meanwhile.pop_front() {
                self.act(input, files);
            }
        }
        self.clock.pass(wall_ms);
        while work.events < max_events {
            let now = self.cluster.now();
            let limit = self.clock.due(now).max(self.request_limit());
            let moved = self.tick(limit, files);
            self.clock.moved(now, self.cluster.now());
            if !moved {
                return work;
            }
            work.events += 1;
        }
        Work { more: true, ..work }
    }

    /// Moves to the next event that changes something that can be seen, whatever the clock says.
    pub(crate) fn step_one(&mut self, files: &mut Files) -> Work {
        if self.is_replaying() {
            return self.advance(0.0, STEP_EVENTS, files);
        }
        let mut work = Work::default();
        let version = self.cluster.store().resource_version();
        let output = self.output_size();
        while work.events < STEP_EVENTS && !self.is_quiet() && self.tick(Instant(u64::MAX), files) {
            work.events += 1;
            if self.cluster.store().resource_version() != version || self.output_size() != output {
                break;
            }
        }
        work
    }

    /// Does up to `max_events` of what happens until nothing changes any more.
    pub(crate) fn run_until_quiet(&mut self, max_events: u32, files: &mut Files) -> Work {
        if self.is_replaying() {
            let work = self.advance(0.0, max_events, files);
            return Work { more: true, ..work };
        }
        let mut work = Work::default();
        while work.events < max_events {
            if self.is_quiet() || !self.tick(Instant(u64::MAX), files) {
                return work;
            }
            work.events += 1;
        }
        Work { more: true, ..work }
    }

    /// Does the next thing that comes up to `limit`. Without one, time moves to `limit`.
    fn tick(&mut self, limit: Instant, files: &mut Files) -> bool {
        if self.poll_seats(files) {
            self.ticks += 1;
            return true;
        }
        let now = self.cluster.now();
        match self.next_due() {
            Some(next) if next <= limit => {
                let of_cluster = self
                    .cluster
                    .next_event()
                    .is_some_and(|(at, _)| at <= next.max(now));
                if of_cluster {
                    self.cluster.step();
                } else {
                    self.cluster.run_until(next);
                    self.repeats = self.repeats.saturating_add(1);
                }
                self.note_change();
                self.ticks += 1;
                true
            }
            _ => {
                if limit > now && limit.0 != u64::MAX {
                    self.cluster.run_until(limit);
                }
                false
            }
        }
    }

    /// Lets every command go on whose time has come.
    fn poll_seats(&mut self, files: &mut Files) -> bool {
        let Engine { seats, cluster, .. } = self;
        let (mut went_on, mut effects) = (false, Vec::new());
        for seat in seats {
            let (changed, asked) = files.work(|texts| seat.poll(cluster, texts));
            went_on |= changed;
            effects.extend(asked);
        }
        if went_on {
            self.log.files_are(files);
            self.repeats = self.repeats.saturating_add(1);
            self.note_change();
        }
        for effect in effects {
            if let Effect::OpenEditor(file) = effect {
                self.to_open = Some(file);
            }
        }
        went_on
    }

    /// The file that a command asks to be shown.
    pub(crate) fn take_file_to_open(&mut self) -> Option<String> {
        self.to_open.take()
    }

    fn note_change(&mut self) {
        self.revision += 1;
        let version = self.cluster.store().resource_version();
        if version != self.last_change.0 {
            self.last_change = (version, self.cluster.now());
            self.repeats = 0;
        }
    }

    fn output_size(&self) -> usize {
        self.seats.iter().map(Seat::output_size).sum()
    }

    /// Does up to `max_events` of what comes before the next input of a replay, or that input; at last what came between
    /// the last input and the moment of saving.
    fn replay_slice(&mut self, max_events: u32) -> u32 {
        let mut files = std::mem::take(&mut self.replay_files);
        let mut done = 0;
        while done < max_events
            && let Some(end) = self.replay_until
        {
            done += 1;
            // A command begins a slice of its own, so that the moment before it can be kept.
            if done > 1 && self.replayed_command().is_some() {
                break;
            }
            let next = self.replay.front();
            let (at, ticks) = next.map_or(end, |timed| (Instant(timed.at_us), timed.ticks));
            if !self.is_time_for(at.0, ticks) && self.tick(at, &mut files) {
                continue;
            }
            if self.cluster.now() < at && at.0 != WHEN_QUIET {
                self.cluster.run_until(at);
            }
            match self.replay.pop_front() {
                Some(mut timed) => {
                    if timed.at_us == WHEN_QUIET {
                        (timed.at_us, timed.ticks) = (self.cluster.now().0, self.ticks);
                    }
                    self.replayed_at = self.cluster.now();
                    self.log.repeat(timed.clone());
                    self.perform(timed.input, &mut files);
                }
                None => self.replay_until = None,
            }
        }
        self.replay_files = files;
        // The page was asked for this before the reload.
        self.to_open = None;
        done
    }
}
