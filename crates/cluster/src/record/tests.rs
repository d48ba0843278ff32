use super::{EventType, Recorder, Report, Reporter};
use crate::api::Server;
use crate::client::Client;
use crate::random::Random;
use crate::time::{Calendar, Duration, Instant};
use k8s_openapi::api::core::v1::{Event, Namespace, ObjectReference};

/// An API server and a recorder, and nothing else.
struct Desk {
    server: Server,
    random: Random,
    latency: crate::latency::Latency,
    recorder: Recorder,
}

impl Desk {
    fn new() -> Desk {
        let mut server = Server::new(1, Calendar::from_unix_seconds(1_767_571_200));
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some("default".to_owned());
        server.store.put(namespace.into());
        Desk {
            server,
            random: Random::new(2),
            latency: crate::latency::Latency::default(),
            recorder: Recorder::default(),
        }
    }

    fn at(&mut self, secs: u64) -> Client<'_> {
        self.server.now = Instant::ZERO + Duration::secs(secs);
        Client::new(
            &mut self.server,
            &mut self.random,
            &self.latency,
            &mut self.recorder,
        )
    }

    fn say(&mut self, secs: u64, message: &str) {
        let by = Reporter::control_plane("statefulset-controller");
        let message = message.to_owned();
        self.at(secs)
            .event(&by, about(), EventType::Normal, "SuccessfulCreate", message);
    }

    /// Message and count of every event, in order of creation.
    fn written(&self) -> Vec<(String, i32)> {
        let mut events: Vec<&Event> = self.server.store().list_as::<Event>(None).collect();
        events.sort_by_key(|event| event.metadata.name.clone());
        let line = |event: &&Event| {
            (
                event.message.clone().unwrap_or_default(),
                event.count.unwrap_or(0),
            )
        };
        events.iter().map(line).collect()
    }
}

fn about() -> ObjectReference {
    ObjectReference {
        api_version: Some("apps/v1".to_owned()),
        kind: Some("StatefulSet".to_owned()),
        name: Some("web".to_owned()),
        namespace: Some("default".to_owned()),
        uid: Some("u".to_owned()),
        ..ObjectReference::default()
    }
}

#[test]
fn the_same_event_again_raises_its_count() {
    let mut desk = Desk::new();
    for secs in 0..3 {
        desk.say(secs, "a");
    }
    assert_eq!(desk.written(), [("a".to_owned(), 3)]);
}

#[test]
fn the_tenth_message_is_combined_and_combined_ones_are_counted() {
    let mut desk = Desk::new();
    for n in 0..12 {
        desk.say(n, &format!("m{n}"));
    }
    let written = desk.written();
    assert_eq!(written.len(), 10);
    assert_eq!(written[8], ("m8".to_owned(), 1));
    let last = "(combined from similar events): m11".to_owned();
    assert_eq!(written[9], (last, 3));
}

#[test]
fn similar_events_far_apart_are_not_combined() {
    let mut desk = Desk::new();
    for n in 0..12 {
        desk.say(n * 601, &format!("m{n}"));
    }
    assert!(desk.written().iter().all(|(text, _)| text.starts_with('m')));
}

#[test]
fn after_twenty_five_events_one_in_five_minutes_passes() {
    let mut desk = Desk::new();
    for _ in 0..40 {
        desk.say(0, "a");
    }
    assert_eq!(desk.written(), [("a".to_owned(), 25)]);
    desk.say(299, "a");
    assert_eq!(desk.written(), [("a".to_owned(), 25)]);
    // What was not written was counted all the same.
    desk.say(300, "a");
    assert_eq!(desk.written(), [("a".to_owned(), 42)]);
}

#[test]
fn names_of_one_moment_differ() {
    let mut desk = Desk::new();
    for n in 0..9 {
        desk.say(5, &format!("m{n}"));
    }
    assert_eq!(desk.written().len(), 9);
}

#[test]
fn the_second_equal_event_of_the_events_api_begins_a_series() {
    let mut desk = Desk::new();
    for secs in 0..3 {
        desk.at(secs).event_v1(Report {
            controller: "default-scheduler",
            regarding: about(),
            related: None,
            kind: EventType::Warning,
            reason: "FailedScheduling",
            action: "Scheduling",
            note: "0/3 nodes are available".to_owned(),
        });
    }
    let events: Vec<&Event> = desk.server.store().list_as::<Event>(None).collect();
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0].series.as_ref().and_then(|series| series.count),
        Some(2)
    );
    assert_eq!(events[0].first_timestamp, None);
    assert_eq!(
        events[0].reporting_instance.as_deref(),
        Some("default-scheduler-control-plane")
    );
}
