//! Runs one command: expansion, streams, and then its body.

use super::ast::{Assign, AssignValue, Body, Command, Word};
use super::expand::Expander;
use super::machine::{Frame, Machine};
use super::simple::Assigned;
use super::state::Dialect;
use super::streams::Outside;
use std::collections::VecDeque;
use std::sync::Arc;

impl Machine {
    /// Runs a command whose substitutions are done.
    pub(super) fn run_command(
        &mut self,
        node: &Arc<Command>,
        results: VecDeque<String>,
        outside: &mut Outside<'_>,
    ) {
        let had_substitution = !results.is_empty();
        self.state.line = node.line;
        if self.state.options.noexec {
            return;
        }
        let mut expander = Expander {
            state: &mut self.state,
            system: &mut *outside.system,
            results,
            unset: false,
        };
        let arguments = match &node.body {
            Body::Simple { words, .. } => {
                if words.first().and_then(|w| w.literal()) == Some("[[") {
                    condition_words(&mut expander, words)
                } else {
                    expander.arguments(words)
                }
            }
            Body::For {
                words: Some(words), ..
            }
            | Body::Select {
                words: Some(words), ..
            } => expander.arguments(words),
            Body::For { words: None, .. } | Body::Select { words: None, .. } => {
                Ok(expander.state.arguments.clone())
            }
            Body::Case { word, arms } => expander.text(word).and_then(|text| {
                let chosen = choose(&mut expander, &text, arms)?;
                Ok(chosen.map_or(Vec::new(), |at| vec![at.to_string(), text]))
            }),
            Body::Arith(word) => expander.arithmetic(word).map(|value| vec![value]),
            _ => Ok(Vec::new()),
        };
        let assigns: Result<Vec<Assigned>, String> = match &node.body {
            Body::Simple { assigns, words } => assign_all(&mut expander, assigns, words.is_empty()),
            _ => Ok(Vec::new()),
        };
        let targets: Result<Vec<String>, String> = node
            .redirects
            .iter()
            .map(|redirect| expander.text(&redirect.target))
            .collect();
        let unset = expander.unset;
        let (arguments, assigns, targets) = match (arguments, assigns, targets) {
            (Ok(arguments), Ok(assigns), Ok(targets)) => (arguments, assigns, targets),
            (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => {
                let status = match self.state.dialect {
                    Dialect::Bash
                        if unset && !self.state.interactive && !self.state.options.errexit =>
                    {
                        127
                    }
                    Dialect::Bash | Dialect::BashPrompt => 1,
                    _ => 2,
                };
                // An expansion that fails ends a script; at a prompt the rest of the line.
                self.give_up(&error, status, outside);
                return;
            }
        };
        let before = self.streams();
        if let Err(error) = self.redirect(node, &targets, outside) {
            self.descriptors = Some(before);
            self.error(&error, outside);
            let status = if self.state.dialect == Dialect::Dash {
                2
            } else {
                1
            };
            return self.settle(status);
        }
        let permanent = arguments.len() == 1 && arguments[0] == "exec";
        if !node.redirects.is_empty() && !permanent {
            self.frames.push(Frame::RestoreStreams {
                descriptors: before,
            });
        }
        self.run_body(node, arguments, assigns, had_substitution, outside);
    }

    fn run_body(
        &mut self,
        node: &Arc<Command>,
        arguments: Vec<String>,
        assigns: Vec<Assigned>,
        had_substitution: bool,
        outside: &mut Outside<'_>,
    ) {
        match &node.body {
            Body::Simple { words, .. } => {
                if let Some(name) = words.first().and_then(|w| w.literal())
                    && let Some(text) = self.state.aliases.get(name).cloned()
                    && self.start_alias(name, &text, &arguments[1..])
                {
                    return;
                }
                self.run_simple(arguments, assigns, had_substitution, outside);
            }
            Body::Group(list) => self.start(list.clone()),
            Body::Subshell(list) => match self.fork(outside) {
                Some(mut machine) => {
                    machine.start(list.clone());
                    self.frames.push(Frame::Subshell {
                        machine: Box::new(machine),
                    });
                }
                None => self.fork_failed(outside),
            },
            Body::If { .. } => self.frames.push(Frame::If {
                node: node.clone(),
                clause: 0,
            }),
            Body::While { .. } => {
                self.state.status = 0;
                self.frames.push(Frame::While {
                    node: node.clone(),
                    testing: false,
                    last: 0,
                });
            }
            Body::For { .. } => {
                self.state.status = 0;
                self.frames.push(Frame::For {
                    node: node.clone(),
                    values: arguments.into(),
                });
            }
            Body::Select { .. } => {
                self.state.status = 0;
                self.frames.push(Frame::Select {
                    node: node.clone(),
                    values: arguments,
                    asked: false,
                });
            }
            Body::ForArith { .. } => self.frames.push(Frame::ForArith {
                node: node.clone(),
                started: false,
            }),
            Body::Case { .. } => {
                self.state.status = 0;
                if let [at, text] = arguments.as_slice() {
                    let next = at.parse().unwrap_or(0);
                    self.step_case(node, text.clone(), next, true, outside);
                }
            }
            Body::Function { name, body } => {
                self.state.functions.insert(name.clone(), body.clone());
                self.state.status = 0;
            }
            Body::Arith(_) => {
                let zero = arguments.first().is_none_or(|value| value == "0");
                self.settle(i32::from(zero));
            }
        }
    }
}

/// The words of `[[`: what stands after `==` and `!=` is a pattern, after `=~` a regular expression.
fn condition_words(expander: &mut Expander<'_>, words: &[Word]) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut before = None;
    for word in words {
        out.push(match before {
            Some("=" | "==" | "!=") => expander.pattern(word)?,
            Some("=~") => expander.regex(word)?,
            _ => expander.text(word)?,
        });
        before = word.literal();
    }
    Ok(out)
}

/// Expands assignments. Without a command each is made before the next is expanded.
fn assign_all(
    expander: &mut Expander<'_>,
    assigns: &[Assign],
    alone: bool,
) -> Result<Vec<Assigned>, String> {
    let mut done = Vec::new();
    for assign in assigns {
        let index = match &assign.index {
            Some(word) => Some(expander.text(word)?),
            None => None,
        };
        let assigned = match &assign.value {
            AssignValue::Text(word) => Assigned {
                name: assign.name.clone(),
                index,
                append: assign.append,
                value: expander.text(word)?,
                elements: None,
            },
            AssignValue::Array(elements) => Assigned {
                name: assign.name.clone(),
                index,
                append: assign.append,
                value: String::new(),
                elements: Some(expander.elements(elements)?),
            },
        };
        if alone {
            expander.state.assign(&assigned)?;
        }
        done.push(assigned);
    }
    Ok(done)
}

/// The number of the first arm whose pattern matches.
fn choose(
    expander: &mut Expander<'_>,
    text: &str,
    arms: &[(Vec<Word>, Arc<super::ast::List>, super::ast::ArmEnd)],
) -> Result<Option<usize>, String> {
    for (i, (patterns, ..)) in arms.iter().enumerate() {
        for pattern in patterns {
            let pattern = expander.pattern(pattern)?;
            if super::pattern::matches(&pattern, text) {
                return Ok(Some(i));
            }
        }
    }
    Ok(None)
}
