//! What the clients of HTTP have in common.

use crate::programs::Io;
use petset_cluster::network::http::{ConnectError, HttpRequest, HttpResponse};
use petset_cluster::{Duration, Instant};
use std::net::IpAddr;

/// How long a connection is tried when no limit is given.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::secs(127);

/// How long the kernel looks for an address that nobody has.
pub(super) const UNREACHABLE_AFTER: Duration = Duration::millis(3066);

/// What a URL names.
#[derive(Clone)]
pub(super) struct Url {
    pub host: String,
    pub port: u16,
    pub path: String,
}

impl Url {
    /// Reads a URL; without a scheme it is HTTP's.
    pub(super) fn parse(text: &str) -> Result<Url, String> {
        let rest = match text.split_once("://") {
            Some(("http", rest)) => rest,
            Some((scheme, _)) => return Err(format!("not simulated here: {scheme}")),
            None => text,
        };
        let (authority, path) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (
                host,
                port.parse().map_err(|_| format!("bad port '{port}'"))?,
            ),
            None => (authority, 80),
        };
        let path = path.split('#').next().unwrap_or("/");
        Ok(Url {
            host: host.to_owned(),
            port,
            path: match path.strip_prefix('?') {
                Some(query) => format!("/?{query}"),
                None => path.to_owned(),
            },
        })
    }

    /// The value of the header `Host`.
    pub(super) fn authority(&self) -> String {
        match self.port {
            80 => self.host.clone(),
            port => format!("{}:{port}", self.host),
        }
    }

    /// A request for what the URL names.
    pub(super) fn request(&self, agent: &str) -> HttpRequest {
        HttpRequest {
            method: "GET".to_owned(),
            host: self.host.clone(),
            port: self.port,
            path: self.path.clone(),
            headers: vec![
                ("Host".to_owned(), self.authority()),
                ("User-Agent".to_owned(), agent.to_owned()),
                ("Accept".to_owned(), "*/*".to_owned()),
            ],
            body: Vec::new(),
            remote_address: String::new(),
        }
    }
}

/// What became of a request: the addresses that were tried, and the answer of the last one or why there is none.
pub(super) struct Sent {
    pub tried: Vec<IpAddr>,
    pub answer: Result<HttpResponse, ConnectError>,
}

/// Looks the host up and tries its addresses until one does not refuse.
pub(super) fn send(io: &mut Io<'_>, request: &HttpRequest) -> Sent {
    let mut sent = Sent {
        tried: Vec::new(),
        answer: Err(ConnectError::UnknownHost),
    };
    for address in io.system.network().addresses(&request.host) {
        sent.tried.push(address);
        sent.answer = io.system.network().request(address, request);
        let next = matches!(
            sent.answer,
            Err(ConnectError::Refused(_) | ConnectError::Unreachable(_))
        );
        if !next {
            break;
        }
    }
    sent
}

/// The words for a status code.
pub(in crate::programs) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Not Allowed",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "",
    }
}

/// How a client ends when its waiting is over.
#[derive(Clone)]
pub(super) struct Later {
    pub at: Instant,
    pub words: String,
    pub status: i32,
}

/// A number of seconds with a fraction, as options have it.
pub(super) fn seconds(text: Option<&str>) -> Option<Duration> {
    let seconds: f64 = text?.parse().ok()?;
    Some(Duration::millis(
        (seconds.clamp(0.001, 1e6) * 1000.0) as u64,
    ))
}
