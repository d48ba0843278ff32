//! `sed`.

mod parse;

use super::options::Options;
use super::{Io, Program};
use crate::command::{Poll, Until};
use parse::{Action, Address, Rule, parse};
use std::collections::VecDeque;
use std::sync::Arc;

/// How much is printed before others get their turn, in bytes.
const CHUNK: usize = 1 << 16;

/// How many commands run for one line.
const STEP_LIMIT: usize = 20_000;

/// How long a text may become, in bytes.
const TEXT_LIMIT: usize = 1 << 20;

/// What a script knows between lines.
#[derive(Clone, Default)]
struct State {
    number: usize,
    hold: String,
    /// For each rule with a range: whether it is inside, and the line that ends it if that is known.
    ranges: Vec<(bool, usize)>,
    /// What `D` has left.
    kept: Option<String>,
    lines: VecDeque<String>,
    quit: Option<i32>,
}

/// Why a line was not finished.
enum Stop {
    /// More input is needed.
    Wait,
    Error(&'static str),
}

#[derive(Clone)]
struct Sed {
    rules: Arc<Vec<Rule>>,
    quiet: bool,
    /// `-i`: files are changed, the old ones kept with this at their names' end.
    in_place: Option<String>,
    separate: bool,
    files: VecDeque<String>,
    /// The file that is worked on, with `-i` or `-s`.
    file: Option<String>,
    reads_input: bool,
    state: State,
    failed: bool,
}

/// `sed`.
///
/// # Errors
/// The complaint and the exit code.
pub(super) fn sed(arguments: &[String]) -> Result<Box<dyn Program>, (String, i32)> {
    let mut in_place = None;
    let mut rest = Vec::new();
    for argument in arguments {
        match argument
            .strip_prefix("-i")
            .or(argument.strip_prefix("--in-place="))
        {
            Some(suffix) if in_place.is_none() => in_place = Some(suffix.to_owned()),
            _ if argument == "--in-place" => in_place = Some(String::new()),
            _ => rest.push(argument.clone()),
        }
    }
    let mut options = Options::parse(&rest, "ef");
    if options.has('f') {
        return Err((
            "sed: not simulated here: -f (give the script itself)".to_owned(),
            1,
        ));
    }
    let extended = options.has('E') || options.has('r');
    let mut scripts = options.values('e');
    if scripts.is_empty() {
        if options.operands.is_empty() {
            let usage = "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...";
            return Err((usage.to_owned(), 1));
        }
        scripts.push(options.operands.remove(0));
    }
    let script = scripts.join("\n");
    let rules = parse(&script, extended).map_err(|(at, words)| {
        let words = match at {
            usize::MAX => format!(
                "sed: -e expression #1, char {}: {words}",
                script.chars().count()
            ),
            _ if words.starts_with("not simulated") => format!("sed: {words}"),
            _ => format!("sed: -e expression #1, char {at}: {words}"),
        };
        (words, 1)
    })?;
    Ok(Box::new(Sed {
        quiet: options.has('n'),
        separate: options.has('s') || in_place.is_some(),
        in_place,
        reads_input: options.operands.is_empty(),
        files: options.operands.into(),
        file: None,
        state: State {
            ranges: vec![(false, 0); rules.len()],
            ..State::default()
        },
        rules: Arc::new(rules),
        failed: false,
    }))
}

impl Program for Sed {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        loop {
            if io.stdout.len() > CHUNK || *io.budget == 0 {
                return Poll::Pending(Until::Time(io.system.now()));
            }
            *io.budget = io.budget.saturating_sub(20);
            if self.state.lines.is_empty() && !self.reads_input {
                if let Some(file) = self.files.pop_front() {
                    self.open(&file, io);
                    continue;
                }
                if self.file.is_none() || self.state.kept.is_none() {
                    return self.end();
                }
            }
            while !self.separate && !self.files.is_empty() && self.state.lines.len() < 2 {
                // The last line is known when there is no further file with a line.
                let file = self.files.pop_front().unwrap_or_default();
                self.open(&file, io);
            }
            if self.reads_input {
                self.take_input(io);
            }
            let closed = !self.reads_input || io.stdin.closed;
            if self.state.lines.is_empty() && self.state.kept.is_none() {
                if closed {
                    return self.end();
                }
                return Poll::Pending(Until::Input);
            }
            if !closed && self.state.lines.len() < 2 {
                return Poll::Pending(Until::Input);
            }
            let before = (!closed).then(|| self.state.clone());
            let mut out = String::new();
            match self.cycle(closed, &mut out) {
                Ok(()) => self.print(&out, io),
                Err(Stop::Error(words)) => return io.fail(&format!("sed: {words}"), 1),
                Err(Stop::Wait) => {
                    if let Some(before) = before {
                        self.state = before;
                    }
                    return Poll::Pending(Until::Input);
                }
            }
            if let Some(code) = self.state.quit {
                return Poll::Done(code);
            }
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Sed {
    fn end(&self) -> Poll {
        Poll::Done(if self.failed { 2 } else { 0 })
    }

    fn open(&mut self, file: &str, io: &mut Io<'_>) {
        if file == "-" {
            self.reads_input = true;
            return;
        }
        let path = io.path(file);
        match io.system.read(&path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                self.state.lines.extend(text.lines().map(str::to_owned));
                if self.separate {
                    self.state.number = 0;
                    self.file = Some(path.clone());
                }
                if let Some(suffix) = &self.in_place {
                    let kept = match suffix.as_str() {
                        "" => Ok(()),
                        suffix => io.system.write(&format!("{path}{suffix}"), &bytes, false),
                    };
                    if let Err(error) = kept.and_then(|()| io.system.write(&path, b"", false)) {
                        io.complain("sed", file, error);
                        self.failed = true;
                    }
                }
            }
            Err(error) => {
                self.failed = true;
                let words = match io.is_busybox() {
                    true => format!("sed: {file}: {}\n", error.message()),
                    false => match error {
                        super::Errno::IsDirectory => {
                            format!("sed: couldn't edit {file}: not a regular file\n")
                        }
                        error => format!("sed: can't read {file}: {}\n", error.message()),
                    },
                };
                io.stderr.push_str(&words);
            }
        }
    }

