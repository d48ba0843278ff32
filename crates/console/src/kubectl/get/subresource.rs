//! `kubectl get --subresource`: a part of an object.
//!
//! Upstream: `k8s.io/cli-runtime/pkg/resource/builder.go`, `pkg/printers/internalversion/printers.go` (`printScale`).

use crate::kubectl::builder::{Selection, Target};
use crate::kubectl::errors::{Error, not_simulated_part};
use crate::kubectl::flags::Parsed;
use crate::kubectl::printers::{Format, Printer, Row, TabWriter, Table, format, list_of};
use crate::kubectl::session::{Io, as_json};
use k8s_openapi::jiff::Timestamp;
use petset_cluster::api::duration;
use petset_cluster::api::{Request, Subresource, Verb};
use serde_json::Value;

/// Shows `scale`; a part that no object has is told as the server tells it.
///
/// # Errors
/// What the API answers.
pub(super) fn run(
    parsed: &Parsed,
    selection: &Selection,
    part: &str,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let format = format(parsed, true)?;
    let Selection::Named { targets, single } = selection else {
        return Err(bulk());
    };
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for target in targets {
        match get(target, part, io) {
            Ok(value) => found.push(value),
            Err(error) if error.is_not_found() && parsed.is("ignore-not-found") => {}
            Err(error) => errors.push(error),
        }
    }
    if let Format::Human { wide } = format {
        let mut writer = TabWriter::default();
        let table = table(&found, io);
        let options = super::table_options(parsed, wide);
        if !options.no_headers && !found.is_empty() {
            options.header(&table, false, &mut writer);
        }
        options.rows(&table, &mut writer);
        io.out(&writer.flush());
    } else if let Some(first) = found.first() {
        let value = match single {
            true => first.clone(),
            false => list_of(found),
        };
        io.out(&Printer::new(format, parsed).object(&value)?);
    }
    Error::of(errors)
}

/// What is said of a part of objects that are not named.
pub(super) fn bulk() -> Error {
    Error::plain("subresource cannot be used when bulk resources are specified")
}

fn get(target: &Target, part: &str, io: &mut Io<'_, '_>) -> Result<Value, Error> {
    let mut request = Request::new(Verb::Get, target.kind, &target.namespace, &target.name);
    if part != "scale" {
        io.request(request)?;
        return Err(not_simulated_part(target.kind, part));
    }
    request.subresource = Some(Subresource::Scale);
    Ok(as_json(&io.request(request)?))
}

fn table(scales: &[Value], io: &Io<'_, '_>) -> Table {
    let server = io.cluster().server();
    let now = server.calendar().timestamp(server.now());
    let names = ["Name", "Desired", "Available", "Age"];
    Table {
        columns: names.map(|name| (name.to_owned(), 0)).to_vec(),
        rows: scales.iter().map(|scale| row(scale, now)).collect(),
    }
}

fn row(scale: &Value, now: Timestamp) -> Row {
    let text = |place: &str| match scale.pointer(place) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => "0".to_owned(),
    };
    let created: Option<Timestamp> = text("/metadata/creationTimestamp").parse().ok();
    Row {
        cells: vec![
            text("/metadata/name"),
            text("/spec/replicas"),
            text("/status/replicas"),
            duration::age(created.as_ref(), now),
        ],
        namespace: text("/metadata/namespace"),
        kind: "scale.autoscaling".to_owned(),
        ..Row::default()
    }
}
