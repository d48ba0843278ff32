//! `curl`, as of version 7.88.1.

use super::http::{CONNECT_TIMEOUT, Later, Sent, UNREACHABLE_AFTER, Url, reason, seconds, send};
use crate::command::{Poll, Until};
use crate::programs::{Io, Program};
use petset_cluster::Duration;
use petset_cluster::network::http::{ConnectError, HttpRequest, HttpResponse};

const AGENT: &str = "curl/7.88.1";

/// The head of the table that is shown while something is downloaded into a file or a pipe, and its first line.
const PROGRESS: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\n";

/// `curl`; it may have to wait for packets that never come.
#[derive(Clone)]
pub(in crate::programs) struct Curl {
    options: Options,
    /// How many addresses are done.
    done: usize,
    later: Option<Later>,
    status: i32,
}

impl Curl {
    pub(in crate::programs) fn new(arguments: &[String]) -> Curl {
        Curl {
            options: Options::parse(arguments),
            done: 0,
            later: None,
            status: 0,
        }
    }

    /// Fetches one address; `None` when it is done, else what it waits for.
    fn fetch(&mut self, text: &str, io: &mut Io<'_>) -> Option<Poll> {
        let url = match Url::parse(text) {
            Ok(url) => url,
            Err(words) => return self.fail(&format!("curl: (1) {words}"), 1, io),
        };
        let mut request = url.request(self.options.agent.as_deref().unwrap_or(AGENT));
        self.options.apply(&mut request);
        if self.shows_progress(io) {
            io.stderr.push_str(PROGRESS);
        }
        let Sent { tried, answer } = send(io, &request);
        if self.options.verbose {
            verbose_connection(&url, &tried, &answer, io);
        }
        match answer {
            Ok(response) => self.received(&url, &request, &response, &tried, io),
            Err(error) => self.not_connected(&url, error, io),
        }
    }

    fn shows_progress(&self, io: &Io<'_>) -> bool {
        let aside = self.options.output.is_some() || self.options.remote_name || !io.terminal;
        !self.options.silent && aside && !self.options.head
    }

    fn fail(&mut self, words: &str, status: i32, io: &mut Io<'_>) -> Option<Poll> {
        if !self.options.silent || self.options.show_errors {
            io.stderr.push_str(words);
            io.stderr.push('\n');
        }
        self.status = status;
        None
    }

    fn not_connected(&mut self, url: &Url, error: ConnectError, io: &mut Io<'_>) -> Option<Poll> {
        let (host, port) = (&url.host, url.port);
        let limits = (self.options.connect_timeout, self.options.max_time);
        let limit = match limits {
            (Some(a), Some(b)) => a.min(b),
            (a, b) => a.or(b).unwrap_or(CONNECT_TIMEOUT),
        };
        let ms = limit.as_millis() + 1;
        let timed_out = match limits {
            (None, Some(_)) => format!("curl: (28) Connection timed out after {ms} milliseconds"),
            _ => format!(
                "curl: (28) Failed to connect to {host} port {port} after {ms} ms: Timeout was reached"
            ),
        };
        let refused = |ms: u64| {
            format!(
                "curl: (7) Failed to connect to {host} port {port} after {ms} ms: Couldn't connect to server"
            )
        };
        let (wait, words, status) = match error {
            ConnectError::UnknownHost => {
                let words = format!("curl: (6) Could not resolve host: {host}");
                return self.fail(&words, 6, io);
            }
            ConnectError::Refused(_) => return self.fail(&refused(0), 7, io),
            ConnectError::EmptyReply(_) => {
                return self.fail("curl: (52) Empty reply from server", 52, io);
            }
            ConnectError::Unreachable(_) if UNREACHABLE_AFTER < limit => {
                (UNREACHABLE_AFTER, refused(UNREACHABLE_AFTER.as_millis()), 7)
            }
            ConnectError::Unreachable(_) | ConnectError::Dropped(_) => (limit, timed_out, 28),
        };
        let at = io.system.now() + wait;
        self.later = Some(Later { at, words, status });
        Some(Poll::Pending(Until::Time(at)))
    }

