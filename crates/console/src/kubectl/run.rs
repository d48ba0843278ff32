//! `kubectl run`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/run/run.go`, `pkg/generate/versioned/run.go`.

use super::change::Change;
use super::delete::{self, Doomed, Manner};
use super::errors::{Error, quote};
use super::exec;
use super::flags::{DryRun, Parsed};
use super::patch::merged;
use super::pods;
use super::remote::{Progress, Remote};
use super::session::{Io, Next, Step};
use crate::command::Until;
use k8s_openapi::api::core::v1::Pod;
use petset_cluster::kubelet::exec::LogOptions;
use petset_cluster::{Instant, Key, Kind};
use serde_json::{Map, Value, json};

#[derive(Clone)]
enum Stage {
    Fresh,
    Starting(Instant),
    Attached(Remote, String),
    Completing(Instant),
}

/// A running `kubectl run`.
#[derive(Clone)]
pub(crate) struct Run {
    parsed: Parsed,
    stage: Stage,
    pod: Option<Key>,
}

/// Begins `kubectl run`.
pub(crate) fn start(parsed: Parsed) -> Run {
    Run {
        parsed,
        stage: Stage::Fresh,
        pod: None,
    }
}

impl Step for Run {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let outcome = self.go_on(io);
        if !matches!(outcome, Ok(Next::Wait(_) | Next::Request)) {
            self.remove(io);
        }
        outcome
    }

    fn interrupt(&mut self, io: &mut Io<'_, '_>) -> bool {
        match &mut self.stage {
            Stage::Attached(remote, _) => remote.interrupt(io),
            _ => false,
        }
    }
}

impl Run {
    fn go_on(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        match &mut self.stage {
            Stage::Fresh => self.create(io),
            Stage::Starting(end) => {
                let end = *end;
                self.await_start(end, io)
            }
            Stage::Attached(remote, farewell) => match remote.pump(io) {
                Progress::Waiting => Ok(Remote::wait()),
                Progress::Ended(_) => {
                    if !farewell.is_empty() {
                        let farewell = std::mem::take(farewell);
                        io.line(&farewell);
                    }
                    self.after_attach(io)
                }
            },
            Stage::Completing(end) => {
                let end = *end;
                self.await_completion(end, io)
            }
        }
    }

    fn create(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let parsed = &self.parsed;
        check(parsed)?;
        let attach = attaches(parsed);
        let mut change = Change::new(parsed, "kubectl-run")?;
        if attach && change.dry_run != DryRun::None {
            return Err(Error::usage(
                "run",
                "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
            ));
        }
        let mut object = generate(parsed)?;
        let namespace = io.session.namespace.clone();
        if io.session.namespace_given {
            object["metadata"]["namespace"] = json!(namespace);
        }
        if change.dry_run != DryRun::Client {
            let created = change.create(Kind::Pod, &namespace, object, io)?;
            object = created.to_json();
            self.pod = Some(created.key());
        }
        if !attach {
            self.pod = None;
            if parsed.is("expose") {
                expose(parsed, &mut change, io)?;
            }
            change.tell(&object, "created", io)?;
            return Ok(Next::Done(0));
        }
        self.stage = Stage::Starting(io.deadline(parsed.duration("pod-running-timeout")));
        Ok(Next::Request)
    }

    fn current(&self, io: &Io<'_, '_>) -> Result<Pod, Error> {
        let pod = self
            .pod
            .as_ref()
            .and_then(|key| io.cluster().store().get_as::<Pod>(key));
        pod.cloned().ok_or_else(|| {
            let name = self.pod.as_ref().map_or("", Key::name);
            Error::plain(format!("pods {} not found", quote(name)))
        })
    }

    fn await_start(&mut self, end: Instant, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let pod = self.current(io)?;
        match pods::phase(&pod) {
            "Succeeded" | "Failed" => {
                self.print_log(&pod, io)?;
                self.after_attach(io)
            }
            "Running" if pods::is_ready(&pod) => {
                self.print_log(&pod, io)?;
                let parsed = &self.parsed;
                let name = pod.metadata.name.clone().unwrap_or_default();
                let tied = exec::tie(
                    &pod,
                    &name,
                    parsed.is("stdin"),
                    parsed.is("tty"),
                    parsed.is("quiet"),
                    io,
                );
                match tied {
                    Ok((remote, farewell)) => {
                        self.stage = Stage::Attached(remote, farewell);
                        Ok(Next::Request)
                    }
                    Err(error) => {
                        io.complain(&format!(
                            "warning: couldn't attach to pod/{name}, falling back to streaming logs: {}",
                            error.message()
                        ));
                        self.after_attach(io)
                    }
                }
            }
            _ if io.now() >= end => Err(Error::plain("timed out waiting for the condition")),
            _ => Ok(Next::Wait(Until::Change(Some(end)))),
        }
    }