    fn take_input(&mut self, io: &mut Io<'_>) {
        let ready = match io.stdin.text.rfind('\n') {
            _ if io.stdin.closed => io.stdin.text.len(),
            Some(end) => end + 1,
            None => 0,
        };
        let rest = io.stdin.text.split_off(ready);
        let text = std::mem::replace(&mut io.stdin.text, rest);
        self.state.lines.extend(text.lines().map(str::to_owned));
    }

    fn print(&mut self, out: &str, io: &mut Io<'_>) {
        match (&self.in_place, &self.file) {
            (Some(_), Some(path)) => {
                if let Err(error) = io.system.write(path, out.as_bytes(), true) {
                    let path = path.clone();
                    io.complain("sed", &path, error);
                    self.failed = true;
                }
            }
            _ => io.stdout.push_str(out),
        }
    }

    fn applies(&mut self, at: usize, last: bool, line: &str) -> bool {
        let number = self.state.number;
        let rules = self.rules.clone();
        let rule = &rules[at];
        let hit = |address: &Address| match address {
            Address::Line(n) => *n == number,
            Address::Last => last,
            Address::Match(regex) => regex.is_match(line),
            Address::Step(first, 0) => *first == number,
            Address::Step(first, step) => {
                number >= *first && (number - first).is_multiple_of(*step)
            }
            Address::After(_) => false,
        };
        let Some(from) = &rule.from else {
            return !rule.negated;
        };
        let Some(to) = &rule.to else {
            return hit(from) != rule.negated;
        };
        let Some((inside, end)) = self.state.ranges.get_mut(at) else {
            return false;
        };
        let holds = if *inside {
            *inside = match to {
                Address::Line(_) | Address::After(_) => number < *end,
                other => !hit(other),
            };
            // A range that ended before this line does not hold here.
            !matches!(to, Address::Line(_) | Address::After(_)) || number <= *end
        } else if hit(from) {
            *end = match to {
                Address::Line(n) => *n,
                Address::After(n) => number.saturating_add(*n),
                _ => usize::MAX,
            };
            *inside = *end > number && !(matches!(to, Address::Last) && last);
            true
        } else {
            false
        };
        holds != rule.negated
    }

