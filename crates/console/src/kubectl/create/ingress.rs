//! `kubectl create ingress`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create_ingress.go`.

use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use serde_json::{Map, Value, json};

/// `host/path=service:port[,tls[=secret]]`, taken apart.
struct Rule<'a> {
    host: &'a str,
    path: &'a str,
    backend: &'a str,
    tls: Option<&'a str>,
}

/// The ingress that the flags describe, without its name.
///
/// # Errors
/// Flags that are missing or of another form.
pub(super) fn ingress(parsed: &Parsed) -> Result<Value, Error> {
    let (default, texts) = (parsed.text("default-backend"), parsed.list("rule"));
    if default.is_empty() && texts.is_empty() {
        return Err(Error::plain(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)",
        ));
    }
    let mut rules = Vec::new();
    for text in texts {
        rules.push(rule(text).ok_or_else(|| {
            Error::plain(format!(
                "rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
            ))
        })?);
    }
    let mut annotations = Map::new();
    for text in parsed.list("annotation") {
        let Some((key, value)) = text.split_once('=') else {
            return Err(Error::plain(format!(
                "annotation {text} is invalid and should be in format key=[value]"
            )));
        };
        annotations.insert(key.to_owned(), json!(value));
    }
    let mut spec = json!({});
    if !default.is_empty() {
        if default.split(':').count() != 2 {
            return Err(Error::plain(
                "default-backend should be in format servicename:serviceport",
            ));
        }
        spec["defaultBackend"] = backend(default);
    }
    if !parsed.text("class").is_empty() {
        spec["ingressClassName"] = json!(parsed.text("class"));
    }
    let (hosts, tls) = (hosts(&rules), tls(&rules));
    if !hosts.is_empty() {
        spec["rules"] = json!(hosts);
    }
    if !tls.is_empty() {
        spec["tls"] = json!(tls);
    }
    let mut object = json!({"spec": spec, "status": {"loadBalancer": {}}});
    if !annotations.is_empty() {
        object["metadata"] = json!({"annotations": annotations});
    }
    Ok(object)
}

/// A rule; none if it has another form.
fn rule(text: &str) -> Option<Rule<'_>> {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let (plain, tls) = match text.split_once(',') {
        Some((plain, tls)) => (
            plain,
            Some(tls.split_once('=').map_or("", |(_, secret)| secret)),
        ),
        None => (text, None),
    };
    let (host, path) = plain.split_once('/')?;
    let (path, backend) = path.split_once('=')?;
    let (service, port) = backend.split_once(':')?;
    let named = |text: &str| text.chars().next().is_some_and(word);
    let fits = host.chars().all(|c| word(c) || matches!(c, '*' | '.'))
        && !service.is_empty()
        && service.chars().all(word)
        && named(port);
    fits.then_some(Rule {
        host,
        path,
        backend,
        tls,
    })
}

fn backend(text: &str) -> Value {
    let (name, port) = text.split_once(':').unwrap_or((text, ""));
    let port = match port.parse::<i32>() {
        Ok(number) => json!({"number": number}),
        Err(_) => json!({"name": port}),
    };
    json!({"service": {"name": name, "port": port}})
}

fn hosts(rules: &[Rule<'_>]) -> Vec<Value> {
    let mut hosts: Vec<(&str, Vec<Value>)> = Vec::new();
    for rule in rules {
        let path = match rule.path.strip_suffix('*') {
            Some(path) => {
                json!({"path": format!("/{path}"), "pathType": "Prefix", "backend": backend(rule.backend)})
            }
            None => {
                json!({"path": format!("/{}", rule.path), "pathType": "Exact", "backend": backend(rule.backend)})
            }
        };
        match hosts.iter_mut().find(|(host, _)| *host == rule.host) {
            Some((_, paths)) => paths.push(path),
            None => hosts.push((rule.host, vec![path])),
        }
    }
    let value = |(host, paths): (&str, Vec<Value>)| {
        let mut value = json!({"http": {"paths": paths}});
        if !host.is_empty() {
            value["host"] = json!(host);
        }
        value
    };
    hosts.into_iter().map(value).collect()
}

fn tls(rules: &[Rule<'_>]) -> Vec<Value> {
    let mut seen: Vec<&str> = Vec::new();
    let mut entries: Vec<(Vec<&str>, &str)> = Vec::new();
    for rule in rules {
        let Some(secret) = rule.tls.filter(|_| !seen.contains(&rule.host)) else {
            continue;
        };
        seen.push(rule.host);
        let known = entries.iter_mut().find(|(_, of)| *of == secret);
        if let Some((hosts, _)) = known {
            hosts.push(rule.host);
        } else if !rule.host.is_empty() || !secret.is_empty() {
            let host = Some(rule.host).filter(|host| !host.is_empty());
            entries.push((host.into_iter().collect(), secret));
        }
    }
    let value = |(hosts, secret): (Vec<&str>, &str)| {
        let mut value = json!({});
        if !hosts.is_empty() {
            value["hosts"] = json!(hosts);
        }
        if !secret.is_empty() {
            value["secretName"] = json!(secret);
        }
        value
    };
    entries.into_iter().map(value).collect()
}
