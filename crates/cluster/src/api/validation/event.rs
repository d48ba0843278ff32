//! Events, under both names.
//!
//! Upstream: `pkg/apis/core/validation/events.go`.

use super::{names, subdomain};
use crate::api::Cause;
use crate::api::field::{Errors, Path};
use k8s_openapi::api::core::v1::{Event, EventSeries};

/// The longest action, reason and reporting instance, in bytes.
const LONGEST_WORD: usize = 128;
/// The longest message, in bytes.
const LONGEST_NOTE: usize = 1024;
const OLDER: &str = "reportingComponent";
const NEWER: &str = "reportingController";
const UNSET: &str = "needs to be unset";
const FIXED: &str = "field is immutable";

/// What every event has to keep.
pub(super) fn event(event: &Event, errors: &mut Errors) {
    let namespace = event.metadata.namespace.as_deref().unwrap_or("");
    let about = event.involved_object.namespace.as_deref().unwrap_or("");
    let involved = Path::new("involvedObject");
    let fits = match (event.event_time.is_some(), about) {
        (false, "") => matches!(namespace, "" | "default"),
        (false, about) => namespace == about,
        (true, "") => matches!(namespace, "default" | "kube-system"),
        (true, _) => true,
    };
    if !fits {
        let why = "does not match event.namespace";
        errors.invalid(&involved.child("namespace"), about, why);
    }
    if event.event_time.is_some() {
        with_time(event, errors);
    }
    subdomain(namespace, &Path::new("namespace"), errors);
}

fn with_time(event: &Event, errors: &mut Errors) {
    let controller = event.reporting_component.as_deref().unwrap_or("");
    let field = Path::new(OLDER);
    if controller.is_empty() {
        errors.required(&field, "");
    }
    for why in names::qualified_name(controller) {
        errors.invalid(&field, controller, &why);
    }
    let words = [
        ("reportingInstance", event.reporting_instance.as_deref()),
        ("action", event.action.as_deref()),
        ("reason", event.reason.as_deref()),
    ];
    for (name, value) in words {
        if value.unwrap_or("").is_empty() {
            errors.required(&Path::new(name), "");
        }
        at_most(name, value, LONGEST_WORD, errors);
    }
    at_most("message", event.message.as_deref(), LONGEST_NOTE, errors);
}

fn at_most(name: &str, value: Option<&str>, limit: usize, errors: &mut Errors) {
    if value.unwrap_or("").len() > limit {
        let why = format!("can have at most {limit} characters");
        errors.invalid(&Path::new(name), "", &why);
    }
}

/// What an event that is made under the newer name has to keep besides.
pub(in crate::api) fn newer_create(event: &Event, errors: &mut Errors) {
    renamed(errors);
    series(event.series.as_ref(), errors);
    if event.event_time.is_none() {
        errors.required(&Path::new("eventTime"), "");
    }
    let of = event.type_.as_deref().unwrap_or("");
    if !matches!(of, "Normal" | "Warning") {
        let why = format!("has invalid value: {of}");
        errors.invalid(&Path::new("type"), "", &why);
    }
    let source = event.source.as_ref();
    let has_source = source.is_some_and(|source| {
        let words = [&source.component, &source.host];
        words
            .iter()
            .any(|word| word.as_deref().is_some_and(|word| !word.is_empty()))
    });
    let older = [
        ("firstTimestamp", event.first_timestamp.is_some()),
        ("lastTimestamp", event.last_timestamp.is_some()),
        ("count", event.count.unwrap_or(0) != 0),
        ("source", has_source),
    ];
    for (name, _) in older.iter().filter(|(_, set)| *set) {
        errors.invalid(&Path::new(name), "", UNSET);
    }
}

/// What an event that is written under the newer name has to keep besides: only its series goes on.
pub(in crate::api) fn newer_update(new: &Event, old: &Event, errors: &mut Errors) {
    renamed(errors);
    if new.series != old.series {
        series(new.series.as_ref(), errors);
    }
    let same = [
        ("involvedObject", new.involved_object == old.involved_object),
        ("reason", new.reason == old.reason),
        ("message", new.message == old.message),
        ("source", new.source == old.source),
        ("firstTimestamp", new.first_timestamp == old.first_timestamp),
        ("lastTimestamp", new.last_timestamp == old.last_timestamp),
        ("count", new.count == old.count),
        ("reason", new.reason == old.reason),
        ("type", new.type_ == old.type_),
        ("eventTime", new.event_time == old.event_time),
        ("action", new.action == old.action),
        ("related", new.related == old.related),
        (NEWER, new.reporting_component == old.reporting_component),
        (
            "reportingInstance",
            new.reporting_instance == old.reporting_instance,
        ),
    ];
    let shown = crate::typed::to_value(new);
    for (name, _) in same.iter().filter(|(_, same)| !same) {
        let stored = if *name == NEWER { OLDER } else { *name };
        errors.invalid(&Path::new(name), &shown[stored], FIXED);
    }
}

fn series(series: Option<&EventSeries>, errors: &mut Errors) {
    let Some(series) = series else { return };
    if series.count.unwrap_or(0) < 2 {
        errors.invalid(&Path::new("series.count"), "", "should be at least 2");
    }
    if series.last_observed_time.is_none() {
        errors.required(&Path::new("series.lastObservedTime"), "");
    }
}

/// The one field whose name in messages differs.
fn renamed(errors: &mut Errors) {
    for Cause { field, .. } in &mut errors.0 {
        if field == OLDER {
            NEWER.clone_into(field);
        }
    }
}
