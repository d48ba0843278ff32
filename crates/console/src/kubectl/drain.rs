//! `kubectl cordon`, `uncordon` and `drain`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/drain/drain.go`, `pkg/drain`.

use super::builder::{Query, Selection, fetch};
use super::change::Change;
use super::delete::{self, Doomed, Manner};
use super::errors::Error;
use super::flags::{DryRun, Parsed};
use super::session::{Io, Next, Step};
use crate::command::Until;
use k8s_openapi::api::core::v1::Pod;
use petset_cluster::api::selectors::Selector;
use petset_cluster::api::{PatchType, Request, Subresource, Verb};
use petset_cluster::store::Index;
use petset_cluster::{Duration, Instant, Key, Kind, Object};
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How long a refused eviction waits until it is tried again.
const RETRY: Duration = Duration::secs(5);

/// A running `kubectl cordon`, `uncordon` or `drain`.
#[derive(Clone)]
pub(crate) struct Drain {
    parsed: Parsed,
    begun: bool,
    nodes: VecDeque<Arc<Object>>,
    /// Pods to be evicted, and from when on.
    waiting: Vec<(Instant, Doomed)>,
    evicted: Vec<Doomed>,
    current: Option<(Arc<Object>, Instant)>,
    fatal: Vec<Error>,
    remaining: Vec<String>,
}

/// Begins the command.
pub(crate) fn start(parsed: Parsed) -> Drain {
    Drain {
        parsed,
        begun: false,
        nodes: VecDeque::new(),
        waiting: Vec::new(),
        evicted: Vec::new(),
        current: None,
        fatal: Vec::new(),
        remaining: Vec::new(),
    }
}

impl Step for Drain {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if !self.begun {
            self.begun = true;
            self.begin(io)?;
            return Ok(Next::Request);
        }
        if let Some((node, end)) = self.current.clone() {
            return self.await_eviction(&node, end, io);
        }
        if self.parsed.command == "drain"
            && let Some(node) = self.nodes.pop_front()
        {
            self.drain(node, io)?;
            return Ok(Next::Request);
        }
        if !self.remaining.is_empty() {
            io.complain("There are pending nodes to be drained:");
            for name in &self.remaining {
                io.complain(&format!(" {name}"));
            }
        }
        Error::of(std::mem::take(&mut self.fatal))?;
        Ok(Next::Done(0))
    }
}

