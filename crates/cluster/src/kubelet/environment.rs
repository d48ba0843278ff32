//! The environment that a container starts with: variables, names, `/etc/hosts` and `/etc/resolv.conf`.
//!
//! Upstream: `pkg/kubelet/kubelet_pods.go`, `pkg/kubelet/envvars`, `pkg/kubelet/network/dns/dns.go`.

use super::container::Context;
use super::pod::PodWorker;
use super::process::ImageInfo;
use super::resource_field::{resource_field, verify_run_as_non_root};
use super::{security_context, volumes};
use crate::network::dns::ResolvConf;
use crate::object::Key;
use crate::storage::{Disks, Writer};
use crate::store::Store;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// The address of the cluster's DNS service.
pub const DNS_SERVICE_IP: &str = "10.96.0.10";

/// What a new run of the container at `index` sees.
///
/// # Errors
/// Something that the environment refers to is missing: the waiting message of `CreateContainerConfigError`.
pub(crate) fn context(
    worker: &PodWorker,
    index: usize,
    image: &Arc<ImageInfo>,
    store: &Store,
    disks: &Disks,
) -> Result<Context, String> {
    let spec = worker.container_spec(index).ok_or("no such container")?;
    verify_run_as_non_root(worker, spec, image)?;
    let hostname = hostname(worker);
    let env = variables(worker, spec, image, &hostname, (store, disks))?;
    let expand = |texts: &Option<Vec<String>>| -> Vec<String> {
        let texts = texts.as_deref().unwrap_or_default();
        if texts.is_empty() {
            return Vec::new();
        }
        let given = env.iter().cloned().collect();
        texts.iter().map(|text| expand(text, &given)).collect()
    };
    let (command, args) = (expand(&spec.command), expand(&spec.args));
    let argv = match (command.is_empty(), args.is_empty()) {
        (true, true) => [&image.entrypoint[..], &image.cmd[..]].concat(),
        (true, false) => [&image.entrypoint[..], &args[..]].concat(),
        (false, _) => [command, args].concat(),
    };
    let volumes::Mounts { mounts, fills } = volumes::mounts(worker, index, store, &|text| {
        let given = env.iter().cloned().collect();
        self::expand(text, &given)
    });
    let ip = worker.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let user = security_context::user(worker, spec, image);
    let working_dir = spec
        .working_dir
        .clone()
        .unwrap_or_else(|| image.working_dir.clone());
    Ok(Context {
        hosts: hosts(worker, &hostname),
        resolv_conf: resolv_conf(worker),
        working_dir: if working_dir.is_empty() {
            "/".to_owned()
        } else {
            working_dir
        },
        groups: security_context::groups(worker, user),
        fs_group: worker.spec().and_then(security_context::fs_group),
        user,
        writer: Arc::new(Writer {
            namespace: worker.key.namespace().to_owned(),
            pod: worker.key.name().to_owned(),
            container: spec.name.clone(),
        }),
        pod_ip: ip,
        tty: spec.tty.unwrap_or(false),
        image: image.clone(),
        env,
        hostname,
        mounts,
        fills,
        argv,
    })
}

/// The host name inside of a pod.
pub(super) fn hostname(worker: &PodWorker) -> String {
    let given = worker.spec().and_then(|spec| spec.hostname.clone());
    let name = given.filter(|name| !name.is_empty());
    let mut name = name.unwrap_or_else(|| worker.key.name().to_owned());
    name.truncate(63);
    name.trim_end_matches(['-', '.']).to_owned()
}

/// The full name inside of a pod, if it has a subdomain.
fn domain(worker: &PodWorker, hostname: &str) -> Option<String> {
    let subdomain = worker
        .spec()?
        .subdomain
        .as_deref()
        .filter(|name| !name.is_empty())?;
    Some(format!(
        "{hostname}.{subdomain}.{}.svc.cluster.local",
        worker.key.namespace()
    ))
}

pub(super) fn hosts(worker: &PodWorker, hostname: &str) -> Vec<(IpAddr, Vec<String>)> {
    let mut hosts = vec![(IpAddr::from([127, 0, 0, 1]), vec!["localhost".to_owned()])];
    if let Some(ip) = worker.ip {
        let names = domain(worker, hostname)
            .into_iter()
            .chain([hostname.to_owned()]);
        hosts.push((ip.into(), names.collect()));
    }
    let aliases = worker.spec().and_then(|spec| spec.host_aliases.as_ref());
    for alias in aliases.into_iter().flatten() {
        if let Ok(ip) = alias.ip.parse() {
            hosts.push((ip, alias.hostnames.clone().unwrap_or_default()));
        }
    }
    hosts
}

