//! The images: names, tags, files, what they run.

use super::reference;
use petset_cluster::kubelet::process::ImageInfo;
use std::collections::BTreeMap;

/// Where programs are looked for.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a program's file begins with.
const PROGRAM: &[u8] = b"\x7fELF";

/// The programs of BusyBox.
const BUSYBOX: &str = "[ ash awk basename busybox cat chmod chown clear cp cut date df diff dirname echo egrep env false find getent \
grep head hostname id kill ln ls mkdir mount mv nc nl nslookup ping printenv printf ps pwd rev rm rmdir sed seq sh sleep sort \
stat tac tail tar tee test time timeout top touch tr true uname uniq vi watch wc wget which whoami xargs yes";

/// The programs of Debian's images.
const DEBIAN: &str = "[ awk basename bash cat chmod chown cp cut date df diff dirname echo egrep env false find getent grep head \
hostname id kill ln ls mkdir mount mv nl printenv printf ps pwd rev rm rmdir sed seq sh sleep sort stat tac tail tar tee test \
timeout touch tr true uname uniq wc which whoami xargs yes";

/// What an image is made of.
struct Kind {
    /// The last part of its name, or all of it after the registry.
    name: &'static str,
    /// Versions that exist: the least and the greatest major and minor number.
    versions: ((u32, u32), (u32, u32)),
    /// Tags that are words.
    words: &'static [&'static str],
    size_mib: u64,
    base: Base,
    /// More programs.
    programs: &'static str,
    entrypoint: &'static [&'static str],
    cmd: &'static [&'static str],
    stop_signal: i32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    Debian,
    /// By the image's own version.
    BusyBox,
    Alpine,
    Nothing,
}

const fn kind(
    name: &'static str,
    versions: ((u32, u32), (u32, u32)),
    size_mib: u64,
    base: Base,
) -> Kind {
    Kind {
        name,
        versions,
        words: &[],
        size_mib,
        base,
        programs: "",
        entrypoint: &[],
        cmd: &[],
        stop_signal: 0,
    }
}

/// The size of the nginx image in the recordings.
const NGINX_BYTES: u64 = 74_640_091;

const NGINX: Kind = Kind {
    words: &["stable", "mainline", "perl", "bookworm"],
    programs: "nginx curl",
    cmd: &["nginx", "-g", "daemon off;"],
    stop_signal: 3,
    ..kind("nginx", ((1, 7), (1, 29)), 71, Base::Debian)
};

