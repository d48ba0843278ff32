//! A tutorial as an author writes it, read as something that runs: files, commands, and what the page says they print.

mod check;
mod directive;
mod markdown;
mod matching;
mod sidecar;
mod stage;
mod transcript;
mod update;
mod watched;

pub use check::{Checked, Report, Verdict, check};
pub use directive::{Directives, Manner, Standing};
pub use matching::{Line, difference, matches};
pub use stage::{Stage, Typed};
pub use update::{Unwritten, updated};

use markdown::{Fence, Part};
use sidecar::Page;
use transcript::Lines;

/// A page that runs.
#[derive(Debug, Clone)]
pub struct Tutorial {
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// How many nodes its cluster has; none: as many as usual.
    pub nodes: Option<u32>,
    /// The seed of all chance; none: the usual one.
    pub seed: Option<u64>,
    page: Page,
}

/// One thing that a page does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A file appears in the working directory. A manifest without a name gets it from the command that first asks for it.
    File {
        /// Its name.
        name: Option<String>,
        /// What it holds.
        text: String,
    },
    /// Commands are typed.
    Block(Block),
    /// Time passes: until nothing changes, or this many milliseconds.
    Wait(Option<u64>),
}

/// A block of commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// The commands in order.
    pub commands: Vec<Command>,
    /// What the page says of them.
    pub directives: Directives,
    /// What they print together, from a block of its own behind this one.
    pub output: Option<Expected>,
}

/// A command of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// What is typed, in one line or several.
    pub text: String,
    /// Its line on the page, from 1.
    pub line: usize,
    /// What it prints.
    pub output: Option<Expected>,
    /// What is typed into it while it runs.
    pub inputs: Vec<Command>,
}

/// An output as the page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Its lines.
    pub lines: Vec<String>,
    /// Its first line in the page's text as it is read, from 1.
    pub first: usize,
    /// What stands before each line beside the block's own indentation.
    pub prefix: &'static str,
    /// How it is compared.
    pub manner: Manner,
}

/// Reads a page, with what a sidecar says about it.
///
/// # Errors
/// What is wrong, with its line.
pub fn read(text: &str, sidecar: Option<&str>) -> Result<Tutorial, String> {
    let mut page = Page::new(text);
    if let Some(sidecar) = sidecar {
        sidecar::apply(&mut page, sidecar)?;
    }
    let mut reader = Reader {
        tutorial: Tutorial {
            steps: Vec::new(),
            nodes: None,
            seed: None,
            page,
        },
        next: Directives::default(),
        takes_output: false,
    };
    for part in markdown::parts(&reader.tutorial.page.text()) {
        match part {
            Part::Fence(fence) => reader.fence(fence),
            Part::Directives { text, line } => {
                let standing = directive::read(&text, &mut reader.next).map_err(|words| {
                    format!("line {}: {words}", reader.tutorial.page.place(line))
                })?;
                standing.into_iter().for_each(|said| reader.standing(said));
            }
        }
    }
    Ok(reader.tutorial)
}

struct Reader {
    tutorial: Tutorial,
    /// What is said about the next block.
    next: Directives,
    /// Whether the last block was one of commands, so that a block behind it may be what they print.
    takes_output: bool,
}

/// What a block is.
enum Role {
    File(Option<String>),
    Commands,
    Output,
    Prose,
}

impl Reader {
    fn standing(&mut self, said: Standing) {
        match said {
            Standing::Wait(span) => self.tutorial.steps.push(Step::Wait(span)),
            Standing::Nodes(count) => self.tutorial.nodes = Some(count),
            Standing::Seed(seed) => self.tutorial.seed = Some(seed),
        }
    }

    fn fence(&mut self, fence: Fence) {
        let directives = std::mem::take(&mut self.next);
        if directives.skip {
            self.takes_output = false;
            return;
        }
        match self.role(&fence, &directives) {
            Role::File(name) => {
                let mut text = fence.lines.join("\n");
                text.push('\n');
                self.tutorial.steps.push(Step::File { name, text });
                self.takes_output = false;
            }
            Role::Commands => {
                let block = self.block(&fence, directives);
                self.takes_output = !block.commands.is_empty();
                self.tutorial.steps.push(Step::Block(block));
            }
            Role::Output => {
                let expected = Expected {
                    first: fence.line + 1,
                    lines: fence.lines,
                    manner: directives.manner,
                    prefix: "",
                };
                if let Some(Step::Block(block)) = self.tutorial.steps.last_mut() {
                    block.output = Some(expected);
                }
                self.takes_output = false;
            }
            Role::Prose => {}
        }
    }

    fn role(&self, fence: &Fence, directives: &Directives) -> Role {
        let is_manifest = fence
            .lines
            .iter()
            .any(|line| line.starts_with("apiVersion:") || line.starts_with("\"apiVersion\":"));
        let language = fence
            .info
            .split(|c: char| c.is_whitespace() || "{:,=".contains(c));
        let language = language.into_iter().next().unwrap_or_default();
        if let Some(name) = &directives.file {
            return Role::File(Some(name.clone()));
        }
        if directives.run {
            return Role::Commands;
        }
        if directives.output {
            return Role::Output;
        }
        match language {
            "bash" | "sh" | "shell" | "console" | "shell-session" | "terminal" | "zsh" => {
                Role::Commands
            }
            "yaml" | "yml" | "json" if self.prints(language) && fence.name.is_none() => {
                Role::Output
            }
            "yaml" | "yml" | "json" if is_manifest || fence.name.is_some() => {
                Role::File(fence.name.clone())
            }
            "" | "text" | "txt" | "output" | "plaintext" | "plain" | "none" => {
                if transcript::has_prompts(&fence.lines) {
                    Role::Commands
                } else if is_manifest && !self.prints("yaml") {
                    Role::File(fence.name.clone())
                } else if self.takes_output {
                    Role::Output
                } else {
                    Role::Prose
                }
            }
            _ => fence
                .name
                .clone()
                .map_or(Role::Prose, |name| Role::File(Some(name))),
        }
    }

    /// Whether the last command prints YAML, or JSON.
    fn prints(&self, language: &str) -> bool {
        let Some(Step::Block(block)) = self.tutorial.steps.last().filter(|_| self.takes_output)
        else {
            return false;
        };
        let format = if language == "json" { "json" } else { "yaml" };
        block.commands.last().is_some_and(|last| {
            let mut words = last.text.split_whitespace().rev().take(8);
            words.any(|word| word.starts_with('-') && word.ends_with(format) || word == format)
        })
    }

    fn block(&self, fence: &Fence, directives: Directives) -> Block {
        let mut directives = directives;
        let typed = transcript::commands(&fence.lines);
        let pod = typed.first().and_then(|typed| typed.pod.clone());
        if directives.inside.is_none() {
            directives.inside = pod;
        }
        let command = |typed| self.command(fence, typed, directives.manner);
        Block {
            commands: typed.into_iter().map(command).collect(),
            directives: directives.clone(),
            output: None,
        }
    }

    fn command(&self, fence: &Fence, typed: transcript::Typed, manner: Manner) -> Command {
        let first = fence.line + 1;
        let expected = |lines: Lines| Expected {
            first: first + lines.first,
            lines: lines.text,
            prefix: lines.prefix,
            manner,
        };
        let inputs = typed.inputs.into_iter();
        Command {
            line: self.tutorial.page.place(first + typed.at),
            text: typed.text,
            output: typed.output.map(expected),
            inputs: inputs
                .map(|input| self.command(fence, input, manner))
                .collect(),
        }
    }
}
