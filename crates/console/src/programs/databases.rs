//! Database servers, as far as a pod's life shows them: their files, what they say at their start, who may connect, their
//! version. What they hold is not simulated, and they say so.

use super::database_answers::{answer, version_of};
use super::database_texts::{self, Texts};
use super::{Io, Program};
use crate::command::{Poll, Until};
use petset_cluster::network::http::{HttpRequest, HttpResponse};
use petset_cluster::{Duration, Instant};

/// How long a database takes to make its files, and to start when they are there.
const FIRST_START: Duration = Duration::secs(4);
const START: Duration = Duration::millis(800);

/// How long a database takes to write what it holds, and to end.
const DATABASE_END: Duration = Duration::millis(2_500);

/// One kind of server.
pub(super) struct Kind {
    /// The program, and the protocol that its clients speak.
    pub program: &'static str,
    pub protocol: Protocol,
    pub port: u16,
    /// Where its data is.
    directory: &'static str,
    /// The variable and the option that name another place.
    directory_variable: &'static str,
    directory_option: &'static str,
    /// What tells that the files were made before.
    marker: &'static str,
    /// The files that it makes; those that end in `/` are directories.
    files: &'static str,
    /// Variables of which one has to be there for the first start, and what is said without.
    needs: &'static [&'static str],
    without: &'static str,
    /// Whether a directory with other files is refused, and the words.
    not_empty: Option<&'static str>,
    texts: Texts,
    ready: &'static str,
    /// The exit code when TERM ends it.
    status: i32,
}

/// Whose words a client and a server speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    MySql,
    Postgres,
    Mongo,
    Redis,
}

const MYSQL_FILES: &str = "#ib_16384_0.dblwr #innodb_redo/ #innodb_temp/ auto.cnf binlog.000001 binlog.index ca-key.pem ca.pem \
client-cert.pem client-key.pem ib_buffer_pool ibdata1 ibtmp1 mysql/ mysql.ibd performance_schema/ private_key.pem public_key.pem \
server-cert.pem server-key.pem sys/ undo_001 undo_002";

const MARIADB_FILES: &str = "aria_log.00000001 aria_log_control ddl_recovery.log ib_buffer_pool ib_logfile0 ibdata1 ibtmp1 \
mariadb_upgrade_info multi-master.info mysql/ performance_schema/ sys/ undo001 undo002 undo003";

const POSTGRES_FILES: &str = "PG_VERSION base/ global/ pg_commit_ts/ pg_dynshmem/ pg_hba.conf pg_ident.conf pg_logical/ pg_multixact/ \
pg_notify/ pg_replslot/ pg_serial/ pg_snapshots/ pg_stat/ pg_stat_tmp/ pg_subtrans/ pg_tblspc/ pg_twophase/ pg_wal/ pg_xact/ \
postgresql.auto.conf postgresql.conf postmaster.opts postmaster.pid";

const MONGO_FILES: &str = "WiredTiger WiredTiger.lock WiredTiger.turtle WiredTiger.wt WiredTigerHS.wt _mdb_catalog.wt \
collection-0-0.wt diagnostic.data/ index-1-0.wt journal/ mongod.lock sizeStorer.wt storage.bson";

const MYSQL_WITHOUT: &str = "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD";

const MARIADB_WITHOUT: &str = "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD";

const POSTGRES_WITHOUT: &str = "Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".\n\n       You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all\n       connections without a password. This is *not* recommended.\n\n       See PostgreSQL documentation about \"trust\":\n       https://www.postgresql.org/docs/current/auth-trust.html";

/// What Redis says when it has saved what it holds.
const REDIS_END: &str = "* User requested shutdown...\n* Saving the final RDB snapshot before exiting.\n* DB saved on disk\n# Redis is now ready to exit, bye bye...";

/// What PostgreSQL says of a fresh file system.
const MOUNT_POINT: &str = "initdb: detail: It contains a lost+found directory, perhaps due to it being a mount point.\ninitdb: hint: Using a mount point directly as the data directory is not recommended.\nCreate a subdirectory under the mount point.";

