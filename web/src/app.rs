//! The whole page: holds the session, lets time pass, and hands view models to the parts.

mod file_actions;
mod layout;
mod outside;
mod restart;
pub mod sharing;
mod shown;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::timers::callback::Timeout;
use petset_playground::Session;
use petset_playground::text::Language;
use petset_playground::view::{FileError, ObjectRef, ResolveView, TerminalId, Work};
use yew::prelude::*;

use crate::browser;
use crate::crash;
use crate::editor::EditorHandle;
use crate::files::{FileAction, Notice};
use crate::keep::Place;
use crate::messages::Message;
use crate::mode::Mode;
use crate::offline;
use crate::past::PastAction;
use crate::pictures::dns::Question;
use crate::preferences::{Pane, Picture, Preferences, Theme};
use crate::share::Banner;
use crate::terminal::TerminalAction;
use crate::terminal::transcript::Mark;
use crate::texts::{self, Fetch};
use crate::top_bar::TimeAction;
use restart::Restart;
use sharing::{Aside, ShareAction, Sharing};
use shown::Shown;

/// A new cluster's seed. Sessions differ by what a person does, not by chance.
const SEED: u64 = 1;
/// Work in one frame stops after this; the rest is done in the next ones.
const SLICE_MS: f64 = 8.0;
/// Events handled between two looks at the time.
const SLICE_EVENTS: u32 = 2;
/// A frame counts for no more than this: a page that was hidden does not catch up.
const LONGEST_FRAME_MS: f64 = 100.0;
/// After the last key, the file is checked.
const CHECK_DELAY_MS: u32 = 150;
/// After the last change, the session is stored.
const SAVE_DELAY_MS: u32 = 600;

/// A border of the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// Between the files and the pictures.
    Editor,
    /// Between those and the terminals.
    Upper,
    /// Between two terminals.
    Terminals,
}

/// What happens on the page.
pub enum Msg {
    /// The browser draws the next frame; its time in ms.
    Frame(f64),
    /// A file's text has changed.
    Edited,
    /// Check the open file now.
    Check,
    /// Store the session now.
    Save,
    /// In a terminal.
    Terminal(TerminalId, TerminalAction),
    /// The texts that a line asked for have come, or will not.
    Texts,
    /// The command that the page's address names.
    Mark(Option<Mark>),
    /// The texts are wanted by a list of flags.
    WantTexts,
    /// With time.
    Time(TimeAction),
    /// With the past.
    Past(PastAction),
    /// Another language.
    Language(Language),
    /// Another theme.
    Theme(Theme),
    /// A border moved.
    Resize(Border, f64),
    /// Another pane in front.
    Pane(Pane),
    /// Another picture in front.
    Picture(Picture),
    /// Show the commentary, or not.
    Commentary(bool),
    /// Look at an object, or at none.
    Select(Option<ObjectRef>),
    /// Run a command in the first terminal.
    Run(String),
    /// With the files, and with what came of it.
    Files(FileAction, Result<(), FileError>),
    /// Look a name up.
    Resolve(Question),
    /// Show the disks of a set, or all.
    DisksOf(Option<String>),
    /// Compare this set with its twin, or the first one.
    TwinOf(Option<String>),
    /// Show the places from this one on.
    First(u32),
    /// With links and files.
    Share(ShareAction),
    /// A new version of the page waits.
    UpdateWaits,
    /// Change to the version that waits.
    Update,
    /// The page around this one says something.
    Outside(Message),
    /// Ask whether to start over, or stop asking.
    AskRestart(bool),
    /// Start over.
    Restart(Restart),
}

