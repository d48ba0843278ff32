//! The files that one container sees: its own layer with the volumes mounted into it.

use super::file_system::{Content, Errno, Inode, Metadata, parent};
use super::mount::{DirectoryEntry, Mount, Usage};
use super::{Disk, Disks, FILE_BYTES_LIMIT, FileChange, HistoryEntry, Writer};
use crate::time::Instant;
use std::sync::Arc;

/// The bit of a directory whose new files get its group.
const SET_GROUP: u16 = 0o2000;

/// How many symbolic links a path may lead through.
const LINK_LIMIT: usize = 40;

/// The files that one container sees. Paths are absolute; `.` and `..` and symbolic links are resolved here.
pub struct Files<'a> {
    pub(crate) disks: &'a mut Disks,
    pub(crate) mounts: &'a [Mount],
    pub(crate) writer: &'a Arc<Writer>,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) groups: &'a [u32],
    pub(crate) now: Instant,
}

/// A place on a disk.
struct Place<'m> {
    mount: &'m Mount,
    path: String,
}

impl<'a> Files<'a> {
    /// A view of `disks` through `mounts`, for programs that run outside of a cluster, such as tests.
    /// Disks that do not exist yet are made, empty.
    pub fn new(
        disks: &'a mut Disks,
        mounts: &'a [Mount],
        writer: &'a Arc<Writer>,
        now: Instant,
    ) -> Files<'a> {
        for mount in mounts {
            disks.ensure(&mount.disk, Disk::default);
        }
        Files {
            disks,
            mounts,
            writer,
            uid: 0,
            gid: 0,
            groups: &[],
            now,
        }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// ENOENT, ENOTDIR, EISDIR, EACCES, ELOOP.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, Errno> {
        let place = self.resolve(path, true)?;
        let inode = self.inode(&place).ok_or(Errno::NotFound)?;
        match &inode.content {
            Content::File(bytes) if self.may(&inode, 4) => Ok(bytes.to_vec()),
            Content::File(_) => Err(Errno::AccessDenied),
            Content::Directory => Err(Errno::IsDirectory),
            Content::Symlink(_) => Err(Errno::NotFound),
        }
    }

    /// Makes a file hold `bytes` and nothing else.
    ///
    /// # Errors
    /// ENOENT (the directory), EISDIR, EROFS, ENOSPC, EACCES, ELOOP.
    pub fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Errno> {
        self.store(path, |_| bytes.to_vec())
    }

    /// Adds `bytes` at the end of a file, which is made if there is none.
    ///
    /// # Errors
    /// As [`Files::write`].
    pub fn append(&mut self, path: &str, bytes: &[u8]) -> Result<(), Errno> {
        self.store(path, |old| [old, bytes].concat())
    }

    /// Makes an empty file or sets the time of an existing one, as `touch` does.
    ///
    /// # Errors
    /// As [`Files::write`].
    pub fn touch(&mut self, path: &str) -> Result<(), Errno> {
        let place = self.resolve(path, true)?;
        if self.inode(&place).is_none() {
            return self.write(path, &[]);
        }
        self.writable(&place)?;
        let now = self.now;
        self.change(&place, 0, FileChange::Written, |disk, path| {
            if let Some(inode) = disk.files.get_mut(path) {
                inode.mtime = now;
            }
        })
    }

    /// What lies in a directory, in the order of the names' bytes.
    ///
    /// # Errors
    /// ENOENT, ENOTDIR, EACCES, ELOOP.
    pub fn list(&self, path: &str) -> Result<Vec<DirectoryEntry>, Errno> {
        let place = self.resolve(path, true)?;
        let inode = self.inode(&place).ok_or(Errno::NotFound)?;
        if inode.content != Content::Directory {
            return Err(Errno::NotDirectory);
        }
        if !self.may(&inode, 4) {
            return Err(Errno::AccessDenied);
        }
        let disk = self.disks.get(&place.mount.disk).ok_or(Errno::Io)?;
        Ok(disk
            .files
            .children(&place.path)
            .map(|(name, inode)| DirectoryEntry {
                name: name.to_owned(),
                metadata: inode.metadata(),
            })
            .collect())
    }

    /// What a path leads to, links followed.
    ///
    /// # Errors
    /// ENOENT, ENOTDIR, ELOOP.
    pub fn stat(&self, path: &str) -> Result<Metadata, Errno> {
        let place = self.resolve(path, true)?;
        let inode = self.inode(&place).ok_or(Errno::NotFound)?;
        Ok(inode.metadata())
    }

    /// What a path leads to; a link at its end is not followed.
    ///
    /// # Errors
    /// ENOENT, ENOTDIR, ELOOP.
    pub fn stat_link(&self, path: &str) -> Result<Metadata, Errno> {
        let place = self.resolve(path, false)?;
        let inode = self.inode(&place).ok_or(Errno::NotFound)?;
        Ok(inode.metadata())
    }

    /// Makes a directory.
    ///
    /// # Errors
    /// EEXIST, ENOENT (the one above), EROFS, EACCES.
    pub fn make_directory(&mut self, path: &str) -> Result<(), Errno> {
        self.make(path, Content::Directory, 0o755)
    }

    /// Makes a symbolic link at `path` that points to `target`.
    ///
    /// # Errors
    /// EEXIST, ENOENT (the directory), EROFS, EACCES.
    pub fn symlink(&mut self, target: &str, path: &str) -> Result<(), Errno> {
        self.make(path, Content::Symlink(target.into()), 0o777)
    }

    /// Removes a file, a link or an empty directory.
    ///
    /// # Errors
    /// ENOENT, ENOTEMPTY, EBUSY (a mount), EROFS, EACCES.
    pub fn remove(&mut self, path: &str) -> Result<(), Errno> {
        let place = self.resolve(path, false)?;
        let inode = self.inode(&place).ok_or(Errno::NotFound)?;
        self.writable(&place)?;
        self.may_change_directory(&place)?;
        if place.path == place.mount.sub_path || self.mounts_below(path) {
            return Err(Errno::Busy);
        }
        let disk = self.disks.get(&place.mount.disk).ok_or(Errno::Io)?;
        if inode.content == Content::Directory && disk.files.children(&place.path).next().is_some()
        {
            return Err(Errno::NotEmpty);
        }
        let growth = -bytes_of(&inode);
        self.change(&place, growth, FileChange::Removed, |disk, path| {
            disk.files.remove(path);
        })
    }

    /// Moves a file or directory; a file in the way is replaced.
    ///
    /// # Errors
    /// ENOENT, EISDIR, ENOTEMPTY, EXDEV (other disk), EROFS, EBUSY, EINVAL (into itself), EACCES.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let (source, target) = (self.resolve(from, false)?, self.resolve(to, false)?);
        let inode = self.inode(&source).ok_or(Errno::NotFound)?;
        if source.mount != target.mount {
            return Err(Errno::CrossDevice);
        }
        if source.path == source.mount.sub_path || self.mounts_below(from) {
            return Err(Errno::Busy);
        }
        if source.path == target.path {
            return Ok(());
        }
        if target.path.starts_with(&format!("{}/", source.path)) {
            return Err(Errno::Invalid);
        }
        self.writable(&source)?;
        self.may_change_directory(&source)?;
        self.may_change_directory(&target)?;
        let mut growth = 0;
        if let Some(there) = self.inode(&target) {
            match (&inode.content, &there.content) {
                (Content::Directory, Content::Directory) => {
                    let disk = self.disks.get(&target.mount.disk).ok_or(Errno::Io)?;
                    if disk.files.children(&target.path).next().is_some() {
                        return Err(Errno::NotEmpty);
                    }
                }
                (Content::Directory, _) => return Err(Errno::NotDirectory),
                (_, Content::Directory) => return Err(Errno::IsDirectory),
                _ => growth = -bytes_of(&there),
            }
        } else if !self.parent_exists(&target) {
            return Err(Errno::NotFound);
        }
        self.change(&target, growth, FileChange::Written, |disk, path| {
            disk.files.rename(&source.path, path);
        })
    }

    /// Sets the permission bits.
    ///
    /// # Errors
    /// ENOENT, EPERM, EROFS.
    pub fn set_mode(&mut self, path: &str, mode: u16) -> Result<(), Errno> {
        self.set(path, |inode| inode.mode = mode & 0o7777)
    }

    /// Sets the owner.
    ///
    /// # Errors
    /// ENOENT, EPERM, EROFS.
    pub fn set_owner(&mut self, path: &str, uid: u32, gid: u32) -> Result<(), Errno> {
        if self.uid != 0 {
            return Err(Errno::NotPermitted);
        }
        self.set(path, |inode| (inode.uid, inode.gid) = (uid, gid))
    }

    /// The mounts with their use, the container's own layer first.
    pub fn usage(&self) -> Vec<Usage> {
        self.mounts
            .iter()
            .map(|mount| {
                let disk = self.disks.get(&mount.disk);
                Usage {
                    mount: mount.clone(),
                    used_bytes: disk.map_or(0, |disk| match disk.capacity_bytes {
                        Some(all) if self.disks.is_full(&mount.disk) => all,
                        _ => disk.files.written_bytes(),
                    }),
                    capacity_bytes: disk.and_then(|disk| disk.capacity_bytes),
                }
            })
            .collect()
    }

    /// The mount that holds a path.
    ///
    /// # Errors
    /// ENOENT, ENOTDIR, ELOOP.
    pub fn mount_of(&self, path: &str) -> Result<&Mount, Errno> {
        let place = self.resolve(path, true)?;
        self.inode(&place).ok_or(Errno::NotFound)?;
        Ok(place.mount)
    }

    fn store(&mut self, path: &str, bytes: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<(), Errno> {
        let place = self.resolve(path, true)?;
        let old = self.inode(&place);
        let empty = Arc::default();
        let before = match old.as_ref().map(|inode| &inode.content) {
            None => &empty,
            Some(Content::File(bytes)) => bytes,
            Some(Content::Directory | Content::Symlink(_)) => return Err(Errno::IsDirectory),
        };
        match &old {
            Some(inode) if !self.may(inode, 2) => return Err(Errno::AccessDenied),
            None if !self.parent_exists(&place) => return Err(Errno::NotFound),
            None => self.may_change_directory(&place)?,
            Some(_) => {}
        }
        self.writable(&place)?;
        let after = bytes(before);
        if after.len() > FILE_BYTES_LIMIT {
            return Err(Errno::Limit);
        }
        let growth = after.len() as i64 - before.len() as i64;
        let (uid, now) = (self.uid, self.now);
        let gid = self.inherited(&place).unwrap_or(self.gid);
        self.change(&place, growth, FileChange::Written, |disk, path| {
            let owned = Inode {
                uid,
                gid,
                ..Inode::file(Vec::new(), now)
            };
            let inode = Inode {
                content: Content::File(Arc::new(after)),
                mtime: now,
                ..old.unwrap_or(owned)
            };
            disk.files.put(path, inode);
        })
    }

    fn make(&mut self, path: &str, content: Content, mode: u16) -> Result<(), Errno> {
        let place = self.resolve(path, false)?;
        if self.inode(&place).is_some() {
            return Err(Errno::Exists);
        }
        if !self.parent_exists(&place) {
            return Err(Errno::NotFound);
        }
        self.writable(&place)?;
        self.may_change_directory(&place)?;
        let inherited = self.inherited(&place);
        // A directory hands the bit on by which it has its group from the one above.
        let kept = inherited.is_some() && content == Content::Directory;
        let inode = Inode {
            content,
            uid: self.uid,
            gid: inherited.unwrap_or(self.gid),
            mode: if kept { mode | SET_GROUP } else { mode },
            mtime: self.now,
        };
        self.change(&place, 0, FileChange::Made, |disk, path| {
            disk.files.put(path, inode);
        })
    }

    fn set(&mut self, path: &str, set: impl FnOnce(&mut Inode)) -> Result<(), Errno> {
        let place = self.resolve(path, true)?;
        let inode = self.inode(&place).ok_or(Errno::NotFound)?;
        self.writable(&place)?;
        if self.uid != 0 && self.uid != inode.uid {
            return Err(Errno::NotPermitted);
        }
        let root = Inode::directory(self.now);
        self.change(&place, 0, FileChange::Written, |disk, path| {
            if disk.files.get(path).is_none() {
                disk.files.put(path, root);
            }
            if let Some(inode) = disk.files.get_mut(path) {
                set(inode);
            }
        })
    }

    /// Changes the disk of a place; the directory's time moves when a name comes or goes.
    fn change(
        &mut self,
        place: &Place<'a>,
        growth: i64,
        change: FileChange,
        apply: impl FnOnce(&mut Disk, &str),
    ) -> Result<(), Errno> {
        let (now, writer) = (self.now, self.writer.clone());
        self.disks.change(&place.mount.disk, growth, |disk| {
            let names = disk.files.get(&place.path).is_none();
            apply(disk, &place.path);
            let names = names || change == FileChange::Removed;
            if names && let Some(directory) = disk.files.get_mut(parent(&place.path)) {
                directory.mtime = now;
            }
            disk.remember(HistoryEntry {
                at: now,
                writer,
                path: place.path.clone(),
                change,
            });
        })
    }

    fn inode(&self, place: &Place<'a>) -> Option<Inode> {
        let disk = self.disks.get(&place.mount.disk)?;
        match disk.files.get(&place.path) {
            Some(inode) => Some(inode.clone()),
            None if place.path.is_empty() => Some(Inode::directory(Instant::ZERO)),
            None => None,
        }
    }

    /// Whether the program may use an inode in the way of `bit` (4 read, 2 write, 1 search).
    fn may(&self, inode: &Inode, bit: u16) -> bool {
        let shift = match () {
            () if self.uid == 0 => return true,
            () if self.uid == inode.uid => 6,
            () if self.gid == inode.gid || self.groups.contains(&inode.gid) => 3,
            () => 0,
        };
        (inode.mode >> shift) & bit != 0
    }

    fn writable(&self, place: &Place<'a>) -> Result<(), Errno> {
        if place.mount.read_only {
            return Err(Errno::ReadOnly);
        }
        Ok(())
    }

    fn may_change_directory(&self, place: &Place<'a>) -> Result<(), Errno> {
        let directory = Place {
            mount: place.mount,
            path: parent(&place.path).to_owned(),
        };
        match self.inode(&directory) {
            Some(inode) if !self.may(&inode, 2) => Err(Errno::AccessDenied),
            _ => Ok(()),
        }
    }

    /// The group that new files of a directory have, if the directory says so.
    fn inherited(&self, place: &Place<'a>) -> Option<u32> {
        let directory = Place {
            mount: place.mount,
            path: parent(&place.path).to_owned(),
        };
        let inode = self.inode(&directory)?;
        (inode.mode & SET_GROUP != 0).then_some(inode.gid)
    }

    /// The groups of the program, in their order.
    pub fn groups(&self) -> &[u32] {
        self.groups
    }

    fn parent_exists(&self, place: &Place<'a>) -> bool {
        self.disks
            .get(&place.mount.disk)
            .is_some_and(|disk| disk.files.is_directory(parent(&place.path)))
    }

    fn mounts_below(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.mounts.iter().any(|mount| {
            mount
                .path
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The disk and path on it that an absolute path leads to.
    fn resolve(&self, path: &str, follow_last: bool) -> Result<Place<'a>, Errno> {
        let mut done = String::new();
        let mut rest: Vec<String> = parts(path);
        let mut links = 0;
        while let Some(part) = rest.pop() {
            if part == ".." {
                let above = parent(&done).len();
                done.truncate(above);
                continue;
            }
            let here = self.place(&done)?;
            match self.inode(&here) {
                None => return Err(Errno::NotFound),
                Some(inode) if inode.content != Content::Directory => {
                    return Err(Errno::NotDirectory);
                }
                Some(inode) if !self.may(&inode, 1) => return Err(Errno::AccessDenied),
                Some(_) => {}
            }
            let next = format!("{done}/{part}");
            let place = self.place(&next)?;
            if let Some(Content::Symlink(target)) = self.inode(&place).map(|inode| inode.content)
                && (follow_last || !rest.is_empty())
            {
                links += 1;
                if links > LINK_LIMIT {
                    return Err(Errno::Loop);
                }
                if target.starts_with('/') {
                    done.clear();
                }
                rest.extend(parts(&target));
                continue;
            }
            done = next;
        }
        self.place(&done)
    }

    /// The mount that covers a path without links: the one with the longest path, the last of equals.
    fn place(&self, path: &str) -> Result<Place<'a>, Errno> {
        let mut best: Option<(&'a Mount, &str)> = None;
        for mount in self.mounts {
            let at = mount.path.trim_end_matches('/');
            let Some(rest) = path.strip_prefix(at) else {
                continue;
            };
            let covers = rest.is_empty() || rest.starts_with('/');
            if covers
                && best.is_none_or(|(found, _)| at.len() >= found.path.trim_end_matches('/').len())
            {
                best = Some((mount, rest));
            }
        }
        let (mount, rest) = best.ok_or(Errno::Io)?;
        Ok(Place {
            mount,
            path: format!("{}{rest}", mount.sub_path),
        })
    }
}

/// The parts of a path, last one first; `.` and empty parts are left out.
fn parts(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .rev()
        .map(str::to_owned)
        .collect()
}

fn bytes_of(inode: &Inode) -> i64 {
    match &inode.content {
        Content::File(bytes) => bytes.len() as i64,
        Content::Directory | Content::Symlink(_) => 0,
    }
}
