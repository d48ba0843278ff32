//! The learner's prompt: the editor's files as a home directory, and the cluster beside them.

use super::system::{DirectoryEntry, Errno, FileType, Metadata, Network, Place, System};
use crate::command::Files;
use crate::kubectl::port_forward;
use petset_cluster::network::http::{ConnectError, HttpRequest, HttpResponse};
use petset_cluster::sort;
use petset_cluster::time::Calendar;
use petset_cluster::{Cluster, Instant, Key};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Where the editor's files are.
pub const HOME: &str = "/home/learner";

/// How large the editor's files may be together, in bytes.
const FILES_LIMIT: usize = 16 << 20;

/// What the programs of the prompt reach.
pub struct Prompt<'a> {
    /// The cluster.
    pub cluster: &'a mut Cluster,
    /// The editor's files.
    pub files: &'a mut Files,
    /// Folders that hold no file yet, by their path below [`HOME`].
    pub folders: &'a mut BTreeSet<String>,
}

impl Prompt<'_> {
    /// The name of a path among the editor's files; empty for the home directory itself.
    fn name(path: &str) -> Result<&str, Errno> {
        match path.strip_prefix(HOME) {
            Some("") => Ok(""),
            Some(rest) => rest.strip_prefix('/').ok_or(Errno::NotFound),
            None => Err(Errno::NotFound),
        }
    }

    fn is_folder(&self, name: &str) -> bool {
        let below = format!("{name}/");
        name.is_empty()
            || self.folders.contains(name)
            || self.folders.iter().any(|folder| folder.starts_with(&below))
            || self
                .files
                .range(below.clone()..)
                .next()
                .is_some_and(|(file, _)| file.starts_with(&below))
    }

    fn can_hold(&self, name: &str) -> Result<(), Errno> {
        match name.rsplit_once('/') {
            Some((folder, _)) if !self.is_folder(folder) => Err(Errno::NotFound),
            _ => Ok(()),
        }
    }
}

fn metadata(file_type: FileType, size: usize) -> Metadata {
    let mode = if file_type == FileType::Directory {
        0o755
    } else {
        0o644
    };
    Metadata {
        file_type,
        uid: 0,
        gid: 0,
        mode,
        size: size as u64,
        mtime: Instant::ZERO,
    }
}

