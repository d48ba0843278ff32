//! Programs that ask the network.

pub(super) mod curl;
pub(super) mod dig;
pub(super) mod host;
pub(super) mod http;
pub(super) mod nslookup;
pub(super) mod wget;

use super::Io;
use super::options::Options;
use crate::command::{Poll, Until};
use petset_cluster::Duration;
use petset_cluster::network::dns::{Answer, RecordData};
use petset_cluster::network::http::ConnectError;
use std::net::IpAddr;

/// What `ping` shows as the time of a round trip, in milliseconds.
const ROUND_TRIP_MS: &str = "0.278";

/// The names that an address has, without the final dot.
fn names(answer: &Answer) -> Vec<String> {
    answer
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RecordData::Ptr(name) => Some(name.trim_end_matches('.').to_owned()),
            _ => None,
        })
        .collect()
}

/// Why BIND's programs do not ask for a name at all.
fn illegal(name: &str) -> Option<&'static str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let mut labels = name.split('.');
    if name.is_empty() {
        return None;
    }
    labels.find_map(|label| match label.len() {
        0 => Some("empty label"),
        64.. => Some("label too long"),
        _ => None,
    })
}

/// `getent hosts NAME` and `getent passwd`.
pub(super) fn getent(arguments: &[String], io: &mut Io<'_>) -> Poll {
    match (arguments.get(1).map(String::as_str), arguments.get(2)) {
        (Some("hosts" | "ahosts" | "ahostsv4"), Some(name)) => {
            let Some(container) = io.system.container() else {
                return Poll::Done(2);
            };
            let Some((full, addresses)) = container.addresses(name) else {
                return Poll::Done(2);
            };
            for address in addresses {
                let line = format!("{:<15} {full}\n", address.to_string());
                io.stdout.push_str(&line);
            }
            Poll::Done(0)
        }
        (Some(database @ ("passwd" | "group")), name) => {
            let Some(text) = io.read("getent", &format!("/etc/{database}")) else {
                return Poll::Done(2);
            };
            for line in text.lines() {
                if name.is_none_or(|name| line.split(':').next() == Some(name)) {
                    io.stdout.push_str(&format!("{line}\n"));
                }
            }
            Poll::Done(0)
        }
        _ => io.fail(
            "getent: not simulated here: databases other than hosts, passwd, group",
            1,
        ),
    }
}

/// `ping`: all its packets at once in the text, in their time on the clock.
#[derive(Clone)]
pub(super) struct Ping {
    arguments: Vec<String>,
    sent: u64,
    target: Option<(String, IpAddr)>,
}

impl Ping {
    pub(super) fn new(arguments: &[String]) -> Ping {
        Ping {
            arguments: arguments.to_vec(),
            sent: 0,
            target: None,
        }
    }

    fn summary(&self, answers: bool, io: &mut Io<'_>) {
        let Some((host, _)) = &self.target else {
            return;
        };
        let received = if answers { self.sent } else { 0 };
        let loss = if answers { 0 } else { 100 };
        io.stdout.push_str(&format!(
            "\n--- {host} ping statistics ---\n{} packets transmitted, {received} packets received, {loss}% packet loss\n",
            self.sent
        ));
        if answers {
            io.stdout.push_str(&format!(
                "round-trip min/avg/max = {ROUND_TRIP_MS}/{ROUND_TRIP_MS}/{ROUND_TRIP_MS} ms\n"
            ));
        }
    }
}

impl super::Program for Ping {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        let options = Options::parse(&self.arguments, "cWwi");
        let limit = options.value('c').and_then(|n| n.parse().ok());
        let Some(host) = options.operands.first().cloned() else {
            return io.fail("ping: missing host operand", 1);
        };
        if self.target.is_none() {
            let Some(address) = io.system.network().addresses(&host).first().copied() else {
                return io.fail(&format!("ping: bad address '{host}'"), 1);
            };
            io.stdout
                .push_str(&format!("PING {host} ({address}): 56 data bytes\n"));
            self.target = Some((host, address));
        }
        let Some((_, address)) = self.target.clone() else {
            return Poll::Done(1);
        };
        let answers = io.system.network().ping(address);
        if answers {
            io.stdout.push_str(&format!(
                "64 bytes from {address}: seq={} ttl=62 time={ROUND_TRIP_MS} ms\n",
                self.sent
            ));
        }
        self.sent += 1;
        if limit.is_some_and(|limit: u64| self.sent >= limit) {
            self.summary(answers, io);
            return Poll::Done(i32::from(!answers));
        }
        Poll::Pending(Until::Time(io.system.now() + Duration::secs(1)))
    }

    fn signal(&mut self, signal: i32, io: &mut Io<'_>) -> Option<i32> {
        if signal == 2 {
            self.summary(true, io);
            return Some(0);
        }
        Some(128 + signal)
    }

    fn clone_box(&self) -> Box<dyn super::Program> {
        Box::new(self.clone())
    }
}

/// `nc -z HOST PORT`.
pub(super) fn nc(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "w");
    let ([host, port], true) = (
        options.operands.as_slice(),
        options.has('z') || options.has('v'),
    ) else {
        return io.fail("nc: not simulated here: anything but nc -z HOST PORT", 1);
    };
    let Ok(number) = port.parse::<u16>() else {
        return io.fail(&format!("nc: bad port '{port}'"), 1);
    };
    let addresses = io.system.network().addresses(host);
    let mut refused = None;
    for address in &addresses {
        match io.system.network().connect(*address, number) {
            Ok(()) => {
                if options.has('v') {
                    let line = format!("{host} ({address}:{port}) open\n");
                    io.stderr.push_str(&line);
                }
                return Poll::Done(0);
            }
            Err(error) => refused = Some((error, address)),
        }
    }
    let words = match refused {
        None => format!("nc: bad address '{host}'"),
        Some((ConnectError::Refused(_) | ConnectError::UnknownHost, address)) => {
            format!("nc: can't connect to remote host ({address}): Connection refused")
        }
        Some((ConnectError::Unreachable(_), address)) => {
            format!("nc: can't connect to remote host ({address}): No route to host")
        }
        Some((ConnectError::Dropped(_) | ConnectError::EmptyReply(_), _)) => {
            "nc: timed out".to_owned()
        }
    };
    io.fail(&words, 1)
}
