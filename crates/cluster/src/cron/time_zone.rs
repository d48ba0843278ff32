//! The clocks of places, as they go since 2008: their distance from UTC, and the rule of their summer time.
//!
//! `time_zones.txt` has one zone a line: its name, its minutes ahead of UTC in winter, and its rule if it has one. Zones whose
//! clocks change at midnight, and what clocks did in earlier years, are not simulated.

use super::civil::{DAY, civil, day_of};

const ZONES: &str = include_str!("time_zones.txt");
/// Summer time, for so many seconds.
const AHEAD: i64 = 3600;

/// A Sunday of a month (the first, the second … or, with 5, the last), and minutes after its midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment(i64, i64, i64);

/// When summer time begins and ends.
#[derive(Debug, PartialEq, Eq)]
struct Rule {
    begins: Moment,
    ends: Moment,
    /// The moments are those of clocks in Greenwich, else of winter's clocks of the place.
    utc: bool,
}

const RULES: [(&str, Rule); 4] = [
    (
        "AU",
        Rule::new(Moment(10, 1, 120), Moment(4, 1, 120), false),
    ),
    ("EU", Rule::new(Moment(3, 5, 60), Moment(10, 5, 60), true)),
    ("NZ", Rule::new(Moment(9, 5, 120), Moment(4, 1, 120), false)),
    ("US", Rule::new(Moment(3, 2, 120), Moment(11, 1, 60), false)),
];

/// The clocks of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    /// In winter, in seconds ahead of UTC.
    standard: i64,
    rule: Option<&'static Rule>,
}

impl Rule {
    const fn new(begins: Moment, ends: Moment, utc: bool) -> Rule {
        Rule { begins, ends, utc }
    }
}

impl Moment {
    /// In seconds since 1970.
    fn in_year(self, year: i64) -> i64 {
        let Moment(month, sunday, minutes) = self;
        let first = day_of(year, month);
        // The first day of 1970 was a Thursday.
        let first_sunday = first + (7 - (first + 4).rem_euclid(7)) % 7;
        let mut day = first_sunday + 7 * (sunday - 1);
        if civil(day).1 != month {
            day -= 7;
        }
        day * DAY + minutes * 60
    }
}

impl Zone {
    /// Greenwich, without summer time.
    pub(crate) const UTC: Zone = Zone {
        standard: 0,
        rule: None,
    };

    /// Clocks that are always so many seconds ahead of UTC.
    #[cfg(test)]
    pub(super) const fn fixed(standard: i64) -> Zone {
        Zone {
            standard,
            rule: None,
        }
    }

    /// The clocks of a zone; none if it is not simulated.
    pub(crate) fn of(name: &str) -> Option<Zone> {
        let mut lines = ZONES.lines().map(|line| line.split(' '));
        let mut line = lines.find_map(|mut line| (line.next() == Some(name)).then_some(line))?;
        let minutes: i64 = line.next()?.parse().ok()?;
        let rule = line.next();
        let rule = rule.and_then(|rule| RULES.iter().find(|(name, _)| *name == rule));
        Some(Zone {
            standard: minutes * 60,
            rule: rule.map(|(_, rule)| rule),
        })
    }

    /// How many seconds the clocks are ahead of UTC at a moment.
    pub(crate) fn offset(self, at: i64) -> i64 {
        let Some(rule) = self.rule else {
            return self.standard;
        };
        let year = civil(at.saturating_add(self.standard).div_euclid(DAY)).0;
        let late = if rule.utc { 0 } else { self.standard };
        let begins = rule.begins.in_year(year) - late;
        let ends = rule.ends.in_year(year) - late;
        let summer = match begins < ends {
            true => (begins..ends).contains(&at),
            false => !(ends..begins).contains(&at),
        };
        self.standard + if summer { AHEAD } else { 0 }
    }

    /// When the clocks show midnight at the beginning of a day since 1970; no zone changes its clocks then.
    pub(super) fn midnight(self, day: i64) -> i64 {
        let local = day * DAY;
        let guess = local - self.standard;
        local - self.offset(guess - AHEAD)
    }
}

#[cfg(test)]
mod tests {
    use super::{ZONES, Zone};
    use k8s_openapi::jiff::Timestamp;

    /// Against the tables of IANA 2025: the last second before a change and the first after it.
    #[test]
    fn clocks_change_when_they_do() {
        let table = [
            ("Asia/Seoul", "2026-07-01T00:00:00Z", 9 * 60),
            ("America/St_Johns", "2026-03-08T05:29:59Z", -210),
            ("America/St_Johns", "2026-03-08T05:30:00Z", -150),
            ("America/New_York", "2026-03-08T06:59:59Z", -300),
            ("America/New_York", "2026-03-08T07:00:00Z", -240),
            ("America/New_York", "2026-11-01T05:59:59Z", -240),
            ("America/New_York", "2026-11-01T06:00:00Z", -300),
            ("Europe/Berlin", "2026-03-29T00:59:59Z", 60),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", 120),
            ("Europe/Berlin", "2026-10-25T00:59:59Z", 120),
            ("Europe/Berlin", "2026-10-25T01:00:00Z", 60),
            ("Europe/London", "2027-03-28T01:00:00Z", 60),
            ("Australia/Sydney", "2026-04-04T15:59:59Z", 660),
            ("Australia/Sydney", "2026-04-04T16:00:00Z", 600),
            ("Australia/Sydney", "2026-10-03T16:00:00Z", 660),
            ("Pacific/Auckland", "2026-09-26T13:59:59Z", 720),
            ("Pacific/Auckland", "2026-09-26T14:00:00Z", 780),
            ("Pacific/Auckland", "2026-12-31T12:00:00Z", 780),
        ];
        for (name, at, minutes) in table {
            let zone = Zone::of(name).expect(name);
            let at = at.parse::<Timestamp>().expect(at).as_second();
            assert_eq!(zone.offset(at), minutes * 60, "{name} {at}");
        }
        assert_eq!(Zone::of("Mars/Olympus"), None);
        for line in ZONES.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            assert!(Zone::of(name).is_some(), "{line}");
        }
    }
}
