//! Disks in the form in which they are kept in a file.

use super::file_system::{Content, Inode};
use super::{Disk, DiskId, Disks, FileChange, HistoryEntry, Writer};
use crate::time::Instant;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a container's own file system is called; it ends with the container.
const LAYER: &str = "container:";

impl Disks {
    /// The disks that outlive a machine's being switched off: volumes and the empty directories of pods. What containers wrote into their own file
    /// systems, and directories that are made out of objects, is left out.
    pub(crate) fn save(&self) -> Value {
        let lasting = self
            .disks
            .iter()
            .filter(|(id, disk)| disk.keeps_history && !id.0.starts_with(LAYER));
        lasting.map(|(id, disk)| saved_disk(id, disk)).collect()
    }

    /// Reads what [`Disks::save`] wrote.
    ///
    /// # Errors
    /// What is missing or of the wrong type.
    pub(crate) fn restore(saved: &Value) -> Result<Disks, String> {
        let mut disks = Disks::default();
        for saved in list(saved, "disks")? {
            let (id, disk) = read_disk(saved)?;
            disks.written_bytes += disk.files.written_bytes();
            disks.disks.insert_mut(id, disk);
        }
        Ok(disks)
    }
}

fn saved_disk(id: &DiskId, disk: &Disk) -> Value {
    let history: Vec<Value> = disk.history.iter().map(saved_entry).collect();
    let files = disk.files.inodes.iter();
    let files: Vec<Value> = files
        .map(|(path, inode)| saved_inode(path, inode))
        .collect();
    json!({
        "id": &*id.0,
        "capacityBytes": disk.capacity_bytes,
        "writtenBytes": disk.files.written_bytes(),
        "history": history,
        "files": files,
    })
}

fn saved_entry(entry: &HistoryEntry) -> Value {
    let change = match entry.change {
        FileChange::Written => "written",
        FileChange::Made => "made",
        FileChange::Removed => "removed",
    };
    let writer = &entry.writer;
    json!([
        entry.at.0,
        change,
        entry.path,
        writer.namespace,
        writer.pod,
        writer.container
    ])
}

fn saved_inode(path: &str, inode: &Inode) -> Value {
    let (of, content) = match &inode.content {
        Content::File(bytes) => match str::from_utf8(bytes) {
            Ok(text) => ("text", Value::from(text)),
            Err(_) => ("hex", Value::from(hex(bytes))),
        },
        Content::Directory => ("directory", Value::Null),
        Content::Symlink(target) => ("link", Value::from(&**target)),
    };
    json!([
        path,
        inode.uid,
        inode.gid,
        inode.mode,
        inode.mtime.0,
        of,
        content
    ])
}

fn read_disk(saved: &Value) -> Result<(DiskId, Disk), String> {
    let id = DiskId(text(&saved["id"], "a disk's id")?.into());
    let mut disk = Disk {
        capacity_bytes: saved["capacityBytes"].as_u64(),
        keeps_history: true,
        ..Disk::default()
    };
    for entry in list(&saved["history"], "a disk's history")? {
        disk.history.push_back_mut(read_entry(entry)?);
    }
    for file in list(&saved["files"], "a disk's files")? {
        let (path, inode) = read_inode(file)?;
        disk.files.put(path, inode);
    }
    disk.files.written_bytes = number(&saved["writtenBytes"], "a disk's size")?;
    Ok((id, disk))
}

fn read_entry(saved: &Value) -> Result<HistoryEntry, String> {
    let word = |at: usize| text(&saved[at], "an entry of a disk's history").map(str::to_owned);
    let change = match word(1)?.as_str() {
        "written" => FileChange::Written,
        "made" => FileChange::Made,
        "removed" => FileChange::Removed,
        other => return Err(format!("no change of a file is called {other:?}")),
    };
    Ok(HistoryEntry {
        at: Instant(number(&saved[0], "a moment")?),
        change,
        path: word(2)?,
        writer: Arc::new(Writer {
            namespace: word(3)?,
            pod: word(4)?,
            container: word(5)?,
        }),
    })
}

