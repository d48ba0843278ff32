//! `wget`, BusyBox's and GNU's.

use super::http::{CONNECT_TIMEOUT, Later, Sent, UNREACHABLE_AFTER, Url, reason, seconds, send};
use crate::command::{Poll, Until};
use crate::programs::options::Options;
use crate::programs::{Io, Program};
use petset_cluster::network::http::{ConnectError, HttpResponse};

/// `wget`; it may have to wait for packets that never come.
#[derive(Clone)]
pub(in crate::programs) struct Wget {
    arguments: Vec<String>,
    later: Option<Later>,
}

impl Wget {
    pub(in crate::programs) fn new(arguments: &[String]) -> Wget {
        Wget {
            arguments: arguments.to_vec(),
            later: None,
        }
    }

    fn run(&mut self, io: &mut Io<'_>) -> Poll {
        let options = Options::parse(&self.arguments, "OTtYU");
        let Some(text) = options.operands.first().cloned() else {
            return io.fail("wget: missing URL", 1);
        };
        let url = match Url::parse(&text) {
            Ok(url) => url,
            Err(words) => return io.fail(&format!("wget: {words}"), 1),
        };
        let busybox = io.is_busybox();
        let quiet = options.has('q');
        let agent = if busybox { "Wget" } else { "Wget/1.21.3" };
        let Sent { tried, answer } = send(io, &url.request(agent));
        if !quiet {
            let begin = match busybox {
                true => tried.first().map_or(String::new(), |address| {
                    let shown = text.trim_start_matches("http://");
                    let host = shown.split('/').next().unwrap_or("");
                    format!("Connecting to {host} ({address}:{})\n", url.port)
                }),
                false => begin(&text, &url, &tried, answer.is_ok(), io),
            };
            io.stderr.push_str(&begin);
        }
        match answer {
            Ok(response) => self.save(&options, &url, &response, io),
            Err(error) => self.give_up(&options, &url, error, io),
        }
    }

    fn give_up(
        &mut self,
        options: &Options,
        url: &Url,
        error: ConnectError,
        io: &mut Io<'_>,
    ) -> Poll {
        let busybox = io.is_busybox();
        let silent = options.has('q') && !busybox;
        let limit = seconds(options.value('T')).unwrap_or(CONNECT_TIMEOUT);
        let (wait, words, status) = match (error, busybox) {
            (ConnectError::UnknownHost, true) => {
                (None, format!("wget: bad address '{}'", url.host), 1)
            }
            (ConnectError::UnknownHost, false) => (
                None,
                format!(
                    "wget: unable to resolve host address \u{2018}{}\u{2019}",
                    url.host
                ),
                4,
            ),
            (ConnectError::Refused(address), true) => (
                None,
                format!("wget: can't connect to remote host ({address}): Connection refused"),
                1,
            ),
            (ConnectError::Refused(_), false) => (None, "failed: Connection refused.".into(), 4),
            (ConnectError::Unreachable(address), true) => (
                Some(UNREACHABLE_AFTER),
                format!("wget: can't connect to remote host ({address}): No route to host"),
                1,
            ),
            (ConnectError::Unreachable(_), false) => (
                Some(UNREACHABLE_AFTER),
                "failed: No route to host.".into(),
                4,
            ),
            (ConnectError::Dropped(_), true) => (Some(limit), "wget: download timed out".into(), 1),
            (ConnectError::Dropped(_), false) => {
                (Some(limit), "failed: Connection timed out.".into(), 4)
            }
            (ConnectError::EmptyReply(_), true) => (None, "wget: error getting response".into(), 1),
            (ConnectError::EmptyReply(_), false) => (None, "No data received.".into(), 4),
        };
        let words = if silent { String::new() } else { words };
        match wait {
            None => finish(&words, status, io),
            Some(span) => {
                let at = io.system.now() + span;
                self.later = Some(Later { at, words, status });
                Poll::Pending(Until::Time(at))
            }
        }
    }

