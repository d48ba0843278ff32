//! Logs of containers as a stream of text.
//!
//! Upstream: `pkg/registry/core/pod/rest/log.go`, `pkg/kubelet/kuberuntime/logs`.

use crate::answer::{self, Answer};
use crate::listener::{Counted, Face};
use crate::options::Parameters;
use crate::path::Address;
use axum::body::{Body, Bytes};
use k8s_openapi::jiff::Timestamp;
use petset_cluster::api::Status;
use petset_cluster::kubelet::exec::{LogOptions, LogPage};
use petset_cluster::{Cluster, Duration};
use std::convert::Infallible;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;

/// How many pieces of a log wait for a slow reader before the log waits too.
const BACKLOG: usize = 16;

/// What is asked of a log, and what has been told of it.
#[derive(Clone)]
struct Reader {
    namespace: String,
    pod: String,
    container: Option<String>,
    options: LogOptions,
    timestamps: bool,
    /// How many bytes may still be told.
    left: usize,
}

/// Answers a request for a log.
pub(crate) async fn answer(face: &Face, address: &Address, parameters: &Parameters) -> Answer {
    let reader = match reader(address, parameters) {
        Ok(reader) => reader,
        Err(error) => return answer::failure(&error),
    };
    let since = parameters.text("sinceTime").parse::<Timestamp>().ok();
    let first = face.engine.run(None, move |cluster| {
        let mut reader = reader;
        if let Some(since) = since {
            let since = cluster.server().calendar().instant(&since);
            reader.options.since = Some(cluster.now().since(since));
        }
        let read = reader.read(cluster);
        (reader, read)
    });
    let (reader, text, more) = match first.await {
        None => return answer::failure(&Status::internal("the cluster has stopped")),
        Some((_, Err(error))) => return answer::failure(&error),
        Some((reader, Ok((text, more)))) => (reader, text, more),
    };
    const TEXT: &str = "text/plain";
    if !(more && parameters.flag("follow")) {
        return answer::with_type(TEXT, 200, Body::from(text));
    }
    let (sender, receiver) = mpsc::channel(BACKLOG);
    let (face, counted) = (face.clone(), Counted::stream(face));
    tokio::spawn(async move {
        let _counted = counted;
        if text.is_empty() || sender.send(text).await.is_ok() {
            follow(&face, reader, sender).await;
        }
    });
    let chunks = ReceiverStream::new(receiver);
    let chunks = chunks.map(|text| Ok::<Bytes, Infallible>(Bytes::from(text)));
    answer::with_type(TEXT, 200, Body::from_stream(chunks))
}

async fn follow(face: &Face, mut reader: Reader, sender: mpsc::Sender<String>) {
    let mut moved = face.engine.moved();
    loop {
        moved.borrow_and_update();
        let looked = face.engine.peek(move |cluster| {
            let mut reader = reader;
            let read = reader.read(cluster);
            (reader, read)
        });
        // A pod that is gone ends its log.
        let Some((returned, Ok((text, more)))) = looked.await else {
            return;
        };
        reader = returned;
        if !text.is_empty() && sender.send(text).await.is_err() || !more {
            return;
        }
        tokio::select! {
            changed = moved.changed() => if changed.is_err() { return },
            () = sender.closed() => return,
        }
    }
}

fn reader(address: &Address, parameters: &Parameters) -> Result<Reader, Status> {
    let count = |name: &str| parameters.number(name);
    let container = parameters.text("container");
    let invalid = |name: &str| {
        let why = format!("invalid {name}: must be greater than or equal to 0");
        Err(Status::bad_request(why))
    };
    for name in ["tailLines", "sinceSeconds", "limitBytes"] {
        if count(name).is_some_and(|number| number < 0) {
            return invalid(name);
        }
    }
    let size = |name: &str| count(name).and_then(|number| u64::try_from(number).ok());
    let limit = size("limitBytes").and_then(|bytes| usize::try_from(bytes).ok());
    Ok(Reader {
        namespace: address.namespace.clone(),
        pod: address.name.clone(),
        container: (!container.is_empty()).then(|| container.to_owned()),
        options: LogOptions {
            previous: parameters.flag("previous"),
            tail_lines: size("tailLines"),
            since: size("sinceSeconds").map(Duration::secs),
            from: 0,
        },
        timestamps: parameters.flag("timestamps"),
        left: limit.unwrap_or(usize::MAX),
    })
}

impl Reader {
    /// What has come since the last call, and whether more may come.
    fn read(&mut self, cluster: &Cluster) -> Result<(String, bool), Status> {
        let container = self.container.as_deref();
        let page: LogPage = cluster.logs(&self.namespace, &self.pod, container, &self.options)?;
        let calendar = cluster.server().calendar();
        let mut text = String::new();
        for line in &page.lines {
            if self.timestamps {
                text.push_str(&calendar.timestamp(line.at).to_string());
                text.push(' ');
            }
            text.push_str(&line.text);
            if line.ended {
                text.push('\n');
            }
        }
        text.truncate(text.floor_char_boundary(self.left));
        self.left -= text.len();
        self.options.from = page.next;
        self.options.tail_lines = None;
        self.options.since = None;
        Ok((text, page.more && self.left > 0))
    }
}
