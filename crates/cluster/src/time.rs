//! Virtual time. Nothing in the simulation reads a clock: time is a number that [`crate::Cluster::step`] moves.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use std::ops::{Add, AddAssign, Sub};

/// A moment of virtual time, in microseconds since the cluster began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub u64);

/// A span of virtual time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub u64);

impl Instant {
    /// The beginning of the simulation.
    pub const ZERO: Instant = Instant(0);

    /// Whole milliseconds since the beginning.
    pub fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// The span from `earlier` to here; zero if `earlier` is later.
    pub fn since(self, earlier: Instant) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);

    /// A span of whole microseconds.
    pub const fn micros(n: u64) -> Duration {
        Duration(n)
    }

    /// A span of whole milliseconds.
    pub const fn millis(n: u64) -> Duration {
        Duration(n * 1_000)
    }

    /// A span of whole seconds.
    pub const fn secs(n: u64) -> Duration {
        Duration(n * 1_000_000)
    }

    /// Whole milliseconds of this span.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// Whole seconds of this span.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000
    }

    /// This span `n` times.
    pub const fn times(self, n: u64) -> Duration {
        Duration(self.0.saturating_mul(n))
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, span: Duration) -> Instant {
        Instant(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Add for Duration {
    type Output = Duration;
    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

impl Sub for Duration {
    type Output = Duration;
    fn sub(self, other: Duration) -> Duration {
        Duration(self.0.saturating_sub(other.0))
    }
}

/// Turns virtual moments into calendar dates and back.
///
/// The epoch is the calendar date of [`Instant::ZERO`]; it is an input of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    epoch: Timestamp,
}

impl Calendar {
    /// A calendar whose [`Instant::ZERO`] is `epoch_secs` seconds after 1970-01-01T00:00:00Z.
    /// A date outside of what a calendar can hold becomes 1970.
    pub fn from_unix_seconds(epoch_secs: i64) -> Calendar {
        Calendar {
            epoch: Timestamp::from_second(epoch_secs).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// The calendar date of `at`, to the microsecond.
    pub fn timestamp(&self, at: Instant) -> Timestamp {
        let span = SignedDuration::from_micros(i64::try_from(at.0).unwrap_or(i64::MAX));
        self.epoch.checked_add(span).unwrap_or(Timestamp::MAX)
    }

    /// The date as objects carry it: cut to whole seconds.
    pub fn time(&self, at: Instant) -> Time {
        let exact = self.timestamp(at);
        Time(Timestamp::from_second(exact.as_second()).unwrap_or(exact))
    }

    /// The date with microseconds, as event series and leases carry it.
    pub fn micro_time(&self, at: Instant) -> MicroTime {
        MicroTime(self.timestamp(at))
    }

    /// The virtual moment of a date; [`Instant::ZERO`] for dates before the epoch.
    pub fn instant(&self, date: &Timestamp) -> Instant {
        let micros = date.duration_since(self.epoch).as_micros();
        Instant(u64::try_from(micros).unwrap_or(0))
    }
}
