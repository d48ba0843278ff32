//! The prompt: a native text field with history, search, completion and a suggestion.
//!
//! The field's text belongs to the browser. It is read on input and written only when a person asks for it with a key
//! (history, completion), never while an input method composes.

use std::rc::Rc;

use petset_playground::view::{Completion, PromptState};
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, HtmlInputElement};
use yew::prelude::*;

use crate::browser;
use crate::icons::{Icon, icon};
use crate::words::use_words;

use super::Cursor;

/// See [`Prompt`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The field's id.
    pub id: AttrValue,
    /// What it waits for.
    pub state: PromptState,
    /// Take the focus when the page opens.
    pub autofocus: bool,
    /// The next command of the lesson.
    pub suggestion: Option<AttrValue>,
    /// Lines typed so far, oldest first.
    pub history: Rc<Vec<Rc<str>>>,
    /// What Tab offers.
    pub complete: Callback<Cursor, Completion>,
    /// A line was entered.
    pub onsubmit: Callback<String>,
    /// Ctrl-C.
    pub oninterrupt: Callback<()>,
    /// Ctrl-L.
    pub onclear: Callback<()>,
}

/// What happens in the prompt.
pub enum Msg {
    /// The text changed.
    Input,
    /// A key went down.
    Key(KeyboardEvent),
    /// A text with several lines was pasted.
    Paste(String),
    /// The suggestion's button.
    Accept,
    /// A candidate was chosen with the pointer.
    Choose(usize),
    /// The focus left.
    Blur,
}

struct Menu {
    completion: Completion,
    /// Where the cursor stood, as a byte offset.
    cursor: usize,
    line: String,
    chosen: Option<usize>,
}

/// The prompt.
pub struct Prompt {
    input: NodeRef,
    typed: String,
    /// How far back in the history; 0 is the line being written.
    back: usize,
    draft: String,
    /// Searching: how many matches to pass over.
    search: Option<usize>,
    menu: Option<Menu>,
    /// After Escape, Tab moves on.
    leaving: bool,
}

impl Component for Prompt {
    type Message = Msg;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self {
            input: NodeRef::default(),
            typed: String::new(),
            back: 0,
            draft: String::new(),
            search: None,
            menu: None,
            leaving: false,
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first_render: bool) {
        if first_render
            && ctx.props().autofocus
            && let Some(input) = self.field()
        {
            drop(input.focus());
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Input => {
                self.typed = self.value();
                self.menu = None;
                self.leaving = false;
                if self.search.is_some() {
                    self.search = Some(0);
                }
                true
            }
            Msg::Key(event) => self.key(ctx, &event),
            Msg::Paste(text) => {
                self.paste(ctx, &text);
                true
            }
            Msg::Accept => {
                self.accept(ctx.props());
                if let Some(input) = self.field() {
                    drop(input.focus());
                }
                true
            }
            Msg::Choose(index) => {
                self.choose(index);
                self.menu = None;
                true
            }
            Msg::Blur => self.menu.take().is_some(),
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        html! { <PromptView id={ctx.props().id.clone()} state={ctx.props().state} look={Rc::new(self.look(ctx.props()))}
        input={self.input.clone()} link={Link(ctx.link().clone())} /> }
    }
}

impl Prompt {
    fn field(&self) -> Option<HtmlInputElement> {
        self.input.cast()
    }

    fn value(&self) -> String {
        self.field().map(|input| input.value()).unwrap_or_default()
    }

    fn write(&mut self, text: &str, cursor: usize) {
        if let Some(input) = self.field() {
            input.set_value(text);
            let units = text[..cursor].encode_utf16().count() as u32;
            drop(input.set_selection_range(units, units));
        }
        self.typed = text.to_owned();
    }

    /// The cursor as a byte offset in the text.
    fn cursor(&self) -> usize {
        let text = self.value();
        let units = self
            .field()
            .and_then(|input| input.selection_end().ok().flatten())
            .unwrap_or(u32::MAX) as usize;
        let mut seen = 0;
        let at = text.char_indices().find(|(_, c)| {
            let here = seen >= units;
            seen += c.len_utf16();
            here
        });
        at.map_or(text.len(), |(byte, _)| byte)
    }

