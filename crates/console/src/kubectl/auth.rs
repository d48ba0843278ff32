//! `kubectl auth can-i`: whoever sits here may do everything, as an administrator may.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/auth/cani.go`.

use super::errors::Error;
use super::flags::Parsed;
use super::resources;
use super::session::{Io, Next, Step};

/// Verbs that the API knows.
const VERBS: [&str; 16] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "*",
    "approve",
    "sign",
    "escalate",
    "attest",
];

/// A running `kubectl auth can-i`.
#[derive(Clone)]
pub(crate) struct CanI {
    parsed: Parsed,
    warned: bool,
}

/// Begins `kubectl auth can-i`.
pub(crate) fn start(parsed: Parsed) -> CanI {
    CanI {
        parsed,
        warned: false,
    }
}

impl Step for CanI {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        // The answer comes after the warnings, and after a request.
        if !std::mem::replace(&mut self.warned, true) {
            warn(&self.parsed, io)?;
            return Ok(Next::Request);
        }
        if !self.parsed.is("quiet") {
            io.line("yes");
        }
        Ok(Next::Done(0))
    }
}

fn warn(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if parsed.is("list") {
        return Err(Error::not_simulated("auth can-i --list"));
    }
    if parsed.changed("as") {
        return Err(Error::not_simulated(
            "auth can-i --as: other users and their roles",
        ));
    }
    let (verb, object) = match parsed.args.as_slice() {
        [verb, object] => (verb, object),
        _ => {
            return Err(Error::Verbatim(
                "error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.\n".to_owned(),
            ));
        }
    };
    let name = object.split('/').next().unwrap_or_default();
    let is_path = object.starts_with('/');
    if !is_path && name != "*" {
        match resources::find(name) {
            None => io.complain(&format!(
                "Warning: the server doesn't have a resource type '{name}'\n"
            )),
            Some(resource) if !resource.namespaced => {
                let group = match resource.group() {
                    "" => String::new(),
                    group => format!(" in group '{group}'"),
                };
                io.complain(&format!(
                    "Warning: resource '{}' is not namespace scoped{group}\n",
                    resource.plural
                ));
            }
            Some(_) => {}
        }
        if !VERBS.contains(&verb.as_str()) {
            io.complain(&format!("Warning: verb '{verb}' is not a known verb\n"));
        }
    }
    Ok(())
}
