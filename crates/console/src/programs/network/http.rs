//! `wget` and `curl`.

use crate::command::{Poll, Until};
use crate::programs::options::Options;
use crate::programs::{Io, Program};
use petset_cluster::network::http::{ConnectError, HttpRequest, HttpResponse};
use petset_cluster::{Duration, Instant};

/// How long a connection is tried when no limit is given.
const CONNECT_TIMEOUT: Duration = Duration::secs(127);

/// What a URL names.
struct Url {
    host: String,
    port: u16,
    path: String,
}

fn url(text: &str) -> Result<Url, String> {
    let rest = match text.split_once("://") {
        Some(("http", rest)) => rest,
        Some((scheme, _)) => return Err(format!("not simulated here: {scheme}")),
        None => text,
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (
            host,
            port.parse().map_err(|_| format!("bad port '{port}'"))?,
        ),
        None => (authority, 80),
    };
    Ok(Url {
        host: host.to_owned(),
        port,
        path: path.split('#').next().unwrap_or("/").to_owned(),
    })
}

fn request(url: &Url, agent: &str) -> HttpRequest {
    let host = match url.port {
        80 => url.host.clone(),
        port => format!("{}:{port}", url.host),
    };
    HttpRequest {
        method: "GET".to_owned(),
        host: url.host.clone(),
        port: url.port,
        path: url.path.clone(),
        headers: vec![
            ("Host".to_owned(), host),
            ("User-Agent".to_owned(), agent.to_owned()),
            ("Accept".to_owned(), "*/*".to_owned()),
        ],
        body: Vec::new(),
        remote_address: String::new(),
    }
}

