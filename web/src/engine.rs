//! A session without a page: runs what the cells of another page ask for, and tells what came of it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use petset_playground::view::{Block, PromptState, SetView, Stream, TerminalId};
use petset_playground::{Look, Session};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::browser;
use crate::messages::{self, Message, object, tell};
use crate::pictures::meaning_name;
use crate::texts::{self, Fetch};

const SEED: u64 = 1;
/// Between two slices while something runs, and while time only passes.
const BUSY_MS: u32 = 16;
const IDLE_MS: u32 = 200;
/// Work in one slice stops after this.
const SLICE_MS: f64 = 10.0;
const SLICE_EVENTS: u32 = 16;
/// A job that runs longer than this lets the next one begin beside it.
const LONG_MS: f64 = 2_000.0;
/// The most that a cell is told of one command's output, in bytes; its end.
const OUTPUT_LIMIT: usize = 100_000;
/// The most sets and places of a small picture.
const SETS: usize = 4;
const PLACES: u32 = 12;

/// What a cell asked to be run.
struct Job {
    id: f64,
    lines: VecDeque<String>,
}

/// A job in a terminal.
struct Running {
    job: Job,
    terminal: TerminalId,
    /// The newest block of the terminal before this job.
    after: Option<u64>,
    since_ms: f64,
    told: usize,
}

struct Engine {
    session: Session,
    queue: VecDeque<Job>,
    running: Vec<Running>,
    pictures: bool,
    pictured: u64,
    last_ms: f64,
    timer: Option<Timeout>,
    texts: Fetch,
}

type Shared = Rc<RefCell<Engine>>;

/// Waits for messages of the page around, for as long as this page lives.
pub fn start() {
    let engine = Rc::new(RefCell::new(Engine {
        session: Session::new(SEED, []),
        queue: VecDeque::new(),
        running: Vec::new(),
        pictures: false,
        pictured: 0,
        last_ms: browser::now_ms(),
        timer: None,
        texts: Fetch::Never,
    }));
    let listener = messages::listen(move |message| {
        engine.borrow_mut().take(&message);
        if engine.borrow_mut().asks_for_texts() {
            let again = engine.clone();
            spawn_local(async move {
                texts::fetch().await;
                again.borrow_mut().texts = Fetch::Done;
                work(&again);
            });
        }
        work(&engine);
    });
    listener.forget();
    tell("ready", &[("version", env!("CARGO_PKG_VERSION").into())]);
}

/// Does a slice of work, and comes back later while there is more.
fn work(engine: &Shared) {
    let pause_ms = engine.borrow_mut().slice();
    let again = engine.clone();
    let timer = pause_ms.map(|pause_ms| Timeout::new(pause_ms, move || work(&again)));
    engine.borrow_mut().timer = timer;
}

impl Engine {
    fn take(&mut self, message: &Message) {
        let id = message.number("id");
        match message.text("type").as_str() {
            "open" => self.open(id, &message.text("session")),
            "file" => self.set_file(message.text("name"), message.text("text")),
            "run" => self.queue.push_back(Job {
                id,
                lines: message.texts("lines").into(),
            }),
            "stop" => self.stop(id),
            "speed" => self.session.set_speed(message.number("speed")),
            "picture" => {
                self.pictures = message.is("on");
                self.pictured = 0;
            }
            "share" => {
                let session = self.session.share(Look::new());
                tell("session", &[("id", id.into()), ("session", session.into())]);
            }
            _ => {}
        }
    }

    fn open(&mut self, id: f64, saved: &str) {
        let opened = Session::restore(saved);
        let ok = opened.is_ok();
        if let Ok(session) = opened {
            (self.session, self.pictured) = (session, 0);
            self.queue.clear();
            self.running.clear();
        }
        tell("opened", &[("id", id.into()), ("ok", ok.into())]);
    }

    /// Whether a line that waits may ask for the texts, for the first time: nothing goes on until they are there.
    fn asks_for_texts(&mut self) -> bool {
        let mut lines = self.queue.iter().flat_map(|job| &job.lines);
        let asks = self.texts == Fetch::Never
            && (self.session.replay_wants_texts()
                || lines.any(|line| petset_playground::wants_texts(line)));
        if asks {
            self.texts = Fetch::UnderWay;
        }
        asks
    }

    fn set_file(&mut self, name: String, text: String) {
        let known = self.session.file_text(&name).is_some();
        let set = if known {
            self.session.set_file_text(&name, text)
        } else {
            self.session.add_file(&name, text)
        };
        if set.is_err() {
            tell("refused", &[("name", name.into())]);
        }
    }

    fn stop(&mut self, id: f64) {
        if let Some(at) = self.queue.iter().position(|job| job.id == id) {
            self.queue.remove(at);
            tell("done", &[("id", id.into()), ("code", 130.into())]);
        }
        if let Some(running) = self.running.iter_mut().find(|running| running.job.id == id) {
            running.job.lines.clear();
            self.session.interrupt(running.terminal);
        }
    }