    fn print_log(&self, pod: &Pod, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let meta = &pod.metadata;
        let (namespace, name) = (
            meta.namespace.as_deref().unwrap_or(""),
            meta.name.as_deref().unwrap_or(""),
        );
        let page = io
            .cluster()
            .logs(namespace, name, Some(name), &LogOptions::default())?;
        for line in page.lines {
            let end = if line.ended { "\n" } else { "" };
            io.out(&format!("{}{end}", line.text));
        }
        Ok(())
    }

    fn after_attach(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let parsed = &self.parsed;
        let policy = restart_policy(parsed)?;
        if parsed.is("leave-stdin-open") || policy == "Always" {
            return Ok(Next::Done(0));
        }
        let end = io.deadline(parsed.duration("pod-running-timeout"));
        self.stage = Stage::Completing(end);
        self.await_completion(end, io)
    }

    fn await_completion(&mut self, end: Instant, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let pod = self.current(io)?;
        let fails = restart_policy(&self.parsed)? == "Never";
        match pods::phase(&pod) {
            "Succeeded" => Ok(Next::Done(0)),
            "Failed" if fails => Err(failed(&pod, io)),
            _ if io.now() >= end => Err(Error::plain("timed out waiting for the condition")),
            _ => Ok(Next::Wait(Until::Change(Some(end)))),
        }
    }

    /// `--rm`: the pod is deleted when the command ends, however it ends.
    fn remove(&mut self, io: &mut Io<'_, '_>) {
        let Some(key) = self.pod.take().filter(|_| self.parsed.is("rm")) else {
            return;
        };
        let mut doomed = Doomed {
            kind: Kind::Pod,
            namespace: key.namespace().to_owned(),
            name: key.name().to_owned(),
            source: String::new(),
            uid: String::new(),
        };
        let manner = Manner::default();
        if delete::one(&mut doomed, &manner, io).is_ok() && !self.parsed.is("quiet") {
            delete::say(&doomed, &manner, io);
        }
    }
}

/// The error of a program that ended badly; its code becomes kubectl's.
fn failed(pod: &Pod, io: &mut Io<'_, '_>) -> Error {
    let meta = &pod.metadata;
    let (namespace, name) = (
        meta.namespace.as_deref().unwrap_or(""),
        meta.name.as_deref().unwrap_or(""),
    );
    let statuses = pod
        .status
        .as_ref()
        .and_then(|s| s.container_statuses.as_ref());
    let state = statuses
        .and_then(|list| list.first())
        .and_then(|s| s.state.as_ref());
    match state.and_then(|state| state.terminated.as_ref()) {
        Some(ended) if ended.exit_code != 0 => {
            io.complain(&format!(
                "pod {namespace}/{name} terminated ({})\n{}",
                ended.reason.as_deref().unwrap_or(""),
                ended.message.as_deref().unwrap_or("")
            ));
            Error::Exit(ended.exit_code)
        }
        _ => Error::plain(format!(
            "pod {namespace}/{name} failed with unknown exit code"
        )),
    }
}

fn attaches(parsed: &Parsed) -> bool {
    if parsed.changed("attach") {
        parsed.is("attach")
    } else {
        parsed.is("stdin")
    }
}

fn check(parsed: &Parsed) -> Result<(), Error> {
    if !parsed.changed("image") {
        return Err(Error::plain("required flag(s) \"image\" not set"));
    }
    if parsed.args.is_empty() || parsed.dash_at == Some(0) {
        return Err(Error::usage("run", "NAME is required for run"));
    }
    let image = parsed.text("image");
    if image.is_empty() {
        return Err(Error::plain("--image is required"));
    }
    if !valid_image(image) {
        return Err(Error::plain(format!(
            "Invalid image name {}: invalid reference format",
            quote(image)
        )));
    }
    if parsed.is("tty") && !parsed.is("stdin") {
        return Err(Error::usage(
            "run",
            "-i/--stdin is required for containers with -t/--tty=true",
        ));
    }
    if parsed.is("expose") && parsed.text("port").is_empty() {
        return Err(Error::usage(
            "run",
            "--port must be set when exposing a service",
        ));
    }
    restart_policy(parsed)?;
    if parsed.is("rm") && !attaches(parsed) {
        return Err(Error::usage(
            "run",
            "--rm should only be used for attached containers",
        ));
    }
    let pull = parsed.text("image-pull-policy");
    if !matches!(pull, "" | "Always" | "IfNotPresent" | "Never") {
        return Err(Error::usage(
            "run",
            &format!("invalid image pull policy: {pull}"),
        ));
    }
    Ok(())
}

