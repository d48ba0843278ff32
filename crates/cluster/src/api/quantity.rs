//! Quantities such as `1Gi` or `250m`: reading, comparing, and the canonical form the API server answers with.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go`.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// What the API server says of a text that is no quantity.
pub const FORMAT_WRONG: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NUMERIC_WRONG: &str = "unable to parse numeric part of quantity";
const SUFFIX_WRONG: &str = "unable to parse quantity's suffix";

const NANO: i128 = 1_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    DecimalSi,
    BinarySi,
    DecimalExponent,
}

/// A quantity as a number, exact to one thousand-millionth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    nano: i128,
    format: Format,
}

impl Amount {
    /// Reads a quantity.
    ///
    /// # Errors
    /// The API server's words for a text that is none.
    pub fn parse(text: &str) -> Result<Amount, &'static str> {
        let (number, suffix) = split(text)?;
        let (base, exponent, format) = multiplier(suffix).ok_or(SUFFIX_WRONG)?;
        let (negative, digits) = match number.as_bytes().first() {
            Some(b'-') => (true, &number[1..]),
            Some(b'+') => (false, &number[1..]),
            _ => (false, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(NUMERIC_WRONG);
        }
        let nano = scale(whole, fraction, base, exponent);
        Ok(Amount {
            nano: if negative { -nano } else { nano },
            format,
        })
    }

    /// The amount of a stored quantity; zero for a text that is none (the door lets no such text in).
    pub fn of(quantity: &Quantity) -> Amount {
        Amount::parse(&quantity.0).unwrap_or(Amount {
            nano: 0,
            format: Format::DecimalSi,
        })
    }

    /// The amount in thousand-millionths.
    pub fn nano(self) -> i128 {
        self.nano
    }

    /// Whole units, rounded up.
    pub fn value(self) -> i128 {
        self.nano.div_euclid(NANO) + i128::from(self.nano.rem_euclid(NANO) != 0)
    }

    /// Thousandths, rounded up.
    pub fn milli(self) -> i128 {
        let unit = NANO / 1000;
        self.nano.div_euclid(unit) + i128::from(self.nano.rem_euclid(unit) != 0)
    }

    /// The name of the notation.
    pub fn format_name(self) -> &'static str {
        match self.format {
            Format::DecimalSi => "DecimalSI",
            Format::BinarySi => "BinarySI",
            Format::DecimalExponent => "DecimalExponent",
        }
    }

    /// The sum, in this amount's notation.
    pub fn plus(self, other: Amount) -> Amount {
        Amount {
            nano: self.nano.saturating_add(other.nano),
            format: self.format,
        }
    }

    /// The canonical text: no fraction, the largest suffix that keeps the value exact.
    pub fn canonical(self) -> String {
        if self.nano == 0 {
            return "0".to_owned();
        }
        let whole = self.nano % NANO == 0;
        if self.format == Format::BinarySi && whole && self.nano.abs() >= 1024 * NANO {
            let mut value = self.nano / NANO;
            let mut power = 0;
            while value % 1024 == 0 && power < 6 {
                value /= 1024;
                power += 1;
            }
            return format!("{value}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][power]);
        }
        let mut value = self.nano;
        let mut power = 0;
        let last = if self.format == Format::DecimalExponent {
            12
        } else {
            9
        };
        while value % 1000 == 0 && power < last {
            value /= 1000;
            power += 1;
        }
        if self.format == Format::DecimalExponent {
            let exponent = power as i32 * 3 - 9;
            return if exponent == 0 {
                value.to_string()
            } else {
                format!("{value}e{exponent}")
            };
        }
        format!(
            "{value}{}",
            ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][power]
        )
    }
}

/// The text that the API server answers with for `text`: as it is, if it is short and already says what it says in the
/// fewest digits (so that `1E3` and `+1` stay), else the canonical one.
///
/// # Errors
/// As [`Amount::parse`].
pub fn stored(text: &str) -> Result<String, &'static str> {
    let amount = Amount::parse(text)?;
    Ok(match Short::of(text) {
        Some(Short { kept: true, .. }) => text.to_owned(),
        _ => amount.canonical(),
    })
}

/// A quantity with so few digits that upstream holds it as an `int64` with a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    /// The digits, times the binary suffix.
    pub value: i64,
    /// The power of ten.
    pub scale: i32,
    /// Whether the text is kept beside it.
    pub kept: bool,
}

impl Short {
    /// Digits that surely fit.
    const DIGITS: usize = 18;
    /// The same with a binary suffix, less three for each power of 1024.
    const BINARY_DIGITS: usize = 14;

