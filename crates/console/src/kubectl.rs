//! kubectl 1.36: one module for each command, over the API's one door.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd`.

mod apply;
mod auth;
mod autoscale;
mod builder;
mod change;
mod commands;
mod config;
mod cp;
mod create;
mod delete;
pub mod describe;
mod diff;
mod drain;
mod edit;
mod errors;
mod events;
mod exec;
mod explain;
mod expose;
mod files;
mod flags;
mod get;
mod gotemplate;
mod info;
mod jsonpath;
mod label;
mod logs;
mod patch;
mod plain;
mod pods;
pub(crate) mod port_forward;
mod printers;
mod raw;
mod remote;
mod replace;
mod resources;
mod rollout;
mod run;
mod scale;
mod selector;
mod session;
mod set;
mod tables;
mod taint;
mod template_file;
pub mod texts;
pub(crate) mod vocabulary;
mod wait;

use crate::command::{Command, Context, Files, Poll, Until};
use commands::Spec;
pub(crate) use create::base64;
use errors::Error;
use flags::Parsed;
pub(crate) use gotemplate::base64_text;
use petset_cluster::{Duration, Instant};
use session::{Io, Next, Once, Session, Task};

/// The variable that holds the namespace chosen with `kubectl config set-context --current --namespace`.
pub const NAMESPACE_VARIABLE: &str = "PETSET_NAMESPACE";

/// Starts kubectl. `args` are the words after `kubectl`.
pub fn start(args: &[String], context: &mut Context<'_>) -> Box<dyn Command> {
    let mut session = Session {
        namespace: context
            .env
            .get(NAMESPACE_VARIABLE)
            .filter(|name| !name.is_empty())
            .cloned()
            .or_else(|| config::chosen_namespace(context.files))
            .unwrap_or_else(|| "default".to_owned()),
        ..Session::default()
    };
    let task = dispatch(args, &mut session, context.files)
        .unwrap_or_else(|error| Box::new(Once::new(error, |error, _| Err(error.clone()))));
    context.stderr.push_str(&session.notices);
    let latency = context.cluster.latency().kubectl;
    let first = Duration::micros(latency.0 / 3 * 2);
    Box::new(Kubectl {
        session,
        task,
        latency,
        resume: context.cluster.now() + first,
        end: None,
        interrupted: false,
    })
}

/// A running kubectl: the command, and the time that requests take.
#[derive(Clone)]
struct Kubectl {
    session: Session,
    task: Box<dyn Task>,
    latency: Duration,
    resume: Instant,
    end: Option<i32>,
    interrupted: bool,
}

impl Kubectl {
    fn pause(&mut self, now: Instant, part: u64) -> Poll {
        self.resume = now + Duration::micros(self.latency.0 / part);
        Poll::Pending(Until::Time(self.resume))
    }
}

impl Command for Kubectl {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll {
        let now = context.cluster.now();
        if self.interrupted {
            return Poll::Done(130);
        }
        if now < self.resume {
            return Poll::Pending(Until::Time(self.resume));
        }
        if let Some(code) = self.end {
            return Poll::Done(code);
        }
        let mut io = Io {
            context,
            session: &mut self.session,
        };
        let outcome = self.task.step(&mut io);
        match outcome {
            Ok(Next::Request) => self.pause(now, 6),
            Ok(Next::Wait(until)) => Poll::Pending(until),
            Ok(Next::Done(code)) => {
                self.end = Some(code);
                self.pause(now, 3)
            }
            Err(error) => {
                if let Error::After(text, _) = &error {
                    context.stdout.push_str(text);
                }
                context.stderr.push_str(&error.text());
                self.end = Some(error.code());
                self.pause(now, 3)
            }
        }
    }

    fn interrupt(&mut self, context: &mut Context<'_>) {
        let mut io = Io {
            context,
            session: &mut self.session,
        };
        if self.end.is_some() || !self.task.interrupt(&mut io) {
            self.interrupted = true;
        }
    }

    fn clone_box(&self) -> Box<dyn Command> {
        Box::new(self.clone())
    }
}

