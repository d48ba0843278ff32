//! `awk`.

mod ast;
mod eval;
mod lexer;
mod parse;
mod value;

use super::{Io, Program};
use crate::command::{Poll, Until};
use eval::{Leave, Machine};
use parse::Trouble;
use std::collections::VecDeque;
use value::Value;

/// How much is printed before others get their turn, in bytes.
const CHUNK: usize = 1 << 16;

/// A running awk.
#[derive(Clone)]
struct Awk {
    machine: Machine,
    /// Files and `NAME=value`, in their order.
    files: VecDeque<String>,
    /// What is left of the file that is read.
    text: Option<(String, usize)>,
    begun: bool,
    from_input: bool,
    ended: bool,
    failed: bool,
}

/// `awk`.
///
/// # Errors
/// The complaint and the exit code.
pub(super) fn awk(arguments: &[String]) -> Result<Box<dyn Program>, (String, i32)> {
    let mut options = super::options::Options::parse(&until_program(arguments), "Fvf");
    if options.has('f') {
        let words = "awk: not simulated here: -f (give the program itself)";
        return Err((words.to_owned(), 2));
    }
    if options.operands.is_empty() {
        return Err(("Usage: mawk [Options] [Program] [file ...]".to_owned(), 0));
    }
    let text = options.operands.remove(0);
    let program = parse::parse(&text).map_err(|trouble| {
        let lines = text.lines().count().max(1);
        let words = match trouble {
            Trouble::Syntax(near) if near.is_empty() => {
                format!("awk: line {}: missing }} near end of file", lines + 1)
            }
            Trouble::Syntax(near) => format!("awk: line {lines}: syntax error at or near {near}"),
            Trouble::Undefined(name) => {
                format!("awk: line {}: function {name} never defined", lines + 1)
            }
            Trouble::NotSimulated(what) => format!("awk: not simulated here: {what}"),
        };
        (words, 2)
    })?;
    let mut machine = Machine::new(program);
    if let Some(separator) = options.value('F') {
        let separator = match separator {
            "t" => "\t".to_owned(),
            text => lexer::unescaped(text),
        };
        machine.set("FS", Value::Text(separator));
    }
    for assignment in options.values('v') {
        if let Some((name, value)) = assignment.split_once('=') {
            machine.set(name, Value::input(&lexer::unescaped(value)));
        }
    }
    Ok(Box::new(Awk {
        machine,
        from_input: !options
            .operands
            .iter()
            .any(|operand| assignment(operand).is_none()),
        files: options.operands.into(),
        text: None,
        begun: false,
        ended: false,
        failed: false,
    }))
}

/// What stands after the program belongs to it: `--` keeps it from being read as options.
fn until_program(arguments: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = arguments.iter();
    out.extend(rest.next().cloned());
    while let Some(argument) = rest.next() {
        if argument == "--" || !argument.starts_with('-') || argument == "-" {
            out.push("--".to_owned());
            out.extend((argument != "--").then(|| argument.clone()));
            break;
        }
        out.push(argument.clone());
        if argument.len() == 2 {
            out.extend(rest.next().cloned());
        }
    }
    out.extend(rest.cloned());
    out
}

fn assignment(operand: &str) -> Option<(&str, &str)> {
    let (name, value) = operand.split_once('=')?;
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some((name, value))
}

