//! `grep`, `head`, `cut`, `uniq` and `nl`.

use super::Program;
use super::lines::{LineFilter, Lines};
use regex_lite::{Regex, RegexBuilder};

/// A basic regular expression in the extended spelling: `\|`, `\(`, `\+` and their bare forms change places.
pub(super) fn extended(basic: &str) -> String {
    let mut out = String::new();
    let mut chars = basic.chars().peekable();
    let mut bracket = false;
    while let Some(c) = chars.next() {
        match c {
            '[' if !bracket => {
                bracket = true;
                out.push(c);
                if chars.peek() == Some(&'^') {
                    out.extend(chars.next());
                }
                if chars.peek() == Some(&']') {
                    chars.next();
                    out.push_str("\\]");
                }
            }
            ']' if bracket => {
                bracket = false;
                out.push(c);
            }
            _ if bracket => out.push(c),
            '\\' => match chars.next() {
                Some(next @ ('|' | '(' | ')' | '{' | '}' | '+' | '?')) => out.push(next),
                Some('<' | '>') => out.push_str("\\b"),
                Some(next) => {
                    out.push('\\');
                    out.push(next);
                }
                None => out.push_str("\\\\"),
            },
            '|' | '(' | ')' | '{' | '}' | '+' | '?' => {
                out.push('\\');
                out.push(c);
            }
            '*' if out.is_empty() || out == "^" => out.push_str("\\*"),
            _ => out.push(c),
        }
    }
    out
}

/// Compiles what a program takes for a pattern.
pub(super) fn regex(pattern: &str, is_extended: bool, ignore_case: bool) -> Result<Regex, String> {
    let text = if is_extended {
        pattern.to_owned()
    } else {
        extended(pattern)
    };
    RegexBuilder::new(&text)
        .case_insensitive(ignore_case)
        .build()
        .map_err(|_| format!("Invalid regular expression: {pattern}"))
}

#[derive(Clone)]
struct Grep {
    patterns: Vec<Regex>,
    invert: bool,
    count: bool,
    quiet: bool,
    only: bool,
    number: bool,
    names: bool,
    list: bool,
    before: usize,
    after: usize,
    seen: usize,
    found: usize,
    limit: usize,
    earlier: std::collections::VecDeque<(usize, String)>,
    trailing: usize,
    last_printed: usize,
}

impl Grep {
    fn print(&mut self, file: &str, number: usize, mark: char, line: &str, out: &mut String) {
        let context = self.before + self.after > 0;
        if context && self.last_printed > 0 && number > self.last_printed + 1 {
            out.push_str("--\n");
        }
        self.last_printed = number;
        if self.names {
            out.push_str(file);
            out.push(mark);
        }
        if self.number {
            out.push_str(&format!("{number}{mark}"));
        }
        out.push_str(line);
        out.push('\n');
    }
}

impl LineFilter for Grep {
    fn line(&mut self, file: &str, line: &str, out: &mut String) -> Option<i32> {
        self.seen += 1;
        let file = if file == "-" {
            "(standard input)"
        } else {
            file
        };
        let hit = self.patterns.iter().any(|p| p.is_match(line)) != self.invert;
        if !hit {
            if self.trailing > 0 {
                self.trailing -= 1;
                self.print(file, self.seen, '-', line, out);
            } else if self.before > 0 {
                self.earlier.push_back((self.seen, line.to_owned()));
                if self.earlier.len() > self.before {
                    self.earlier.pop_front();
                }
            }
            return None;
        }
        self.found += 1;
        if self.quiet {
            return Some(0);
        }
        if self.list {
            out.push_str(&format!("{file}\n"));
            return Some(0);
        }
        if !self.count {
            for (number, line) in std::mem::take(&mut self.earlier) {
                self.print(file, number, '-', &line, out);
            }
            if self.only && !self.invert {
                let pieces: Vec<String> = self
                    .patterns
                    .iter()
                    .flat_map(|p| p.find_iter(line).map(|m| m.as_str().to_owned()))
                    .filter(|piece| !piece.is_empty())
                    .collect();
                for piece in pieces {
                    self.print(file, self.seen, ':', &piece, out);
                }
            } else {
                self.print(file, self.seen, ':', line, out);
            }
            self.trailing = self.after;
        }
        (self.found >= self.limit).then(|| self.end(out))
    }