/// The page.
pub struct App {
    session: Rc<RefCell<Session>>,
    preferences: Preferences,
    shown: Shown,
    editor: EditorHandle,
    selected: Option<ObjectRef>,
    /// What had the focus before the inspector opened.
    opener: Option<web_sys::HtmlElement>,
    answer: Option<Rc<ResolveView>>,
    notice: Option<Notice>,
    /// The last deleted file, for undo.
    deleted: Option<(String, String)>,
    first_place: u32,
    disks_of: Option<String>,
    twin_of: Option<String>,
    generation: u32,
    ahead: bool,
    asking_restart: bool,
    /// Where the session is kept.
    place: Rc<Cell<Place>>,
    update_waits: bool,
    sharing: Option<Sharing>,
    banner: Option<Banner>,
    aside: Option<Aside>,
    last_frame_ms: f64,
    frame: Option<AnimationFrame>,
    check: Option<Timeout>,
    save: Option<Timeout>,
    mark: Option<Mark>,
    texts: Fetch,
    /// Lines that wait for the texts, and those that were entered behind them.
    waiting: Vec<(TerminalId, String)>,
    mode: Mode,
    _around: Option<outside::Around>,
    _listeners: [EventListener; 2],
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let mode = Mode::of_address();
        let mut preferences = Preferences::load();
        mode.wish(&mut preferences);
        let (session, place) = if mode.embed {
            (Session::new(SEED, []), Place::Nowhere)
        } else {
            open_session()
        };
        let names = session.files();
        if preferences
            .file
            .as_ref()
            .is_none_or(|open| names.iter().all(|file| file.name != *open))
        {
            preferences.file = names.last().map(|file| file.name.clone());
        }
        let (session, place) = (Rc::new(RefCell::new(session)), Rc::new(Cell::new(place)));
        let editor = EditorHandle::default();
        let hidden = save_when_hidden(&session, &place, &editor);
        let link = ctx.link().clone();
        let moved = EventListener::new(&browser::window(), "hashchange", move |_| {
            link.send_message(Msg::Mark(Mark::of_address()));
            link.send_message(Msg::Share(ShareAction::Follow));
        });
        let mut app = Self {
            session,
            preferences,
            shown: Shown::default(),
            editor,
            selected: None,
            opener: None,
            answer: None,
            notice: None,
            deleted: None,
            first_place: 0,
            disks_of: None,
            twin_of: None,
            generation: 0,
            ahead: false,
            asking_restart: false,
            banner: (place.get() == Place::Tab).then_some(Banner::OfAnother),
            place,
            update_waits: false,
            sharing: None,
            aside: None,
            last_frame_ms: 0.0,
            frame: None,
            check: None,
            save: None,
            _around: mode.embed.then(|| outside::Around::new(ctx)),
            mark: Mark::of_address(),
            texts: Fetch::Never,
            waiting: Vec::new(),
            mode,
            _listeners: [hidden, moved],
        };
        app.apply_preferences();
        app.next_frame(ctx);
        sharing::follow(ctx);
        if !app.mode.embed {
            offline::start(ctx.link().callback(|()| Msg::UpdateWaits));
        }
        app.check_file();
        app.refresh();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Frame(now_ms) => return self.on_frame(ctx, now_ms),
            Msg::Edited => {
                self.notice = None;
                let link = ctx.link().clone();
                self.check = Some(Timeout::new(CHECK_DELAY_MS, move || {
                    link.send_message(Msg::Check)
                }));
                self.save_soon(ctx);
            }
            Msg::Texts => {
                self.texts = Fetch::Done;
                for (terminal, line) in std::mem::take(&mut self.waiting) {
                    self.session.borrow_mut().submit(terminal, &line);
                }
                self.save_soon(ctx);
            }
            Msg::Mark(mark) => self.mark = mark,
            Msg::WantTexts => {
                if self.texts == Fetch::Never {
                    self.fetch_texts(ctx);
                }
                return false;
            }
            Msg::Check => self.check_file(),
            Msg::Save => {
                self.save_now();
                return false;
            }
            Msg::Terminal(terminal, action) => self.on_terminal(ctx, terminal, action),
            Msg::Time(action) => self.on_time(action),
            Msg::Past(action) => self.on_past(ctx, action),
            Msg::Language(language) => self.prefer(|p| p.language = language),
            Msg::Theme(theme) => self.prefer(|p| p.theme = theme),
            Msg::Resize(border, percent) => self.prefer(|p| match border {
                Border::Editor => p.editor_percent = percent,
                Border::Upper => p.upper_percent = percent,
                Border::Terminals => p.terminal_percent = percent,
            }),
            Msg::Pane(pane) => self.prefer(|p| p.pane = pane),
            Msg::Picture(picture) => self.prefer(|p| p.picture = picture),
            Msg::Commentary(on) => self.prefer(|p| p.commentary = on),
            Msg::Select(object) => self.select(object),
            Msg::Run(command) => {
                self.prefer(|p| p.pane = Pane::Terminal);
                let first = self.session.borrow().terminals().first().copied();
                if let Some(terminal) = first {
                    self.on_terminal(ctx, terminal, TerminalAction::Submit(command));
                }
            }
            Msg::Files(action, result) => self.on_files(ctx, action, result),
            Msg::Resolve((from, name)) => {
                self.answer = Some(Rc::new(
                    self.session.borrow().resolve(from.as_deref(), &name),
                ));
            }
            Msg::DisksOf(set) => self.disks_of = set,
            Msg::TwinOf(set) => self.twin_of = set,
            Msg::First(first) => self.first_place = first,
            Msg::Share(action) => self.on_share(ctx, action),
            Msg::UpdateWaits => self.update_waits = true,
            Msg::Update => {
                self.save_now();
                offline::take_over();
            }
            Msg::Outside(message) => self.on_outside(ctx, &message),
            Msg::AskRestart(asking) => self.asking_restart = asking,
            Msg::Restart(restart) => self.restart(restart),
        }
        self.refresh();
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        layout::page(self, ctx)
    }
}