fn send(io: &mut Io<'_>, request: &HttpRequest) -> Result<HttpResponse, ConnectError> {
    match io.system.container() {
        Some(container) => container.http(request),
        None => Err(ConnectError::UnknownHost),
    }
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

/// A client that may have to wait for packets that never come.
#[derive(Clone)]
pub(in crate::programs) struct Client {
    arguments: Vec<String>,
    waits_until: Option<(Instant, Instant)>,
}

impl Client {
    pub(in crate::programs) fn new(arguments: &[String]) -> Client {
        Client {
            arguments: arguments.to_vec(),
            waits_until: None,
        }
    }

    /// Waits for `span` from the first call on; `None` when that is over.
    fn wait(&mut self, span: Duration, io: &mut Io<'_>) -> Option<Poll> {
        let now = io.system.now();
        let (_, end) = *self.waits_until.get_or_insert((now, now + span));
        (now < end).then_some(Poll::Pending(Until::Time(end)))
    }

    fn wget(&mut self, io: &mut Io<'_>) -> Poll {
        let options = Options::parse(&self.arguments, "OTtY");
        let Some(text) = options.operands.first() else {
            return io.fail("wget: missing URL", 1);
        };
        let url = match url(text) {
            Ok(url) => url,
            Err(words) => return io.fail(&format!("wget: {words}"), 1),
        };
        let quiet = options.has('q');
        let busybox = io.is_busybox();
        if self.waits_until.is_some() {
            let limit = timeout(options.value('T')).unwrap_or(CONNECT_TIMEOUT);
            if let Some(poll) = self.wait(limit, io) {
                return poll;
            }
            return io.fail("wget: download timed out", 1);
        }
        if busybox && !quiet {
            let address = match io.system.container() {
                Some(container) => container.addresses(&url.host),
                None => None,
            };
            if let Some(address) = address.and_then(|(_, all)| all.first().copied()) {
                io.stderr.push_str(&format!(
                    "Connecting to {} ({address}:{})\n",
                    text.trim_start_matches("http://")
                        .split('/')
                        .next()
                        .unwrap_or(""),
                    url.port
                ));
            }
        }
        let response = match send(io, &request(&url, "Wget")) {
            Ok(response) => response,
            Err(ConnectError::UnknownHost) => {
                return io.fail(&format!("wget: bad address '{}'", url.host), 1);
            }
            Err(ConnectError::Refused(address)) => {
                let words =
                    format!("wget: can't connect to remote host ({address}): Connection refused");
                return io.fail(&words, 1);
            }
            Err(ConnectError::Dropped(_)) => {
                let limit = timeout(options.value('T')).unwrap_or(CONNECT_TIMEOUT);
                return self.wait(limit, io).unwrap_or(Poll::Done(1));
            }
            Err(ConnectError::EmptyReply(_)) => {
                return io.fail("wget: error getting response", 1);
            }
        };
        if response.status >= 400 {
            let words = format!(
                "wget: server returned error: HTTP/1.1 {} {}",
                response.status,
                reason(response.status)
            );
            return io.fail(&words, 1);
        }
        let body = String::from_utf8_lossy(&response.body).into_owned();
        let name = match url.path.rsplit('/').next() {
            None | Some("") => "index.html".to_owned(),
            Some(name) => name.to_owned(),
        };
        let target = options.value('O').map_or(name, str::to_owned);
        if target == "-" {
            io.stdout.push_str(&body);
            return Poll::Done(0);
        }
        let path = io.path(&target);
        if let Err(error) = io.system.write(&path, body.as_bytes(), false) {
            return io.fail(
                &format!("wget: can't open '{target}': {}", error.message()),
                1,
            );
        }
        if !quiet {
            let line = format!("saving to '{target}'\n'{target}' saved\n");
            io.stderr.push_str(&line);
        }
        Poll::Done(0)
    }

    fn curl(&mut self, io: &mut Io<'_>) -> Poll {
        let options = CurlOptions::parse(&self.arguments);
        if let Some(words) = &options.unknown {
            return io.fail(words, 2);
        }
        let Some(text) = options.url.clone() else {
            let words = "curl: try 'curl --help' or 'curl --manual' for more information";
            return io.fail(words, 2);
        };
        let url = match url(&text) {
            Ok(url) => url,
            Err(words) => return io.fail(&format!("curl: (1) {words}"), 1),
        };
        let complain = !options.silent || options.show_errors;
        let fail = |io: &mut Io<'_>, words: String, status: i32| {
            if complain {
                io.stderr.push_str(&words);
                io.stderr.push('\n');
            }
            Poll::Done(status)
        };
        let limit = options
            .connect_timeout
            .or(options.max_time)
            .unwrap_or(CONNECT_TIMEOUT);
        let timed_out = match options.connect_timeout {
            None if options.max_time.is_some() => {
                format!(
                    "curl: (28) Connection timed out after {} milliseconds",
                    limit.as_millis() + 1
                )
            }
            _ => format!(
                "curl: (28) Failed to connect to {} port {} after {} ms: Timeout was reached",
                url.host,
                url.port,
                limit.as_millis() + 1
            ),
        };
        if self.waits_until.is_some() {
            if let Some(poll) = self.wait(limit, io) {
                return poll;
            }
            return fail(io, timed_out, 28);
        }
        let mut request = request(&url, "curl/7.88.1");
        options.apply(&mut request);
        if !options.silent && options.output.is_some() {
            io.stderr.push_str(PROGRESS);
        }
        let response = match send(io, &request) {
            Ok(response) => response,
            Err(ConnectError::UnknownHost) => {
                let words = format!("curl: (6) Could not resolve host: {}", url.host);
                return fail(io, words, 6);
            }
            Err(ConnectError::Refused(_)) => {
                let words = format!(
                    "curl: (7) Failed to connect to {} port {} after 0 ms: Couldn't connect to server",
                    url.host, url.port
                );
                return fail(io, words, 7);
            }
            Err(ConnectError::Dropped(_)) => {
                return self.wait(limit, io).unwrap_or(Poll::Done(28));
            }
            Err(ConnectError::EmptyReply(_)) => {
                return fail(io, "curl: (52) Empty reply from server".to_owned(), 52);
            }
        };
        if options.fail && response.status >= 400 {
            let words = format!(
                "curl: (22) The requested URL returned error: {}",
                response.status
            );
            return fail(io, words, 22);
        }
        let mut out = String::new();
        if options.include || options.head {
            out.push_str(&format!(
                "HTTP/1.1 {} {}\r\n",
                response.status,
                reason(response.status)
            ));
            for (name, value) in &response.headers {
                out.push_str(&format!("{name}: {value}\r\n"));
            }
            out.push_str("\r\n");
        }
        if !options.head {
            out.push_str(&String::from_utf8_lossy(&response.body));
        }
        match &options.output {
            None => io.stdout.push_str(&out),
            Some(target) => {
                let path = io.path(target);
                if io.system.write(&path, out.as_bytes(), false).is_err() {
                    return fail(
                        io,
                        "curl: (23) Failure writing output to destination".to_owned(),
                        23,
                    );
                }
            }
        }
        if let Some(format) = &options.write_out {
            let text = format
                .replace("%{http_code}", &response.status.to_string())
                .replace("%{response_code}", &response.status.to_string())
                .replace("\\n", "\n");
            io.stdout.push_str(&text);
        }
        Poll::Done(0)
    }
}

