//! What a person did, with the virtual moment of it: seed and inputs make a session.

use crate::files::Files;
use crate::session::RestoreError;
use petset_cluster::Instant;
use petset_cluster::sort;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// The version of the saved form.
const VERSION: u32 = 1;

/// The most inputs that are kept; a session with more starts anew after a reload, with its files.
const LIMIT: usize = 5_000;

/// The latest moment that a saved session may hold: a year.
const LATEST_US: u64 = 366 * 24 * 3_600 * 1_000_000;

/// The moment of an input that comes when the ones before it have ended and nothing changes any more.
pub(crate) const WHEN_QUIET: u64 = u64::MAX;

/// One thing that a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Input {
    /// A file had this text (or was gone) when the next command was given.
    File {
        /// Its name.
        name: String,
        /// Its text; `None` when it was gone.
        text: Option<String>,
    },
    /// A line was given to a terminal.
    Line {
        /// Which.
        terminal: u32,
        /// The line.
        line: String,
    },
    /// Ctrl-C in a terminal.
    Interrupt {
        /// Which.
        terminal: u32,
    },
    /// A terminal's finished blocks were forgotten.
    Clear {
        /// Which.
        terminal: u32,
    },
    /// Another terminal was opened.
    Open,
    /// A terminal was closed.
    Close {
        /// Which.
        terminal: u32,
    },
}

/// An input and when it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TimedInput {
    /// Virtual microseconds since the cluster began.
    pub at_us: u64,
    /// How many things had happened before it.
    pub ticks: u64,
    /// What was done.
    pub input: Input,
}

/// The log of a session's inputs. Snapshots of a session share it until one of them goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct InputLog {
    inputs: Rc<Vec<TimedInput>>,
    known_files: Rc<BTreeMap<String, String>>,
    overflowed: bool,
}

impl InputLog {
    /// Writes an input down, and first what became of the files since the last one.
    pub(crate) fn record(&mut self, moment: (Instant, u64), input: Input, files: &Files) {
        self.record_files(moment, files);
        self.push(moment, input);
    }

    /// Takes over an input of an earlier visit.
    pub(crate) fn repeat(&mut self, input: TimedInput) {
        self.push((Instant(input.at_us), input.ticks), input.input);
    }

    fn record_files(&mut self, moment: (Instant, u64), files: &Files) {
        let gone: Vec<String> = self
            .known_files
            .keys()
            .filter(|name| files.text(name).is_none())
            .cloned()
            .collect();
        for name in gone {
            Rc::make_mut(&mut self.known_files).remove(&name);
            self.push(moment, Input::File { name, text: None });
        }
        let changed: Vec<(String, String)> = files
            .iter()
            .filter(|(name, text)| {
                self.known_files
                    .get(*name)
                    .is_none_or(|known| known != text)
            })
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        for (name, text) in changed {
            Rc::make_mut(&mut self.known_files).insert(name.clone(), text.clone());
            self.push(
                moment,
                Input::File {
                    name,
                    text: Some(text),
                },
            );
        }
    }

    /// Takes note that a command itself changed the files: a replay will do so again.
    pub(crate) fn files_are(&mut self, files: &Files) {
        let known = self
            .known_files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        if known.eq(files
            .texts()
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())))
        {
            return;
        }
        let texts = files
            .iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned()));
        self.known_files = Rc::new(sort::map(texts));
    }

    /// Everything that was done, oldest first.
    pub(crate) fn inputs(&self) -> &[TimedInput] {
        &self.inputs
    }

    /// The lines that were given to terminals, oldest first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().filter_map(|timed| match &timed.input {
            Input::Line { line, .. } => Some(line.as_str()),
            _ => None,
        })
    }

    fn push(&mut self, (now, ticks): (Instant, u64), input: Input) {
        if self.inputs.len() < LIMIT {
            Rc::make_mut(&mut self.inputs).push(TimedInput {
                at_us: now.0,
                ticks,
                input,
            });
        } else {
            self.overflowed = true;
        }
    }
}

/// A session as it is kept between visits, in links and in files. A person may write one by hand: version and files are enough.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    version: u32,
    /// The seed of the cluster.
    #[serde(default = "first_seed")]
    pub seed: u64,
    /// The files as they are now, in the order of their tabs.
    pub files: Vec<(String, String)>,
    /// What was done, to be done again.
    #[serde(default)]
    pub inputs: VecDeque<TimedInput>,
    /// The moment of saving.
    #[serde(default)]
    pub now_us: u64,
    /// How many things had happened up to then.
    #[serde(default)]
    pub ticks: u64,
    /// Time stood still.
    #[serde(default)]
    pub paused: bool,
    /// How fast time ran.
    #[serde(default = "usual_speed")]
    pub speed: f64,
    /// Commands without a moment, given after the inputs: each when the ones before it have ended and nothing changes any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// What was looked at.
    #[serde(default, skip_serializing_if = "Look::is_empty")]
    pub view: Look,
}

/// What a page shows of a session, by name, such as the picture and the file in front.
pub type Look = BTreeMap<String, String>;

fn first_seed() -> u64 {
    1
}

fn usual_speed() -> f64 {
    1.0
}

impl Saved {
    /// The files and inputs as a value to be written. A log that overflowed is left out: half a session would be a wrong one.
    pub(crate) fn of(seed: u64, files: &Files, log: &InputLog) -> Saved {
        let inputs = if log.overflowed {
            VecDeque::new()
        } else {
            log.inputs.iter().cloned().collect()
        };
        Saved {
            version: VERSION,
            seed,
            files: files
                .iter()
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .collect(),
            inputs,
            now_us: 0,
            ticks: 0,
            paused: false,
            speed: 1.0,
            commands: Vec::new(),
            view: Look::new(),
        }
    }

    /// Turns the commands into inputs.
    pub(crate) fn take_inputs(&mut self) -> VecDeque<TimedInput> {
        let mut inputs = std::mem::take(&mut self.inputs);
        if self.commands.is_empty() {
            return inputs;
        }
        let when_quiet = |input: Input| TimedInput {
            at_us: WHEN_QUIET,
            ticks: 0,
            input,
        };
        let files = self.files.iter().map(|(name, text)| Input::File {
            name: name.clone(),
            text: Some(text.clone()),
        });
        inputs.extend(files.map(when_quiet));
        let lines = self
            .commands
            .drain(..)
            .map(|line| Input::Line { terminal: 0, line });
        inputs.extend(lines.map(when_quiet));
        (self.now_us, self.ticks) = (WHEN_QUIET, 0);
        inputs
    }

    /// Reads a saved session.
    pub(crate) fn read(text: &str) -> Result<Saved, RestoreError> {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|_| RestoreError::Malformed)?;
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if version != u64::from(VERSION) => Err(RestoreError::Version),
            _ => serde_json::from_value(value).map_err(|_| RestoreError::Malformed),
        }
        .and_then(Saved::in_time)
    }

    /// Refuses moments that no person has reached: to play up to them would never end.
    fn in_time(self) -> Result<Saved, RestoreError> {
        let moments = self.inputs.iter().map(|timed| timed.at_us);
        let far = |at_us: u64| at_us > LATEST_US && at_us != WHEN_QUIET;
        if moments.chain([self.now_us]).any(far) {
            return Err(RestoreError::Malformed);
        }
        Ok(self)
    }
}
