//! The parameters of an address and the options in a body.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go` (`ListOptions`, `DeleteOptions`, `PatchOptions`).

use crate::path;
use petset_cluster::api::field::{Errors, Path, quote};
use petset_cluster::api::{Cause, FieldValidation, Options, Propagation, Status, Tracking};
use serde_json::Value;

/// What an address asks for besides the object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads what stands behind the question mark.
    pub(crate) fn parse(query: &str) -> Parameters {
        Parameters(path::parameters(query))
    }

    /// The last value of a parameter; empty if there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// All values of a parameter.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let found = self.0.iter().filter(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).collect()
    }

    /// Whether a flag is set.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), "true" | "1" | "True" | "TRUE" | "t" | "T")
    }

    /// A whole number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    /// The options of the API's request.
    ///
    /// # Errors
    /// The API server's words for values that it does not know.
    pub(crate) fn options(&self, of: &str) -> Result<Options, Status> {
        for name in ["limit", "timeoutSeconds", "gracePeriodSeconds"] {
            let text = self.text(name);
            if !text.is_empty() && text.parse::<i64>().is_err() {
                return Err(Status::bad_request(format!(
                    "strconv.ParseInt: parsing {}: invalid syntax",
                    quote(text)
                )));
            }
        }
        let manager = self.text("fieldManager");
        let mut options = Options {
            dry_run: dry_run(of, &self.texts("dryRun"))?,
            field_validation: field_validation(of, self.text("fieldValidation"))?,
            field_manager: (!manager.is_empty()).then(|| manager.to_owned()),
            tracking: Tracking::Tracked,
            force: self.flag("force"),
            label_selector: self.text("labelSelector").to_owned(),
            field_selector: self.text("fieldSelector").to_owned(),
            grace_period_seconds: self.number("gracePeriodSeconds"),
            ..Options::default()
        };
        options.propagation = propagation(self.text("propagationPolicy"))?;
        if options.propagation.is_none() && !self.text("orphanDependents").is_empty() {
            options.propagation = Some(orphan(self.flag("orphanDependents")));
        }
        Ok(options)
    }
}

fn orphan(orphan: bool) -> Propagation {
    if orphan {
        Propagation::Orphan
    } else {
        Propagation::Background
    }
}

fn dry_run(of: &str, values: &[String]) -> Result<bool, Status> {
    if values.iter().all(|value| value == "All") {
        return Ok(!values.is_empty());
    }
    let values: Vec<String> = values.iter().map(|value| quote(value)).collect();
    let message = format!(
        "Unsupported value: [{}]: supported values: \"All\"",
        values.join(",")
    );
    let cause = Cause {
        reason: "FieldValueNotSupported",
        field: "dryRun".to_owned(),
        message,
    };
    Err(Status::invalid_options(of, vec![cause]))
}

fn field_validation(of: &str, value: &str) -> Result<FieldValidation, Status> {
    match value {
        "" | "Warn" => Ok(FieldValidation::Warn),
        "Strict" => Ok(FieldValidation::Strict),
        "Ignore" => Ok(FieldValidation::Ignore),
        other => {
            let mut errors = Errors::default();
            let known = ["", "Ignore", "Strict", "Warn"];
            errors.not_supported(&Path::new("fieldValidation"), other, &known);
            Err(Status::invalid_options(of, errors.0))
        }
    }
}

fn propagation(value: &str) -> Result<Option<Propagation>, Status> {
    Ok(Some(match value {
        "" => return Ok(None),
        "Background" => Propagation::Background,
        "Foreground" => Propagation::Foreground,
        "Orphan" => Propagation::Orphan,
        other => {
            let mut errors = Errors::default();
            let known = ["Foreground", "Background", "Orphan", "nil"];
            errors.not_among(&Path::new("propagationPolicy"), other, &known);
            return Err(Status::invalid_options("DeleteOptions", errors.0));
        }
    }))
}

/// Takes the options of a deletion out of its body.
///
/// # Errors
/// The API server's words for values that it does not know.
pub(crate) fn of_deletion(body: &Value, options: &mut Options) -> Result<(), Status> {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    if let Some(seconds) = body.pointer("/gracePeriodSeconds").and_then(Value::as_i64) {
        options.grace_period_seconds = Some(seconds);
    }
    if let Some(policy) = propagation(text("/propagationPolicy").unwrap_or(""))? {
        if body.get("orphanDependents").is_some_and(Value::is_boolean) {
            let mut errors = Errors::default();
            errors.invalid(
                &Path::new("propagationPolicy"),
                text("/propagationPolicy").unwrap_or(""),
                "orphanDependents and deletionPropagation cannot be both set",
            );
            return Err(Status::invalid_options("DeleteOptions", errors.0));
        }
        options.propagation = Some(policy);
    } else if let Some(flag) = body.pointer("/orphanDependents").and_then(Value::as_bool) {
        options.propagation = Some(orphan(flag));
    }
    let values = body.pointer("/dryRun").and_then(Value::as_array);
    let values = values.into_iter().flatten();
    let values: Vec<String> = values
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    options.dry_run |= dry_run("DeleteOptions", &values)?;
    options.precondition_uid = text("/preconditions/uid").map(str::to_owned);
    options.precondition_resource_version =
        text("/preconditions/resourceVersion").map(str::to_owned);
    Ok(())
}
