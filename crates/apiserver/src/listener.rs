//! Connections, and which part of the server answers a request.

use crate::answer::{self, Answer};
use crate::engine::Engine;
use crate::options::Parameters;
use crate::resource::{self, Asked};
use crate::{discovery, forward, log, openapi, path, remote};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, Method};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

/// The largest body that is read, as upstream's.
const LARGEST_BODY: usize = 3 * 1024 * 1024;
/// How long a client may take to send the head of a request, and its body.
const PATIENCE: Duration = Duration::from_secs(30);
/// The name that kubectl gives each of its runs.
const SESSION: HeaderName = HeaderName::from_static("kubectl-session");

/// What all connections share.
#[derive(Clone)]
pub struct Face {
    /// The cluster.
    pub engine: Engine,
    /// Is told each request and its answer, one line.
    pub log: Option<Log>,
    /// Counts what goes on.
    pub activity: Arc<Activity>,
}

/// How busy a face is.
#[derive(Debug, Default)]
pub struct Activity {
    /// Requests that have come in since the start.
    pub begun: AtomicU64,
    /// Requests that are not answered yet.
    pub open: AtomicU64,
    /// Watches, logs and commands that are still connected.
    pub streams: AtomicU64,
}

/// Counts something for as long as it lives.
pub(crate) struct Counted {
    activity: Arc<Activity>,
    of: fn(&Activity) -> &AtomicU64,
}

impl Counted {
    fn new(activity: &Arc<Activity>, of: fn(&Activity) -> &AtomicU64) -> Counted {
        of(activity).fetch_add(1, Ordering::SeqCst);
        Counted {
            activity: activity.clone(),
            of,
        }
    }

    /// An open stream.
    pub(crate) fn stream(face: &Face) -> Counted {
        Counted::new(&face.activity, |activity| &activity.streams)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.of)(&self.activity).fetch_sub(1, Ordering::SeqCst);
    }
}

/// What takes lines about requests.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// Answers connections until `stop` comes to its end; then the listener is closed and streams are cut.
pub async fn serve(listener: TcpListener, face: Face, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => return,
        };
        let Ok((connection, _)) = accepted else {
            // Too many open files, most likely: those who are there go on, and the next one is asked a little later.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // A connection that cannot be hurried still works.
        let _ = connection.set_nodelay(true);
        tokio::spawn(converse(connection, face.clone()));
    }
}

/// Answers the requests of one connection until it ends.
pub async fn converse<C>(connection: C, face: Face)
where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = Router::new().fallback(entry).with_state(face);
    let mut server = hyper::server::conn::http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE);
    let service = TowerToHyperService::new(router);
    let served = server.serve_connection(TokioIo::new(connection), service);
    // A client that goes away in the middle is none of the others' business.
    let _ = served.with_upgrades().await;
}

async fn entry(State(face): State<Face>, request: Request) -> Answer {
    let begun = Instant::now();
    face.activity.begun.fetch_add(1, Ordering::SeqCst);
    let _open = Counted::new(&face.activity, |activity| &activity.open);
    let line = face.log.as_ref().map(|_| {
        let path = request
            .uri()
            .path_and_query()
            .map_or("", |path| path.as_str());
        format!("{} {path}", request.method())
    });
    let answer = route(&face, request).await;
    if let (Some(log), Some(line)) = (&face.log, line) {
        let took = begun.elapsed().as_millis();
        log(&format!("{line} {} {took}ms", answer.status().as_u16()));
    }
    answer
}

fn header(headers: &HeaderMap, name: &HeaderName) -> String {
    let values = headers.get_all(name).iter();
    let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

async fn route(face: &Face, request: Request) -> Answer {
    let path = request.uri().path().to_owned();
    let accept = header(request.headers(), &ACCEPT);
    let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match words.as_slice() {
        ["version"] if reads => return answer::json(200, &discovery::version()),
        ["healthz" | "livez" | "readyz", ..] if reads => return answer::text(200, "ok"),
        ["api"] if reads => {
            let host = header(request.headers(), &HOST);
            return discovered(&accept, true, || discovery::versions(&host));
        }
        ["apis"] if reads => return discovered(&accept, false, discovery::group_list),
        ["openapi", "v2"] if reads => {
            return match openapi::second_version(&accept) {
                Some((media, bytes)) => answer::with_type(media, 200, Body::from(bytes)),
                None => resource::not_acceptable(),
            };
        }
        ["openapi", "v3"] if reads => return answer::json(200, &openapi::index()),
        ["openapi", "v3", rest @ ..] if reads => return found(openapi::document(&rest.join("/"))),
        ["apis", group] if reads => return found(discovery::group(group)),
        ["api", "v1"] if reads => return found(discovery::resource_list("v1")),
        ["apis", group, version] if reads => {
            return found(discovery::resource_list(&format!("{group}/{version}")));
        }
        _ => {}
    }
    let Some(address) = path::parse(&path) else {
        return answer::not_found();
    };
    let (parts, body) = request.into_parts();
    if address.plural == "pods" && address.api_version == "v1" {
        let parameters = Parameters::parse(parts.uri.query().unwrap_or(""));
        match address.part.as_str() {
            "log" if reads => return log::answer(face, &address, &parameters).await,
            "portforward" => return forward::answer(face, &address, parts).await,
            "exec" | "attach" => return remote::answer(face, &address, &parameters, parts).await,
            _ => {}
        }
    }
    let body = match read(body).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let session = header(&parts.headers, &SESSION);
    let asked = Asked {
        method: parts.method,
        parameters: Parameters::parse(parts.uri.query().unwrap_or("")),
        accept,
        content_type: header(&parts.headers, &CONTENT_TYPE),
        user_agent: header(&parts.headers, &USER_AGENT),
        session: (!session.is_empty()).then_some(session),
        body,
    };
    resource::answer(face, &address, asked).await
}

/// Reads a body that is neither too large nor too slow.
async fn read(body: Body) -> Result<axum::body::Bytes, Answer> {
    let read = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, LARGEST_BODY)).await;
    match read {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(refused(
            413,
            "RequestEntityTooLarge",
            &format!("Request entity too large: limit is {LARGEST_BODY}"),
        )),
        Err(_) => Err(refused(
            408,
            "Timeout",
            "the body of the request did not come in time",
        )),
    }
}

fn refused(code: u16, reason: &str, message: &str) -> Answer {
    let status = serde_json::json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    });
    answer::json(code, &status)
}

fn discovered(accept: &str, core: bool, plain: impl FnOnce() -> serde_json::Value) -> Answer {
    if discovery::wants_aggregated(accept) {
        answer::json_as(discovery::AGGREGATED, 200, &discovery::aggregated(core))
    } else {
        answer::json(200, &plain())
    }
}

fn found(value: Option<serde_json::Value>) -> Answer {
    value.map_or_else(answer::not_found, |value| answer::json(200, &value))
}
