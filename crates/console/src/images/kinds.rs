//! The images that are known, as data.

/// What an image is made of.
pub(super) struct Kind {
    /// The last part of its name, or all of it after the registry.
    pub(super) name: &'static str,
    /// Versions that exist: the least and the greatest major and minor number.
    pub(super) versions: ((u32, u32), (u32, u32)),
    /// Tags that are words.
    pub(super) words: &'static [&'static str],
    pub(super) size_mib: u64,
    pub(super) base: Base,
    /// More programs.
    pub(super) programs: &'static str,
    pub(super) entrypoint: &'static [&'static str],
    pub(super) cmd: &'static [&'static str],
    pub(super) stop_signal: i32,
    /// Whom it runs as; empty for root.
    pub(super) user: &'static str,
    /// Where it starts; empty for `/`.
    pub(super) working_dir: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
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
        user: "",
        working_dir: "",
    }
}

/// A program of a book that runs under Node.
const fn node(name: &'static str, versions: ((u32, u32), (u32, u32))) -> Kind {
    Kind {
        programs: "curl node",
        entrypoint: &["node", "app.js"],
        ..kind(name, versions, 250, Base::Debian)
    }
}

const NGINX: Kind = Kind {
    words: &["stable", "mainline", "perl", "bookworm"],
    programs: "nginx curl",
    cmd: &["nginx", "-g", "daemon off;"],
    stop_signal: 3,
    ..kind("nginx", ((1, 7), (1, 29)), 71, Base::Debian)
};

/// The images that are known.
pub(super) static KINDS: &[Kind] = &[
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
        user: "100:101",
        ..kind("curl", ((7, 60), (8, 99)), 20, Base::Alpine)
    },
    Kind {
        programs: "dig host nslookup curl nc ping",
        cmd: &["sleep", "infinity"],
        ..kind("jessie-dnsutils", ((1, 0), (1, 7)), 110, Base::Debian)
    },
    Kind {
        programs: "dig host nslookup",
        cmd: &["bash"],
        ..kind("tutum/dnsutils", ((1, 0), (1, 0)), 200, Base::Debian)
    },
    Kind {
        programs: "dig host nslookup curl nc ping",
        cmd: &["sleep", "3600"],
        ..kind("dnsutils", ((1, 0), (1, 7)), 110, Base::Debian)
    },
    Kind {
        programs: "bash curl dig host nslookup nc",
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
        programs: "mariadbd mariadb mariadb-admin mysql mysqladmin",
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
        programs: "stress",
        cmd: &["stress"],
        ..kind("polinux/stress", ((1, 0), (1, 0)), 4, Base::Alpine)
    },
    node("luksa/kiada", ((0, 1), (0, 10))),
    node("luksa/kubia", ((1, 0), (4, 99))),
    node("luksa/kubia-pet", ((1, 0), (1, 0))),
    node("luksa/kubia-pet-peers", ((1, 0), (1, 0))),
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

/// An image that nobody knows: a shell container.
pub(super) const UNKNOWN: Kind = Kind {
    programs: "curl",
    cmd: &["sleep", "infinity"],
    ..kind("", ((0, 0), (0, 0)), 100, Base::Debian)
};
