//! `kubectl cp`: a `tar` in the container at one end, the learner's files at the other.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/cp/cp.go`.

use super::builder::Target;
use super::errors::Error;
use super::flags::Parsed;
use super::pods;
use super::remote;
use super::session::{Io, Next, Step};
use crate::command::Until;
use crate::programs::archive::{self, Member};
use petset_cluster::Kind;
use petset_cluster::kubelet::exec::ExecId;

const FORM: &str = "filespec must match the canonical format: [[namespace/]pod:]file/path";

/// One end of the copying.
#[derive(Clone, Debug)]
struct Place {
    namespace: String,
    /// Empty at the learner's end.
    pod: String,
    path: String,
}

/// A program that runs in a container.
#[derive(Clone)]
struct Running {
    id: ExecId,
    out: String,
}

#[derive(Clone)]
enum Stage {
    Fresh,
    /// Whether the target is a directory is being asked.
    Asking(Running),
    /// An archive is being unpacked there.
    Sending(Running),
    /// An archive is being packed there.
    Fetching(Running),
}

/// A running `kubectl cp`.
#[derive(Clone)]
pub(crate) struct Copy {
    parsed: Parsed,
    stage: Stage,
    from: Option<Place>,
    to: Option<Place>,
}

/// Begins `kubectl cp`.
pub(crate) fn start(parsed: Parsed) -> Copy {
    Copy {
        parsed,
        stage: Stage::Fresh,
        from: None,
        to: None,
    }
}

impl Step for Copy {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if let Stage::Fresh = self.stage {
            self.begin(io)?;
        }
        let running = match &mut self.stage {
            Stage::Fresh => return Ok(Next::Done(0)),
            Stage::Asking(running) | Stage::Sending(running) | Stage::Fetching(running) => running,
        };
        let progress = io.context.cluster.exec_poll(running.id);
        let quiet = matches!(self.stage, Stage::Asking(_));
        let fetching = matches!(self.stage, Stage::Fetching(_));
        if let Stage::Fetching(running) = &mut self.stage {
            running.out.push_str(&progress.stdout);
            io.out(&progress.stderr);
        } else if !quiet {
            io.out(&progress.stdout);
            io.context.stderr.push_str(&progress.stderr);
        }
        let Some(code) = progress.exit else {
            return Ok(Next::Wait(Until::Input));
        };
        if quiet {
            self.send(code == 0, io)?;
            return Ok(Next::Request);
        }
        if code != 0 {
            return Err(Error::Remote(code));
        }
        if fetching {
            self.unpack(io)?;
        }
        Ok(Next::Done(0))
    }
}

