//! One try of a probe.
//!
//! Upstream: `pkg/probe`, `pkg/kubelet/prober/prober.go`.

use super::Kubelet;
use super::environment::port_number;
use super::host::exec_pid;
use super::pod::{PodWorker, Stage};
use super::process::{Host, Step, Wake};
use super::running::{Moment, Resumed};
use crate::client::Client;
use crate::network::http::{ConnectError, HttpRequest};
use crate::time::Duration;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::net::IpAddr;

/// What becomes of a probing command in a pod that ends.
const CANCELED: &str = "rpc error: code = Canceled desc = context canceled";

/// How often a probing command may sleep before it is given up.
const STEPS_LIMIT: u32 = 100;

/// How much of an answer stands in an event.
const OUTPUT_LIMIT: usize = 10 * 1024;

/// What one try says.
pub(super) enum Probed {
    Success,
    /// With the output that says why.
    Failure(String),
    /// The probe itself could not be made; nothing is known of the container.
    Unknown(String),
}

impl Kubelet {
    pub(super) fn run_probe(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        probe: &core::Probe,
        client: &mut Client<'_>,
    ) -> Probed {
        if let Some(exec) = &probe.exec {
            if worker.stage != Stage::Syncing {
                // Commands for probes are given up with the sync in which the pod was first seen.
                return Probed::Unknown(CANCELED.to_owned());
            }
            let argv = exec.command.clone().unwrap_or_default();
            let timeout = u64::try_from(probe.timeout_seconds.unwrap_or(1)).unwrap_or(1);
            if self.hangs(&worker.key) {
                return Probed::Failure(timed_out(&argv, Duration::secs(timeout)));
            }
            return self.probe_exec(worker, index, &argv, Duration::secs(timeout), client);
        }
        if let Some(get) = &probe.http_get {
            return self.probe_http(worker, index, get, client);
        }
        if let Some(socket) = &probe.tcp_socket {
            let (host, port) = match target(worker, index, socket.host.as_ref(), &socket.port) {
                Ok(target) => target,
                Err(why) => return Probed::Unknown(why),
            };
            if self.hangs(&worker.key) {
                return Probed::Failure(format!("dial tcp {host}:{port}: i/o timeout"));
            }
            let answer = self.as_node(worker, index, client, |node| node.connect(host, port));
            return match answer {
                Some(Ok(_)) => Probed::Success,
                _ => Probed::Failure(format!(
                    "dial tcp {host}:{port}: connect: connection refused"
                )),
            };
        }
        Probed::Unknown("not simulated here: probes by gRPC".to_owned())
    }

    fn probe_http(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        get: &core::HTTPGetAction,
        client: &mut Client<'_>,
    ) -> Probed {
        let (host, port) = match target(worker, index, get.host.as_ref(), &get.port) {
            Ok(target) => target,
            Err(why) => return Probed::Unknown(why),
        };
        let path = get.path.clone().unwrap_or_else(|| "/".to_owned());
        let scheme = get.scheme.as_deref().unwrap_or("HTTP").to_lowercase();
        let url = format!("{scheme}://{host}:{port}{path}");
        if self.hangs(&worker.key) {
            return Probed::Failure(format!(
                "Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            ));
        }
        let mut headers = vec![
            ("User-Agent".to_owned(), "kube-probe/1.36".to_owned()),
            ("Accept".to_owned(), "*/*".to_owned()),
        ];
        let own = get.http_headers.iter().flatten();
        headers.extend(own.map(|header| (header.name.clone(), header.value.clone())));
        let request = HttpRequest {
            method: "GET".to_owned(),
            host: host.to_string(),
            port,
            headers,
            path,
            ..HttpRequest::default()
        };
        let answer = self.as_node(worker, index, client, |node| node.request(host, &request));
        match answer {
            Some(Ok(_) | Err(ConnectError::EmptyReply(_))) if scheme == "https" => Probed::Failure(
                format!("Get \"{url}\": http: server gave HTTP response to HTTPS client"),
            ),
            Some(Ok(response)) if (200..400).contains(&response.status) => Probed::Success,
            Some(Ok(response)) => Probed::Failure(format!(
                "HTTP probe failed with statuscode: {}",
                response.status
            )),
            Some(Err(ConnectError::EmptyReply(_))) => {
                Probed::Failure(format!("Get \"{url}\": EOF"))
            }
            _ => Probed::Failure(format!(
                "Get \"{url}\": dial tcp {host}:{port}: connect: connection refused"
            )),
        }
    }

    fn probe_exec(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        argv: &[String],
        timeout: Duration,
        client: &mut Client<'_>,
    ) -> Probed {
        let run = worker.containers[index].run.as_ref();
        let Some(image) = run.map(|run| run.image.clone()) else {
            return Probed::Unknown("container not running".to_owned());
        };
        let mut process = match self.runtime.start(&image, argv, false) {
            Ok(process) => process,
            Err(error) => return Probed::Unknown(start_exec_failed(&error.message, client)),
        };
        let began = client.now();
        let (mut now, mut wake, mut written) = (began, Wake::Started, String::new());
        for _ in 0..STEPS_LIMIT {
            let moment = Moment {
                pid: exec_pid(0),
                wake,
                now,
            };
            let Some(Resumed { step, output, .. }) =
                self.resume(worker, index, &mut process, moment, client)
            else {
                break;
            };
            written.push_str(&output.stdout);
            written.push_str(&output.stderr);
            match step {
                Step::Exit(0) => return Probed::Success,
                Step::Exit(_) => {
                    let mut end = written.len().min(OUTPUT_LIMIT);
                    while !written.is_char_boundary(end) {
                        end -= 1;
                    }
                    written.truncate(end);
                    return Probed::Failure(written);
                }
                Step::SleepUntil(at) if at <= began + timeout => now = at.max(now),
                Step::SleepUntil(_) | Step::Wait => break,
            }
            wake = Wake::Due;
        }
        Probed::Failure(timed_out(argv, timeout))
    }
}

/// What is said of a probing command that does not end in time.
fn timed_out(argv: &[String], timeout: Duration) -> String {
    let (command, seconds) = (argv.join(" "), timeout.as_secs());
    format!("command timed out: \"{command}\" timed out after {seconds}s")
}

/// What the runtime says of a command that it cannot start in a container.
pub(super) fn start_exec_failed(cause: &str, client: &mut Client<'_>) -> String {
    let id = client.random().hex(32);
    format!(
        "rpc error: code = Unknown desc = failed to exec in container: failed to start exec \"{id}\": OCI runtime exec failed: exec failed: unable to start container process: {cause}"
    )
}

/// Whom a probe asks.
fn target(
    worker: &PodWorker,
    index: usize,
    host: Option<&String>,
    port: &IntOrString,
) -> Result<(IpAddr, u16), String> {
    let spec = worker.container_spec(index);
    let number = spec.and_then(|spec| port_number(spec, port));
    let number = number.ok_or_else(|| match port {
        IntOrString::Int(number) => format!("invalid port number: {number}"),
        IntOrString::String(name) => {
            format!("strconv.Atoi: parsing {name:?}: invalid syntax")
        }
    })?;
    let host = match host {
        Some(host) => host.parse().ok(),
        None => worker.ip.map(IpAddr::V4),
    };
    Ok((host.ok_or("no address")?, number))
}