impl Drain {
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let parsed = &self.parsed;
        let selector = parsed.text("selector");
        if parsed.args.is_empty() && selector.is_empty() {
            let usage = format!("USAGE: {} NODE [flags]", parsed.command);
            return Err(Error::usage(parsed.command, &usage));
        }
        if !parsed.args.is_empty() && !selector.is_empty() {
            return Err(Error::usage(
                parsed.command,
                "error: cannot specify both a node name and a --selector option",
            ));
        }
        if Selector::parse(parsed.text("pod-selector")).is_err() {
            return Err(Error::plain(
                "--pod-selector=<pod_selector> must be a valid label selector",
            ));
        }
        let mut query = Query::new(parsed, io.session);
        let names = self.parsed.args.iter().map(|name| {
            let bare = name
                .strip_prefix("node/")
                .or_else(|| name.strip_prefix("nodes/"));
            bare.unwrap_or(name).to_owned()
        });
        query.args = std::iter::once("nodes".to_owned()).chain(names).collect();
        let selection: Selection = query.select()?;
        let (nodes, errors) = fetch(&selection, io);
        Error::of(errors)?;
        let wanted = self.parsed.command != "uncordon";
        let mut change = Change::new(&self.parsed, "kubectl-drain")?;
        for node in &nodes {
            mark(node, wanted, &mut change, io)?;
        }
        self.nodes = nodes.into();
        Ok(())
    }

    fn drain(&mut self, node: Arc<Object>, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let pods = match self.choose(&node, io) {
            Ok(pods) => pods,
            Err(error) => {
                self.fail(&node, error, io);
                return Ok(());
            }
        };
        let now = io.now();
        self.waiting = pods.into_iter().map(|doomed| (now, doomed)).collect();
        let span = match self.parsed.micros("timeout") {
            micros if micros > 0 => self.parsed.duration("timeout"),
            _ => Manner::default().timeout,
        };
        self.current = Some((node, io.deadline(span)));
        Ok(())
    }

    /// Evicts (or deletes) the pods whose time has come.
    ///
    /// # Errors
    /// Why a pod cannot be evicted at all.
    fn evict(&mut self, dry_run: DryRun, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let deletes = self.parsed.is("disable-eviction");
        let grace = self.parsed.number("grace-period");
        let manner = Manner {
            grace: if self.parsed.changed("grace-period") {
                grace
            } else {
                -1
            },
            dry_run,
            ..Manner::default()
        };
        for (due, mut doomed) in std::mem::take(&mut self.waiting) {
            if due > io.now() {
                self.waiting.push((due, doomed));
                continue;
            }
            let (namespace, name) = (doomed.namespace.clone(), doomed.name.clone());
            let doing = if deletes { "deleting" } else { "evicting" };
            let line = format!("{doing} pod {namespace}/{name}{}", dry_run.suffix());
            io.line(&line);
            let done = match deletes {
                true => delete::one(&mut doomed, &manner, io),
                false => evict_one(&mut doomed, &manner, io),
            };
            match done {
                Ok(()) if dry_run != DryRun::None => {}
                Ok(()) => self.evicted.push(doomed),
                Err(error) if error.is_not_found() => self.evicted.push(doomed),
                Err(error) if error.is_too_many_requests() => {
                    io.complain(&format!(
                        "error when evicting pods/{name:?} -n {namespace:?} (will retry after 5s): {}",
                        error.message()
                    ));
                    self.waiting.push((io.deadline(RETRY), doomed));
                }
                Err(error) if deletes => return Err(error),
                Err(error) => {
                    return Err(Error::plain(format!(
                        "error when evicting pods/{name:?} -n {namespace:?}: {}",
                        error.message()
                    )));
                }
            }
        }
        Ok(())
    }

    fn await_eviction(
        &mut self,
        node: &Arc<Object>,
        end: Instant,
        io: &mut Io<'_, '_>,
    ) -> Result<Next, Error> {
        let dry_run = self.parsed.dry_run()?;
        if let Err(error) = self.evict(dry_run, io) {
            self.current = None;
            self.waiting.clear();
            self.evicted.clear();
            self.fail(node, error, io);
            return Ok(Next::Request);
        }
        let did = match self.parsed.is("disable-eviction") {
            true => "deleted",
            false => "evicted",
        };
        let store = io.cluster().store();
        let (gone, left): (Vec<Doomed>, Vec<Doomed>) = std::mem::take(&mut self.evicted)
            .into_iter()
            .partition(|doomed| {
                store
                    .get(doomed.kind, &Key::new(&doomed.namespace, &doomed.name))
                    .is_none_or(|object| object.uid() != doomed.uid)
            });
        for doomed in gone {
            io.line(&format!("pod/{} {did}", doomed.name));
        }
        if left.is_empty() && self.waiting.is_empty() {
            self.current = None;
            let mut change = Change::new(&self.parsed, "kubectl-drain")?;
            change.tell(&node.to_json(), "drained", io)?;
            return Ok(Next::Request);
        }
        if io.now() < end {
            self.evicted = left;
            let due = self.waiting.iter().map(|(due, _)| *due);
            let next = due.min().map_or(end, |due| due.min(end));
            return Ok(Next::Wait(Until::Change(Some(next))));
        }
        self.current = None;
        let name = node.name();
        let timeout = self.parsed.text("timeout");
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let waiting: Vec<Doomed> = waiting.map(|(_, doomed)| doomed).collect();
        let refused = waiting.iter().map(|doomed| {
            format!(
                "error when evicting pods/{:?} -n {:?}: global timeout reached: {timeout}",
                doomed.name, doomed.namespace
            )
        });
        let errors: Vec<String> = left
            .iter()
            .map(|doomed| {
                format!(
                    "error when waiting for pod {:?} in namespace {:?} to terminate: global timeout reached: {timeout}",
                    doomed.name, doomed.namespace
                )
            })
            .chain(refused)
            .collect();
        let why = match errors.as_slice() {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        io.complain(&format!(
            "There are pending pods in node \"{name}\" when an error occurred: {why}"
        ));
        for doomed in left.iter().chain(&waiting) {
            io.complain(&format!("pod/{}", doomed.name));
        }
        let error = Error::of(errors.into_iter().map(Error::Plain).collect());
        if let Err(error) = error {
            self.fail(node, error, io);
        }
        Ok(Next::Request)
    }

    fn fail(&mut self, node: &Object, error: Error, io: &mut Io<'_, '_>) {
        io.complain(&format!(
            "error: unable to drain node \"{}\" due to error: {}, continuing command...",
            node.name(),
            error.message()
        ));
        self.remaining.push(node.name().to_owned());
        match error {
            Error::Several(errors) => self.fatal.extend(errors),
            one => self.fatal.push(one),
        }
    }

    /// The pods of a node that have to go.
    ///
    /// # Errors
    /// Some of them may not be deleted without a flag that allows it.
    fn choose(&self, node: &Object, io: &mut Io<'_, '_>) -> Result<Vec<Doomed>, Error> {
        let selector = Selector::parse(self.parsed.text("pod-selector")).map_err(Error::plain)?;
        let (mut chosen, mut warnings, mut fatal) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let store = io.cluster().store();
        for pod in store.by_index_as::<Pod>(Index::Node, node.name()) {
            if !selector.matches(pod.metadata.labels.as_ref()) {
                continue;
            }
            let meta = &pod.metadata;
            let namespace = meta.namespace.clone().unwrap_or_default();
            let name = meta.name.clone().unwrap_or_default();
            let full = format!("{namespace}/{name}");
            match judge(pod, &self.parsed) {
                Verdict::Delete => {}
                Verdict::Warn(why) => warnings.entry(why).or_insert_with(Vec::new).push(full),
                Verdict::Skip(why) => {
                    warnings.entry(why).or_insert_with(Vec::new).push(full);
                    continue;
                }
                Verdict::Refuse(why) => {
                    fatal.entry(why).or_insert_with(Vec::new).push(full);
                    continue;
                }
            }
            chosen.push(Doomed {
                kind: Kind::Pod,
                namespace,
                name,
                source: String::new(),
                uid: meta.uid.clone().unwrap_or_default(),
            });
        }
        if !fatal.is_empty() {
            let errors = fatal.iter().map(|(why, pods)| {
                Error::Plain(format!("cannot delete {why}: {}", pods.join(", ")))
            });
            Error::of(errors.collect())?;
        }
        if !warnings.is_empty() {
            let parts: Vec<String> = warnings
                .iter()
                .map(|(why, pods)| format!("{why}: {}", pods.join(", ")))
                .collect();
            io.complain(&format!("Warning: {}", parts.join("; ")));
        }
        Ok(chosen)
    }
}