static KINDS: [Kind; 5] = [
    Kind {
        program: "mysqld",
        protocol: Protocol::MySql,
        port: 3306,
        directory: "/var/lib/mysql",
        directory_variable: "",
        directory_option: "--datadir",
        marker: "mysql",
        files: MYSQL_FILES,
        needs: &[
            "MYSQL_ROOT_PASSWORD",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "MYSQL_RANDOM_ROOT_PASSWORD",
            "MYSQL_ROOT_PASSWORD_FILE",
        ],
        without: MYSQL_WITHOUT,
        not_empty: Some(
            "[ERROR] [MY-010457] [Server] --initialize specified but the data directory has files in it. Aborting.",
        ),
        texts: database_texts::MYSQL,
        ready: "0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: 'VERSION'  socket: '/var/run/mysqld/mysqld.sock'  port: PORT  MySQL Community Server - GPL.",
        status: 0,
    },
    Kind {
        program: "mariadbd",
        protocol: Protocol::MySql,
        port: 3306,
        directory: "/var/lib/mysql",
        directory_variable: "",
        directory_option: "--datadir",
        marker: "mysql",
        files: MARIADB_FILES,
        needs: &[
            "MARIADB_ROOT_PASSWORD",
            "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
            "MARIADB_RANDOM_ROOT_PASSWORD",
            "MARIADB_ROOT_PASSWORD_HASH",
            "MYSQL_ROOT_PASSWORD",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "MYSQL_RANDOM_ROOT_PASSWORD",
            "MARIADB_ROOT_PASSWORD_FILE",
        ],
        without: MARIADB_WITHOUT,
        not_empty: None,
        texts: database_texts::MARIADB,
        ready: "0 [Note] mariadbd: ready for connections.\n>Version: 'VERSION-MariaDB-ubu2404'  socket: '/run/mysqld/mysqld.sock'  port: PORT  mariadb.org binary distribution",
        status: 0,
    },
    Kind {
        program: "postgres",
        protocol: Protocol::Postgres,
        port: 5432,
        directory: "/var/lib/postgresql/data",
        directory_variable: "PGDATA",
        directory_option: "-D",
        marker: "PG_VERSION",
        files: POSTGRES_FILES,
        needs: &[
            "POSTGRES_PASSWORD",
            "POSTGRES_HOST_AUTH_METHOD",
            "POSTGRES_PASSWORD_FILE",
        ],
        without: POSTGRES_WITHOUT,
        not_empty: Some(
            "initdb: error: directory \"DIRECTORY\" exists but is not empty\ninitdb: hint: If you want to create a new database system, either remove or empty the directory \"DIRECTORY\" or run initdb with an argument other than \"DIRECTORY\".",
        ),
        texts: database_texts::POSTGRES,
        ready: "UTC [1] LOG:  database system is ready to accept connections",
        status: 0,
    },
    Kind {
        program: "mongod",
        protocol: Protocol::Mongo,
        port: 27017,
        directory: "/data/db",
        directory_variable: "",
        directory_option: "--dbpath",
        marker: "WiredTiger",
        files: MONGO_FILES,
        needs: &[],
        without: "",
        not_empty: None,
        texts: database_texts::NOTHING,
        ready: "",
        status: 0,
    },
    Kind {
        program: "redis-server",
        protocol: Protocol::Redis,
        port: 6379,
        directory: "/data",
        directory_variable: "",
        directory_option: "--dir",
        marker: "dump.rdb",
        files: "",
        needs: &[],
        without: "",
        not_empty: None,
        texts: database_texts::NOTHING,
        ready: "* Ready to accept connections tcp",
        status: 0,
    },
];

/// A server of a program's name.
pub(super) fn server(base: &str, arguments: &[String]) -> Option<Box<dyn Program>> {
    let kind = KINDS.iter().find(|kind| kind.program == base)?;
    Some(Box::new(Database {
        kind,
        arguments: arguments.to_vec(),
        ready_at: None,
        is_ready: false,
        makes: false,
        ends_at: None,
    }))
}

#[derive(Clone)]
struct Database {
    kind: &'static Kind,
    arguments: Vec<String>,
    ready_at: Option<Instant>,
    is_ready: bool,
    /// The files are being made.
    makes: bool,
    ends_at: Option<Instant>,
}

