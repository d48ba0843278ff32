//! `kubectl create service`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create_service.go`.

use crate::kubectl::errors::{Error, quote};
use crate::kubectl::flags::Parsed;
use petset_cluster::api::validation::names;
use serde_json::{Value, json};

/// The service that the flags describe, without its name.
///
/// # Errors
/// Ports that are none, or flags that are missing.
pub(super) fn service(parsed: &Parsed, name: &str, kind: &str) -> Result<Value, Error> {
    let mut spec = json!({"selector": {"app": name}, "type": kind});
    if kind == "ExternalName" {
        let external = parsed.text("external-name");
        if !names::dns1123_subdomain(external).is_empty() {
            return Err(Error::plain(format!(
                "invalid service external name {external}"
            )));
        }
        spec["externalName"] = json!(external);
    }
    let address = parsed.text("clusterip");
    let ports = parsed.list("tcp");
    if ports.is_empty() && address != "None" && kind != "ExternalName" {
        return Err(Error::plain(
            "at least one tcp port specifier must be provided",
        ));
    }
    let mut list = Vec::new();
    for text in ports {
        let (port, target) = read(text)?;
        let mut entry = json!({
            "name": text.replace(':', "-"), "port": port, "protocol": "TCP", "targetPort": target,
        });
        if kind == "NodePort" && parsed.number("node-port") > 0 {
            entry["nodePort"] = json!(parsed.number("node-port"));
        }
        list.push(entry);
    }
    if !list.is_empty() {
        spec["ports"] = Value::Array(list);
    }
    if !address.is_empty() {
        spec["clusterIP"] = json!(address);
    }
    Ok(json!({
        "metadata": {"labels": {"app": name}},
        "spec": spec,
        "status": {"loadBalancer": {}},
    }))
}

/// `PORT` or `PORT:TARGET`; what stands behind a second colon is left out.
fn read(text: &str) -> Result<(u16, Value), Error> {
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or("");
    let port: u16 = first.parse().map_err(|_| {
        let digits = !first.is_empty() && first.chars().all(|c| c.is_ascii_digit());
        let why = if digits {
            "value out of range"
        } else {
            "invalid syntax"
        };
        Error::plain(format!(
            "strconv.ParseUint: parsing {}: {why}",
            quote(first)
        ))
    })?;
    let Some(target) = parts.next() else {
        return Ok((port, json!(port)));
    };
    let problems = match target.parse::<i32>() {
        Ok(number) => match names::port_number(number) {
            None => return Ok((port, json!(number))),
            Some(why) => vec![why.to_owned()],
        },
        Err(_) => match names::port_name(target) {
            none if none.is_empty() => return Ok((port, json!(target))),
            problems => problems,
        },
    };
    Err(Error::plain(problems.join(",")))
}