    fn received(
        &mut self,
        url: &Url,
        request: &HttpRequest,
        response: &HttpResponse,
        tried: &[std::net::IpAddr],
        io: &mut Io<'_>,
    ) -> Option<Poll> {
        let head = head(response);
        if self.options.verbose {
            let line = |(name, value): &(String, String)| format!("> {name}: {value}\n");
            let sent: String = request.headers.iter().map(line).collect();
            let received: String = head.lines().map(|line| format!("< {line}\n")).collect();
            let data = match io.terminal && self.options.output.is_none() {
                true => String::new(),
                false => format!("{{ [{} bytes data]\n", response.body.len()),
            };
            io.stderr.push_str(&format!(
                "> {} {} HTTP/1.1\n{sent}> \n{received}{data}* Connection #0 to host {} left intact\n",
                request.method, request.path, url.host
            ));
        }
        if self.options.fail && response.status >= 400 {
            let words = format!(
                "curl: (22) The requested URL returned error: {}",
                response.status
            );
            return self.fail(&words, 22, io);
        }
        let mut out = String::new();
        if self.options.include || self.options.head {
            out.push_str(&head);
        }
        if !self.options.head {
            out.push_str(&String::from_utf8_lossy(&response.body));
        }
        let name = url.path.rsplit('/').next().unwrap_or("");
        let target = match &self.options.output {
            None if self.options.remote_name => Some(name.to_owned()),
            target => target.clone().filter(|target| target != "-"),
        };
        match target {
            None => io.stdout.push_str(&out),
            Some(target) => {
                let path = io.path(&target);
                if io.system.write(&path, out.as_bytes(), false).is_err() {
                    let words = "curl: (23) Failure writing output to destination";
                    return self.fail(words, 23, io);
                }
            }
        }
        if self.shows_progress(io) {
            let n = response.body.len();
            io.stderr.push_str(&format!(
                "100 {n:>5}  100 {n:>5}    0     0   300k      0 --:--:-- --:--:-- --:--:--  300k\n"
            ));
        }
        if let Some(format) = &self.options.write_out {
            let text = written_out(format, url, response, tried);
            io.stdout.push_str(&text);
        }
        None
    }
}

/// What `-v` says before anything is sent.
fn verbose_connection(
    url: &Url,
    tried: &[std::net::IpAddr],
    answer: &Result<HttpResponse, ConnectError>,
    io: &mut Io<'_>,
) {
    let (host, port) = (&url.host, url.port);
    let mut text = String::new();
    for (at, address) in tried.iter().enumerate() {
        text.push_str(&format!("*   Trying {address}:{port}...\n"));
        let connected =
            at + 1 == tried.len() && matches!(answer, Ok(_) | Err(ConnectError::EmptyReply(_)));
        if connected {
            text.push_str(&format!(
                "* Connected to {host} ({address}) port {port} (#0)\n"
            ));
        } else if !matches!(answer, Err(ConnectError::Dropped(_))) {
            let why = match answer {
                Err(ConnectError::Unreachable(_)) => "No route to host",
                _ => "Connection refused",
            };
            text.push_str(&format!(
                "* connect to {address} port {port} failed: {why}\n"
            ));
        }
    }
    let end = match answer {
        Err(ConnectError::UnknownHost) => format!("* Could not resolve host: {host}\n"),
        Err(ConnectError::Refused(_)) => format!(
            "* Failed to connect to {host} port {port} after 0 ms: Couldn't connect to server\n"
        ),
        _ => String::new(),
    };
    if !end.is_empty() {
        text.push_str(&format!("{end}* Closing connection 0\n"));
    }
    io.stderr.push_str(&text);
}

fn head(response: &HttpResponse) -> String {
    let mut text = format!(
        "HTTP/1.1 {} {}\r\n",
        response.status,
        reason(response.status)
    );
    for (name, value) in &response.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + "\r\n"
}

/// The text of `-w`.
fn written_out(
    format: &str,
    url: &Url,
    response: &HttpResponse,
    tried: &[std::net::IpAddr],
) -> String {
    let kind = response
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"))
        .map_or("", |(_, value)| value.as_str());
    let status = response.status.to_string();
    let address = tried.last().map_or(String::new(), ToString::to_string);
    let values = [
        ("http_code", status.as_str()),
        ("response_code", status.as_str()),
        ("size_download", &response.body.len().to_string()),
        ("content_type", kind),
        ("remote_ip", &address),
        ("remote_port", &url.port.to_string()),
        ("time_total", "0.001204"),
        ("time_connect", "0.000312"),
        ("time_namelookup", "0.000187"),
        ("num_connects", "1"),
        (
            "url_effective",
            &format!("http://{}{}", url.authority(), url.path),
        ),
    ];
    let mut text = format.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("%{{{name}}}"), value);
    }
    for (escape, value) in [("\\n", "\n"), ("\\t", "\t"), ("\\r", "\r")] {
        text = text.replace(escape, value);
    }
    text
}