    fn save(&self, options: &Options, url: &Url, response: &HttpResponse, io: &mut Io<'_>) -> Poll {
        let (busybox, quiet) = (io.is_busybox(), options.has('q'));
        let title = reason(response.status);
        let now = date(io);
        if response.status >= 400 {
            return match busybox {
                true => io.fail(
                    &format!(
                        "wget: server returned error: HTTP/1.1 {} {title}",
                        response.status
                    ),
                    1,
                ),
                false if quiet => Poll::Done(8),
                false => io.fail(
                    &format!(
                        "{} {title}\n{now} ERROR {}: {title}.\n",
                        response.status, response.status
                    ),
                    8,
                ),
            };
        }
        if options.operands.len() > 1 {
            return io.fail("wget: not simulated here: several addresses at once", 1);
        }
        let body = String::from_utf8_lossy(&response.body).into_owned();
        let name = match url.path.rsplit('/').next() {
            None | Some("") => "index.html".to_owned(),
            Some(name) => name.to_owned(),
        };
        let target = options.value('O').map_or(name, str::to_owned);
        let shown = if target == "-" { "STDOUT" } else { &target };
        let kind = response
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"))
            .map_or("", |(_, value)| value.as_str());
        let size = response.body.len();
        if !quiet && !busybox {
            io.stderr.push_str(&format!(
                "{} {title}\nLength: {size} [{kind}]\nSaving to: \u{2018}{shown}\u{2019}\n\n     0K                                                       100% 61.3M=0s\n\n",
                response.status
            ));
        }
        if target == "-" {
            io.stdout.push_str(&body);
        } else {
            let path = io.path(&target);
            if let Err(error) = io.system.write(&path, body.as_bytes(), false) {
                return io.fail(
                    &format!("wget: can't open '{target}': {}", error.message()),
                    1,
                );
            }
        }
        if !quiet {
            let line = match (busybox, target.as_str()) {
                (true, "-") => String::new(),
                (true, _) => format!("saving to '{target}'\n'{target}' saved\n"),
                (false, "-") => {
                    format!("{now} (61.3 MB/s) - written to stdout [{size}/{size}]\n\n")
                }
                (false, _) => format!(
                    "{now} (61.3 MB/s) - \u{2018}{target}\u{2019} saved [{size}/{size}]\n\n"
                ),
            };
            io.stderr.push_str(&line);
        }
        Poll::Done(0)
    }
}

fn finish(words: &str, status: i32, io: &mut Io<'_>) -> Poll {
    match words {
        "" => Poll::Done(status),
        words => io.fail(words, status),
    }
}

fn date(io: &Io<'_>) -> String {
    crate::programs::time::date_text(io, io.system.now(), "%Y-%m-%d %H:%M:%S")
}

/// What GNU's prints up to the connection.
fn begin(
    text: &str,
    url: &Url,
    tried: &[std::net::IpAddr],
    connected: bool,
    io: &Io<'_>,
) -> String {
    let full = match (text.contains("://"), url.path.as_str()) {
        (true, _) if text.matches('/').count() > 2 => text.to_owned(),
        (true, _) => format!("{text}/"),
        (false, path) => format!("http://{}{path}", url.authority()),
    };
    let mut said = format!("--{}--  {full}\n", date(io));
    let host = &url.host;
    let literal = host.parse::<std::net::IpAddr>().is_ok();
    if !literal {
        said.push_str(&format!("Resolving {host} ({host})... "));
        let all: Vec<String> = tried.iter().map(ToString::to_string).collect();
        match all.is_empty() {
            true => said.push_str("failed: Name or service not known.\n"),
            false => said.push_str(&format!("{}\n", all.join(", "))),
        }
    }
    for (at, address) in tried.iter().enumerate() {
        let place = match literal {
            true => format!("{address}:{}", url.port),
            false => format!("{host} ({host})|{address}|:{}", url.port),
        };
        let end = match (at + 1 == tried.len(), connected) {
            (true, true) => "connected.\nHTTP request sent, awaiting response... ",
            (true, false) => "",
            (false, _) => "failed: Connection refused.\n",
        };
        said.push_str(&format!("Connecting to {place}... {end}"));
    }
    said
}

impl Program for Wget {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        match self.later.clone() {
            None => self.run(io),
            Some(later) if io.system.now() < later.at => Poll::Pending(Until::Time(later.at)),
            Some(later) => finish(&later.words, later.status, io),
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
