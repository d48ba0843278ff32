//! Forwarded ports: kubectl's streams to what programs in pods answer.
//!
//! Streams come as SPDY/3.1, in a WebSocket as kubectl has them now, or by themselves as it had them before. Programs here speak HTTP alone; a
//! connection to another program is accepted and closed.
//!
//! Upstream: `k8s.io/client-go/tools/portforward`, `staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/httpstream.go`.

mod http;

use crate::answer::{self, Answer};
use crate::engine::Engine;
use crate::listener::{Counted, Face};
use crate::path::Address;
use crate::spdy::{self, Heard, Reader, Writer};
use axum::body::Bytes;
use axum::extract::FromRequestParts as _;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::request::Parts;
use http::Read;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use petset_cluster::Key;
use petset_cluster::api::Status;
use petset_cluster::network::http::ConnectError;
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const TUNNELLED: &str = "SPDY/3.1+portforward.k8s.io";
const PROTOCOL: &str = "portforward.k8s.io";
/// How many connections may go over one forwarded port at once.
const MOST_STREAMS: usize = 1_024;
/// How much is written to a stream at once.
const PIECE: usize = 32 << 10;

/// Answers a request for ports of a pod.
pub(crate) async fn answer(face: &Face, address: &Address, mut parts: Parts) -> Answer {
    let pod = Key::new(&address.namespace, &address.name);
    let asked = pod.clone();
    match face
        .engine
        .run(None, move |cluster| cluster.check_forward(&asked))
        .await
    {
        None => return answer::failure(&Status::internal("the cluster has stopped")),
        Some(Err(error)) => return answer::failure(&error),
        Some(Ok(())) => {}
    }
    let counted = Counted::stream(face);
    let engine = face.engine.clone();
    if let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        return upgrade
            .protocols([TUNNELLED])
            .on_upgrade(async move |socket| {
                let _counted = counted;
                Session::new(engine, pod)
                    .carry(Pipe::WebSocket(Box::new(socket)))
                    .await;
            });
    }
    let Some((upgrade, answer)) = spdy::upgrade(&mut parts, PROTOCOL) else {
        return answer::failure(&Status::bad_request("Upgrade request required"));
    };
    tokio::spawn(async move {
        let _counted = counted;
        if let Ok(connection) = upgrade.await {
            let pipe = Pipe::Plain(TokioIo::new(connection));
            Session::new(engine, pod).carry(pipe).await;
        }
    });
    answer
}

/// What carries the bytes.
enum Pipe {
    WebSocket(Box<WebSocket>),
    Plain(TokioIo<Upgraded>),
}

impl Pipe {
    /// What comes next; none at the end.
    async fn receive(&mut self) -> Option<Bytes> {
        match self {
            Pipe::WebSocket(socket) => loop {
                match socket.recv().await? {
                    Ok(Message::Binary(bytes)) => return Some(bytes),
                    Ok(Message::Ping(_) | Message::Pong(_)) => {}
                    Ok(_) | Err(_) => return None,
                }
            },
            Pipe::Plain(connection) => {
                let mut bytes = vec![0; PIECE];
                let length = connection.read(&mut bytes).await.ok().filter(|n| *n > 0)?;
                bytes.truncate(length);
                Some(bytes.into())
            }
        }
    }

    async fn send(&mut self, bytes: Vec<u8>) -> Option<()> {
        match self {
            Pipe::WebSocket(socket) => socket.send(Message::Binary(bytes.into())).await.ok(),
            Pipe::Plain(connection) => {
                connection.write_all(&bytes).await.ok()?;
                connection.flush().await.ok()
            }
        }
    }
}

/// A connection to a port of the pod: two streams of one number.
struct Connection {
    port: u16,
    /// Where errors are told.
    errors: u32,
    bytes: Vec<u8>,
}

/// Everything that goes over one pipe.
struct Session {
    engine: Engine,
    pod: Key,
    writer: Writer,
    /// The streams of errors whose stream of data has not come yet, by the number of the request.
    errors: BTreeMap<String, u32>,
    /// By the stream of data.
    connections: BTreeMap<u32, Connection>,
    out: Vec<u8>,
}

impl Session {
    fn new(engine: Engine, pod: Key) -> Session {
        Session {
            engine,
            pod,
            writer: Writer::default(),
            errors: BTreeMap::new(),
            connections: BTreeMap::new(),
            out: Vec::new(),
        }
    }