const PROGRESS: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n";

#[derive(Default)]
struct CurlOptions {
    url: Option<String>,
    silent: bool,
    show_errors: bool,
    include: bool,
    head: bool,
    fail: bool,
    output: Option<String>,
    write_out: Option<String>,
    method: Option<String>,
    body: Option<String>,
    headers: Vec<String>,
    max_time: Option<Duration>,
    connect_timeout: Option<Duration>,
    unknown: Option<String>,
}

impl CurlOptions {
    fn parse(arguments: &[String]) -> CurlOptions {
        let mut options = CurlOptions::default();
        let mut rest = arguments.iter().skip(1);
        while let Some(argument) = rest.next() {
            let names: Vec<String> = match argument.strip_prefix("--") {
                Some(_) => vec![argument.clone()],
                None => match argument.strip_prefix('-') {
                    Some(letters)
                        if letters.len() > 1
                            && !letters.starts_with(['o', 'w', 'm', 'X', 'H', 'd']) =>
                    {
                        letters.chars().map(|c| format!("-{c}")).collect()
                    }
                    Some(_) => vec![argument.clone()],
                    None => {
                        options.url = Some(argument.clone());
                        continue;
                    }
                },
            };
            for name in names {
                let mut value = || rest.next().cloned();
                match name.as_str() {
                    "-s" | "--silent" => options.silent = true,
                    "-S" | "--show-error" => options.show_errors = true,
                    "-i" | "--include" => options.include = true,
                    "-I" | "--head" => options.head = true,
                    "-f" | "--fail" => options.fail = true,
                    "-L" | "--location" | "-v" | "--verbose" | "-k" | "-4" => {}
                    "-o" | "--output" => options.output = value(),
                    "-w" | "--write-out" => options.write_out = value(),
                    "-X" | "--request" => options.method = value(),
                    "-d" | "--data" => options.body = value(),
                    "-H" | "--header" => options.headers.extend(value()),
                    "-m" | "--max-time" => options.max_time = timeout(value().as_deref()),
                    "--connect-timeout" => options.connect_timeout = timeout(value().as_deref()),
                    _ if name.starts_with("-m") => options.max_time = timeout(name.get(2..)),
                    _ if name.starts_with("-X") => {
                        options.method = name.get(2..).map(str::to_owned)
                    }
                    _ => {
                        options.unknown = Some(format!(
                            "curl: option {name}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information"
                        ));
                    }
                }
            }
        }
        options
    }

    fn apply(&self, request: &mut HttpRequest) {
        if self.head {
            request.method = "HEAD".to_owned();
        }
        if let Some(body) = &self.body {
            request.method = "POST".to_owned();
            request.body = body.clone().into_bytes();
        }
        if let Some(method) = &self.method {
            request.method = method.clone();
        }
        for header in &self.headers {
            if let Some((name, value)) = header.split_once(':') {
                request
                    .headers
                    .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                request
                    .headers
                    .push((name.to_owned(), value.trim().to_owned()));
            }
        }
    }
}

fn timeout(text: Option<&str>) -> Option<Duration> {
    let seconds: f64 = text?.parse().ok()?;
    Some(Duration::millis(
        (seconds.clamp(0.001, 1e6) * 1000.0) as u64,
    ))
}

impl Program for Client {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        if io.system.container().is_none() {
            return io.fail(
                "curl: not simulated here: requests from outside of the cluster",
                1,
            );
        }
        let curl = self.arguments.first().is_some_and(|n| n.ends_with("curl"));
        if curl { self.curl(io) } else { self.wget(io) }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
