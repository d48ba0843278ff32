//! Dates, and how long ago they were.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};
use k8s_openapi::jiff::Timestamp;
use petset_cluster::api::duration::age;

/// What is printed for a date that an object does not have.
const NO_DATE: &str = "Mon, 01 Jan 0001 00:00:00 +0000";

/// The present, to tell ages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(pub(crate) Timestamp);

impl Clock {
    /// How long ago a date was, as `kubectl` says it.
    pub(crate) fn age(self, date: Option<&Time>) -> String {
        age(date.map(|Time(date)| date), self.0)
    }

    /// The same for a date with microseconds.
    pub(crate) fn micro_age(self, date: Option<&MicroTime>) -> String {
        age(date.map(|MicroTime(date)| date), self.0)
    }
}

/// A date as descriptions show it; without one, the zero of Go's dates.
pub(crate) fn date(date: Option<&Time>) -> String {
    date.map_or_else(
        || NO_DATE.to_owned(),
        |Time(date)| date.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
    )
}
