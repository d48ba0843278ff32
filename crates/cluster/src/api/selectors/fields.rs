//! `metadata.name=web-0,status.phase!=Running`.

use crate::object::{Kind, Object};

/// Conditions on the few fields that each kind lets itself be selected by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: String,
    value: String,
    equal: bool,
}

impl FieldSelector {
    /// Reads a selector for objects of `kind`.
    ///
    /// # Errors
    /// The API server's words for a text that is none, and for fields that the kind cannot be selected by.
    pub fn parse(kind: Kind, text: &str) -> Result<FieldSelector, String> {
        let mut parts = split_terms(text);
        parts.sort_unstable();
        let mut terms = Vec::new();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            let (field, equal, value) = split_term(part)
                .ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{part}'"))?;
            let value = unescape(value)?;
            if !is_selectable(kind, field) {
                return Err(if has_own_fields(kind) {
                    format!("field label not supported: {field}")
                } else {
                    format!(
                        "\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                    )
                });
            }
            terms.push(Term {
                field: field.to_owned(),
                value,
                equal,
            });
        }
        Ok(FieldSelector { terms })
    }

    /// Whether an object fits.
    pub fn matches(&self, object: &Object) -> bool {
        self.terms
            .iter()
            .all(|term| (value_of(object, &term.field) == term.value) == term.equal)
    }
}

fn split_terms(text: &str) -> Vec<&str> {
    let mut terms = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                terms.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

fn split_term(term: &str) -> Option<(&str, bool, &str)> {
    for (at, _) in term.char_indices() {
        for (operator, equal) in [("!=", false), ("==", true), ("=", true)] {
            if let Some(value) = term[at..].strip_prefix(operator) {
                return Some((&term[..at], equal, value));
            }
        }
    }
    None
}

fn unescape(value: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some(escaped @ ('\\' | ',' | '=')) => plain.push(escaped),
                Some(other) => {
                    return Err(format!(
                        "invalid field selector: invalid escape sequence: \\{other}"
                    ));
                }
                None => {
                    return Err("invalid field selector: invalid escape sequence: \\".to_owned());
                }
            },
            '=' | ',' => {
                return Err(format!(
                    "invalid field selector: unescaped character in value: {letter}"
                ));
            }
            other => plain.push(other),
        }
    }
    Ok(plain)
}

fn has_own_fields(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Job
            | Kind::Pod
            | Kind::Node
            | Kind::Event
            | Kind::Namespace
            | Kind::Secret
            | Kind::Service
    )
}

fn is_selectable(kind: Kind, field: &str) -> bool {
    if field == "metadata.name" {
        return true;
    }
    if field == "metadata.namespace" {
        return !matches!(kind, Kind::Node | Kind::Namespace);
    }
    match kind {
        Kind::Pod => matches!(
            field,
            "spec.nodeName"
                | "spec.restartPolicy"
                | "spec.schedulerName"
                | "spec.serviceAccountName"
                | "spec.hostNetwork"
                | "status.phase"
                | "status.podIP"
                | "status.podIPs"
                | "status.nominatedNodeName"
        ),
        Kind::Node => field == "spec.unschedulable",
        Kind::Job => field == "status.successful",
        Kind::Namespace => field == "status.phase",
        Kind::Secret => field == "type",
        Kind::Service => matches!(field, "spec.clusterIP" | "spec.type"),
        Kind::Event => matches!(
            field,
            "involvedObject.kind"
                | "involvedObject.namespace"
                | "involvedObject.name"
                | "involvedObject.uid"
                | "involvedObject.apiVersion"
                | "involvedObject.resourceVersion"
                | "involvedObject.fieldPath"
                | "reason"
                | "reportingComponent"
                | "source"
                | "type"
        ),
        _ => false,
    }
}

fn value_of(object: &Object, field: &str) -> String {
    match field {
        "metadata.name" => return object.name().to_owned(),
        "metadata.namespace" => return object.namespace().to_owned(),
        _ => {}
    }
    let text = match object {
        Object::Pod(pod) => {
            let (spec, status) = (pod.spec.as_ref(), pod.status.as_ref());
            match field {
                "spec.nodeName" => spec.and_then(|spec| spec.node_name.clone()),
                "spec.restartPolicy" => spec.and_then(|spec| spec.restart_policy.clone()),
                "spec.schedulerName" => spec.and_then(|spec| spec.scheduler_name.clone()),
                "spec.serviceAccountName" => {
                    spec.and_then(|spec| spec.service_account_name.clone())
                }
                "spec.hostNetwork" => {
                    spec.map(|spec| (spec.host_network == Some(true)).to_string())
                }
                "status.phase" => status.and_then(|status| status.phase.clone()),
                "status.podIP" | "status.podIPs" => status.and_then(|status| status.pod_ip.clone()),
                _ => status.and_then(|status| status.nominated_node_name.clone()),
            }
        }
        Object::Node(node) => node
            .spec
            .as_ref()
            .map(|spec| (spec.unschedulable == Some(true)).to_string())
            .or_else(|| Some("false".to_owned())),
        Object::Job(job) => {
            let status = job.status.as_ref();
            let succeeded = status.and_then(|status| status.succeeded);
            Some(succeeded.unwrap_or(0).to_string())
        }
        Object::Namespace(namespace) => namespace.status.as_ref().and_then(|s| s.phase.clone()),
        Object::Secret(secret) => secret.type_.clone(),
        Object::Service(service) => service.spec.as_ref().and_then(|spec| match field {
            "spec.clusterIP" => spec.cluster_ip.clone(),
            _ => spec.type_.clone(),
        }),
        Object::Event(event) => {
            let about = &event.involved_object;
            match field {
                "involvedObject.kind" => about.kind.clone(),
                "involvedObject.namespace" => about.namespace.clone(),
                "involvedObject.name" => about.name.clone(),
                "involvedObject.uid" => about.uid.clone(),
                "involvedObject.apiVersion" => about.api_version.clone(),
                "involvedObject.resourceVersion" => about.resource_version.clone(),
                "involvedObject.fieldPath" => about.field_path.clone(),
                "reason" => event.reason.clone(),
                "type" => event.type_.clone(),
                _ => event
                    .source
                    .as_ref()
                    .and_then(|source| source.component.clone())
                    .filter(|component| !component.is_empty())
                    .or_else(|| event.reporting_component.clone()),
            }
        }
        _ => None,
    };
    text.unwrap_or_default()
}
