//! The files of one disk.

use crate::time::Instant;
use rpds::RedBlackTreeMapSync;
use std::ops::Bound;
use std::sync::Arc;

/// Why a file operation fails: the error numbers of POSIX that programs name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    /// ENOENT.
    NotFound,
    /// EACCES.
    AccessDenied,
    /// EPERM.
    NotPermitted,
    /// EEXIST.
    Exists,
    /// EISDIR.
    IsDirectory,
    /// ENOTDIR.
    NotDirectory,
    /// ENOTEMPTY.
    NotEmpty,
    /// ENOSPC.
    NoSpace,
    /// EROFS.
    ReadOnly,
    /// ELOOP.
    Loop,
    /// EINVAL.
    Invalid,
    /// EXDEV.
    CrossDevice,
    /// EBUSY: a place where something is mounted.
    Busy,
    /// ESRCH: no such process.
    NoProcess,
    /// EIO: the disk is gone.
    Io,
    /// More bytes than this program is willing to hold; upstream has no such error.
    Limit,
}

impl Errno {
    /// The words of the C library, as programs print them.
    pub fn message(self) -> &'static str {
        match self {
            Errno::NotFound => "No such file or directory",
            Errno::AccessDenied => "Permission denied",
            Errno::NotPermitted => "Operation not permitted",
            Errno::Exists => "File exists",
            Errno::IsDirectory => "Is a directory",
            Errno::NotDirectory => "Not a directory",
            Errno::NotEmpty => "Directory not empty",
            Errno::NoSpace => "No space left on device",
            Errno::ReadOnly => "Read-only file system",
            Errno::Loop => "Too many levels of symbolic links",
            Errno::Invalid => "Invalid argument",
            Errno::CrossDevice => "Invalid cross-device link",
            Errno::Busy => "Resource busy",
            Errno::NoProcess => "No such process",
            Errno::Io => "Input/output error",
            Errno::Limit => {
                "not simulated here: files of more than 8 MiB, or more than 64 MiB in all"
            }
        }
    }
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileType {
    /// Bytes.
    File,
    /// A directory.
    Directory,
    /// A symbolic link and where it points.
    Symlink(String),
}

/// What `stat` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// File, directory or link.
    pub file_type: FileType,
    /// The owner's user id.
    pub uid: u32,
    /// The owner's group id.
    pub gid: u32,
    /// The permission bits, such as `0o644`.
    pub mode: u16,
    /// Bytes; 4096 for a directory.
    pub size: u64,
    /// When the content last changed.
    pub mtime: Instant,
}

/// The content of an inode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    File(Arc<Vec<u8>>),
    Directory,
    Symlink(Arc<str>),
}

/// A file, directory or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inode {
    pub content: Content,
    pub uid: u32,
    pub gid: u32,
    pub mode: u16,
    pub mtime: Instant,
}

impl Inode {
    pub(crate) fn directory(mtime: Instant) -> Inode {
        Inode {
            content: Content::Directory,
            uid: 0,
            gid: 0,
            mode: 0o755,
            mtime,
        }
    }

    pub(crate) fn file(bytes: Vec<u8>, mtime: Instant) -> Inode {
        Inode {
            content: Content::File(Arc::new(bytes)),
            uid: 0,
            gid: 0,
            mode: 0o644,
            mtime,
        }
    }

    pub(crate) fn size(&self) -> u64 {
        match &self.content {
            Content::File(bytes) => bytes.len() as u64,
            Content::Directory => 4096,
            Content::Symlink(target) => target.len() as u64,
        }
    }

    pub(crate) fn metadata(&self) -> Metadata {
        Metadata {
            file_type: match &self.content {
                Content::File(_) => FileType::File,
                Content::Directory => FileType::Directory,
                Content::Symlink(target) => FileType::Symlink(target.to_string()),
            },
            uid: self.uid,
            gid: self.gid,
            mode: self.mode,
            size: self.size(),
            mtime: self.mtime,
        }
    }
}

/// Files by path. A path begins with `/` and has no `.`, `..` or empty part; the root is the empty path.
#[derive(Clone, Debug, Default)]
pub struct FileSystem {
    pub(super) inodes: RedBlackTreeMapSync<Arc<str>, Inode>,
    pub(super) written_bytes: u64,
}

