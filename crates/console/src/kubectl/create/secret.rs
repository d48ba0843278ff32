//! `kubectl create secret docker-registry` and `create secret tls`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create_secret_docker.go`, `create_secret_tls.go`.

use super::generate::base64;
use super::sources::{self, Holder};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use crate::kubectl::session::Io;
use serde_json::{Map, Value, json};

const DOCKER_KEY: &str = ".dockerconfigjson";

/// The credentials for a registry, or the file that holds them.
///
/// # Errors
/// Flags that are missing, or a file that is not there.
pub(super) fn docker_registry(
    parsed: &Parsed,
    name: &str,
    io: &Io<'_, '_>,
) -> Result<Value, Error> {
    let text = |flag: &str| parsed.text(flag);
    let (user, password) = (text("docker-username"), text("docker-password"));
    let server = text("docker-server");
    let files = parsed.list("from-file");
    let data = if files.is_empty() {
        if user.is_empty() || password.is_empty() || server.is_empty() {
            return Err(Error::plain(
                "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
            ));
        }
        let mut fields = vec![("username", user), ("password", password)];
        if !text("docker-email").is_empty() {
            fields.push(("email", text("docker-email")));
        }
        let auth = base64(format!("{user}:{password}").as_bytes());
        fields.push(("auth", &auth));
        // In the order of Go's struct.
        let fields: Vec<String> = fields
            .iter()
            .map(|(key, value)| format!("\"{key}\":{}", compact(value)))
            .collect();
        let whole = format!(
            "{{\"auths\":{{{}:{{{}}}}}}}",
            compact(server),
            fields.join(",")
        );
        Map::from_iter([(DOCKER_KEY.to_owned(), json!(base64(whole.as_bytes())))])
    } else {
        let mut named = parsed.clone();
        let source = files.last().map_or("", String::as_str);
        if !source.contains('=') {
            named.replace("from-file", format!("{DOCKER_KEY}={source}"));
        }
        sources::data(&named, name, Holder::Secret, io)?
    };
    Ok(json!({"data": data, "type": "kubernetes.io/dockerconfigjson"}))
}

fn compact(text: &str) -> String {
    petset_manifest::to_json_compact_go(&json!(text))
}

/// A certificate and its key. That they belong together is not looked at.
///
/// # Errors
/// Files that are not there or are no PEM.
pub(super) fn tls(parsed: &Parsed, io: &Io<'_, '_>) -> Result<Value, Error> {
    let (cert, key) = (parsed.text("cert"), parsed.text("key"));
    if cert.is_empty() || key.is_empty() {
        return Err(Error::plain("key and cert must be specified"));
    }
    let read = |path: &str| {
        let text = io.context.files.get(path.trim_start_matches("./"));
        text.ok_or_else(|| {
            Error::plain(format!(
                "Cannot read file {path}, open {path}: no such file or directory"
            ))
        })
    };
    let (cert, key) = (read(cert)?, read(key)?);
    for (text, what) in [(cert, "certificate"), (key, "key")] {
        if !text.contains("-----BEGIN ") {
            return Err(Error::plain(format!(
                "tls: failed to find any PEM data in {what} input"
            )));
        }
    }
    Ok(json!({
        "data": {"tls.crt": base64(cert.as_bytes()), "tls.key": base64(key.as_bytes())},
        "type": "kubernetes.io/tls",
    }))
}
