//! Watches as streams of JSON lines.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/watch.go`.

use crate::answer::{self, Answer};
use crate::engine::Engine;
use crate::events;
use crate::form::Form;
use crate::listener::{Counted, Face};
use crate::resource::{Asked, invalid_version};
use crate::status;
use crate::texts::Texts;
use axum::body::{Body, Bytes};
use k8s_openapi::jiff::Timestamp;
use petset_cluster::api::watch::{Event, Watch};
use petset_cluster::api::{Reply, Request, Status};
use petset_cluster::store::ChangeType;
use petset_cluster::{Cluster, Kind};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;

/// How many chunks wait for a slow reader before the watch waits too.
const BACKLOG: usize = 16;
/// How often a bookmark is sent.
const BOOKMARKS: Duration = Duration::from_secs(60);
/// How long a watch lasts that does not say how long.
const LONGEST: Duration = Duration::from_secs(3_600);
const INITIAL_EVENTS_END: &str = "k8s.io/initial-events-end";

/// What stays the same while a watch lasts.
struct Stream {
    kind: Kind,
    form: Form,
    /// Events by their newer name.
    newer: bool,
    bookmarks: bool,
    /// The columns of a table are told once.
    columns_told: bool,
}

/// Begins a watch.
pub(crate) async fn answer(
    face: &Face,
    request: Request,
    form: Form,
    newer: bool,
    asked: &Asked,
) -> Answer {
    let parameters = &asked.parameters;
    let since = match parameters.text("resourceVersion") {
        "" | "0" => None,
        text => match text.parse::<u64>() {
            Ok(version) => Some(version),
            Err(_) => return answer::failure(&invalid_version(text)),
        },
    };
    let initial = parameters.text("sendInitialEvents");
    let from = match (initial, since) {
        ("true", _) => From::State { marked: true },
        ("false", None) => From::Now,
        (_, None) => From::State { marked: false },
        (_, Some(version)) => From::Version(version),
    };
    let begun = face.engine.run(asked.session.clone(), {
        let request = request.clone();
        move |cluster| begin(cluster, &request, from)
    });
    let (watch, first, now) = match begun.await {
        Some(Ok(begun)) => begun,
        Some(Err(error)) => return answer::failure(&error),
        None => return answer::failure(&Status::internal("the cluster has stopped")),
    };
    let mut stream = Stream {
        kind: request.kind,
        form,
        newer,
        bookmarks: parameters.flag("allowWatchBookmarks"),
        columns_told: false,
    };
    let mut text = stream.lines(face.engine.texts(), &first, now);
    if from == (From::State { marked: true }) {
        text.push_str(&stream.bookmark(watch.resource_version(), true));
    }
    let seconds = parameters
        .number("timeoutSeconds")
        .filter(|seconds| *seconds > 0);
    let end = Instant::now()
        + seconds.map_or(LONGEST, |seconds| {
            Duration::from_secs(seconds.unsigned_abs()).min(LONGEST)
        });
    let (sender, receiver) = mpsc::channel(BACKLOG);
    let (engine, counted) = (face.engine.clone(), Counted::stream(face));
    tokio::spawn(async move {
        let _counted = counted;
        if text.is_empty() || sender.send(text).await.is_ok() {
            follow(engine, watch, stream, sender, end).await;
        }
    });
    let chunks = ReceiverStream::new(receiver);
    let chunks = chunks.map(|text| Ok::<Bytes, Infallible>(Bytes::from(text)));
    answer::with_type("application/json", 200, Body::from_stream(chunks))
}

/// Where a watch begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// With everything that is there; whether the end of that is marked.
    State { marked: bool },
    /// With what happens next.
    Now,
    /// With what happened after a version.
    Version(u64),
}

type Begun = (Watch, Vec<Event>, Timestamp);