impl FileSystem {
    /// Bytes that were written into this disk, without those of an image below it.
    pub fn written_bytes(&self) -> u64 {
        self.written_bytes
    }

    pub(crate) fn count_bytes(&mut self, growth: i64) {
        self.written_bytes = self.written_bytes.saturating_add_signed(growth);
    }

    /// Every path with what `stat` tells of it, in the order of their bytes; the root is left out.
    pub fn walk(&self) -> impl Iterator<Item = (&str, Metadata)> {
        self.inodes
            .iter()
            .map(|(path, inode)| (&**path, inode.metadata()))
    }

    /// The bytes of the file at `path` (beginning with `/`), if it is one.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        match &self.get(path)?.content {
            Content::File(bytes) => Some(bytes),
            Content::Directory | Content::Symlink(_) => None,
        }
    }

    /// What `stat` tells of the inode at `path` (the empty path is the root).
    pub fn metadata(&self, path: &str) -> Option<Metadata> {
        self.get(path).map(Inode::metadata)
    }

    /// Gives everything to a group and adds permission bits; links keep theirs.
    pub(crate) fn give_to_group(&mut self, group: u32, of_files: u16, of_directories: u16) {
        let all: Vec<Arc<str>> = self.inodes.keys().cloned().collect();
        for path in all {
            if let Some(inode) = self.inodes.get_mut(&path) {
                inode.gid = group;
                inode.mode |= match inode.content {
                    Content::File(_) => of_files,
                    Content::Directory => of_directories,
                    Content::Symlink(_) => 0,
                };
            }
        }
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Inode> {
        self.inodes.get(path)
    }

    pub(crate) fn get_mut(&mut self, path: &str) -> Option<&mut Inode> {
        self.inodes.get_mut(path)
    }

    /// Whether `path` is a directory; the root always is.
    pub(crate) fn is_directory(&self, path: &str) -> bool {
        path.is_empty()
            || self
                .get(path)
                .is_some_and(|inode| inode.content == Content::Directory)
    }

    /// What lies directly in a directory: names and inodes.
    pub(crate) fn children<'a>(
        &'a self,
        directory: &str,
    ) -> impl Iterator<Item = (&'a str, &'a Inode)> + 'a {
        let prefix = format!("{directory}/");
        let from: Arc<str> = prefix.as_str().into();
        self.inodes
            .range((Bound::Included(from), Bound::Unbounded))
            .map_while(move |(path, inode)| Some((path.strip_prefix(prefix.as_str())?, inode)))
            .filter(|(rest, _)| !rest.contains('/'))
    }

    pub(crate) fn put(&mut self, path: &str, inode: Inode) {
        self.inodes.insert_mut(path.into(), inode);
    }

    /// Puts a file in place together with the directories above it; for images and volumes that are filled from objects.
    pub(crate) fn put_file(&mut self, path: &str, bytes: Vec<u8>, mode: u16, mtime: Instant) {
        self.make_directories(parent(path), mtime);
        let inode = Inode {
            mode,
            ..Inode::file(bytes, mtime)
        };
        self.put(path, inode);
    }

    /// Makes a directory and those above it, where there is nothing.
    pub(crate) fn make_directories(&mut self, path: &str, mtime: Instant) {
        let mut end = path.len();
        let mut missing = Vec::new();
        while end > 0 && self.get(&path[..end]).is_none() {
            missing.push(end);
            end = path[..end].rfind('/').unwrap_or(0);
        }
        for end in missing {
            self.put(&path[..end], Inode::directory(mtime));
        }
    }

    pub(crate) fn remove(&mut self, path: &str) -> Option<Inode> {
        let inode = self.inodes.get(path).cloned()?;
        self.inodes.remove_mut(path);
        Some(inode)
    }

    /// Moves `from` and all below it to `to`.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        let below = format!("{from}/");
        let start: Arc<str> = below.as_str().into();
        let moved: Vec<Arc<str>> = self
            .inodes
            .range((Bound::Included(start), Bound::Unbounded))
            .map(|(path, _)| path.clone())
            .take_while(|path| path.starts_with(&below))
            .chain([from.into()])
            .collect();
        for path in moved {
            if let Some(inode) = self.remove(&path) {
                self.put(&format!("{to}{}", &path[from.len()..]), inode);
            }
        }
    }
}

/// The directory that holds `path`; the empty path for those at the top.
pub(crate) fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |end| &path[..end])
}
