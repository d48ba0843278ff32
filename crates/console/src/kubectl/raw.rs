//! `--raw` of `kubectl get`, `create`, `replace` and `delete`: an address as it is.
//!
//! Upstream: `k8s.io/kubectl/pkg/rawhttp/raw.go`.

use super::errors::{Error, not_found, quote};
use super::flags::Parsed;
use super::info;
use super::resources;
use super::session::{Io, as_json};
use petset_cluster::api::discovery::documents;
use petset_cluster::api::paging::Paging;
use petset_cluster::api::{Body, Options, Request, Status, Subresource, Verb};
use serde_json::{Value, json};

/// Answers a request to `address`.
///
/// # Errors
/// What the API answers, or an address that is not simulated.
pub(crate) fn ask(
    verb: Verb,
    address: &str,
    body: Body,
    io: &mut Io<'_, '_>,
) -> Result<String, Error> {
    if !address.starts_with('/') {
        return Err(Error::plain(format!(
            "--raw must be a valid URL path: parse {}: invalid URI for request",
            quote(address)
        )));
    }
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
    let told = match words.as_slice() {
        _ if verb != Verb::Get => None,
        ["healthz" | "livez" | "readyz"] => return Ok("ok".to_owned()),
        ["version"] => Some(info::server_version()),
        ["api"] => Some(documents::versions("127.0.0.1:6443")),
        ["apis"] => Some(documents::group_list()),
        ["apis", group] => documents::group(group),
        ["api", "v1"] => documents::resource_list("v1"),
        ["apis", group, version] => documents::resource_list(&format!("{group}/{version}")),
        _ => None,
    };
    let request = (verb, query, body);
    let value = match words.as_slice() {
        _ if told.is_some() => told.unwrap_or_default(),
        ["api", "v1", rest @ ..] if !rest.is_empty() => object("v1", rest, request, io)?,
        ["apis", group, version, rest @ ..] if !rest.is_empty() => {
            object(&format!("{group}/{version}"), rest, request, io)?
        }
        ["api" | "apis", ..] => return Err(no_such_address()),
        [
            "openapi" | "metrics" | "logs" | "healthz" | "livez" | "readyz",
            ..,
        ] => {
            return Err(Error::not_simulated(format!("--raw {address}")));
        }
        _ => return Err(no_such_address()),
    };
    Ok(format!("{}\n", petset_manifest::to_json_compact_go(&value)))
}

fn no_such_address() -> Error {
    not_found("the server could not find the requested resource")
}

fn object(
    api_version: &str,
    words: &[&str],
    (verb, query, body): (Verb, &str, Body),
    io: &mut Io<'_, '_>,
) -> Result<Value, Error> {
    let (namespace, rest) = match words {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let Some(plural) = rest.first() else {
        return Err(no_such_address());
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
    let mut paging = Paging::default();
    request.options = options(query, &mut paging)?;
    if verb != Verb::List {
        return Ok(as_json(&io.request(request.with_body(body))?));
    }
    let page = io.cluster().server().page(&request, &paging);
    let page = page.map_err(Error::Status)?;
    let mut meta = json!({"resourceVersion": page.resource_version.to_string()});
    if let Some(token) = page.token {
        meta["continue"] = json!(token);
        if let Some(remaining) = page.remaining {
            meta["remainingItemCount"] = json!(remaining);
        }
    }
    Ok(json!({
        "kind": format!("{}List", resource.kind),
        "apiVersion": api_version,
        "metadata": meta,
        "items": page.items.iter().map(|item| item.to_json()).collect::<Vec<Value>>(),
    }))
}

fn options(query: &str, paging: &mut Paging) -> Result<Options, Error> {
    let mut options = Options::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = plain(value);
        match name {
            "labelSelector" => options.label_selector = value,
            "fieldSelector" => options.field_selector = value,
            "limit" => paging.limit = value.parse().unwrap_or_default(),
            "continue" => paging.token = value,
            "dryRun" => options.dry_run = value == "All",
            "fieldManager" => options.field_manager = Some(value),
            "pretty" | "timeoutSeconds" | "resourceVersion" if value != "1" => {}
            other => return Err(Error::not_simulated(format!("--raw with {other}"))),
        }
    }
    Ok(options)
}

/// A word without percent signs; what they make no text of stays as it is.
fn plain(word: &str) -> String {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some(first) = rest.as_bytes().first() {
        let coded = rest.strip_prefix('%').and_then(|rest| rest.get(..2));
        match coded.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                let as_it_is = if *first == b'+' { " " } else { &rest[..length] };
                bytes.extend(as_it_is.bytes());
                rest = &rest[length..];
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| word.to_owned())
}

/// What `create --raw` and `replace --raw` send: the one file that `-f` names.
///
/// # Errors
/// Flags that do not fit, or a file that is not there or no object.
pub(crate) fn body(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<Body, Error> {
    let names = parsed.list("filename");
    if names.is_empty() && !parsed.changed("kustomize") {
        return Err(Error::plain("must specify one of -f and -k"));
    }
    let [name] = names else {
        return Err(Error::plain(
            "--raw can only use a single local file or stdin",
        ));
    };
    let why = if name.starts_with("http://") || name.starts_with("https://") {
        "--raw cannot read from a url"
    } else if parsed.is("recursive") {
        "--raw and --recursive are mutually exclusive"
    } else if !parsed.text("selector").is_empty() {
        "--raw and --selector (-l) are mutually exclusive"
    } else if !parsed.text("output").is_empty() {
        "--raw and --output are mutually exclusive"
    } else {
        ""
    };
    if !why.is_empty() {
        return Err(Error::plain(why));
    }
    let text = match name.as_str() {
        "-" => std::mem::take(&mut io.context.stdin.text),
        name => match io.context.files.get(name.trim_start_matches("./")) {
            Some(text) => text.clone(),
            None => {
                return Err(Error::plain(format!(
                    "open {name}: no such file or directory"
                )));
            }
        },
    };
    let (documents, errors) = petset_manifest::read(&text);
    if let Some(error) = errors.first() {
        return Err(Error::Status(Status::bad_request(&error.message)));
    }
    let first = documents.into_iter().next();
    Ok(Body::Json(
        first.map_or(Value::Null, |document| document.value),
    ))
}
