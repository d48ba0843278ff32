//! Series of equal events in the events API.
//!
//! Upstream: `staging/src/k8s.io/client-go/tools/events/event_broadcaster.go`. Its clean-up runs on a timer; here
//! an entry that is too old is dropped when it is met again.

use super::lru::Lru;
use crate::hash::Fnv1a64;
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1::{Event, EventSeries, ObjectReference};

/// An event that was not seen again for so long begins anew.
const FINISH: Duration = Duration::secs(6 * 60);

/// The events that were written, by all that makes them equal.
#[derive(Clone, Debug, Default)]
pub(super) struct SeriesCache {
    events: Lru<(Event, Instant)>,
}

impl SeriesCache {
    /// What is to be written: a new event, the first one with a series that begins, or nothing
    /// (the series goes on in memory).
    pub(super) fn observe(&mut self, event: Event, now: Instant) -> Option<Event> {
        let key = series_key(&event);
        let observed = event.event_time.clone();
        let known = self.events.get(key);
        if let Some((first, _)) = known.filter(|(_, seen)| now.since(*seen) <= FINISH) {
            let mut first = first.clone();
            let goes_on = first.series.is_some();
            let count = first.series.as_ref().map_or(Some(1), |series| series.count);
            first.series = Some(EventSeries {
                count: count.map(|count| count + 1),
                last_observed_time: observed,
            });
            self.events.put(key, (first.clone(), now));
            return (!goes_on).then_some(first);
        }
        self.events.put(key, (event.clone(), now));
        Some(event)
    }
}

fn series_key(event: &Event) -> u64 {
    let own = [
        &event.type_,
        &event.action,
        &event.reason,
        &event.reporting_component,
        &event.reporting_instance,
    ];
    let about = reference_parts(&event.involved_object).into_iter();
    let related = event.related.iter().flat_map(reference_parts);
    let parts = own.into_iter().chain(about).chain(related);
    let parts: Vec<&str> = parts.map(|part| part.as_deref().unwrap_or("")).collect();
    Fnv1a64::of(&parts)
}

fn reference_parts(reference: &ObjectReference) -> [&Option<String>; 7] {
    [
        &reference.kind,
        &reference.namespace,
        &reference.name,
        &reference.uid,
        &reference.api_version,
        &reference.resource_version,
        &reference.field_path,
    ]
}
