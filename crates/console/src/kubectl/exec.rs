//! `kubectl exec` and `kubectl attach`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/exec/exec.go`, `pkg/cmd/attach/attach.go`.

use super::errors::Error;
use super::flags::Parsed;
use super::pods;
use super::remote::{self, Progress, Remote};
use super::session::{Io, Next, Step};
use k8s_openapi::api::core::v1::Pod;

/// A running `kubectl exec` or `kubectl attach`.
#[derive(Clone)]
pub(crate) struct Exec {
    parsed: Parsed,
    remote: Option<Remote>,
    farewell: String,
}

/// Begins `kubectl exec` or `kubectl attach`.
pub(crate) fn start(parsed: Parsed) -> Exec {
    Exec {
        parsed,
        remote: None,
        farewell: String::new(),
    }
}

/// What is said before the streams are tied to a container's main program.
pub(crate) const NOTICE: &str = "All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\nIf you don't see a command prompt, try pressing enter.";

impl Step for Exec {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let attach = self.parsed.command == "attach";
        if self.remote.is_none() {
            self.remote = Some(if attach {
                self.attach(io)?
            } else {
                self.exec(io)?
            });
        }
        let Some(remote) = self.remote.as_mut() else {
            return Ok(Next::Done(0));
        };
        match remote.pump(io) {
            Progress::Waiting => Ok(Remote::wait()),
            Progress::Ended(_) if attach => {
                if !self.farewell.is_empty() {
                    io.line(&self.farewell);
                }
                Ok(Next::Done(0))
            }
            Progress::Ended(0) => Ok(Next::Done(0)),
            Progress::Ended(code) => Err(Error::Remote(code)),
        }
    }

    fn interrupt(&mut self, io: &mut Io<'_, '_>) -> bool {
        self.remote
            .as_mut()
            .is_some_and(|remote| remote.interrupt(io))
    }
}

impl Exec {
    fn exec(&self, io: &mut Io<'_, '_>) -> Result<Remote, Error> {
        let parsed = &self.parsed;
        if parsed.changed("filename") {
            return Err(Error::not_simulated("exec -f"));
        }
        let (names, argv) = match parsed.dash_at {
            Some(at) => parsed.args.split_at(at.min(parsed.args.len())),
            None if parsed.args.len() > 1 => {
                return Err(Error::usage(
                    "exec",
                    "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
                ));
            }
            None => (parsed.args.as_slice(), [].as_slice()),
        };
        let Some(name) = names.first() else {
            return Err(Error::plain(
                "pod, type/name or --filename must be specified",
            ));
        };
        if argv.is_empty() {
            return Err(Error::plain(
                "you must specify at least one command for the container",
            ));
        }
        let pod = first_pod(name, io)?;
        if matches!(pods::phase(&pod), "Succeeded" | "Failed") {
            return Err(Error::plain(format!(
                "cannot exec into a container in a completed pod; current phase is {}",
                pods::phase(&pod)
            )));
        }
        let quiet = parsed.is("quiet");
        let container = pods::container(&pod, parsed.text("container"), quiet, io)?;
        let stdin = parsed.is("stdin");
        let mut tty = parsed.is("tty") && stdin;
        if tty && !io.context.stdin.terminal {
            tty = false;
            if !quiet {
                io.complain(
                    "Unable to use a TTY - input is not a terminal or the right kind of file",
                );
            }
        }
        let (namespace, name) = key(&pod);
        let started =
            io.context
                .cluster
                .exec(&namespace, &name, Some(&container), argv, stdin, tty);
        Ok(Remote::new(started.map_err(remote::refused)?, stdin, tty))
    }

    fn attach(&mut self, io: &mut Io<'_, '_>) -> Result<Remote, Error> {
        let parsed = &self.parsed;
        let name = match parsed.args.as_slice() {
            [] => return Err(Error::plain("at least 1 argument is required for attach")),
            [name] => name.clone(),
            [kind, name] => format!("{kind}/{name}"),
            _ => {
                return Err(Error::plain(
                    "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw 3 arguments",
                ));
            }
        };
        let pod = first_pod(&name, io)?;
        if matches!(pods::phase(&pod), "Succeeded" | "Failed") {
            return Err(Error::plain(format!(
                "cannot attach a container in a completed pod; current phase is {}",
                pods::phase(&pod)
            )));
        }
        let quiet = parsed.is("quiet");
        let container = pods::container(&pod, parsed.text("container"), quiet, io);
        let container = container.map_err(|error| {
            Error::plain(format!(
                "cannot attach to the container: {}",
                error.message()
            ))
        })?;
        let (remote, farewell) = tie(
            &pod,
            &container,
            parsed.is("stdin"),
            parsed.is("tty"),
            quiet,
            io,
        )?;
        self.farewell = farewell;
        Ok(remote)
    }
}

fn key(pod: &Pod) -> (String, String) {
    let meta = &pod.metadata;
    (
        meta.namespace.clone().unwrap_or_default(),
        meta.name.clone().unwrap_or_default(),
    )
}

fn first_pod(word: &str, io: &mut Io<'_, '_>) -> Result<Pod, Error> {
    let target = pods::target(word, io)?;
    pods::pods_of(&target, io)?
        .into_iter()
        .next()
        .ok_or_else(|| Error::plain("timed out waiting for the condition"))
}

/// Ties the streams to a container's main program; also what is said when a terminal leaves it.
///
/// # Errors
/// The container does not run.
pub(crate) fn tie(
    pod: &Pod,
    container: &str,
    stdin: bool,
    tty: bool,
    quiet: bool,
    io: &mut Io<'_, '_>,
) -> Result<(Remote, String), Error> {
    let spec = pod.spec.as_ref();
    let has_tty = spec
        .into_iter()
        .flat_map(|spec| &spec.containers)
        .any(|c| c.name == container && c.tty == Some(true));
    if tty && !has_tty && !quiet {
        io.complain(&format!(
            "error: Unable to use a TTY - container {container} did not allocate one"
        ));
    }
    let tty = has_tty && stdin;
    let raw = tty && io.context.stdin.terminal;
    if tty && !raw && !quiet {
        io.complain("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    if !quiet {
        io.complain(NOTICE);
    }
    let (namespace, name) = key(pod);
    let id = io
        .context
        .cluster
        .attach(&namespace, &name, Some(container), stdin)
        .map_err(remote::refused)?;
    let farewell = if raw && !quiet {
        format!(
            "Session ended, resume using 'kubectl attach {name} -c {container} -n {namespace} -i -t' command"
        )
    } else {
        String::new()
    };
    Ok((Remote::new(id, stdin, raw), farewell))
}