    /// Reads a quantity; none if it is longer, or none at all.
    ///
    /// Upstream: the fast path of `ParseQuantity`.
    pub fn of(text: &str) -> Option<Short> {
        if text == "0" {
            return Some(Short {
                value: 0,
                scale: 0,
                kept: true,
            });
        }
        let (number, suffix) = split(text).ok()?;
        let (_, exponent, format) = multiplier(suffix)?;
        let digits = number.trim_start_matches(['+', '-']);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        let shifted = format!("{whole}{fraction}");
        let power = usize::try_from(exponent).unwrap_or(0);
        let (fits, scale) = match format {
            Format::BinarySi => {
                let length = whole.len() + 3 * power;
                (fraction.is_empty() && length <= Self::BINARY_DIGITS, 0)
            }
            Format::DecimalSi | Format::DecimalExponent => {
                let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
                let scale = exponent.saturating_sub(places);
                (shifted.len() <= Self::DIGITS && scale >= -9, scale)
            }
        };
        let read: i64 = shifted.parse().ok().filter(|_| fits)?;
        let (kept, magnitude) = match format {
            Format::BinarySi => (read % 8 != 0, read << (10 * power)),
            _ => {
                let shortest = !shifted.ends_with("000") && !shifted.starts_with('0');
                (scale % 3 == 0 && shortest, read)
            }
        };
        let value = if number.starts_with('-') {
            -magnitude
        } else {
            magnitude
        };
        Some(Short { value, scale, kept })
    }
}

fn split(text: &str) -> Result<(&str, &str), &'static str> {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let take = |at: &mut usize, set: &[u8]| {
        while bytes.get(*at).is_some_and(|byte| set.contains(byte)) {
            *at += 1;
        }
    };
    if text.is_empty() {
        return Err(FORMAT_WRONG);
    }
    take(&mut at, b"0123456789");
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        take(&mut at, b"0123456789");
    }
    let number_end = at;
    take(&mut at, b"eEinumkKMGTP");
    if matches!(bytes.get(at), Some(b'+' | b'-')) {
        at += 1;
    }
    take(&mut at, b"0123456789");
    if at < bytes.len() {
        return Err(FORMAT_WRONG);
    }
    Ok((&text[..number_end], &text[number_end..]))
}

fn multiplier(suffix: &str) -> Option<(i128, i32, Format)> {
    let binary = |power| Some((1024, power, Format::BinarySi));
    let decimal = |power| Some((10, power, Format::DecimalSi));
    match suffix {
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            Some((10, exponent, Format::DecimalExponent))
        }
    }
}

/// `whole.fraction` times `base` to the `exponent`, in thousand-millionths, rounded up and held within what a quantity can be.
fn scale(whole: &str, fraction: &str, base: i128, exponent: i32) -> i128 {
    // Upstream has no limit without a binary suffix; what is more than this does not occur.
    const DECIMAL_LIMIT: i128 = i64::MAX as i128 * NANO * NANO;
    const BINARY_LIMIT: i128 = i64::MAX as i128 * NANO;
    let limit = if base == 10 {
        DECIMAL_LIMIT
    } else {
        BINARY_LIMIT
    };
    let kept = &fraction[..fraction.len().min(18)];
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(kept.bytes()) {
        value = value
            .saturating_mul(10)
            .saturating_add(i128::from(digit - b'0'));
        if value > limit {
            return limit;
        }
    }
    let mut tens = 9 - i32::try_from(kept.len()).unwrap_or(18);
    if base == 10 {
        tens = tens.saturating_add(exponent);
    } else {
        value = value.saturating_mul(base.saturating_pow(exponent.unsigned_abs()));
    }
    while tens > 0 && value != 0 && value < limit {
        value = value.saturating_mul(10);
        tens -= 1;
    }
    while tens < 0 && value > 0 {
        let up = i128::from(value % 10 != 0);
        value = value / 10 + up;
        if value == 1 && up == 1 {
            break;
        }
        tens += 1;
    }
    value.min(limit)
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn canonical_forms() {
        let table = [
            ("1Gi", "1Gi"),
            ("1024Mi", "1Gi"),
            ("1000Mi", "1000Mi"),
            ("0.5", "500m"),
            ("100m", "100m"),
            ("1000m", "1"),
            ("2", "2"),
            ("1e3", "1e3"),
            ("1500", "1500"),
            ("1000", "1k"),
            ("512Ki", "512Ki"),
            ("1Ki", "1Ki"),
            ("0.5Gi", "512Mi"),
            ("0", "0"),
            ("0Gi", "0"),
            ("1.5Gi", "1536Mi"),
            ("-1Gi", "-1Gi"),
            ("10M", "10M"),
            ("1000000Ki", "1000000Ki"),
        ];
        for (text, expected) in table {
            let found = Amount::parse(text).map(Amount::canonical);
            assert_eq!(found.as_deref(), Ok(expected), "{text}");
        }
        for (text, expected) in [
            ("1GB", super::FORMAT_WRONG),
            ("", super::FORMAT_WRONG),
            ("Gi", super::NUMERIC_WRONG),
            ("1KK", super::SUFFIX_WRONG),
        ] {
            assert_eq!(Amount::parse(text), Err(expected), "{text}");
        }
    }
}