/// The text of `/etc/hosts`.
pub(crate) fn hosts_file(context: &Context) -> String {
    let mut text = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n".to_owned();
    let mut own = context.hosts.iter().skip(1);
    if let Some((ip, names)) = own.next() {
        text.push_str(&format!("{ip}\t{}\n", names.join("\t")));
    }
    let mut first = true;
    for (ip, names) in own {
        if first {
            text.push_str("\n# Entries added by HostAliases.\n");
            first = false;
        }
        text.push_str(&format!("{ip}\t{}\n", names.join("\t")));
    }
    text
}

/// The resolver's configuration of a pod, by its DNS policy.
pub(crate) fn resolv_conf(worker: &PodWorker) -> ResolvConf {
    let spec = worker.spec();
    let policy = spec
        .and_then(|spec| spec.dns_policy.as_deref())
        .unwrap_or("ClusterFirst");
    let host_network = spec.and_then(|spec| spec.host_network).unwrap_or(false);
    let mut conf = match policy {
        "None" => ResolvConf::default(),
        "Default" => node_resolv_conf(),
        "ClusterFirst" if host_network => node_resolv_conf(),
        _ => cluster_first(worker.key.namespace()),
    };
    if let Some(extra) = spec.and_then(|spec| spec.dns_config.as_ref()) {
        conf.nameservers
            .extend(extra.nameservers.iter().flatten().cloned());
        conf.search.extend(extra.searches.iter().flatten().cloned());
        for option in extra.options.iter().flatten() {
            let name = option.name.as_deref().unwrap_or("");
            conf.options
                .retain(|old| old.split(':').next() != Some(name));
            conf.options.push(match &option.value {
                Some(value) => format!("{name}:{value}"),
                None => name.to_owned(),
            });
        }
    }
    conf
}

/// The resolver's configuration of pods with the usual policy.
pub fn cluster_first(namespace: &str) -> ResolvConf {
    ResolvConf {
        search: vec![
            format!("{namespace}.svc.cluster.local"),
            "svc.cluster.local".to_owned(),
            "cluster.local".to_owned(),
        ],
        nameservers: vec![DNS_SERVICE_IP.to_owned()],
        options: vec!["ndots:5".to_owned()],
    }
}

/// Nodes ask the same server, without a search path.
fn node_resolv_conf() -> ResolvConf {
    ResolvConf {
        nameservers: vec![DNS_SERVICE_IP.to_owned()],
        ..ResolvConf::default()
    }
}

/// All variables: the image's, the services', the spec's; later ones win.
fn variables(
    worker: &PodWorker,
    spec: &core::Container,
    image: &ImageInfo,
    hostname: &str,
    (store, disks): (&Store, &Disks),
) -> Result<Vec<(String, String)>, String> {
    let mut own: BTreeMap<String, String> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut set = |own: &mut BTreeMap<String, String>, name: &str, value: String| {
        if own.insert(name.to_owned(), value).is_none() {
            order.push(name.to_owned());
        }
    };
    for source in spec.env_from.iter().flatten() {
        let prefix = source.prefix.as_deref().unwrap_or("");
        for (key, value) in env_from(worker, source, store)? {
            set(&mut own, &format!("{prefix}{key}"), value);
        }
    }
    let services = service_variables(worker, store);
    // What a variable's text may refer to; most containers have no variables of their own.
    let mut known = BTreeMap::new();
    if spec.env.as_ref().is_some_and(|env| !env.is_empty()) {
        known.clone_from(&services);
        known.append(&mut own.clone());
    }
    for variable in spec.env.iter().flatten() {
        let value = match (&variable.value, &variable.value_from) {
            (Some(text), _) => Some(expand(text, &known)),
            (None, Some(source)) => value_from(worker, spec, source, (store, disks))?,
            (None, None) => Some(String::new()),
        };
        if let Some(value) = value {
            known.insert(variable.name.clone(), value.clone());
            set(&mut own, &variable.name, value);
        }
    }
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let mut all = vec![
        ("PATH".to_owned(), path.to_owned()),
        ("HOSTNAME".to_owned(), hostname.to_owned()),
    ];
    let mut put = |name: String, value: String| match all.iter_mut().find(|(n, _)| *n == name) {
        Some(there) => there.1 = value,
        None => all.push((name, value)),
    };
    for (name, value) in &image.env {
        put(name.clone(), value.clone());
    }
    for name in order {
        let value = own.remove(&name).unwrap_or_default();
        put(name, value);
    }
    for (name, value) in services {
        if !all.iter().any(|(known, _)| *known == name) {
            all.push((name, value));
        }
    }
    if !all.iter().any(|(name, _)| name == "HOME") {
        all.push(("HOME".to_owned(), "/root".to_owned()));
    }
    Ok(all)
}

