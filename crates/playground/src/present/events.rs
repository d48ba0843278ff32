//! Events, as `kubectl get events` tells them.

use super::{Since, reference};
use crate::view::{EventRow, ObjectRef};
use k8s_openapi::api::core::v1::Event;
use petset_cluster::api::Server;
use petset_cluster::{Instant, Kind, Object};
use std::collections::BTreeMap;

/// How many events the page shows.
const SHOWN: usize = 200;

/// The newest events, oldest first.
pub(crate) fn events_view(server: &Server, since: Since) -> Vec<EventRow> {
    // Rows are made for those that are shown only: there may be five events for each of ten thousand pods.
    let mut newest: BTreeMap<(Instant, u64), (&Object, &Event)> = BTreeMap::new();
    for object in server.store().list(Kind::Event, None) {
        let Object::Event(event) = &**object else {
            continue;
        };
        let age = (last_seen(server, event), object.resource_version());
        newest.insert(age, (object, event));
        if newest.len() > SHOWN {
            newest.pop_first();
        }
    }
    let rows = newest.into_iter();
    rows.map(|((last_seen, _), (object, event))| event_row(server, object, event, last_seen, since))
        .collect()
}

fn last_seen(server: &Server, event: &Event) -> Instant {
    let calendar = server.calendar();
    let series = event
        .series
        .as_ref()
        .and_then(|series| series.last_observed_time.as_ref());
    if let Some(time) = series.or(event.event_time.as_ref()) {
        return calendar.instant(&time.0);
    }
    let time = event
        .last_timestamp
        .as_ref()
        .or(event.metadata.creation_timestamp.as_ref());
    time.map_or(Instant::ZERO, |time| calendar.instant(&time.0))
}

fn event_row(
    server: &Server,
    object: &Object,
    event: &Event,
    last_seen: Instant,
    since: Since,
) -> EventRow {
    let about = &event.involved_object;
    let series = event.series.as_ref().and_then(|series| series.count);
    let age = server.now().since(last_seen);
    EventRow {
        object: reference(object),
        regarding: ObjectRef {
            kind: about.kind.clone().unwrap_or_default(),
            namespace: about
                .namespace
                .clone()
                .filter(|namespace| !namespace.is_empty()),
            name: about.name.clone().unwrap_or_default(),
        },
        last_seen_ms: last_seen.as_millis(),
        age: petset_cluster::api::duration::human_duration(
            i64::try_from(age.as_secs()).unwrap_or(i64::MAX),
        ),
        warning: event.type_.as_deref() == Some("Warning"),
        reason: event.reason.clone().unwrap_or_default(),
        message: event.message.clone().unwrap_or_default(),
        count: u32::try_from(series.or(event.count).unwrap_or(1)).unwrap_or(1),
        changed: since.touched(object),
    }
}