    fn end(&mut self, out: &mut String) -> i32 {
        if self.count {
            out.push_str(&format!("{}\n", self.found));
        }
        i32::from(self.found == 0)
    }
}

/// `grep`.
///
/// # Errors
/// The complaint and the exit code.
pub(super) fn grep(arguments: &[String]) -> Result<Box<dyn Program>, (String, i32)> {
    let mut options = super::options::Options::parse(arguments, "eABCmf");
    let mut patterns = options.values('e');
    if patterns.is_empty() {
        if options.operands.is_empty() {
            let usage = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.";
            return Err((usage.to_owned(), 2));
        }
        patterns.push(options.operands.remove(0));
    }
    let number = |letter| {
        options
            .value(letter)
            .or(options.value('C'))
            .and_then(|n| n.parse().ok())
            .unwrap_or(0)
    };
    let is_extended = options.has('E') || options.has('P') || arguments[0].ends_with("egrep");
    let plain = options.has('F') || arguments[0].ends_with("fgrep");
    for (letter, what) in [('f', "-f"), ('r', "-r"), ('R', "-R"), ('L', "-L")] {
        if options.has(letter) {
            return Err((format!("grep: not simulated here: {what}"), 2));
        }
    }
    let mut compiled = Vec::new();
    for pattern in patterns.iter().flat_map(|p| p.split('\n')) {
        let mut text = match (plain, is_extended) {
            (true, _) => regex_lite::escape(pattern),
            (_, true) => pattern.to_owned(),
            _ => extended(pattern),
        };
        if options.has('w') {
            text = format!(r"\b(?:{text})\b");
        }
        if options.has('x') {
            text = format!("^(?:{text})$");
        }
        match regex(&text, true, options.has('i')) {
            Ok(regex) => compiled.push(regex),
            Err(_) if is_extended && pattern.contains('(') => {
                return Err(("grep: Unmatched ( or \\(".to_owned(), 2));
            }
            Err(_) => return Err(("grep: Invalid regular expression".to_owned(), 2)),
        }
    }
    let filter = Grep {
        patterns: compiled,
        invert: options.has('v'),
        count: options.has('c'),
        quiet: options.has('q'),
        only: options.has('o'),
        number: options.has('n'),
        names: (options.operands.len() > 1 && !options.has('h')) || options.has('H'),
        list: options.has('l'),
        before: number('B'),
        after: number('A'),
        seen: 0,
        found: 0,
        limit: options
            .value('m')
            .and_then(|n| n.parse().ok())
            .unwrap_or(usize::MAX),
        earlier: std::collections::VecDeque::new(),
        trailing: 0,
        last_printed: 0,
    };
    Ok(Lines::boxed("grep", filter, options.operands))
}

#[derive(Clone)]
struct Head {
    left: usize,
    each: usize,
    many: bool,
    file: Option<String>,
}

impl LineFilter for Head {
    fn line(&mut self, file: &str, line: &str, out: &mut String) -> Option<i32> {
        if self.many && self.file.as_deref() != Some(file) {
            let gap = if self.file.is_some() { "\n" } else { "" };
            out.push_str(&format!("{gap}==> {file} <==\n"));
            self.file = Some(file.to_owned());
            self.left = self.each;
        }
        if self.left == 0 {
            return (!self.many).then_some(0);
        }
        self.left -= 1;
        out.push_str(line);
        out.push('\n');
        (self.left == 0 && !self.many).then_some(0)
    }

    fn end(&mut self, _out: &mut String) -> i32 {
        0
    }
}

/// `head`.
pub(super) fn head(arguments: &[String]) -> Result<Box<dyn Program>, (String, i32)> {
    let options = super::options::Options::parse(arguments, "nc");
    let left = super::text::count(&options, "head", 10)?;
    let filter = Head {
        left,
        each: left,
        many: options.operands.len() > 1 && !options.has('q') || options.has('v'),
        file: None,
    };
    Ok(Lines::boxed("head", filter, options.operands))
}

#[derive(Clone)]
struct Cut {
    separator: String,
    ranges: Vec<(usize, usize)>,
    characters: bool,
    only: bool,
}

