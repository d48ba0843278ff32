//! A second cluster of the same seed, given the visitor's inputs with each StatefulSet turned into a ReplicaSet.
//!
//! It is played only while somebody looks at it, in slices, and follows the moment that is looked at. Snapshots before the
//! inputs keep looking back short.

mod translate;

pub(crate) use translate::{controller, ordinal_name};

use crate::engine::Engine;
use crate::files::Files;
use crate::inputs::{Input, TimedInput};
use petset_cluster::store::{ChangeType, Store};
use petset_cluster::{Duration, Instant, Kind, Object};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most pods that a twin is played with.
pub(crate) const MAX_PODS: usize = 300;

/// How many snapshots are kept; beyond that every second one goes.
const SNAPSHOTS: usize = 32;

/// How many commands are remembered as they were given.
const STEPS: usize = 6;

/// A twin that is not farther back than this counts as where the session is.
const BLINK: Duration = Duration::secs(1);

/// A twin as far as it has been played.
#[derive(Clone)]
struct State {
    engine: Engine,
    files: Files,
    /// How many inputs it has been given.
    given: usize,
    /// The latest command lines, as typed and as played.
    steps: Vec<(String, String)>,
    /// The lines of a here-document that has not ended, with the word that ends it.
    open: Option<(String, Vec<String>)>,
}

/// The twin of a session.
pub(crate) struct Twin {
    state: State,
    /// What it was given, as it was typed.
    played: Vec<TimedInput>,
    /// States before some of the inputs, oldest first.
    snapshots: Vec<State>,
}

impl Twin {
    /// A twin that has been given nothing yet.
    pub(crate) fn new(seed: u64) -> Twin {
        let state = State {
            engine: Engine::new(seed),
            files: Files::default(),
            given: 0,
            steps: Vec::new(),
            open: None,
        };
        Twin {
            snapshots: vec![state.clone()],
            state,
            played: Vec::new(),
        }
    }

    /// Follows `shown`, doing at most `max_events`. Returns how many it did, and whether there are more to do.
    pub(crate) fn follow(&mut self, shown: &Engine, max_events: u32) -> (u32, bool) {
        let (inputs, now) = (shown.inputs(), shown.cluster.now());
        self.go_back_to(inputs, now);
        let mut events = 0;
        loop {
            let next = inputs.get(self.state.given);
            let at = next.map_or(now, |timed| Instant(timed.at_us).min(now));
            let state = &mut self.state;
            let (done, reached) =
                state
                    .engine
                    .catch_up(at, max_events.saturating_sub(events), &mut state.files);
            events += done;
            if !reached {
                return (events, true);
            }
            let Some(timed) = next else {
                return (events, false);
            };
            self.give(timed);
            events += 1;
        }
    }

    /// Whether it has everything that `shown` has had, or will have it within a blink.
    pub(crate) fn is_at(&self, shown: &Engine) -> bool {
        let (inputs, now) = (shown.inputs(), shown.cluster.now());
        let own = self.state.engine.cluster.now();
        self.played == inputs && own <= now && now.since(own) < BLINK
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.state.engine
    }

    /// The latest commands, as typed and as played.
    pub(crate) fn steps(&self) -> &[(String, String)] {
        &self.state.steps
    }

    /// Takes the latest snapshot that lies on the way to this moment, unless the present state does.
    fn go_back_to(&mut self, inputs: &[TimedInput], now: Instant) {
        let same = self.played.iter().zip(inputs).take_while(|(a, b)| a == b);
        let same = same.count();
        let fits = |state: &State| state.given <= same && state.engine.cluster.now() <= now;
        if fits(&self.state) {
            return;
        }
        if let Some(at) = self.snapshots.iter().rposition(fits) {
            self.snapshots.truncate(at + 1);
            self.state = self.snapshots[at].clone();
        }
        self.played.truncate(self.state.given);
    }

    fn give(&mut self, timed: &TimedInput) {
        if matches!(timed.input, Input::Line { .. }) && self.state.open.is_none() {
            self.snapshots.push(self.state.clone());
            if self.snapshots.len() > SNAPSHOTS {
                let mut index = 0;
                self.snapshots.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
            }
        }
        self.played.push(timed.clone());
        self.state.give(&timed.input);
    }
}

impl State {
    fn give(&mut self, input: &Input) {
        self.given += 1;
        match input {
            Input::File { name, text } => {
                let text = text.as_deref().map(translate::manifest);
                let name = name.clone();
                self.act(Input::File { name, text });
            }
            Input::Line { terminal, line } => self.give_line(*terminal, line),
            other => self.act(other.clone()),
        }
    }

    fn act(&mut self, input: Input) {
        self.engine.act(input, &mut self.files);
    }

    /// A here-document is translated as a whole, once its last line has come.
    fn give_line(&mut self, terminal: u32, line: &str) {
        if let Some((end, mut lines)) = self.open.take() {
            if line.trim() != end {
                lines.push(line.to_owned());
                self.open = Some((end, lines));
                return;
            }
            let text = translate::manifest(&lines.join("\n"));
            for line in text.lines().map(str::to_owned).chain([end]) {
                self.act(Input::Line { terminal, line });
            }
            return;
        }
        let store = self.engine.cluster.store();
        let places = Places::of(store);
        let played = translate::line(line, store, |set, ordinal| places.pod(set, ordinal));
        if let Some(end) = translate::here_document(line) {
            self.open = Some((end, Vec::new()));
        }
        if !line.trim().is_empty() {
            if self.steps.len() == STEPS {
                self.steps.remove(0);
            }
            self.steps
                .push((line.trim().to_owned(), played.trim().to_owned()));
        }
        self.act(Input::Line {
            terminal,
            line: played,
        });
    }
}

/// A pod's uid and name.
type Standing = (Rc<str>, String);

/// Which pod of a ReplicaSet stands in the place of which ordinal: each new pod takes the lowest place that is free, and a
/// place is free from the moment in which its pod is asked to go.
#[derive(Default)]
pub(crate) struct Places {
    /// By the set's name: the pods' uids and names.
    by_set: BTreeMap<String, Vec<Option<Standing>>>,
}

impl Places {
    /// As the watch log tells it.
    pub(crate) fn of(store: &Store) -> Places {
        let mut places = Places::default();
        for change in store
            .changes_since(store.oldest_version())
            .into_iter()
            .flatten()
        {
            if change.object.kind() == Kind::Pod {
                places.note(change.change, &change.object);
            }
        }
        places
    }

    /// Takes a change of a pod into account. Returns the pod's place, if it has or had one.
    pub(crate) fn note(&mut self, change: ChangeType, pod: &Object) -> Option<usize> {
        let set = controller(pod, "ReplicaSet")?;
        let places = self.by_set.entry(set.to_owned()).or_default();
        let of_pod =
            |place: &Option<Standing>| place.as_ref().is_some_and(|(uid, _)| **uid == *pod.uid());
        let own = places.iter().position(of_pod);
        let leaves = change == ChangeType::Deleted || pod.is_terminating();
        match (own, leaves) {
            (Some(place), true) => places[place] = None,
            (None, false) => {
                let free = places.iter().position(Option::is_none);
                let place = free.unwrap_or(places.len());
                if place == places.len() {
                    places.push(None);
                }
                places[place] = Some((pod.uid().into(), pod.name().to_owned()));
                return Some(place);
            }
            _ => {}
        }
        own
    }

    fn pod(&self, set: &str, ordinal: u32) -> Option<String> {
        let place = self.by_set.get(set)?.get(usize::try_from(ordinal).ok()?)?;
        place.as_ref().map(|(_, name)| name.clone())
    }
}
