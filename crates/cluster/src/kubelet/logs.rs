//! Logs of containers, as the pod's status names them.
//!
//! Upstream: `pkg/kubelet/kubelet_pods.go` (`validateContainerLogStatus`), `pkg/kubelet/kuberuntime/kuberuntime_container.go`.

use super::Kubelet;
use super::container::Run;
use super::exec::{LogLine, LogOptions, LogPage, LogStream, container_name};
use super::reboot::has_lost_log;
use crate::api::Status;
use crate::object::{Key, Kind};
use crate::store::Store;
use crate::time::Instant;
use k8s_openapi::api::core::v1 as core;

/// What stands before the id of a container.
pub(super) const RUNTIME: &str = "containerd://";

impl Kubelet {
    pub(super) fn logs(
        &self,
        store: &Store,
        now: Instant,
        key: &Key,
        container: Option<&str>,
        options: &LogOptions,
    ) -> Result<LogPage, Status> {
        let pod = store
            .get_as::<core::Pod>(key)
            .ok_or_else(|| Status::missing(Kind::Pod, key))?;
        let name = container_name(pod, container)?;
        let id = meant(pod, &name, options.previous)
            .map_err(|why| Status::bad_request(why.message(&name, key.name())))?;
        if let Some(worker) = self.worker(key)
            && self.is_cut_off(&worker.node)
        {
            let host = &worker.host_ip;
            let what = format!("Get \"https://{host}:10250/containerLogs/{key}/{name}\"");
            return Err(super::heartbeat::unreachable(&what, host));
        }
        let Some(run) = self.kept_run(key, &name, &id) else {
            return Ok(irretrievable(&id, now, options));
        };
        let mut lines: Vec<LogLine> = run.log.from(options.from).cloned().collect();
        let more = run.is_running() && !options.previous;
        lines.extend(run.log.open().filter(|_| !more).cloned());
        if let Some(since) = options.since {
            lines.retain(|line| line.at + since >= now);
        }
        let tail = options
            .tail_lines
            .and_then(|tail| usize::try_from(tail).ok());
        if let Some(tail) = tail {
            lines.drain(..lines.len().saturating_sub(tail));
        }
        Ok(LogPage {
            lines,
            next: run.log.next(),
            more,
        })
    }

    /// A run whose log is still there: of those that have ended, a node keeps the last.
    fn kept_run(&self, key: &Key, name: &str, id: &str) -> Option<&Run> {
        let containers = &self.worker(key)?.containers;
        let container = containers.iter().find(|container| container.name == name)?;
        let before = container.previous.as_ref();
        let before = before.filter(|_| container.exit().is_none());
        let mut runs = container.run.iter().chain(before);
        let run = runs.find(|run| id.strip_prefix(RUNTIME) == Some(&run.id));
        run.filter(|run| !has_lost_log(run))
    }
}

/// Why there is no log.
enum Missing {
    Previous,
    Unavailable,
    Waiting(String),
}

impl Missing {
    fn message(&self, container: &str, pod: &str) -> String {
        match self {
            Missing::Previous => {
                format!("previous terminated container \"{container}\" in pod \"{pod}\" not found")
            }
            Missing::Unavailable if container == "coredns" => {
                "not simulated here: what CoreDNS logs".to_owned()
            }
            Missing::Unavailable => {
                format!("container \"{container}\" in pod \"{pod}\" is not available")
            }
            Missing::Waiting(why) => {
                format!("container \"{container}\" in pod \"{pod}\" is waiting to start: {why}")
            }
        }
    }
}

/// The id of the run whose log is meant.
fn meant(pod: &core::Pod, name: &str, previous: bool) -> Result<String, Missing> {
    let statuses = pod.status.as_ref().into_iter().flat_map(|status| {
        let lists = [&status.container_statuses, &status.init_container_statuses];
        lists.into_iter().flatten().flatten()
    });
    let status = statuses.into_iter().find(|status| status.name == name);
    let Some(status) = status else {
        // The pod has been placed, and its kubelet has not told of it yet.
        return Err(Missing::Waiting("ContainerCreating".to_owned()));
    };
    let ended = |state: &Option<core::ContainerState>| {
        let id = state.as_ref()?.terminated.as_ref()?.container_id.clone();
        id.filter(|id| !id.is_empty())
    };
    if previous {
        return ended(&status.last_state).ok_or(Missing::Previous);
    }
    let state = status.state.as_ref();
    if state.is_some_and(|state| state.running.is_some()) {
        return status.container_id.clone().ok_or(Missing::Unavailable);
    }
    if let Some(id) = ended(&status.state).or_else(|| ended(&status.last_state)) {
        return Ok(id);
    }
    let waiting = state.and_then(|state| state.waiting.as_ref());
    let why = match waiting.and_then(|waiting| waiting.reason.as_deref()) {
        Some("ErrImagePull") => "image can't be pulled",
        Some("ImagePullBackOff") => "trying and failing to pull image",
        Some(reason) => reason,
        None => return Err(Missing::Unavailable),
    };
    Err(Missing::Waiting(why.to_owned()))
}

/// The kubelet answers with this text in the place of a log.
fn irretrievable(id: &str, now: Instant, options: &LogOptions) -> LogPage {
    let line = LogLine {
        at: now,
        stream: LogStream::Stdout,
        text: format!("unable to retrieve container logs for {id}"),
        ended: false,
    };
    LogPage {
        lines: vec![line],
        next: options.from + 1,
        more: false,
    }
}
