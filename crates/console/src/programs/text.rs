//! Programs over whole texts, and over time: `cat`, `tail`, `wc`, `seq`, `sleep`, `date` and so on.

use super::options::Options;
use super::{Io, Program};
use crate::command::{Poll, Until};

/// The most lines that `seq` and `yes` print.
const LINE_LIMIT: usize = 100_000;

/// The number of lines for `head` and `tail`.
pub(super) fn count(options: &Options, name: &str, default: usize) -> Result<usize, (String, i32)> {
    match options.value('n').or(options.number.as_deref()) {
        None => Ok(default),
        Some(text) => text
            .trim_start_matches('-')
            .parse()
            .map_err(|_| (format!("{name}: invalid number of lines: '{text}'"), 1)),
    }
}

/// `cat`: passes on what comes.
#[derive(Clone)]
pub(super) struct Cat {
    pub(super) files: std::collections::VecDeque<String>,
    pub(super) reads_input: bool,
    pub(super) failed: bool,
    /// The options.
    pub(super) letters: String,
    pub(super) number: usize,
    /// Whether the last line was empty, for `-s`.
    pub(super) blank: bool,
}

impl Program for Cat {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        loop {
            if !self.reads_input {
                let Some(file) = self.files.pop_front() else {
                    return Poll::Done(i32::from(self.failed));
                };
                if file == "-" {
                    self.reads_input = true;
                    continue;
                }
                match io.read("cat", &file) {
                    Some(text) => self.print(&text, io.stdout),
                    None => self.failed = true,
                }
                continue;
            }
            let text = std::mem::take(&mut io.stdin.text);
            self.print(&text, io.stdout);
            if !io.stdin.closed {
                return Poll::Pending(Until::Input);
            }
            self.reads_input = false;
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Cat {
    fn print(&mut self, text: &str, out: &mut String) {
        if self.letters.chars().all(|c| c == 'u') {
            out.push_str(text);
            return;
        }
        let has = |letters: &str| self.letters.contains(|c| letters.contains(c));
        let (all, ends, tabs) = (has("b"), has("AEe"), has("ATt"));
        let (numbers, squeezes) = (has("nb"), has("s"));
        for line in text.split_inclusive('\n') {
            let (line, end) = match line.strip_suffix('\n') {
                Some(line) => (line, "\n"),
                None => (line, ""),
            };
            let blank = std::mem::replace(&mut self.blank, line.is_empty());
            if squeezes && blank && line.is_empty() {
                continue;
            }
            if numbers && !(all && line.is_empty()) {
                self.number += 1;
                out.push_str(&format!("{:>6}\t", self.number));
            }
            match tabs {
                true => out.push_str(&line.replace('\t', "^I")),
                false => out.push_str(line),
            }
            if ends && !end.is_empty() {
                out.push('$');
            }
            out.push_str(end);
        }
    }
}

/// All texts that the operands name, or standard input. `None` while that is open.
pub(super) fn texts(
    name: &str,
    operands: &[String],
    io: &mut Io<'_>,
) -> Option<(Vec<(String, String)>, bool)> {
    if operands.is_empty() {
        return Some((vec![(String::new(), io.input()?)], false));
    }
    if operands.iter().any(|file| file == "-") && !io.stdin.closed {
        return None;
    }
    let mut found = Vec::new();
    let mut failed = false;
    for file in operands {
        if file == "-" {
            let text = std::mem::take(&mut io.stdin.text);
            found.push((file.clone(), text));
        } else {
            match io.read(name, file) {
                Some(text) => found.push((file.clone(), text)),
                None => failed = true,
            }
        }
    }
    Some((found, failed))
}

/// Whether `head` needs the whole text: for bytes, and for all but the last lines.
pub(super) fn is_whole(arguments: &[String]) -> bool {
    let options = Options::parse(arguments, "nc");
    options.has('c') || options.value('n').is_some_and(|n| n.starts_with('-'))
}

/// `tail` without `-f`, and `head` where it needs the whole text.
pub(super) fn tail(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "nc");
    let head = arguments.first().is_some_and(|name| name.ends_with("head"));
    let name = if head { "head" } else { "tail" };
    let bytes = options.value('c');
    let text = bytes
        .or(options.value('n'))
        .or(options.number.as_deref())
        .unwrap_or("10");
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.chars().next().unwrap_or('-'), digits),
        None => (' ', text),
    };
    let Ok(count) = digits.parse::<usize>() else {
        let what = if bytes.is_some() { "bytes" } else { "lines" };
        return io.fail(&format!("{name}: invalid number of {what}: '{text}'"), 1);
    };
    let Some((texts, failed)) = texts(name, &options.operands, io) else {
        return Poll::Pending(Until::Input);
    };
    let many = (options.operands.len() > 1 && !options.has('q')) || options.has('v');
    for (at, (file, text)) in texts.iter().enumerate() {
        if many {
            let gap = if at > 0 { "\n" } else { "" };
            io.stdout.push_str(&format!("{gap}==> {file} <==\n"));
        }
        let pieces: Vec<&[u8]> = match bytes {
            Some(_) => text.as_bytes().chunks(1).collect(),
            None => text.as_bytes().split_inclusive(|b| *b == b'\n').collect(),
        };
        let length = pieces.len();
        let range = match (head, sign) {
            (true, '-') => 0..length.saturating_sub(count),
            (true, _) => 0..count.min(length),
            (false, '+') => count.saturating_sub(1).min(length)..length,
            (false, _) => length.saturating_sub(count)..length,
        };
        io.stdout
            .push_str(&String::from_utf8_lossy(&pieces[range].concat()));
    }
    Poll::Done(i32::from(failed))
}