/// The images that are known.
static KINDS: &[Kind] = &[
    NGINX,
    Kind {
        programs: "nginx curl dig nslookup",
        ..Kind {
            name: "nginx-slim",
            versions: ((0, 1), (0, 27)),
            ..NGINX
        }
    },
    Kind {
        words: &["stable", "unstable", "glibc", "musl", "uclibc"],
        cmd: &["sh"],
        ..kind("busybox", ((1, 21), (1, 37)), 4, Base::BusyBox)
    },
    Kind {
        words: &["edge"],
        cmd: &["/bin/sh"],
        ..kind("alpine", ((3, 1), (3, 23)), 8, Base::Alpine)
    },
    Kind {
        words: &[
            "stable", "bookworm", "bullseye", "trixie", "buster", "sid", "testing",
        ],
        cmd: &["bash"],
        ..kind("debian", ((8, 0), (13, 99)), 117, Base::Debian)
    },
    Kind {
        words: &["bookworm", "bullseye"],
        cmd: &["bash"],
        ..kind("debian-base", ((0, 0), (99, 99)), 50, Base::Debian)
    },
    Kind {
        words: &["jammy", "noble", "focal", "rolling"],
        cmd: &["/bin/bash"],
        ..kind("ubuntu", ((14, 4), (25, 10)), 78, Base::Debian)
    },
    Kind {
        programs: "curl",
        entrypoint: &["curl"],
        ..kind("curl", ((7, 60), (8, 99)), 20, Base::Alpine)
    },
    Kind {
        programs: "dig nslookup curl nc ping",
        cmd: &["sleep", "infinity"],
        ..kind("jessie-dnsutils", ((1, 0), (1, 7)), 110, Base::Debian)
    },
    Kind {
        programs: "dig nslookup curl nc ping",
        cmd: &["sleep", "3600"],
        ..kind("dnsutils", ((1, 0), (1, 7)), 110, Base::Debian)
    },
    Kind {
        programs: "curl dig",
        entrypoint: &["/agnhost"],
        cmd: &["pause"],
        ..kind("agnhost", ((2, 0), (2, 63)), 50, Base::BusyBox)
    },
    Kind {
        programs: "httpd-foreground httpd",
        cmd: &["httpd-foreground"],
        stop_signal: 28,
        ..kind("httpd", ((2, 2), (2, 4)), 56, Base::Debian)
    },
    Kind {
        programs: "redis-server redis-cli",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["redis-server"],
        ..kind("redis", ((3, 0), (8, 99)), 45, Base::Debian)
    },
    Kind {
        programs: "mysqld mysql mysqladmin mysqldump",
        words: &["oracle", "lts", "innovation"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["mysqld"],
        ..kind("mysql", ((5, 5), (9, 99)), 245, Base::Debian)
    },
    Kind {
        programs: "mariadbd mariadb mysql",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["mariadbd"],
        ..kind("mariadb", ((5, 5), (12, 99)), 120, Base::Debian)
    },
    Kind {
        programs: "postgres psql pg_isready",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["postgres"],
        stop_signal: 2,
        ..kind("postgres", ((9, 0), (18, 99)), 150, Base::Debian)
    },
    Kind {
        programs: "mongod mongo mongosh",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["mongod"],
        ..kind("mongo", ((3, 0), (8, 99)), 280, Base::Debian)
    },
    Kind {
        entrypoint: &["/pause"],
        ..kind("pause", ((3, 0), (3, 10)), 1, Base::Nothing)
    },
    Kind {
        programs: "curl node",
        cmd: &["sleep", "infinity"],
        ..kind("luksa/kiada", ((0, 1), (0, 10)), 100, Base::Debian)
    },
    Kind {
        programs: "curl",
        cmd: &["sleep", "infinity"],
        ..kind("luksa/quiz-api", ((0, 1), (0, 10)), 20, Base::Debian)
    },
    Kind {
        programs: "curl",
        cmd: &["sleep", "infinity"],
        ..kind("luksa/quiz-questions", ((0, 1), (0, 10)), 20, Base::Debian)
    },
];

/// The image of a full name; `None` when its registry has none.
pub(super) fn image(full_name: &str) -> Option<ImageInfo> {
    let (name, rest) = reference::split(full_name);
    let tag = rest.split('@').next().unwrap_or("").trim_start_matches(':');
    let (registry, path) = name.split_once('/').unwrap_or(("", name));
    let last = path.rsplit('/').next().unwrap_or(path);
    let official = matches!(
        registry,
        "docker.io"
            | "public.ecr.aws"
            | "registry.k8s.io"
            | "k8s.gcr.io"
            | "gcr.io"
            | "quay.io"
            | "mirror.gcr.io"
    );
    let wanted = |kind: &&Kind| match kind.name {
        "curl" => path == "curlimages/curl" || path == "curl/curl",
        name if name.contains('/') => path == name,
        name => last == name && (registry != "docker.io" || path == format!("library/{name}")),
    };
    if official && let Some(kind) = KINDS.iter().find(wanted) {
        return tag_exists(kind, tag).then(|| build(kind, full_name, tag));
    }
    // The official folder is known as a whole; so is a name that says that it does not exist.
    if path.starts_with("library/") && registry == "docker.io"
        || path.starts_with("nosuch")
        || registry == "registry.k8s.io"
        || registry == "k8s.gcr.io"
    {
        return None;
    }
    let mut unknown = build(&UNKNOWN, full_name, tag);
    unknown.known = false;
    Some(unknown)
}

const UNKNOWN: Kind = Kind {
    programs: "curl",
    cmd: &["sleep", "infinity"],
    ..kind("", ((0, 0), (0, 0)), 100, Base::Debian)
};

/// Whether a tag exists: a word, or a version in range, each with or without a flavour after `-`.
fn tag_exists(kind: &Kind, tag: &str) -> bool {
    let first = tag.split('-').next().unwrap_or("");
    if tag.is_empty() || first == "latest" || first == "alpine" || kind.words.contains(&first) {
        return true;
    }
    match version(first) {
        Some((major, minor)) => {
            let at = (major, minor.unwrap_or(kind.versions.1.1.min(99)));
            let least = (
                kind.versions.0.0,
                if minor.is_none() {
                    0
                } else {
                    kind.versions.0.1
                },
            );
            least <= at && at <= kind.versions.1
        }
        None => false,
    }
}

fn version(text: &str) -> Option<(u32, Option<u32>)> {
    let mut numbers = text.trim_start_matches('v').split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = match numbers.next() {
        Some(minor) => Some(minor.parse().ok()?),
        None => None,
    };
    numbers
        .all(|n| n.parse::<u32>().is_ok())
        .then_some((major, minor))
}

fn build(kind: &Kind, full_name: &str, tag: &str) -> ImageInfo {
    let mut info = ImageInfo {
        full_name: full_name.to_owned(),
        digest: digest(full_name),
        size_bytes: match kind.name {
            "nginx" => NGINX_BYTES,
            _ => kind.size_mib << 20,
        },
        entrypoint: kind.entrypoint.iter().map(|&s| s.to_owned()).collect(),
        cmd: kind.cmd.iter().map(|&s| s.to_owned()).collect(),
        env: vec![("PATH".to_owned(), PATH.to_owned())],
        stop_signal: kind.stop_signal,
        known: true,
        ..ImageInfo::default()
    };
    let base = match kind.base {
        Base::Debian if tag.contains("alpine") => Base::Alpine,
        base => base,
    };
    match base {
        Base::Debian => debian(&mut info),
        Base::BusyBox => {
            let minor = match kind.name {
                "busybox" => {
                    version(tag.split('-').next().unwrap_or("")).and_then(|(_, minor)| minor)
                }
                _ => None,
            };
            busybox(&mut info, minor.unwrap_or(37));
        }
        Base::Alpine => {
            busybox(&mut info, 37);
            info.files.insert(
                "/etc/os-release".to_owned(),
                b"NAME=\"Alpine Linux\"\nID=alpine\nPRETTY_NAME=\"Alpine Linux v3.22\"\n".to_vec(),
            );
        }
        Base::Nothing => {
            info.files.insert("/pause".to_owned(), PROGRAM.to_vec());
        }
    }
    let folder = if base == Base::Debian {
        "/usr/bin"
    } else {
        "/bin"
    };
    for name in kind.programs.split_whitespace() {
        info.files
            .insert(format!("{folder}/{name}"), PROGRAM.to_vec());
    }
    own_files(kind, tag, &mut info);
    info
}

/// What only some images have.
fn own_files(kind: &Kind, tag: &str, info: &mut ImageInfo) {
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
        "mysql" | "mariadb" => info.directories.push("/var/lib/mysql".to_owned()),
        "mongo" => info.directories.push("/data/db".to_owned()),
        "postgres" => info.directories.push("/var/lib/postgresql/data".to_owned()),
        "redis" => info.directories.push("/data".to_owned()),
        _ => {}
    }
    if kind.entrypoint == ["docker-entrypoint.sh"] {
        info.files.insert(
            "/usr/local/bin/docker-entrypoint.sh".to_owned(),
            b"#!/bin/sh\nexec \"$@\"\n".to_vec(),
        );
    }
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

fn debian(info: &mut ImageInfo) {
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

fn busybox(info: &mut ImageInfo, minor: u32) {
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

/// A digest that belongs to a name alone; the bytes of images are no part of the simulation.
fn digest(name: &str) -> String {
    let mut text = "sha256:".to_owned();
    for round in 0..4u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325 ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in name.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            hash ^= hash >> 29;
        }
        text.push_str(&format!("{hash:016x}"));
    }
    text
}
