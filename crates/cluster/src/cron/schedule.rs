//! Times as crontab writes them.
//!
//! Upstream: `github.com/robfig/cron/v3` (`parser.go`, `spec.go`, `constantdelay.go`).

use super::civil::{DAY, civil, month_length};
use super::time_zone::Zone;

const MINUTES: Bounds = Bounds(0, 59, &[]);
const HOURS: Bounds = Bounds(0, 23, &[]);
const DAYS: Bounds = Bounds(1, 31, &[]);
const MONTHS: Bounds = Bounds(
    1,
    12,
    &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
);
const WEEKDAYS: Bounds = Bounds(0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]);

/// Set in a field that was written as a star.
const STAR: u64 = 1 << 63;
/// No time within these years is no time at all.
const YEARS: i64 = 5;

/// The least and the greatest value of a field, and the names of its values.
struct Bounds(u64, u64, &'static [&'static str]);

/// Moments, in whole seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// Minutes whose parts are all in these sets of bits.
    Fields {
        minute: u64,
        hour: u64,
        day: u64,
        month: u64,
        weekday: u64,
    },
    /// So many seconds apart.
    Every(i64),
}

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    /// The words of upstream's parser.
    pub(crate) fn parse(text: &str) -> Result<Schedule, String> {
        if text.is_empty() {
            return Err("empty spec string".to_owned());
        }
        let fields = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            _ => text,
        };
        if let Some(span) = fields.strip_prefix("@every ") {
            let seconds = go_duration(span)
                .map_err(|why| format!("failed to parse duration {text}: {why}"))?;
            return Ok(Schedule::Every(seconds.max(1)));
        }
        if fields.starts_with('@') {
            return Err(format!("unrecognized descriptor: {text}"));
        }
        let parts: Vec<&str> = fields.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = parts[..] else {
            return Err(format!(
                "expected exactly 5 fields, found {}: [{}]",
                parts.len(),
                parts.join(" ")
            ));
        };
        Ok(Schedule::Fields {
            minute: field(minute, &MINUTES)?,
            hour: field(hour, &HOURS)?,
            day: field(day, &DAYS)?,
            month: field(month, &MONTHS)?,
            weekday: field(weekday, &WEEKDAYS)?,
        })
    }

    /// The first moment after `from` by the clocks of a zone; none if there is none. What clocks leave out when summer begins
    /// does not happen on that day, what they show twice when it ends happens twice.
    pub(crate) fn next(&self, from: i64, zone: Zone) -> Option<i64> {
        let Schedule::Fields {
            minute,
            hour,
            day,
            month,
            weekday,
        } = *self
        else {
            let Schedule::Every(seconds) = *self else {
                return None;
            };
            return from.checked_add(seconds);
        };
        let start = from.checked_add(1)?;
        let mut at = start.checked_add(59)?.div_euclid(60) * 60;
        let local = |at: i64| at + zone.offset(at);
        let last_year = civil(local(start).div_euclid(DAY)).0 + YEARS;
        loop {
            let shown = local(at);
            let days = shown.div_euclid(DAY);
            let (year, of_month, of_day) = civil(days);
            if year > last_year {
                return None;
            }
            let has = |set: u64, value: i64| set & (1 << value) != 0;
            let in_day = shown.rem_euclid(DAY);
            if !has(month, of_month) {
                at = zone.midnight(days + month_length(year, of_month) - of_day + 1);
            } else if !day_matches(day, weekday, of_day, (days + 4).rem_euclid(7)) {
                at = zone.midnight(days + 1);
            } else if !has(hour, in_day / 3600) {
                at += 3600 - in_day.rem_euclid(3600);
            } else if !has(minute, in_day / 60 % 60) {
                at += 60;
            } else {
                return Some(at);
            }
        }
    }
}

/// A day fits if both fields do; if neither is a star, one of them is enough.
fn day_matches(day: u64, weekday: u64, of_month: i64, of_week: i64) -> bool {
    let by_month = day & (1 << of_month) != 0;
    let by_week = weekday & (1 << of_week) != 0;
    if (day | weekday) & STAR != 0 {
        by_month && by_week
    } else {
        by_month || by_week
    }
}

/// A list of ranges.
fn field(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts
        .map(|part| range(part, bounds))
        .try_fold(0, |all, one| Ok(all | one?))
}

