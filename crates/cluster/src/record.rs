//! Events about objects.
//!
//! Upstream: `staging/src/k8s.io/client-go/tools/record`.

use crate::client::Client;
use crate::object::Object;
use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

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
        let namespace = about
            .namespace
            .clone()
            .unwrap_or_else(|| "default".to_owned());
        let nanos = self.calendar().timestamp(self.now()).as_nanosecond();
        let salt = self.random().below(1000);
        let name = format!(
            "{}.{:x}",
            about.name.as_deref().unwrap_or(""),
            nanos + i128::from(salt)
        );
        let event = Event {
            metadata: ObjectMeta {
                name: Some(name),
                namespace: Some(namespace),
                ..ObjectMeta::default()
            },
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
        let _ = self.create(event);
    }
}