    /// Lets time pass and jobs go on. Returns when to come back.
    fn slice(&mut self) -> Option<u32> {
        if self.texts == Fetch::UnderWay {
            return None;
        }
        let now_ms = browser::now_ms();
        let mut wall_ms = now_ms - std::mem::replace(&mut self.last_ms, now_ms);
        let until = now_ms + SLICE_MS;
        loop {
            self.begin(now_ms);
            self.feed();
            let more = self.session.advance(wall_ms, SLICE_EVENTS).more;
            wall_ms = 0.0;
            if !more || browser::now_ms() >= until {
                break;
            }
        }
        self.tell_output();
        self.tell_pictures();
        if !self.running.is_empty() || !self.queue.is_empty() {
            Some(BUSY_MS)
        } else if self.session.time().quiet {
            None
        } else {
            Some(IDLE_MS)
        }
    }

    /// Begins the next job in a terminal that is free.
    fn begin(&mut self, now_ms: f64) {
        let held_up = self
            .running
            .iter()
            .any(|running| now_ms - running.since_ms < LONG_MS);
        if held_up || self.queue.is_empty() || self.session.is_replaying() {
            return;
        }
        let is_free = |id: &TerminalId| self.running.iter().all(|running| running.terminal != *id);
        let free = self.session.terminals().into_iter().find(is_free);
        let Some(terminal) = free.or_else(|| self.session.open_terminal()) else {
            return;
        };
        if let Some(job) = self.queue.pop_front() {
            let blocks = self.session.terminal(terminal).map(|view| view.blocks);
            self.running.push(Running {
                after: blocks.and_then(|blocks| blocks.last().map(|block| block.id)),
                job,
                terminal,
                since_ms: now_ms,
                told: usize::MAX,
            });
        }
    }

    /// Gives each job's next line to its terminal, once the terminal takes one.
    fn feed(&mut self) {
        for running in &mut self.running {
            while self.session.takes_line(running.terminal) {
                let Some(line) = running.job.lines.pop_front() else {
                    break;
                };
                self.session.submit(running.terminal, &line);
                // The line is taken up in the next slice; until then the terminal may look free.
                self.session.advance(0.0, 1);
            }
        }
    }

    fn tell_output(&mut self) {
        let mut ended = Vec::new();
        for running in &mut self.running {
            let Some(view) = self.session.terminal(running.terminal) else {
                continue;
            };
            if view.prompt == PromptState::Continuation && running.job.lines.is_empty() {
                self.session.interrupt(running.terminal);
                continue;
            }
            let blocks = view
                .blocks
                .iter()
                .filter(|block| Some(block.id) > running.after);
            let blocks: Vec<&Rc<Block>> = blocks.collect();
            let size = blocks.iter().map(|block| size_of(block)).sum();
            if size != running.told {
                running.told = size;
                let blocks: js_sys::Array = blocks.iter().map(|block| block_value(block)).collect();
                tell(
                    "output",
                    &[("id", running.job.id.into()), ("blocks", blocks.into())],
                );
            }
            if view.prompt == PromptState::Ready && running.job.lines.is_empty() {
                let code = blocks
                    .last()
                    .and_then(|block| block.exit_code)
                    .unwrap_or_default();
                ended.push((running.job.id, code));
            }
        }
        for (id, code) in ended {
            self.running.retain(|running| running.job.id != id);
            tell("done", &[("id", id.into()), ("code", code.into())]);
        }
    }

    fn tell_pictures(&mut self) {
        if !self.pictures || self.pictured == self.session.revision() {
            return;
        }
        self.pictured = self.session.revision();
        let sets = self.session.set_views(0, PLACES);
        let sets: js_sys::Array = sets.iter().take(SETS).map(set_value).collect();
        tell("picture", &[("sets", sets.into())]);
    }
}

/// Grows with what a block shows.
fn size_of(block: &Block) -> usize {
    let text: usize = block.chunks.iter().map(|chunk| chunk.text.len()).sum();
    1 + text + usize::from(block.exit_code.is_some())
}

fn block_value(block: &Rc<Block>) -> JsValue {
    let mut left = OUTPUT_LIMIT;
    let mut parts = Vec::new();
    for chunk in block.chunks.iter().rev() {
        let mut start = chunk.text.len().saturating_sub(left);
        while !chunk.text.is_char_boundary(start) {
            start += 1;
        }
        let text = &chunk.text[start..];
        left = left.saturating_sub(text.len());
        let error = chunk.stream == Stream::Stderr;
        parts.push(object(&[("text", text.into()), ("error", error.into())]));
        if left == 0 {
            break;
        }
    }
    let parts: js_sys::Array = parts.into_iter().rev().collect();
    let code = block.exit_code.map_or(JsValue::NULL, JsValue::from);
    object(&[
        ("command", block.command.as_str().into()),
        ("parts", parts.into()),
        ("code", code),
    ])
}

fn set_value(set: &SetView) -> JsValue {
    let places: js_sys::Array = set
        .places
        .iter()
        .map(|place| {
            let status = place
                .pod
                .as_ref()
                .map(|pod| pod.status.as_str())
                .unwrap_or_default();
            let claims = place
                .claims
                .iter()
                .filter(|claim| claim.claim.is_some())
                .count();
            object(&[
                ("name", place.pod_name.as_str().into()),
                ("status", status.into()),
                ("meaning", meaning_name(place.meaning).into()),
                ("claims", (claims as u32).into()),
            ])
        })
        .collect();
    object(&[
        ("name", set.object.name.as_str().into()),
        ("ready", set.ready.into()),
        ("replicas", set.replicas.into()),
        ("places", places.into()),
        ("count", set.place_count.into()),
    ])
}