/// Keeps the session when the page goes out of sight, at once: it may not come back.
fn save_when_hidden(
    session: &Rc<RefCell<Session>>,
    place: &Rc<Cell<Place>>,
    editor: &EditorHandle,
) -> EventListener {
    let (session, place, editor) = (session.clone(), place.clone(), editor.clone());
    EventListener::new(&browser::document(), "visibilitychange", move |_| {
        editor.flush();
        if let Ok(session) = session.try_borrow() {
            place.get().store(&session.save());
        }
    })
}

/// The stored session; only its files when the page broke last time; the first lesson when nothing is stored.
fn open_session() -> (Session, Place) {
    let place = Place::at_start();
    let saved = place.load();
    let broken = crash::take();
    let restored = saved.and_then(|saved| {
        if broken {
            Session::restore_files(&saved).ok()
        } else {
            Session::restore(&saved).ok()
        }
    });
    (restored.unwrap_or_else(|| Session::with_lab3(SEED)), place)
}

impl App {
    fn next_frame(&mut self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        self.frame = Some(request_animation_frame(move |now_ms| {
            link.send_message(Msg::Frame(now_ms))
        }));
    }

    /// Lets time pass. Returns whether anything on the page changes.
    fn on_frame(&mut self, ctx: &Context<Self>, now_ms: f64) -> bool {
        let elapsed_ms = (now_ms - self.last_frame_ms).clamp(0.0, LONGEST_FRAME_MS);
        self.last_frame_ms = now_ms;
        let was_ahead = self.ahead;
        let work = if self.awaits_texts(ctx) {
            Work::default()
        } else {
            self.work(elapsed_ms)
        };
        if self.ahead && !work.more {
            self.ahead = false;
        }
        self.next_frame(ctx);
        self.open_asked_file();
        let session = self.session.borrow();
        let (revision, time) = (session.revision(), session.time());
        drop(session);
        if revision != self.shown.revision || was_ahead != self.ahead {
            self.refresh();
            return true;
        }
        let ticked = time.now_ms / 100 != self.shown.time.now_ms / 100;
        if ticked {
            let next_second = time.now_ms / 1000 != self.shown.time.now_ms / 1000;
            self.shown.time = time;
            if next_second && self.preferences.picture == Picture::Events {
                self.refresh();
            }
        }
        ticked
    }

    fn work(&mut self, elapsed_ms: f64) -> Work {
        let until = browser::now_ms() + SLICE_MS;
        let mut session = self.session.borrow_mut();
        let ahead = self.ahead;
        let mut slice = |wall_ms: f64| {
            if ahead {
                session.run_until_quiet(SLICE_EVENTS)
            } else {
                session.advance(wall_ms, SLICE_EVENTS)
            }
        };
        let mut work = slice(elapsed_ms);
        while work.more && browser::now_ms() < until {
            work = slice(0.0);
        }
        if self.preferences.picture == Picture::Twin {
            while session.follow_twin(SLICE_EVENTS).more && browser::now_ms() < until {}
        }
        work
    }

    fn refresh(&mut self) {
        let wanted = shown::Wanted {
            picture: self.preferences.picture,
            commentary: self.preferences.commentary,
            first_place: self.first_place,
            disks_of: self.disks_of.as_deref(),
            twin_of: self.twin_of.as_deref(),
            selected: self.selected.as_ref(),
        };
        self.shown.refresh(&self.session.borrow(), wanted);
        if self.first_place > 0
            && self
                .shown
                .sets
                .iter()
                .all(|set| set.place_count <= self.first_place)
        {
            self.first_place = 0;
            self.refresh();
        }
    }

    /// Looks at an object. When the look ends, the focus goes back to where it came from.
    fn select(&mut self, object: Option<ObjectRef>) {
        if self.selected.is_none() {
            self.opener = browser::focused();
        } else if object.is_none()
            && let Some(opener) = self.opener.take()
        {
            drop(opener.focus());
        }
        self.selected = object;
    }

    fn check_file(&mut self) {
        let found = self
            .preferences
            .file
            .as_deref()
            .map(|file| self.session.borrow().diagnostics(file))
            .unwrap_or_default();
        if *self.shown.diagnostics != found {
            self.shown.diagnostics = Rc::new(found);
        }
    }

    fn prefer(&mut self, change: impl FnOnce(&mut Preferences)) {
        change(&mut self.preferences);
        self.apply_preferences();
        if !self.mode.embed {
            self.preferences.save();
        }
    }