/// A command that only prints `text`.
fn say(text: String, code: i32) -> Box<dyn Task> {
    Box::new(Once::new((text, code), |(text, code), io| {
        io.out(text);
        if *code == 0 {
            Ok(())
        } else {
            Err(Error::Exit(*code))
        }
    }))
}

/// Finds the command in the words, reads its flags and begins it.
fn dispatch(args: &[String], session: &mut Session, files: &Files) -> Result<Box<dyn Task>, Error> {
    let (words, rest) = split_command(args);
    if words.first().is_some_and(|word| word == "help") {
        return Ok(help(&words[1..]));
    }
    let names: Vec<&str> = words.iter().map(String::as_str).collect();
    let (spec, used) = commands::find(&names);
    let mut line: Vec<String> = words[used..].to_vec();
    line.extend(rest);
    let Some(spec) = spec else {
        return root(&line);
    };
    let Some(mut parsed) = flags::parse(&spec, &line)? else {
        return Ok(say(commands::help(&spec), 0));
    };
    session.notices = std::mem::take(&mut parsed.notices);
    template_file::read(&mut parsed, files)?;
    if parsed.changed("namespace") {
        session.namespace_given = true;
        if !parsed.text("namespace").is_empty() {
            session.namespace = parsed.text("namespace").to_owned();
        }
    }
    let words = parsed.args.first().map_or("", String::as_str);
    if words.split(',').any(|word| word == "ev") && !spec.path.starts_with("config") {
        session.notices.push_str("Warning: short name \"ev\" could also match lower priority resource events.events.k8s.io\n");
    }
    config::connect(&parsed, session, files)?;
    command(&spec, parsed)
}

/// The words in front that may name the command, and everything after. Global flags may stand before the command.
fn split_command(args: &[String]) -> (Vec<String>, Vec<String>) {
    let global = commands::global_flags();
    let (mut before, mut words, mut after) = (Vec::new(), Vec::new(), Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let is_flag = arg.starts_with('-') && arg != "-";
        if !is_flag {
            words.push(arg.clone());
        } else if words.is_empty() && arg != "--" {
            before.push(arg.clone());
            let stands_alone = global.iter().any(|flag| {
                let letter = flag.letter.map(|letter| format!("-{letter}"));
                (format!("--{}", flag.name) == *arg || letter.as_deref() == Some(arg))
                    && flag.alone().is_some()
            });
            let help = matches!(arg.as_str(), "-h" | "--help");
            let whole = arg.starts_with("--") || arg.len() == 2;
            if whole && !help && !stands_alone && !arg.contains('=') {
                before.extend(args.next().cloned());
            }
        } else {
            after.push(arg.clone());
            break;
        }
    }
    after.extend(args.cloned());
    before.extend(after);
    (words, before)
}

/// `kubectl` without a command.
fn root(line: &[String]) -> Result<Box<dyn Task>, Error> {
    if let Some(word) = line.iter().find(|word| !word.starts_with('-')) {
        if word == "alpha" {
            return Ok(alpha());
        }
        let flag_first = line.first().is_some_and(|first| first.starts_with('-'));
        if !flag_first {
            return Err(Error::plain(commands::unknown(word)));
        }
    }
    flags::parse(&Spec::default(), line)?;
    Ok(say(commands::root_help(), 0))
}

/// `kubectl alpha`, of which nothing is left.
fn alpha() -> Box<dyn Task> {
    Box::new(Once::new((), |(), io| {
        io.complain("No alpha commands are available in this version of kubectl");
        Ok(())
    }))
}

fn help(words: &[String]) -> Box<dyn Task> {
    let names: Vec<&str> = words.iter().map(String::as_str).collect();
    match commands::find(&names) {
        _ if words.is_empty() => say(commands::root_help(), 0),
        (Some(spec), used) if used == words.len() => say(commands::help(&spec), 0),
        _ => {
            let topic = words.join("` `");
            let help = commands::root_help();
            let groups = help.find("Basic Commands").unwrap_or(0);
            let text = format!("Unknown help topic [`{topic}`]\n\n\n{}", &help[groups..]);
            Box::new(Once::new(text, |text, io| {
                io.context.stderr.push_str(text);
                Ok(())
            }))
        }
    }
}

