//! Programs that tell about the container: `id`, `df`, `mount`, `ps`, `kill`, `uname`.

use super::Io;
use super::listing::human_size;
use super::options::Options;
use crate::command::Poll;

/// What a volume without a size of its own shows as its size, in bytes: the disk of the node.
const NODE_DISK_BYTES: u64 = 264_212_084 * 1024;
/// What is used of it.
const NODE_DISK_USED_BYTES: u64 = 28_162_396 * 1024;

/// `id`.
pub(super) fn id(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let (uid, gid) = io.system.container().map_or((1000, 1000), |c| c.user());
    let name = |id: u32| match id {
        0 => "0(root)".to_owned(),
        id => id.to_string(),
    };
    let text = match arguments.get(1).map(String::as_str) {
        Some("-u") => format!("{uid}\n"),
        Some("-g") => format!("{gid}\n"),
        Some("-un") if uid == 0 => "root\n".to_owned(),
        _ => format!("uid={} gid={} groups={}\n", name(uid), name(gid), name(gid)),
    };
    io.stdout.push_str(&text);
    Poll::Done(0)
}

/// `df`.
pub(super) fn df(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let human = options.has('h');
    let Some(container) = io.system.container() else {
        return io.fail("df: not simulated here", 1);
    };
    let usage = container.usage();
    let mut rows: Vec<[String; 6]> = Vec::new();
    let mut wanted: Vec<usize> = Vec::new();
    let mut status = 0;
    for operand in &options.operands {
        let path = io.path(operand);
        if let Err(error) = io.system.stat(&path) {
            io.complain("df", operand, error);
            status = 1;
            continue;
        }
        let below =
            |mount: &str| mount == "/" || path == mount || path.starts_with(&format!("{mount}/"));
        let best = usage
            .iter()
            .enumerate()
            .filter(|(_, usage)| below(&usage.mount.path))
            .max_by_key(|(_, usage)| usage.mount.path.len());
        wanted.extend(best.map(|(i, _)| i));
    }
    if options.operands.is_empty() {
        wanted = (0..usage.len()).collect();
    }
    for index in wanted {
        let usage = &usage[index];
        // A volume without a size is a directory of its node's disk.
        let (size, used) = match usage.capacity_bytes {
            Some(size) => (size, usage.used_bytes),
            None => (NODE_DISK_BYTES, NODE_DISK_USED_BYTES + usage.used_bytes),
        };
        let free = size.saturating_sub(used);
        let show = |bytes: u64| match human {
            true => human_size(bytes),
            false => bytes.div_ceil(1024).to_string(),
        };
        let percent = (used * 100).div_ceil(size.max(1));
        rows.push([
            usage.mount.source.clone(),
            show(size),
            show(used),
            show(free),
            format!("{percent}%"),
            usage.mount.path.clone(),
        ]);
    }
    if rows.is_empty() {
        return Poll::Done(status);
    }
    let titles = match human {
        true => ["Filesystem", "Size", "Used", "Avail", "Use%", "Mounted on"],
        false => [
            "Filesystem",
            "1K-blocks",
            "Used",
            "Available",
            "Use%",
            "Mounted on",
        ],
    };
    let widths: Vec<usize> = (0..6)
        .map(|i| {
            let least = if i == 0 {
                14
            } else if !human && i == 1 {
                9
            } else {
                0
            };
            rows.iter()
                .map(|row| row[i].len())
                .chain([titles[i].len(), least])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let titles = titles.map(str::to_owned);
    for row in std::iter::once(&titles).chain(&rows) {
        let line = format!(
            "{:<w0$} {:>w1$} {:>w2$} {:>w3$} {:>w4$} {}\n",
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[5],
            w0 = widths[0],
            w1 = widths[1],
            w2 = widths[2].max(if human { 0 } else { 8 }),
            w3 = widths[3],
            w4 = widths[4],
        );
        io.stdout.push_str(&line);
    }
    Poll::Done(status)
}

/// `mount`.
pub(super) fn mount(arguments: &[String], io: &mut Io<'_>) -> Poll {
    if arguments.len() > 1 {
        return io.fail("mount: permission denied (are you root?)", 1);
    }
    let Some(container) = io.system.container() else {
        return io.fail("mount: not simulated here", 1);
    };
    for usage in container.usage() {
        let mode = if usage.mount.read_only { "ro" } else { "rw" };
        let line = format!(
            "{} on {} type {} ({mode},relatime)\n",
            usage.mount.source, usage.mount.path, usage.mount.fs_type
        );
        io.stdout.push_str(&line);
    }
    Poll::Done(0)
}

/// `ps`.
pub(super) fn ps(_arguments: &[String], io: &mut Io<'_>) -> Poll {
    let busybox = io.is_busybox();
    let Some(container) = io.system.container() else {
        return io.fail("ps: not simulated here", 1);
    };
    let processes = container.processes();
    io.stdout.push_str(match busybox {
        true => "PID   USER     TIME  COMMAND\n",
        false => "    PID TTY          TIME CMD\n",
    });
    for process in processes {
        let line = match busybox {
            true => format!(
                "{:>5} root      0:00 {}\n",
                process.pid,
                process.argv.join(" ")
            ),
            false => {
                let name = process.argv.first().map_or("", String::as_str);
                let name = name.rsplit('/').next().unwrap_or("");
                format!("{:>7} ?        00:00:00 {name}\n", process.pid)
            }
        };
        io.stdout.push_str(&line);
    }
    Poll::Done(0)
}

/// `kill`.
pub(super) fn kill(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut signal = 15;
    let mut status = 0;
    let mut rest = arguments[1..].iter();
    while let Some(argument) = rest.next() {
        let name = match argument.as_str() {
            "-s" => rest.next().map(String::as_str),
            text => text.strip_prefix('-'),
        };
        if let Some(name) = name {
            signal = match name.trim_start_matches("SIG") {
                "HUP" => 1,
                "INT" => 2,
                "QUIT" => 3,
                "KILL" => 9,
                "TERM" => 15,
                number => match number.parse() {
                    Ok(number) => number,
                    Err(_) => return io.fail(&format!("kill: bad signal name '{name}'"), 1),
                },
            };
            continue;
        }
        let Ok(pid) = argument.parse::<u32>() else {
            return io.fail(&format!("kill: invalid number '{argument}'"), 1);
        };
        let sent = match io.system.container() {
            Some(container) => container.kill(pid, signal),
            None => Err(super::Errno::NoProcess),
        };
        if let Err(error) = sent {
            let line = format!("kill: can't kill pid {pid}: {}\n", error.message());
            io.stderr.push_str(&line);
            status = 1;
        }
    }
    Poll::Done(status)
}

/// `uname`.
pub(super) fn uname(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let host = io.system.hostname();
    let text = match arguments.get(1).map(String::as_str) {
        Some("-a") => format!("Linux {host} 6.18.44 #1 SMP x86_64 GNU/Linux\n"),
        Some("-n") => format!("{host}\n"),
        Some("-r") => "6.18.44\n".to_owned(),
        Some("-m") => "x86_64\n".to_owned(),
        _ => "Linux\n".to_owned(),
    };
    io.stdout.push_str(&text);
    Poll::Done(0)
}