impl Database {
    /// What an option says: `--port 1` and `--port=1`.
    fn option(&self, name: &str) -> Option<&str> {
        let mut rest = self.arguments.iter().skip(1);
        while let Some(argument) = rest.next() {
            if argument == name {
                return rest.next().map(String::as_str);
            }
            let value = argument
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('='));
            if value.is_some() && !name.is_empty() {
                return value;
            }
        }
        None
    }

    fn directory(&self, io: &Io<'_>) -> String {
        let option = self.option(self.kind.directory_option).map(str::to_owned);
        let variable = || io.env.get(self.kind.directory_variable).cloned();
        option
            .or_else(variable)
            .unwrap_or_else(|| self.kind.directory.to_owned())
    }

    /// Says lines of [`Texts`].
    fn tell(&self, lines: &str, io: &mut Io<'_>) {
        if lines.is_empty() {
            return;
        }
        let version = version_of(self.kind.program, io);
        let script = database_texts::script_version(self.kind.program, &version);
        let mut lines = lines
            .replace("VERSION", &version)
            .replace("SCRIPT", &script)
            .replace("DIRECTORY", &self.directory(io))
            .replace("PORT", &self.listens().to_string());
        if self.kind.protocol == Protocol::Postgres {
            let release = major(&version).parse().unwrap_or(0);
            lines = database_texts::of_release(&lines, release);
        }
        for line in lines.lines() {
            match line.split_at_checked(1) {
                Some(("|", line)) => io.stdout.push_str(&format!("{line}\n")),
                Some((">", line)) => io.stderr.push_str(&format!("{line}\n")),
                _ => self.say(line, io),
            }
        }
    }

    fn say(&self, text: &str, io: &mut Io<'_>) {
        let (now, kind) = (io.system.now(), self.kind);
        let line = match kind.protocol {
            // The image's script and MariaDB write their dates without fractions.
            Protocol::MySql if text.contains("] [Entrypoint]: ") => {
                super::time::date_text(io, now, "%Y-%m-%d %H:%M:%S+00:00")
            }
            Protocol::MySql if kind.program == "mariadbd" => {
                super::time::date_text(io, now, "%Y-%m-%d %k:%M:%S")
            }
            Protocol::MySql => super::time::date_text(io, now, "%Y-%m-%dT%H:%M:%S%.6fZ"),
            Protocol::Postgres => super::time::date_text(io, now, "%Y-%m-%d %H:%M:%S%.3f"),
            Protocol::Redis => super::time::date_text(io, now, "1:M %d %b %Y %H:%M:%S%.3f"),
            Protocol::Mongo => String::new(),
        };
        let out = match kind.protocol {
            Protocol::Mongo | Protocol::Redis => &mut *io.stdout,
            _ if text.starts_with("[Note] [Entrypoint]") => &mut *io.stdout,
            _ => &mut *io.stderr,
        };
        out.push_str(format!("{line} {text}\n").trim_start());
    }

    /// Makes the files, if they are not there. Returns how long the start takes, or the exit code.
    fn prepare(&mut self, io: &mut Io<'_>) -> Result<Duration, i32> {
        let (kind, directory) = (self.kind, self.directory(io));
        self.tell(kind.texts.begins, io);
        if io
            .system
            .stat(&format!("{directory}/{}", kind.marker))
            .is_ok()
        {
            self.tell(kind.texts.kept, io);
            return Ok(START);
        }
        let given = |name: &&&str| io.env.get(**name).is_some_and(|value| !value.is_empty());
        if !kind.needs.is_empty() && kind.needs.iter().find(given).is_none() {
            let text = kind.without.to_owned();
            if kind.protocol == Protocol::MySql {
                self.say(&text, io);
            } else {
                io.stderr.push_str(&format!("{text}\n"));
            }
            return Err(1);
        }
        self.tell(kind.texts.makes, io);
        self.makes = true;
        let old = io.system.list(&directory).unwrap_or_default();
        if let (Some(words), false) = (kind.not_empty, old.is_empty()) {
            let mut text = words.replace("DIRECTORY", &directory);
            let mount = old.iter().any(|entry| entry.name == "lost+found");
            if mount && kind.protocol == Protocol::Postgres {
                text = format!(
                    "initdb: error: directory \"{directory}\" exists but is not empty\n{MOUNT_POINT}"
                );
            }
            if kind.protocol == Protocol::MySql {
                self.say(&format!("0 {text}"), io);
                let unusable = format!(
                    "0 [ERROR] [MY-013236] [Server] The designated data directory {directory}/ is unusable. You can remove all files that the server added to it."
                );
                self.say(&unusable, io);
            } else {
                io.stderr.push_str(&format!("{text}\n"));
            }
            return Err(1);
        }
        self.make_files(&directory, io)
    }

    fn make_files(&self, directory: &str, io: &mut Io<'_>) -> Result<Duration, i32> {
        let kind = self.kind;
        let mut path = String::new();
        for part in directory.split('/').filter(|part| !part.is_empty()) {
            path = format!("{path}/{part}");
            // It is there already, most of the time.
            let _ = io.system.make_directory(&path);
        }
        for name in kind.files.split_whitespace() {
            let made = match name.strip_suffix('/') {
                Some(name) => io.system.make_directory(&format!("{path}/{name}")),
                None => {
                    let text = match name {
                        "PG_VERSION" => format!("{}\n", major(&version_of(kind.program, io))),
                        _ => format!("{}: {name}\n", kind.program),
                    };
                    io.system
                        .write(&format!("{path}/{name}"), text.as_bytes(), false)
                }
            };
            if let Err(error) = made {
                let words = format!("{}: {path}/{name}: {}", kind.program, error.message());
                io.stderr.push_str(&format!("{words}\n"));
                return Err(1);
            }
        }
        Ok(match kind.files.is_empty() {
            true => START,
            false => FIRST_START,
        })
    }
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

