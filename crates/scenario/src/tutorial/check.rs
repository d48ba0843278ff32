//! Runs a tutorial and says whether the page is true.

use super::matching::{Line, difference};
use super::stage::{Stage, Typed};
use super::{Block, Command, Expected, Step, Tutorial, matches, watched};

/// How often, and at what distance, a command that only looks is typed again until it shows what the page does.
const LOOKS: usize = 60;
const BETWEEN_LOOKS_MS: u64 = 1_000;

/// A command and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What was typed.
    pub command: String,
    /// Its line on the page, from 1.
    pub line: usize,
    /// The exit code; none for one that runs on.
    pub code: Option<i32>,
    /// What it printed, as a screen shows it.
    pub printed: String,
    /// Whether the page is true.
    pub verdict: Verdict,
    /// What the page says it prints.
    pub expected: Option<Expected>,
}

/// Whether a command did what the page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    Passed,
    /// It ended with another exit code than this one.
    WrongCode(i32),
    /// It printed something else.
    WrongOutput(Vec<Line>),
    /// Nothing ran that could have taken the input.
    NothingRan,
}

/// What came of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The commands in order; what is typed into a command follows it.
    pub commands: Vec<Checked>,
}

impl Report {
    /// The commands that did not do what the page says.
    pub fn failed(&self) -> impl Iterator<Item = &Checked> {
        self.commands
            .iter()
            .filter(|checked| checked.verdict != Verdict::Passed)
    }
}

/// Runs the page to its end, whatever fails.
pub fn check(tutorial: &Tutorial, stage: &mut dyn Stage) -> Report {
    let mut run = Run {
        stage,
        report: Report::default(),
        manifests: Vec::new(),
        beside: Vec::new(),
        unsettled: false,
    };
    for step in &tutorial.steps {
        match step {
            Step::File {
                name: Some(name),
                text,
            } => run.stage.write_file(name, text),
            Step::File { name: None, text } => run.manifests.push(text.clone()),
            Step::Wait(None) => run.stage.settle(),
            Step::Wait(Some(millis)) => run.stage.pass(*millis),
            Step::Block(block) => run.block(block),
        }
    }
    run.look_again_at_what_runs();
    run.report
}

struct Run<'a> {
    stage: &'a mut dyn Stage,
    report: Report,
    /// Manifests that no name stands with, in their order.
    manifests: Vec<String>,
    /// What runs in terminals of its own.
    beside: Vec<Beside>,
    unsettled: bool,
}

struct Beside {
    text: String,
    terminal: usize,
    /// How much of what it printed the page has spoken of.
    seen: usize,
    /// What the page says it prints and it has not printed yet: the number of the command in the report.
    open: Vec<usize>,
}

