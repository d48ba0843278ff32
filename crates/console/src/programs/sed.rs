//! `sed`: `s///`, `p`, `d`, `q`, with addresses.

use super::Program;
use super::filters::regex;
use super::lines::{LineFilter, Lines};
use regex_lite::Regex;

#[derive(Clone)]
enum Address {
    Line(usize),
    Last,
    Match(Regex),
}

#[derive(Clone)]
enum Action {
    Substitute {
        regex: Regex,
        replacement: String,
        all: bool,
        print: bool,
    },
    Print,
    Delete,
    Quit,
    Append(String),
    Insert(String),
    Change(String),
}

#[derive(Clone)]
struct Rule {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    inside: bool,
    action: Action,
}

#[derive(Clone)]
struct Sed {
    rules: Vec<Rule>,
    quiet: bool,
    number: usize,
    /// A line is worked on when it is known whether it is the last one.
    held: Option<String>,
}

/// `sed`.
///
/// # Errors
/// The complaint and the exit code.
pub(super) fn sed(arguments: &[String]) -> Result<Box<dyn Program>, (String, i32)> {
    let mut options = super::options::Options::parse(arguments, "e");
    let extended = options.has('E') || options.has('r');
    let mut scripts = options.values('e');
    if scripts.is_empty() {
        if options.operands.is_empty() {
            return Err((
                "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]..."
                    .to_owned(),
                1,
            ));
        }
        scripts.push(options.operands.remove(0));
    }
    if options.has('i') {
        return Err((
            "sed: not simulated here: -i (write to another file and move it)".to_owned(),
            1,
        ));
    }
    let mut rules = Vec::new();
    for script in &scripts {
        let mut rest = script.trim_start();
        while !rest.is_empty() {
            let (rule, after) = rule(rest, extended).map_err(|words| {
                (
                    format!(
                        "sed: -e expression #1, char {}: {words}",
                        script.len() - rest.len() + 1
                    ),
                    1,
                )
            })?;
            rules.push(rule);
            rest = after.trim_start_matches([';', ' ', '\n', '\t']);
        }
    }
    let filter = Sed {
        rules,
        quiet: options.has('n'),
        number: 0,
        held: None,
    };
    Ok(Lines::boxed("sed", filter, options.operands))
}

fn address(text: &str, extended: bool) -> Result<(Option<Address>, &str), String> {
    if let Some(rest) = text.strip_prefix('$') {
        return Ok((Some(Address::Last), rest));
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let number = text[..digits].parse().unwrap_or(usize::MAX);
        return Ok((Some(Address::Line(number)), &text[digits..]));
    }
    if let Some(rest) = text.strip_prefix('/') {
        let (pattern, rest) = delimited(rest, '/').ok_or("unterminated address regex")?;
        return Ok((
            Some(Address::Match(regex(&pattern, extended, false)?)),
            rest,
        ));
    }
    Ok((None, text))
}

fn rule(text: &str, extended: bool) -> Result<(Rule, &str), String> {
    let (from, mut rest) = address(text, extended)?;
    let mut to = None;
    if from.is_some()
        && let Some(after) = rest.strip_prefix(',')
    {
        (to, rest) = address(after, extended)?;
    }
    rest = rest.trim_start();
    let negated = rest.starts_with('!');
    rest = rest.trim_start_matches('!').trim_start();
    let Some(letter) = rest.chars().next() else {
        return Err("missing command".to_owned());
    };
    let after = &rest[letter.len_utf8()..];
    let text_of = |after: &str| {
        after
            .trim_start()
            .trim_start_matches('\\')
            .trim_start_matches('\n')
            .to_owned()
    };
    let (action, rest) = match letter {
        'p' => (Action::Print, after),
        'd' => (Action::Delete, after),
        'q' => (Action::Quit, after),
        'a' => (Action::Append(text_of(after)), ""),
        'i' => (Action::Insert(text_of(after)), ""),
        'c' => (Action::Change(text_of(after)), ""),
        's' => substitute(after, extended)?,
        other => return Err(format!("unknown command: `{other}'")),
    };
    let rule = Rule {
        from,
        to,
        negated,
        inside: false,
        action,
    };
    Ok((rule, rest))
}

