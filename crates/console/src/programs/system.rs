//! What programs and shells reach beyond their streams: files, time and names, at the prompt as in a container.

use crate::command::Files;
use petset_cluster::kubelet::process::ProcessInfo;
use petset_cluster::network::dns::{Answer, Lookup, RecordType};
use petset_cluster::network::http::{ConnectError, HttpRequest, HttpResponse};
pub use petset_cluster::storage::{DirectoryEntry, Errno, FileType, Metadata, Usage};
use petset_cluster::time::Calendar;
use petset_cluster::{Cluster, Instant};
use std::net::IpAddr;

/// Which programs and shell there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The learner's prompt.
    Prompt,
    /// A container with Debian's programs.
    Debian,
    /// A container with BusyBox of this minor version (`1.28` is 28).
    BusyBox(u32),
}

/// What programs and shells reach. Paths are absolute and without `.` and `..`.
pub trait System {
    /// The present moment.
    fn now(&self) -> Instant;

    /// Virtual moments as dates.
    fn calendar(&self) -> Calendar;

    /// The host name.
    fn hostname(&self) -> String;

    /// Which programs there are.
    fn place(&self) -> Place;

    /// A file's bytes.
    ///
    /// # Errors
    /// When there is no such file.
    fn read(&mut self, path: &str) -> Result<Vec<u8>, Errno>;

    /// Writes a file anew, or appends to it.
    ///
    /// # Errors
    /// When its directory does not exist or nothing can be written there.
    fn write(&mut self, path: &str, bytes: &[u8], append: bool) -> Result<(), Errno>;

    /// What is known of a path.
    ///
    /// # Errors
    /// When there is nothing.
    fn stat(&mut self, path: &str) -> Result<Metadata, Errno>;

    /// What lies in a directory, sorted by name.
    ///
    /// # Errors
    /// When it is none.
    fn list(&mut self, path: &str) -> Result<Vec<DirectoryEntry>, Errno>;

    /// Removes a file or an empty directory.
    ///
    /// # Errors
    /// When there is nothing, or a directory that is not empty.
    fn remove(&mut self, path: &str) -> Result<(), Errno>;

    /// Makes a directory.
    ///
    /// # Errors
    /// When something of that name exists or its parent does not.
    fn make_directory(&mut self, path: &str) -> Result<(), Errno>;

    /// Moves a file or directory.
    ///
    /// # Errors
    /// When there is nothing, or the target cannot be replaced.
    fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno>;

    /// The cluster and the learner's files, at the prompt.
    fn prompt(&mut self) -> Option<(&mut Cluster, &mut Files)> {
        None
    }

    /// The network.
    fn network(&mut self) -> &mut dyn Network;

    /// What only containers have.
    fn container(&mut self) -> Option<&mut dyn Container> {
        None
    }
}

/// What programs reach over the network.
pub trait Network {
    /// The addresses of a host, in the order in which they are tried.
    fn addresses(&mut self, host: &str) -> Vec<IpAddr>;
    /// Sends an HTTP request to an address and the request's port.
    ///
    /// # Errors
    /// When nobody answers there.
    fn request(
        &mut self,
        address: IpAddr,
        request: &HttpRequest,
    ) -> Result<HttpResponse, ConnectError>;
    /// Opens a TCP connection.
    ///
    /// # Errors
    /// When nobody accepts.
    fn connect(&mut self, address: IpAddr, port: u16) -> Result<(), ConnectError>;
    /// Whether an address answers a ping.
    fn ping(&mut self, address: IpAddr) -> bool;
}

/// What programs in containers reach beyond files.
pub trait Container {
    /// The pod's address; empty before it has one.
    fn pod_ip(&self) -> String;
    /// The user's and the group's number.
    fn user(&self) -> (u32, u32);
    /// The numbers of all groups, in their order.
    fn groups(&mut self) -> Vec<u32>;
    /// The names of the environment's variables, in the order in which the container got them.
    fn variables(&self) -> Vec<String>;
    /// The addresses of the DNS servers.
    fn nameservers(&self) -> Vec<String>;
    /// The suffixes that are tried for a name.
    fn search(&self) -> Vec<String>;
    /// Asks DNS about one full name.
    fn query(&mut self, name: &str, record_type: RecordType) -> Answer;
    /// Resolves a name through the search path.
    fn resolve(&mut self, name: &str, record_type: RecordType) -> Lookup;
    /// The addresses of a host, with the full name that led to them.
    fn addresses(&mut self, host: &str) -> Option<(String, Vec<IpAddr>)>;
    /// Takes so much memory; `false` when that is more than the container may have.
    fn allocate(&mut self, bytes: u64) -> bool;
    /// The processes.
    fn processes(&self) -> Vec<ProcessInfo>;
    /// Sends a signal to a process.
    ///
    /// # Errors
    /// When there is none of that number.
    fn kill(&mut self, pid: u32, signal: i32) -> Result<(), Errno>;
    /// The mounts with their use.
    fn usage(&mut self) -> Vec<Usage>;
    /// What a path leads to; a link at its end is not followed.
    ///
    /// # Errors
    /// When there is nothing.
    fn stat_link(&mut self, path: &str) -> Result<Metadata, Errno>;
    /// Makes a symbolic link.
    ///
    /// # Errors
    /// When it cannot be made.
    fn symlink(&mut self, target: &str, path: &str) -> Result<(), Errno>;
    /// Sets the permission bits.
    ///
    /// # Errors
    /// When there is no such file or it belongs to another.
    fn set_mode(&mut self, path: &str, mode: u16) -> Result<(), Errno>;
    /// Sets the owner.
    ///
    /// # Errors
    /// When there is no such file or it belongs to another.
    fn set_owner(&mut self, path: &str, uid: u32, gid: u32) -> Result<(), Errno>;
    /// A number below 65536, from the simulation's randomness.
    fn random(&mut self) -> u16;
}

/// The absolute path of `path` for somebody in `cwd`, without `.` and `..`.
pub fn absolute(cwd: &str, path: &str) -> String {
    let joined = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{cwd}/{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
