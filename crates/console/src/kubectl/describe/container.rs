//! The containers of a pod or of a template.

use super::pod::describe_seccomp;
use super::resource::{amount_text, container_resource};
use super::time::date;
use super::writer::PrefixWriter;
use super::{text_of, text_or};
use crate::kubectl::errors::quote;
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, ContainerState, ContainerStatus, EnvVarSource, Pod, Probe,
    ResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use petset_cluster::sort;

/// Containers under one label.
pub(super) struct Containers<'a> {
    /// `Containers`, `Init Containers`, …
    pub(super) label: &'a str,
    /// What the pod asks for.
    pub(super) containers: &'a [Container],
    /// What became of it; nothing for templates.
    pub(super) statuses: &'a [ContainerStatus],
    /// Where references to fields point; none for templates.
    pub(super) pod: Option<&'a Pod>,
    /// Indentation before the label.
    pub(super) space: &'a str,
}

/// Containers with their states.
///
/// Upstream: `describeContainers`.
pub(super) fn describe_containers(list: Containers<'_>, w: &mut PrefixWriter) {
    let Containers { label, space, .. } = list;
    let none = if list.containers.is_empty() {
        " <none>"
    } else {
        ""
    };
    w.line(0, format_args!("{space}{label}:{none}"));
    for container in list.containers {
        let mut statuses = list.statuses.iter().rev();
        let status = statuses.find(|status| status.name == container.name);
        describe_basics(container, status, space, w);
        describe_command("Command", container.command.as_deref(), w);
        describe_command("Args", container.args.as_deref(), w);
        if let Some(status) = status {
            describe_state(status, w);
        }
        if let Some(resources) = &container.resources {
            describe_resources(resources, 2, w);
        }
        let probes = [
            ("Liveness", &container.liveness_probe),
            ("Readiness", &container.readiness_probe),
            ("Startup", &container.startup_probe),
        ];
        for (key, probe) in probes {
            if let Some(probe) = probe {
                w.field(2, key, probe_text(probe));
            }
        }
        describe_environment_sources(container, w);
        describe_environment(container, list.pod, w);
        describe_mounts(container, w);
    }
}

fn describe_basics(
    container: &Container,
    status: Option<&ContainerStatus>,
    space: &str,
    w: &mut PrefixWriter,
) {
    let indent = if space.is_empty() { "" } else { " " };
    w.line(1, format_args!("{indent}{}:", container.name));
    if let Some(status) = status {
        w.field(2, "Container ID", text_of(&status.container_id));
    }
    w.field(2, "Image", text_of(&container.image));
    if let Some(status) = status {
        w.field(2, "Image ID", &status.image_id);
    }
    let ports = container.ports.as_deref().unwrap_or_default();
    let container_ports = ports
        .iter()
        .map(|port| port_text(port.container_port, port));
    describe_ports("Port", container_ports.collect(), w);
    let host_ports = ports
        .iter()
        .map(|port| port_text(port.host_port.unwrap_or(0), port));
    describe_ports("Host Port", host_ports.collect(), w);
    let context = container.security_context.as_ref();
    if let Some(profile) = context.and_then(|context| context.seccomp_profile.as_ref()) {
        describe_seccomp(profile, 2, 3, w);
    }
}

fn describe_ports(key: &str, ports: Vec<String>, w: &mut PrefixWriter) {
    let plural = if ports.len() > 1 { "s" } else { "" };
    let text = ports.join(", ");
    w.field(2, format_args!("{key}{plural}"), text_or(&text, "<none>"));
}

fn port_text(number: i32, port: &ContainerPort) -> String {
    let protocol = text_of(&port.protocol);
    match text_of(&port.name) {
        "" => format!("{number}/{protocol}"),
        name => format!("{number}/{protocol} ({name})"),
    }
}

fn describe_command(key: &str, words: Option<&[String]>, w: &mut PrefixWriter) {
    let words = words.unwrap_or_default();
    if !words.is_empty() {
        w.line(2, format_args!("{key}:"));
    }
    for line in words.iter().flat_map(|word| word.split('\n')) {
        w.line(3, line);
    }
}

