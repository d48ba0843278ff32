//! Commands that are little more than their words: they say what a cluster without the part they ask for says, or what is not simulated.

use super::builder;
use super::commands;
use super::errors::{Error, not_found, quote};
use super::flags::Parsed;
use super::resources;
use super::session::Io;
use crate::command::Files;

/// `kubectl completion`: the scripts are long, and the prompt completes by itself.
pub(crate) fn completion(parsed: &Parsed, _: &mut Io<'_, '_>) -> Result<(), Error> {
    let usage = |why: &str| Error::usage("completion", why);
    match parsed.args.as_slice() {
        [] => Err(usage("Shell not specified.")),
        [shell] if matches!(shell.as_str(), "bash" | "zsh" | "fish" | "powershell") => {
            Err(Error::not_simulated(format!(
                "kubectl completion {shell}: the prompt here completes kubectl's words by itself"
            )))
        }
        [shell] => Err(usage(&format!("Unsupported shell type {}.", quote(shell)))),
        _ => Err(usage("Too many arguments. Expected only the shell type.")),
    }
}

/// `kubectl top`: there is no metrics server, as there is none in a new cluster.
pub(crate) fn top(parsed: &Parsed, _: &mut Io<'_, '_>) -> Result<(), Error> {
    let nodes = parsed.command == "top node";
    if nodes && parsed.args.len() > 1 {
        return Err(Error::usage("top node", "only one node can be specified"));
    }
    Err(Error::plain("Metrics API not available"))
}

/// `kubectl plugin list`: the prompt has no plugins.
pub(crate) fn plugins(_: &Parsed, _: &mut Io<'_, '_>) -> Result<(), Error> {
    Err(Error::plain(
        "unable to find any kubectl plugins in your PATH",
    ))
}

/// `kubectl certificate approve` and `deny`.
pub(crate) fn certificate(parsed: &Parsed, _: &mut Io<'_, '_>) -> Result<(), Error> {
    if parsed.args.is_empty() && !parsed.changed("filename") {
        return Err(Error::plain(
            "one or more CSRs must be specified as <name> or -f <filename>",
        ));
    }
    Err(Error::not_simulated("CertificateSigningRequest"))
}

/// Why what `-k` and `kubectl kustomize` name is not built: there is nothing to build, or it is not simulated.
pub(crate) fn kustomization(place: &str, files: &Files) -> Error {
    const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let inner = place.trim_start_matches("./").trim_matches('/');
    let (inner, shown) = match inner {
        "" | "." => (String::new(), HOME.to_owned()),
        inner => (format!("{inner}/"), format!("{HOME}/{inner}")),
    };
    if place.contains("://")
        || NAMES
            .iter()
            .any(|name| files.contains_key(&format!("{inner}{name}")))
    {
        return Error::not_simulated("kustomize");
    }
    if !inner.is_empty() && !files.keys().any(|path| path.starts_with(&inner)) {
        return Error::plain(format!(
            "must build at directory: not a valid directory: evalsymlink failure on '{place}' : lstat {shown}: no such file or directory"
        ));
    }
    Error::plain(format!(
        "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{shown}'"
    ))
}

/// `kubectl set subject`: what it changes is not simulated.
pub(crate) fn set_subject(parsed: &Parsed, _: &mut Io<'_, '_>) -> Result<(), Error> {
    let Some(word) = parsed.args.first() else {
        return match parsed.changed("filename") {
            true => Err(Error::not_simulated("kubectl set subject")),
            false => Err(Error::plain(builder::MISSING)),
        };
    };
    let word = word.split('/').next().unwrap_or_default();
    match resources::find(word) {
        Some(resource) if resource.simulated().is_none() => {
            Err(not_found(&format!("not simulated here: {}", resource.kind)))
        }
        Some(_) => Err(Error::not_simulated("kubectl set subject")),
        None => resources::kind_for(word).map(drop),
    }
}

/// Where the learner's files are.
const HOME: &str = "/home/learner";

/// `kubectl kustomize`.
pub(crate) fn kustomize(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let place = match parsed.args.as_slice() {
        [] => ".",
        [place] => place,
        _ => {
            return Err(Error::plain("specify one path to kustomization.yaml"));
        }
    };
    Err(kustomization(place, io.context.files))
}

/// `kubectl debug`.
pub(crate) fn debug(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if parsed.text("image").is_empty() && parsed.text("copy-to").is_empty() {
        return Err(Error::plain(
            "you must specify --image when not using --copy-to.",
        ));
    }
    for word in &parsed.args {
        let target = super::pods::target(word, io)?;
        io.get(target.kind, &target.namespace, &target.name)?;
    }
    Err(Error::not_simulated(
        "kubectl debug: containers that join a running pod; `kubectl exec` and `kubectl run` are",
    ))
}

/// A command that is nothing without a sub-command and shows its help on standard error.
pub(crate) fn help_and_fail(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let Some(spec) = commands::spec(parsed.command) else {
        return Ok(());
    };
    if let [word, ..] = parsed.args.as_slice() {
        return Err(Error::usage(
            parsed.command,
            &format!("unknown command {}", quote(word)),
        ));
    }
    io.context.stderr.push_str(&commands::help(&spec));
    Err(Error::Exit(1))
}