/// `wc`.
pub(super) fn wc(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let Some((texts, failed)) = texts("wc", &options.operands, io) else {
        return Poll::Pending(Until::Input);
    };
    let all = !options.has('l') && !options.has('w') && !options.has('c') && !options.has('m');
    let single = [options.has('l'), options.has('w'), options.has('c')]
        .iter()
        .filter(|has| **has)
        .count()
        == 1;
    let mut total = [0usize; 3];
    let mut rows = Vec::new();
    for (name, text) in &texts {
        let characters = if options.has('m') {
            text.chars().count()
        } else {
            text.len()
        };
        let row = [
            text.matches('\n').count(),
            text.split_whitespace().count(),
            characters,
        ];
        for (sum, n) in total.iter_mut().zip(row) {
            *sum += n;
        }
        rows.push((row, name.clone()));
    }
    if options.operands.len() > 1 {
        rows.push((total, "total".to_owned()));
    }
    for (row, name) in rows {
        let shown: Vec<usize> = [
            options.has('l'),
            options.has('w'),
            options.has('c') || options.has('m'),
        ]
        .iter()
        .zip(row)
        .filter(|(wanted, _)| all || **wanted)
        .map(|(_, n)| n)
        .collect();
        let line: Vec<String> = match (single && texts.len() < 2, name.is_empty()) {
            (true, _) => shown.iter().map(usize::to_string).collect(),
            (false, true) if io.is_busybox() => shown
                .iter()
                .map(|n| format!("{n:>9}").trim_start_matches("  ").to_owned())
                .collect(),
            (false, true) => shown.iter().map(|n| format!("{n:>7}")).collect(),
            (false, false) => {
                let width = total.iter().max().map_or(1, |n| n.to_string().len());
                shown.iter().map(|n| format!("{n:>width$}")).collect()
            }
        };
        io.stdout.push_str(&line.join(" "));
        if !name.is_empty() {
            io.stdout.push_str(&format!(" {name}"));
        }
        io.stdout.push('\n');
    }
    Poll::Done(i32::from(failed))
}

/// `tac` and `rev`.
pub(super) fn turned(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let name = arguments.first().map_or("tac", String::as_str);
    let Some((texts, failed)) = texts(name, &options.operands, io) else {
        return Poll::Pending(Until::Input);
    };
    for (_, text) in texts {
        let lines: Vec<String> = match name.ends_with("rev") {
            true => text.lines().map(|l| l.chars().rev().collect()).collect(),
            false => text.lines().rev().map(str::to_owned).collect(),
        };
        for line in lines {
            io.stdout.push_str(&line);
            io.stdout.push('\n');
        }
    }
    Poll::Done(i32::from(failed))
}

/// `base64`, with `-d` back; lines of 76 letters, or as `-w` says.
pub(super) fn base64(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "w");
    let Some((texts, failed)) = texts("base64", &options.operands, io) else {
        return Poll::Pending(Until::Input);
    };
    let whole: String = texts.into_iter().map(|(_, text)| text).collect();
    if options.has('d') || options.has('D') {
        let letters: String = whole.chars().filter(|c| !c.is_whitespace()).collect();
        let Some(text) = crate::kubectl::base64_text(&letters) else {
            return io.fail("base64: invalid input", 1);
        };
        io.stdout.push_str(&text);
        return Poll::Done(i32::from(failed));
    }
    let letters = crate::kubectl::base64(whole.as_bytes());
    let width = options.value('w').and_then(|width| width.parse().ok());
    match width.unwrap_or(76) {
        0 => io.stdout.push_str(&letters),
        width => {
            for line in letters.as_bytes().chunks(width) {
                io.stdout.push_str(&String::from_utf8_lossy(line));
                io.stdout.push('\n');
            }
        }
    }
    Poll::Done(i32::from(failed))
}

