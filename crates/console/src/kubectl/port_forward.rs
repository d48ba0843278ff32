//! `kubectl port-forward`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/portforward/portforward.go`. The learner's machine remembers its open ports in hidden files; a
//! connection from the prompt looks there (`programs::prompt`) and counts itself, so that this command can tell of it.

use super::errors::Error;
use super::flags::Parsed;
use super::pods;
use super::session::{Io, Next, Step};
use crate::command::{Files, Until};
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use petset_cluster::{Key, Object};

/// Where open ports are remembered: one file each.
const FOLDER: &str = ".kube/forward/";

/// Ports that are chosen by themselves begin here.
const FIRST_FREE_PORT: u16 = 40_000;

/// A local port that leads to a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forward {
    /// The pod.
    pub(crate) pod: Key,
    /// The port in the pod.
    pub(crate) port: u16,
    /// How many connections there were.
    pub(crate) connections: u64,
}

/// Where a local port leads, if it is open.
pub(crate) fn forward(files: &Files, port: u16) -> Option<Forward> {
    let text = files.get(&format!("{FOLDER}{port}"))?;
    let mut words = text.split(' ');
    Some(Forward {
        pod: Key::new(words.next()?, words.next()?),
        port: words.next()?.parse().ok()?,
        connections: words.next()?.parse().ok()?,
    })
}

/// Remembers where a local port leads.
pub(crate) fn remember(files: &mut Files, port: u16, forward: &Forward) {
    let Forward {
        pod,
        port: target,
        connections,
    } = forward;
    let text = format!("{} {} {target} {connections}", pod.namespace(), pod.name());
    files.insert(format!("{FOLDER}{port}"), text);
}

/// A running `kubectl port-forward`.
#[derive(Clone)]
pub(crate) struct PortForward {
    parsed: Parsed,
    /// The local ports, and how many connections were told of.
    ports: Vec<(u16, u64)>,
}

/// Begins `kubectl port-forward`.
pub(crate) fn start(parsed: Parsed) -> PortForward {
    PortForward {
        parsed,
        ports: Vec::new(),
    }
}

impl Step for PortForward {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if self.ports.is_empty() {
            self.open(io)?;
            return Ok(Next::Wait(Until::Input));
        }
        let mut told = Vec::new();
        let mut lost = false;
        for (port, seen) in &mut self.ports {
            let Some(forward) = forward(io.context.files, *port) else {
                continue;
            };
            told.extend((*seen..forward.connections).map(|_| *port));
            *seen = forward.connections;
            lost |= io.cluster().store().get_as::<Pod>(&forward.pod).is_none();
        }
        for port in told {
            io.line(&format!("Handling connection for {port}"));
        }
        if lost {
            self.close(io);
            return Err(Error::plain("lost connection to pod"));
        }
        Ok(Next::Wait(Until::Input))
    }

    fn interrupt(&mut self, io: &mut Io<'_, '_>) -> bool {
        self.close(io);
        false
    }
}

impl PortForward {
    fn close(&self, io: &mut Io<'_, '_>) {
        for (port, _) in &self.ports {
            io.context.files.remove(&format!("{FOLDER}{port}"));
        }
    }

    fn open(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let [name, specs @ ..] = self.parsed.args.as_slice() else {
            return Err(missing());
        };
        if specs.is_empty() {
            return Err(missing());
        }
        if self.parsed.changed("address") && self.parsed.text("address") != "localhost" {
            return Err(Error::not_simulated("port-forward --address"));
        }
        let target = pods::target(name, io)?;
        let object = io.get(target.kind, &target.namespace, &target.name)?;
        let pods = pods::pods_of(&target, io)?;
        let Some(pod) = pods.first() else {
            return Err(Error::plain("timed out waiting for the condition"));
        };
        if pods::phase(pod) != "Running" {
            return Err(Error::plain(format!(
                "unable to forward port because pod is not running. Current status={}",
                pods::phase(pod)
            )));
        }
        let metadata = &pod.metadata;
        let key = Key::new(
            metadata.namespace.as_deref().unwrap_or_default(),
            metadata.name.as_deref().unwrap_or_default(),
        );
        let mut wanted = Vec::new();
        for spec in specs {
            wanted.push(ports(spec, &object, pod, io.context.files)?);
        }
        for (local, remote) in wanted {
            if forward(io.context.files, local).is_some() {
                self.close(io);
                return Err(taken(local, remote));
            }
            let forward = Forward {
                pod: key.clone(),
                port: remote,
                connections: 0,
            };
            remember(io.context.files, local, &forward);
            self.ports.push((local, 0));
            io.line(&format!("Forwarding from 127.0.0.1:{local} -> {remote}"));
            io.line(&format!("Forwarding from [::1]:{local} -> {remote}"));
        }
        Ok(())
    }
}

