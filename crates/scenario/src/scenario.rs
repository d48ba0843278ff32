//! Scenarios: Markdown whose fenced blocks are files and commands, and the running of them.

use crate::record::{Change, Output, Record};

/// What runs a scenario: the simulation behind a console, or a recording.
pub trait Runner {
    /// Puts a file into the working directory.
    fn write_file(&mut self, name: &str, text: &str);
    /// Runs a line of shell to its end.
    fn run(&mut self, line: &str) -> Output;
    /// Starts a line that runs until the scenario ends (`kubectl get -w`), and gives it 700 ms.
    fn start_background(&mut self, line: &str);
    /// Stops what runs in the background, as SIGTERM does, and returns what each printed, in the order they were started.
    fn finish_background(&mut self) -> Vec<Output>;
    /// Lets time pass until nothing has changed for 2.5 s, save nodes and events, and no pod is on its way; at most 90 s.
    fn settle(&mut self);
    /// Milliseconds since the scenario began.
    fn elapsed_ms(&self) -> u64;
    /// Every change of every object since the start, in order.
    fn changes(&self) -> Vec<Change>;
}

/// A block of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A file in the working directory.
    File {
        /// Its name.
        name: String,
        /// What it holds.
        text: String,
    },
    /// Lines of shell.
    Commands {
        /// One command each.
        lines: Vec<String>,
        /// What is waited for.
        pace: Pace,
    },
}

/// What a block of commands waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// The cluster settles before it, where it has not, and behind it.
    Settle,
    /// The same without the wait behind it.
    Now,
    /// Commands that never end; they run in the background until the scenario ends.
    Watch,
}

/// The blocks of a scenario's text. Prose and other fences are passed over.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let body: String = lines
            .by_ref()
            .take_while(|line| !line.starts_with("```"))
            .collect();
        blocks.extend(block(info, body));
    }
    blocks
}

fn block(info: &str, body: String) -> Option<Block> {
    let words: Vec<&str> = info.split_whitespace().collect();
    match words[..] {
        ["yaml", name, ..] => Some(Block::File {
            name: name.to_owned(),
            text: body,
        }),
        ["sh", ref how @ ..] => {
            let pace = match how {
                _ if how.contains(&"watch") => Pace::Watch,
                _ if how.contains(&"now") => Pace::Now,
                _ => Pace::Settle,
            };
            let joined = body.replace("\\\n", "");
            let lines = joined
                .lines()
                .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
            Some(Block::Commands {
                lines: lines.map(str::to_owned).collect(),
                pace,
            })
        }
        _ => None,
    }
}

/// Runs a scenario and records what each command answered.
pub fn play(text: &str, runner: &mut dyn Runner) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    let mut unsettled = false;
    for block in blocks(text) {
        let (lines, pace) = match block {
            Block::File { name, text } => {
                runner.write_file(&name, &text);
                continue;
            }
            Block::Commands { lines, pace } => (lines, pace),
        };
        if unsettled && pace == Pace::Settle {
            runner.settle();
        }
        unsettled = pace == Pace::Now;
        for line in lines {
            let start_ms = runner.elapsed_ms();
            if pace == Pace::Watch {
                runner.start_background(&line);
                records.push(Record {
                    start_ms,
                    ..Record::in_background(&line)
                });
            } else {
                let output = runner.run(&line);
                let span_ms = (start_ms, runner.elapsed_ms());
                records.push(Record::finished(&line, output, span_ms));
            }
        }
        if pace == Pace::Settle {
            runner.settle();
        }
    }
    let outputs = runner.finish_background();
    for (record, output) in records
        .iter_mut()
        .filter(|record| record.background)
        .zip(outputs)
    {
        (record.stdout, record.stderr) = (output.stdout, output.stderr);
    }
    records
}
