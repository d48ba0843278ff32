//! Commands in the background.

use super::ast::AndOr;
use super::machine::{Frame, Job, Machine, Progress};
use super::pipelines::merge;
use super::simple::Built;
use super::state::Dialect;
use super::streams::{Outside, Source};
use crate::command::Until;
use std::sync::Arc;

/// Of how many jobs that ended the exit code is kept.
const ENDED_LIMIT: usize = 100;

impl Machine {
    /// Lets background jobs go on and forgets those that ended.
    pub(super) fn poll_jobs(
        &mut self,
        outside: &mut Outside<'_>,
        wait: &mut Option<Until>,
        yields: &mut bool,
    ) {
        for job in &mut self.jobs {
            match job.machine.poll(outside) {
                Progress::Done => {
                    outside.activity += 1;
                    self.ended
                        .insert(job.process_id, job.machine.state.status & 255);
                }
                Progress::Wait(until) => *wait = merge(*wait, until),
                Progress::Yield => *yields = true,
            }
        }
        self.jobs.retain(|job| !job.machine.frames.is_empty());
        while self.ended.len() > ENDED_LIMIT {
            self.ended.pop_first();
        }
    }

    pub(super) fn start_job(&mut self, node: Arc<AndOr>, outside: &mut Outside<'_>) {
        let Some(mut machine) = self.fork(outside) else {
            return self.fork_failed(outside);
        };
        if let Some(descriptors) = &mut machine.descriptors {
            descriptors.stdin = Source::Null;
        }
        machine.frames.push(Frame::AndOr { node, next: 0 });
        let number = self.jobs.last().map_or(0, |job| job.number) + 1;
        let process_id = self.state.last_background.unwrap_or(self.state.process_id) + 1;
        self.state.last_background = Some(process_id);
        if self.state.dialect == super::state::Dialect::BashPrompt && self.depth == 0 {
            let line = format!("[{number}] {process_id}\n");
            let sink = self.streams().stderr;
            let _ = outside.write(&sink, &line);
        }
        self.jobs.push(Job {
            number,
            process_id,
            machine: Box::new(machine),
        });
        self.state.status = 0;
    }

    /// The place of the job that a word means, by `%` or by its process.
    fn job(&self, word: &str) -> Option<usize> {
        match word.strip_prefix('%') {
            Some("" | "%" | "+") => self.jobs.len().checked_sub(1),
            Some("-") => self.jobs.len().checked_sub(2),
            Some(number) => self
                .jobs
                .iter()
                .position(|job| job.number.to_string() == number),
            None => self
                .jobs
                .iter()
                .position(|job| job.process_id.to_string() == word),
        }
    }

    /// `jobs`, `fg`, `bg`, `disown`.
    pub(super) fn job_control(&mut self, arguments: &[String], outside: &mut Outside<'_>) -> Built {
        let name = arguments[0].as_str();
        let word = arguments.get(1).map_or("%", String::as_str);
        let at_prompt = self.state.interactive || self.state.dialect == Dialect::BashPrompt;
        if !at_prompt && self.state.is_bash() && name != "disown" {
            self.complain(name, "no job control", outside);
            return Built::Status(1);
        }
        let Some(at) = self.job(word) else {
            let (words, status) = match (self.state.is_bash(), word) {
                (true, "%") => ("current: no such job".to_owned(), 1),
                (true, word) => (format!("{word}: no such job"), 1),
                (false, "%") => ("No current job".to_owned(), 2),
                (false, word) => (format!("No such job: {word}"), 2),
            };
            self.complain(name, &words, outside);
            return Built::Status(status);
        };
        match name {
            "fg" => {
                let job = self.jobs.remove(at);
                self.frames.push(Frame::Subshell {
                    machine: job.machine,
                });
                Built::Goes
            }
            "disown" => Built::Status(0),
            _ => {
                let number = self.jobs[at].number;
                self.complain(
                    name,
                    &format!("job {number} already in background"),
                    outside,
                );
                Built::Status(0)
            }
        }
    }

    /// `wait`
    pub(super) fn wait(&mut self, rest: &[String], outside: &mut Outside<'_>) -> Built {
        let Some(word) = rest.last() else {
            self.state.status = 0;
            self.frames.push(Frame::Wait(None));
            return Built::Goes;
        };
        let process = match self.job(word) {
            Some(at) => self.jobs[at].process_id,
            None => word.parse().unwrap_or(0),
        };
        if self.job(word).is_none() && !self.ended.contains_key(&process) {
            if self.state.is_bash() {
                let words = match word.parse::<u32>() {
                    Ok(_) => format!("pid {word} is not a child of this shell"),
                    Err(_) => format!("`{word}': not a pid or valid job spec"),
                };
                self.complain("wait", &words, outside);
            }
            return Built::Status(127);
        }
        self.frames.push(Frame::Wait(Some(process)));
        Built::Goes
    }

    pub(super) fn step_wait(&mut self, wanted: Option<u32>) -> Option<Progress> {
        let runs = match wanted {
            Some(process) => self.jobs.iter().any(|job| job.process_id == process),
            None => !self.jobs.is_empty(),
        };
        if runs {
            self.frames.push(Frame::Wait(wanted));
            return Some(Progress::Wait(None));
        }
        if let Some(process) = wanted {
            let status = self.ended.get(&process).copied().unwrap_or(127);
            self.settle(status);
        }
        None
    }

