//! `kubectl create poddisruptionbudget`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create_pdb.go`.

use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use petset_cluster::api::selectors::{Operator, Selector};
use serde_json::{Map, Value, json};

/// The budget that the flags describe, without its name.
///
/// # Errors
/// Flags that are missing or do not fit each other.
pub(super) fn budget(parsed: &Parsed) -> Result<Value, Error> {
    let (least, most) = (parsed.text("min-available"), parsed.text("max-unavailable"));
    let selector = parsed.text("selector");
    let amount = |text: &str| {
        let digits = text.strip_suffix('%').unwrap_or(text);
        !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
    };
    let why = if selector.is_empty() {
        "a selector must be specified"
    } else if least.is_empty() && most.is_empty() {
        "one of min-available or max-unavailable must be specified"
    } else if !least.is_empty() && !most.is_empty() {
        "min-available and max-unavailable cannot be both specified"
    } else if !least.is_empty() && !amount(least) {
        "invalid format specified for min-available"
    } else if !most.is_empty() && !amount(most) {
        "invalid format specified for max-unavailable"
    } else {
        ""
    };
    if !why.is_empty() {
        return Err(Error::plain(why));
    }
    let selector = Selector::parse(selector).map_err(|why| {
        Error::plain(format!(
            "couldn't parse the selector string \"{selector}\": {why}"
        ))
    })?;
    let mut spec = json!({"selector": label_selector(&selector)});
    let (field, amount) = match least {
        "" => ("maxUnavailable", most),
        least => ("minAvailable", least),
    };
    spec[field] = amount
        .parse::<i64>()
        .map_or_else(|_| json!(amount), |number| json!(number));
    Ok(json!({
        "spec": spec,
        "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
    }))
}

/// A selector as specs hold it: equality as `matchLabels`, everything else as expressions.
fn label_selector(selector: &Selector) -> Value {
    let (mut labels, mut expressions) = (Map::new(), Vec::new());
    for one in &selector.requirements {
        let operator = match one.operator {
            Operator::Equals => {
                let value = one.values.iter().next();
                labels.insert(one.key.clone(), json!(value));
                continue;
            }
            Operator::In => "In",
            Operator::Exists => "Exists",
            Operator::DoesNotExist => "DoesNotExist",
            _ => "NotIn",
        };
        let mut expression = json!({"key": one.key, "operator": operator});
        if !one.values.is_empty() {
            expression["values"] = json!(one.values);
        }
        expressions.push(expression);
    }
    let mut value = json!({});
    if !labels.is_empty() {
        value["matchLabels"] = Value::Object(labels);
    }
    if !expressions.is_empty() {
        value["matchExpressions"] = Value::Array(expressions);
    }
    value
}