fn missing() -> Error {
    Error::usage(
        "port-forward",
        "TYPE/NAME and list of ports are required for port-forward",
    )
}

fn taken(local: u16, remote: u16) -> Error {
    Error::Verbatim(format!(
        "Unable to listen on port {local}: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 127.0.0.1:{local}: bind: address already in use unable to create listener: Error listen tcp6 [::1]:{local}: bind: address already in use]\nerror: unable to listen on any of the requested ports: [{{{local} {remote}}}]\n"
    ))
}

/// The local port and the one in the pod.
fn ports(spec: &str, object: &Object, pod: &Pod, files: &Files) -> Result<(u16, u16), Error> {
    let (local, remote) = match spec.split_once(':') {
        Some((local, remote)) if !remote.contains(':') => (local, remote),
        // Of more than two parts, the first is taken twice.
        Some((local, _)) => (local, local),
        None => (spec, spec),
    };
    let (named, number) = match object {
        Object::Service(service) => of_service(service, pod, remote)?,
        _ => {
            let number = match remote.parse::<u16>() {
                Ok(number) => number,
                Err(_) => container_port(pod, remote).ok_or_else(|| {
                    Error::plain(format!(
                        "Pod '{}' does not have a named port '{remote}'",
                        name(pod)
                    ))
                })?,
            };
            (number, number)
        }
    };
    if number == 0 {
        return Err(Error::plain("remote port must be > 0"));
    }
    let invalid = || {
        Error::plain(format!(
            "error parsing local port '{local}': invalid syntax"
        ))
    };
    let local = match local {
        "" => (FIRST_FREE_PORT..u16::MAX)
            .find(|port| forward(files, *port).is_none())
            .unwrap_or(FIRST_FREE_PORT),
        word if word == remote => named,
        word => word.parse().map_err(|_| invalid())?,
    };
    Ok((local, number))
}

fn name(pod: &Pod) -> &str {
    pod.metadata.name.as_deref().unwrap_or_default()
}

/// The port of a service, and the one in the pod behind it.
fn of_service(service: &Service, pod: &Pod, wanted: &str) -> Result<(u16, u16), Error> {
    let own = service.metadata.name.as_deref().unwrap_or_default();
    let spec = service.spec.as_ref();
    let mut all = spec
        .and_then(|spec| spec.ports.as_deref())
        .unwrap_or_default()
        .iter();
    let port =
        all.find(|port| port.port.to_string() == wanted || port.name.as_deref() == Some(wanted));
    let Some(port) = port else {
        return Err(Error::plain(match wanted.parse::<u16>() {
            Ok(_) => format!("Service {own} does not have a service port {wanted}"),
            Err(_) => format!("Service '{own}' does not have a named port '{wanted}'"),
        }));
    };
    let number = |port: i32| u16::try_from(port).unwrap_or_default();
    let headless = spec.and_then(|spec| spec.cluster_ip.as_deref()) == Some("None");
    let target = match &port.target_port {
        Some(IntOrString::Int(0)) | None => Some(number(port.port)),
        Some(IntOrString::Int(_)) if headless => Some(number(port.port)),
        Some(IntOrString::Int(target)) => Some(number(*target)),
        Some(IntOrString::String(name)) => container_port(pod, name),
    };
    let Some(target) = target else {
        return Err(Error::plain(format!(
            "Pod '{}' does not have a named port '{wanted}'",
            name(pod)
        )));
    };
    Ok((number(port.port), target))
}

fn container_port(pod: &Pod, name: &str) -> Option<u16> {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
    let port = ports.find(|port| port.name.as_deref() == Some(name))?;
    u16::try_from(port.container_port).ok()
}
