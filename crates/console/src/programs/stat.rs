//! `stat`.

use super::listing::{metadata, mode_text, name_of};
use super::options::Options;
use super::time::date_text;
use super::{FileType, Io};
use crate::command::Poll;
use petset_cluster::storage::Metadata;

/// `stat FILE`, and `stat -c FORMAT FILE`.
pub(super) fn stat(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "c");
    let mut status = 0;
    if options.operands.is_empty() {
        return io.fail("stat: missing operand", 1);
    }
    for file in &options.operands {
        let path = io.path(file);
        match metadata(&path, io) {
            Ok(found) => {
                let text = match options.value('c') {
                    Some(format) => formatted(format, file, &found, io) + "\n",
                    None => whole(file, &found, io),
                };
                io.stdout.push_str(&text);
            }
            Err(error) => {
                status = 1;
                let line = match io.is_busybox() {
                    true => format!("stat: can't stat '{file}': {}\n", error.message()),
                    false => format!("stat: cannot stat '{file}': {}\n", error.message()),
                };
                io.stderr.push_str(&line);
            }
        }
    }
    Poll::Done(status)
}

fn kind(found: &Metadata) -> &'static str {
    match found.file_type {
        FileType::Directory => "directory",
        FileType::Symlink(_) => "symbolic link",
        FileType::File if found.size == 0 => "regular empty file",
        FileType::File => "regular file",
    }
}

/// The lines without options; devices and inodes have no numbers here.
fn whole(file: &str, found: &Metadata, io: &mut Io<'_>) -> String {
    let shown = match &found.file_type {
        FileType::Symlink(target) if io.is_busybox() => format!("'{file}' -> '{target}'"),
        FileType::Symlink(target) => format!("{file} -> {target}"),
        _ => file.to_owned(),
    };
    let user = name_of(found.uid, "/etc/passwd", io);
    let group = name_of(found.gid, "/etc/group", io);
    let blocks = found.size.div_ceil(4096) * 8;
    let date = date_text(io, found.mtime, "%Y-%m-%d %H:%M:%S.%9f +0000");
    format!(
        "  File: {shown}\n  Size: {:<10}\tBlocks: {blocks:<10} IO Block: 4096   {}\nAccess: ({:04o}/{})  Uid: ({:5}/{user:>8})   Gid: ({:5}/{group:>8})\nAccess: {date}\nModify: {date}\nChange: {date}\n",
        found.size,
        kind(found),
        found.mode,
        mode_text(found),
        found.uid,
        found.gid,
    )
}

/// Replaces `%a` and its kin; an unknown letter stays.
fn formatted(format: &str, file: &str, found: &Metadata, io: &mut Io<'_>) -> String {
    let mut text = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let value = match letters.next() {
            Some('n') => file.to_owned(),
            Some('s') => found.size.to_string(),
            Some('a') => format!("{:o}", found.mode),
            Some('A') => mode_text(found),
            Some('u') => found.uid.to_string(),
            Some('g') => found.gid.to_string(),
            Some('U') => name_of(found.uid, "/etc/passwd", io),
            Some('G') => name_of(found.gid, "/etc/group", io),
            Some('F') => kind(found).to_owned(),
            Some('y') => date_text(io, found.mtime, "%Y-%m-%d %H:%M:%S.%9f +0000"),
            Some('Y') => date_text(io, found.mtime, "%s"),
            Some('%') => "%".to_owned(),
            Some(other) => format!("%{other}"),
            None => "%".to_owned(),
        };
        text.push_str(&value);
    }
    text
}
