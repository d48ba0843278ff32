//! Programs that tell about the container: `id`, `mount`, `ps`, `kill`, `uname`.

use super::Io;
use crate::command::Poll;

/// `id`.
pub(super) fn id(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let container = io.system.container();
    let (uid, gid, groups) = container.map_or((1000, 1000, Vec::new()), |container| {
        let (uid, gid) = container.user();
        (uid, gid, container.groups())
    });
    let groups = match groups.is_empty() {
        true => vec![gid],
        false => groups,
    };
    let name = |id: &u32| match id {
        0 => "0(root)".to_owned(),
        id => id.to_string(),
    };
    let list = |separator: &str, show: &dyn Fn(&u32) -> String| -> String {
        groups.iter().map(show).collect::<Vec<_>>().join(separator)
    };
    let text = match arguments.get(1).map(String::as_str) {
        Some("-u") => format!("{uid}\n"),
        Some("-g") => format!("{gid}\n"),
        Some("-G") => format!("{}\n", list(" ", &|id| id.to_string())),
        Some("-un" | "-nu") if uid == 0 => "root\n".to_owned(),
        Some("-un" | "-nu") => return io.fail(&format!("id: unknown ID {uid}"), 1),
        _ => format!(
            "uid={} gid={} groups={}\n",
            name(&uid),
            name(&gid),
            list(",", &name)
        ),
    };
    io.stdout.push_str(&text);
    Poll::Done(0)
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
