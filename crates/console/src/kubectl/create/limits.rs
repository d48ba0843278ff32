//! `kubectl create quota`, `priorityclass` and `token`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create_{quota,priorityclass,token}.go`.

use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use petset_cluster::api::quantity::Amount;
use serde_json::{Map, Value, json};

/// The quota that the flags describe, without its name.
///
/// # Errors
/// Amounts or scopes of another form.
pub(super) fn quota(parsed: &Parsed) -> Result<Value, Error> {
    let mut spec = json!({});
    let mut hard = Map::new();
    for pair in words(parsed.text("hard")) {
        let parts: Vec<&str> = pair.split('=').collect();
        let [name, amount] = parts[..] else {
            return Err(Error::plain(format!(
                "Invalid argument syntax {pair}, expected <resource>=<value>"
            )));
        };
        let amount = Amount::parse(amount).map_err(Error::plain)?;
        hard.insert(name.to_owned(), json!(amount.canonical()));
    }
    if !hard.is_empty() {
        spec["hard"] = Value::Object(hard);
    }
    let scopes: Vec<&str> = words(parsed.text("scopes")).collect();
    if scopes.contains(&"") {
        return Err(Error::plain("invalid resource quota scope \"\""));
    }
    if !scopes.is_empty() {
        spec["scopes"] = json!(scopes);
    }
    Ok(json!({"spec": spec, "status": {}}))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(move |_| !text.is_empty())
}

/// The priority class that the flags describe, without its name.
pub(super) fn priority_class(parsed: &Parsed) -> Value {
    let policy = match parsed.text("preemption-policy") {
        "" if !parsed.changed("preemption-policy") => "PreemptLowerPriority",
        policy => policy,
    };
    let mut class = json!({"preemptionPolicy": policy, "value": parsed.number("value")});
    if parsed.is("global-default") {
        class["globalDefault"] = json!(true);
    }
    if !parsed.text("description").is_empty() {
        class["description"] = json!(parsed.text("description"));
    }
    class
}

/// Whether the flags of `create token` fit each other.
///
/// # Errors
/// Which do not.
pub(super) fn check_token(parsed: &Parsed) -> Result<(), Error> {
    let (kind, name, uid) = (
        parsed.text("bound-object-kind"),
        parsed.text("bound-object-name"),
        parsed.text("bound-object-uid"),
    );
    let duration = parsed.micros("duration");
    let why = if duration < 0 {
        "--duration must be greater than or equal to 0"
    } else if duration % 1_000_000 != 0 {
        "--duration cannot be expressed in units less than seconds"
    } else if parsed.list("audience").iter().any(String::is_empty) {
        "--audience must not be an empty string"
    } else if kind.is_empty() && !name.is_empty() {
        "--bound-object-name can only be set if --bound-object-kind is provided"
    } else if kind.is_empty() && !uid.is_empty() {
        "--bound-object-uid can only be set if --bound-object-kind is provided"
    } else if !matches!(kind, "" | "Node" | "Pod" | "Secret") {
        "supported --bound-object-kind values are Node, Pod, Secret"
    } else if !kind.is_empty() && name.is_empty() {
        "--bound-object-name is required if --bound-object-kind is provided"
    } else {
        return Ok(());
    };
    Err(Error::plain(why))
}
