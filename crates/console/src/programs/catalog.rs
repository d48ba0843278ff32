//! Which program a name starts.

use super::demo_servers::{DemoServer, Node, Stress};
use super::follow::Follow;
use super::kubectl::Kubectl;
use super::network::curl::Curl;
use super::network::wget::Wget;
use super::network::{self, Ping, dig, host, nslookup};
use super::options::{self, Options};
use super::servers::{Idle, WebServer};
use super::text::Cat;
use super::time::Sleep;
use super::{
    FileType, Io, Place, Program, Simple, awk, database_clients, databases, dd, disk_usage, expr,
    fault, files, filters, find, jq, listing, machine_info, path, runners, sed, sort, stat, tar,
    text, time, tr,
};
use crate::command::Poll;

/// A program by the name of its file; `None` when it exists but is not simulated.
pub(super) fn program(
    base: &str,
    arguments: &[String],
    history: &[String],
) -> Option<Box<dyn Program>> {
    let simple = |run: fn(&[String], &mut Io<'_>) -> Poll| -> Option<Box<dyn Program>> {
        Some(Box::new(Simple {
            run,
            arguments: arguments.to_vec(),
        }))
    };
    let filter = |made: Result<Box<dyn Program>, (String, i32)>| match made {
        Ok(program) => Some(program),
        Err((words, status)) => Some(Box::new(Complaint { words, status }) as Box<dyn Program>),
    };
    if let Some((words, status)) = options::complaint(base, arguments) {
        return Some(Box::new(Complaint { words, status }));
    }
    match base {
        // As `alias k=kubectl` makes it, which scripts would not know.
        "kubectl" | "k" => Some(Box::new(Kubectl {
            arguments: arguments[1..].to_vec(),
            command: None,
        })),
        "cat" | "less" | "more" => {
            let options = Options::parse(arguments, "");
            Some(Box::new(Cat {
                reads_input: options.operands.is_empty(),
                files: options.operands.clone().into(),
                failed: false,
                letters: options.letters(),
                number: 0,
                blank: false,
            }))
        }
        "tail" => {
            let options = Options::parse(arguments, "nc");
            if !options.has('f') && !options.has('F') {
                return simple(text::tail);
            }
            let lines = text::count(&options, "tail", 10).unwrap_or(10);
            Some(Box::new(Follow {
                file: options.operands.first().cloned().unwrap_or_default(),
                lines,
                printed: None,
            }))
        }
        "sleep" => Some(Box::new(Sleep {
            arguments: arguments.to_vec(),
            until: None,
        })),
        "history" => Some(Box::new(Complaint {
            words: history
                .iter()
                .enumerate()
                .map(|(i, line)| format!("{:>5}  {line}", i + 1))
                .collect::<Vec<_>>()
                .join("\n"),
            status: 0,
        })),
        "nginx" => Some(Box::new(WebServer::nginx())),
        "httpd" | "httpd-foreground" => Some(Box::new(WebServer::httpd())),
        "pause" => Some(Box::new(Idle::pause())),
        "agnhost" => match DemoServer::agnhost(arguments) {
            Some(server) => Some(Box::new(server)),
            None => filter(Err((
                "agnhost: not simulated here: this command of agnhost".to_owned(),
                1,
            ))),
        },
        "node" => Some(Box::new(Node {
            arguments: arguments.to_vec(),
            server: None,
        })),
        "stress" => Some(Box::new(Stress::new(arguments))),
        "mysqld" | "mariadbd" | "postgres" | "mongod" | "redis-server" => {
            databases::server(base, arguments)
        }
        "curl" => Some(Box::new(Curl::new(arguments))),
        "wget" => Some(Box::new(Wget::new(arguments))),
        "ping" => Some(Box::new(Ping::new(arguments))),
        "grep" | "egrep" | "fgrep" => filter(filters::grep(arguments)),
        "head" if text::is_whole(arguments) => simple(text::tail),
        "head" => filter(filters::head(arguments)),
        "find" if arguments.iter().any(|word| word == "-exec") => {
            Some(runners::find_exec(arguments))
        }
        "cut" => filter(filters::cut(arguments)),
        "uniq" => filter(filters::uniq(arguments)),
        "nl" => filter(filters::nl(arguments)),
        "awk" => filter(awk::awk(arguments)),
        "jq" => filter(jq::jq(arguments)),
        "sed" => filter(sed::sed(arguments)),
        "env" | "time" | "timeout" | "watch" | "xargs" => {
            match (runners::runner(base, arguments), base) {
                (Some(program), _) => Some(program),
                (None, "env") => simple(environment),
                (None, _) => filter(Err((format!("{base}: missing operand"), 125))),
            }
        }
        _ => simple(by_name(base)?),
    }
}

