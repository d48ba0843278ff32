//! `kubectl get --raw` and `kubectl delete --raw`: an address as it is.
//!
//! Upstream: `k8s.io/kubectl/pkg/rawhttp/raw.go`.

use super::errors::{Error, quote};
use super::info;
use super::resources;
use super::session::{Io, as_json};
use petset_cluster::api::{Options, Reason, Reply, Request, Status, Subresource, Verb};
use serde_json::{Value, json};

/// Answers a request to `address`.
///
/// # Errors
/// What the API answers, or an address that is not simulated.
pub(crate) fn ask(verb: Verb, address: &str, io: &mut Io<'_, '_>) -> Result<String, Error> {
    if !address.starts_with('/') {
        return Err(Error::plain(format!(
            "--raw must be a valid URL path: parse {}: invalid URI for request",
            quote(address)
        )));
    }
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
    let value = match words.as_slice() {
        ["healthz" | "livez" | "readyz"] if query.is_empty() => return Ok("ok".to_owned()),
        ["version"] => info::server_version(),
        ["api", "v1", rest @ ..] => object("v1", rest, (verb, query), io)?,
        ["apis", group, version, rest @ ..] => {
            object(&format!("{group}/{version}"), rest, (verb, query), io)?
        }
        [
            "api" | "apis" | "openapi" | "metrics" | "logs" | "healthz" | "livez" | "readyz",
            ..,
        ] => {
            return Err(Error::not_simulated(format!("--raw {address}")));
        }
        _ => return Err(no_such_address()),
    };
    Ok(format!("{}\n", petset_manifest::to_json_compact_go(&value)))
}

fn no_such_address() -> Error {
    Error::Status(Status {
        reason: Some(Reason::NotFound),
        ..Status::bad_request("the server could not find the requested resource")
    })
}

fn object(
    api_version: &str,
    words: &[&str],
    (verb, query): (Verb, &str),
    io: &mut Io<'_, '_>,
) -> Result<Value, Error> {
    let (namespace, rest) = match words {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let Some(plural) = rest.first() else {
        return Err(Error::not_simulated("--raw for the list of resources"));
    };
    let resource = resources::all()
        .find(|resource| resource.plural == *plural && resource.api_version == api_version)
        .ok_or_else(no_such_address)?;
    let kind = resource
        .simulated()
        .ok_or_else(|| Error::not_simulated(resource.kind))?;
    let name = rest.get(1).copied().unwrap_or("");
    let verb = match (verb, name) {
        (Verb::Get, "") => Verb::List,
        (verb, _) => verb,
    };
    let mut request = Request::new(verb, kind, namespace, name);
    request.subresource = match rest.get(2) {
        None => None,
        Some(&"status") => Some(Subresource::Status),
        Some(&"scale") => Some(Subresource::Scale),
        Some(part) => return Err(Error::not_simulated(format!("{} {part}", resource.kind))),
    };
    request.options = options(query)?;
    Ok(match io.request(request)? {
        Reply::List {
            items,
            resource_version,
        } => json!({
            "kind": format!("{}List", resource.kind),
            "apiVersion": api_version,
            "metadata": {"resourceVersion": resource_version.to_string()},
            "items": items.iter().map(|item| item.to_json()).collect::<Vec<Value>>(),
        }),
        reply => as_json(&reply),
    })
}

fn options(query: &str) -> Result<Options, Error> {
    let mut options = Options::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = value
            .replace("%3D", "=")
            .replace("%3d", "=")
            .replace("%2C", ",")
            .replace("%20", " ");
        match name {
            "labelSelector" => options.label_selector = value,
            "fieldSelector" => options.field_selector = value,
            "pretty" | "timeoutSeconds" => {}
            other => return Err(Error::not_simulated(format!("--raw with {other}"))),
        }
    }
    Ok(options)
}
