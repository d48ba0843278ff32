//! One open terminal, and what the page sees of it.

use crate::view::{Block, Chunk, PromptState, Stream, TerminalId, TerminalView};
use petset_cluster::sort;
use petset_cluster::{Cluster, Instant};
use petset_console::Until;
use petset_console::shell::Stream as ShellStream;
use petset_console::terminal::{Activity, Effect, Entry, Terminal};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A terminal with its number and the blocks made of its entries.
#[derive(Clone)]
pub(crate) struct Seat {
    id: TerminalId,
    terminal: Terminal,
    started_ms: BTreeMap<u64, u64>,
    blocks: Vec<Rc<Block>>,
}

impl Seat {
    pub(crate) fn new(id: TerminalId) -> Seat {
        Seat {
            id,
            terminal: Terminal::new(),
            started_ms: BTreeMap::new(),
            blocks: Vec::new(),
        }
    }

    pub(crate) fn id(&self) -> TerminalId {
        self.id
    }

    pub(crate) fn is_running(&self) -> bool {
        self.terminal.is_running()
    }

    /// Whether the command that runs waits for a line.
    pub(crate) fn awaits_input(&self) -> bool {
        self.terminal.is_running() && matches!(self.terminal.next_wake(), Some(Until::Input))
    }

    /// Takes a line: input for an attached command that asks for it, else the next command.
    pub(crate) fn submit(&mut self, line: &str) {
        if self.awaits_input() {
            self.terminal.input(&format!("{line}\n"));
        } else {
            self.terminal.submit(line);
        }
    }

    pub(crate) fn interrupt(&mut self, cluster: &mut Cluster, files: &mut petset_console::Files) {
        let activity = self.terminal.interrupt(cluster, files);
        self.take(&activity, cluster.now());
    }

    pub(crate) fn clear(&mut self) {
        self.terminal.clear();
        self.rebuild(Instant::ZERO);
    }

    /// What the terminal waits for.
    pub(crate) fn until(&self) -> Option<Until> {
        self.terminal.next_wake()
    }

    /// Whether lines wait that nothing keeps from being started.
    pub(crate) fn is_due_at_once(&self) -> bool {
        self.terminal.next_wake() == Some(Until::Time(Instant::ZERO))
    }

    /// The command that runs; empty if none does.
    pub(crate) fn running_command(&self) -> String {
        let last = self
            .terminal
            .entries()
            .next_back()
            .filter(|entry| entry.is_running());
        last.map(|entry| entry.command.clone()).unwrap_or_default()
    }

    /// Lets the terminal go on if its time has come. Returns whether anything changed, and what the page is asked to do.
    pub(crate) fn poll(
        &mut self,
        cluster: &mut Cluster,
        files: &mut petset_console::Files,
    ) -> (bool, Vec<Effect>) {
        let activity = self.terminal.advance(cluster, files);
        self.take(&activity, cluster.now());
        (activity.changed || activity.unfinished, activity.effects)
    }

    fn take(&mut self, activity: &Activity, now: Instant) {
        if activity.effects.contains(&Effect::Clear) {
            self.terminal.clear();
            self.rebuild(now);
        } else if activity.changed {
            self.rebuild(now);
        }
    }

    /// How much is shown, to notice that something was added.
    pub(crate) fn output_size(&self) -> usize {
        let chunks = self.blocks.iter().flat_map(|block| &block.chunks);
        self.blocks.len() + chunks.map(|chunk| chunk.text.len()).sum::<usize>()
    }

    /// Makes blocks of entries. Blocks of commands that have ended stay as they are.
    fn rebuild(&mut self, now: Instant) {
        let mut kept = sort::map(self.blocks.drain(..).map(|block| (block.id, block)));
        let mut started = BTreeMap::new();
        for entry in self.terminal.entries() {
            let at = *self.started_ms.get(&entry.id).unwrap_or(&now.as_millis());
            started.insert(entry.id, at);
            let block = match kept.remove(&entry.id) {
                Some(block) if block.exit_code.is_some() => block,
                _ => Rc::new(self.block(entry, at)),
            };
            self.blocks.push(block);
        }
        self.started_ms = started;
    }

    fn block(&self, entry: &Entry, started_ms: u64) -> Block {
        let chunk = |(stream, text): &(ShellStream, String)| Chunk {
            stream: match stream {
                ShellStream::Stdout => Stream::Stdout,
                ShellStream::Stderr => Stream::Stderr,
            },
            text: text.clone(),
        };
        Block {
            id: entry.id,
            command: entry.command.clone(),
            chunks: entry.output.iter().map(chunk).collect(),
            exit_code: entry.exit_code,
            interrupted: entry.exit_code == Some(130),
            started_ms,
            dropped_lines: 0,
        }
    }

    pub(crate) fn view(&self) -> TerminalView {
        let prompt = if self.terminal.is_running() {
            PromptState::Running
        } else if self.terminal.prompt() == "> " {
            PromptState::Continuation
        } else {
            PromptState::Ready
        };
        TerminalView {
            id: self.id,
            prompt,
            blocks: self.blocks.clone(),
        }
    }
}
