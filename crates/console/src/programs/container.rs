//! A container as programs see it.

use super::system::{Container, DirectoryEntry, Errno, Metadata, Network, Place, System, Usage};
use petset_cluster::Instant;
use petset_cluster::kubelet::process::{ProcessInfo, World};
use petset_cluster::network::dns::{Answer, Lookup, RecordType};
use petset_cluster::network::http::{ConnectError, HttpRequest, HttpResponse};
use petset_cluster::time::Calendar;
use std::net::IpAddr;

/// What the programs of a container reach.
pub(crate) struct Inside<'a, 'w> {
    pub(crate) world: &'a mut World<'w>,
    pub(crate) place: Place,
}

impl System for Inside<'_, '_> {
    fn now(&self) -> Instant {
        self.world.now
    }

    fn calendar(&self) -> Calendar {
        self.world.calendar
    }

    fn hostname(&self) -> String {
        self.world.hostname.to_owned()
    }

    fn place(&self) -> Place {
        self.place
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, Errno> {
        if path == "/dev/null" {
            return Ok(Vec::new());
        }
        self.world.fs().read(path)
    }

    fn write(&mut self, path: &str, bytes: &[u8], append: bool) -> Result<(), Errno> {
        match (path, append, bytes.is_empty()) {
            ("/dev/null", _, _) => Ok(()),
            (_, true, true) => self.world.fs().touch(path),
            (_, true, false) => self.world.fs().append(path, bytes),
            (_, false, _) => self.world.fs().write(path, bytes),
        }
    }

    fn stat(&mut self, path: &str) -> Result<Metadata, Errno> {
        self.world.fs().stat(path)
    }

    fn list(&mut self, path: &str) -> Result<Vec<DirectoryEntry>, Errno> {
        self.world.fs().list(path)
    }

    fn remove(&mut self, path: &str) -> Result<(), Errno> {
        self.world.fs().remove(path)
    }

    fn make_directory(&mut self, path: &str) -> Result<(), Errno> {
        self.world.fs().make_directory(path)
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        self.world.fs().rename(from, to)
    }

    fn network(&mut self) -> &mut dyn Network {
        self
    }

    fn container(&mut self) -> Option<&mut dyn Container> {
        Some(self)
    }
}

impl Network for Inside<'_, '_> {
    fn addresses(&mut self, host: &str) -> Vec<IpAddr> {
        let found = self.world.addresses(host);
        found.map_or(Vec::new(), |(_, addresses)| addresses)
    }

    fn request(
        &mut self,
        address: IpAddr,
        request: &HttpRequest,
    ) -> Result<HttpResponse, ConnectError> {
        self.world.host.request(address, request)
    }

    fn connect(&mut self, address: IpAddr, port: u16) -> Result<(), ConnectError> {
        self.world.host.connect(address, port).map(|_| ())
    }

    fn ping(&mut self, address: IpAddr) -> bool {
        self.world.host.ping(address)
    }
}

impl Container for Inside<'_, '_> {
    fn pod_ip(&self) -> String {
        self.world.pod_ip.to_owned()
    }

    fn user(&self) -> (u32, u32) {
        (self.world.user.uid, self.world.user.gid)
    }

    fn groups(&mut self) -> Vec<u32> {
        self.world.fs().groups().to_vec()
    }

    fn variables(&self) -> Vec<String> {
        self.world
            .env
            .iter()
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn nameservers(&self) -> Vec<String> {
        self.world.resolv_conf().nameservers.clone()
    }

    fn search(&self) -> Vec<String> {
        self.world.resolv_conf().search.clone()
    }

    fn query(&mut self, name: &str, record_type: RecordType) -> Answer {
        self.world.query(name, record_type)
    }

    fn resolve(&mut self, name: &str, record_type: RecordType) -> Lookup {
        self.world.resolve(name, record_type)
    }

    fn addresses(&mut self, host: &str) -> Option<(String, Vec<IpAddr>)> {
        self.world.addresses(host)
    }

    fn allocate(&mut self, bytes: u64) -> bool {
        self.world.host.allocate(bytes)
    }

    fn processes(&self) -> Vec<ProcessInfo> {
        self.world.host.processes()
    }

    fn kill(&mut self, pid: u32, signal: i32) -> Result<(), Errno> {
        self.world.host.kill(pid, signal)
    }

    fn usage(&mut self) -> Vec<Usage> {
        self.world.fs().usage()
    }

    fn stat_link(&mut self, path: &str) -> Result<Metadata, Errno> {
        self.world.fs().stat_link(path)
    }

    fn symlink(&mut self, target: &str, path: &str) -> Result<(), Errno> {
        self.world.fs().symlink(target, path)
    }

    fn set_mode(&mut self, path: &str, mode: u16) -> Result<(), Errno> {
        self.world.fs().set_mode(path, mode)
    }

    fn set_owner(&mut self, path: &str, uid: u32, gid: u32) -> Result<(), Errno> {
        self.world.fs().set_owner(path, uid, gid)
    }

    fn random(&mut self) -> u16 {
        u16::try_from(self.world.host.random().below(1 << 16)).unwrap_or(0)
    }
}