impl Run<'_> {
    fn block(&mut self, block: &Block) {
        if self.unsettled {
            self.stage.settle();
        }
        self.unsettled = true;
        let first = self.report.commands.len();
        let count = block.commands.len();
        for (index, command) in block.commands.iter().enumerate() {
            let text = match &block.directives.inside {
                Some(pod) => inside(pod, &command.text),
                None => command.text.clone(),
            };
            self.name_manifests(&text);
            let wanted = block.directives.exit_code.filter(|_| index + 1 == count);
            let output = command.output.as_ref();
            let last = block.output.as_ref().filter(|_| index + 1 == count);
            if block.directives.background || runs_on(&text) {
                self.type_beside(command, &text, output.or(last));
            } else {
                self.type_here(command, &text, wanted);
            }
        }
        if let Some(expected) = &block.output
            && !block
                .commands
                .last()
                .is_some_and(|last| block.directives.background || runs_on(&last.text))
        {
            self.together(first, expected, block.directives.exit_code.is_some());
        }
    }

    /// Gives the manifests without names the names that a command asks for.
    fn name_manifests(&mut self, text: &str) {
        for name in manifest_names(text) {
            if self.manifests.is_empty() || self.stage.has_file(name) {
                continue;
            }
            let stem = name.rsplit('/').next().unwrap_or(name);
            let stem = stem.split('.').next().unwrap_or(stem);
            let named = |text: &String| text.contains(&format!("name: {stem}\n"));
            let at = self.manifests.iter().position(named).unwrap_or(0);
            let text = self.manifests.remove(at);
            self.stage.write_file(name, &text);
        }
    }

    fn type_here(&mut self, command: &Command, text: &str, wanted: Option<i32>) {
        let inputs: Vec<String> = command
            .inputs
            .iter()
            .map(|input| input.text.clone())
            .collect();
        let mut typed = self.stage.type_line(text, &inputs);
        let first = |typed: &Typed| typed.printed.first().cloned().unwrap_or_default();
        let is_shown = |typed: &Typed| {
            command
                .output
                .as_ref()
                .is_none_or(|output| matches(output, &first(typed)))
        };
        let mut looks = 0;
        while !is_shown(&typed) && only_looks(text) && inputs.is_empty() && looks < LOOKS {
            self.stage.pass(BETWEEN_LOOKS_MS);
            typed = self.stage.type_line(text, &inputs);
            looks += 1;
        }
        let shows_an_output = command.output.is_some();
        let verdict = match (&command.output, wanted) {
            (Some(output), _) if !is_shown(&typed) => {
                Verdict::WrongOutput(difference(output, &first(&typed)))
            }
            (_, Some(code)) if typed.code != code => Verdict::WrongCode(code),
            (_, None) if typed.code != 0 && !shows_an_output && inputs.is_empty() => {
                Verdict::WrongCode(0)
            }
            _ => Verdict::Passed,
        };
        self.report.commands.push(Checked {
            command: text.to_owned(),
            line: command.line,
            code: Some(typed.code),
            printed: first(&typed),
            verdict,
            expected: command.output.clone(),
        });
        for (index, input) in command.inputs.iter().enumerate() {
            let printed = typed.printed.get(index + 1);
            let is_last = index + 1 == command.inputs.len();
            let leaves = input.text.trim() == "exit" || (is_last && printed.is_none());
            let verdict = match (printed, &input.output) {
                (None, None) if leaves => Verdict::Passed,
                (None, _) => Verdict::NothingRan,
                (Some(printed), Some(output)) if !matches(output, printed) => {
                    Verdict::WrongOutput(difference(output, printed))
                }
                _ => Verdict::Passed,
            };
            self.report.commands.push(Checked {
                command: input.text.clone(),
                line: input.line,
                code: None,
                printed: printed.cloned().unwrap_or_default(),
                verdict,
                expected: input.output.clone(),
            });
        }
    }

    /// Compares a block of output with the last command before it, or with all of them together.
    fn together(&mut self, first: usize, expected: &Expected, has_code: bool) {
        let printed: String = self.report.commands[first..]
            .iter()
            .filter(|checked| checked.expected.is_none())
            .map(|checked| checked.printed.as_str())
            .collect();
        let Some(last) = self.report.commands.last().cloned() else {
            return;
        };
        let mut shown = last.printed.clone();
        let mut code = last.code;
        let mut is_shown = matches(expected, &shown) || matches(expected, &printed);
        let mut looks = 0;
        while !is_shown && only_looks(&last.command) && looks < LOOKS {
            self.stage.pass(BETWEEN_LOOKS_MS);
            let typed = self.stage.type_line(&last.command, &[]);
            code = Some(typed.code);
            shown = typed.printed.concat();
            is_shown = matches(expected, &shown);
            looks += 1;
        }
        if let Some(checked) = self.report.commands.last_mut() {
            checked.code = code;
            checked.expected = Some(expected.clone());
            match &checked.verdict {
                // A command that shows an error is shown to fail.
                Verdict::WrongCode(_) if is_shown && !has_code => checked.verdict = Verdict::Passed,
                Verdict::Passed | Verdict::WrongCode(_) if !is_shown => {
                    checked.verdict = Verdict::WrongOutput(difference(expected, &shown));
                }
                _ => {}
            }
            checked.printed = shown;
        }
    }

    fn type_beside(&mut self, command: &Command, text: &str, expected: Option<&Expected>) {
        let known = self.beside.iter().position(|beside| beside.text == text);
        let known = known.unwrap_or_else(|| {
            let terminal = self.stage.type_beside(text);
            self.beside.push(Beside {
                text: text.to_owned(),
                terminal,
                seen: 0,
                open: Vec::new(),
            });
            self.beside.len() - 1
        });
        let beside = &mut self.beside[known];
        let printed = self.stage.printed_beside(beside.terminal);
        let new = printed.get(beside.seen..).unwrap_or_default();
        let mut verdict = Verdict::Passed;
        if let Some(expected) = expected {
            if watched::shows(expected, new) || watched::shows(expected, &printed) {
                beside.seen = printed.len();
            } else {
                verdict = Verdict::WrongOutput(difference(expected, new));
                beside.open.push(self.report.commands.len());
            }
        }
        self.report.commands.push(Checked {
            command: text.to_owned(),
            line: command.line,
            code: None,
            printed: new.to_owned(),
            verdict,
            expected: expected.cloned(),
        });
    }

    /// A page may show what a command prints before it says what makes it print that.
    fn look_again_at_what_runs(&mut self) {
        if self.beside.iter().any(|beside| !beside.open.is_empty()) {
            self.stage.settle();
        }
        for beside in &self.beside {
            let printed = self.stage.printed_beside(beside.terminal);
            for index in &beside.open {
                let Some(checked) = self.report.commands.get_mut(*index) else {
                    continue;
                };
                let Some(expected) = &checked.expected else {
                    continue;
                };
                checked.verdict = if watched::shows(expected, &printed) {
                    Verdict::Passed
                } else {
                    Verdict::WrongOutput(difference(expected, &printed))
                };
                checked.printed.clone_from(&printed);
            }
        }
    }
}