impl System for Prompt<'_> {
    fn now(&self) -> Instant {
        self.cluster.now()
    }

    fn calendar(&self) -> Calendar {
        self.cluster.server().calendar()
    }

    fn hostname(&self) -> String {
        "petset".to_owned()
    }

    fn place(&self) -> Place {
        Place::Prompt
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, Errno> {
        if path == "/dev/null" {
            return Ok(Vec::new());
        }
        let name = Prompt::name(path)?;
        match self.files.get(name) {
            Some(text) => Ok(text.clone().into_bytes()),
            None if self.is_folder(name) => Err(Errno::IsDirectory),
            None => Err(Errno::NotFound),
        }
    }

    fn write(&mut self, path: &str, bytes: &[u8], append: bool) -> Result<(), Errno> {
        if path == "/dev/null" {
            return Ok(());
        }
        let name = Prompt::name(path).map_err(|_| Errno::AccessDenied)?;
        if self.is_folder(name) {
            return Err(Errno::IsDirectory);
        }
        self.can_hold(name)?;
        let total: usize = self.files.values().map(String::len).sum();
        if total + bytes.len() > FILES_LIMIT {
            return Err(Errno::NoSpace);
        }
        let text = String::from_utf8_lossy(bytes);
        let file = self.files.entry(name.to_owned()).or_default();
        if !append {
            file.clear();
        }
        file.push_str(&text);
        Ok(())
    }

    fn stat(&mut self, path: &str) -> Result<Metadata, Errno> {
        if matches!(path, "/" | "/home") {
            return Ok(metadata(FileType::Directory, 4096));
        }
        if path == "/dev/null" {
            return Ok(metadata(FileType::File, 0));
        }
        let name = Prompt::name(path)?;
        match self.files.get(name) {
            Some(text) => Ok(metadata(FileType::File, text.len())),
            None if self.is_folder(name) => Ok(metadata(FileType::Directory, 4096)),
            None => Err(Errno::NotFound),
        }
    }

    fn list(&mut self, path: &str) -> Result<Vec<DirectoryEntry>, Errno> {
        let entry = |name: &str, file_type, size| DirectoryEntry {
            name: name.to_owned(),
            metadata: metadata(file_type, size),
        };
        match path {
            "/" => return Ok(vec![entry("home", FileType::Directory, 4096)]),
            "/home" => return Ok(vec![entry("learner", FileType::Directory, 4096)]),
            _ => {}
        }
        let folder = Prompt::name(path)?;
        if self.files.contains_key(folder) {
            return Err(Errno::NotDirectory);
        }
        if !self.is_folder(folder) {
            return Err(Errno::NotFound);
        }
        let prefix = match folder {
            "" => String::new(),
            _ => format!("{folder}/"),
        };
        let mut entries: Vec<DirectoryEntry> = Vec::new();
        let files = self
            .files
            .iter()
            .map(|(name, text)| (name, Some(text.len())));
        let folders = self.folders.iter().map(|name| (name, None));
        for (name, size) in files.chain(folders) {
            let Some(rest) = name.strip_prefix(&prefix).filter(|rest| !rest.is_empty()) else {
                continue;
            };
            entries.push(match (rest.split_once('/'), size) {
                (None, Some(size)) => entry(rest, FileType::File, size),
                (Some((first, _)), _) => entry(first, FileType::Directory, 4096),
                (None, None) => entry(rest, FileType::Directory, 4096),
            });
        }
        sort::by(&mut entries, |a, b| a.name.cmp(&b.name));
        entries.dedup_by(|a, b| a.name == b.name);
        Ok(entries)
    }

    fn remove(&mut self, path: &str) -> Result<(), Errno> {
        let name = Prompt::name(path).map_err(|_| Errno::NotPermitted)?;
        if self.files.remove(name).is_some() {
            return Ok(());
        }
        if !self.is_folder(name) {
            return Err(Errno::NotFound);
        }
        if !self.list(path)?.is_empty() {
            return Err(Errno::NotEmpty);
        }
        self.folders.remove(name);
        Ok(())
    }

    fn make_directory(&mut self, path: &str) -> Result<(), Errno> {
        let name = Prompt::name(path).map_err(|_| Errno::AccessDenied)?;
        if self.files.contains_key(name) || self.is_folder(name) {
            return Err(Errno::Exists);
        }
        self.can_hold(name)?;
        self.folders.insert(name.to_owned());
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let (from, to) = (Prompt::name(from)?, Prompt::name(to)?);
        self.can_hold(to)?;
        if let Some(text) = self.files.remove(from) {
            self.files.insert(to.to_owned(), text);
            return Ok(());
        }
        let prefix = format!("{from}/");
        let moved: Vec<String> = self
            .files
            .keys()
            .filter(|name| name.starts_with(&prefix))
            .cloned()
            .collect();
        for name in &moved {
            if let Some(text) = self.files.remove(name) {
                let new = format!("{to}/{}", &name[prefix.len()..]);
                self.files.insert(new, text);
            }
        }
        if self.folders.remove(from) {
            self.folders.insert(to.to_owned());
        } else if moved.is_empty() {
            return Err(Errno::NotFound);
        }
        Ok(())
    }

    fn network(&mut self) -> &mut dyn Network {
        self
    }

    fn prompt(&mut self) -> Option<(&mut Cluster, &mut Files)> {
        Some((self.cluster, self.files))
    }
}

impl Prompt<'_> {
    /// Where a local port leads that `kubectl port-forward` has opened. The connection is counted.
    fn forwarded(&mut self, address: IpAddr, port: u16) -> Option<(Key, u16)> {
        if !address.is_loopback() {
            return None;
        }
        let mut forward = port_forward::forward(self.files, port)?;
        forward.connections += 1;
        port_forward::remember(self.files, port, &forward);
        Some((forward.pod, forward.port))
    }
}

impl Network for Prompt<'_> {
    fn addresses(&mut self, host: &str) -> Vec<IpAddr> {
        self.cluster.addresses_outside(host)
    }

    fn request(
        &mut self,
        address: IpAddr,
        request: &HttpRequest,
    ) -> Result<HttpResponse, ConnectError> {
        if let Some((pod, port)) = self.forwarded(address, request.port) {
            return self.cluster.request_forwarded(&pod, port, request);
        }
        self.cluster.request_outside(address, request)
    }

    fn connect(&mut self, address: IpAddr, port: u16) -> Result<(), ConnectError> {
        match self.forwarded(address, port) {
            Some(_) => Ok(()),
            None => self.cluster.connect_outside(address, port),
        }
    }

    fn ping(&mut self, address: IpAddr) -> bool {
        self.cluster.ping_outside(address)
    }
}
