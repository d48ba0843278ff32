//! Programs that run programs: shells, `xargs`, `env`, `time`, `timeout`, `watch`.

mod xargs;

use super::{Io, Place, Program, ShellProgram, System, dialect};
use crate::command::{Input, Poll, Until};
use crate::shell::{Dialect, Origin, Shell, Surroundings, poll_inside, spread, take_command};
use petset_cluster::network::http::{HttpRequest, HttpResponse};
use petset_cluster::{Duration, Instant};
use std::collections::{BTreeMap, VecDeque};
pub(super) use xargs::find_exec;
use xargs::missing;

/// Takes the next whole command out of the input: what is there up to the line that completes it.
pub(super) fn next_command(stdin: &mut Input, dialect: Dialect) -> Option<String> {
    let complete = match stdin.text.rfind('\n') {
        Some(end) if !stdin.closed => end + 1,
        _ if stdin.closed => stdin.text.len(),
        _ => return None,
    };
    if complete == 0 {
        return None;
    }
    let lines: VecDeque<String> = stdin.text[..complete].lines().map(str::to_owned).collect();
    let (text, count, result) = take_command(&lines, dialect);
    if count == lines.len() && !stdin.closed && result.is_err() {
        let more_could_help = !matches!(
            result,
            Err(crate::shell::SyntaxError::Unexpected(..)
                | crate::shell::SyntaxError::LoopVariable(_)
                | crate::shell::SyntaxError::Condition(_)
                | crate::shell::SyntaxError::NotSimulated(_))
        );
        if more_could_help {
            return None;
        }
    }
    let used: usize = stdin
        .text
        .split_inclusive('\n')
        .take(count)
        .map(str::len)
        .sum();
    stdin.text.drain(..used);
    Some(text)
}

/// `sh`, `bash` and their like.
pub(super) fn shell(
    base: &str,
    arguments: &[String],
    environment: &BTreeMap<String, String>,
    cwd: &str,
    system: &mut dyn System,
) -> Box<dyn Program> {
    let mut options = Vec::new();
    let mut rest = arguments.get(1..).unwrap_or_default();
    let mut command = false;
    let mut from_input = false;
    while let Some((first, after)) = rest.split_first() {
        if !first.starts_with('-') || first.len() < 2 || command {
            break;
        }
        match first.as_str() {
            "--" | "-l" | "-i" | "--login" | "--norc" => {}
            "-s" => from_input = true,
            _ => {
                command |= first.contains('c');
                let others: String = first.chars().filter(|c| "eux".contains(*c)).collect();
                if !others.is_empty() {
                    options.push(format!("set -{others}"));
                }
            }
        }
        rest = after;
    }
    let name = arguments.first().map_or(base, String::as_str);
    let mut origin = Origin {
        name: name.to_owned(),
        arguments: Vec::new(),
        environment: environment.clone(),
        cwd: cwd.to_owned(),
        dialect: dialect(base, system.place()),
    };
    let mut text = None;
    let mut complaint = Vec::new();
    if let Some((first, after)) = rest.split_first() {
        if from_input && !command {
            origin.arguments = rest.to_vec();
        } else if command {
            text = Some(first.clone());
            if let Some((zero, own)) = after.split_first() {
                origin.name = zero.clone();
                origin.arguments = own.to_vec();
            }
        } else {
            match system.read(&super::system::absolute(cwd, first)) {
                Ok(bytes) => text = Some(String::from_utf8_lossy(&bytes).into_owned()),
                Err(error) => {
                    complaint.push(match origin.dialect {
                        crate::shell::Dialect::Dash => {
                            format!("{name}: 0: cannot open {first}: No such file")
                        }
                        crate::shell::Dialect::Ash => {
                            format!("{name}: can't open '{first}': {}", error.message())
                        }
                        _ => format!("{name}: {first}: {}", error.message()),
                    });
                    let status = if origin.dialect.is_bash() { 127 } else { 2 };
                    text = Some(format!("(exit {status})"));
                }
            }
            origin.name = first.clone();
            origin.arguments = after.to_vec();
        }
    } else if command {
        complaint.push(match origin.dialect {
            Dialect::Dash => format!("{name}: 0: -c requires an argument"),
            Dialect::Ash => format!("{name}: -c requires an argument"),
            _ => format!("{name}: -c: option requires an argument"),
        });
        text = Some("(exit 2)".to_owned());
    }
    let reads_input = text.is_none();
    let mut shell = Shell::new(origin);
    if let Some(text) = text {
        shell.set_single();
        let whole = match options.is_empty() {
            true => text,
            // On the same line, so that errors name the script's own.
            false => format!("{}; {text}", options.join("; ")),
        };
        if let Err(error) = shell.run(&whole) {
            complaint = shell.syntax_error(&error, &whole);
        }
    }
    if !complaint.is_empty() {
        return with_complaint(shell, complaint);
    }
    Box::new(ShellProgram {
        shell,
        reads_input,
        prompted: false,
    })
}

/// A shell that has something to complain about first.
#[derive(Clone)]
struct Complaining {
    shell: Shell,
    complaint: Vec<String>,
}