/// The programs that are one function.
fn by_name(base: &str) -> Option<fn(&[String], &mut Io<'_>) -> Poll> {
    Some(match base {
        "echo" => echo,
        "printf" => printf,
        "test" | "[" => test,
        "true" => |_, _| Poll::Done(0),
        "false" => |_, _| Poll::Done(1),
        "pwd" => |_, io| {
            let line = format!("{}\n", io.cwd);
            io.stdout.push_str(&line);
            Poll::Done(0)
        },
        "printenv" => environment,
        "whoami" => |_, io| {
            io.stdout.push_str(match io.system.place() {
                Place::Prompt => "learner\n",
                _ => "root\n",
            });
            Poll::Done(0)
        },
        "which" => which,
        "clear" => |_, io| {
            io.stdout.push_str("\u{1b}[H\u{1b}[2J");
            Poll::Done(0)
        },
        "vi" | "vim" | "nano" | "code" => edit,
        "mysql" | "mariadb" => database_clients::mysql,
        "mysqladmin" | "mariadb-admin" => database_clients::mysqladmin,
        "psql" => database_clients::psql,
        "pg_isready" => database_clients::pg_isready,
        "mongosh" | "mongo" => database_clients::mongo,
        "redis-cli" => database_clients::redis_cli,
        "nslookup" => nslookup::nslookup,
        "dig" => dig::dig,
        "host" => host::host,
        "getent" => network::getent,
        "nc" => network::nc,
        "id" => machine_info::id,
        "df" => disk_usage::df,
        "du" => disk_usage::du,
        "mount" => machine_info::mount,
        "ps" => machine_info::ps,
        "kill" => machine_info::kill,
        "fault" => fault::fault,
        "uname" => machine_info::uname,
        "hostname" => hostname,
        "ls" => listing::ls,
        "expr" => expr::expr,
        "dd" => dd::dd,
        "readlink" | "realpath" => files::readlink,
        "nproc" => |_, io| {
            io.stdout.push_str("4\n");
            Poll::Done(0)
        },
        "sync" => |_, _| Poll::Done(0),
        "stat" => stat::stat,
        "rm" => files::rm,
        "rmdir" => files::rmdir,
        "mkdir" => files::mkdir,
        "touch" => files::touch,
        "cp" | "mv" => files::transfer,
        "chmod" => files::chmod,
        "chown" => files::chown,
        "ln" => files::ln,
        "basename" | "dirname" => files::name_part,
        "find" => find::find,
        "wc" => text::wc,
        "sort" => sort::sort,
        "tac" | "rev" => text::turned,
        "tar" => tar::tar,
        "tr" => tr::tr,
        "base64" => text::base64,
        "tee" => text::tee,
        "seq" => text::seq,
        "date" => time::date,
        "diff" => text::diff,
        "yes" => text::yes,
        _ => return None,
    })
}

/// Says something and ends.
#[derive(Clone)]
struct Complaint {
    words: String,
    status: i32,
}