    fn apply_preferences(&self) {
        let words = self.preferences.language.texts();
        browser::set_root_attribute("lang", self.preferences.language.tag());
        browser::set_root_attribute("data-theme", self.preferences.theme.name());
        if self.mode.embed {
            browser::set_root_attribute("data-mode", "embed");
        }
        browser::document().set_title(words.title);
        crash::set_language(self.preferences.language);
    }

    fn save_soon(&mut self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        self.save = Some(Timeout::new(SAVE_DELAY_MS, move || {
            link.send_message(Msg::Save)
        }));
    }

    fn save_now(&mut self) {
        self.editor.flush();
        self.save = None;
        self.place.get().store(&self.session.borrow().save());
    }

    fn on_terminal(&mut self, ctx: &Context<Self>, terminal: TerminalId, action: TerminalAction) {
        if self.mode.read_only {
            return;
        }
        // A command reads the file as it stands in the editor now.
        self.editor.flush();
        if let TerminalAction::Submit(line) = &action
            && (!self.waiting.is_empty() || petset_playground::wants_texts(line))
        {
            if self.texts != Fetch::UnderWay {
                self.fetch_texts(ctx);
            }
            self.waiting.push((terminal, line.clone()));
            return;
        }
        let mut session = self.session.borrow_mut();
        match action {
            TerminalAction::Submit(line) => session.submit(terminal, &line),
            TerminalAction::Interrupt => session.interrupt(terminal),
            TerminalAction::Clear => session.clear(terminal),
            TerminalAction::Close => session.close_terminal(terminal),
            TerminalAction::OpenAnother => drop(session.open_terminal()),
        }
        drop(session);
        self.save_soon(ctx);
    }

    /// Whether the page's address names a command that the session has not.
    fn mark_is_missing(&self) -> bool {
        let looking = self.shown.past.looking_at.is_some();
        let busy = looking || self.session.borrow().is_replaying();
        self.mark
            .is_some_and(|mark| !busy && !mark.is_in(&self.shown.terminals))
    }

    fn fetch_texts(&mut self, ctx: &Context<Self>) {
        self.texts = Fetch::UnderWay;
        ctx.link().send_future(async {
            texts::fetch().await;
            Msg::Texts
        });
    }

    /// Whether a session that is played again waits for the texts of its lines. They are fetched once; without them it goes on.
    fn awaits_texts(&mut self, ctx: &Context<Self>) -> bool {
        if self.texts == Fetch::Done || !self.session.borrow().replay_wants_texts() {
            return false;
        }
        if self.texts == Fetch::Never {
            self.fetch_texts(ctx);
        }
        true
    }

    fn on_time(&mut self, action: TimeAction) {
        let mut session = self.session.borrow_mut();
        match action {
            TimeAction::Pause(paused) => session.set_paused(paused),
            TimeAction::Speed(speed) => session.set_speed(speed),
            TimeAction::Step => drop(session.step_one()),
            TimeAction::UntilQuiet => self.ahead = !self.ahead,
        }
    }

    fn on_past(&mut self, ctx: &Context<Self>, action: PastAction) {
        let mut session = self.session.borrow_mut();
        match action {
            PastAction::LookAt(moment) => session.look_at(moment),
            PastAction::LookAtMs(at_ms) => session.look_at_time(at_ms),
            PastAction::Back => session.step_back(),
            PastAction::Forward => drop(session.step_one()),
            PastAction::Continue => session.continue_from_here(),
            PastAction::Undo => session.undo_command(),
            PastAction::Return(future) => session.return_to(future),
        }
        drop(session);
        self.ahead = false;
        self.save_soon(ctx);
    }

    fn restart(&mut self, restart: Restart) {
        self.editor.flush();
        let files: Vec<(String, String)> = {
            let session = self.session.borrow();
            let texts = session.files().into_iter();
            texts
                .map(|file| {
                    (
                        file.name.clone(),
                        session.file_text(&file.name).unwrap_or_default().to_owned(),
                    )
                })
                .collect()
        };
        let session = match restart {
            Restart::KeepFiles => Session::new(SEED, files),
            Restart::Everything => {
                files.iter().for_each(|(name, _)| self.editor.forget(name));
                self.generation += 1;
                Session::with_lab3(SEED)
            }
        };
        let first = session.files().last().map(|file| file.name.clone());
        *self.session.borrow_mut() = session;
        if restart == Restart::Everything {
            self.prefer(|p| p.file = first);
        }
        self.look_anew();
        self.save_now();
    }

    /// Another session is shown: what was looked at in the one before is not there.
    fn look_anew(&mut self) {
        (self.selected, self.answer, self.notice, self.ahead) = (None, None, None, false);
        (self.asking_restart, self.first_place) = (false, 0);
        (self.disks_of, self.twin_of) = (None, None);
        self.check_file();
    }
}
