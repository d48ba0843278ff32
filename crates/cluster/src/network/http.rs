//! Requests between programs, and why a connection fails.

/// An HTTP request as a server sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `HEAD`, `POST` …
    pub method: String,
    /// The host as it was typed: a name or an address, without the port.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub path: String,
    /// Headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The client's address, filled in on the way; the server's log shows it.
    pub remote_address: String,
}

/// The answer of an HTTP server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a connection or a request over it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// The name does not resolve.
    UnknownHost,
    /// Nobody listens there: refused at once. The address that was tried.
    Refused(String),
    /// Nobody has this address any more: the program learns it after three seconds. The address that was tried.
    Unreachable(String),
    /// Packets are dropped: the program waits until its own time-out. The address that was tried.
    Dropped(String),
    /// The server accepted and closed without an HTTP answer. The address that was tried.
    EmptyReply(String),
}
