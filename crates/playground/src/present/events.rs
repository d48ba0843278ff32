//! Events, as `kubectl get events` tells them.

use super::{Since, reference};
use crate::view::{EventRow, ObjectRef};
use k8s_openapi::api::core::v1::Event;
use petset_cluster::api::Server;
use petset_cluster::sort;
use petset_cluster::{Instant, Kind, Object};

/// How many events the page shows.
const SHOWN: usize = 200;

/// The newest events, oldest first.
pub(crate) fn events_view(server: &Server, since: Since) -> Vec<EventRow> {
    let mut rows: Vec<(Instant, u64, EventRow)> = server
        .store()
        .list(Kind::Event, None)
        .filter_map(|object| {
            let Object::Event(event) = &**object else {
                return None;
            };
            let last_seen = last_seen(server, event);
            Some((
                last_seen,
                object.resource_version(),
                event_row(server, object, event, last_seen, since),
            ))
        })
        .collect();
    sort::by_key(&mut rows, |(last_seen, version, _)| (*last_seen, *version));
    let from = rows.len().saturating_sub(SHOWN);
    rows.drain(from..).map(|(_, _, row)| row).collect()
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