pub(super) fn with_complaint(shell: Shell, complaint: Vec<String>) -> Box<dyn Program> {
    Box::new(Complaining { shell, complaint })
}

impl Program for Complaining {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        for line in self.complaint.drain(..) {
            io.stderr.push_str(&line);
            io.stderr.push('\n');
        }
        poll_inside(&mut self.shell, io)
    }

    fn signal(&mut self, signal: i32, io: &mut Io<'_>) -> Option<i32> {
        let mut output = Vec::new();
        let ended = self.shell.signal(
            signal,
            &mut Surroundings {
                system: &mut *io.system,
                stdin: &mut *io.stdin,
                output: &mut output,
                budget: &mut *io.budget,
                depth: io.depth + 1,
                terminal: io.terminal,
            },
        );
        spread(output, io);
        ended
    }

    fn ports(&self) -> Vec<u16> {
        self.shell.ports()
    }

    fn serve(&mut self, request: &HttpRequest, io: &mut Io<'_>) -> Option<HttpResponse> {
        self.shell.server(request.port)?.serve(request, io)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// A shell that runs `arguments` in the environment of `io`.
fn inner(io: &mut Io<'_>) -> Shell {
    let environment = io.env.clone();
    inner_with(io, environment)
}

fn inner_with(io: &mut Io<'_>, environment: BTreeMap<String, String>) -> Shell {
    Shell::new(Origin {
        name: "bash".to_owned(),
        arguments: Vec::new(),
        environment,
        cwd: io.cwd.to_owned(),
        dialect: match io.system.place() {
            Place::Prompt => crate::shell::Dialect::BashPrompt,
            place => dialect("sh", place),
        },
    })
}

/// What `Runner` does around the command it runs.
#[derive(Clone)]
enum Around {
    /// `env NAME=value COMMAND`
    Env {
        assigns: Vec<(String, String)>,
        /// `-i`: without any other variable.
        cleared: bool,
        /// `-u`: without these.
        removed: Vec<String>,
    },
    /// `time COMMAND`
    Time,
    /// `timeout SECONDS COMMAND`
    Timeout(Duration),
    /// `watch -n SECONDS COMMAND`
    Watch(Duration),
    /// `xargs -n COUNT -I TEXT COMMAND`
    Xargs {
        at_once: usize,
        replace: Option<String>,
        /// What parts the words, instead of blanks.
        separator: Option<char>,
        /// Whether nothing runs without words.
        needs_words: bool,
        /// Whether commands are shown before they run.
        shows: bool,
        /// The arguments of `find`, whose `-exec` this is.
        find: Option<Vec<String>>,
        waiting: Option<VecDeque<Vec<String>>>,
        failed: bool,
    },
}

/// A program that runs another one.
#[derive(Clone)]
struct Runner {
    around: Around,
    arguments: Vec<String>,
    shell: Option<Shell>,
    begun: Option<Instant>,
}

impl Program for Runner {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        let now = io.system.now();
        if matches!(self.around, Around::Watch(_)) {
            return self.watch(now, io);
        }
        if matches!(self.around, Around::Xargs { .. }) {
            return self.xargs(io);
        }
        let begun = *self.begun.get_or_insert(now);
        if self.shell.is_none() {
            let base = match &self.around {
                Around::Env { .. } => "env",
                Around::Timeout(_) => "timeout",
                _ => "",
            };
            if !base.is_empty()
                && let Some(poll) = missing(base, &self.arguments, io)
            {
                return poll;
            }
            let mut environment = io.env.clone();
            if let Around::Env {
                assigns,
                cleared,
                removed,
            } = &self.around
            {
                if *cleared {
                    environment.retain(|name, _| name == "PATH");
                }
                environment.retain(|name, _| !removed.contains(name));
                environment.extend(assigns.iter().cloned());
            }
            let mut shell = inner_with(io, environment);
            shell.run_arguments(&self.arguments);
            self.shell = Some(shell);
        }
        let Some(shell) = &mut self.shell else {
            return Poll::Done(1);
        };
        let poll = poll_inside(shell, io);
        match (&self.around, poll) {
            (Around::Time, Poll::Done(status)) => {
                let millis = now.since(begun).as_millis();
                let (minutes, seconds) = (millis / 60_000, millis % 60_000);
                io.stderr.push_str(&format!(
                    "\nreal\t{minutes}m{}.{:03}s\nuser\t0m0.000s\nsys\t0m0.000s\n",
                    seconds / 1000,
                    seconds % 1000
                ));
                Poll::Done(status)
            }
            (Around::Timeout(span), Poll::Pending(until)) => {
                let end = begun + *span;
                if now >= end {
                    return Poll::Done(124);
                }
                Poll::Pending(match until {
                    Until::Time(at) => Until::Time(at.min(end)),
                    Until::Change(at) => Until::Change(Some(at.map_or(end, |at| at.min(end)))),
                    Until::Input => Until::Change(Some(end)),
                })
            }
            (_, poll) => poll,
        }
    }

    fn signal(&mut self, signal: i32, io: &mut Io<'_>) -> Option<i32> {
        let mut output = Vec::new();
        if let Some(shell) = &mut self.shell {
            shell.interrupt(&mut Surroundings {
                system: &mut *io.system,
                stdin: &mut *io.stdin,
                output: &mut output,
                budget: &mut *io.budget,
                depth: io.depth + 1,
                terminal: io.terminal,
            });
        }
        spread(output, io);
        Some(128 + signal)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Runner {
    fn watch(&mut self, now: Instant, io: &mut Io<'_>) -> Poll {
        let Around::Watch(interval) = self.around else {
            return Poll::Done(1);
        };
        loop {
            if let Some(shell) = &mut self.shell {
                match poll_inside(shell, io) {
                    Poll::Done(_) => self.shell = None,
                    pending => return pending,
                }
                return Poll::Pending(Until::Time(self.begun.unwrap_or(now)));
            }
            let due = self.begun.unwrap_or(now);
            if now < due {
                return Poll::Pending(Until::Time(due));
            }
            self.begun = Some(now + interval);
            let text = self.arguments.join(" ");
            let seconds = interval.as_millis();
            let date = super::time::date_text(io, now, "%c");
            // As on a screen that is cleared first.
            io.stdout.push_str("\u{1b}[H\u{1b}[2J");
            io.stdout.push_str(&format!(
                "Every {}.{}s: {text}    {date}\n\n",
                seconds / 1000,
                seconds % 1000 / 100
            ));
            let mut shell = inner(io);
            if let Err(error) = shell.run(&text) {
                let lines = shell.syntax_error(&error, &text);
                io.stdout.push_str(&(lines.join("\n") + "\n"));
                return Poll::Done(2);
            }
            self.shell = Some(shell);
        }
    }
}

/// `xargs`, `env`, `time`, `timeout`, `watch`; `None` when nothing is to be run.
pub(super) fn runner(base: &str, arguments: &[String]) -> Option<Box<dyn Program>> {
    let mut rest: VecDeque<String> = arguments.iter().skip(1).cloned().collect();
    let mut number = None;
    let mut replace = None;
    let (mut separator, mut needs_words, mut shows) = (None, false, false);
    let mut cleared = false;
    let mut removed = Vec::new();
    while let Some(first) = rest.front().cloned() {
        let takes_number = match base {
            "watch" => first.starts_with("-n"),
            "xargs" => first.starts_with("-n"),
            _ => false,
        };
        if takes_number {
            rest.pop_front();
            let value = match first.get(2..) {
                Some(value) if !value.is_empty() => Some(value.to_owned()),
                _ => rest.pop_front(),
            };
            number = value.and_then(|value| value.parse::<f64>().ok());
        } else if base == "xargs" && first.starts_with("-I") {
            rest.pop_front();
            replace = match first.get(2..) {
                Some(mark) if !mark.is_empty() => Some(mark.to_owned()),
                _ => rest.pop_front(),
            };
        } else if base == "xargs" && first.starts_with("-d") {
            rest.pop_front();
            let mark = match first.get(2..) {
                Some(mark) if !mark.is_empty() => Some(mark.to_owned()),
                _ => rest.pop_front(),
            };
            separator = mark.and_then(|mark| match mark.as_str() {
                "\\n" => Some('\n'),
                "\\t" => Some('\t'),
                "\\0" => Some('\0'),
                mark => mark.chars().next(),
            });
        } else if base == "xargs" && matches!(first.as_str(), "-0" | "-r" | "-t" | "-0r" | "-r0") {
            rest.pop_front();
            if first.contains('0') {
                separator = Some('\0');
            }
            needs_words |= first.contains('r');
            shows |= first == "-t";
        } else if base == "env" && matches!(first.as_str(), "-i" | "-") {
            rest.pop_front();
            cleared = true;
        } else if base == "env" && first == "-u" {
            rest.pop_front();
            removed.extend(rest.pop_front());
        } else if first.starts_with('-') && first.len() > 1 && base != "env" {
            rest.pop_front();
        } else {
            break;
        }
    }
    let span = |seconds: f64| Duration::millis((seconds.clamp(0.1, 1e6) * 1000.0) as u64);
    let around = match base {
        "time" => Around::Time,
        "watch" => Around::Watch(span(number.unwrap_or(2.0))),
        "timeout" => {
            let text = rest.pop_front()?;
            Around::Timeout(span(super::time::seconds(&text)?))
        }
        "env" => {
            let mut assigns = Vec::new();
            while let Some((name, value)) = rest.front().and_then(|a| a.split_once('=')) {
                assigns.push((name.to_owned(), value.to_owned()));
                rest.pop_front();
            }
            Around::Env {
                assigns,
                cleared,
                removed,
            }
        }
        _ => {
            if rest.is_empty() {
                rest.push_back("echo".to_owned());
            }
            Around::Xargs {
                at_once: number.map_or(usize::MAX, |n| n as usize),
                replace,
                separator,
                needs_words,
                shows,
                find: None,
                waiting: None,
                failed: false,
            }
        }
    };
    if rest.is_empty() {
        return None;
    }
    Some(Box::new(Runner {
        around,
        arguments: rest.into(),
        shell: None,
        begun: None,
    }))
}
