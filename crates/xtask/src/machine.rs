//! The shape of the machine and the date, for written results. No names of hosts or people.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::process;
use crate::project::Project;

/// "2 cores, 24 GB, Node v20.20.2, rustc 1.95.0".
pub fn shape(project: &Project) -> String {
    let cores =
        std::thread::available_parallelism().map_or_else(|_| "?".into(), |count| count.to_string());
    let script = "Math.round(require('os').totalmem() / 2 ** 30) + ' GiB, Node ' + process.version";
    let mut node = project.command("node");
    node.args(["--print", script]);
    let mut rustc = project.command("rustc");
    rustc.arg("--version");
    let node = process::output(node).unwrap_or_default();
    let rustc = process::output(rustc).unwrap_or_default();
    let rustc: Vec<&str> = rustc.split_whitespace().take(2).collect();
    format!("{cores} cores, {}, {}", node.trim(), rustc.join(" "))
}

/// Today in UTC, as 2026-11-21.
pub fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs());
    let (year, month, day) = civil_date(seconds / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The Gregorian date of a day counted from 1970-01-01.
fn civil_date(days: u64) -> (u64, u64, u64) {
    // Years are counted from March, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::civil_date;

    #[test]
    fn days_become_dates() {
        let cases = [
            (0, (1970, 1, 1)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (20_778, (2026, 11, 21)),
        ];
        for (days, expected) in cases {
            assert_eq!(civil_date(days), expected, "{days}");
        }
    }
}
