//! What a terminal shows.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// Names a terminal for as long as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TerminalId(pub u32);

/// One terminal. Blocks are shared, so that a view costs what changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalView {
    /// Which one.
    pub id: TerminalId,
    /// What its prompt waits for.
    pub prompt: PromptState,
    /// Commands with their output, oldest first. A block is replaced, never changed in place.
    pub blocks: Vec<Rc<Block>>,
}

impl TerminalView {
    /// Everything as one text: each command behind its prompt, then what it printed. `petset test` reads it as a session.
    pub fn transcript(&self) -> String {
        let mut text = String::new();
        for block in &self.blocks {
            for (at, line) in block.command.lines().enumerate() {
                text.push_str(if at == 0 { "$ " } else { "> " });
                text.push_str(line);
                text.push('\n');
            }
            for chunk in &block.chunks {
                text.push_str(&chunk.text);
                if !chunk.text.ends_with('\n') {
                    text.push('\n');
                }
            }
        }
        text
    }
}

/// What a prompt waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PromptState {
    /// A command.
    Ready,
    /// The rest of an unfinished command (`for … do`, an open quote): the prompt is `>`.
    Continuation,
    /// A command runs; it can be interrupted. Lines given meanwhile are run after it.
    Running,
    /// Nothing: the page looks at something that was.
    LookingBack,
}

/// One command and what it printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Unique within the session, growing.
    pub id: u64,
    /// As typed; may have several lines.
    pub command: String,
    /// Output in the order it came.
    pub chunks: Vec<Chunk>,
    /// `None` while it runs.
    pub exit_code: Option<i32>,
    /// Stopped by Ctrl-C.
    pub interrupted: bool,
    /// Virtual time of its start, in ms.
    pub started_ms: u64,
    /// Output lines dropped from the front because of the limit; 0 as a rule.
    pub dropped_lines: u64,
}

/// A run of output of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Which stream.
    pub stream: Stream,
    /// Text, with its line ends.
    pub text: String,
}

/// An output stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What Tab offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// Byte offset in the line at which the candidates' text replaces what stands up to the cursor.
    pub from: usize,
    /// Candidates in the order to show.
    pub candidates: Vec<Candidate>,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Replaces the line from [`Completion::from`] to the cursor.
    pub text: String,
    /// What it is.
    pub kind: CandidateKind,
    /// The same in a few words, kubectl's own where it has some; may be empty.
    pub description: String,
}

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CandidateKind {
    /// A program or kubectl command.
    Command,
    /// A kind of object.
    Kind,
    /// A live object's name.
    Name,
    /// A flag.
    Flag,
    /// A flag's value.
    Value,
    /// A file.
    File,
}
