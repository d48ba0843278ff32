//! Virtual time against the wall's.

use petset_cluster::{Duration, Instant};

/// The slowest and the fastest that time may run, in virtual seconds for each second on the wall.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=100.0;

/// The longest stretch of wall time that one call counts: a page that slept does not race afterwards.
const LONGEST_WALL_MS: f64 = 1_000.0;

/// How virtual time follows the wall's.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    paused: bool,
    speed: f64,
    /// Virtual microseconds that are due and not handled yet, with their fraction.
    owed_us: f64,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock {
            paused: false,
            speed: 1.0,
            owed_us: 0.0,
        }
    }
}

impl Clock {
    pub(crate) fn paused(&self) -> bool {
        self.paused
    }

    pub(crate) fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
        if paused {
            self.forget_owed();
        }
    }

    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    pub(crate) fn set_speed(&mut self, speed: f64) {
        if speed.is_finite() {
            self.speed = speed.clamp(*SPEEDS.start(), *SPEEDS.end());
        }
    }

    /// Counts wall time that has passed.
    pub(crate) fn pass(&mut self, wall_ms: f64) {
        if !self.paused && wall_ms.is_finite() && wall_ms > 0.0 {
            self.owed_us += wall_ms.min(LONGEST_WALL_MS) * 1_000.0 * self.speed;
        }
    }

    /// Forgets what is due.
    pub(crate) fn forget_owed(&mut self) {
        self.owed_us = 0.0;
    }

    /// The moment up to which things are due.
    pub(crate) fn due(&self, now: Instant) -> Instant {
        now + Duration::micros(self.owed_us as u64)
    }

    /// Takes note that virtual time has moved from `from` to `to`.
    pub(crate) fn moved(&mut self, from: Instant, to: Instant) {
        self.owed_us = (self.owed_us - to.since(from).0 as f64).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_follows_the_wall_at_its_speed() {
        let mut clock = Clock::default();
        clock.set_speed(2.0);
        clock.pass(10.0);
        assert_eq!(clock.due(Instant(5)), Instant(20_005));
        clock.moved(Instant(5), Instant(15_005));
        assert_eq!(clock.due(Instant(15_005)), Instant(20_005));
        clock.set_paused(true);
        clock.pass(1_000.0);
        assert_eq!(clock.due(Instant(15_005)), Instant(15_005));
    }

    #[test]
    fn a_page_that_slept_does_not_race_and_odd_numbers_change_nothing() {
        let mut clock = Clock::default();
        clock.pass(3_600_000.0);
        assert_eq!(clock.due(Instant::ZERO), Instant(1_000_000));
        for odd in [f64::NAN, f64::INFINITY, -1.0] {
            clock.pass(odd);
            clock.set_speed(odd);
        }
        assert_eq!(clock.due(Instant::ZERO), Instant(1_000_000));
        assert!(clock.speed() > 0.0 && clock.speed() <= 1.0);
    }
}
