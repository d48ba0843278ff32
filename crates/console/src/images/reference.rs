//! Names of images.

/// The full name of a reference: with registry, and with a tag unless it has a digest.
pub(super) fn full_name(reference: &str) -> String {
    let (name, rest) = split(reference);
    let first = name.split('/').next().unwrap_or("");
    let has_registry =
        name.contains('/') && (first.contains('.') || first.contains(':') || first == "localhost");
    let name = match (has_registry, name.contains('/')) {
        (true, _) => name.to_owned(),
        (false, true) => format!("docker.io/{name}"),
        (false, false) => format!("docker.io/library/{name}"),
    };
    let name = match name.strip_prefix("docker.io/") {
        Some(rest) if !rest.contains('/') => format!("docker.io/library/{rest}"),
        _ => name,
    };
    match rest {
        "" => format!("{name}:latest"),
        rest => format!("{name}{rest}"),
    }
}

/// The name and what follows it, beginning with `:` or `@`.
pub(super) fn split(reference: &str) -> (&str, &str) {
    let (before, digest) = match reference.find('@') {
        Some(at) => reference.split_at(at),
        None => (reference, ""),
    };
    let slash = before.rfind('/').map_or(0, |at| at + 1);
    match before[slash..].find(':') {
        Some(at) => reference.split_at(slash + at),
        None => (before, digest),
    }
}
