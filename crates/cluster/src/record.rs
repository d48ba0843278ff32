//! Events about objects.
//!
//! A recorder joins events before they are written: the same event again raises a count, many similar
//! events become one "combined" event, and a source that reports too much about one object is cut off.
//!
//! Upstream: `staging/src/k8s.io/client-go/tools/record` (events of controllers and kubelets) and
//! `tools/events` (events of the scheduler).

mod correlator;
mod lru;
mod series;
#[cfg(test)]
mod tests;

use crate::client::Client;
use crate::object::{Key, Object};
use correlator::Correlator;
use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use series::SeriesCache;

/// Whether an event tells of the usual or of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    /// All is well.
    Normal,
    /// Something is wrong.
    Warning,
}

impl EventType {
    /// The word in the object.
    pub fn as_str(self) -> &'static str {
        match self {
            EventType::Normal => "Normal",
            EventType::Warning => "Warning",
        }
    }
}

/// Who reports an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reporter {
    /// The component, such as `statefulset-controller`.
    pub component: &'static str,
    /// The node it runs on; empty for components of the control plane.
    pub host: String,
}

impl Reporter {
    /// A component of the control plane.
    pub fn control_plane(component: &'static str) -> Reporter {
        Reporter {
            component,
            host: String::new(),
        }
    }

    /// A component that runs on a node.
    pub fn on_node(component: &'static str, host: &str) -> Reporter {
        Reporter {
            component,
            host: host.to_owned(),
        }
    }
}

/// A reference to `object`, as events carry it.
pub fn reference(object: &Object) -> ObjectReference {
    let info = object.kind().info();
    let meta = object.meta();
    ObjectReference {
        api_version: Some(info.api_version()),
        kind: Some(info.kind.to_owned()),
        name: meta.name.clone(),
        namespace: meta.namespace.clone(),
        uid: meta.uid.clone(),
        resource_version: meta.resource_version.clone(),
        field_path: None,
    }
}

/// What a component of the events API reports.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The component, such as `default-scheduler`.
    pub controller: &'static str,
    /// The object that the event is about.
    pub regarding: ObjectReference,
    /// A second object that has to do with it.
    pub related: Option<ObjectReference>,
    /// Usual or trouble.
    pub kind: EventType,
    /// Why, as one word.
    pub reason: &'a str,
    /// What was done or tried, as one word.
    pub action: &'a str,
    /// The sentence.
    pub note: String,
}

/// What the recorders of all components remember of the events they wrote.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    correlator: Correlator,
    series: SeriesCache,
    last_nanos: i128,
}

/// The host name of the control plane, as events of the scheduler show it.
const CONTROL_PLANE_HOST: &str = "control-plane";

impl Client<'_> {
    /// Records an event as `client-go`'s recorder does. A failure to record is nobody's trouble.
    pub fn event(
        &mut self,
        by: &Reporter,
        about: ObjectReference,
        kind: EventType,
        reason: &str,
        message: String,
    ) {
        let date = self.calendar().time(self.now());
        let event = Event {
            metadata: self.event_metadata(&about),
            involved_object: about,
            type_: Some(kind.as_str().to_owned()),
            reason: Some(reason.to_owned()),
            message: Some(message),
            source: Some(EventSource {
                component: Some(by.component.to_owned()),
                host: (!by.host.is_empty()).then(|| by.host.clone()),
            }),
            first_timestamp: Some(date.clone()),
            last_timestamp: Some(date),
            count: Some(1),
            reporting_component: Some(by.component.to_owned()),
            reporting_instance: Some(by.host.clone()),
            ..Event::default()
        };
        self.log_report(&event.involved_object, reason);
        let now = self.now();
        let Some(event) = self.recorder().correlator.correlate(event, now) else {
            return;
        };
        if event.count.unwrap_or(1) > 1 && self.raise_count(&event) {
            return;
        }
        let _ = self.create(event);
    }

    /// Records an event through the events API, as the scheduler does: the second equal one begins a series.
    pub fn event_v1(&mut self, report: Report<'_>) {
        let now = self.calendar().micro_time(self.now());
        let event = Event {
            metadata: self.event_metadata(&report.regarding),
            involved_object: report.regarding,
            related: report.related,
            type_: Some(report.kind.as_str().to_owned()),
            reason: Some(report.reason.to_owned()),
            action: Some(report.action.to_owned()),
            message: Some(report.note),
            source: Some(EventSource::default()),
            event_time: Some(now),
            reporting_component: Some(report.controller.to_owned()),
            reporting_instance: Some(format!("{}-{CONTROL_PLANE_HOST}", report.controller)),
            ..Event::default()
        };
        self.log_report(&event.involved_object, report.reason);
        let at = self.now();
        let Some(event) = self.recorder().series.observe(event, at) else {
            return;
        };
        if let Some(series) = event.series.clone() {
            let stored = self.get::<Event>(&event_key(&event)).cloned();
            if let Some(mut stored) = stored {
                stored.series = Some(series);
                let _ = self.update(stored);
                return;
            }
        }
        let _ = self.create(event);
    }

    /// Name and namespace of a new event: the object's name and the moment in hexadecimal nanoseconds.
    fn event_metadata(&mut self, about: &ObjectReference) -> ObjectMeta {
        let exact = self.calendar().timestamp(self.now()).as_nanosecond();
        let salted = exact + i128::from(self.random().below(1000));
        let recorder = self.recorder();
        // Two events of one moment must not share a name.
        let nanos = salted.max(recorder.last_nanos + 1);
        recorder.last_nanos = nanos;
        let name = about.name.as_deref().unwrap_or("");
        let namespace = about.namespace.as_deref().filter(|ns| !ns.is_empty());
        ObjectMeta {
            name: Some(format!("{name}.{nanos:x}")),
            namespace: Some(namespace.unwrap_or("default").to_owned()),
            ..ObjectMeta::default()
        }
    }

    /// Writes count, last time and message of an event that is there already; returns whether it was.
    fn raise_count(&mut self, event: &Event) -> bool {
        let Some(mut stored) = self.get::<Event>(&event_key(event)).cloned() else {
            return false;
        };
        stored.count = event.count;
        stored.last_timestamp.clone_from(&event.last_timestamp);
        stored.message.clone_from(&event.message);
        self.update(stored).is_ok()
    }
}

fn event_key(event: &Event) -> Key {
    let meta = &event.metadata;
    Key::new(
        meta.namespace.as_deref().unwrap_or(""),
        meta.name.as_deref().unwrap_or(""),
    )
}