/// `N`, `N-M`, `*`, each with `/STEP` or without.
fn range(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let (least, greatest) = (bounds.0, bounds.1);
    let halves: Vec<&str> = text.split('/').collect();
    let ends: Vec<&str> = halves
        .first()
        .map_or(Vec::new(), |h| h.split('-').collect());
    let star = matches!(ends.first(), Some(&("*" | "?")));
    let (start, mut end) = match ends[..] {
        _ if star => (least, greatest),
        [one] => {
            let one = number_or_name(one, bounds)?;
            (one, one)
        }
        [first, last] => (
            number_or_name(first, bounds)?,
            number_or_name(last, bounds)?,
        ),
        _ => return Err(format!("too many hyphens: {text}")),
    };
    let mut step = 1;
    match halves[..] {
        [_] => {}
        [_, every] => {
            step = number(every)?;
            if ends.len() == 1 {
                end = greatest;
            }
        }
        _ => return Err(format!("too many slashes: {text}")),
    }
    if start < least {
        return Err(format!(
            "beginning of range ({start}) below minimum ({least}): {text}"
        ));
    }
    if end > greatest {
        return Err(format!(
            "end of range ({end}) above maximum ({greatest}): {text}"
        ));
    }
    if start > end {
        return Err(format!(
            "beginning of range ({start}) beyond end of range ({end}): {text}"
        ));
    }
    let Ok(stride @ 1..) = usize::try_from(step) else {
        return Err(format!("step of range should be a positive number: {text}"));
    };
    let bits = (start..=end)
        .step_by(stride)
        .fold(0, |bits, value| bits | 1 << value);
    Ok(if star && step == 1 { bits | STAR } else { bits })
}

fn number_or_name(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let lower = text.to_lowercase();
    match bounds.2.iter().position(|name| *name == lower) {
        Some(at) => Ok(bounds.0 + at as u64),
        None => number(text),
    }
}

fn number(text: &str) -> Result<u64, String> {
    let failed = |why: &str| {
        format!("failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": {why}")
    };
    match text.parse::<i64>() {
        Ok(number) => u64::try_from(number)
            .map_err(|_| format!("negative number ({number}) not allowed: {text}")),
        Err(error) => Err(match error.kind() {
            std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
                failed("value out of range")
            }
            _ => failed("invalid syntax"),
        }),
    }
}

