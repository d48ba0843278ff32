//! Which images there are: names and tags.

use super::kinds::{Base, KINDS, Kind, UNKNOWN};
use super::layers::{PATH, PROGRAM, busybox, debian, own_files};
use super::reference;
use petset_cluster::kubelet::process::ImageInfo;

/// The size of the nginx image in the recordings.
const NGINX_BYTES: u64 = 74_640_091;

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

pub(super) fn version(text: &str) -> Option<(u32, Option<u32>)> {
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
        user: kind.user.to_owned(),
        working_dir: kind.working_dir.to_owned(),
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
