//! What programs reach through the kubelet: files, network, other processes.

use super::Kubelet;
use super::container::{Container, Context, Fill, Place, Run};
use super::exec::LogStream;
use super::pod::PodWorker;
use super::process::{Host, ImageInfo, ProcessInfo, World};
use super::{environment, security_context};
use crate::api::quantity::Amount;
use crate::client::Client;
use crate::network::dns::{Answer, RecordType, ResolvConf, ResponseCode};
use crate::network::http::{ConnectError, HttpRequest, HttpResponse};
use crate::network::proxy::{self, Chooser, Route, Source};
use crate::network::way::{Asker, Question, Resolution};
use crate::random::Random;
use crate::storage::file_system::{Content, Inode};
use crate::storage::{Disk, Errno, FileSystem, Files};
use crate::time::Instant;
use std::net::IpAddr;
use std::sync::Arc;

/// The first process id of commands that are executed beside the main program.
const FIRST_EXEC_PID: u32 = 10;

/// How often a request may be answered by a program that sends a request itself.
const DEPTH_LIMIT: u32 = 8;

/// A program's way to everything outside of it.
pub(crate) struct KubeletHost<'h, 'c> {
    pub kubelet: &'h mut Kubelet,
    pub client: &'h mut Client<'c>,
    pub worker: &'h mut PodWorker,
    pub container: usize,
    pub context: Arc<Context>,
    pub now: Instant,
    pub depth: u32,
    /// A program took more memory than the container may have.
    pub out_of_memory: bool,
    /// Whether the kubelet itself asks, for a probe: nobody wants to look at that.
    pub probing: bool,
    /// Signals that were sent: they arrive after the sender has waited or ended.
    pub signals: Vec<(u32, i32)>,
}

/// What a program wrote while it ran.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub stdout: String,
    pub stderr: String,
}

impl KubeletHost<'_, '_> {
    /// Lets a program of this container do something.
    pub fn run<R>(&mut self, pid: u32, act: impl FnOnce(&mut World<'_>) -> R) -> (R, Output) {
        let context = self.context.clone();
        let mut output = Output::default();
        let calendar = self.client.calendar();
        let mut world = World {
            now: self.now,
            calendar,
            stdout: &mut output.stdout,
            stderr: &mut output.stderr,
            env: &context.env,
            hostname: &context.hostname,
            working_dir: &context.working_dir,
            user: context.user,
            pid,
            pod_ip: &context.pod_ip,
            host: self,
        };
        let result = act(&mut world);
        (result, output)
    }

    fn own(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.worker.ip.map(IpAddr::V4) == Some(address)
    }

    /// The way of a connection: to an address and port of a pod, behind services.
    fn route(&mut self, address: IpAddr, port: u16) -> Route {
        if self.own(address) {
            return Route::direct(address, port);
        }
        let source = Source {
            address: self.worker.ip.map_or(address, IpAddr::V4),
            node: Some(&self.worker.node),
        };
        self.kubelet
            .route(self.client, source, address, port, self.now)
    }

    fn remember(&mut self, question: Question) {
        let asker = Asker::Pod {
            namespace: self.worker.key.namespace().to_owned(),
            pod: self.worker.key.name().to_owned(),
            container: self.worker.containers[self.container].name.clone(),
        };
        self.kubelet.ways.push(self.now, asker, question);
    }

    fn reach(
        &mut self,
        route: &Route,
        address: IpAddr,
        request: &HttpRequest,
    ) -> Result<HttpResponse, ConnectError> {
        let (endpoint, port) = route.endpoint.clone()?;
        let mut request = request.clone();
        request.remote_address = match address.is_loopback() {
            true => address.to_string(),
            false => self.context.pod_ip.clone(),
        };
        request.port = port;
        if self.depth >= DEPTH_LIMIT {
            return Err(ConnectError::Dropped(address.to_string()));
        }
        let (now, depth) = (self.now, self.depth + 1);
        if !self.own(endpoint) {
            return self
                .kubelet
                .request(self.client, (address, endpoint), &request, now, depth);
        }
        match self
            .kubelet
            .serve(self.client, self.worker, &request, now, depth)
        {
            None => Err(ConnectError::Refused(address.to_string())),
            Some(None) => Err(ConnectError::EmptyReply(address.to_string())),
            Some(Some(response)) => Ok(response),
        }
    }
}

impl Host for KubeletHost<'_, '_> {
    fn files(&mut self) -> Files<'_> {
        for (disk, fill) in &self.context.fills {
            if self.kubelet.disks.get(disk).is_none() {
                let made = self.kubelet.make_disk(&self.context, fill, self.now);
                self.kubelet.disks.ensure(disk, || made);
            }
        }
        for mount in self
            .context
            .mounts
            .iter()
            .filter(|m| !m.sub_path.is_empty())
        {
            self.kubelet.disks.make_sub_path(mount, self.now);
        }
        Files {
            disks: &mut self.kubelet.disks,
            mounts: &self.context.mounts,
            writer: &self.context.writer,
            uid: self.context.user.uid,
            gid: self.context.user.gid,
            groups: &self.context.groups,
            now: self.now,
        }
    }

