//! Commands as resumable state: a command runs until it needs time, a change or input, and is polled again then.
//!
//! The page and the native terminal drive the same machines; nothing here blocks.

use petset_cluster::{Cluster, Instant};
use std::collections::BTreeMap;

/// What a command waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// This moment of virtual time.
    Time(Instant),
    /// A change of any object, or this moment if it comes first.
    Change(Option<Instant>),
    /// Input from the keyboard or from the pipe before it (or a change in a process it is attached to).
    Input,
}

/// What came of polling a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// It ended with this exit code.
    Done(i32),
    /// It waits.
    Pending(Until),
}

/// The files of the learner's working directory: the editor's files.
pub type Files = BTreeMap<String, String>;

/// Input that has arrived for a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// What was typed or piped and not yet read.
    pub text: String,
    /// Nothing more will come.
    pub closed: bool,
    /// Whether a person sits at the other end.
    pub terminal: bool,
}

/// What a command can reach while it is polled.
pub struct Context<'a> {
    /// The cluster.
    pub cluster: &'a mut Cluster,
    /// The working directory.
    pub files: &'a mut Files,
    /// Environment variables.
    pub env: &'a BTreeMap<String, String>,
    /// Standard input.
    pub stdin: &'a mut Input,
    /// Standard output; the command appends.
    pub stdout: &'a mut String,
    /// Standard error; the command appends.
    pub stderr: &'a mut String,
}

/// A running command.
pub trait Command: Send + Sync {
    /// Lets the command go on until it waits or ends. Output is appended to the context.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll;

    /// Ctrl-C. The command ends at its next poll, with what it still has to say.
    fn interrupt(&mut self, context: &mut Context<'_>);

    /// A copy, for snapshots.
    fn clone_box(&self) -> Box<dyn Command>;
}

impl Clone for Box<dyn Command> {
    fn clone(&self) -> Box<dyn Command> {
        self.clone_box()
    }
}