/// The line typed inside a pod; `pod` is what follows `kubectl exec`.
fn inside(pod: &str, text: &str) -> String {
    format!(
        "kubectl exec {pod} -- sh -c '{}'",
        text.replace('\'', "'\\''")
    )
}

/// Whether a line runs until it is stopped.
fn runs_on(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let is_kubectl = matches!(words.first(), Some(&"kubectl" | &"k"));
    let is_piped = has(&["|", "&&", ";", "&"]) || text.ends_with('&') || text.contains("timeout ");
    !is_piped
        && match words.first() {
            Some(&"watch") => true,
            Some(&"tail") => has(&["-f", "-F"]),
            _ if !is_kubectl => false,
            _ if has(&["get"]) => has(&["-w", "--watch", "--watch-only", "--watch=true"]),
            _ if has(&["events"]) => has(&["-w", "--watch"]),
            _ if has(&["logs"]) => has(&["-f", "--follow"]),
            _ => has(&["port-forward", "proxy"]),
        }
}

/// Whether a line changes nothing, so that it can be typed again.
fn only_looks(text: &str) -> bool {
    const CHANGES: [&str; 31] = [
        "annotate",
        "apply",
        "autoscale",
        "cordon",
        "cp",
        "create",
        "debug",
        "delete",
        "drain",
        "edit",
        "expose",
        "label",
        "mkdir",
        "mv",
        "patch",
        "pause",
        "replace",
        "restart",
        "resume",
        "rm",
        "run",
        "scale",
        "set",
        "set-context",
        "taint",
        "tee",
        "touch",
        "uncordon",
        "undo",
        "use-context",
        "kill",
    ];
    !text.contains('>')
        && !text
            .split(|c: char| !c.is_ascii_alphanumeric() && !"-_./=".contains(c))
            .any(|word| CHANGES.contains(&word))
}

/// The files that a line asks for with `-f` or `--filename`.
fn manifest_names(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut names = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let value = match word.split_once('=') {
            Some(("-f" | "--filename", value)) => Some(value),
            _ if matches!(*word, "-f" | "--filename") => words.get(index + 1).copied(),
            _ => None,
        };
        let files = value.into_iter().flat_map(|value| value.split(','));
        names.extend(files.filter(|name| {
            !name.contains("://")
                && [".yaml", ".yml", ".json"]
                    .iter()
                    .any(|end| name.ends_with(end))
        }));
    }
    names
}
