//! The clients of the database servers: `mysql`, `mysqladmin`, `psql`, `pg_isready`, `mongosh`, `redis-cli`. They ask for the
//! version and whether anybody is there.

use super::database_answers::{DENIED, name, version_of};
use super::databases::Protocol;
use super::{Io, Poll};
use petset_cluster::network::http::{ConnectError, HttpRequest};

/// What a command line asks for, whichever client it is.
#[derive(Default)]
struct Asked {
    host: String,
    port: Option<u16>,
    user: String,
    password: Option<String>,
    query: Option<String>,
    quiet: bool,
    bare: bool,
    operands: Vec<String>,
}

/// Reads a command line by the options that take a value: `name` or `letter` and what they set.
fn read(arguments: &[String], client: &str, io: &Io<'_>) -> Asked {
    let mut asked = Asked::default();
    if client != "psql" && client != "pg_isready" {
        asked.password = io.env.get("MYSQL_PWD").cloned();
    }
    let mut rest = arguments.iter().skip(1).peekable();
    while let Some(argument) = rest.next() {
        let (name, glued) = split(argument);
        let mut value = || match &glued {
            Some(value) => value.clone(),
            None => rest.next().cloned().unwrap_or_default(),
        };
        match (client, name.as_str()) {
            ("mysql" | "mysqladmin", "-p" | "--password") => {
                asked.password = Some(glued.unwrap_or_default())
            }
            ("psql" | "pg_isready" | "redis-cli", "-p") | (_, "-P" | "--port") => {
                asked.port = value().parse().ok()
            }
            (_, "-h" | "--host") => asked.host = value(),
            ("psql" | "pg_isready", "-U" | "--username")
            | ("mysql" | "mysqladmin", "-u" | "--user") => asked.user = value(),
            ("psql", "-d" | "--dbname") | ("mysql", "-D" | "--database") | ("redis-cli", "-a") => {
                value();
            }
            ("mysql", "-e" | "--execute") | ("psql", "-c" | "--command") | ("mongo", "--eval") => {
                asked.query = Some(value())
            }
            ("psql", "-tAc" | "-Atc") => {
                asked.bare = true;
                asked.query = Some(value());
            }
            ("psql", "-t" | "-A" | "-tA" | "-At") | ("mysql", "-N" | "-sN" | "-Ns" | "-BN") => {
                asked.bare = true
            }
            (_, "--quiet" | "-q" | "-s" | "--silent") => asked.quiet = true,
            (_, name) if name.starts_with('-') && name.len() > 1 => {}
            _ => asked.operands.push(argument.clone()),
        }
    }
    asked
}

/// An option with the value that is glued to it.
fn split(argument: &str) -> (String, Option<String>) {
    if let Some((name, value)) = argument
        .split_once('=')
        .filter(|(name, _)| name.starts_with("--"))
    {
        return (name.to_owned(), Some(value.to_owned()));
    }
    let letter = argument
        .chars()
        .nth(1)
        .filter(|_| argument.starts_with('-') && !argument.starts_with("--"));
    match letter {
        Some('h' | 'P' | 'u' | 'p' | 'U' | 'd') if argument.len() > 2 => {
            (argument[..2].to_owned(), Some(argument[2..].to_owned()))
        }
        _ => (argument.to_owned(), None),
    }
}