/// The whole seconds of a Go duration such as `1h30m`.
fn go_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration \"{text}\"");
    let (mut seconds, mut rest) = (0.0, text);
    if text.is_empty() {
        return Err(invalid());
    }
    while !rest.is_empty() && rest != "0" {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (amount, tail) = rest
            .split_at(digits.ok_or_else(|| format!("time: missing unit in duration \"{text}\""))?);
        let end = tail.find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, tail) = tail.split_at(end.unwrap_or(tail.len()));
        let amount: f64 = amount.parse().map_err(|_| invalid())?;
        let length = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => {
                return Err(format!(
                    "time: unknown unit \"{unit}\" in duration \"{text}\""
                ));
            }
        };
        seconds += amount * length;
        rest = tail;
    }
    // A float turns into the nearest number that fits.
    Ok(seconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::jiff::Timestamp;

    #[test]
    fn the_next_moment_of_a_schedule() {
        // (schedule, from, the next moments); the dates were checked with robfig/cron.
        let table: [(&str, &str, &[&str]); 12] = [
            (
                "* * * * *",
                "2026-01-05T00:00:00Z",
                &["2026-01-05T00:01:00Z"],
            ),
            (
                "*/15 * * * *",
                "2026-01-05T00:50:01Z",
                &["2026-01-05T01:00:00Z"],
            ),
            (
                "0 9 * * mon-fri",
                "2026-01-09T09:00:00Z",
                &["2026-01-12T09:00:00Z"],
            ),
            (
                "30 6-16/4 * * 1-5",
                "2026-01-05T06:30:00Z",
                &[
                    "2026-01-05T10:30:00Z",
                    "2026-01-05T14:30:00Z",
                    "2026-01-06T06:30:00Z",
                ],
            ),
            (
                "0 0 13 * 5",
                "2026-01-05T00:00:00Z",
                &["2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z"],
            ),
            (
                "0 0 29 2 *",
                "2026-01-05T00:00:00Z",
                &["2028-02-29T00:00:00Z"],
            ),
            ("@hourly", "2026-12-31T23:00:00Z", &["2027-01-01T00:00:00Z"]),
            ("@weekly", "2026-01-05T00:00:00Z", &["2026-01-11T00:00:00Z"]),
            ("@yearly", "2026-01-05T00:00:00Z", &["2027-01-01T00:00:00Z"]),
            (
                "@every 90s",
                "2026-01-05T00:00:10Z",
                &["2026-01-05T00:01:40Z", "2026-01-05T00:03:10Z"],
            ),
            (
                "5 4 * * ?",
                "2026-01-05T04:05:00Z",
                &["2026-01-06T04:05:00Z"],
            ),
            ("0 0 31 2 *", "2026-01-05T00:00:00Z", &[]),
        ];
        for (text, from, expected) in table {
            let schedule = Schedule::parse(text).expect(text);
            let mut at = from.parse::<Timestamp>().expect(from).as_second();
            for moment in expected {
                at = schedule.next(at, Zone::fixed(0)).expect(text);
                let shown = Timestamp::from_second(at).expect(text).to_string();
                assert_eq!(shown, *moment, "{text}");
            }
            if expected.is_empty() {
                assert_eq!(schedule.next(at, Zone::fixed(0)), None, "{text}");
            }
        }
        // Nine in the morning in Seoul is midnight in Greenwich.
        let nine = Schedule::parse("0 9 * * *").expect("a schedule");
        assert_eq!(nine.next(0, Zone::fixed(9 * 3600)), Some(DAY));
    }

    #[test]
    fn summer_time_leaves_out_and_repeats() {
        let table = [
            // Berlin: on 2026-03-29 there is no half past two, on 2026-10-25 there are two.
            (
                "30 2 * * *",
                "Europe/Berlin",
                "2026-03-28T00:00:00Z",
                ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"],
            ),
            (
                "30 2 * * *",
                "Europe/Berlin",
                "2026-10-25T00:00:00Z",
                ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"],
            ),
            (
                "0 9 * * *",
                "Europe/Berlin",
                "2026-10-24T00:00:00Z",
                ["2026-10-24T07:00:00Z", "2026-10-25T08:00:00Z"],
            ),
            (
                "0 9 * * *",
                "America/New_York",
                "2026-03-07T10:00:00Z",
                ["2026-03-07T14:00:00Z", "2026-03-08T13:00:00Z"],
            ),
            (
                "0 0 1 * *",
                "Pacific/Auckland",
                "2026-04-01T00:00:00Z",
                ["2026-04-30T12:00:00Z", "2026-05-31T12:00:00Z"],
            ),
            (
                "0 0 * * 1",
                "Australia/Sydney",
                "2026-10-01T00:00:00Z",
                ["2026-10-04T13:00:00Z", "2026-10-11T13:00:00Z"],
            ),
        ];
        for (text, zone, from, expected) in table {
            let schedule = Schedule::parse(text).expect(text);
            let zone = Zone::of(zone).expect(zone);
            let mut at = from.parse::<Timestamp>().expect(from).as_second();
            for moment in expected {
                at = schedule.next(at, zone).expect(text);
                let shown = Timestamp::from_second(at).expect(text).to_string();
                assert_eq!(shown, moment, "{text} {from}");
            }
        }
    }

    #[test]
    fn what_is_no_schedule_is_said_in_the_parsers_words() {
        let table = [
            ("", "empty spec string"),
            ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
            ("60 * * * *", "end of range (60) above maximum (59): 60"),
            ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
            (
                "5-1 * * * *",
                "beginning of range (5) beyond end of range (1): 5-1",
            ),
            (
                "*/0 * * * *",
                "step of range should be a positive number: */0",
            ),
            (
                "a * * * *",
                "failed to parse int from a: strconv.Atoi: parsing \"a\": invalid syntax",
            ),
            (
                "-1 * * * *",
                "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax",
            ),
            ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
            ("1/2/3 * * * *", "too many slashes: 1/2/3"),
            ("@often", "unrecognized descriptor: @often"),
            (
                "@every x",
                "failed to parse duration @every x: time: invalid duration \"x\"",
            ),
        ];
        for (text, why) in table {
            assert_eq!(Schedule::parse(text), Err(why.to_owned()), "{text}");
        }
    }
}