    /// Works on the next line.
    fn cycle(&mut self, closed: bool, out: &mut String) -> Result<(), Stop> {
        let rules = self.rules.clone();
        let mut line = match self.state.kept.take() {
            Some(line) => line,
            None => {
                self.state.number += 1;
                self.state.lines.pop_front().unwrap_or_default()
            }
        };
        let mut after = String::new();
        let mut replaced = false;
        let mut prints = !self.quiet;
        let mut at = 0;
        let mut steps = 0;
        while let Some(rule) = rules.get(at) {
            steps += 1 + line.len() / 128;
            if steps > STEP_LIMIT {
                return Err(Stop::Error(
                    "not simulated here: more than 20000 commands for one line",
                ));
            }
            if line.len() > TEXT_LIMIT || out.len() > TEXT_LIMIT {
                return Err(Stop::Error("not simulated here: a text of more than 1 MiB"));
            }
            let last =
                closed && self.state.lines.is_empty() && (self.separate || self.files.is_empty());
            if !self.applies(at, last, &line) {
                at = match rule.action {
                    Action::Block(end) => end,
                    _ => at,
                } + 1;
                continue;
            }
            at += 1;
            match &rule.action {
                Action::Nothing | Action::Block(_) => {}
                Action::Print => out.push_str(&format!("{line}\n")),
                Action::PrintFirst => {
                    out.push_str(line.split('\n').next().unwrap_or(""));
                    out.push('\n');
                }
                Action::Number => out.push_str(&format!("{}\n", self.state.number)),
                Action::List => {
                    let shown = line
                        .replace('\\', "\\\\")
                        .replace('\t', "\\t")
                        .replace('\n', "\\n");
                    out.push_str(&format!("{shown}$\n"));
                }
                Action::Delete => {
                    prints = false;
                    break;
                }
                Action::DeleteFirst => {
                    prints = false;
                    if let Some((_, rest)) = line.split_once('\n') {
                        self.state.kept = Some(rest.to_owned());
                    }
                    break;
                }
                Action::Quit { code, print } => {
                    self.state.quit = Some(*code);
                    prints &= *print;
                    break;
                }
                Action::Append(text) => after.push_str(&format!("{text}\n")),
                Action::Insert(text) => out.push_str(&format!("{text}\n")),
                Action::Change(text) => {
                    let in_range = self
                        .state
                        .ranges
                        .get(at - 1)
                        .is_some_and(|(inside, _)| *inside);
                    if rule.to.is_none() || !in_range || rule.negated {
                        out.push_str(&format!("{text}\n"));
                    }
                    prints = false;
                    break;
                }
                Action::Next | Action::NextAppended => {
                    let appended = matches!(rule.action, Action::NextAppended);
                    if self.state.lines.is_empty() {
                        if !closed {
                            return Err(Stop::Wait);
                        }
                        // Without a next line the script ends; the line is printed all the same.
                        break;
                    }
                    if !closed && self.state.lines.len() < 2 {
                        return Err(Stop::Wait);
                    }
                    if !appended && prints {
                        out.push_str(&format!("{line}\n"));
                    }
                    out.push_str(&std::mem::take(&mut after));
                    let next = self.state.lines.pop_front().unwrap_or_default();
                    self.state.number += 1;
                    match appended {
                        true => {
                            line.push('\n');
                            line.push_str(&next);
                        }
                        false => line = next,
                    }
                }
                Action::Hold { append } => match append {
                    true => {
                        self.state.hold.push('\n');
                        self.state.hold.push_str(&line);
                        if self.state.hold.len() > TEXT_LIMIT {
                            return Err(Stop::Error(
                                "not simulated here: a text of more than 1 MiB",
                            ));
                        }
                    }
                    false => self.state.hold = line.clone(),
                },
                Action::Get { append } => match append {
                    true => {
                        line.push('\n');
                        line.push_str(&self.state.hold);
                    }
                    false => line = self.state.hold.clone(),
                },
                Action::Exchange => std::mem::swap(&mut line, &mut self.state.hold),
                Action::Translate(map) => {
                    line = line
                        .chars()
                        .map(|c| map.get(&c).copied().unwrap_or(c))
                        .collect();
                }
                Action::Branch(place) => at = place.unwrap_or(rules.len()),
                Action::Test(place, negated) => {
                    if std::mem::take(&mut replaced) != *negated {
                        at = place.unwrap_or(rules.len());
                    }
                }
                Action::Substitute {
                    regex,
                    replacement,
                    from,
                    all,
                    print,
                } => {
                    let (mut seen, mut made) = (0, 0);
                    let new = regex.replace_all(&line, |found: &regex_lite::Captures<'_>| {
                        seen += 1;
                        let new = match seen == *from || *all && seen > *from {
                            _ if made > TEXT_LIMIT => String::new(),
                            true => replacement_of(replacement, found),
                            false => found.get(0).map_or("", |all| all.as_str()).to_owned(),
                        };
                        made += new.len();
                        new
                    });
                    if made > TEXT_LIMIT {
                        return Err(Stop::Error("not simulated here: a text of more than 1 MiB"));
                    }
                    if seen >= *from {
                        line = new.into_owned();
                        replaced = true;
                        if *print {
                            out.push_str(&format!("{line}\n"));
                        }
                    }
                }
            }
        }
        if prints {
            out.push_str(&format!("{line}\n"));
        }
        out.push_str(&after);
        Ok(())
    }
}

/// The replacement of one match: `&`, `\1`, `\n`, and `\U` and its like.
fn replacement_of(replacement: &str, captures: &regex_lite::Captures<'_>) -> String {
    let group = |n: usize| captures.get(n).map_or("", |m| m.as_str());
    let mut out = String::new();
    let mut case = 'E';
    let mut once = ' ';
    let mut push = |text: &str, case: char, once: &mut char| {
        for c in text.chars() {
            match (std::mem::replace(once, ' '), case) {
                ('u', _) | (' ', 'U') => out.extend(c.to_uppercase()),
                ('l', _) | (' ', 'L') => out.extend(c.to_lowercase()),
                _ => out.push(c),
            }
        }
    };
    let mut chars = replacement.chars();
    while let Some(c) = chars.next() {
        match c {
            '&' => push(group(0), case, &mut once),
            '\\' => match chars.next() {
                Some(d) if d.is_ascii_digit() => {
                    push(group(d.to_digit(10).unwrap_or(0) as usize), case, &mut once);
                }
                Some('n') => push("\n", case, &mut once),
                Some('t') => push("\t", case, &mut once),
                Some(letter @ ('U' | 'L' | 'E')) => case = letter,
                Some(letter @ ('u' | 'l')) => once = letter,
                Some(other) => push(other.encode_utf8(&mut [0; 4]), case, &mut once),
                None => push("\\", case, &mut once),
            },
            _ => push(c.encode_utf8(&mut [0; 4]), case, &mut once),
        }
    }
    out
}
