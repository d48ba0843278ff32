//! What runs in containers: images and the programs in them, on virtual time.
//!
//! The kubelet knows this interface alone; what each image holds and what its programs do is the console's business.

use crate::network::dns::{Answer, Attempt, Lookup, RecordType, ResolvConf};
use crate::network::http::{ConnectError, HttpRequest, HttpResponse};
use crate::network::way::Resolution;
use crate::random::Random;
use crate::storage::{Errno, Files};
use crate::time::{Calendar, Instant};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// The signal that ends a process without its doing.
pub const SIGKILL: i32 = 9;
/// The signal that asks a process to end.
pub const SIGTERM: i32 = 15;

/// What a registry answers about an image name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageLookup {
    /// The image exists.
    Found(Arc<ImageInfo>),
    /// The registry has no such image or tag; the registry's words.
    NotFound {
        /// The error as containerd reports it.
        message: String,
    },
}

/// What is known of an image before any of its programs runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageInfo {
    /// The full name with registry and tag, `docker.io/library/nginx:1.21`.
    pub full_name: String,
    /// `sha256:…` of the content.
    pub digest: String,
    /// Size in bytes, for the length of a pull and the event about it.
    pub size_bytes: u64,
    /// What runs when the manifest names no command.
    pub entrypoint: Vec<String>,
    /// Arguments when the manifest names neither command nor arguments.
    pub cmd: Vec<String>,
    /// Environment that the image sets.
    pub env: Vec<(String, String)>,
    /// Where programs start; empty for `/`.
    pub working_dir: String,
    /// The user whom programs run as: `uid` or `uid:gid`; empty for root.
    pub user: String,
    /// The signal that asks the main process to end; 0 for TERM.
    pub stop_signal: i32,
    /// Whether the content is simulated; an image that nobody knows runs as a plain shell container.
    pub known: bool,
    /// The image's files: absolute path to content. Directories above them are implied; programs (below a `bin` or `sbin`
    /// directory, or beginning as such) are executable.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Directories that hold no file.
    pub directories: Vec<String>,
    /// Symbolic links: absolute path to target.
    pub links: BTreeMap<String, String>,
}

/// A program that cannot be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    /// The reason alone, such as `exec: "foo": executable file not found in $PATH`; the kubelet wraps it in the
    /// runtime's words.
    pub message: String,
    /// The exit code that the container gets: 127 (not found), 126 (not executable), 128 (else).
    pub exit_code: i32,
}

/// Images and their programs: the place that containerd and runc have upstream.
pub trait Runtime: Send + Sync {
    /// Looks an image up in its registry.
    fn image(&self, reference: &str) -> ImageLookup;

    /// Starts `argv` in a container of `image`.
    ///
    /// # Errors
    /// When the image has no such program.
    fn start(
        &self,
        image: &ImageInfo,
        argv: &[String],
        tty: bool,
    ) -> Result<Box<dyn Process>, StartError>;
}

/// Why a process is resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wake {
    /// It was just started.
    Started,
    /// The moment it asked for has come.
    Due,
    /// A signal; 15 is TERM, 2 is INT. KILL never arrives: it ends the process.
    Signal(i32),
    /// Somebody typed.
    Input(String),
    /// Standard input was closed.
    InputClosed,
}

/// What a process does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It ended.
    Exit(i32),
    /// It wants to be resumed at this moment, or earlier by a signal or input.
    SleepUntil(Instant),
    /// It waits for signals and input alone.
    Wait,
}

/// A running program, as resumable state.
pub trait Process: Send + Sync {
    /// Lets the program go on until it waits or ends.
    fn resume(&mut self, wake: Wake, world: &mut World<'_>) -> Step;

    /// The TCP ports that the program listens on; connections elsewhere are refused.
    fn listening(&self) -> &[u16] {
        &[]
    }

    /// Answers a request to one of its ports. What it writes to standard output and error goes to the container's log.
    /// `None` when the program does not speak HTTP: the connection is closed without an answer.
    fn serve(&mut self, _request: &HttpRequest, _world: &mut World<'_>) -> Option<HttpResponse> {
        None
    }

    /// A copy, for snapshots.
    fn clone_box(&self) -> Box<dyn Process>;
}

impl Clone for Box<dyn Process> {
    fn clone(&self) -> Box<dyn Process> {
        self.clone_box()
    }
}

/// Whom a program runs as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// User id; 0 is root.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// One process of a container, as `ps` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
    /// The process id; 1 is the container's main program.
    pub pid: u32,
    /// Its arguments, the program first.
    pub argv: Vec<String>,
    /// When it started.
    pub started: Instant,
}

/// What stands behind a [`World`]: the kubelet, or a stand-in in tests of programs.
pub trait Host {
    /// The container's files.
    fn files(&mut self) -> Files<'_>;

    /// The resolver's configuration.
    fn resolv_conf(&self) -> &ResolvConf;

    /// The container's `/etc/hosts`: addresses with their names, in order.
    fn hosts(&self) -> Vec<(IpAddr, Vec<String>)>;

    /// Asks the cluster's DNS server about one full name.
    fn query(&mut self, name: &str, record_type: RecordType) -> Answer;

    /// Remembers what a name led to.
    fn resolved(&mut self, _name: &str, _record_type: RecordType, _resolution: Resolution) {}

