//! `kubectl logs`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/logs/logs.go`, `pkg/polymorphichelpers/logsforobject.go`.

use super::builder::Target;
use super::errors::Error;
use super::flags::Parsed;
use super::pods;
use super::session::{Io, Next, Step};
use crate::command::Until;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use petset_cluster::kubelet::exec::{LogLine, LogOptions};
use petset_cluster::{Duration, Instant, Kind};

/// One container's log that is shown.
#[derive(Clone, Debug)]
struct Stream {
    namespace: String,
    pod: String,
    container: String,
    options: LogOptions,
    prefix: String,
    /// How many bytes may still be shown.
    left: Option<usize>,
    ended: bool,
}

/// A running `kubectl logs`.
#[derive(Clone)]
pub(crate) struct Logs {
    parsed: Parsed,
    streams: Vec<Stream>,
    begun: Option<Instant>,
    connected: bool,
}

/// Begins `kubectl logs`.
pub(crate) fn start(parsed: Parsed) -> Logs {
    Logs {
        parsed,
        streams: Vec::new(),
        begun: None,
        connected: false,
    }
}

impl Step for Logs {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let begun = match self.begun {
            Some(begun) => begun,
            None => {
                self.begin(io)?;
                *self.begun.insert(io.now())
            }
        };
        let follow = self.parsed.is("follow");
        let timestamps = self.parsed.is("timestamps");
        for stream in self.streams.iter_mut().filter(|stream| !stream.ended) {
            match show(stream, timestamps, io) {
                Ok(more) => {
                    self.connected = true;
                    stream.ended = !(follow && more);
                }
                Err(error) if follow && !self.connected => {
                    return retry(&self.parsed, begun, &error, io);
                }
                Err(error) if self.parsed.is("ignore-errors") => {
                    io.complain(&format!("error: {}", error.message()));
                    stream.ended = true;
                }
                Err(error) => return Err(error),
            }
        }
        if self.streams.iter().all(|stream| stream.ended) {
            return Ok(Next::Done(0));
        }
        Ok(Next::Wait(Until::Input))
    }
}

/// A container that is not up yet is asked again once a second.
fn retry(
    parsed: &Parsed,
    begun: Instant,
    error: &Error,
    io: &mut Io<'_, '_>,
) -> Result<Next, Error> {
    if !error.message().contains("waiting to start") {
        return Err(error.clone());
    }
    let limit = match parsed.duration("pod-running-timeout") {
        Duration::ZERO => Duration::secs(20),
        limit => limit,
    };
    if io.now() >= begun + limit {
        return Err(Error::plain("context deadline exceeded"));
    }
    io.complain(&error.message());
    Ok(Next::Wait(Until::Time(io.now() + Duration::secs(1))))
}

/// Flags about how much is shown.
fn check_limits(parsed: &Parsed) -> Result<(), Error> {
    let time = parsed.text("since-time");
    if !time.is_empty() && time.parse::<Timestamp>().is_err() {
        return Err(Error::plain(format!(
            "parsing time \"{time}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{time}\" as \"2006\""
        )));
    }
    let why = if !time.is_empty() && parsed.changed("since") {
        "at most one of `sinceTime` or `sinceSeconds` may be specified"
    } else if parsed.changed("since") && parsed.micros("since") <= 0 {
        "--since must be greater than 0"
    } else if parsed.changed("limit-bytes") && parsed.number("limit-bytes") <= 0 {
        "--limit-bytes must be greater than 0"
    } else if parsed.number("tail") < -1 {
        "--tail must be greater than or equal to -1"
    } else {
        return Ok(());
    };
    Err(Error::plain(why))
}