/// A command that is nothing without a sub-command.
fn group(spec: &Spec, parsed: &Parsed) -> Error {
    if parsed.args.is_empty() {
        return Error::Verbatim(commands::help(spec));
    }
    Error::usage(
        spec.path,
        &format!("unknown command {}", errors::quote(&parsed.args.join(" "))),
    )
}

/// Begins the command that `spec` names.
fn command(spec: &Spec, parsed: Parsed) -> Result<Box<dyn Task>, Error> {
    Ok(match spec.path {
        "annotate" | "label" => Box::new(label::start(parsed)),
        "apply" => Box::new(apply::start(parsed)),
        "apply view-last-applied" => Box::new(Once::new(parsed, apply::view_last_applied)),
        "apply set-last-applied" => Box::new(Once::new(parsed, apply::set_last_applied)),
        "cp" => Box::new(cp::start(parsed)),
        "create" => Box::new(create::start(parsed)),
        "autoscale" => Box::new(autoscale::start(parsed)),
        "auth can-i" => Box::new(auth::start(parsed)),
        "api-resources" => Box::new(Once::new(parsed, info::api_resources)),
        "api-versions" => Box::new(Once::new(parsed, info::api_versions)),
        "cluster-info" => Box::new(Once::new(parsed, info::cluster_info)),
        "describe" => Box::new(describe::command::start(parsed)),
        "diff" => Box::new(diff::start(parsed)),
        "edit" => Box::new(edit::start(parsed)),
        "expose" => Box::new(expose::start(parsed)),
        "events" => Box::new(events::start(parsed)),
        "explain" => Box::new(Once::new(parsed, explain::run)),
        "set image" | "set env" | "set resources" | "set selector" | "set serviceaccount" => {
            Box::new(set::start(parsed))
        }
        "set subject" => Box::new(Once::new(parsed, plain::set_subject)),
        "taint" => Box::new(taint::start(parsed)),
        "version" => Box::new(Once::new(parsed, info::version)),
        "cordon" | "drain" | "uncordon" => Box::new(drain::start(parsed)),
        "delete" => Box::new(delete::start(parsed)),
        "attach" | "exec" => Box::new(exec::start(parsed)),
        "get" => Box::new(get::start(parsed)),
        "logs" => Box::new(logs::start(parsed)),
        "port-forward" => Box::new(port_forward::start(parsed)),
        "patch" => Box::new(patch::start(parsed)),
        "replace" => Box::new(replace::start(parsed)),
        "rollout status" | "rollout history" | "rollout undo" | "rollout restart"
        | "rollout pause" | "rollout resume" => rollout::start(parsed),
        "run" => Box::new(run::start(parsed)),
        "scale" => Box::new(scale::start(parsed)),
        "wait" => Box::new(wait::start(parsed)),
        "rollout" if parsed.args.is_empty() => say(commands::help(spec), 1),
        "certificate approve" | "certificate deny" => {
            Box::new(Once::new(parsed, plain::certificate))
        }
        "completion" => Box::new(Once::new(parsed, plain::completion)),
        "kustomize" => Box::new(Once::new(parsed, plain::kustomize)),
        "debug" => Box::new(Once::new(parsed, plain::debug)),
        "top node" | "top pod" => Box::new(Once::new(parsed, plain::top)),
        "plugin list" => Box::new(Once::new(parsed, plain::plugins)),
        "top" | "plugin" | "kuberc" => Box::new(Once::new(parsed, plain::help_and_fail)),
        "certificate" if parsed.args.is_empty() => say(commands::help(spec), 0),
        "auth" | "rollout" | "set" | "config" | "create secret" | "create service" => {
            return Err(group(spec, &parsed));
        }
        path if path.starts_with("config ") => Box::new(Once::new(parsed, config::run)),
        "options" => say(commands::help(spec), 0),
        other => match create::generator(other, parsed) {
            Some(task) => Box::new(task),
            None => return Err(Error::not_simulated(format!("kubectl {other}"))),
        },
    })
}
