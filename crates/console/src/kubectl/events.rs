//! `kubectl events`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/events`.

use super::errors::Error;
use super::flags::Parsed;
use super::printers::{Format, Printer, TabWriter, format, list_of};
use super::resources;
use super::session::{Io, Next, Step};
use crate::command::Until;
use k8s_openapi::api::core::v1::Event;
use k8s_openapi::jiff::Timestamp;
use petset_cluster::api::duration::age;
use petset_cluster::api::selectors::FieldSelector;
use petset_cluster::sort;
use petset_cluster::store::ChangeType;
use petset_cluster::{Kind, Object};

/// A running `kubectl events`.
#[derive(Clone)]
pub(crate) struct Events {
    parsed: Parsed,
    fields: String,
    writer: TabWriter,
    seen: Option<u64>,
    header_shown: bool,
}

/// Begins `kubectl events`.
pub(crate) fn start(parsed: Parsed) -> Events {
    Events {
        parsed,
        fields: String::new(),
        writer: TabWriter::default(),
        seen: None,
        header_shown: false,
    }
}

impl Step for Events {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let Some(seen) = self.seen else {
            return self.begin(io);
        };
        let store = io.cluster().store();
        let fields = FieldSelector::parse(Kind::Event, &self.fields).map_err(Error::plain)?;
        let namespace = self.namespace(io);
        let fresh: Vec<Event> = store
            .changes_since(seen)
            .into_iter()
            .flatten()
            .filter(|change| change.change != ChangeType::Deleted)
            .map(|change| change.object.as_ref())
            .filter(|object| object.kind() == Kind::Event && fields.matches(object))
            .filter(|object| namespace.is_empty() || object.namespace() == namespace)
            .filter_map(Object::as_kind::<Event>)
            .cloned()
            .collect();
        self.seen = Some(store.resource_version());
        for event in fresh {
            if !self.wanted(&event) {
                continue;
            }
            self.row(&event, io);
            let text = self.writer.flush();
            io.out(&text);
        }
        Ok(Next::Wait(Until::Change(None)))
    }
}

impl Events {
    fn namespace(&self, io: &Io<'_, '_>) -> String {
        if self.parsed.is("all-namespaces") {
            String::new()
        } else {
            io.session.namespace.clone()
        }
    }

    fn wanted(&self, event: &Event) -> bool {
        let types = self.parsed.list("types");
        let own = event.type_.as_deref().unwrap_or("");
        types.is_empty() || types.iter().any(|name| name.eq_ignore_ascii_case(own))
    }

    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let parsed = &self.parsed;
        let about = parsed.text("for");
        if !about.is_empty() {
            let Some((word, name)) = about.split_once('/') else {
                return Err(Error::plain("--for must be in resource/name form"));
            };
            let info = resources::kind_for(word)?.info();
            self.fields = format!(
                "involvedObject.kind={},involvedObject.apiVersion={},involvedObject.name={name}",
                info.kind,
                info.api_version()
            );
        }
        for name in parsed.list("types") {
            if !name.eq_ignore_ascii_case("normal") && !name.eq_ignore_ascii_case("warning") {
                return Err(Error::plain("valid --types are Normal or Warning"));
            }
        }
        let namespace = self.namespace(io);
        let (objects, version) = io.list(Kind::Event, &namespace, "", &self.fields)?;
        let mut events: Vec<Event> = objects
            .iter()
            .filter_map(|object| object.as_kind::<Event>())
            .filter(|event| self.wanted(event))
            .cloned()
            .collect();
        sort::by_key(&mut events, last_seen);
        if parsed.is("watch") {
            self.seen = Some(version);
        } else if events.is_empty() {
            io.complain(&match namespace.as_str() {
                "" => "No events found.".to_owned(),
                namespace => format!("No events found in {namespace} namespace."),
            });
            return Ok(Next::Done(0));
        }
        match format(parsed, false)? {
            Format::Human { .. } => {
                for event in &events {
                    self.row(event, io);
                }
                let text = self.writer.flush();
                io.out(&text);
            }
            other => {
                let items = events
                    .into_iter()
                    .map(|event| Object::from(event).to_json())
                    .collect();
                let text = Printer::new(other, parsed).object(&list_of(items))?;
                io.out(&text);
                return Ok(Next::Done(0));
            }
        }
        Ok(match self.seen {
            Some(_) => Next::Wait(Until::Change(None)),
            None => Next::Done(0),
        })
    }

    fn row(&mut self, event: &Event, io: &Io<'_, '_>) {
        let all = self.parsed.is("all-namespaces");
        if !self.header_shown && !self.parsed.is("no-headers") {
            let mut header = vec!["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
            if all {
                header.insert(0, "NAMESPACE");
            }
            self.writer.row(header);
        }
        self.header_shown = true;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let now = io.cluster().server().calendar().timestamp(io.now());
        let object = &event.involved_object;
        let mut cells = vec![
            interval(event, now),
            text(&event.type_),
            text(&event.reason),
            format!("{}/{}", text(&object.kind), text(&object.name)),
            text(&event.message).trim().to_owned(),
        ];
        if all {
            cells.insert(0, text(&event.metadata.namespace));
        }
        self.writer.row(cells);
    }
}

fn last_seen(event: &Event) -> Option<Timestamp> {
    let series = event
        .series
        .as_ref()
        .and_then(|s| s.last_observed_time.as_ref());
    series
        .map(|time| time.0)
        .or(event.last_timestamp.as_ref().map(|time| time.0))
        .or(event.event_time.as_ref().map(|time| time.0))
}

/// `5s`, or `5s (x3 over 2m)` for what was seen more than once.
fn interval(event: &Event, now: Timestamp) -> String {
    let first = match &event.event_time {
        Some(time) => age(Some(&time.0), now),
        None => age(event.first_timestamp.as_ref().map(|time| &time.0), now),
    };
    if let Some(series) = &event.series {
        let last = age(series.last_observed_time.as_ref().map(|time| &time.0), now);
        return format!("{last} (x{} over {first})", series.count.unwrap_or(0));
    }
    match event.count {
        Some(count) if count > 1 => {
            let last = age(event.last_timestamp.as_ref().map(|time| &time.0), now);
            format!("{last} (x{count} over {first})")
        }
        _ => first,
    }
}