impl Program for Complaint {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        let out = match self.status {
            0 => &mut *io.stdout,
            _ => &mut *io.stderr,
        };
        if !self.words.is_empty() {
            out.push_str(&self.words);
            out.push('\n');
        }
        Poll::Done(self.status)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// What a program says that is there by name alone.
pub(super) fn not_simulated(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let name = arguments.first().map_or("", String::as_str);
    let base = name.rsplit('/').next().unwrap_or(name);
    io.fail(
        &format!("{base}: not simulated here: the program {base}"),
        1,
    )
}

fn echo(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let text = super::echo::echo(&arguments[1..], false);
    io.stdout.push_str(&text);
    Poll::Done(0)
}

fn printf(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let (text, error) = super::echo::printf(&arguments[1..]);
    io.stdout.push_str(&text);
    match error {
        Some(error) => io.fail(&format!("printf: {}", error.words()), 1),
        None => Poll::Done(0),
    }
}

fn test(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let name = arguments[0].as_str();
    let mut words = &arguments[1..];
    if name.ends_with('[') {
        match words.split_last() {
            Some((last, before)) if last == "]" => words = before,
            _ => return io.fail("[: missing ']'", 2),
        }
    }
    let dialect = crate::shell::Dialect::Bash;
    match super::test::evaluate(words, false, dialect, io.cwd, io.system, None) {
        Ok(holds) => Poll::Done(i32::from(!holds)),
        Err(error) => io.fail(&format!("test: {error}"), 2),
    }
}

/// `env` and `printenv`.
fn environment(arguments: &[String], io: &mut Io<'_>) -> Poll {
    if let Some(name) = arguments
        .get(1)
        .filter(|_| arguments[0].ends_with("printenv"))
    {
        return match io.env.get(name) {
            Some(value) => {
                io.stdout.push_str(value);
                io.stdout.push('\n');
                Poll::Done(0)
            }
            None => Poll::Done(1),
        };
    }
    let mut names = io.system.container().map_or(Vec::new(), |c| c.variables());
    names.retain(|name| io.env.contains_key(name));
    names.extend(
        io.env
            .keys()
            .filter(|name| !names.contains(name))
            .cloned()
            .collect::<Vec<_>>(),
    );
    for name in names {
        let value = io.env.get(&name).map_or("", String::as_str);
        io.stdout.push_str(&format!("{name}={value}\n"));
    }
    Poll::Done(0)
}

fn which(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut status = i32::from(arguments.len() < 2);
    for name in &arguments[1..] {
        match path::find(name, io.env, io.system) {
            Some(found) => {
                io.stdout.push_str(&found);
                io.stdout.push('\n');
            }
            None => status = 1,
        }
    }
    Poll::Done(status)
}

/// Asks the page to open the editor, by a sequence that terminals pass on.
fn edit(arguments: &[String], io: &mut Io<'_>) -> Poll {
    if io.system.place() != Place::Prompt {
        return not_simulated(arguments, io);
    }
    let Some(file) = arguments[1..].iter().find(|a| !a.starts_with('-')) else {
        return io.fail(&format!("{}: name a file", arguments[0]), 1);
    };
    let path = io.path(file);
    if io
        .system
        .stat(&path)
        .is_ok_and(|m| m.file_type == FileType::Directory)
    {
        return io.fail(&format!("{}: {file}: Is a directory", arguments[0]), 1);
    }
    // The file is there from now on, so that the editor has something to show.
    if let Err(error) = io.system.write(&path, b"", true) {
        io.complain(&arguments[0], file, error);
        return Poll::Done(1);
    }
    let name = path
        .strip_prefix(super::prompt::HOME)
        .unwrap_or(&path)
        .trim_start_matches('/');
    io.stdout
        .push_str(&format!("\u{1b}]petset;edit;{name}\u{7}"));
    Poll::Done(0)
}

/// `hostname`
fn hostname(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let name = io.system.hostname();
    let option = arguments.get(1).map(String::as_str).unwrap_or("");
    let text = match (option, io.system.container()) {
        ("-i" | "-I", Some(container)) => container.pod_ip(),
        ("-f" | "--fqdn", Some(container)) => match container.addresses(&name) {
            Some((full, _)) => full,
            None => name,
        },
        ("-d", Some(container)) => match container.addresses(&name) {
            Some((full, _)) => full
                .split_once('.')
                .map_or(String::new(), |(_, domain)| domain.to_owned()),
            None => String::new(),
        },
        ("-s", _) => name.split('.').next().unwrap_or("").to_owned(),
        _ => name,
    };
    io.stdout.push_str(&text);
    io.stdout.push('\n');
    Poll::Done(0)
}