    fn resolv_conf(&self) -> &ResolvConf {
        &self.context.resolv_conf
    }

    fn hosts(&self) -> Vec<(IpAddr, Vec<String>)> {
        self.context.hosts.clone()
    }

    fn query(&mut self, name: &str, record_type: RecordType) -> Answer {
        if self.kubelet.has_no_dns() {
            return Answer::empty(name, record_type, ResponseCode::NoAnswer);
        }
        let cache = &mut self.kubelet.dns_cache;
        let mut answer = cache.query(self.client.store(), name, record_type, self.now);
        answer.shuffle(self.client.random());
        answer
    }

    fn resolved(&mut self, name: &str, record_type: RecordType, resolution: Resolution) {
        self.remember(Question::Name {
            name: name.to_owned(),
            record_type,
            resolution,
        });
    }

    fn connect(&mut self, address: IpAddr, port: u16) -> Result<IpAddr, ConnectError> {
        let route = self.route(address, port);
        let outcome = route.endpoint.clone().and_then(|(endpoint, port)| {
            if !self.own(endpoint) {
                return self.kubelet.accepts(address, endpoint, port);
            }
            // The program itself is taken out of its container while it runs; it may well listen.
            match listener(self.worker, port) {
                Some(_) => Ok(endpoint),
                None => Err(ConnectError::Refused(address.to_string())),
            }
        });
        self.remember(Question::Connection {
            address,
            port,
            route,
            outcome: outcome.clone().map(|_| None),
        });
        outcome
    }

    fn request(
        &mut self,
        address: IpAddr,
        request: &HttpRequest,
    ) -> Result<HttpResponse, ConnectError> {
        let route = self.route(address, request.port);
        let answer = self.reach(&route, address, request);
        if !self.probing {
            self.remember(Question::Connection {
                address,
                port: request.port,
                route,
                outcome: match &answer {
                    Ok(response) => Ok(Some(response.status)),
                    Err(error) => Err(error.clone()),
                },
            });
        }
        answer
    }

    fn ping(&mut self, address: IpAddr) -> bool {
        self.own(address)
            || (self.kubelet.pod_at(address).is_some() && !self.kubelet.is_dark(address))
            || proxy::node_of(self.client.store(), address).is_some()
    }

    fn processes(&self) -> Vec<ProcessInfo> {
        let run = self.worker.containers[self.container].run.as_ref();
        let main = run.map(|run| ProcessInfo {
            pid: 1,
            argv: run.context.argv.clone(),
            started: run.started.unwrap_or_default(),
        });
        let execs = self.worker.execs.iter().filter(|exec| {
            exec.container == self.container && !exec.attached && exec.exit.is_none()
        });
        main.into_iter()
            .chain(execs.map(|exec| ProcessInfo {
                pid: exec_pid(exec.id.0),
                argv: exec.argv.clone(),
                started: exec.started,
            }))
            .collect()
    }

    fn kill(&mut self, pid: u32, signal: i32) -> Result<(), Errno> {
        if !self.processes().iter().any(|process| process.pid == pid) {
            return Err(Errno::NoProcess);
        }
        self.signals.push((pid, signal));
        Ok(())
    }

