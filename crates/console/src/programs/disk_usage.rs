//! `df` and `du`.

use super::listing::human_size;
use super::options::Options;
use super::{FileType, Io};
use crate::command::Poll;
use petset_cluster::storage::Usage;

/// What a volume without a size of its own shows as its size, in bytes: the disk of the node.
const NODE_DISK_BYTES: u64 = 264_212_084 * 1024;
/// What is used of it.
const NODE_DISK_USED_BYTES: u64 = 28_162_396 * 1024;
/// What is free; the rest is kept for root.
const NODE_DISK_FREE_BYTES: u64 = 67_338_868 * 1024;
/// How much room files and directories take: whole blocks of so many bytes.
const BLOCK_BYTES: u64 = 4096;
/// How many files `du` walks through.
const WALK_LIMIT: usize = 100_000;

/// One line of `df`.
struct Row {
    source: String,
    kind: &'static str,
    /// Size, used and free, in bytes.
    amounts: [u64; 3],
    path: String,
}

impl Row {
    fn of(usage: &Usage) -> Row {
        // A volume without a size is a directory of its node's disk.
        let amounts = match usage.capacity_bytes {
            Some(size) => {
                let used = usage.used_bytes.min(size);
                [size, used, size - used]
            }
            None => [
                NODE_DISK_BYTES,
                NODE_DISK_USED_BYTES + usage.used_bytes,
                NODE_DISK_FREE_BYTES.saturating_sub(usage.used_bytes),
            ],
        };
        Row {
            source: usage.mount.source.clone(),
            kind: usage.mount.fs_type,
            amounts,
            path: usage.mount.path.clone(),
        }
    }

    fn percent(&self) -> u64 {
        let [_, used, free] = self.amounts;
        (used * 100).div_ceil((used + free).max(1))
    }
}

/// The mounts that are asked for: of each operand the one that holds it, or all.
fn wanted(usage: &[Usage], options: &Options, io: &mut Io<'_>) -> (Vec<Row>, i32) {
    if options.operands.is_empty() {
        return (usage.iter().map(Row::of).collect(), 0);
    }
    let (mut rows, mut status) = (Vec::new(), 0);
    for operand in &options.operands {
        let path = io.path(operand);
        if let Err(error) = io.system.stat(&path) {
            io.complain("df", operand, error);
            status = 1;
            continue;
        }
        let below =
            |mount: &str| mount == "/" || path == mount || path.starts_with(&format!("{mount}/"));
        let holders = usage.iter().filter(|usage| below(&usage.mount.path));
        let best = holders.max_by_key(|usage| usage.mount.path.len());
        rows.extend(best.map(Row::of));
    }
    (rows, status)
}

/// `df`.
pub(super) fn df(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let Some(container) = io.system.container() else {
        return io.fail("df: not simulated here", 1);
    };
    let usage = container.usage();
    let (rows, status) = wanted(&usage, &options, io);
    if !rows.is_empty() {
        let text = match io.is_busybox() {
            true => busybox(&rows, &options),
            false => gnu(&rows, &options),
        };
        io.stdout.push_str(&text);
    }
    Poll::Done(status)
}

/// An amount of `df` or `du`: with a letter, in MiB or in KiB.
fn amount(bytes: u64, options: &Options) -> String {
    match (options.has('h'), options.has('m')) {
        (true, _) => human_size(bytes),
        (false, true) => bytes.div_ceil(1 << 20).to_string(),
        (false, false) => bytes.div_ceil(1024).to_string(),
    }
}

