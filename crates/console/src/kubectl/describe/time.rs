//! Dates, and how long ago they were.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};
use k8s_openapi::jiff::Timestamp;

/// What is printed for a date that an object does not have.
const NO_DATE: &str = "Mon, 01 Jan 0001 00:00:00 +0000";

/// The present, to tell ages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(pub(crate) Timestamp);

impl Clock {
    /// How long ago a date was, as `kubectl` says it.
    pub(crate) fn age(self, date: Option<&Time>) -> String {
        self.since(date.map(|Time(date)| *date))
    }

    /// The same for a date with microseconds.
    pub(crate) fn micro_age(self, date: Option<&MicroTime>) -> String {
        self.since(date.map(|MicroTime(date)| *date))
    }

    fn since(self, date: Option<Timestamp>) -> String {
        match date {
            None => "<unknown>".to_owned(),
            Some(date) => human_duration(self.0.duration_since(date).as_secs()),
        }
    }
}

/// A date as descriptions show it; without one, the zero of Go's dates.
pub(crate) fn date(date: Option<&Time>) -> String {
    date.map_or_else(
        || NO_DATE.to_owned(),
        |Time(date)| date.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
    )
}

/// A span in two or three figures. `seconds` may be a little below zero, as clocks differ.
///
/// Upstream: `k8s.io/apimachinery/pkg/util/duration` (`HumanDuration`).
pub(crate) fn human_duration(seconds: i64) -> String {
    let pair = |high: i64, high_unit: &str, low: i64, low_unit: &str| match low {
        0 => format!("{high}{high_unit}"),
        _ => format!("{high}{high_unit}{low}{low_unit}"),
    };
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        ..-1 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        0..120 => format!("{seconds}s"),
        _ if minutes < 10 => pair(minutes, "m", seconds % 60, "s"),
        _ if minutes < 180 => format!("{minutes}m"),
        _ if hours < 8 => pair(hours, "h", minutes % 60, "m"),
        _ if hours < 48 => format!("{hours}h"),
        _ if days < 8 => pair(days, "d", hours % 24, "h"),
        _ if days < 365 * 2 => format!("{days}d"),
        _ if days < 365 * 8 => pair(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests;
