//! `xargs`, and `find` where it runs commands.

use super::{Around, Runner, inner};
use crate::command::{Input, Poll, Until};
use crate::programs::{Io, Program, find, path};
use crate::shell::poll_inside;
use std::collections::VecDeque;

impl Runner {
    pub(super) fn xargs(&mut self, io: &mut Io<'_>) -> Poll {
        let Around::Xargs {
            at_once,
            replace,
            separator,
            needs_words,
            shows,
            find,
            waiting,
            failed,
        } = &mut self.around
        else {
            return Poll::Done(1);
        };
        let runs = match waiting {
            Some(runs) => runs,
            None => {
                let found = match find {
                    Some(find) => match find::commands(find, io) {
                        Ok(commands) => commands.into(),
                        Err(poll) => return poll,
                    },
                    None => {
                        let Some(input) = io.input() else {
                            return Poll::Pending(Until::Input);
                        };
                        let words = words(&input, *separator, replace.is_some());
                        if words.is_empty() && *needs_words {
                            return Poll::Done(0);
                        }
                        runs(words, &self.arguments, *at_once, replace.as_deref())
                    }
                };
                waiting.insert(found)
            }
        };
        // What it runs has no input: xargs has read it all.
        let mut nothing = Input {
            closed: true,
            ..Input::default()
        };
        loop {
            if let Some(shell) = &mut self.shell {
                let mut own = Io {
                    system: &mut *io.system,
                    stdin: &mut nothing,
                    stdout: &mut *io.stdout,
                    stderr: &mut *io.stderr,
                    env: io.env,
                    cwd: io.cwd,
                    budget: &mut *io.budget,
                    depth: io.depth,
                    terminal: io.terminal,
                };
                match poll_inside(shell, &mut own) {
                    Poll::Done(status) => *failed |= status != 0,
                    pending => return pending,
                }
                self.shell = None;
            }
            let Some(arguments) = runs.pop_front() else {
                return Poll::Done(match (*failed, find.is_some()) {
                    (true, false) => 123,
                    _ => 0,
                });
            };
            if find.is_none()
                && let Some(poll) = missing("xargs", &arguments, io)
            {
                return poll;
            }
            if *shows {
                io.stderr.push_str(&format!("{}\n", arguments.join(" ")));
            }
            let mut shell = inner(io);
            shell.run_arguments(&arguments);
            self.shell = Some(shell);
        }
    }
}

/// The words that `xargs` reads: lines for `-I`, else what blanks part, in which quotes count.
fn words(input: &str, separator: Option<char>, lines: bool) -> Vec<String> {
    if let Some(separator) = separator {
        let input = input.strip_suffix(separator).unwrap_or(input);
        return match input.is_empty() {
            true => Vec::new(),
            false => input.split(separator).map(str::to_owned).collect(),
        };
    }
    if lines {
        let lines = input.lines().map(str::trim).filter(|line| !line.is_empty());
        return lines.map(str::to_owned).collect();
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = input.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The commands that `xargs` runs.
fn runs(
    words: Vec<String>,
    arguments: &[String],
    at_once: usize,
    replace: Option<&str>,
) -> VecDeque<Vec<String>> {
    if let Some(mark) = replace {
        let run = |line: &String| arguments.iter().map(|a| a.replace(mark, line)).collect();
        return words.iter().map(run).collect();
    }
    if words.is_empty() {
        return VecDeque::from([arguments.to_vec()]);
    }
    words
        .chunks(at_once.max(1))
        .map(|chunk| [arguments, chunk].concat())
        .collect()
}

/// What a program says when there is none of the name that it should run.
pub(super) fn missing(base: &str, arguments: &[String], io: &mut Io<'_>) -> Option<Poll> {
    let name = arguments.first()?;
    let found = match name.contains('/') {
        true => io.system.stat(&io.path(name)).is_ok(),
        false => path::find(name, io.env, io.system).is_some(),
    };
    if found {
        return None;
    }
    let words = match (io.is_busybox(), base) {
        (true, "xargs") => format!("xargs: {name}: No such file or directory"),
        (true, _) => format!("{base}: can't execute '{name}': No such file or directory"),
        (false, "env") => format!("env: '{name}': No such file or directory"),
        (false, "timeout") => {
            format!("timeout: failed to run command '{name}': No such file or directory")
        }
        _ => format!("{base}: {name}: No such file or directory"),
    };
    Some(io.fail(&words, 127))
}

/// `find … -exec COMMAND`
pub(in crate::programs) fn find_exec(arguments: &[String]) -> Box<dyn Program> {
    Box::new(Runner {
        around: Around::Xargs {
            at_once: 1,
            replace: None,
            separator: None,
            needs_words: false,
            shows: false,
            find: Some(arguments.to_vec()),
            waiting: None,
            failed: false,
        },
        arguments: Vec::new(),
        shell: None,
        begun: None,
    })
}
