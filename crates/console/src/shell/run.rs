//! Runs one command: expansion, streams, and then its body.

use super::ast::{Body, Command, List};
use super::expand::Expander;
use super::machine::{Frame, Machine};
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
        let mut expander = Expander {
            state: &mut self.state,
            system: &mut *outside.system,
            results,
            depth: 0,
        };
        let arguments = match &node.body {
            Body::Simple { words, .. } => {
                if words.first().and_then(|w| w.literal()) == Some("[[") {
                    words.iter().map(|w| expander.text(w)).collect()
                } else {
                    expander.arguments(words)
                }
            }
            Body::For {
                words: Some(words), ..
            } => expander.arguments(words),
            Body::For { words: None, .. } => Ok(expander.state.arguments.clone()),
            Body::Case { word, arms } => choose(&mut expander, word, arms),
            Body::Arith(word) => expander.arithmetic(word).map(|value| vec![value]),
            _ => Ok(Vec::new()),
        };
        let assigns: Result<Vec<(String, String)>, String> = match &node.body {
            Body::Simple { assigns, .. } => assigns
                .iter()
                .map(|(name, word)| Ok((name.clone(), expander.text(word)?)))
                .collect(),
            _ => Ok(Vec::new()),
        };
        let targets: Result<Vec<String>, String> = node
            .redirects
            .iter()
            .map(|redirect| expander.text(&redirect.target))
            .collect();
        let (arguments, assigns, targets) = match (arguments, assigns, targets) {
            (Ok(arguments), Ok(assigns), Ok(targets)) => (arguments, assigns, targets),
            (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => {
                self.error(&error, outside);
                self.state.status = 1;
                // An expansion that fails ends a script; at a prompt the rest of the line.
                self.frames.clear();
                return;
            }
        };
        let before = self.streams();
        if let Err(error) = self.redirect(node, &targets, outside) {
            self.descriptors = Some(before);
            self.error(&error, outside);
            return self.settle(if self.state.is_bash() { 1 } else { 2 });
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
        assigns: Vec<(String, String)>,
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
            Body::ForArith { .. } => self.frames.push(Frame::ForArith {
                node: node.clone(),
                started: false,
            }),
            Body::Case { arms, .. } => {
                self.state.status = 0;
                let chosen = arguments
                    .first()
                    .and_then(|text| text.parse::<usize>().ok());
                if let Some((_, list)) = chosen.and_then(|index| arms.get(index)) {
                    self.start(list.clone());
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

/// The number of the first arm whose pattern matches.
fn choose(
    expander: &mut Expander<'_>,
    word: &super::ast::Word,
    arms: &[(Vec<super::ast::Word>, Arc<List>)],
) -> Result<Vec<String>, String> {
    let text = expander.text(word)?;
    for (i, (patterns, _)) in arms.iter().enumerate() {
        for pattern in patterns {
            let pattern = expander.pattern(pattern)?;
            if super::pattern::matches(&pattern, &text) {
                return Ok(vec![i.to_string()]);
            }
        }
    }
    Ok(Vec::new())
}
