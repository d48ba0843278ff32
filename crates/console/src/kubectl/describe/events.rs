//! The events about an object.

use super::writer::PrefixWriter;
use super::{View, text_of};
use k8s_openapi::api::core::v1::Event;
use petset_cluster::Object;
use petset_cluster::sort;
use petset_cluster::store::Index;

/// The Events section.
///
/// Upstream: `searchEvents`, `DescribeEvents`.
pub(super) fn describe(view: View<'_>, object: &Object, w: &mut PrefixWriter) {
    let mut events = about(view, object, object.uid());
    if matches!(object, Object::Node(_)) {
        // Components that know a node by name only write its name as uid.
        events.extend(about(view, object, object.name()));
    }
    if events.is_empty() {
        w.field(0, "Events", "<none>");
        return;
    }
    w.flush();
    sort::by_key(&mut events, |event| {
        event.last_timestamp.as_ref().map(|time| time.0)
    });
    w.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage");
    w.line(1, "----\t------\t----\t----\t-------");
    for event in events {
        w.line(1, row(view, event));
    }
}

fn about<'a>(view: View<'a>, object: &Object, uid: &str) -> Vec<&'a Event> {
    // Pods are searched without their kind.
    let kind = (!matches!(object, Object::Pod(_))).then(|| object.kind().info().kind);
    view.store
        .by_index_as::<Event>(Index::InvolvedObject, uid)
        .filter(|event| {
            let involved = &event.involved_object;
            text_of(&involved.name) == object.name()
                && text_of(&involved.namespace) == object.namespace()
                && kind.is_none_or(|kind| text_of(&involved.kind) == kind)
        })
        .collect()
}

fn row(view: View<'_>, event: &Event) -> String {
    let source = event.source.as_ref();
    let component = source.and_then(|source| source.component.as_deref());
    let from = match component.unwrap_or("") {
        "" => text_of(&event.reporting_component),
        component => component,
    };
    let message = text_of(&event.message).trim();
    let message = match text_of(&event.involved_object.field_path) {
        "" => message.to_owned(),
        path => format!("{path}: {message}"),
    };
    format!(
        "{}\t{}\t{}\t{from}\t{message}",
        text_of(&event.type_),
        text_of(&event.reason),
        interval(view, event),
    )
}

/// How long ago it happened, and how often since when.
fn interval(view: View<'_>, event: &Event) -> String {
    let first = match &event.event_time {
        Some(time) => view.clock.micro_age(Some(time)),
        None => view.clock.age(event.first_timestamp.as_ref()),
    };
    let count = event.count.unwrap_or(0);
    if let Some(series) = &event.series {
        let last = view.clock.micro_age(series.last_observed_time.as_ref());
        format!("{last} (x{} over {first})", series.count.unwrap_or(0))
    } else if count > 1 {
        let last = view.clock.age(event.last_timestamp.as_ref());
        format!("{last} (x{count} over {first})")
    } else {
        first
    }
}
