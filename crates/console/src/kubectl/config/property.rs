//! `kubectl config set` and `unset`: a path with dots.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/config/navigation_step_parser.go`.

use super::{LISTS, entry_mut, remove};
use crate::kubectl::errors::Error;
use serde_json::{Value, json};

/// The fields that a path may end with.
const FIELDS: [(&str, &[&str]); 3] = [
    (
        "clusters",
        &[
            "server",
            "tls-server-name",
            "insecure-skip-tls-verify",
            "certificate-authority",
            "certificate-authority-data",
            "proxy-url",
            "disable-compression",
        ],
    ),
    ("contexts", &["cluster", "user", "namespace"]),
    (
        "users",
        &[
            "client-certificate",
            "client-certificate-data",
            "client-key",
            "client-key-data",
            "token",
            "tokenFile",
            "username",
            "password",
        ],
    ),
];

/// Sets what a path leads to, or removes it.
///
/// # Errors
/// A path that leads nowhere, or a value where none can stand.
pub(super) fn set(config: &mut Value, path: &str, value: Option<&str>) -> Result<(), Error> {
    if path == "current-context" {
        config["current-context"] = json!(value.unwrap_or(""));
        return Ok(());
    }
    let nowhere = || Error::plain(format!("unable to parse {path} after [] at api.Config"));
    let mut parts = path.splitn(2, '.');
    let list = parts.next().unwrap_or("");
    let Some((list, fields)) = FIELDS.iter().find(|(of, _)| *of == list) else {
        return Err(nowhere());
    };
    let rest = parts.next().unwrap_or("");
    // Names may hold dots; the field is what stands behind the last that names one.
    let split = rest
        .rsplit_once('.')
        .filter(|(_, field)| fields.contains(field));
    let (name, field) = match split {
        Some((name, field)) => (name, field),
        None => (rest, ""),
    };
    match (field, value) {
        ("", None) if rest.is_empty() => {
            config[*list] = json!([]);
            Ok(())
        }
        ("", None) => {
            remove(config, list, name);
            Ok(())
        }
        ("", Some(_)) if LISTS.iter().any(|(of, _)| of == list) => Err(Error::plain(format!(
            "unable to parse {path} after [] at api.Config"
        ))),
        (field, value) => {
            let map = entry_mut(config, list, name).and_then(Value::as_object_mut);
            let map = map.ok_or_else(nowhere)?;
            match value {
                None => {
                    map.remove(field);
                }
                Some(value)
                    if matches!(value, "true" | "false") && field.starts_with("insecure") =>
                {
                    map.insert(field.to_owned(), json!(value == "true"));
                }
                Some(value) => {
                    map.insert(field.to_owned(), json!(value));
                }
            }
            Ok(())
        }
    }
}