fn begin(cluster: &mut Cluster, request: &Request, from: From) -> Result<Begun, Status> {
    let present = cluster.store().resource_version();
    let now = cluster.server().calendar().timestamp(cluster.now());
    let version = match from {
        From::Version(version) => version,
        From::State { .. } | From::Now => present,
    };
    let mut watch = Watch::new(request, version)?;
    let first = match from {
        From::Version(_) | From::Now => watch.next(cluster.store())?,
        From::State { .. } => match cluster.handle(request.clone()).result? {
            Reply::List { items, .. } => {
                let added = |object| Event {
                    change: ChangeType::Added,
                    object,
                };
                items.into_iter().map(added).collect()
            }
            _ => Vec::new(),
        },
    };
    Ok((watch, first, now))
}

async fn follow(
    engine: Engine,
    watch: Watch,
    mut stream: Stream,
    sender: mpsc::Sender<String>,
    end: Instant,
) {
    let mut moved = engine.moved();
    let mut watch = watch;
    let mut bookmark_at = Instant::now() + BOOKMARKS;
    loop {
        // What was published before is read first, so that nothing falls between two looks.
        moved.borrow_and_update();
        let looked = engine.peek(move |cluster| {
            let events = watch.next(cluster.store());
            let now = cluster.server().calendar().timestamp(cluster.now());
            (watch, events, now)
        });
        let Some((returned, events, now)) = looked.await else {
            return;
        };
        watch = returned;
        let (text, over) = match events {
            Ok(events) => (stream.lines(engine.texts(), &events, now), false),
            Err(error) => (line("ERROR", &status::failure(&error)), true),
        };
        if !text.is_empty() && sender.send(text).await.is_err() || over {
            return;
        }
        tokio::select! {
            changed = moved.changed() => if changed.is_err() { return },
            () = sender.closed() => return,
            () = sleep_until(end) => return,
            () = sleep_until(bookmark_at) => {
                bookmark_at = Instant::now() + BOOKMARKS;
                if stream.bookmarks {
                    let text = stream.bookmark(watch.resource_version(), false);
                    if sender.send(text).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

impl Stream {
    fn lines(&mut self, texts: &Texts, events: &[Event], now: Timestamp) -> String {
        events
            .iter()
            .map(|event| {
                let name = match event.change {
                    ChangeType::Added => "ADDED",
                    ChangeType::Modified => "MODIFIED",
                    ChangeType::Deleted => "DELETED",
                };
                if self.form == Form::Whole && !self.newer {
                    let gone = event.change == ChangeType::Deleted;
                    let object = texts.whole(&event.object, gone);
                    return format!("{{\"type\":\"{name}\",\"object\":{object}}}\n");
                }
                let mut value = self.form.object(&event.object, now);
                if matches!(self.form, Form::Table(_))
                    && std::mem::replace(&mut self.columns_told, true)
                {
                    value["columnDefinitions"] = Value::Null;
                }
                if self.newer {
                    events::outward(&mut value);
                }
                line(name, &value)
            })
            .collect()
    }

    fn bookmark(&self, resource_version: u64, end_of_state: bool) -> String {
        let version = resource_version.to_string();
        let mut meta = json!({"resourceVersion": version, "creationTimestamp": null});
        if end_of_state {
            meta["annotations"] = json!({INITIAL_EVENTS_END: "true"});
        }
        let info = self.kind.info();
        let api_version = match self.newer {
            true => events::NEWER.to_owned(),
            false => info.api_version(),
        };
        let object = match self.form {
            Form::Whole => json!({
                "kind": info.kind, "apiVersion": api_version, "metadata": meta,
            }),
            Form::Partial => json!({
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta,
            }),
            Form::Table(_) => json!({
                "kind": "Table",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": {"resourceVersion": version},
                "columnDefinitions": null,
                "rows": [{"cells": [], "object": {
                    "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta,
                }}],
            }),
        };
        line("BOOKMARK", &object)
    }
}

fn line(event: &str, object: &Value) -> String {
    format!("{{\"type\":\"{event}\",\"object\":{object}}}\n")
}