fn describe_state(status: &ContainerStatus, w: &mut PrefixWriter) {
    let none = ContainerState::default();
    describe_one_state("State", status.state.as_ref().unwrap_or(&none), w);
    if let Some(last) = status
        .last_state
        .as_ref()
        .filter(|last| last.terminated.is_some())
    {
        describe_one_state("Last State", last, w);
    }
    w.field(2, "Ready", if status.ready { "True" } else { "False" });
    w.field(2, "Restart Count", status.restart_count);
}

fn describe_one_state(key: &str, state: &ContainerState, w: &mut PrefixWriter) {
    if let Some(running) = &state.running {
        w.field(2, key, "Running");
        w.field(3, "Started", date(running.started_at.as_ref()));
    } else if let (Some(terminated), None) = (&state.terminated, &state.waiting) {
        w.field(2, key, "Terminated");
        for (key, value) in [
            ("Reason", &terminated.reason),
            ("Message", &terminated.message),
        ] {
            if !text_of(value).is_empty() {
                w.field(3, key, text_of(value));
            }
        }
        w.field(3, "Exit Code", terminated.exit_code);
        if let Some(signal) = terminated.signal.filter(|signal| *signal > 0) {
            w.field(3, "Signal", signal);
        }
        w.field(3, "Started", date(terminated.started_at.as_ref()));
        w.field(3, "Finished", date(terminated.finished_at.as_ref()));
    } else {
        w.field(2, key, "Waiting");
        let reason = state
            .waiting
            .as_ref()
            .map_or("", |waiting| text_of(&waiting.reason));
        if !reason.is_empty() {
            w.field(3, "Reason", reason);
        }
    }
}

/// Limits and requests.
///
/// Upstream: `describeResources`.
pub(super) fn describe_resources(
    resources: &ResourceRequirements,
    level: usize,
    w: &mut PrefixWriter,
) {
    for (key, list) in [
        ("Limits", &resources.limits),
        ("Requests", &resources.requests),
    ] {
        let list = list.iter().flatten();
        for (at, (name, quantity)) in list.enumerate() {
            if at == 0 {
                w.line(level, format_args!("{key}:"));
            }
            w.field(level + 1, name, amount_text(quantity));
        }
    }
}

/// What a probe does, and how often.
///
/// Upstream: `DescribeProbe`.
fn probe_text(probe: &Probe) -> String {
    let times = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        probe.initial_delay_seconds.unwrap_or(0),
        probe.timeout_seconds.unwrap_or(0),
        probe.period_seconds.unwrap_or(0),
        probe.success_threshold.unwrap_or(0),
        probe.failure_threshold.unwrap_or(0),
    );
    if let Some(exec) = &probe.exec {
        let command = exec.command.as_deref().unwrap_or_default();
        return format!("exec [{}] {times}", command.join(" "));
    }
    if let Some(get) = &probe.http_get {
        let scheme = text_of(&get.scheme).to_lowercase();
        let colon = if scheme.is_empty() { "" } else { ":" };
        let host = host_and_port(text_of(&get.host), &port_name(&get.port));
        let path = escape_path(text_of(&get.path));
        let slash = if path.is_empty() || path.starts_with('/') {
            ""
        } else {
            "/"
        };
        return format!("http-get {scheme}{colon}//{host}{slash}{path} {times}");
    }
    if let Some(socket) = &probe.tcp_socket {
        return format!(
            "tcp-socket {}:{} {times}",
            text_of(&socket.host),
            port_name(&socket.port)
        );
    }
    if let Some(grpc) = &probe.grpc {
        return format!(
            "grpc <pod>:{} {} {times}",
            grpc.port,
            text_of(&grpc.service)
        );
    }
    format!("unknown {times}")
}

fn port_name(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}

/// `host:port`, with brackets around an IPv6 address.
pub(super) fn host_and_port(host: &str, port: &str) -> String {
    match (port, host.contains(':')) {
        ("", _) => host.to_owned(),
        (_, true) => format!("[{host}]:{port}"),
        (_, false) => format!("{host}:{port}"),
    }
}

