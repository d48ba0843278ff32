//! Joins events before they are written.
//!
//! Upstream: `staging/src/k8s.io/client-go/tools/record/events_cache.go`.

use super::lru::Lru;
use crate::hash::Fnv1a64;
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1::{Event, EventSource};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::collections::BTreeSet;

/// From so many different messages on, similar events are combined.
const AGGREGATE_MESSAGES: usize = 10;
/// Similar events that lie further apart are not combined.
const AGGREGATE_INTERVAL: Duration = Duration::secs(600);
/// So many events of one source about one object may come at once.
const SPAM_BURST: u64 = 25;
/// After that, one in each such span.
const SPAM_REFILL: Duration = Duration::secs(300);

/// The messages seen of one reason, source and object.
#[derive(Clone, Debug)]
struct Similar {
    messages: BTreeSet<u64>,
    last: Instant,
}

/// What is known of an event that was written.
#[derive(Clone, Debug)]
struct Written {
    name: Option<String>,
    first: Option<Time>,
    count: i32,
}

/// A bucket of permissions, in microseconds of refill.
#[derive(Clone, Debug)]
struct Bucket {
    level: Duration,
    at: Instant,
}

impl Bucket {
    const FULL: Duration = SPAM_REFILL.times(SPAM_BURST);

    fn take(&mut self, now: Instant) -> bool {
        self.level = (self.level + now.since(self.at)).min(Bucket::FULL);
        self.at = now;
        let accepted = self.level >= SPAM_REFILL;
        if accepted {
            self.level = self.level - SPAM_REFILL;
        }
        accepted
    }
}

/// Aggregation, counting and the spam filter, in this order.
#[derive(Clone, Debug, Default)]
pub(super) struct Correlator {
    similar: Lru<Similar>,
    written: Lru<Written>,
    buckets: Lru<Bucket>,
}

impl Correlator {
    /// What is to be written for `event`: the event itself or the combined one, either with the count and the
    /// name of its first; or nothing.
    pub(super) fn correlate(&mut self, event: Event, now: Instant) -> Option<Event> {
        let (event, key) = self.aggregate(event, now);
        let event = self.count(event, key);
        self.permits(&event, now).then_some(event)
    }

    fn aggregate(&mut self, event: Event, now: Instant) -> (Event, u64) {
        let message = event.message.as_deref().unwrap_or("");
        let object = object_key(&event);
        let reason = event.reason.as_deref().unwrap_or("");
        let kind = event.type_.as_deref().unwrap_or("");
        let field = event.involved_object.field_path.as_deref().unwrap_or("");
        let exact = object.with(&[field, kind, reason, message]);
        let similar = object.with(&[kind, reason]);
        let message_hash = Fnv1a64::of(&[message]);
        let known = self.similar.get(similar);
        let recent = known.filter(|seen| now.since(seen.last) <= AGGREGATE_INTERVAL);
        let mut messages = recent.map_or_else(BTreeSet::new, |seen| seen.messages.clone());
        messages.insert(message_hash);
        let many = messages.len() >= AGGREGATE_MESSAGES;
        if many {
            messages.pop_first();
        }
        let last = now;
        self.similar.put(similar, Similar { messages, last });
        if !many {
            return (event, exact);
        }
        let combined = Event {
            message: Some(format!("(combined from similar events): {message}")),
            reporting_component: Some(String::new()),
            reporting_instance: Some(String::new()),
            ..event
        };
        (combined, similar)
    }

    fn count(&mut self, mut event: Event, key: u64) -> Event {
        let written = match self.written.get(key) {
            Some(known) => Written {
                count: known.count + 1,
                ..known.clone()
            },
            None => Written {
                name: event.metadata.name.clone(),
                first: event.first_timestamp.clone(),
                count: 1,
            },
        };
        if written.count > 1 {
            event.metadata.name.clone_from(&written.name);
            event.first_timestamp.clone_from(&written.first);
            event.count = Some(written.count);
        }
        self.written.put(key, written);
        event
    }

    fn permits(&mut self, event: &Event, now: Instant) -> bool {
        let kind = event.type_.as_deref().unwrap_or("");
        let key = object_key(event).with(&[kind, "spam"]);
        let fresh = Bucket {
            level: Bucket::FULL,
            at: now,
        };
        let mut bucket = self.buckets.get(key).cloned().unwrap_or(fresh);
        let accepted = bucket.take(now);
        self.buckets.put(key, bucket);
        accepted
    }
}

/// Source and object of an event, to be completed by what a cache looks at besides.
#[derive(Clone, Copy)]
struct ObjectKey(Fnv1a64);

impl ObjectKey {
    fn with(mut self, parts: &[&str]) -> u64 {
        for part in parts {
            self.0.write(part.as_bytes());
            self.0.write(&[0xff]);
        }
        self.0.finish()
    }
}

fn object_key(event: &Event) -> ObjectKey {
    let nobody = EventSource::default();
    let source = event.source.as_ref().unwrap_or(&nobody);
    let about = &event.involved_object;
    let mut hash = Fnv1a64::default();
    for part in [
        &source.component,
        &source.host,
        &about.kind,
        &about.namespace,
        &about.name,
        &about.uid,
        &about.api_version,
    ] {
        hash.write(part.as_deref().unwrap_or("").as_bytes());
        hash.write(&[0xff]);
    }
    ObjectKey(hash)
}