fn substitute(text: &str, extended: bool) -> Result<(Action, &str), String> {
    let unterminated = || "unterminated `s' command".to_owned();
    let mark = text.chars().next().ok_or_else(unterminated)?;
    let rest = &text[mark.len_utf8()..];
    let (pattern, rest) = delimited(rest, mark).ok_or_else(unterminated)?;
    let (replacement, rest) = delimited(rest, mark).ok_or_else(unterminated)?;
    let end = rest
        .find(|c: char| !"gpIi".contains(c))
        .unwrap_or(rest.len());
    let flags = &rest[..end];
    let action = Action::Substitute {
        regex: regex(&pattern, extended, flags.contains(['i', 'I']))?,
        replacement,
        all: flags.contains('g'),
        print: flags.contains('p'),
    };
    Ok((action, &rest[end..]))
}

/// The text up to `mark`, in which `\mark` stands for itself.
fn delimited(text: &str, mark: char) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == mark {
            return Some((out, &text[at + c.len_utf8()..]));
        }
        if c == '\\' {
            let (_, next) = chars.next()?;
            if next != mark {
                out.push('\\');
            }
            out.push(next);
            continue;
        }
        out.push(c);
    }
    None
}

/// The replacement of one match: `&`, `\1`, `\n`.
fn replaced(replacement: &str, captures: &regex_lite::Captures<'_>) -> String {
    let group = |n: usize| captures.get(n).map_or("", |m| m.as_str());
    let mut out = String::new();
    let mut chars = replacement.chars();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str(group(0)),
            '\\' => match chars.next() {
                Some(d) if d.is_ascii_digit() => {
                    out.push_str(group(d.to_digit(10).unwrap_or(0) as usize));
                }
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            _ => out.push(c),
        }
    }
    out
}

impl Rule {
    fn applies(&mut self, number: usize, last: bool, line: &str) -> bool {
        let hit = |address: &Address| match address {
            Address::Line(n) => *n == number,
            Address::Last => last,
            Address::Match(regex) => regex.is_match(line),
        };
        let inside = match (&self.from, &self.to) {
            (None, _) => true,
            (Some(from), None) => hit(from),
            (Some(from), Some(to)) => {
                if self.inside {
                    self.inside = !hit(to);
                    true
                } else if hit(from) {
                    self.inside = match to {
                        Address::Line(n) => *n > number,
                        Address::Last => !last,
                        Address::Match(_) => true,
                    };
                    true
                } else {
                    false
                }
            }
        };
        inside != self.negated
    }
}

impl Sed {
    fn work(&mut self, line: String, last: bool, out: &mut String) -> Option<i32> {
        self.number += 1;
        let mut line = line;
        let mut after = String::new();
        let mut quits = false;
        for rule in &mut self.rules {
            if !rule.applies(self.number, last, &line) {
                continue;
            }
            match &rule.action {
                Action::Print => out.push_str(&format!("{line}\n")),
                Action::Delete => return None,
                Action::Quit => {
                    quits = true;
                    break;
                }
                Action::Append(text) => after.push_str(&format!("{text}\n")),
                Action::Insert(text) => out.push_str(&format!("{text}\n")),
                Action::Change(text) => {
                    out.push_str(&format!("{text}\n"));
                    return None;
                }
                Action::Substitute {
                    regex,
                    replacement,
                    all,
                    print,
                } => {
                    if !regex.is_match(&line) {
                        continue;
                    }
                    let limit = if *all { 0 } else { 1 };
                    line = regex
                        .replacen(&line, limit, |captures: &regex_lite::Captures<'_>| {
                            replaced(replacement, captures)
                        })
                        .into_owned();
                    if *print {
                        out.push_str(&format!("{line}\n"));
                    }
                }
            }
        }
        if !self.quiet {
            out.push_str(&format!("{line}\n"));
        }
        out.push_str(&after);
        quits.then_some(0)
    }
}

impl LineFilter for Sed {
    fn line(&mut self, _file: &str, line: &str, out: &mut String) -> Option<i32> {
        let before = self.held.replace(line.to_owned())?;
        self.work(before, false, out)
    }

    fn end(&mut self, out: &mut String) -> i32 {
        if let Some(line) = self.held.take() {
            self.work(line, true, out);
        }
        0
    }
}
