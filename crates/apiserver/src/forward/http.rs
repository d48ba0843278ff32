//! HTTP/1 as it goes over a forwarded port: bytes to requests, answers to bytes.

use petset_cluster::network::http::{HttpRequest, HttpResponse};

/// The largest head of a request, as usual servers have it.
const LARGEST_HEAD: usize = 16 << 10;
/// The largest body of a request.
const LARGEST_BODY: usize = 1 << 20;

/// What bytes have come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// More is needed.
    Part,
    /// A request, and whether the client wants the connection to stay.
    Request(HttpRequest, bool),
    /// The client waits to be told to send the body.
    Waits,
    /// No HTTP; what a server answers to that.
    Nonsense(u16),
}

/// Takes a request off the front of `bytes`.
pub(super) fn read(bytes: &mut Vec<u8>) -> Read {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        let ends = bytes.len() > LARGEST_HEAD || !begins_well(bytes);
        return if ends {
            Read::Nonsense(400)
        } else {
            Read::Part
        };
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let Some((mut request, newer)) = parse(&head) else {
        return Read::Nonsense(400);
    };
    let header = |name: &str| {
        let mut all = request.headers.iter();
        let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    };
    let rest = &bytes[end + 4..];
    let body = if header("Transfer-Encoding").eq_ignore_ascii_case("chunked") {
        chunked(rest)
    } else {
        match header("Content-Length").parse::<usize>() {
            Ok(length) if length > LARGEST_BODY => return Read::Nonsense(413),
            Ok(length) => Ok(rest.get(..length).map(|body| (body.to_vec(), length))),
            Err(_) => Ok(Some((Vec::new(), 0))),
        }
    };
    let waits = rest.is_empty() && header("Expect").eq_ignore_ascii_case("100-continue");
    let connection = header("Connection").to_ascii_lowercase();
    let stays = if newer {
        connection != "close"
    } else {
        connection == "keep-alive"
    };
    match body {
        Err(code) => Read::Nonsense(code),
        Ok(None) if waits => Read::Waits,
        Ok(None) => Read::Part,
        Ok(Some((body, used))) => {
            request.body = body;
            bytes.drain(..end + 4 + used);
            Read::Request(request, stays)
        }
    }
}

/// Whether this can still become the first line of a request.
fn begins_well(bytes: &[u8]) -> bool {
    let word = bytes.split(|byte| *byte == b' ').next().unwrap_or_default();
    word.len() <= 16 && word.iter().all(u8::is_ascii_uppercase)
}

/// The request and whether it is of HTTP/1.1.
fn parse(head: &str) -> Option<(HttpRequest, bool)> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, path, version) = (words.next()?, words.next()?, words.next()?);
    if !begins_well(method.as_bytes()) || !version.starts_with("HTTP/1.") {
        return None;
    }
    let headers: Option<Vec<(String, String)>> = lines
        .map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.trim().to_owned()))
        })
        .collect();
    let headers = headers?;
    let host = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Host"));
    let host = host.map_or("", |(_, host)| host.as_str());
    let request = HttpRequest {
        method: method.to_owned(),
        host: host
            .rsplit_once(':')
            .map_or(host, |(host, _)| host)
            .to_owned(),
        path: path.to_owned(),
        headers,
        ..HttpRequest::default()
    };
    Some((request, version == "HTTP/1.1"))
}

/// The body in pieces and how long it was on the way; none while some of it is missing.
fn chunked(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, u16> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let rest = &bytes[at..];
        let Some(line) = rest.windows(2).position(|two| two == b"\r\n") else {
            return if rest.len() > 32 { Err(400) } else { Ok(None) };
        };
        let size = String::from_utf8_lossy(&rest[..line]);
        let size = size.split(';').next().unwrap_or("").trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| 400_u16)?;
        if size > LARGEST_BODY || body.len() + size > LARGEST_BODY {
            return Err(413);
        }
        let Some(piece) = rest.get(line + 2..line + 2 + size + 2) else {
            return Ok(None);
        };
        body.extend_from_slice(&piece[..size]);
        at += line + 2 + size + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}

/// An answer as bytes.
pub(super) fn written(response: &HttpResponse, head_only: bool, stays: bool) -> Vec<u8> {
    let code = response.status;
    let reason = axum::http::StatusCode::from_u16(code).ok();
    let reason = reason
        .and_then(|code| code.canonical_reason())
        .unwrap_or("");
    let mut text = format!("HTTP/1.1 {code} {reason}\r\n");
    let has = |name: &str| {
        let mut headers = response.headers.iter();
        headers.any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    let (sized, connected) = (has("Content-Length"), has("Connection"));
    for (name, value) in &response.headers {
        text += &format!("{name}: {value}\r\n");
    }
    if !sized {
        text += &format!("Content-Length: {}\r\n", response.body.len());
    }
    if !connected && !stays {
        text += "Connection: close\r\n";
    }
    text += "\r\n";
    let mut bytes = text.into_bytes();
    if !head_only {
        bytes.extend_from_slice(&response.body);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_as_servers_read_them() {
        let table = [
            ("", "part"),
            ("GET / HT", "part"),
            ("GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", "GET a / 0 stays"),
            ("GET / HTTP/1.0\r\n\r\n", "GET  / 0 ends"),
            (
                "GET / HTTP/1.1\r\nconnection: close\r\n\r\n",
                "GET  / 0 ends",
            ),
            ("POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", "part"),
            (
                "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
                "POST  /x 3 stays",
            ),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                "POST  / 3 stays",
            ),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
                "part",
            ),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "400",
            ),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                "413",
            ),
            ("PUT / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "413"),
            (
                "PUT / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
                "waits",
            ),
            ("hello\r\n\r\n", "400"),
            ("\u{16}\u{3}\u{1}", "400"),
            ("GET / SPDY\r\n\r\n", "400"),
            ("GET / HTTP/1.1\r\nno colon\r\n\r\n", "400"),
        ];
        for (text, want) in table {
            let mut bytes = text.as_bytes().to_vec();
            let got = match read(&mut bytes) {
                Read::Part => "part".to_owned(),
                Read::Waits => "waits".to_owned(),
                Read::Nonsense(code) => code.to_string(),
                Read::Request(request, stays) => {
                    assert!(bytes.is_empty(), "{text}");
                    let HttpRequest {
                        method,
                        host,
                        path,
                        body,
                        ..
                    } = request;
                    let stays = if stays { "stays" } else { "ends" };
                    format!("{method} {host} {path} {} {stays}", body.len())
                }
            };
            assert_eq!(got, want, "{text:?}");
        }
    }

    #[test]
    fn answers_say_how_long_they_are() {
        let response = HttpResponse {
            status: 200,
            headers: vec![("Server".to_owned(), "x".to_owned())],
            body: b"hi".to_vec(),
        };
        let text = |head_only, stays| {
            let bytes = written(&response, head_only, stays);
            String::from_utf8(bytes).expect("text")
        };
        let head = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n";
        assert_eq!(text(false, true), format!("{head}\r\nhi"));
        assert_eq!(
            text(true, false),
            format!("{head}Connection: close\r\n\r\n")
        );
    }
}