fn env_from(
    worker: &PodWorker,
    source: &core::EnvFromSource,
    store: &Store,
) -> Result<Vec<(String, String)>, String> {
    let namespace = worker.key.namespace();
    if let Some(reference) = &source.config_map_ref {
        let map = store.get_as::<core::ConfigMap>(&Key::new(namespace, &reference.name));
        return match map {
            Some(map) => Ok(map.data.clone().unwrap_or_default().into_iter().collect()),
            None if reference.optional.unwrap_or(false) => Ok(Vec::new()),
            None => Err(format!("configmap \"{}\" not found", reference.name)),
        };
    }
    if let Some(reference) = &source.secret_ref {
        let secret = store.get_as::<core::Secret>(&Key::new(namespace, &reference.name));
        return match secret {
            Some(secret) => Ok(secret
                .data
                .iter()
                .flatten()
                .map(|(key, value)| (key.clone(), String::from_utf8_lossy(&value.0).into_owned()))
                .collect()),
            None if reference.optional.unwrap_or(false) => Ok(Vec::new()),
            None => Err(format!("secret \"{}\" not found", reference.name)),
        };
    }
    Ok(Vec::new())
}

fn value_from(
    worker: &PodWorker,
    spec: &core::Container,
    source: &core::EnvVarSource,
    (store, disks): (&Store, &Disks),
) -> Result<Option<String>, String> {
    let namespace = worker.key.namespace();
    if let Some(reference) = &source.field_ref {
        return Ok(field(worker, &reference.field_path));
    }
    if let Some(selector) = &source.resource_field_ref {
        return resource_field(worker, spec, selector, store).map(Some);
    }
    if let Some(reference) = &source.config_map_key_ref {
        let optional = reference.optional.unwrap_or(false);
        let key = Key::new(namespace, &reference.name);
        let Some(map) = store.get_as::<core::ConfigMap>(&key) else {
            let why = format!("configmap \"{}\" not found", reference.name);
            return if optional { Ok(None) } else { Err(why) };
        };
        let value = map
            .data
            .as_ref()
            .and_then(|data| data.get(&reference.key))
            .cloned();
        return match value {
            None if !optional => Err(format!(
                "couldn't find key {} in ConfigMap {key}",
                reference.key
            )),
            value => Ok(value),
        };
    }
    if let Some(reference) = &source.secret_key_ref {
        let optional = reference.optional.unwrap_or(false);
        let key = Key::new(namespace, &reference.name);
        let Some(secret) = store.get_as::<core::Secret>(&key) else {
            let why = format!("secret \"{}\" not found", reference.name);
            return if optional { Ok(None) } else { Err(why) };
        };
        let value = secret
            .data
            .as_ref()
            .and_then(|data| data.get(&reference.key));
        return match value {
            None if !optional => Err(format!(
                "couldn't find key {} in Secret {key}",
                reference.key
            )),
            value => Ok(value.map(|value| String::from_utf8_lossy(&value.0).into_owned())),
        };
    }
    if let Some(reference) = &source.file_key_ref {
        return super::env_file::value(worker, reference, disks);
    }
    Err("not simulated here: this source of a variable".to_owned())
}