/// Columns as wide as what is in them, and no narrower than usual.
fn gnu(rows: &[Row], options: &Options) -> String {
    let human = options.has('h');
    let titles = match (human, options.has('m')) {
        (true, _) => [
            "Filesystem",
            "Type",
            "Size",
            "Used",
            "Avail",
            "Use%",
            "Mounted on",
        ],
        (false, true) => [
            "Filesystem",
            "Type",
            "1M-blocks",
            "Used",
            "Available",
            "Use%",
            "Mounted on",
        ],
        _ => [
            "Filesystem",
            "Type",
            "1K-blocks",
            "Used",
            "Available",
            "Use%",
            "Mounted on",
        ],
    };
    let mut table = vec![titles.map(str::to_owned)];
    table.extend(rows.iter().map(|row| {
        let [size, used, free] = row.amounts.map(|bytes| amount(bytes, options));
        let percent = format!("{}%", row.percent());
        [
            row.source.clone(),
            row.kind.to_owned(),
            size,
            used,
            free,
            percent,
            row.path.clone(),
        ]
    }));
    let least = [14, 4, 5, 5, 5, 4, 0];
    let width = |column: usize| {
        let cells = table.iter().map(|line| line[column].len());
        cells.chain([least[column]]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..7).map(width).collect();
    let mut text = String::new();
    for line in &table {
        text.push_str(&format!("{:<w$}", line[0], w = widths[0]));
        if options.has('T') {
            text.push_str(&format!(" {:<w$}", line[1], w = widths[1]));
        }
        for column in 2..6 {
            text.push_str(&format!(" {:>w$}", line[column], w = widths[column]));
        }
        text.push_str(&format!(" {}\n", line[6]));
    }
    text
}

fn busybox(rows: &[Row], options: &Options) -> String {
    let human = options.has('h');
    let units = match (human, options.has('m')) {
        (true, _) => "     Size",
        (false, true) => "1M-blocks",
        _ => "1K-blocks",
    };
    let kind = |text: &str| match options.has('T') {
        true => format!(" {text:<10}"),
        false => String::new(),
    };
    let mut text = format!(
        "{:<20}{} {units:<15}Used Available Use% Mounted on\n",
        "Filesystem",
        kind("Type")
    );
    for row in rows {
        let [size, used, free] = row.amounts.map(|bytes| match human {
            true => tenths(bytes),
            false => amount(bytes, options),
        });
        text.push_str(&format!(
            "{:<20}{} {size:>9} {used:>9} {free:>9} {:>3}% {}\n",
            row.source,
            kind(row.kind),
            row.percent(),
            row.path
        ));
    }
    text
}

/// A size as BusyBox shows it: always with one decimal, `1.0G`; whole below 1024.
fn tenths(bytes: u64) -> String {
    let (mut value, mut fraction, mut unit) = (bytes, 0, 0);
    while value >= 1024 && unit < 5 {
        fraction = ((value % 1024) * 10 + 512) / 1024;
        value /= 1024;
        if fraction >= 10 {
            value += 1;
            fraction = 0;
        }
        unit += 1;
    }
    match unit {
        0 => value.to_string(),
        unit => format!("{value}.{fraction}{}", ["", "K", "M", "G", "T", "P"][unit]),
    }
}

/// `du`: how much room files and directories take.
pub(super) fn du(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "d");
    let mut operands = options.operands.clone();
    if operands.is_empty() {
        operands.push(".".to_owned());
    }
    let (mut status, mut total) = (0, 0);
    for operand in operands {
        let path = io.path(&operand);
        let mut walk = Walk {
            options: &options,
            limit: match (options.has('s'), options.value('d')) {
                (true, _) => Some(0),
                (false, depth) => depth.and_then(|depth| depth.parse().ok()),
            },
            lines: Vec::new(),
            left: WALK_LIMIT,
        };
        match walk.room(&path, &operand, 0, io) {
            Ok(bytes) => total += bytes,
            Err(error) => {
                let line = match io.is_busybox() {
                    true => format!("du: {operand}: {}\n", error.message()),
                    false => format!("du: cannot access '{operand}': {}\n", error.message()),
                };
                io.stderr.push_str(&line);
                status = 1;
            }
        }
        for (bytes, name) in walk.lines {
            let line = format!("{}\t{name}\n", shown(bytes, &options, io));
            io.stdout.push_str(&line);
        }
    }
    if options.has('c') {
        let line = format!("{}\ttotal\n", shown(total, &options, io));
        io.stdout.push_str(&line);
    }
    Poll::Done(status)
}

fn shown(bytes: u64, options: &Options, io: &Io<'_>) -> String {
    match options.has('h') && io.is_busybox() {
        true => tenths(bytes),
        false => amount(bytes, options),
    }
}

/// A walk through a directory.
struct Walk<'o> {
    options: &'o Options,
    /// How deep below the operand lines are written.
    limit: Option<usize>,
    lines: Vec<(u64, String)>,
    left: usize,
}

impl Walk<'_> {
    /// The room of a file, or of a directory with all below it, in bytes.
    fn room(
        &mut self,
        path: &str,
        name: &str,
        depth: usize,
        io: &mut Io<'_>,
    ) -> Result<u64, super::Errno> {
        let metadata = match io.system.container() {
            Some(container) => container.stat_link(path)?,
            None => io.system.stat(path)?,
        };
        let is_directory = metadata.file_type == FileType::Directory;
        // A link lies in its inode.
        let mut bytes = match metadata.file_type {
            FileType::Symlink(_) => 0,
            _ => metadata.size.div_ceil(BLOCK_BYTES) * BLOCK_BYTES,
        };
        if is_directory {
            for entry in io.system.list(path).unwrap_or_default() {
                if self.left == 0 {
                    break;
                }
                self.left -= 1;
                let below = format!("{}/{}", path.trim_end_matches('/'), entry.name);
                let called = format!("{}/{}", name.trim_end_matches('/'), entry.name);
                bytes += self.room(&below, &called, depth + 1, io).unwrap_or(0);
            }
        }
        let listed = is_directory || depth == 0 || self.options.has('a');
        if listed && self.limit.is_none_or(|limit| depth <= limit) {
            self.lines.push((bytes, name.to_owned()));
        }
        Ok(bytes)
    }
}