    /// `kill`: jobs, the shell itself, and other processes.
    pub(super) fn kill(&mut self, rest: &[String], outside: &mut Outside<'_>) -> Built {
        let mut signal = 15;
        let mut words = rest.iter();
        let mut targets = Vec::new();
        while let Some(word) = words.next() {
            let name = match word.as_str() {
                "-l" => return self.list_signals(words.next(), outside),
                "-s" | "-n" => words.next().map(String::as_str),
                _ if targets.is_empty() => word.strip_prefix('-'),
                _ => None,
            };
            match name {
                None => targets.push(word.clone()),
                Some("-") => {}
                Some(name) => match signal_number(name) {
                    Some(number) => signal = number,
                    None => {
                        let text = match self.state.dialect {
                            Dialect::Dash => format!("invalid signal number or name: {name}"),
                            Dialect::Ash => format!("bad signal name '{name}'"),
                            _ => format!("{name}: invalid signal specification"),
                        };
                        self.complain_of_kill(&text, outside);
                        return Built::Status(1);
                    }
                },
            }
        }
        if targets.is_empty() {
            let sink = self.streams().stderr;
            let (text, status) = match self.state.dialect {
                Dialect::Dash => (format!("{}Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]", self.state.builtin_prefix("kill")), 2),
                Dialect::Ash => (format!("{}you need to specify whom to kill", self.state.prefix()), 1),
                _ => ("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]".to_owned(), 2),
            };
            let _ = outside.write(&sink, &format!("{text}\n"));
            return Built::Status(status);
        }
        let mut status = 0;
        let mut ends = false;
        for word in targets {
            if let Some(at) = self.job(&word) {
                if signal != 0 {
                    let mut job = self.jobs.remove(at);
                    job.machine.interrupt(outside);
                    self.ended.insert(job.process_id, 128 + signal);
                }
                continue;
            }
            if word == self.state.process_id.to_string() {
                ends |= self.signal_itself(signal);
                continue;
            }
            status |= self.kill_process(&word, signal, outside);
        }
        match ends {
            true => Built::Goes,
            false => Built::Status(status),
        }
    }

    fn complain_of_kill(&mut self, text: &str, outside: &mut Outside<'_>) {
        match self.state.dialect {
            Dialect::Ash => self.error(text, outside),
            _ => self.complain("kill", text, outside),
        }
    }

    fn kill_process(&mut self, word: &str, signal: i32, outside: &mut Outside<'_>) -> i32 {
        let Ok(process) = word.parse::<u32>() else {
            let text = match self.state.dialect {
                Dialect::Dash => format!("Illegal number: {word}"),
                Dialect::Ash => format!("invalid number '{word}'"),
                _ if word.starts_with('%') => format!("{word}: no such job"),
                _ => format!("{word}: arguments must be process or job IDs"),
            };
            self.complain_of_kill(&text, outside);
            return 1;
        };
        let sent = match outside.system.container() {
            Some(container) => container.kill(process, signal),
            None => Err(crate::programs::Errno::NoProcess),
        };
        let Err(error) = sent else {
            return 0;
        };
        let text = match self.state.dialect {
            Dialect::Dash => format!("{}\n", error.message()),
            Dialect::Ash => format!("can't kill pid {process}: {}", error.message()),
            _ => format!("({process}) - {}", error.message()),
        };
        self.complain_of_kill(&text, outside);
        1
    }

    /// A signal that the shell sends to itself. Whether it ends by it.
    fn signal_itself(&mut self, signal: i32) -> bool {
        if let Some(action) = self.traps.get(signal_name(signal)) {
            if !action.is_empty() {
                self.pending_traps.push_back(action.clone());
            }
            return false;
        }
        let at_prompt = self.state.interactive || self.state.dialect == Dialect::BashPrompt;
        if signal == 0 || at_prompt && signal != 9 && signal != 1 {
            return false;
        }
        self.frames.clear();
        self.traps.remove("EXIT");
        self.left = true;
        self.state.status = 128 + signal;
        true
    }

    fn list_signals(&mut self, word: Option<&String>, outside: &mut Outside<'_>) -> Built {
        let text = match word {
            None => SIGNALS.map(|(_, name)| name).join(" "),
            Some(word) => match word.parse::<i32>() {
                Ok(number) => signal_name(number & 127).to_owned(),
                Err(_) => signal_number(word).map_or(String::new(), |n| n.to_string()),
            },
        };
        self.say(&format!("{text}\n"), outside)
    }
}

/// The signals that scripts use.
const SIGNALS: [(i32, &str); 14] = [
    (1, "HUP"),
    (2, "INT"),
    (3, "QUIT"),
    (4, "ILL"),
    (6, "ABRT"),
    (8, "FPE"),
    (9, "KILL"),
    (10, "USR1"),
    (11, "SEGV"),
    (12, "USR2"),
    (13, "PIPE"),
    (14, "ALRM"),
    (15, "TERM"),
    (17, "CHLD"),
];

/// The name of a signal, without `SIG`; empty for one that scripts do not use.
pub(super) fn signal_name(number: i32) -> &'static str {
    SIGNALS
        .iter()
        .find(|(n, _)| *n == number)
        .map_or("", |(_, name)| name)
}

/// The number of a signal, from its name or number.
pub(super) fn signal_number(text: &str) -> Option<i32> {
    if let Ok(number) = text.parse::<i32>() {
        return (0..65).contains(&number).then_some(number);
    }
    let name = text.to_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    SIGNALS
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(number, _)| *number)
}
