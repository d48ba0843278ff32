//! A person's terminal on the simulation: what a tutorial's reader types.

use super::{COMMAND_LIMIT, Simulated};
use crate::tutorial::{Stage, Typed};
use petset_cluster::{Duration, Instant};
use petset_console::{Entry, Terminal, Until};

/// A command that has printed nothing for so long and wants input waits for it.
const HESITATION: Duration = Duration::millis(400);

fn text<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let outputs = entries.flat_map(|entry| &entry.output);
    outputs.map(|(_, text)| text.as_str()).collect()
}

impl Simulated {
    /// Works on the typed line until it ends, wants input or its time is up. Whether it wants input.
    fn work(&mut self, limit: Instant) -> bool {
        loop {
            self.desk.advance(&mut self.cluster, &mut self.files);
            self.follow();
            let Some(wake) = self.desk.next_wake().filter(|_| self.desk.is_running()) else {
                return false;
            };
            match wake {
                Until::Time(at) if at <= self.cluster.now() => continue,
                Until::Input => return true,
                _ => {}
            }
            if !self.step(limit, Some(wake)) {
                self.desk.interrupt(&mut self.cluster, &mut self.files);
                return false;
            }
        }
    }

    /// Whether the typed line still wants input after a while in which it says nothing new.
    fn hesitates(&mut self, limit: Instant) -> bool {
        let mut printed = self.printed_since(0).len();
        let mut end = self.cluster.now() + HESITATION;
        while self.step(end.min(limit), None) {
            if !self.work(limit) {
                return false;
            }
            let now = self.printed_since(0).len();
            if now != printed {
                (printed, end) = (now, self.cluster.now() + HESITATION);
            }
        }
        true
    }

    /// What the entries of the terminal after this one have printed.
    fn printed_since(&self, entry: u64) -> String {
        text(self.desk.entries().filter(|found| found.id > entry))
    }
}

impl Stage for Simulated {
    fn write_file(&mut self, name: &str, text: &str) {
        self.files.insert(name.to_owned(), text.to_owned());
    }

    fn has_file(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    fn type_line(&mut self, line: &str, inputs: &[String]) -> Typed {
        let last = self.desk.entries().next_back().map_or(0, |entry| entry.id);
        let limit = self.cluster.now() + COMMAND_LIMIT;
        self.desk.submit(line);
        let (mut typed, mut seen) = (Typed::default(), 0);
        let mut inputs = inputs.iter();
        let mut closed = false;
        while self.work(limit) {
            if !closed && !self.hesitates(limit) {
                break;
            }
            let printed = self.printed_since(last);
            if closed {
                // It goes on without input when the cluster does.
                let next = self.cluster.now() + HESITATION;
                if next > limit || !self.desk.is_running() {
                    self.desk.interrupt(&mut self.cluster, &mut self.files);
                    break;
                }
                while self.step(next, None) {}
                self.cluster.run_until(next);
                continue;
            }
            let segment = printed.get(seen..).unwrap_or_default();
            // The prompt stands in the line that is not ended.
            let end = segment.rfind('\n').map_or(0, |at| at + 1);
            typed.printed.push(segment[..end].to_owned());
            seen = printed.len();
            match inputs.next() {
                Some(input) => self.desk.input(&format!("{input}\n")),
                None => {
                    self.desk.close_input();
                    closed = true;
                }
            }
        }
        if !closed || typed.printed.len() == 1 {
            let printed = self.printed_since(last);
            let segment = printed.get(seen..).unwrap_or_default().to_owned();
            match typed.printed.last_mut().filter(|_| closed) {
                Some(last) => last.push_str(&segment),
                None => typed.printed.push(segment),
            }
        }
        let ended = self.desk.entries().next_back();
        typed.code = ended.and_then(|entry| entry.exit_code).unwrap_or(-1);
        typed
    }

    fn type_beside(&mut self, line: &str) -> usize {
        let mut terminal = Terminal::new();
        terminal.submit(line);
        self.background.push(terminal);
        self.follow();
        self.pass(700);
        self.background.len() - 1
    }

    fn printed_beside(&self, terminal: usize) -> String {
        let terminal = self.background.get(terminal);
        text(terminal.into_iter().flat_map(Terminal::entries))
    }

    fn settle(&mut self) {
        crate::scenario::Runner::settle(self);
    }

    fn pass(&mut self, millis: u64) {
        let end = self.cluster.now() + Duration::millis(millis);
        while self.step(end, None) {}
        self.cluster.run_until(end);
        self.follow();
    }
}
