//! Looking back: moments of a session that are kept, and the futures that were left behind.
//!
//! A moment is a snapshot. The cluster's objects are persistent maps, so what did not change between two moments is held once;
//! the rest is copied, which is why moments have a weight and their number a bound.

use crate::engine::Engine;
use crate::view::{FutureView, MomentView, PastView};
use petset_cluster::{Duration, Instant, Kind};
use std::rc::Rc;

/// So much virtual time lies between two moments that are kept while time runs by itself.
const SPACING: Duration = Duration::millis(100);

/// The sum of the weights that are kept. A moment of a small cluster weighs 1.
const LIMIT: usize = 400;

/// So many pods add 1 to the weight of a moment.
const PODS_PER_WEIGHT: usize = 50;

/// With more pods than this only the moments before commands are kept: a snapshot then takes longer than a frame.
const MANY_PODS: usize = 1_000;

/// How many futures that were left behind can be returned to.
const FUTURES: usize = 3;

/// A state that can be looked at again.
#[derive(Clone)]
struct Moment {
    engine: Engine,
    /// The command that was given in this state.
    command: Option<Rc<str>>,
    weight: usize,
}

/// A present that was left, with the moments since the one from which another way was taken.
#[derive(Clone)]
struct Future {
    moments: Vec<Moment>,
    engine: Engine,
    /// The moments that both ways share.
    shared: Vec<Moment>,
}

/// Everything that was, oldest first.
#[derive(Clone, Default)]
pub(crate) struct Past {
    moments: Vec<Moment>,
    futures: Vec<Future>,
    looking_at: Option<usize>,
}

impl Past {
    /// The engine that is looked at, if not the present one.
    pub(crate) fn shown(&self) -> Option<&Engine> {
        Some(&self.moments.get(self.looking_at?)?.engine)
    }

    /// Whether something that was is looked at.
    pub(crate) fn is_looking(&self) -> bool {
        self.looking_at.is_some()
    }

    /// Keeps the present, in which `command` is about to be given.
    pub(crate) fn before_command(&mut self, present: &Engine, command: &str) {
        let command = command.trim();
        if command.is_empty() {
            return;
        }
        // The same state, kept a moment ago without a command, need not be kept twice.
        if self.moments.last().is_some_and(|last| {
            last.command.is_none() && last.engine.version() == present.version()
        }) {
            self.moments.pop();
        }
        self.keep(present, Some(command.into()));
    }

    /// Keeps the present if enough has happened since the last moment.
    pub(crate) fn after_work(&mut self, present: &Engine) {
        self.after(present, SPACING);
    }

    /// Keeps the present if anything has happened since the last moment.
    pub(crate) fn after_step(&mut self, present: &Engine) {
        self.after(present, Duration::ZERO);
    }

    fn after(&mut self, present: &Engine, spacing: Duration) {
        let (since, version) = match self.moments.last() {
            Some(last) => (last.engine.cluster.now(), last.engine.version()),
            None => (Instant::ZERO, 0),
        };
        let now = present.cluster.now();
        if version != present.version() && now.since(since) >= spacing && pods(present) <= MANY_PODS
        {
            self.keep(present, None);
        }
    }

    fn keep(&mut self, present: &Engine, command: Option<Rc<str>>) {
        self.moments.push(Moment {
            engine: present.clone(),
            command,
            weight: 1 + pods(present) / PODS_PER_WEIGHT,
        });
        while self.weight() > LIMIT && self.moments.len() > 2 {
            self.thin();
        }
    }

    fn weight(&self) -> usize {
        self.moments.iter().map(|moment| moment.weight).sum()
    }

    /// Drops every second of the older moments, those without a command first.
    fn thin(&mut self) {
        let old = self.moments.len() * 3 / 4;
        let before = self.moments.len();
        let mut seen = 0;
        let mut index = 0;
        self.moments.retain(|moment| {
            index += 1;
            if index > old || moment.command.is_some() {
                return true;
            }
            seen += 1;
            seen % 2 == 0
        });
        if self.moments.len() == before {
            self.moments.remove(0);
        }
    }

    /// Looks at a moment; `None` and a number beyond the last one are the present.
    pub(crate) fn look_at(&mut self, moment: Option<usize>) {
        self.looking_at = moment.filter(|index| *index < self.moments.len());
    }

    /// Looks at the moment before the one that is looked at.
    pub(crate) fn step_back(&mut self, present: &Engine) {
        let at = self.looking_at.unwrap_or_else(|| {
            // The last moment may be the present itself.
            let same = self
                .moments
                .last()
                .is_some_and(|last| last.engine.version() == present.version());
            self.moments.len() - usize::from(same && self.moments.len() > 1)
        });
        self.look_at(at.checked_sub(1).or(self.looking_at));
    }

    /// Looks at the moment after the one that is looked at, at last at the present.
    pub(crate) fn step_forward(&mut self) {
        self.look_at(self.looking_at.map(|at| at + 1));
    }

    /// Makes the moment that is looked at the present. What was the present becomes a future to which one can return.
    /// Returns the new present; `None` when nothing is looked at.
    pub(crate) fn continue_from_here(&mut self, present: &Engine) -> Option<Engine> {
        let at = self.looking_at.take()?;
        let engine = self.moments.get(at)?.engine.clone();
        let left = self.moments.split_off(at);
        self.leave(left, present);
        Some(engine)
    }

    fn leave(&mut self, moments: Vec<Moment>, present: &Engine) {
        if self.futures.len() == FUTURES {
            self.futures.remove(0);
        }
        self.futures.push(Future {
            moments,
            engine: present.clone(),
            shared: self.moments.clone(),
        });
    }

    /// Goes back to a future that was left; the present takes its place among the futures.
    /// Returns the new present; `None` when there is no such future.
    pub(crate) fn return_to(&mut self, future: usize, present: &Engine) -> Option<Engine> {
        if future >= self.futures.len() {
            return None;
        }
        let Future {
            moments,
            engine,
            shared,
        } = self.futures.remove(future);
        self.looking_at = None;
        let left = self
            .moments
            .get(shared.len()..)
            .unwrap_or_default()
            .to_vec();
        self.moments = shared;
        self.leave(left, present);
        self.moments.extend(moments);
        Some(engine)
    }

    /// The moment before the last command, if there is one.
    pub(crate) fn before_last_command(&self) -> Option<usize> {
        let end = self.looking_at.unwrap_or(self.moments.len());
        self.moments[..end]
            .iter()
            .rposition(|moment| moment.command.is_some())
    }

    /// What the page draws of it.
    pub(crate) fn view(&self) -> PastView {
        let moment = |moment: &Moment| MomentView {
            at_ms: moment.engine.cluster.now().as_millis(),
            command: moment.command.clone(),
        };
        let future = |future: &Future| FutureView {
            at_ms: future.engine.cluster.now().as_millis(),
            command: future
                .moments
                .iter()
                .find_map(|moment| moment.command.clone()),
        };
        PastView {
            limit: LIMIT,
            moments: self.moments.iter().map(moment).collect(),
            looking_at: self.looking_at,
            futures: self.futures.iter().map(future).collect(),
            last_command: self
                .before_last_command()
                .and_then(|at| self.moments[at].command.clone()),
        }
    }
}

fn pods(engine: &Engine) -> usize {
    engine.cluster.store().count(Kind::Pod)
}