    fn allocate(&mut self, bytes: u64) -> bool {
        let spec = self.worker.container_spec(self.container);
        let limits = spec.and_then(|spec| spec.resources.as_ref()?.limits.as_ref());
        let limit = limits.and_then(|limits| limits.get("memory"));
        let fits = limit.is_none_or(|limit| i128::from(bytes) <= Amount::of(limit).value());
        self.out_of_memory |= !fits;
        fits
    }

    fn random(&mut self) -> &mut Random {
        self.client.random()
    }
}

/// The process id of a command.
pub(crate) fn exec_pid(id: u64) -> u32 {
    FIRST_EXEC_PID + u32::try_from(id % 30_000).unwrap_or(0)
}

/// The container of a pod that listens on a port.
fn listener(worker: &PodWorker, port: u16) -> Option<usize> {
    worker
        .containers
        .iter()
        .position(|container| listens(container, port))
}

fn listens(container: &Container, port: u16) -> bool {
    let process = container.run.as_ref().filter(|run| run.is_running());
    process
        .and_then(|run| run.main.process.as_ref())
        .is_some_and(|process| process.listening().contains(&port))
}

impl Kubelet {
    /// The way of a connection through services.
    pub(super) fn route(
        &mut self,
        client: &mut Client<'_>,
        source: Source<'_>,
        address: IpAddr,
        port: u16,
        now: Instant,
    ) -> Route {
        let (store, random) = client.store_and_random();
        let mut chooser = Chooser {
            store,
            random,
            affinity: &mut self.affinity,
            now,
        };
        chooser.route(source, address, port)
    }

    /// Whether an endpoint of a pod takes connections; `dialled` is the address that the client had.
    pub(super) fn accepts(
        &self,
        dialled: IpAddr,
        endpoint: IpAddr,
        port: u16,
    ) -> Result<IpAddr, ConnectError> {
        match self.pod_at(endpoint) {
            Some(_) if self.is_dark(endpoint) => {
                Err(ConnectError::Unreachable(dialled.to_string()))
            }
            Some(worker) if listener(worker, port).is_some() => Ok(endpoint),
            None if proxy::is_pod_address(endpoint) => {
                Err(ConnectError::Unreachable(dialled.to_string()))
            }
            _ => Err(ConnectError::Refused(dialled.to_string())),
        }
    }

    /// Brings a request to a pod; `dialled` is the address that the client had.
    pub(super) fn request(
        &mut self,
        client: &mut Client<'_>,
        (dialled, endpoint): (IpAddr, IpAddr),
        request: &HttpRequest,
        now: Instant,
        depth: u32,
    ) -> Result<HttpResponse, ConnectError> {
        self.accepts(dialled, endpoint, request.port)?;
        let refused = || ConnectError::Refused(dialled.to_string());
        let key = self.key_at(endpoint).ok_or_else(refused)?;
        let mut worker = self.take(&key).ok_or_else(refused)?;
        let answer = self.serve(client, Arc::make_mut(&mut worker), request, now, depth);
        self.put_back(&key, worker);
        match answer {
            None => Err(refused()),
            Some(None) => Err(ConnectError::EmptyReply(dialled.to_string())),
            Some(Some(response)) => Ok(response),
        }
    }

    /// Lets the program that listens answer a request; `None` when nobody listens.
    fn serve(
        &mut self,
        client: &mut Client<'_>,
        worker: &mut PodWorker,
        request: &HttpRequest,
        now: Instant,
        depth: u32,
    ) -> Option<Option<HttpResponse>> {
        let index = listener(worker, request.port)?;
        let run = worker.containers[index].run.as_mut()?;
        let mut process = run.main.process.take()?;
        let context = run.context.clone();
        let mut host = KubeletHost {
            kubelet: self,
            client,
            worker,
            container: index,
            context,
            now,
            depth,
            probing: false,
            signals: Vec::new(),
            out_of_memory: false,
        };
        let (response, output) = host.run(1, |world| process.serve(request, world));
        if let Some(run) = worker.containers[index].run.as_mut() {
            run.main.process = Some(process);
        }
        write_log(worker, index, now, &output);
        Some(response)
    }