/// Whether a name has the form of an image (upstream: `github.com/distribution/reference`).
pub(super) fn valid_image(image: &str) -> bool {
    let (name, digest) = image
        .split_once('@')
        .map_or((image, None), |(n, d)| (n, Some(d)));
    let last = name.rsplit('/').next().unwrap_or(name);
    let (path, tag) = match last.split_once(':') {
        Some((_, tag)) => (&name[..name.len() - tag.len() - 1], Some(tag)),
        None => (name, None),
    };
    let word = |text: &str, more: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let parts: Vec<&str> = path.split('/').collect();
    let parts_fit = parts.iter().enumerate().all(|(at, part)| {
        let registry = at == 0 && parts.len() > 1;
        word(part, if registry { "._-:" } else { "._-" })
            && (registry || !part.contains(|c: char| c.is_ascii_uppercase()))
            && part.ends_with(|c: char| c.is_ascii_alphanumeric())
    });
    parts_fit
        && tag.is_none_or(|tag| word(tag, "._-") && tag.len() <= 128)
        && digest.is_none_or(|digest| digest.contains(':'))
}

fn restart_policy(parsed: &Parsed) -> Result<&str, Error> {
    match parsed.text("restart") {
        "" if parsed.is("stdin") => Ok("OnFailure"),
        "" => Ok("Always"),
        policy @ ("Always" | "OnFailure" | "Never") => Ok(policy),
        other => Err(Error::usage(
            "run",
            &format!("invalid restart policy: {other}"),
        )),
    }
}

/// `--expose`: a service for the pod.
fn expose(parsed: &Parsed, change: &mut Change, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let name = parsed.args.first().map_or("", String::as_str);
    let port = parsed.number("port");
    let labels = match parsed.text("labels") {
        "" => json!({"run": name}),
        given => given
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .collect(),
    };
    let mut service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {
            "ports": [{"port": port, "protocol": "TCP", "targetPort": port}],
            "selector": labels,
        },
        "status": {"loadBalancer": {}},
    });
    if change.dry_run != DryRun::Client {
        let namespace = io.session.namespace.clone();
        let created = change.create(Kind::Service, &namespace, service, io)?;
        service = created.to_json();
    }
    change.tell(&service, "created", io)?;
    if !change.printer.is_human() && !change.printer.is_name() {
        io.line("---");
    }
    Ok(())
}

/// The pod that the flags describe.
fn generate(parsed: &Parsed) -> Result<Value, Error> {
    let name = parsed.args.first().map_or("", String::as_str);
    let mut container = Map::new();
    container.insert("name".to_owned(), json!(name));
    container.insert("image".to_owned(), json!(parsed.text("image")));
    container.insert("resources".to_owned(), json!({}));
    let words = parsed.args.get(1..).unwrap_or_default();
    if !words.is_empty() {
        let field = if parsed.is("command") {
            "command"
        } else {
            "args"
        };
        container.insert(field.to_owned(), json!(words));
    }
    let mut env = Vec::new();
    for pair in parsed.list("env") {
        let Some((key, value)) = pair.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Error::plain(format!("invalid env: {pair}")));
        };
        env.push(json!({"name": key, "value": value}));
    }
    if !env.is_empty() {
        container.insert("env".to_owned(), json!(env));
    }
    if parsed.changed("port") {
        let port = parsed.text("port");
        let number: u16 = port.parse().map_err(|_| {
            Error::plain(format!(
                "strconv.ParseInt: parsing {}: invalid syntax",
                quote(port)
            ))
        })?;
        container.insert("ports".to_owned(), json!([{"containerPort": number}]));
    }
    if !parsed.text("image-pull-policy").is_empty() {
        let policy = parsed.text("image-pull-policy");
        container.insert("imagePullPolicy".to_owned(), json!(policy));
    }
    if parsed.is("stdin") {
        container.insert("stdin".to_owned(), json!(true));
        if !parsed.is("leave-stdin-open") {
            container.insert("stdinOnce".to_owned(), json!(true));
        }
    }
    if parsed.is("tty") {
        container.insert("tty".to_owned(), json!(true));
    }
    if parsed.is("privileged") {
        container.insert("securityContext".to_owned(), json!({"privileged": true}));
    }
    let mut labels = Map::new();
    let given = parsed.text("labels");
    if given.is_empty() {
        labels.insert("run".to_owned(), json!(name));
    }
    for pair in given.split(',').filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Error::plain(format!("unexpected label spec: {pair}")));
        };
        labels.insert(key.to_owned(), json!(value));
    }
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"labels": labels, "name": name},
        "spec": {
            "containers": [container],
            "dnsPolicy": "ClusterFirst",
            "restartPolicy": restart_policy(parsed)?,
        },
        "status": {},
    });
    for pair in parsed.list("annotations") {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        pod["metadata"]["annotations"][key] = json!(value);
    }
    let overrides = parsed.text("overrides");
    if overrides.is_empty() {
        return Ok(pod);
    }
    let value: Value =
        serde_json::from_str(overrides).map_err(|_| Error::plain("Invalid JSON Patch"))?;
    Ok(merged(&pod, &value))
}