    /// What follows the typed text in the suggestion.
    fn ghost<'a>(&self, props: &'a Props) -> Option<&'a str> {
        let rest = props
            .suggestion
            .as_deref()?
            .strip_prefix(self.typed.as_str())?;
        (props.state == PromptState::Ready && self.search.is_none() && !rest.is_empty())
            .then_some(rest)
    }

    fn accept(&mut self, props: &Props) -> bool {
        if self.ghost(props).is_none() {
            return false;
        }
        let Some(suggestion) = props.suggestion.clone() else {
            return false;
        };
        self.write(&suggestion, suggestion.len());
        true
    }

    fn key(&mut self, ctx: &Context<Self>, event: &KeyboardEvent) -> bool {
        // While an input method composes, every key belongs to it; 229 is what older browsers send then.
        if event.is_composing() || event.key_code() == 229 {
            return false;
        }
        let props = ctx.props();
        let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
        let handled = match event.key().as_str() {
            "Enter" => self.enter(props),
            "Tab" if !event.shift_key() => self.tab(props),
            "ArrowRight" | "End" => {
                self.cursor() == self.typed.len() && (self.take_search(props) || self.accept(props))
            }
            "ArrowUp" => self.up(props),
            "ArrowDown" => self.down(props),
            "Escape" => self.escape(),
            "c" if control && !browser::has_selection() && !self.has_marked() => {
                self.interrupt(props)
            }
            "l" if control => {
                props.onclear.emit(());
                true
            }
            "r" if control => self.search_on(props),
            _ => false,
        };
        if handled {
            event.prevent_default();
            event.stop_propagation();
        }
        handled
    }

    fn has_marked(&self) -> bool {
        self.field()
            .is_some_and(|input| input.selection_start().ok() != input.selection_end().ok())
    }

    fn enter(&mut self, props: &Props) -> bool {
        if let Some(index) = self.menu.as_ref().and_then(|menu| menu.chosen) {
            self.choose(index);
            self.menu = None;
            return true;
        }
        self.take_search(props);
        self.submit(props);
        true
    }

    fn submit(&mut self, props: &Props) {
        let line = self.value();
        self.write("", 0);
        self.back = 0;
        self.menu = None;
        props.onsubmit.emit(line);
    }

    fn paste(&mut self, ctx: &Context<Self>, text: &str) {
        let at = self.cursor();
        let whole = format!(
            "{}{}{}",
            &self.typed[..at],
            text.replace("\r\n", "\n"),
            &self.typed[at..]
        );
        let mut lines: Vec<&str> = whole.split('\n').collect();
        let rest = lines.pop().unwrap_or_default().to_owned();
        for line in lines {
            // Tutorials print a prompt before each command.
            let line = line.strip_prefix("$ ").unwrap_or(line);
            ctx.props().onsubmit.emit(line.to_owned());
        }
        self.write(&rest, rest.len());
        self.back = 0;
    }

    fn interrupt(&mut self, props: &Props) -> bool {
        self.write("", 0);
        self.search = None;
        self.menu = None;
        self.back = 0;
        props.oninterrupt.emit(());
        true
    }

    fn escape(&mut self) -> bool {
        let open = self.menu.take().is_some() | self.search.take().is_some();
        self.leaving = !open;
        true
    }

    fn up(&mut self, props: &Props) -> bool {
        if self.menu.is_some() {
            return self.move_in_menu(-1);
        }
        if self.search.is_some() {
            return self.search_on(props);
        }
        if self.back < props.history.len() {
            if self.back == 0 {
                self.draft = self.value();
            }
            self.back += 1;
            self.write_history(props);
        }
        true
    }

    fn down(&mut self, props: &Props) -> bool {
        if self.menu.is_some() {
            return self.move_in_menu(1);
        }
        if self.back > 0 {
            self.back -= 1;
            self.write_history(props);
        }
        true
    }

    fn write_history(&mut self, props: &Props) {
        let line = match props
            .history
            .len()
            .checked_sub(self.back)
            .and_then(|at| props.history.get(at))
        {
            Some(line) if self.back > 0 => line.to_string(),
            _ => self.draft.clone(),
        };
        // A field has one line; a command of several lines comes back with `;`-free spaces.
        let line = line.replace('\n', " ");
        self.write(&line, line.len());
    }

    fn search_on(&mut self, props: &Props) -> bool {
        self.menu = None;
        self.search = Some(match self.search {
            Some(skip) if self.found(props, skip + 1).is_some() => skip + 1,
            Some(skip) => skip,
            None => 0,
        });
        true
    }

    fn found<'a>(&self, props: &'a Props, skip: usize) -> Option<&'a str> {
        if self.typed.is_empty() {
            return None;
        }
        props
            .history
            .iter()
            .rev()
            .map(|line| &**line)
            .filter(|line| line.contains(&self.typed))
            .nth(skip)
    }

    /// Ends a search, with what it found in the field. False when there was none.
    fn take_search(&mut self, props: &Props) -> bool {
        let Some(skip) = self.search.take() else {
            return false;
        };
        if let Some(line) = self.found(props, skip).map(|line| line.replace('\n', " ")) {
            self.write(&line, line.len());
        }
        true
    }

    fn tab(&mut self, props: &Props) -> bool {
        if self.leaving {
            self.leaving = false;
            return false;
        }
        if self.menu.is_some() {
            return self.move_in_menu(1);
        }
        if self.take_search(props) || (self.typed.is_empty() && self.accept(props)) {
            return true;
        }
        let (line, cursor) = (self.value(), self.cursor());
        let completion = props.complete.emit((line.clone(), cursor));
        let menu = Menu {
            completion,
            cursor,
            line,
            chosen: None,
        };
        let candidates = &menu.completion.candidates;
        let single = candidates.len() == 1;
        let common = common_prefix(candidates.iter().map(|candidate| candidate.text.as_str()));
        let grows = menu.completion.from <= cursor && common.len() > cursor - menu.completion.from;
        if single || grows {
            let end = if single && !common.ends_with(['=', '/']) {
                " "
            } else {
                ""
            };
            self.replace(&menu, &format!("{common}{end}"));
        } else if !candidates.is_empty() {
            self.menu = Some(menu);
        }
        true
    }

    fn replace(&mut self, menu: &Menu, text: &str) {
        let (Some(before), Some(after)) = (
            menu.line.get(..menu.completion.from),
            menu.line.get(menu.cursor..),
        ) else {
            return;
        };
        let whole = format!("{before}{text}{after}");
        self.write(&whole, before.len() + text.len());
    }

    fn choose(&mut self, index: usize) {
        let Some(menu) = self.menu.take() else { return };
        if let Some(candidate) = menu.completion.candidates.get(index) {
            self.replace(&menu, &candidate.text);
        }
        self.menu = Some(menu);
    }

    fn move_in_menu(&mut self, by: isize) -> bool {
        let Some(menu) = &mut self.menu else {
            return false;
        };
        let count = menu.completion.candidates.len() as isize;
        let next = match menu.chosen {
            Some(at) => (at as isize + by).rem_euclid(count.max(1)),
            None if by < 0 => count - 1,
            None => 0,
        };
        menu.chosen = Some(next as usize);
        self.choose(next as usize);
        true
    }

    fn look(&self, props: &Props) -> Look {
        let search = self
            .search
            .map(|skip| self.found(props, skip).map(str::to_owned));
        Look {
            typed: self.typed.clone(),
            ghost: self.ghost(props).map(str::to_owned),
            suggestion: props.suggestion.clone(),
            search,
            candidates: self.menu.as_ref().map(|menu| {
                menu.completion
                    .candidates
                    .iter()
                    .map(|c| c.text.clone())
                    .collect()
            }),
            chosen: self.menu.as_ref().and_then(|menu| menu.chosen),
        }
    }
}

