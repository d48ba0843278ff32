//! Variables out of a file that another container has left in an `emptyDir`.
//!
//! Upstream: `pkg/kubelet/util/env/env_util.go`, `makeEnvironmentVariables` in `pkg/kubelet/kubelet_pods.go`.

use super::pod::PodWorker;
use crate::storage::{DiskId, Disks};
use k8s_openapi::api::core::v1 as core;

/// The value of a key; none for an optional one that is not there.
///
/// # Errors
/// The file or the key is missing, or the file is not as it has to be.
pub(super) fn value(
    worker: &PodWorker,
    reference: &core::FileKeySelector,
    disks: &Disks,
) -> Result<Option<String>, String> {
    let volume = &reference.volume_name;
    let volumes = worker.spec().and_then(|spec| spec.volumes.as_ref());
    let mut directories = volumes.into_iter().flatten();
    if !directories.any(|known| known.name == *volume && known.empty_dir.is_some()) {
        return Err(format!(
            "cannot find the volume {volume:?} referenced by FileKeyRef"
        ));
    }
    let path = reference.path.trim_matches('/');
    let disk = disks.get(&DiskId::ephemeral(&worker.uid, volume));
    let bytes = disk.and_then(|disk| disk.files.bytes(&format!("/{path}")));
    let text = bytes.map(String::from_utf8_lossy);
    let found = text.and_then(|text| parse(&text, &reference.key));
    let value = found.ok_or("couldn't parse env file")?;
    if !value.is_empty() {
        return Ok(Some(value));
    }
    if reference.optional == Some(true) {
        return Ok(None);
    }
    let key = &reference.key;
    let uid = &worker.uid;
    Err(format!(
        "environment variable key {key:?} not found in file \"/var/lib/kubelet/pods/{uid}/volumes/kubernetes.io~empty-dir/{volume}/{path}\""
    ))
}

/// The value of a key in lines of `KEY='value'`, which may go over several lines; empty without such a key. None when
/// a line before it is not of that form.
fn parse(text: &str, key: &str) -> Option<String> {
    let blank = [' ', '\t'];
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start_matches(blank);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, rest) = line.split_once('=')?;
        if name.is_empty() || name.ends_with(blank) {
            return None;
        }
        if rest.starts_with(blank) {
            // As a shell reads it: the variable is empty.
            if name == key {
                return Some(String::new());
            }
            continue;
        }
        let mut rest = rest.strip_prefix('\'')?;
        let mut value = String::new();
        let after = loop {
            if let Some((end, after)) = rest.split_once('\'') {
                value.push_str(end);
                break after.trim_start_matches(blank);
            }
            value.push_str(rest);
            value.push('\n');
            rest = lines.next()?;
        };
        if !after.is_empty() && !after.starts_with('#') {
            return None;
        }
        if name == key {
            return Some(value);
        }
    }
    Some(String::new())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lines_of_a_file() {
        for (text, found) in [
            ("A='1'", Some("1")),
            ("# c\n\n  A='1' # why\nB='2'", Some("1")),
            ("B='2'\nA='x\ny'", Some("x\ny")),
            ("B='2'", Some("")),
            ("A= '1'", Some("")),
            ("A ='1'", None),
            ("A=1", None),
            ("A='1", None),
            ("A='1'2", None),
            ("='1'", None),
            ("A", None),
            ("", Some("")),
        ] {
            assert_eq!(parse(text, "A").as_deref(), found, "{text}");
        }
    }
}