impl Logs {
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let parsed = &self.parsed;
        let selector = parsed.text("selector");
        if parsed.args.is_empty() && selector.is_empty() {
            return Err(Error::usage(
                "logs",
                "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
            ));
        }
        if !selector.is_empty() && !parsed.args.is_empty() {
            return Err(Error::usage(
                "logs",
                "only a selector (-l) or a POD name is allowed",
            ));
        }
        if parsed.args.len() > 2 {
            return Err(Error::usage(
                "logs",
                "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
            ));
        }
        let mut asked = parsed.text("container").to_owned();
        if let Some(inline) = parsed.args.get(1) {
            if !asked.is_empty() {
                return Err(Error::plain(
                    "only one of -c or an inline [CONTAINER] arg is allowed",
                ));
            }
            asked = inline.clone();
        }
        let every = parsed.is("all-containers");
        if every && !asked.is_empty() {
            return Err(Error::plain(format!(
                "--all-containers=true should not be specified with container name {asked}"
            )));
        }
        check_limits(parsed)?;
        let pods = self.pods(io)?;
        for pod in pods {
            self.add(&pod, &asked, every, io)?;
        }
        let (count, most) = (self.streams.len(), self.parsed.number("max-log-requests"));
        if self.parsed.is("follow") && i64::try_from(count).is_ok_and(|count| count > most) {
            return Err(Error::plain(format!(
                "you are attempting to follow {count} log streams, but maximum allowed concurrency is {most}, use --max-log-requests to increase the limit"
            )));
        }
        Ok(())
    }

    fn pods(&self, io: &mut Io<'_, '_>) -> Result<Vec<Pod>, Error> {
        let parsed = &self.parsed;
        let namespace = io.session.namespace.clone();
        let selector = parsed.text("selector");
        if !selector.is_empty() {
            let (found, _) = io.list(Kind::Pod, &namespace, selector, "")?;
            if found.is_empty() {
                io.complain(&format!("No resources found in {namespace} namespace."));
            }
            return Ok(found
                .iter()
                .filter_map(|o| o.as_kind::<Pod>())
                .cloned()
                .collect());
        }
        let word = parsed.args.first().map_or("", String::as_str);
        let target: Target = pods::target(word, io)?;
        let mut pods = pods::pods_of(&target, io).map_err(|error| match error {
            Error::Status(status) if status.is_not_found() => Error::plain(format!(
                "error from server (NotFound): {} in namespace \"{namespace}\"",
                status.message
            )),
            Error::Plain(text) => {
                Error::Plain(text.replace("cannot attach to *", "cannot get the logs from *"))
            }
            other => other,
        })?;
        if target.kind != Kind::Pod && !parsed.is("all-pods") {
            let name = pods.first().and_then(|pod| pod.metadata.name.clone());
            let name = name.ok_or_else(|| Error::plain("timed out waiting for the condition"))?;
            if pods.len() > 1 {
                io.complain(&format!("Found {} pods, using pod/{name}", pods.len()));
            }
            pods.truncate(1);
        }
        Ok(pods)
    }

    fn add(
        &mut self,
        pod: &Pod,
        asked: &str,
        every: bool,
        io: &mut Io<'_, '_>,
    ) -> Result<(), Error> {
        let parsed = &self.parsed;
        let containers = if every {
            let (plain, init) = pods::container_names(pod);
            init.into_iter().chain(plain).collect()
        } else {
            vec![pods::container(pod, asked, false, io)?]
        };
        let tail = parsed.number("tail");
        let tail = if parsed.changed("tail") {
            u64::try_from(tail).ok()
        } else {
            (!parsed.text("selector").is_empty()).then_some(10)
        };
        let mut since = parsed.duration("since");
        if let Ok(time) = parsed.text("since-time").parse::<Timestamp>() {
            let now = io.cluster().server().calendar().timestamp(io.now());
            let micros = now.as_microsecond() - time.as_microsecond();
            since = Duration::micros(u64::try_from(micros).unwrap_or(0).max(1));
        }
        let name = pod.metadata.name.clone().unwrap_or_default();
        for container in containers {
            let prefixed = parsed.is("prefix") || parsed.is("all-pods");
            self.streams.push(Stream {
                namespace: pod.metadata.namespace.clone().unwrap_or_default(),
                prefix: if prefixed {
                    format!("[pod/{name}/{container}] ")
                } else {
                    String::new()
                },
                pod: name.clone(),
                container,
                left: match parsed.changed("limit-bytes") {
                    true => usize::try_from(parsed.number("limit-bytes")).ok(),
                    false => None,
                },
                options: LogOptions {
                    previous: parsed.is("previous"),
                    tail_lines: tail,
                    since: (since != Duration::ZERO).then_some(since),
                    from: 0,
                },
                ended: false,
            });
        }
        Ok(())
    }
}

/// Shows what came since; returns whether more may come.
fn show(stream: &mut Stream, timestamps: bool, io: &mut Io<'_, '_>) -> Result<bool, Error> {
    let page = io.cluster().logs(
        &stream.namespace,
        &stream.pod,
        Some(&stream.container),
        &stream.options,
    )?;
    let calendar = io.cluster().server().calendar();
    for line in &page.lines {
        let LogLine {
            at, text, ended, ..
        } = line;
        let date = if timestamps {
            format!("{} ", calendar.timestamp(*at))
        } else {
            String::new()
        };
        let end = if *ended { "\n" } else { "" };
        let mut line = format!("{}{date}{text}{end}", stream.prefix);
        if let Some(left) = &mut stream.left {
            let mut most = line.len().min(*left);
            while !line.is_char_boundary(most) {
                most -= 1;
            }
            line.truncate(most);
            *left -= most;
        }
        io.out(&line);
    }
    if stream.left == Some(0) {
        return Ok(false);
    }
    stream.options.from = page.next;
    stream.options.tail_lines = None;
    Ok(page.more)
}
