//! `kubectl autoscale`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/autoscale/autoscale.go`.

use super::builder::{self, MISSING, Query, Selection};
use super::change::{Change, with_last_applied};
use super::errors::Error;
use super::flags::{DryRun, Parsed};
use super::session::{Io, Once};
use petset_cluster::api::quantity::Amount;
use petset_cluster::{Kind, Object};
use serde_json::{Value, json};

/// Begins `kubectl autoscale`.
pub(crate) fn start(parsed: Parsed) -> Once<Parsed> {
    Once::new(parsed, run)
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if !parsed.changed("max") {
        return Err(Error::plain("required flag(s) \"max\" not set"));
    }
    let (most, least) = (parsed.number("max"), parsed.number("min"));
    if most < 1 {
        return Err(Error::plain(format!(
            "--max=MAXPODS is required and must be at least 1, max: {most}"
        )));
    }
    if most < least {
        return Err(Error::plain(format!(
            "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {most}, min: {least}"
        )));
    }
    if parsed.number("cpu-percent") > 0 && parsed.changed("cpu") {
        return Err(Error::plain(
            "--cpu-percent and --cpu are mutually exclusive",
        ));
    }
    let metrics = metrics(parsed)?;
    let mut change = Change::new(parsed, "kubectl-autoscale")?;
    let selection = if parsed.changed("filename") {
        super::get::select(parsed, io, false)?
    } else {
        Query::new(parsed, io.session).select()?
    };
    if selection == Selection::Nothing {
        return Err(Error::plain(MISSING));
    }
    let (objects, errors) = builder::fetch(&selection, io);
    Error::of(errors)?;
    for object in objects {
        autoscale(&object, parsed, &metrics, &mut change, io)?;
    }
    Ok(())
}

fn autoscale(
    object: &Object,
    parsed: &Parsed,
    metrics: &[Value],
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let info = object.kind().info();
    let scales = matches!(
        object.kind(),
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet
    );
    if !scales {
        let version = match info.group {
            "" => format!("/{}", info.version),
            _ => info.api_version(),
        };
        return Err(Error::plain(format!(
            "cannot autoscale a {}: could not find scale subresource for {version}, Resource={} in discovery information",
            info.kind, info.plural
        )));
    }
    let name = match parsed.text("name") {
        "" => object.name(),
        name => name,
    };
    let mut scaler = json!({
        "apiVersion": Kind::HorizontalPodAutoscaler.info().api_version(),
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {
            "scaleTargetRef": {
                "apiVersion": info.api_version(), "kind": info.kind, "name": object.name(),
            },
            "maxReplicas": parsed.number("max"),
        },
    });
    if io.session.namespace_given {
        scaler["metadata"]["namespace"] = json!(io.session.namespace);
    }
    if parsed.number("min") > 0 {
        scaler["spec"]["minReplicas"] = json!(parsed.number("min"));
    }
    if !metrics.is_empty() {
        scaler["spec"]["metrics"] = json!(metrics);
    }
    if change.dry_run == DryRun::Client {
        scaler["status"] = json!({"currentMetrics": null, "desiredReplicas": 0});
        return change.tell(&scaler, "created", io);
    }
    if parsed.is("save-config") {
        scaler = with_last_applied(&scaler);
    }
    let namespace = io.session.namespace.clone();
    let created = change
        .create(Kind::HorizontalPodAutoscaler, &namespace, scaler, io)
        .map_err(|error| second_attempt(parsed, error))?;
    change.tell(&created.to_json(), "autoscaled", io)
}

/// What is said of an error after the older version of the API was tried too.
fn second_attempt(parsed: &Parsed, error: Error) -> Error {
    const HEAD: &str = "failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1";
    let cpu = parsed.text("cpu");
    if cpu.is_empty() {
        return Error::plain(format!("{HEAD}: empty input"));
    }
    if cpu.ends_with('%') && parsed.text("memory").is_empty() {
        return error;
    }
    Error::plain(format!("{HEAD}: %!w(<nil>)"))
}

/// What the flags say is aimed at.
fn metrics(parsed: &Parsed) -> Result<Vec<Value>, Error> {
    let mut metrics = Vec::new();
    let percent = parsed.number("cpu-percent");
    if percent > 0 {
        metrics.push(metric("cpu", utilization(percent)));
    }
    for (name, unit) in [("cpu", "m"), ("memory", "Mi")] {
        let text = parsed.text(name).trim();
        if !text.is_empty() {
            metrics.push(metric(name, target(name, text, unit)?));
        }
    }
    Ok(metrics)
}

fn metric(name: &str, target: Value) -> Value {
    json!({"type": "Resource", "resource": {"name": name, "target": target}})
}

fn utilization(percent: i64) -> Value {
    json!({"type": "Utilization", "averageUtilization": percent})
}

fn target(name: &str, text: &str, unit: &str) -> Result<Value, Error> {
    if let Some(number) = text.strip_suffix('%') {
        return match number.parse::<i32>() {
            Ok(percent) if percent >= 0 => Ok(utilization(percent.into())),
            _ => Err(Error::plain(format!("invalid percentage value: {number}"))),
        };
    }
    let with_unit = match text.parse::<f64>() {
        Ok(number) => format!("{number}{unit}"),
        Err(_) => text.to_owned(),
    };
    let amount = Amount::parse(&with_unit)
        .map_err(|_| Error::plain(format!("invalid resource {name} value: {text}")))?;
    Ok(json!({"type": "AverageValue", "averageValue": amount.canonical()}))
}