/// `tee`.
pub(super) fn tee(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let Some(text) = io.input() else {
        return Poll::Pending(Until::Input);
    };
    io.stdout.push_str(&text);
    let mut status = 0;
    for file in &options.operands {
        let path = io.path(file);
        if let Err(error) = io.system.write(&path, text.as_bytes(), options.has('a')) {
            io.complain("tee", file, error);
            status = 1;
        }
    }
    Poll::Done(status)
}

/// `seq`.
pub(super) fn seq(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut separator = "\n".to_owned();
    let mut width = false;
    let mut format = None;
    let mut texts = Vec::new();
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "-s" => separator = rest.next().cloned().unwrap_or_default(),
            "-f" => format = rest.next().cloned(),
            "-w" => width = true,
            text if text.starts_with("-s") => separator = text[2..].to_owned(),
            text => texts.push(text),
        }
    }
    let tail = match io.is_busybox() {
        true => "",
        false => "\nTry 'seq --help' for more information.",
    };
    let mut numbers = Vec::new();
    for text in &texts {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => numbers.push(number),
            _ => {
                let words = match io.is_busybox() {
                    true => format!("seq: invalid number '{text}'"),
                    false => format!("seq: invalid floating point argument: '{text}'{tail}"),
                };
                return io.fail(&words, 1);
            }
        }
    }
    let (from, step, to) = match numbers.as_slice() {
        [to] => (1.0, 1.0, *to),
        [from, to] => (*from, 1.0, *to),
        [from, step, to] if *step != 0.0 => (*from, *step, *to),
        _ => return io.fail(&format!("seq: missing operand{tail}"), 1),
    };
    let count = ((to - from) / step + 1e-9).floor();
    if count >= LINE_LIMIT as f64 {
        let words = format!("seq: not simulated here: more than {LINE_LIMIT} numbers");
        return io.fail(&words, 1);
    }
    let places = |text: &&str| text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let shown = &texts[..texts.len().saturating_sub(1)];
    let precision = shown.iter().map(places).max().unwrap_or(0).min(20);
    let digits = match width {
        true => [from, to]
            .iter()
            .map(|n| format!("{n:.precision$}").len())
            .max()
            .unwrap_or(0),
        false => 0,
    };
    let mut values = Vec::new();
    let mut at = 0.0;
    while at <= count {
        let value = from + at * step;
        values.push(match &format {
            Some(format) => super::echo::printf(&[format.clone(), value.to_string()]).0,
            None => format!("{value:0digits$.precision$}"),
        });
        at += 1.0;
    }
    if !values.is_empty() {
        io.stdout.push_str(&values.join(&separator));
        io.stdout.push('\n');
    }
    Poll::Done(0)
}

/// `diff`, unified or not: the simple form that names what was taken and added.
pub(super) fn diff(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "U");
    let [left, right] = options.operands.as_slice() else {
        return io.fail("diff: missing operand", 2);
    };
    let (Some(a), Some(b)) = (io.read("diff", left), io.read("diff", right)) else {
        return Poll::Done(2);
    };
    if a == b {
        return Poll::Done(0);
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let end = a[start..]
        .iter()
        .rev()
        .zip(b[start..].iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (removed, added) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    let range = |first: usize, count: usize| match count {
        0 => first.to_string(),
        1 => (first + 1).to_string(),
        _ => format!("{},{}", first + 1, first + count),
    };
    let letter = match (removed.is_empty(), added.is_empty()) {
        (true, _) => 'a',
        (_, true) => 'd',
        _ => 'c',
    };
    io.stdout.push_str(&format!(
        "{}{letter}{}\n",
        range(start, removed.len()),
        range(start, added.len())
    ));
    for line in removed {
        io.stdout.push_str(&format!("< {line}\n"));
    }
    if letter == 'c' {
        io.stdout.push_str("---\n");
    }
    for line in added {
        io.stdout.push_str(&format!("> {line}\n"));
    }
    Poll::Done(1)
}

/// `yes`.
pub(super) fn yes(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let word = match arguments.get(1..) {
        Some([]) | None => "y".to_owned(),
        Some(words) => words.join(" "),
    };
    for _ in 0..200 {
        io.stdout.push_str(&word);
        io.stdout.push('\n');
    }
    Poll::Pending(Until::Time(io.system.now()))
}
