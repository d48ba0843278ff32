//! Programs about time: `sleep` and `date`.

use super::{Io, Program};
use crate::command::{Poll, Until};
use petset_cluster::{Duration, Instant};

/// The span that `sleep` and `timeout` take, in seconds: `5`, `0.5`, `1m`, `infinity`.
pub(super) fn seconds(text: &str) -> Option<f64> {
    if text == "infinity" || text == "inf" {
        return Some(f64::INFINITY);
    }
    let (number, factor) = match text.chars().last()? {
        's' => (&text[..text.len() - 1], 1.0),
        'm' => (&text[..text.len() - 1], 60.0),
        'h' => (&text[..text.len() - 1], 3_600.0),
        'd' => (&text[..text.len() - 1], 86_400.0),
        _ => (text, 1.0),
    };
    if !number.bytes().all(|c| c.is_ascii_digit() || c == b'.') {
        return None;
    }
    number.parse::<f64>().ok().map(|n| n * factor)
}

/// `sleep`.
#[derive(Clone)]
pub(super) struct Sleep {
    pub(super) arguments: Vec<String>,
    pub(super) until: Option<Option<Instant>>,
}

impl Program for Sleep {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        let until = match self.until {
            Some(until) => until,
            None => {
                let mut total = 0.0;
                if self.arguments.len() < 2 {
                    return io.fail("sleep: missing operand", 1);
                }
                for text in &self.arguments[1..] {
                    let Some(span) = seconds(text) else {
                        let words = match io.is_busybox() {
                            true => format!("sleep: invalid number '{text}'"),
                            false => format!("sleep: invalid time interval '{text}'"),
                        };
                        return io.fail(&words, 1);
                    };
                    total += span;
                }
                let until = (total < 1e12)
                    .then(|| io.system.now() + Duration::micros((total * 1e6) as u64));
                *self.until.insert(until)
            }
        };
        match until {
            Some(at) if io.system.now() >= at => Poll::Done(0),
            Some(at) => Poll::Pending(Until::Time(at)),
            None => Poll::Pending(Until::Change(None)),
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// The date at `at` in a `strftime` format.
pub(super) fn date_text(io: &Io<'_>, at: Instant, format: &str) -> String {
    let date = io.system.calendar().timestamp(at);
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC);
    let format = format.replace("%c", "%a %b %e %H:%M:%S %Y");
    jiff::fmt::strtime::format(&format, &zoned).unwrap_or_default()
}

/// `date`.
pub(super) fn date(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut format = "%a %b %e %H:%M:%S UTC %Y".to_owned();
    for argument in arguments.iter().skip(1) {
        match argument.as_str() {
            "-u" | "--utc" => {}
            "-Iseconds" | "--iso-8601=seconds" => format = "%Y-%m-%dT%H:%M:%S+00:00".to_owned(),
            "-I" => format = "%Y-%m-%d".to_owned(),
            "-R" => format = "%a, %d %b %Y %H:%M:%S +0000".to_owned(),
            text => match text.strip_prefix('+') {
                Some(own) => format = own.to_owned(),
                None => {
                    let words = format!("date: not simulated here: {text}");
                    return io.fail(&words, 1);
                }
            },
        }
    }
    let text = date_text(io, io.system.now(), &format);
    io.stdout.push_str(&text);
    io.stdout.push('\n');
    Poll::Done(0)
}