impl Program for Database {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        if self
            .arguments
            .iter()
            .any(|argument| matches!(argument.as_str(), "--version" | "-V"))
        {
            let line = format!(
                "{} {}\n",
                self.kind.program,
                version_of(self.kind.program, io)
            );
            io.stdout.push_str(&line);
            return Poll::Done(0);
        }
        let now = io.system.now();
        let ready_at = match self.ready_at {
            Some(at) => at,
            None => match self.prepare(io) {
                Ok(span) => *self.ready_at.insert(now + span),
                Err(status) => return Poll::Done(status),
            },
        };
        if let Some(at) = self.ends_at {
            return match now < at {
                true => Poll::Pending(Until::Time(at)),
                false => Poll::Done(self.kind.status),
            };
        }
        if now < ready_at {
            return Poll::Pending(Until::Time(ready_at));
        }
        if !self.is_ready {
            self.is_ready = true;
            if self.makes {
                self.tell(self.kind.texts.made, io);
            }
            let version = version_of(self.kind.program, io);
            let (opens, ready) = match self.kind.program == "mysqld" && version.starts_with("5.") {
                true => database_texts::MYSQL_5,
                false => (self.kind.texts.opens, self.kind.ready),
            };
            self.tell(opens, io);
            if self.kind.protocol == Protocol::Mongo {
                let ready = format!(
                    "{{\"t\":{{\"$date\":\"{}\"}},\"s\":\"I\",  \"c\":\"NETWORK\",  \"id\":23016,   \"ctx\":\"listener\",\"msg\":\"Waiting for connections\",\"attr\":{{\"port\":{},\"ssl\":\"off\"}}}}",
                    super::time::date_text(io, now, "%Y-%m-%dT%H:%M:%S%.3f+00:00"),
                    self.listens()
                );
                self.say(&ready, io);
            }
            self.tell(ready, io);
            self.say(
                &format!(
                    "{}: not simulated here: the data that it holds",
                    self.kind.program
                ),
                io,
            );
        }
        Poll::Pending(Until::Change(None))
    }

    fn signal(&mut self, signal: i32, io: &mut Io<'_>) -> Option<i32> {
        if !matches!(signal, 2 | 3 | 15) {
            return None;
        }
        if self.kind.protocol == Protocol::Redis && self.ends_at.is_none() {
            let path = format!("{}/{}", self.directory(io), self.kind.marker);
            // A disk that is gone or read-only takes no last snapshot.
            let _ = io.system.write(&path, b"REDIS0012\n", false);
            for line in REDIS_END.lines() {
                self.say(line, io);
            }
        }
        let now = io.system.now();
        self.ends_at.get_or_insert(now + DATABASE_END);
        None
    }

    fn ports(&self) -> Vec<u16> {
        match self.is_ready && self.ends_at.is_none() {
            true => vec![self.listens()],
            false => Vec::new(),
        }
    }

    fn serve(&mut self, request: &HttpRequest, io: &mut Io<'_>) -> Option<HttpResponse> {
        answer(self.kind, request, io)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Database {
    fn listens(&self) -> u16 {
        let option = match self.kind.protocol {
            Protocol::Postgres => "-p",
            _ => "--port",
        };
        let given = self.option(option).and_then(|port| port.parse().ok());
        given.unwrap_or(self.kind.port)
    }
}