    /// A disk as it is when it is mounted for the first time.
    fn make_disk(&mut self, context: &Context, fill: &Fill, now: Instant) -> Disk {
        let mut disk = Disk::default();
        match fill {
            Fill::Image => {
                disk.files = self.layer(&context.image);
                let etc = [
                    ("/etc/hosts", environment::hosts_file(context)),
                    ("/etc/hostname", format!("{}\n", context.hostname)),
                    ("/etc/resolv.conf", context.resolv_conf.to_text()),
                ];
                for (path, text) in etc {
                    disk.files.put_file(path, text.into_bytes(), 0o644, now);
                }
                for mount in context.mounts.iter().skip(1) {
                    disk.files.make_directories(&mount.path, now);
                }
            }
            Fill::Empty(capacity, _) | Fill::Volume(capacity, _) => {
                disk.capacity_bytes = *capacity;
                disk.keeps_history = true;
                let formatted = matches!(fill, Fill::Volume(_, Place::Device));
                let root = Inode {
                    mode: match fill {
                        Fill::Volume(_, Place::Device) => 0o755,
                        // A file system in memory is like /tmp.
                        Fill::Empty(_, true) => 0o1777,
                        _ => 0o777,
                    },
                    ..Inode::directory(now)
                };
                disk.files.put("", root);
                if formatted {
                    let found = Inode {
                        mode: 0o700,
                        ..Inode::directory(now)
                    };
                    disk.files.put("/lost+found", found);
                }
            }
            Fill::NodeFile => {
                disk.keeps_history = true;
                let file = context.mounts.iter().find(|mount| {
                    !mount.sub_path.is_empty()
                        && context
                            .fills
                            .iter()
                            .any(|(id, fill)| *id == mount.disk && matches!(fill, Fill::NodeFile))
                });
                let path = file.map_or("/file", |mount| mount.sub_path.as_str());
                disk.files.put_file(path, Vec::new(), 0o644, now);
            }
            Fill::Payload(payload) => disk.files = payload.file_system(now),
        }
        if let (Some(group), Some(read_only)) = (context.fs_group, fill.takes_group()) {
            security_context::own(&mut disk.files, group, read_only, false);
        }
        disk
    }

    /// The files of an image; made once and shared by all containers.
    fn layer(&mut self, image: &ImageInfo) -> FileSystem {
        if let Some(layer) = self.layers.get(&image.full_name) {
            return layer.clone();
        }
        let mut layer = FileSystem::default();
        let usual = [
            "/dev", "/etc", "/proc", "/root", "/sys", "/tmp", "/usr", "/var",
        ];
        let directories = image.directories.iter().map(String::as_str);
        for directory in usual.into_iter().chain(directories) {
            layer.make_directories(directory.trim_end_matches('/'), Instant::ZERO);
        }
        for (path, bytes) in &image.files {
            let program =
                path.contains("/bin/") || path.contains("/sbin/") || bytes.starts_with(b"\x7fELF");
            let mode = if program { 0o755 } else { 0o644 };
            layer.put_file(path, bytes.clone(), mode, Instant::ZERO);
        }
        for (path, target) in &image.links {
            let link = Inode {
                content: Content::Symlink(target.as_str().into()),
                mode: 0o777,
                ..Inode::directory(Instant::ZERO)
            };
            layer.make_directories(crate::storage::file_system::parent(path), Instant::ZERO);
            layer.put(path, link);
        }
        if let Some(tmp) = layer.get_mut("/tmp") {
            tmp.mode = 0o1777;
        }
        self.layers
            .insert_mut(image.full_name.clone(), layer.clone());
        layer
    }
}

/// Adds what the main program of a container wrote to its log, and shows it to those who are attached.
pub(crate) fn write_log(worker: &mut PodWorker, index: usize, now: Instant, output: &Output) {
    let Some(run) = worker.containers[index].run.as_mut() else {
        return;
    };
    let Run { log, .. } = run;
    log.write(now, LogStream::Stdout, &output.stdout);
    log.write(now, LogStream::Stderr, &output.stderr);
    for exec in worker
        .execs
        .iter_mut()
        .filter(|e| e.attached && e.container == index)
    {
        exec.stdout.push_str(&output.stdout);
        exec.stderr.push_str(&output.stderr);
    }
}