    /// Answers what comes until either end closes.
    async fn carry(mut self, mut pipe: Pipe) {
        let mut reader = Reader::new();
        while let Some(bytes) = pipe.receive().await {
            reader.push(&bytes);
            loop {
                match reader.next() {
                    Ok(Some(Heard::GoAway)) | Err(_) => return,
                    Ok(Some(heard)) => self.hear(heard).await,
                    Ok(None) => break,
                }
            }
            let out = std::mem::take(&mut self.out);
            if !out.is_empty() && pipe.send(out).await.is_none() {
                return;
            }
        }
    }

    async fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Stream { id, headers, .. } => self.begin(id, &headers).await,
            Heard::Data { id, bytes, ends } => {
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.bytes.extend(bytes);
                    self.converse(id).await;
                    if ends {
                        self.end(id, "");
                    }
                }
            }
            Heard::Reset { id } => {
                self.connections.remove(&id);
            }
            Heard::Ping { id } => self.out.extend(spdy::ping(id)),
            Heard::GoAway => {}
        }
    }

    async fn begin(&mut self, id: u32, headers: &[(String, String)]) {
        let header = |name: &str| {
            let found = headers.iter().find(|(known, _)| known == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let request = header("requestid").to_owned();
        self.out.extend(self.writer.reply(id));
        if header("streamtype") == "error" {
            if self.errors.len() < MOST_STREAMS {
                self.errors.insert(request, id);
            }
            return;
        }
        let errors = self.errors.remove(&request).unwrap_or(0);
        let port = header("port").parse::<u16>().unwrap_or(0);
        let connection = Connection {
            port,
            errors,
            bytes: Vec::new(),
        };
        let full = self.connections.len() >= MOST_STREAMS;
        self.connections.insert(id, connection);
        let pod = self.pod.clone();
        let connected = self
            .engine
            .run(None, move |cluster| cluster.connect_forwarded(&pod, port));
        match connected.await {
            Some(Ok(())) if !full => {}
            Some(Err(why)) => self.end(id, &why),
            _ => self.end(id, "too many connections"),
        }
    }

    /// Answers the requests that have come whole over a connection.
    async fn converse(&mut self, id: u32) {
        while let Some(connection) = self.connections.get_mut(&id) {
            let port = connection.port;
            let (request, stays) = match http::read(&mut connection.bytes) {
                Read::Part => return,
                Read::Waits => {
                    self.write(id, b"HTTP/1.1 100 Continue\r\n\r\n");
                    return;
                }
                Read::Nonsense(code) => {
                    let response = petset_cluster::network::http::HttpResponse {
                        status: code,
                        ..Default::default()
                    };
                    self.write(id, &http::written(&response, false, false));
                    return self.end(id, "");
                }
                Read::Request(request, stays) => (request, stays),
            };
            let (pod, head_only) = (self.pod.clone(), request.method == "HEAD");
            let answered = self.engine.run(None, move |cluster| {
                cluster.request_forwarded(&pod, port, &request)
            });
            match answered.await {
                Some(Ok(response)) => {
                    self.write(id, &http::written(&response, head_only, stays));
                    if !stays {
                        self.end(id, "");
                    }
                }
                // The program closes without an answer.
                Some(Err(ConnectError::EmptyReply(_))) | None => self.end(id, ""),
                Some(Err(_)) => {
                    let pod = self.pod.clone();
                    let why = self.engine.run(None, move |cluster| {
                        cluster
                            .connect_forwarded(&pod, port)
                            .err()
                            .unwrap_or_default()
                    });
                    let why = why.await.unwrap_or_default();
                    self.end(id, &why);
                }
            }
        }
    }

    fn write(&mut self, id: u32, bytes: &[u8]) {
        for piece in bytes.chunks(PIECE) {
            self.out.extend(spdy::data(id, piece, false));
        }
    }

    /// Ends a connection, and says why if it was not meant to.
    fn end(&mut self, id: u32, why: &str) {
        if let Some(connection) = self.connections.remove(&id) {
            if connection.errors != 0 {
                self.out
                    .extend(spdy::data(connection.errors, why.as_bytes(), true));
            }
            self.out.extend(spdy::data(id, b"", true));
        }
    }
}