#[derive(Clone, Default)]
struct Options {
    urls: Vec<String>,
    silent: bool,
    show_errors: bool,
    include: bool,
    head: bool,
    fail: bool,
    verbose: bool,
    remote_name: bool,
    output: Option<String>,
    write_out: Option<String>,
    method: Option<String>,
    agent: Option<String>,
    body: Option<String>,
    headers: Vec<String>,
    max_time: Option<Duration>,
    connect_timeout: Option<Duration>,
    /// Why the command line cannot be used.
    wrong: Option<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Options {
        let mut options = Options::default();
        let mut rest = arguments.iter().skip(1);
        while let Some(argument) = rest.next() {
            if argument.starts_with("--") && argument.len() > 2 {
                options.take(argument, argument, &mut || rest.next().cloned());
                continue;
            }
            let Some(letters) = argument.strip_prefix('-').filter(|l| !l.is_empty()) else {
                options.urls.push(argument.clone());
                continue;
            };
            let mut letters = letters.chars();
            while let Some(letter) = letters.next() {
                let mut glued = letters.as_str().to_owned();
                let mut used = false;
                options.take(&format!("-{letter}"), argument, &mut || {
                    used = true;
                    match std::mem::take(&mut glued) {
                        value if value.is_empty() => rest.next().cloned(),
                        value => Some(value),
                    }
                });
                if used {
                    break;
                }
            }
        }
        options
    }

    fn take(&mut self, name: &str, written: &str, value: &mut dyn FnMut() -> Option<String>) {
        match name {
            "-s" | "--silent" => self.silent = true,
            "-S" | "--show-error" => self.show_errors = true,
            "-i" | "--include" => self.include = true,
            "-I" | "--head" => self.head = true,
            "-f" | "--fail" => self.fail = true,
            "-v" | "--verbose" => self.verbose = true,
            "-O" | "--remote-name" => self.remote_name = true,
            "-L" | "--location" | "-k" | "--insecure" | "-4" | "--ipv4" | "-N" | "--no-buffer"
            | "--http1.1" | "--compressed" => {}
            "-o" | "--output" => self.output = value(),
            "-w" | "--write-out" => self.write_out = value(),
            "-X" | "--request" => self.method = value(),
            "-A" | "--user-agent" => self.agent = value(),
            "-d" | "--data" => self.body = value(),
            "-H" | "--header" => self.headers.extend(value()),
            "-m" | "--max-time" => self.max_time = seconds(value().as_deref()),
            "--connect-timeout" => self.connect_timeout = seconds(value().as_deref()),
            "--url" => self.urls.extend(value()),
            _ => {
                self.wrong = Some(format!(
                    "curl: option {written}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information"
                ));
            }
        }
    }

    fn apply(&self, request: &mut HttpRequest) {
        if self.head {
            request.method = "HEAD".to_owned();
        }
        let mut headers: Vec<(String, String)> = Vec::new();
        if let Some(body) = &self.body {
            request.method = "POST".to_owned();
            request.body = body.clone().into_bytes();
            headers.push(("Content-Length".to_owned(), body.len().to_string()));
            let kind = "application/x-www-form-urlencoded";
            headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        if let Some(method) = &self.method {
            request.method = method.clone();
        }
        request.headers.extend(headers);
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

impl Program for Curl {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        if let Some(words) = &self.options.wrong {
            return io.fail(words, 2);
        }
        if self.options.urls.is_empty() {
            let words = "curl: try 'curl --help' or 'curl --manual' for more information";
            return io.fail(words, 2);
        }
        if let Some(later) = self.later.clone() {
            if io.system.now() < later.at {
                return Poll::Pending(Until::Time(later.at));
            }
            self.later = None;
            self.done += 1;
            self.fail(&later.words, later.status, io);
        }
        while let Some(text) = self.options.urls.get(self.done).cloned() {
            self.status = 0;
            if let Some(poll) = self.fetch(&text, io) {
                return poll;
            }
            self.done += 1;
        }
        Poll::Done(self.status)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
