//! What the images of databases say at their start.
//!
//! A line that begins with `|` is written as it is, one with `>` too, to standard error; others get the date that its writer uses. `VERSION`, `SCRIPT` (the version as the
//! image's script knows it), `DIRECTORY` and `PORT` are filled in.
//!
//! Upstream: `docker-entrypoint.sh` of docker-library/mysql, MariaDB/mariadb-docker and docker-library/postgres, and the servers.

/// What is said around the making of files.
pub(super) struct Texts {
    /// At each start.
    pub begins: &'static str,
    /// Before files are made, after they were, and when they are there already.
    pub makes: &'static str,
    pub made: &'static str,
    pub kept: &'static str,
    /// By the server, before it is ready.
    pub opens: &'static str,
}

pub(super) const NOTHING: Texts = Texts {
    begins: "",
    makes: "",
    made: "",
    kept: "",
    opens: "",
};

pub(super) const MYSQL: Texts = Texts {
    begins: "[Note] [Entrypoint]: Entrypoint script for MySQL Server SCRIPT started.
[Note] [Entrypoint]: Switching to dedicated user 'mysql'
[Note] [Entrypoint]: Entrypoint script for MySQL Server SCRIPT started.",
    makes: "[Note] [Entrypoint]: Initializing database files",
    made: "[Note] [Entrypoint]: Database files initialized
[Note] [Entrypoint]: Starting temporary server
[Note] [Entrypoint]: Temporary server started.
|'/var/lib/mysql/mysql.sock' -> '/var/run/mysqld/mysqld.sock'
|
[Note] [Entrypoint]: Stopping temporary server
[Note] [Entrypoint]: Temporary server stopped
|
[Note] [Entrypoint]: MySQL init process done. Ready for start up.
|",
    kept: "|'/var/lib/mysql/mysql.sock' -> '/var/run/mysqld/mysqld.sock'",
    opens: "0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld VERSION) starting as process 1
1 [System] [MY-013576] [InnoDB] InnoDB initialization has started.
1 [System] [MY-013577] [InnoDB] InnoDB initialization has ended.
0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.
0 [System] [MY-013602] [Server] Channel mysql_main configured to support TLS. Encrypted connections are now supported for this channel.",
};

pub(super) const MARIADB: Texts = Texts {
    begins: "[Note] [Entrypoint]: Entrypoint script for MariaDB Server SCRIPT started.
[Note] [Entrypoint]: Switching to dedicated user 'mysql'
[Note] [Entrypoint]: Entrypoint script for MariaDB Server SCRIPT started.",
    makes: "[Note] [Entrypoint]: Initializing database files",
    made: "[Note] [Entrypoint]: Database files initialized
[Note] [Entrypoint]: Starting temporary server
[Note] [Entrypoint]: Waiting for server startup
[Note] [Entrypoint]: Temporary server started.
[Note] [Entrypoint]: Securing system users (equivalent to running mysql_secure_installation)
|
[Note] [Entrypoint]: Stopping temporary server
[Note] [Entrypoint]: Temporary server stopped
|
[Note] [Entrypoint]: MariaDB init process done. Ready for start up.
|",
    kept: "[Note] [Entrypoint]: MariaDB upgrade not required",
    opens: "0 [Note] Server socket created on IP: '0.0.0.0'.
0 [Note] Server socket created on IP: '::'.",
};

pub(super) const POSTGRES: Texts = Texts {
    begins: "",
    makes: "|The files belonging to this database system will be owned by user \"postgres\".
|This user must also own the server process.
|
|The database cluster will be initialized with locale \"en_US.utf8\".
|The default database encoding has accordingly been set to \"UTF8\".
|The default text search configuration will be set to \"english\".
|
|Data page checksums are CHECKSUMS.
|",
    made: "|fixing permissions on existing directory DIRECTORY ... ok
|creating subdirectories ... ok
|selecting dynamic shared memory implementation ... posix
|selecting default MAX_CONNECTIONS ... 100
|selecting default SHARED_BUFFERS ... 128MB
|selecting default time zone ... Etc/UTC
|creating configuration files ... ok
|running bootstrap script ... ok
|performing post-bootstrap initialization ... ok
|syncing data to disk ... ok
|
|
|Success. You can now start the database server using:
|
|    pg_ctl -D DIRECTORY -l logfile start
|
|
|PostgreSQL init process complete; ready for start up.
|",
    kept: "|
|PostgreSQL Database directory appears to contain a database; Skipping initialization
|",
    opens: "UTC [1] LOG:  starting PostgreSQL VERSION (Debian VERSION-1.pgdg12+1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit
UTC [1] LOG:  listening on IPv4 address \"0.0.0.0\", port PORT
UTC [1] LOG:  listening on IPv6 address \"::\", port PORT
UTC [1] LOG:  listening on Unix socket \"/var/run/postgresql/.s.PGSQL.PORT\"",
};

/// What MySQL says before 8.0, and that it is ready.
pub(super) const MYSQL_5: (&str, &str) = (
    "0 [Note] mysqld (mysqld VERSION) starting as process 1 ...",
    "0 [Note] mysqld: ready for connections.
>Version: 'VERSION'  socket: '/var/run/mysqld/mysqld.sock'  port: PORT  MySQL Community Server (GPL)",
);

/// The version that the script of an image names: that of the package.
pub(super) fn script_version(program: &str, version: &str) -> String {
    match (program, version.starts_with("5.")) {
        ("mariadbd", _) => format!("1:{version}+maria~ubu2404"),
        ("mysqld", true) => format!("{version}-1.el7"),
        ("mysqld", false) => format!("{version}-1.el9"),
        _ => version.to_owned(),
    }
}

/// What PostgreSQL's releases say differently.
pub(super) fn of_release(text: &str, major: u32) -> String {
    let quoted = |name: &str| match major {
        ..17 => name.to_owned(),
        17.. => format!("\"{name}\""),
    };
    let checksums = if major < 18 { "disabled" } else { "enabled" };
    text.replace("CHECKSUMS", checksums)
        .replace("MAX_CONNECTIONS", &quoted("max_connections"))
        .replace("SHARED_BUFFERS", &quoted("shared_buffers"))
}
