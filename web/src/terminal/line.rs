//! What is being typed at a prompt: the field's text, walking and searching the history, and the list of candidates.
//!
//! Keys are decided on at once, inside the event, because only then can the browser be kept from acting on them.

use petset_playground::view::{Candidate, Completion, PromptState};
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use super::prompt::Props;
use crate::browser;

struct Menu {
    completion: Completion,
    /// Where the cursor stood, as a byte offset.
    cursor: usize,
    line: String,
    chosen: Option<usize>,
}

/// A line being written.
#[derive(Default)]
pub(super) struct Line {
    pub input: NodeRef,
    pub typed: String,
    /// How far back in the history; 0 is the line being written.
    back: usize,
    draft: String,
    /// Searching: how many matches to pass over.
    search: Option<usize>,
    menu: Option<Menu>,
    /// After Escape, Tab moves on.
    leaving: bool,
}

impl Line {
    /// The text has changed under a person's hands.
    pub fn changed(&mut self) {
        self.typed = self.value();
        self.menu = None;
        self.leaving = false;
        if self.search.is_some() {
            self.search = Some(0);
        }
    }

    /// Takes a candidate that was pressed, and closes the list.
    pub fn press(&mut self, index: usize) {
        self.choose(index);
        self.menu = None;
    }

    /// The focus has left.
    pub fn blur(&mut self) {
        self.menu = None;
    }

    /// While searching: what is found, if anything.
    pub fn searched<'a>(&self, props: &'a Props) -> Option<Option<&'a str>> {
        self.search.map(|skip| self.found(props, skip))
    }

    /// The open list.
    pub fn candidates(&self) -> Option<&[Candidate]> {
        Some(&self.menu.as_ref()?.completion.candidates)
    }

    /// The candidate that stands in the field now.
    pub fn chosen(&self) -> Option<usize> {
        self.menu.as_ref()?.chosen
    }

    /// Puts the cursor into the field.
    pub fn focus(&self) {
        if let Some(input) = self.field() {
            drop(input.focus());
        }
    }

    /// The field in the page.
    pub fn field(&self) -> Option<HtmlInputElement> {
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
    pub fn ghost<'a>(&self, props: &'a Props) -> Option<&'a str> {
        let rest = props
            .suggestion
            .as_deref()?
            .strip_prefix(self.typed.as_str())?;
        (props.state == PromptState::Ready && self.search.is_none() && !rest.is_empty())
            .then_some(rest)
    }

    pub fn accept(&mut self, props: &Props) -> bool {
        if self.ghost(props).is_none() {
            return false;
        }
        let Some(suggestion) = props.suggestion.clone() else {
            return false;
        };
        self.write(&suggestion, suggestion.len());
        true
    }

    pub fn key(&mut self, props: &Props, event: &KeyboardEvent) -> bool {
        // While an input method composes, every key belongs to it; 229 is what older browsers send then.
        if event.is_composing() || event.key_code() == 229 {
            return false;
        }
        // What is typed waits while the page looks at something that was.
        if props.state == PromptState::LookingBack {
            return false;
        }
        let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
        match event.key().as_str() {
            "Enter" => self.enter(props),
            "Tab" if !event.shift_key() => self.tab(props),
            "ArrowRight" | "End" => {
                self.cursor() == self.typed.len() && (self.take_search(props) || self.accept(props))
            }
            "ArrowUp" => self.up(props),
            "ArrowDown" => self.down(props),
            "Escape" => self.escape(),
            _ if control => match letter(event).as_str() {
                "c" if !browser::has_selection() && !self.has_marked() => self.interrupt(props),
                "l" => {
                    props.onclear.emit(());
                    true
                }
                "r" => self.search_on(props),
                _ => false,
            },
            _ => false,
        }
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

    pub fn paste(&mut self, props: &Props, text: &str) {
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
            props.onsubmit.emit(line.to_owned());
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
            return self.move_in_menu(props, -1);
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
            return self.move_in_menu(props, 1);
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
            return self.move_in_menu(props, 1);
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

    /// What describes flags comes with the first list of them: asked again, the list has it.
    fn describe(&mut self, props: &Props) {
        let Some(menu) = &mut self.menu else { return };
        let all = &menu.completion.candidates;
        if menu.chosen.is_none() && all.iter().all(|one| one.description.is_empty()) {
            menu.completion = props.complete.emit((menu.line.clone(), menu.cursor));
        }
    }

    fn move_in_menu(&mut self, props: &Props, by: isize) -> bool {
        self.describe(props);
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
}

/// The letter on the key. With a Korean layout the key's own text is no letter; then its place on the keyboard counts.
fn letter(event: &KeyboardEvent) -> String {
    let key = event.key().to_lowercase();
    if key.is_ascii() {
        key
    } else {
        event.code().trim_start_matches("Key").to_lowercase()
    }
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
