//! What database servers answer: their version, and who they are.

use super::Io;
use super::databases::{Kind, Protocol};
use petset_cluster::network::http::{HttpRequest, HttpResponse};

/// The status of an answer to somebody who may not ask.
pub(super) const DENIED: u16 = 401;
/// The status of an answer to what is not simulated.
const NOT_SIMULATED: u16 = 501;

/// The version that stands in a program's file, or in that of the server that comes with it.
pub(super) fn version_of(program: &str, io: &mut Io<'_>) -> String {
    for folder in ["/usr/bin", "/bin"] {
        if let Ok(bytes) = io.system.read(&format!("{folder}/{program}")) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            return text.trim_start_matches("\u{7f}ELF").to_owned();
        }
    }
    String::new()
}

/// What a server answers to its own clients; `None` to others, which hang up.
pub(super) fn answer(kind: &Kind, request: &HttpRequest, io: &mut Io<'_>) -> Option<HttpResponse> {
    if request.method != name(kind.protocol) {
        return None;
    }
    let header = |name: &str| {
        let mut headers = request.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let (user, password) = (
        header("user").unwrap_or_default(),
        header("password").unwrap_or_default(),
    );
    let reply = |status: u16, body: String| {
        Some(HttpResponse {
            status,
            headers: Vec::new(),
            body: body.into_bytes(),
        })
    };
    let first = |names: &[&str]| names.iter().find_map(|name| io.env.get(*name).cloned());
    let expected = match kind.protocol {
        Protocol::MySql
            if user != "root" && Some(&user) == first(&["MYSQL_USER", "MARIADB_USER"]).as_ref() =>
        {
            first(&["MYSQL_PASSWORD", "MARIADB_PASSWORD"])
        }
        Protocol::MySql if user != "root" => return reply(DENIED, user),
        Protocol::MySql => first(&["MYSQL_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD"]),
        Protocol::Postgres => {
            let known = first(&["POSTGRES_USER"]).unwrap_or_else(|| "postgres".to_owned());
            if user != known {
                return reply(DENIED, user);
            }
            None
        }
        _ => None,
    };
    if request.path != "/ping" && expected.is_some_and(|expected| expected != password) {
        return reply(DENIED, user);
    }
    let version = version_of(kind.program, io);
    let query = String::from_utf8_lossy(&request.body).into_owned();
    match result(kind, &query, &version, &io.system.hostname()) {
        Some((column, value)) => reply(200, format!("{column}\n{value}")),
        None => reply(NOT_SIMULATED, query),
    }
}

/// The name of a protocol, as requests carry it.
pub(super) fn name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::MySql => "mysql",
        Protocol::Postgres => "postgres",
        Protocol::Mongo => "mongo",
        Protocol::Redis => "redis",
    }
}

/// The column and the value of one of the few queries.
fn result(kind: &Kind, query: &str, version: &str, hostname: &str) -> Option<(String, String)> {
    let text = query.trim().trim_end_matches(';').trim();
    let low = text.to_lowercase();
    let pair = |column: &str, value: &str| Some((column.to_owned(), value.to_owned()));
    let column = text
        .split_once(char::is_whitespace)
        .map_or(text, |(_, rest)| rest.trim());
    let mariadb = kind.program == "mariadbd";
    let full = match mariadb {
        true => format!("{version}-MariaDB-ubu2404"),
        false => version.to_owned(),
    };
    match (kind.protocol, low.as_str()) {
        (Protocol::MySql, "select version()" | "select @@version") => pair(column, &full),
        (Protocol::MySql, "select @@hostname") => pair(column, hostname),
        (Protocol::MySql | Protocol::Postgres, "select 1") => pair(
            if kind.protocol == Protocol::MySql {
                "1"
            } else {
                "?column?"
            },
            "1",
        ),
        (Protocol::Postgres, "select version()") => pair(
            "version",
            &format!(
                "PostgreSQL {version} (Debian {version}-1.pgdg12+1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit"
            ),
        ),
        (Protocol::Postgres, "show server_version") => pair(
            "server_version",
            &format!("{version} (Debian {version}-1.pgdg12+1)"),
        ),
        (Protocol::Mongo, "db.version()") => pair("", version),
        (Protocol::Mongo, text) if text.starts_with("db.") && text.contains("ping") => {
            pair("", "{ ok: 1 }")
        }
        (Protocol::Redis, "ping") => pair("", "PONG"),
        (Protocol::Redis, "info" | "info server") => pair(
            "",
            &format!(
                "# Server\r\nredis_version:{version}\r\nredis_mode:standalone\r\ntcp_port:{}\r\n",
                kind.port
            ),
        ),
        (_, "") => pair("", ""),
        _ => None,
    }
}