/// A field of the pod as the downward API gives it.
pub(crate) fn field(worker: &PodWorker, path: &str) -> Option<String> {
    let pod = worker.pod()?;
    let meta = &pod.metadata;
    let ip = || worker.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let lines = |map: &Option<BTreeMap<String, String>>| {
        let lines = map
            .iter()
            .flatten()
            .map(|(key, value)| format!("{key}={value:?}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let subscript = |map: &Option<BTreeMap<String, String>>, rest: &str| {
        let key = rest.trim_start_matches("['").trim_end_matches("']");
        map.as_ref()
            .and_then(|map| map.get(key))
            .cloned()
            .unwrap_or_default()
    };
    Some(match path {
        "metadata.name" => meta.name.clone().unwrap_or_default(),
        "metadata.namespace" => meta.namespace.clone().unwrap_or_default(),
        "metadata.uid" => worker.uid.clone(),
        "metadata.labels" => lines(&meta.labels),
        "metadata.annotations" => lines(&meta.annotations),
        "spec.nodeName" => worker.node.clone(),
        "spec.serviceAccountName" => pod.spec.as_ref()?.service_account_name.clone()?,
        "status.hostIP" | "status.hostIPs" => worker.host_ip.clone(),
        "status.podIP" | "status.podIPs" => ip(),
        _ => match (
            path.strip_prefix("metadata.labels"),
            path.strip_prefix("metadata.annotations"),
        ) {
            (Some(rest), _) => subscript(&meta.labels, rest),
            (_, Some(rest)) => subscript(&meta.annotations, rest),
            _ => return None,
        },
    })
}

/// The variables that tell of services with an address: those of the pod's namespace (unless it wants none), and always
/// of the API itself.
fn service_variables(worker: &PodWorker, store: &Store) -> BTreeMap<String, String> {
    let links = worker
        .spec()
        .and_then(|spec| spec.enable_service_links)
        .unwrap_or(true);
    let own = worker.key.namespace();
    let services = store.list_as::<core::Service>(Some(own)).filter(|_| links);
    let api = store.get_as::<core::Service>(&Key::new("default", "kubernetes"));
    let mut all = BTreeMap::new();
    for service in api.into_iter().chain(services) {
        let Some(spec) = &service.spec else { continue };
        let ip = spec.cluster_ip.as_deref().unwrap_or("");
        let (Some(ports), false) = (&spec.ports, ip.is_empty() || ip == "None") else {
            continue;
        };
        let name = service.metadata.name.as_deref().unwrap_or("");
        let prefix = name.to_uppercase().replace('-', "_");
        let Some(first) = ports.first() else { continue };
        let named = |suffix: &str| [&prefix, suffix].concat();
        all.insert(named("_SERVICE_HOST"), ip.to_owned());
        all.insert(named("_SERVICE_PORT"), first.port.to_string());
        let protocol =
            |port: &core::ServicePort| port.protocol.as_deref().unwrap_or("TCP").to_lowercase();
        all.insert(
            named("_PORT"),
            format!("{}://{ip}:{}", protocol(first), first.port),
        );
        for port in ports {
            if let Some(name) = &port.name {
                let name = name.to_uppercase().replace('-', "_");
                all.insert(
                    [&prefix, "_SERVICE_PORT_", &name].concat(),
                    port.port.to_string(),
                );
            }
            let protocol = protocol(port);
            let stem = format!("{prefix}_PORT_{}_{}", port.port, protocol.to_uppercase());
            all.insert(stem.clone(), format!("{protocol}://{ip}:{}", port.port));
            all.insert([&stem, "_PROTO"].concat(), protocol);
            all.insert([&stem, "_PORT"].concat(), port.port.to_string());
            all.insert([&stem, "_ADDR"].concat(), ip.to_owned());
        }
    }
    all
}

/// Replaces `$(NAME)` by the variable's value; `$$` is a dollar sign, unknown names stay.
fn expand(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            result.push('$');
            rest = after;
            continue;
        }
        let name = rest
            .strip_prefix("$(")
            .and_then(|rest| rest.split_once(')'));
        match name.and_then(|(name, after)| Some((known.get(name)?, after))) {
            Some((value, after)) => {
                result.push_str(value);
                rest = after;
            }
            None => {
                result.push('$');
                rest = &rest[1..];
            }
        }
    }
    result + rest
}

/// The number of a port that a probe or hook names.
pub(crate) fn port_number(spec: &core::Container, port: &IntOrString) -> Option<u16> {
    match port {
        IntOrString::Int(number) => u16::try_from(*number).ok(),
        IntOrString::String(name) => spec
            .ports
            .iter()
            .flatten()
            .find(|port| port.name.as_ref() == Some(name))
            .map_or_else(
                || name.parse().ok(),
                |port| u16::try_from(port.container_port).ok(),
            ),
    }
}
