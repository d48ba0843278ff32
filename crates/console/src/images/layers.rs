//! The files of images.

use super::catalogue::version;
use super::kinds::Kind;
use petset_cluster::kubelet::process::ImageInfo;
use std::collections::BTreeMap;

/// Where programs are looked for.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a program's file begins with.
pub(super) const PROGRAM: &[u8] = b"\x7fELF";

/// The programs of BusyBox.
const BUSYBOX: &str = "[ ash awk arch cmp comm dd expr factor fgrep fold groups hexdump install less md5sum mktemp more nice nohup nproc od paste readlink realpath \
sha1sum sha256sum shuf split strings sync truncate tty unlink uptime free pgrep pkill pidof netstat telnet ip ifconfig traceroute \
 base64 basename busybox cat chmod chown clear cp cut date df diff dirname du echo egrep env false find getent \
grep head hostname id kill ln ls mkdir mount mv nc nl nslookup ping printenv printf ps pwd rev rm rmdir sed seq sh sleep sort \
stat tac tail tar tee test time timeout top touch tr true uname uniq vi watch wc wget which whoami xargs yes";

/// The programs of Debian's images.
const DEBIAN: &str = "[ arch cmp comm csplit dd expand expr factor fgrep fold groups install join link md5sum mkfifo mktemp nice nohup nproc \
numfmt od paste pathchk readlink realpath sha1sum sha256sum sha512sum shuf split stdbuf stty sum sync truncate tsort tty unexpand unlink users who \
awk base64 basename bash cat chmod chown cp cut date df diff dirname du echo egrep env false find getent grep head \
hostname id kill ln ls mkdir mount mv nl printenv printf ps pwd rev rm rmdir sed seq sh sleep sort stat tac tail tar tee test \
timeout touch tr true uname uniq wc which whoami xargs yes";

/// What only some images have.
pub(super) fn own_files(kind: &Kind, tag: &str, info: &mut ImageInfo) {
    let mut put = |path: &str, bytes: &[u8]| {
        info.files.insert(path.to_owned(), bytes.to_vec());
    };
    match kind.name {
        "nginx" | "nginx-slim" => {
            let version = match (kind.name, version(tag.split('-').next().unwrap_or(""))) {
                ("nginx", Some((major, Some(minor)))) => {
                    format!("{major}.{minor}.{}", patch(tag, minor))
                }
                _ => "1.29.3".to_owned(),
            };
            put("/usr/bin/nginx", format!("\u{7f}ELF{version}").as_bytes());
            put("/etc/nginx/nginx.conf", b"user  nginx;\nworker_processes  auto;\n\nevents {\n    worker_connections  1024;\n}\n\nhttp {\n    include  /etc/nginx/conf.d/*.conf;\n}\n");
            put("/etc/nginx/conf.d/default.conf", b"server {\n    listen       80;\n    server_name  localhost;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n");
            put("/usr/share/nginx/html/index.html", b"<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n");
            info.directories.push("/var/log/nginx".to_owned());
        }
        "httpd" => put(
            "/usr/local/apache2/htdocs/index.html",
            b"<html><body><h1>It works!</h1></body></html>\n",
        ),
        "agnhost" => put("/agnhost", PROGRAM),
        "luksa/kiada" | "luksa/kubia" | "luksa/kubia-pet" | "luksa/kubia-pet-peers" => {
            let name = kind.name.trim_start_matches("luksa/");
            let text =
                format!("// {name} {tag}\n// not simulated here: its source; what it answers is\n");
            put("/app.js", text.as_bytes());
        }
        "mysql" => database("mysqld", "/var/lib/mysql", kind, tag, info),
        "mariadb" => database("mariadbd", "/var/lib/mysql", kind, tag, info),
        "mongo" => database("mongod", "/data/db", kind, tag, info),
        "redis" => database("redis-server", "/data", kind, tag, info),
        "postgres" => {
            let number = release(kind, tag);
            let major = number.split('.').next().unwrap_or_default();
            let place = match major.parse::<u32>() {
                Ok(18..) => format!("/var/lib/postgresql/{major}/docker"),
                _ => "/var/lib/postgresql/data".to_owned(),
            };
            info.env.push(("PGDATA".to_owned(), place.clone()));
            database("postgres", &place, kind, tag, info);
        }
        _ => {}
    }
}