    /// Whether a TCP connection to `address` and `port` succeeds; the address of the endpoint that accepted.
    ///
    /// # Errors
    /// Refused or dropped.
    fn connect(&mut self, address: IpAddr, port: u16) -> Result<IpAddr, ConnectError>;

    /// Sends a request to `address` (of a pod or service) and the request's port.
    ///
    /// # Errors
    /// Refused, dropped or closed without an answer.
    fn request(
        &mut self,
        address: IpAddr,
        request: &HttpRequest,
    ) -> Result<HttpResponse, ConnectError>;

    /// Whether `address` answers a ping.
    fn ping(&mut self, address: IpAddr) -> bool;

    /// The container's processes.
    fn processes(&self) -> Vec<ProcessInfo>;

    /// Sends a signal to a process of the container; it arrives right after the sender's resumption.
    ///
    /// # Errors
    /// ESRCH.
    fn kill(&mut self, pid: u32, signal: i32) -> Result<(), Errno>;

    /// Takes so much memory. `false` when that is more than the container may have: then the kernel ends the container
    /// as soon as the program waits or ends.
    fn allocate(&mut self, bytes: u64) -> bool;

    /// Randomness of the simulation.
    fn random(&mut self) -> &mut Random;
}

/// What a program can reach.
pub struct World<'a> {
    /// The present moment.
    pub now: Instant,
    /// Virtual moments as dates.
    pub calendar: Calendar,
    /// Standard output so far written in this resumption.
    pub stdout: &'a mut String,
    /// Standard error so far written in this resumption.
    pub stderr: &'a mut String,
    /// Environment variables, in the order in which the container got them.
    pub env: &'a [(String, String)],
    /// The host name.
    pub hostname: &'a str,
    /// Where the program starts; programs that change it keep their own.
    pub working_dir: &'a str,
    /// Whom it runs as.
    pub user: User,
    /// Its process id; 1 for the container's main program.
    pub pid: u32,
    /// The pod's address; empty before the pod has one.
    pub pod_ip: &'a str,
    /// Files, network and processes.
    pub host: &'a mut dyn Host,
}

impl World<'_> {
    /// The container's files.
    pub fn fs(&mut self) -> Files<'_> {
        self.host.files()
    }

    /// The resolver's configuration.
    pub fn resolv_conf(&self) -> &ResolvConf {
        self.host.resolv_conf()
    }

    /// Asks DNS about one full name, without the search path.
    pub fn query(&mut self, name: &str, record_type: RecordType) -> Answer {
        let answer = self.host.query(name, record_type);
        let attempt = Attempt {
            name: name.to_owned(),
            answer: answer.clone(),
        };
        let lookup = Lookup::new(vec![attempt], name, record_type);
        self.host
            .resolved(name, record_type, Resolution::Dns(lookup));
        answer
    }

    /// Resolves a name as the C library does: through the search path of `/etc/resolv.conf`. Every attempt is told.
    pub fn resolve(&mut self, name: &str, record_type: RecordType) -> Lookup {
        let mut attempts = Vec::new();
        for candidate in self.host.resolv_conf().candidates(name) {
            let answer = self.host.query(&candidate, record_type);
            let found = !answer.answers.is_empty();
            attempts.push(Attempt {
                name: candidate,
                answer,
            });
            if found {
                break;
            }
        }
        let lookup = Lookup::new(attempts, name, record_type);
        let resolution = Resolution::Dns(lookup.clone());
        self.host.resolved(name, record_type, resolution);
        lookup
    }

    /// The names of an address, as a PTR query tells them.
    pub fn reverse(&mut self, address: IpAddr) -> Answer {
        let name = crate::network::dns::reverse_name(address);
        self.host.query(&name, RecordType::Ptr)
    }

    /// The addresses of a host as `getaddrinfo` finds them: an address itself, `/etc/hosts`, then DNS; with the full
    /// name that led to them.
    pub fn addresses(&mut self, host: &str) -> Option<(String, Vec<IpAddr>)> {
        if let Ok(address) = host.parse() {
            return Some((host.to_owned(), vec![address]));
        }
        for (address, names) in self.host.hosts() {
            if names.iter().any(|name| name.eq_ignore_ascii_case(host)) {
                let resolution = Resolution::HostsFile(names[0].clone());
                self.host.resolved(host, RecordType::A, resolution);
                return Some((names[0].clone(), vec![address]));
            }
        }
        let lookup = self.resolve(host, RecordType::A);
        let addresses = lookup.result.addresses();
        let name = lookup.result.question.trim_end_matches('.').to_owned();
        (!addresses.is_empty()).then_some((name, addresses))
    }

    /// Sends an HTTP request to `request.host`, a name or an address.
    ///
    /// # Errors
    /// When the host is unknown or does not answer.
    pub fn http(&mut self, request: &HttpRequest) -> Result<HttpResponse, ConnectError> {
        let (_, addresses) = self
            .addresses(&request.host)
            .ok_or(ConnectError::UnknownHost)?;
        let mut refused = ConnectError::UnknownHost;
        for address in addresses {
            match self.host.request(address, request) {
                Err(error @ (ConnectError::Refused(_) | ConnectError::Unreachable(_))) => {
                    refused = error;
                }
                answer => return answer,
            }
        }
        Err(refused)
    }
}