/// The path as it stands in an address.
fn escape_path(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn describe_environment_sources(container: &Container, w: &mut PrefixWriter) {
    let sources = container.env_from.as_deref().unwrap_or_default();
    if !sources.is_empty() {
        w.line(2, "Environment Variables from:");
    }
    for source in sources {
        let (from, name, optional) = match (&source.config_map_ref, &source.secret_ref) {
            (Some(map), _) => ("ConfigMap", map.name.as_str(), map.optional),
            (None, Some(secret)) => ("Secret", secret.name.as_str(), secret.optional),
            (None, None) => ("", "", None),
        };
        let prefix = match text_of(&source.prefix) {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        let optional = optional.unwrap_or(false);
        w.line(
            3,
            format_args!("{name}\t{from}{prefix}\tOptional: {optional}"),
        );
    }
}

fn describe_environment(container: &Container, pod: Option<&Pod>, w: &mut PrefixWriter) {
    let variables = container.env.as_deref().unwrap_or_default();
    let none = if variables.is_empty() { "\t<none>" } else { "" };
    w.line(2, format_args!("Environment:{none}"));
    for variable in variables {
        if let Some(source) = &variable.value_from {
            if let Some(value) = environment_source(source, container, pod) {
                w.field(3, &variable.name, value);
            }
            continue;
        }
        for (at, line) in text_of(&variable.value).split('\n').enumerate() {
            match at {
                0 => w.field(3, &variable.name, line),
                _ => w.line(3, format_args!("\t{line}")),
            }
        }
    }
}

fn environment_source(
    source: &EnvVarSource,
    container: &Container,
    pod: Option<&Pod>,
) -> Option<String> {
    if let Some(field) = &source.field_ref {
        let meta = pod.map(|pod| &pod.metadata);
        // The client knows the meaning of these two fields only.
        let value = match field.field_path.as_str() {
            "metadata.name" => meta.and_then(|meta| meta.name.as_deref()),
            "metadata.namespace" => meta.and_then(|meta| meta.namespace.as_deref()),
            _ => None,
        };
        let version = text_of(&field.api_version);
        return Some(format!(
            "{} ({version}:{})",
            value.unwrap_or(""),
            field.field_path
        ));
    }
    if let Some(field) = &source.resource_field_ref {
        let resource = field.resource.as_str();
        let value = match container_resource(field, container).unwrap_or_default() {
            zero if zero == "0" && matches!(resource, "limits.cpu" | "limits.memory") => {
                "node allocatable".to_owned()
            }
            value => value,
        };
        return Some(format!("{value} ({resource})"));
    }
    if let Some(key) = &source.secret_key_ref {
        let optional = key.optional.unwrap_or(false);
        return Some(format!(
            "<set to the key '{}' in secret '{}'>\tOptional: {optional}",
            key.key, key.name
        ));
    }
    let key = source.config_map_key_ref.as_ref()?;
    let optional = key.optional.unwrap_or(false);
    Some(format!(
        "<set to the key '{}' of config map '{}'>\tOptional: {optional}",
        key.key, key.name
    ))
}

fn describe_mounts(container: &Container, w: &mut PrefixWriter) {
    let mut mounts: Vec<_> = container.volume_mounts.iter().flatten().collect();
    let none = if mounts.is_empty() { "\t<none>" } else { "" };
    w.line(2, format_args!("Mounts:{none}"));
    sort::by_key(&mut mounts, |mount| &mount.mount_path);
    for mount in mounts {
        let mode = if mount.read_only == Some(true) {
            "ro"
        } else {
            "rw"
        };
        let path = match text_of(&mount.sub_path) {
            "" => String::new(),
            path => format!(",path={}", quote(path)),
        };
        w.line(
            3,
            format_args!("{} from {} ({mode}{path})", mount.mount_path, mount.name),
        );
    }
    let mut devices: Vec<_> = container.volume_devices.iter().flatten().collect();
    sort::by_key(&mut devices, |device| &device.device_path);
    if !devices.is_empty() {
        w.line(2, format_args!("Devices:{none}"));
    }
    for device in devices {
        w.line(
            3,
            format_args!("{} from {}", device.device_path, device.name),
        );
    }
}