/// Asks for the eviction of a pod.
fn evict_one(doomed: &mut Doomed, manner: &Manner, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if manner.dry_run == DryRun::Client {
        return Ok(());
    }
    let mut request = Request::new(Verb::Create, Kind::Pod, &doomed.namespace, &doomed.name)
        .with_subresource(Subresource::Eviction);
    request.options.dry_run = manner.dry_run == DryRun::Server;
    request.options.grace_period_seconds = (manner.grace >= 0).then_some(manner.grace);
    io.request(request).map(|_| ())
}

/// What a drain does with a pod.
enum Verdict {
    Delete,
    Warn(&'static str),
    Skip(&'static str),
    Refuse(&'static str),
}

fn judge(pod: &Pod, parsed: &Parsed) -> Verdict {
    if matches!(super::pods::phase(pod), "Succeeded" | "Failed") {
        return Verdict::Delete;
    }
    let owner = pod
        .metadata
        .owner_references
        .iter()
        .flatten()
        .find(|o| o.controller == Some(true));
    if owner.is_some_and(|owner| owner.kind == "DaemonSet") {
        return if parsed.is("ignore-daemonsets") {
            Verdict::Skip("ignoring DaemonSet-managed Pods")
        } else {
            Verdict::Refuse("DaemonSet-managed Pods (use --ignore-daemonsets to ignore)")
        };
    }
    let volumes = pod.spec.as_ref().and_then(|spec| spec.volumes.as_ref());
    let local = volumes
        .into_iter()
        .flatten()
        .any(|volume| volume.empty_dir.is_some());
    if local && !parsed.is("delete-emptydir-data") {
        return Verdict::Refuse("Pods with local storage (use --delete-emptydir-data to override)");
    }
    match (owner, parsed.is("force")) {
        (None, false) => {
            Verdict::Refuse("Pods that declare no controller (use --force to override)")
        }
        (None, true) => Verdict::Warn("deleting Pods that declare no controller"),
        _ if local => Verdict::Warn("deleting Pods with local storage"),
        _ => Verdict::Delete,
    }
}

/// Marks a node as closed or open for new pods.
fn mark(
    node: &Object,
    closed: bool,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let now = node.to_json();
    let is_closed = now.pointer("/spec/unschedulable") == Some(&json!(true));
    let did = if closed { "cordoned" } else { "uncordoned" };
    if is_closed == closed {
        return change.tell(&now, &format!("already {did}"), io);
    }
    if change.dry_run != DryRun::Client {
        let value = if closed { json!(true) } else { json!(null) };
        let patch = json!({"spec": {"unschedulable": value}});
        change.patch(node, (PatchType::Strategic, patch), None, io)?;
    }
    change.tell(&now, did, io)
}