/// The parts of a database's image: the server, whose file holds its version, the place of its data, and the script that
/// starts it.
fn database(server: &str, data: &str, kind: &Kind, tag: &str, info: &mut ImageInfo) {
    let folder = match info.files.contains_key("/bin/busybox") {
        true => "/bin",
        false => "/usr/bin",
    };
    let version = release(kind, tag);
    let program = format!("\u{7f}ELF{version}");
    info.files
        .insert(format!("{folder}/{server}"), program.into_bytes());
    info.directories.push(data.to_owned());
    if kind.name == "redis" {
        info.working_dir = data.to_owned();
    }
    let script =
        format!("#!/bin/sh\ncase \"$1\" in\n-*) set -- {server} \"$@\" ;;\nesac\nexec \"$@\"\n");
    let path = "/usr/local/bin/docker-entrypoint.sh".to_owned();
    info.files.insert(path, script.into_bytes());
}

/// The last releases of the versions that tags name.
const RELEASES: &str = "mysql 5.6.51 5.7.44 8.0.44 8.4.7 9.0.1 9.1.0 9.2.0 9.3.0 9.4.0 9.5.0
mariadb 10.1.48 10.2.44 10.3.39 10.4.34 10.5.29 10.6.24 10.11.15 11.4.9 11.8.5 12.0.2 12.1.2
postgres 9.6.24 10.23 11.22 12.22 13.23 14.20 15.15 16.11 17.7 18.1
mongo 3.6.23 4.0.28 4.2.24 4.4.30 5.0.32 6.0.27 7.0.28 8.0.17 8.2.3
redis 3.2.12 4.0.14 5.0.14 6.0.20 6.2.21 7.0.15 7.2.12 7.4.7 8.0.5 8.2.3 8.4.0";

/// The version that a tag means: itself if it names all of it, else the last release that begins like it.
fn release(kind: &Kind, tag: &str) -> String {
    let wanted = tag.split('-').next().unwrap_or("");
    let numbers = wanted
        .split('.')
        .filter(|part| part.parse::<u32>().is_ok())
        .count();
    let line = RELEASES
        .lines()
        .find(|line| line.split(' ').next() == Some(kind.name));
    let releases = || line.unwrap_or_default().split(' ').skip(1);
    let parts = releases().last().unwrap_or_default().split('.').count();
    if numbers >= parts.max(2) {
        return wanted.to_owned();
    }
    let fits = |release: &&str| {
        numbers == 0 || *release == wanted || release.starts_with(&format!("{wanted}."))
    };
    let known = releases().filter(fits).last().map(str::to_owned);
    known.unwrap_or_else(|| format!("{wanted}.0"))
}

/// The last release of an nginx version, when the tag does not say.
fn patch(tag: &str, minor: u32) -> u32 {
    let own = tag
        .split('-')
        .next()
        .and_then(|version| version.split('.').nth(2)?.parse().ok());
    own.unwrap_or(match minor {
        21 => 6,
        22 | 18 | 16 => 1,
        19 => 10,
        23 => 4,
        25 | 27 => 5,
        _ => 0,
    })
}

pub(super) fn debian(info: &mut ImageInfo) {
    for name in DEBIAN.split_whitespace() {
        info.files
            .insert(format!("/usr/bin/{name}"), PROGRAM.to_vec());
    }
    for (path, text) in [
        (
            "/etc/os-release",
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n",
        ),
        ("/etc/debian_version", "12.12\n"),
        (
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nnginx:x:101:101:nginx user:/nonexistent:/bin/false\nmysql:x:999:999::/var/lib/mysql:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        ),
        (
            "/etc/group",
            "root:x:0:\nwww-data:x:33:\nnginx:x:101:\nmysql:x:999:\nnogroup:x:65534:\n",
        ),
    ] {
        info.files.insert(path.to_owned(), text.as_bytes().to_vec());
    }
    info.links = BTreeMap::from([
        ("/bin".to_owned(), "usr/bin".to_owned()),
        ("/sbin".to_owned(), "usr/sbin".to_owned()),
        ("/lib".to_owned(), "usr/lib".to_owned()),
    ]);
    for folder in [
        "/home",
        "/mnt",
        "/opt",
        "/root",
        "/srv",
        "/usr/lib",
        "/usr/sbin",
        "/var/log",
        "/var/run",
        "/var/tmp",
    ] {
        info.directories.push(folder.to_owned());
    }
}

pub(super) fn busybox(info: &mut ImageInfo, minor: u32) {
    for name in BUSYBOX.split_whitespace() {
        info.files.insert(format!("/bin/{name}"), PROGRAM.to_vec());
    }
    info.files.insert(
        "/bin/busybox".to_owned(),
        format!("\u{7f}ELF{minor}").into_bytes(),
    );
    for (path, text) in [
        (
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n",
        ),
        ("/etc/group", "root:x:0:\nnogroup:x:65534:\n"),
    ] {
        info.files.insert(path.to_owned(), text.as_bytes().to_vec());
    }
    for folder in [
        "/home",
        "/root",
        "/usr/sbin",
        "/usr/bin",
        "/var/spool",
        "/var/www",
    ] {
        info.directories.push(folder.to_owned());
    }
}
