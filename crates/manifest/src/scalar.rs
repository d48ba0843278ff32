//! How a text is written as a YAML scalar: which style it allows, and the text in that style.
//!
//! upstream: go.yaml.in/yaml/v2 emitterc.go

use std::fmt::Write as _;

use crate::emit::Page;

/// A line longer than this many characters is folded at its next blank.
const WIDTH: usize = 80;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// What a text's characters allow.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent permissions"
)]
pub(crate) struct Analysis {
    /// It has line ends.
    pub(crate) multiline: bool,
    empty: bool,
    plain: bool,
    single_quoted: bool,
    block: bool,
}

impl Analysis {
    pub(crate) fn of(text: &str) -> Self {
        let chars = || text.chars();
        let pairs = || chars().zip(chars().skip(1));
        let (first, last) = (chars().next(), chars().next_back());
        let multiline = chars().any(is_break);
        let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
        let break_space = pairs().any(|(a, b)| is_break(a) && b == ' ');
        let space_break = pairs().any(|(a, b)| a == ' ' && is_break(b));
        let special = !chars().all(is_printable);
        Self {
            multiline,
            empty: text.is_empty(),
            plain: !(multiline || edge(first) || edge(last) || special || has_indicator(text)),
            single_quoted: !(break_space || space_break || special),
            block: !(text.is_empty() || last == Some(' ') || space_break || special),
        }
    }

    /// The style nearest to the wanted one that this text allows.
    pub(crate) fn style(&self, wanted: Style, simple_key: bool) -> Style {
        let mut style = wanted;
        if simple_key && self.multiline {
            style = Style::DoubleQuoted;
        }
        if style == Style::Plain && (!self.plain || self.empty && simple_key) {
            style = Style::SingleQuoted;
        }
        if style == Style::SingleQuoted && !self.single_quoted {
            style = Style::DoubleQuoted;
        }
        if style == Style::Literal && (!self.block || simple_key) {
            style = Style::DoubleQuoted;
        }
        style
    }
}

/// Whether the text holds what would mean something to YAML where it stands.
fn has_indicator(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    let blank = |c: Option<&char>| c.is_none_or(|c| matches!(c, ' ' | '\t'));
    let at_start = match chars.next() {
        None => false,
        Some(
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
            | '@' | '`',
        ) => true,
        Some('?' | ':' | '-') => blank(chars.peek()),
        Some(_) => false,
    };
    let comment = text
        .char_indices()
        .zip(text.char_indices().skip(1))
        .any(|((_, a), (_, b))| b == '#' && (a == '\t' || a == ' ' || is_break(a)));
    let mut colon = text.chars().skip(1).peekable();
    let mut key = false;
    while let Some(c) = colon.next() {
        key |= c == ':' && blank(colon.peek());
    }
    at_start || key || comment || text.starts_with("---") || text.starts_with("...")
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What is written as it is. Characters beyond the first plane are not, in this version of upstream.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

impl Page {
    /// Writes a text in a style it allows. Its further lines begin at `indent`; `fold`: whether it may have more than one.
    pub(crate) fn scalar(&mut self, text: &str, style: Style, indent: usize, fold: bool) {
        match style {
            Style::Plain => {
                if !self.blank {
                    self.put(' ');
                }
                self.flowing(text, indent, fold, false);
            }
            Style::SingleQuoted => {
                self.indicator("'", true, false, false);
                self.flowing(text, indent, fold, true);
                self.indicator("'", false, false, false);
            }
            Style::DoubleQuoted => {
                self.indicator("\"", true, false, false);
                self.escaped(text, indent, fold);
                self.indicator("\"", false, false, false);
            }
            Style::Literal => return self.literal(text, indent),
        }
        self.blank = false;
        self.indenting = false;
    }

    /// The inside of a plain or single-quoted text.
    fn flowing(&mut self, text: &str, indent: usize, fold: bool, quoted: bool) {
        let (mut spaces, mut breaks) = (false, false);
        let mut chars = text.chars().peekable();
        let mut first = true;
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            if c == ' ' {
                let inside = !quoted || (!first && next.is_some());
                if fold && !spaces && self.column > WIDTH && inside && next != Some(' ') {
                    self.start_line(indent);
                } else {
                    self.put(c);
                }
                spaces = true;
            } else if is_break(c) {
                if !breaks && c == '\n' {
                    self.line_end('\n');
                }
                self.line_end(c);
                breaks = true;
            } else {
                if breaks {
                    self.start_line(indent);
                }
                if quoted && c == '\'' {
                    self.put(c);
                }
                self.put(c);
                self.indenting = false;
                (spaces, breaks) = (false, false);
            }
            first = false;
        }
    }

    fn escaped(&mut self, text: &str, indent: usize, fold: bool) {
        let mut spaces = false;
        let mut chars = text.chars().peekable();
        let mut first = true;
        // Upstream looks for a byte order mark at the start of the text for each of its characters.
        let all = text.starts_with('\u{feff}');
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            if all || !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
                self.escape(c);
                spaces = false;
            } else if c == ' ' {
                if fold && !spaces && self.column > WIDTH && !first && next.is_some() {
                    self.start_line(indent);
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
            first = false;
        }
    }

    fn escape(&mut self, c: char) {
        let short = match c {
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0b' => 'v',
            '\x0c' => 'f',
            '\r' => 'r',
            '\x1b' => 'e',
            '"' | '\\' => c,
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => '\0',
        };
        self.put('\\');
        if short != '\0' {
            return self.put(short);
        }
        let before = self.out.len();
        // Writing to a String cannot fail.
        let _ = match u32::from(c) {
            code @ ..=0xff => write!(self.out, "x{code:02X}"),
            code @ 0x100..=0xffff => write!(self.out, "u{code:04X}"),
            code => write!(self.out, "U{code:08X}"),
        };
        self.column += self.out.len() - before;
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.indicator("|", true, false, false);
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.indicator("2", false, false, false);
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().map(is_break), from_end.next().map(is_break)) {
            (Some(true), Some(false)) => {}
            (Some(true), _) => self.indicator("+", false, false, false),
            _ => self.indicator("-", false, false, false),
        }
        self.line_end('\n');
        self.blank = true;
        let mut breaks = true;
        for c in text.chars() {
            if is_break(c) {
                self.line_end(c);
                breaks = true;
            } else {
                if breaks {
                    self.start_line(indent);
                }
                self.put(c);
                self.indenting = false;
                breaks = false;
            }
        }
    }

    fn line_end(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
        self.indenting = true;
    }
}