impl Program for Awk {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        if !self.begun {
            self.begun = true;
            self.machine.environment(io.env);
            let done = self.machine.begin();
            if let Some(poll) = self.after(done, io) {
                return poll;
            }
            if !self.machine.reads_records() {
                return Poll::Done(self.machine.status);
            }
        }
        loop {
            if io.stdout.len() > CHUNK || *io.budget == 0 {
                return Poll::Pending(Until::Time(io.system.now()));
            }
            if self.text.is_none() {
                match self.next_file(io) {
                    Some(true) => {}
                    Some(false) => continue,
                    None if self.from_input => {}
                    None => return self.finish(io),
                }
            }
            let closed = self.text.is_some() || io.stdin.closed;
            let separator = self.machine.text_of("RS");
            let (text, from) = match &self.text {
                Some((text, from)) => (text, *from),
                None => (&io.stdin.text, 0),
            };
            let Some((record, used)) = next_record(&text[from..], &separator, closed) else {
                if !closed {
                    return Poll::Pending(Until::Input);
                }
                if self.text.take().is_none() {
                    return self.finish(io);
                }
                continue;
            };
            match &mut self.text {
                Some((_, from)) => *from += used,
                None => drop(io.stdin.text.drain(..used)),
            }
            let done = self.machine.record(&record);
            *io.budget = io.budget.saturating_sub(20);
            if let Some(poll) = self.after(done, io) {
                return poll;
            }
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Awk {
    /// Opens the next file. `None` when there is none; `Some(false)` for what is no file to read.
    fn next_file(&mut self, io: &mut Io<'_>) -> Option<bool> {
        let name = self.files.pop_front()?;
        if let Some((name, value)) = assignment(&name) {
            self.machine.set(name, Value::input(value));
            return Some(false);
        }
        self.machine.set("FNR", Value::Number(0.0));
        self.machine.set("FILENAME", Value::Text(name.clone()));
        if name == "-" {
            self.from_input = true;
            return None;
        }
        let path = io.path(&name);
        match io.system.read(&path) {
            Ok(bytes) => {
                self.text = Some((String::from_utf8_lossy(&bytes).into_owned(), 0));
                Some(true)
            }
            Err(error) => {
                let words = match io.is_busybox() {
                    true => format!("awk: {name}: {}\n", error.message()),
                    false => format!("awk: cannot open {name} ({})\n", error.message()),
                };
                io.stderr.push_str(&words);
                self.failed = true;
                Some(false)
            }
        }
    }

    fn finish(&mut self, io: &mut Io<'_>) -> Poll {
        if !self.ended {
            self.ended = true;
            let done = self.machine.end();
            if let Some(poll) = self.after(done, io) {
                return poll;
            }
        }
        Poll::Done(match (self.failed, io.is_busybox()) {
            (false, _) => self.machine.status,
            (true, true) => 1,
            (true, false) => 2,
        })
    }

    /// Writes what was printed; the end of the program, if it has come.
    fn after(&mut self, done: Result<(), Leave>, io: &mut Io<'_>) -> Option<Poll> {
        let out = std::mem::take(&mut self.machine.out);
        io.stdout.push_str(&out);
        for (name, text) in std::mem::take(&mut self.machine.files) {
            match name.as_str() {
                "/dev/stderr" => io.stderr.push_str(&text),
                "/dev/stdout" | "-" => io.stdout.push_str(&text),
                _ => {
                    // The first time a file is made anew, unless `>>` asks otherwise.
                    let append = self
                        .machine
                        .opened
                        .insert(name.clone(), true)
                        .unwrap_or(true);
                    let path = io.path(&name);
                    if let Err(error) = io.system.write(&path, text.as_bytes(), append) {
                        let words = format!("awk: cannot open \"{name}\" ({})", error.message());
                        return Some(io.fail(&words, 2));
                    }
                }
            }
        }
        match done {
            Ok(()) | Err(Leave::Next | Leave::Break | Leave::Continue | Leave::Return(_)) => None,
            Err(Leave::Exit) if self.ended => Some(Poll::Done(self.machine.status)),
            Err(Leave::Exit) => {
                self.ended = true;
                let done = self.machine.end();
                self.after(done, io)
                    .or(Some(Poll::Done(self.machine.status)))
            }
            Err(Leave::Error(words)) => Some(io.fail(&format!("awk: {words}"), 2)),
        }
    }
}

/// The next record and how much of the text it takes; `None` when there is no whole one.
fn next_record(text: &str, separator: &str, closed: bool) -> Option<(String, usize)> {
    let paragraph = separator.is_empty();
    let skipped = match paragraph {
        true => text.len() - text.trim_start_matches('\n').len(),
        false => 0,
    };
    let rest = &text[skipped..];
    let mark = if paragraph { "\n\n" } else { separator };
    match rest.find(mark) {
        Some(at) => Some((rest[..at].to_owned(), skipped + at + mark.len())),
        None if closed && !rest.is_empty() => {
            let record = match paragraph {
                true => rest.strip_suffix('\n').unwrap_or(rest),
                false => rest,
            };
            Some((record.to_owned(), text.len()))
        }
        None => None,
    }
}