impl Copy {
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let [from, to] = self.parsed.args.as_slice() else {
            return Err(Error::plain("source and destination are required"));
        };
        let (from, to) = (place(from, io)?, place(to, io)?);
        if !from.pod.is_empty() && !to.pod.is_empty() {
            return Err(Error::plain(
                "one of src or dest must be a local file specification",
            ));
        }
        if from.path.is_empty() || to.path.is_empty() {
            return Err(Error::plain("filepath can not be empty"));
        }
        self.stage = if !from.pod.is_empty() {
            let words = ["tar", "cf", "-", &from.path];
            Stage::Fetching(self.run(&from, &words, false, io)?)
        } else if !to.pod.is_empty() {
            if local(&from.path, io).is_empty() {
                return Err(Error::plain(format!(
                    "{} doesn't exist in local filesystem",
                    from.path
                )));
            }
            let words = ["test", "-d", &to.path];
            Stage::Asking(self.run(&to, &words, false, io)?)
        } else {
            return Err(Error::plain(
                "one of src or dest must be a remote file specification",
            ));
        };
        (self.from, self.to) = (Some(from), Some(to));
        Ok(())
    }

    fn run(
        &self,
        place: &Place,
        words: &[&str],
        stdin: bool,
        io: &mut Io<'_, '_>,
    ) -> Result<Running, Error> {
        let target = Target {
            kind: Kind::Pod,
            namespace: place.namespace.clone(),
            name: place.pod.clone(),
        };
        let pod = pods::pods_of(&target, io)?.into_iter().next();
        let pod = pod.ok_or_else(|| Error::plain("pod must be specified"))?;
        if matches!(pods::phase(&pod), "Succeeded" | "Failed") {
            return Err(Error::plain(format!(
                "cannot exec into a container in a completed pod; current phase is {}",
                pods::phase(&pod)
            )));
        }
        // The choice is told once, before the program that copies.
        let quiet = matches!(words, ["test", ..]);
        let container = pods::container(&pod, self.parsed.text("container"), quiet, io)?;
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let id = io.context.cluster.exec(
            &place.namespace,
            &place.pod,
            Some(&container),
            &words,
            stdin,
            false,
        );
        Ok(Running {
            id: id.map_err(remote::refused)?,
            out: String::new(),
        })
    }

    /// Packs the learner's files and sends them, into the target if it is a directory.
    fn send(&mut self, into: bool, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let (Some(from), Some(to)) = (self.from.clone(), self.to.clone()) else {
            return Ok(());
        };
        let base = from.path.trim_end_matches('/');
        let base = base.rsplit('/').next().unwrap_or(base);
        let target = match into {
            true => format!("{}/{base}", to.path.trim_end_matches('/')),
            false => to.path.clone(),
        };
        let (folder, name) = target.rsplit_once('/').unwrap_or(("", &target));
        let members: Vec<Member> = local(&from.path, io)
            .into_iter()
            .map(|(below, text)| Member {
                name: format!("{name}{below}"),
                directory: false,
                text,
            })
            .collect();
        let mut words = vec!["tar"];
        if self.parsed.is("no-preserve") {
            words.extend(["--no-same-permissions", "--no-same-owner"]);
        }
        words.extend(["-xmf", "-"]);
        match (folder, target.starts_with('/')) {
            ("", true) => words.extend(["-C", "/"]),
            ("", false) => words.extend(["-C", "."]),
            (folder, _) => words.extend(["-C", folder]),
        }
        let running = self.run(&to, &words, true, io)?;
        let cluster = &mut io.context.cluster;
        cluster.exec_input(running.id, &archive::write(&members));
        cluster.exec_close_input(running.id);
        self.stage = Stage::Sending(running);
        Ok(())
    }

    /// Unpacks what came into the learner's files.
    fn unpack(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let Stage::Fetching(running) = &self.stage else {
            return Ok(());
        };
        let (Some(from), Some(to)) = (&self.from, &self.to) else {
            return Ok(());
        };
        let members = archive::read(&running.out).map_err(Error::plain)?;
        let prefix = from.path.trim_start_matches('/').trim_end_matches('/');
        let root = to.path.trim_start_matches("./").trim_end_matches('/');
        for member in members {
            let Some(below) = member.name.strip_prefix(prefix) else {
                return Err(Error::plain("tar contents corrupted"));
            };
            if member.directory {
                continue;
            }
            let path = format!("{root}{below}");
            let is_folder = matches!(path.as_str(), "" | ".") || {
                let inside = format!("{path}/");
                io.context
                    .files
                    .keys()
                    .any(|name| name.starts_with(&inside))
            };
            if is_folder {
                return Err(Error::plain(format!("open {}: is a directory", to.path)));
            }
            if path.starts_with('/') || path.split('/').any(|part| part == "..") {
                return Err(Error::not_simulated(format!(
                    "files outside of the home directory ({path})"
                )));
            }
            io.context.files.insert(path, member.text);
        }
        Ok(())
    }
}

fn place(text: &str, io: &Io<'_, '_>) -> Result<Place, Error> {
    let own = io.session.namespace.clone();
    let Some((pod, path)) = text.split_once(':') else {
        return Ok(Place {
            namespace: own,
            pod: String::new(),
            path: text.to_owned(),
        });
    };
    let (namespace, pod) = match pod.split('/').collect::<Vec<_>>()[..] {
        [pod] => (own, pod),
        [namespace, pod] => (namespace.to_owned(), pod),
        _ => return Err(Error::plain(FORM)),
    };
    if pod.is_empty() {
        return Err(Error::plain(FORM));
    }
    Ok(Place {
        namespace,
        pod: pod.to_owned(),
        path: path.to_owned(),
    })
}

/// The learner's files at a path: what follows the path in their names, and their texts.
fn local(path: &str, io: &Io<'_, '_>) -> Vec<(String, String)> {
    let plain = path.trim_start_matches("./").trim_end_matches('/');
    let files = &io.context.files;
    if let Some(text) = files.get(plain) {
        return vec![(String::new(), text.clone())];
    }
    let folder = match plain {
        "" | "." => String::new(),
        folder => format!("{folder}/"),
    };
    files
        .iter()
        .filter(|(name, _)| !name.starts_with('.'))
        .filter_map(|(name, text)| {
            let below = name.strip_prefix(&folder)?;
            Some((format!("/{below}"), text.clone()))
        })
        .collect()
}
