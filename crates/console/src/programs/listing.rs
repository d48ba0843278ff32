//! `ls`.

use super::options::Options;
use super::{FileType, Io, Place};
use crate::command::Poll;
use petset_cluster::sort;
use petset_cluster::storage::Metadata;

/// One line of a listing.
struct Row {
    name: String,
    metadata: Metadata,
}

/// `ls`.
pub(super) fn ls(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let mut operands = options.operands.clone();
    if operands.is_empty() {
        operands.push(".".to_owned());
    }
    let several = operands.len() > 1;
    let (mut files, mut directories, mut status) = (Vec::new(), Vec::new(), 0);
    for operand in operands {
        let path = io.path(&operand);
        let found = match metadata(&path, io) {
            // A link to a directory stands for it, but in a long listing.
            Ok(link) if matches!(link.file_type, FileType::Symlink(_)) && !options.has('l') => {
                io.system.stat(&path).or(Ok(link))
            }
            found => found,
        };
        match found {
            Ok(metadata) if metadata.file_type == FileType::Directory && !options.has('d') => {
                directories.push((operand, path));
            }
            Ok(metadata) => files.push(Row {
                name: operand,
                metadata,
            }),
            Err(error) => {
                let gnu = !io.is_busybox();
                status = if gnu { 2 } else { 1 };
                io.stderr.push_str(&match gnu {
                    true => format!("ls: cannot access '{operand}': {}\n", error.message()),
                    false => format!("ls: {operand}: {}\n", error.message()),
                });
            }
        }
    }
    let mut first = files.is_empty();
    print(files, &options, false, io);
    for (operand, path) in directories {
        if !first {
            io.stdout.push('\n');
        }
        first = false;
        if several {
            io.stdout.push_str(&format!("{operand}:\n"));
        }
        let mut rows = Vec::new();
        if options.has('a') {
            for (name, path) in [(".", path.clone()), ("..", format!("{path}/.."))] {
                let path = super::system::absolute("/", &path);
                if let Ok(metadata) = io.system.stat(&path) {
                    rows.push(Row {
                        name: name.to_owned(),
                        metadata,
                    });
                }
            }
        }
        match io.system.list(&path) {
            Ok(entries) => rows.extend(
                entries
                    .into_iter()
                    .filter(|e| options.has('a') || options.has('A') || !e.name.starts_with('.'))
                    .map(|entry| Row {
                        name: entry.name,
                        metadata: entry.metadata,
                    }),
            ),
            Err(error) => {
                io.complain("ls", &operand, error);
                status = 1;
            }
        }
        print(rows, &options, true, io);
    }
    Poll::Done(status)
}

/// What a path leads to; a link at its end is not followed.
pub(super) fn metadata(path: &str, io: &mut Io<'_>) -> Result<Metadata, super::Errno> {
    match io.system.container() {
        Some(container) => container.stat_link(path),
        None => io.system.stat(path),
    }
}

fn print(mut rows: Vec<Row>, options: &Options, total: bool, io: &mut Io<'_>) {
    if options.has('t') {
        sort::by_key(&mut rows, |row| std::cmp::Reverse(row.metadata.mtime));
    } else if options.has('S') {
        sort::by_key(&mut rows, |row| std::cmp::Reverse(row.metadata.size));
    }
    if options.has('r') {
        rows.reverse();
    }
    if !options.has('l') {
        let wide = io.system.place() == Place::Prompt && io.terminal && !options.has('1');
        let names: Vec<String> = rows.into_iter().map(|row| row.name).collect();
        if wide && !names.is_empty() {
            io.stdout.push_str(&names.join("  "));
            io.stdout.push('\n');
        } else {
            for name in names {
                io.stdout.push_str(&name);
                io.stdout.push('\n');
            }
        }
        return;
    }
    let human = options.has('h');
    if total {
        let blocks: u64 = rows
            .iter()
            .map(|row| row.metadata.size.div_ceil(4096) * 4)
            .sum();
        io.stdout.push_str(&match human {
            true => format!("total {}\n", human_size(blocks * 1024)),
            false => format!("total {blocks}\n"),
        });
    }
    let sizes: Vec<String> = rows
        .iter()
        .map(|row| match human {
            true => human_size(row.metadata.size),
            false => row.metadata.size.to_string(),
        })
        .collect();
    let busybox = io.is_busybox();
    let width = match (busybox, human) {
        (true, _) => 9,
        (false, true) => sizes.iter().map(String::len).max().unwrap_or(1).max(4),
        (false, false) => sizes.iter().map(String::len).max().unwrap_or(1),
    };
    for (row, size) in rows.iter().zip(sizes) {
        let date = super::time::date_text(io, row.metadata.mtime, "%b %e %H:%M");
        let name = match &row.metadata.file_type {
            FileType::Symlink(target) => format!("{} -> {target}", row.name),
            _ => row.name.clone(),
        };
        let links = if row.metadata.file_type == FileType::Directory {
            2
        } else {
            1
        };
        let user = name_of(row.metadata.uid, "/etc/passwd", io);
        let group = name_of(row.metadata.gid, "/etc/group", io);
        let mode = mode_text(&row.metadata);
        io.stdout.push_str(&match busybox {
            true => {
                format!("{mode} {links:>4} {user:<8} {group:<8} {size:>width$} {date} {name}\n")
            }
            false => format!("{mode} {links} {user} {group} {size:>width$} {date} {name}\n"),
        });
    }
}

/// The name that `/etc/passwd` or `/etc/group` gives to a number, or the number.
pub(super) fn name_of(id: u32, database: &str, io: &mut Io<'_>) -> String {
    let named = |text: String| {
        let mut lines = text.lines().map(|line| line.split(':'));
        lines.find_map(|mut parts| {
            let name = parts.next()?;
            (parts.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
        })
    };
    let bytes = io.system.read(database).ok();
    let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    text.and_then(named).unwrap_or_else(|| match id {
        0 => "root".to_owned(),
        id => id.to_string(),
    })
}

/// `-rw-r--r--`
pub(super) fn mode_text(metadata: &Metadata) -> String {
    let mut text = String::from(match metadata.file_type {
        FileType::Directory => "d",
        FileType::Symlink(_) => "l",
        FileType::File => "-",
    });
    for shift in [6, 3, 0] {
        let bits = metadata.mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(if bits & 1 != 0 { 'x' } else { '-' });
    }
    for (bit, at, letters) in [(0o4000, 3, "sS"), (0o2000, 6, "sS"), (0o1000, 9, "tT")] {
        if metadata.mode & bit != 0 {
            let letter = match &text[at..=at] {
                "x" => &letters[..1],
                _ => &letters[1..],
            };
            text.replace_range(at..=at, letter);
        }
    }
    text
}

/// A size as `-h` shows it, `4.0K`.
pub(super) fn human_size(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit < 5 {
        value /= 1024.0;
        unit += 1;
    }
    let letter = ["", "K", "M", "G", "T", "P"][unit];
    match value < 10.0 {
        true => format!("{:.1}{letter}", (value * 10.0).ceil() / 10.0),
        false => format!("{:.0}{letter}", value.ceil()),
    }
}