impl LineFilter for Cut {
    fn line(&mut self, _file: &str, line: &str, out: &mut String) -> Option<i32> {
        let wanted = |n: usize| self.ranges.iter().any(|&(from, to)| from <= n && n <= to);
        if self.characters {
            out.extend(
                line.chars()
                    .enumerate()
                    .filter(|(i, _)| wanted(i + 1))
                    .map(|(_, c)| c),
            );
        } else if !line.contains(&self.separator) {
            if self.only {
                return None;
            }
            out.push_str(line);
        } else {
            let fields: Vec<&str> = line
                .split(self.separator.as_str())
                .enumerate()
                .filter(|(i, _)| wanted(i + 1))
                .map(|(_, field)| field)
                .collect();
            out.push_str(&fields.join(&self.separator));
        }
        out.push('\n');
        None
    }

    fn end(&mut self, _out: &mut String) -> i32 {
        0
    }
}

/// `cut`.
pub(super) fn cut(arguments: &[String]) -> Result<Box<dyn Program>, (String, i32)> {
    let options = super::options::Options::parse(arguments, "dfcb");
    let characters = options.value('c').or(options.value('b'));
    let Some(list) = characters.or(options.value('f')) else {
        let words = "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.";
        return Err((words.to_owned(), 1));
    };
    let mut ranges = Vec::new();
    for piece in list.split(',') {
        let (from, to) = piece.split_once('-').unwrap_or((piece, piece));
        let from = if from.is_empty() { Ok(1) } else { from.parse() };
        let to = if to.is_empty() {
            Ok(usize::MAX)
        } else {
            to.parse()
        };
        match (from, to) {
            (Ok(from), Ok(to)) if from > 0 => ranges.push((from, to)),
            _ => return Err((format!("cut: invalid field value '{piece}'"), 1)),
        }
    }
    let filter = Cut {
        separator: options
            .value('d')
            .filter(|d| !d.is_empty())
            .unwrap_or("\t")
            .to_owned(),
        ranges,
        characters: characters.is_some(),
        only: options.has('s'),
    };
    Ok(Lines::boxed("cut", filter, options.operands))
}

#[derive(Clone)]
struct Uniq {
    count: bool,
    repeated: bool,
    unique: bool,
    last: Option<(String, usize)>,
}

impl Uniq {
    fn flush(&mut self, out: &mut String) {
        let Some((line, times)) = self.last.take() else {
            return;
        };
        if (self.repeated && times < 2) || (self.unique && times > 1) {
            return;
        }
        if self.count {
            out.push_str(&format!("{times:>7} "));
        }
        out.push_str(&line);
        out.push('\n');
    }
}

impl LineFilter for Uniq {
    fn line(&mut self, _file: &str, line: &str, out: &mut String) -> Option<i32> {
        match &mut self.last {
            Some((last, times)) if last == line => *times += 1,
            _ => {
                self.flush(out);
                self.last = Some((line.to_owned(), 1));
            }
        }
        None
    }

    fn end(&mut self, out: &mut String) -> i32 {
        self.flush(out);
        0
    }
}

/// `uniq`.
pub(super) fn uniq(arguments: &[String]) -> Result<Box<dyn Program>, (String, i32)> {
    let options = super::options::Options::parse(arguments, "");
    let filter = Uniq {
        count: options.has('c'),
        repeated: options.has('d'),
        unique: options.has('u'),
        last: None,
    };
    Ok(Lines::boxed("uniq", filter, options.operands))
}

#[derive(Clone)]
struct Number(usize);

impl LineFilter for Number {
    fn line(&mut self, _file: &str, line: &str, out: &mut String) -> Option<i32> {
        if line.is_empty() {
            out.push_str("       \n");
        } else {
            self.0 += 1;
            out.push_str(&format!("{:>6}\t{line}\n", self.0));
        }
        None
    }

    fn end(&mut self, _out: &mut String) -> i32 {
        0
    }
}

/// `nl`.
pub(super) fn nl(arguments: &[String]) -> Result<Box<dyn Program>, (String, i32)> {
    let options = super::options::Options::parse(arguments, "b");
    Ok(Lines::boxed("nl", Number(0), options.operands))
}