fn read_inode(saved: &Value) -> Result<(&str, Inode), String> {
    let path = text(&saved[0], "a file's path")?;
    let small = |at: usize| {
        let number = number(&saved[at], "a file's owner")?;
        u32::try_from(number).map_err(|_| format!("{path}: {number} is no owner"))
    };
    let mode = number(&saved[3], "a file's mode")?;
    let content = &saved[6];
    let content = match text(&saved[5], "a file's type")? {
        "text" => Content::File(Arc::new(text(content, path)?.as_bytes().to_vec())),
        "hex" => {
            let bytes = bytes(text(content, path)?);
            Content::File(Arc::new(bytes.ok_or_else(|| format!("{path}: no bytes"))?))
        }
        "directory" => Content::Directory,
        "link" => Content::Symlink(text(content, path)?.into()),
        other => return Err(format!("{path}: no file is of type {other:?}")),
    };
    let inode = Inode {
        content,
        uid: small(1)?,
        gid: small(2)?,
        mode: u16::try_from(mode).map_err(|_| format!("{path}: {mode} is no mode"))?,
        mtime: Instant(number(&saved[4], "a file's date")?),
    };
    Ok((path, inode))
}

fn list<'a>(value: &'a Value, what: &str) -> Result<&'a Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("{what}: no list"))
}

fn text<'a>(value: &'a Value, what: &str) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| format!("{what}: no text"))
}

fn number(value: &Value, what: &str) -> Result<u64, String> {
    value.as_u64().ok_or_else(|| format!("{what}: no number"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disks_come_back_as_they_were() {
        let mut disk = Disk {
            capacity_bytes: Some(1 << 20),
            keeps_history: true,
            ..Disk::default()
        };
        disk.files.put("", Inode::directory(Instant(1)));
        disk.files
            .put_file("/a/text", "가\n".into(), 0o600, Instant(2));
        disk.files
            .put_file("/a/bytes", vec![0xff, 0, 10], 0o644, Instant(3));
        let link = Inode {
            content: Content::Symlink("a/text".into()),
            ..Inode::directory(Instant(4))
        };
        disk.files.put("/link", link);
        disk.files.count_bytes(7);
        disk.remember(HistoryEntry {
            at: Instant(5),
            writer: Arc::default(),
            path: "/a/text".to_owned(),
            change: FileChange::Written,
        });
        let mut disks = Disks::default();
        let (volume, layer) = (DiskId::volume("/v"), DiskId::container("u", "c", 0));
        disks.ensure(&volume, || disk.clone());
        disks.ensure(&layer, || disk.clone());
        let saved = disks.save();
        let back = Disks::restore(&saved).expect("disks");
        assert_eq!(back.save(), saved);
        let found = back.get(&volume).expect("the volume");
        assert_eq!(found.files.bytes("/a/bytes"), Some(&[0xff, 0, 10][..]));
        assert_eq!(found.files.inodes, disk.files.inodes);
        assert_eq!(found.history, disk.history);
        assert_eq!(back.written_bytes, 7);
        assert!(
            back.get(&layer).is_none(),
            "a container's own files are not kept"
        );
    }

    #[test]
    fn what_is_no_disk_is_said_to_be_none() {
        let table = [
            (json!({}), "disks: no list"),
            (json!([{}]), "a disk's id: no text"),
            (json!([{"id": "x"}]), "a disk's history: no list"),
            (
                json!([{"id": "x", "history": [], "files": [["/a", 0, 0, 70_000, 0, "directory"]]}]),
                "/a: 70000 is no mode",
            ),
            (
                json!([{"id": "x", "history": [], "files": [["/a", 0, 0, 1, 0, "hex", "0g"]]}]),
                "/a: no bytes",
            ),
        ];
        for (saved, want) in table {
            let error = Disks::restore(&saved).map(|_| ()).expect_err("an error");
            assert_eq!(error, want);
        }
    }
}