/// Asks a server; its answer's status and text.
fn ask(
    asked: &Asked,
    protocol: Protocol,
    path: &str,
    port: u16,
    io: &mut Io<'_>,
) -> Result<(u16, String), ConnectError> {
    let host = if asked.host.is_empty() {
        "127.0.0.1"
    } else {
        &asked.host
    };
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let request = HttpRequest {
        method: name(protocol).to_owned(),
        host: host.to_owned(),
        port: asked.port.unwrap_or(port),
        path: path.to_owned(),
        headers: vec![
            header("user", &asked.user),
            header("password", asked.password.as_deref().unwrap_or("")),
        ],
        body: asked.query.clone().unwrap_or_default().into_bytes(),
        remote_address: String::new(),
    };
    let mut failure = ConnectError::UnknownHost;
    for address in io.system.network().addresses(host) {
        match io.system.network().request(address, &request) {
            Ok(response) => {
                let body = String::from_utf8_lossy(&response.body).into_owned();
                return Ok((response.status, body));
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// `mysql`, `mariadb`
pub(super) fn mysql(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut asked = read(arguments, "mysql", io);
    let given = arguments.iter().any(|argument| {
        argument.starts_with("-p") && argument.len() > 2 || argument.starts_with("--password=")
    });
    if given && !arguments[0].ends_with("mariadb") {
        io.stderr.push_str(
            "mysql: [Warning] Using a password on the command line interface can be insecure.\n",
        );
    }
    if asked.user.is_empty() {
        "root".clone_into(&mut asked.user);
    }
    if asked.query.is_none() {
        match io.input() {
            Some(text) if !io.stdin.terminal => asked.query = Some(text),
            _ => return io.fail("mysql: not simulated here: typing queries; use -e", 1),
        }
    }
    let local = asked.host.is_empty() || asked.host == "localhost";
    match ask(&asked, Protocol::MySql, "/", 3306, io) {
        Ok((200, body)) => {
            let (column, value) = body.split_once('\n').unwrap_or(("", &body));
            let text = match (io.terminal, asked.bare) {
                (_, true) => format!("{value}\n"),
                (true, false) => boxed(column, value),
                (false, false) => format!("{column}\n{value}\n"),
            };
            if !column.is_empty() {
                io.stdout.push_str(&text);
            }
            Poll::Done(0)
        }
        Ok((DENIED, _)) => {
            let words = denied(&asked, local);
            io.fail(&format!("ERROR 1045 (28000): {words}"), 1)
        }
        Ok(_) => io.fail("ERROR: not simulated here: queries other than SELECT VERSION(), SELECT @@hostname and SELECT 1", 1),
        Err(_) if local => io.fail("ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)", 1),
        Err(ConnectError::UnknownHost) => io.fail(&format!("ERROR 2005 (HY000): Unknown MySQL server host '{}' (-2)", asked.host), 1),
        Err(_) => {
            let port = asked.port.unwrap_or(3306);
            io.fail(&format!("ERROR 2003 (HY000): Can't connect to MySQL server on '{}:{port}' (111)", asked.host), 1)
        }
    }
}

fn denied(asked: &Asked, local: bool) -> String {
    let from = if local { "localhost" } else { "%" };
    let using = if asked
        .password
        .as_ref()
        .is_some_and(|password| !password.is_empty())
    {
        "YES"
    } else {
        "NO"
    };
    format!(
        "Access denied for user '{}'@'{from}' (using password: {using})",
        asked.user
    )
}

/// A table of one column and one row, with lines around.
fn boxed(column: &str, value: &str) -> String {
    let width = column.len().max(value.len());
    let line = format!("+{}+\n", "-".repeat(width + 2));
    format!("{line}| {column:width$} |\n{line}| {value:width$} |\n{line}")
}

/// `mysqladmin`, `mariadb-admin`
pub(super) fn mysqladmin(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut asked = read(arguments, "mysqladmin", io);
    if asked.user.is_empty() {
        "root".clone_into(&mut asked.user);
    }
    asked.query = None;
    match asked.operands.first().map(String::as_str) {
        Some("ping" | "status") => {}
        _ => {
            return io.fail(
                "mysqladmin: not simulated here: commands other than ping",
                1,
            );
        }
    }
    let local = asked.host.is_empty() || asked.host == "localhost";
    let host = if local { "localhost" } else { &asked.host }.to_owned();
    let failed = format!("mysqladmin: connect to server at '{host}' failed\nerror: ");
    match ask(&asked, Protocol::MySql, "/", 3306, io) {
        Ok((DENIED, _)) => {
            let words = denied(&asked, local);
            io.fail(&format!("{failed}'{words}'"), 0)
        }
        Ok(_) => {
            io.stdout.push_str("mysqld is alive\n");
            Poll::Done(0)
        }
        Err(_) if local => io.fail(&format!("{failed}'Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)'\nCheck that mysqld is running and that the socket: '/var/run/mysqld/mysqld.sock' exists!"), 1),
        Err(_) => {
            let port = asked.port.unwrap_or(3306);
            io.fail(&format!("{failed}'Can't connect to MySQL server on '{host}:{port}' (111)'\nCheck that mysqld is running on {host} and that the port is {port}.\nYou can check this by doing 'telnet {host} {port}'"), 1)
        }
    }
}

/// `psql`
pub(super) fn psql(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut asked = read(arguments, "psql", io);
    if asked.user.is_empty() {
        asked.user = io
            .env
            .get("PGUSER")
            .cloned()
            .unwrap_or_else(|| "root".to_owned());
    }
    if asked.query.is_none() {
        match io.input() {
            Some(text) if !io.stdin.terminal => asked.query = Some(text),
            _ => return io.fail("psql: not simulated here: typing queries; use -c", 1),
        }
    }
    let port = asked.port.unwrap_or(5432);
    let to = match asked.host.is_empty() {
        true => format!("on socket \"/var/run/postgresql/.s.PGSQL.{port}\""),
        false => format!("at \"{}\", port {port}", asked.host),
    };
    let failed = format!("psql: error: connection to server {to} failed: ");
    match ask(&asked, Protocol::Postgres, "/", 5432, io) {
        Ok((200, body)) => {
            let (column, value) = body.split_once('\n').unwrap_or(("", &body));
            let text = match asked.bare {
                true => format!("{value}\n"),
                false => psql_table(column, value),
            };
            if !column.is_empty() {
                io.stdout.push_str(&text);
            }
            Poll::Done(0)
        }
        Ok((DENIED, user)) => io.fail(&format!("{failed}FATAL:  role \"{user}\" does not exist"), 2),
        Ok(_) => io.fail("ERROR:  not simulated here: queries other than SELECT version(), SHOW server_version and SELECT 1", 1),
        Err(ConnectError::UnknownHost) => io.fail(&format!("psql: error: could not translate host name \"{}\" to address: Name or service not known", asked.host), 2),
        Err(_) if asked.host.is_empty() => io.fail(&format!("{failed}No such file or directory\n\tIs the server running locally and accepting connections on that socket?"), 2),
        Err(_) => io.fail(&format!("{failed}Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?"), 2),
    }
}

fn psql_table(column: &str, value: &str) -> String {
    let width = column.len().max(value.len());
    let left = (width - column.len()) / 2;
    let right = width - column.len() - left;
    let value = match value.parse::<i64>() {
        Ok(_) => format!("{value:>width$}"),
        Err(_) => value.to_owned(),
    };
    format!(
        " {}{column}{} \n-{}-\n {value}\n(1 row)\n\n",
        " ".repeat(left),
        " ".repeat(right),
        "-".repeat(width)
    )
}

/// `pg_isready`
pub(super) fn pg_isready(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let asked = read(arguments, "pg_isready", io);
    let port = asked.port.unwrap_or(5432);
    let place = match asked.host.is_empty() {
        true => format!("/var/run/postgresql:{port}"),
        false => format!("{}:{port}", asked.host),
    };
    let (words, status) = match ask(&asked, Protocol::Postgres, "/ping", 5432, io) {
        Ok(_) => ("accepting connections", 0),
        Err(_) => ("no response", 2),
    };
    if !asked.quiet {
        io.stdout.push_str(&format!("{place} - {words}\n"));
    }
    Poll::Done(status)
}

/// `mongosh` and the older `mongo`
pub(super) fn mongo(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut asked = read(arguments, "mongo", io);
    if asked.query.is_none() {
        match io.input() {
            Some(text) if !io.stdin.terminal => asked.query = Some(text),
            _ => {
                return io.fail(
                    "mongosh: not simulated here: typing commands; use --eval",
                    1,
                );
            }
        }
    }
    let host = if asked.host.is_empty() {
        "127.0.0.1".to_owned()
    } else {
        asked.host.clone()
    };
    match ask(&asked, Protocol::Mongo, "/", 27017, io) {
        Ok((200, body)) => {
            let value = body
                .split_once('\n')
                .map_or(body.as_str(), |(_, value)| value);
            let value = match arguments[0].ends_with("mongo") {
                true => value.replace("{ ok: 1 }", "{ \"ok\" : 1 }"),
                false => value.to_owned(),
            };
            io.stdout.push_str(&format!("{value}\n"));
            Poll::Done(0)
        }
        Ok(_) => io.fail(
            "mongosh: not simulated here: commands other than db.version() and a ping",
            1,
        ),
        Err(ConnectError::UnknownHost) => io.fail(
            &format!("MongoNetworkError: getaddrinfo ENOTFOUND {host}"),
            1,
        ),
        Err(_) => {
            let port = asked.port.unwrap_or(27017);
            io.fail(
                &format!("MongoNetworkError: connect ECONNREFUSED {host}:{port}"),
                1,
            )
        }
    }
}

/// `redis-cli`
pub(super) fn redis_cli(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut asked = read(arguments, "redis-cli", io);
    if arguments
        .iter()
        .any(|argument| matches!(argument.as_str(), "-v" | "--version"))
    {
        let line = format!("redis-cli {}\n", version_of("redis-server", io));
        io.stdout.push_str(&line);
        return Poll::Done(0);
    }
    if asked.operands.is_empty() {
        return io.fail(
            "redis-cli: not simulated here: typing commands; name one",
            1,
        );
    }
    asked.query = Some(asked.operands.join(" "));
    match ask(&asked, Protocol::Redis, "/", 6379, io) {
        Ok((200, body)) => {
            let value = body.split_once('\n').map_or("", |(_, value)| value);
            io.stdout.push_str(&format!("{value}\n"));
            Poll::Done(0)
        }
        Ok(_) => {
            io.stdout
                .push_str("(error) not simulated here: commands other than PING and INFO\n");
            Poll::Done(1)
        }
        Err(error) => {
            let host = if asked.host.is_empty() {
                "127.0.0.1"
            } else {
                &asked.host
            };
            let port = asked.port.unwrap_or(6379);
            let why = match error {
                ConnectError::UnknownHost => "Name or service not known",
                _ => "Connection refused",
            };
            io.fail(
                &format!("Could not connect to Redis at {host}:{port}: {why}"),
                1,
            )
        }
    }
}