/// A pasted text that has several lines; the browser pastes a single line itself.
fn pasted_lines(event: &Event) -> Option<String> {
    let data = event.dyn_ref::<ClipboardEvent>()?.clipboard_data()?;
    let text = data
        .get_data("text/plain")
        .ok()
        .filter(|text| text.contains('\n'))?;
    event.prevent_default();
    Some(text)
}

/// The longest text that all begin with.
fn common_prefix<'a>(mut all: impl Iterator<Item = &'a str>) -> String {
    let mut common = all.next().unwrap_or_default().to_owned();
    for text in all {
        let same = common
            .char_indices()
            .zip(text.chars())
            .find(|((_, a), b)| a != b);
        let end = same.map_or(common.len().min(text.len()), |((at, _), _)| at);
        common.truncate(end);
    }
    common
}

#[derive(PartialEq)]
struct Look {
    typed: String,
    ghost: Option<String>,
    suggestion: Option<AttrValue>,
    /// Searching, with what was found.
    search: Option<Option<String>>,
    candidates: Option<Vec<String>>,
    chosen: Option<usize>,
}

#[derive(Clone)]
struct Link(html::Scope<Prompt>);

impl PartialEq for Link {
    /// A prompt's link never changes.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[derive(Properties, PartialEq)]
struct ViewProps {
    id: AttrValue,
    state: PromptState,
    look: Rc<Look>,
    input: NodeRef,
    link: Link,
}

#[component]
fn PromptView(props: &ViewProps) -> Html {
    let words = use_words();
    let (look, link) = (&props.look, &props.link.0);
    let mark = match props.state {
        PromptState::Continuation => ">",
        PromptState::Ready | PromptState::Running => "$",
    };
    let list_id = format!("{}-list", props.id);
    let active = look.chosen.map(|at| format!("{list_id}-{at}"));
    let onpaste = link.batch_callback(|event: Event| pasted_lines(&event).map(Msg::Paste));
    let hint = match (&look.ghost, &look.suggestion) {
        (Some(_), Some(suggestion)) => (words.suggestion)(suggestion),
        _ => String::new(),
    };
    html! {
        <div class="prompt-area">
            if let Some(found) = &look.search {
                <p class="search" role="status">
                    <span class="search-label">{ words.search_history }</span>
                    <code>{ found.as_deref().unwrap_or(words.search_none) }</code>
                </p>
            }
            <div class="prompt-line">
                <span class="prompt-mark" aria-hidden="true">{ mark }</span>
                <div class="prompt-field">
                    <input ref={props.input.clone()} id={props.id.clone()} type="text" data-part="prompt" class="prompt-input"
                        name="command" aria-label={words.terminal_input} aria-describedby={format!("{0}-hint {0}-keys", props.id)}
                        role="combobox" aria-autocomplete="list" aria-expanded={look.candidates.is_some().to_string()}
                        aria-controls={list_id.clone()} aria-activedescendant={active}
                        autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" enterkeyhint="go"
                        oninput={link.callback(|_: InputEvent| Msg::Input)} onkeydown={link.callback(Msg::Key)}
                        onblur={link.callback(|_: FocusEvent| Msg::Blur)} {onpaste} />
                    if let Some(ghost) = &look.ghost {
                        <span class="ghost" data-part="ghost">
                            <span class="ghost-typed" aria-hidden="true">{ &look.typed }</span>
                            <span class="ghost-rest" aria-hidden="true">{ ghost }</span>
                            <button type="button" class="accept" title={words.suggestion_accept} aria-label={words.suggestion_accept}
                                data-part="accept" onclick={link.callback(|_: MouseEvent| Msg::Accept)}>{ icon(Icon::Accept) }</button>
                        </span>
                    }
                </div>
            </div>
            <ul id={list_id.clone()} class="candidates" role="listbox" aria-label={words.candidates} hidden={look.candidates.is_none()}>
                { for look.candidates.iter().flatten().enumerate().map(|(at, text)| html! {
                    <li id={format!("{list_id}-{at}")} role="option" aria-selected={(look.chosen == Some(at)).to_string()}
                        onpointerdown={link.callback(move |event: PointerEvent| {
                            event.prevent_default();
                            Msg::Choose(at)
                        })}>{ text }</li>
                }) }
            </ul>
            <p id={format!("{}-hint", props.id)} class="visually-hidden">{ hint }</p>
            <p id={format!("{}-keys", props.id)} class="visually-hidden">{ words.terminal_keys }</p>
        </div>
    }
}
