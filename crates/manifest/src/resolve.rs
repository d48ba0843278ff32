//! What a plain YAML scalar means, by the rules kubectl reads with: YAML 1.1 with Go's own numbers.

/// A scalar's meaning.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number beyond `i64`.
    Unsigned(u64),
    Float(f64),
    /// Looks like a date; stays text, but is quoted on the way out.
    Timestamp,
    Text,
}

impl Scalar {
    /// The short tag error messages name it by.
    fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Unsigned(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Timestamp => "!!timestamp",
            Self::Text => "!!str",
        }
    }
}

const TAG_PREFIX: &str = "tag:yaml.org,2002:";

/// The meaning of a scalar that carries a tag (`!!int "1"`).
///
/// # Errors
/// The message, without `yaml: `, when tag and text do not fit.
pub(crate) fn resolve_tagged(tag: &str, text: &str) -> Result<Scalar, String> {
    let wanted = match tag.strip_prefix(TAG_PREFIX) {
        Some("str") => return Ok(Scalar::Text),
        Some(name @ ("bool" | "int" | "float" | "null" | "timestamp")) => name,
        _ => return Ok(Scalar::Text),
    };
    let found = resolve_with(text, wanted == "timestamp");
    match (wanted, &found) {
        ("float", Scalar::Int(number)) => {
            #[expect(
                clippy::cast_precision_loss,
                reason = "as upstream: go.yaml.in/yaml/v2 resolve.go"
            )]
            let float = *number as f64;
            Ok(Scalar::Float(float))
        }
        _ if found.tag().strip_prefix("!!") == Some(wanted) => Ok(found),
        _ => Err(format!(
            "cannot decode {} `{text}` as a !!{wanted}",
            found.tag()
        )),
    }
}

/// The meaning of an untagged plain scalar. upstream: go.yaml.in/yaml/v2 resolve.go
pub(crate) fn resolve(text: &str) -> Scalar {
    resolve_with(text, true)
}

fn resolve_with(text: &str, timestamps: bool) -> Scalar {
    match text.bytes().next() {
        None => Scalar::Null,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => {
            word(text)
        }
        Some(b'.') => special_float(text)
            .or_else(|| yaml_float(text))
            .map_or(Scalar::Text, Scalar::Float),
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if let Some(number) = special_float(text) {
                return Scalar::Float(number);
            }
            if timestamps && is_timestamp(text) {
                return Scalar::Timestamp;
            }
            number(&text.replace('_', ""))
        }
        Some(_) => Scalar::Text,
    }
}

fn word(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::Text,
    }
}

fn special_float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn number(plain: &str) -> Scalar {
    if let Some(number) = integer(plain) {
        return number;
    }
    yaml_float(plain).map_or(Scalar::Text, Scalar::Float)
}

/// Go's `ParseInt(text, 0, 64)` and `ParseUint` after it: `0x`, `0o`, `0b` and a bare leading `0` name the base.
fn integer(plain: &str) -> Option<Scalar> {
    let (negative, unsigned) = match plain.as_bytes().first()? {
        b'-' => (true, &plain[1..]),
        b'+' => (false, &plain[1..]),
        _ => (false, plain),
    };
    let lower = unsigned.get(..2).map(str::to_ascii_lowercase);
    let (digits, radix) = match lower.as_deref() {
        Some("0x") => (&unsigned[2..], 16),
        Some("0o") => (&unsigned[2..], 8),
        Some("0b") => (&unsigned[2..], 2),
        _ if unsigned.len() > 1 && unsigned.starts_with('0') => (&unsigned[1..], 8),
        _ => (unsigned, 10),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    let signed = if negative {
        0i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    };
    match signed {
        Some(number) => Some(Scalar::Int(number)),
        // A sign is only read in front of what fits 64 bits with it.
        None if negative || plain.starts_with('+') => None,
        None => Some(Scalar::Unsigned(magnitude)),
    }
}

/// Digits with an optional fraction and exponent; nothing that overflows.
fn yaml_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned
        .split_once(['e', 'E'])
        .map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_ok = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    if !digits(whole)
        || !digits(fraction)
        || (whole.is_empty() && fraction.is_empty())
        || !exponent_ok
    {
        return None;
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Base-60 numbers of YAML 1.1 (`12:30:00`): read as text, but quoted on the way out for other readers.
pub(crate) fn is_base60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (sixties, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut parts = sixties.split(':');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    let digits = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
    };
    first.starts_with(|c: char| c.is_ascii_digit())
        && digits(first)
        && digits(fraction)
        && rest.peek().is_some()
        && rest.all(|part| match part.as_bytes() {
            [one] => one.is_ascii_digit(),
            [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
            _ => false,
        })
}

/// The forms Go's reader takes for a date: `2006-1-2`, with a time behind `T`, `t` (with a zone) or a space (without).
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 5 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((bytes[at], &text[at + 1..]))),
        None => (text, None),
    };
    is_date(date)
        && match time {
            None => true,
            Some((b' ', time)) => is_clock(time),
            Some((_, time)) => strip_zone(time).is_some_and(is_clock),
        }
}

fn is_date(date: &str) -> bool {
    let mut parts = date.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Some(month), Some(day)) = (one_or_two(month), one_or_two(day)) else {
        return false;
    };
    let year: u32 = year.parse().unwrap_or(0);
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_clock(time: &str) -> bool {
    let (time, fraction) = time
        .split_once(['.', ','])
        .map_or((time, None), |(time, fraction)| (time, Some(fraction)));
    let mut parts = time.split(':');
    let (Some(hour), Some(minute), Some(second), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    one_or_two(hour).is_some_and(|hour| hour < 24)
        && one_or_two(minute).is_some_and(|minute| minute < 60)
        && one_or_two(second).is_some_and(|second| second < 60)
        && fraction.is_none_or(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
}

fn strip_zone(time: &str) -> Option<&str> {
    if let Some(time) = time.strip_suffix('Z') {
        return Some(time);
    }
    let at = time.rfind(['+', '-'])?;
    let (hours, minutes) = time[at + 1..].split_once(':')?;
    let two = |part: &str, below: u32| {
        part.len() == 2 && one_or_two(part).is_some_and(|number| number < below)
    };
    (two(hours, 25) && two(minutes, 60)).then_some(&time[..at])
}

fn one_or_two(digits: &str) -> Option<u32> {
    ((1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())?
}
