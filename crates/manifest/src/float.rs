//! Floating-point numbers as Go prints them.

/// Go's `strconv.FormatFloat(number, 'g', -1, 64)`: what YAML output prints. Infinities and NaN do not occur.
pub(crate) fn shortest_g(number: f64) -> String {
    general(&format!("{number:e}"))
}

/// The same with 32 bits: how a number as a YAML key becomes a string.
pub(crate) fn shortest_g32(number: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "keys go through 32 bits upstream: sigs.k8s.io/yaml, convertToJSONableObject"
    )]
    let number = number as f32;
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    general(&format!("{number:e}"))
}

/// Go's `encoding/json`: plain digits between 1e-6 and 1e21, otherwise an exponent.
pub(crate) fn json(number: f64) -> String {
    if number == 0.0 {
        return if number.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    if (1e-6..1e21).contains(&number.abs()) {
        return format!("{number}");
    }
    let text = format!("{number:e}");
    let (digits, exponent) = parts(&text);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{}", exponent.unsigned_abs())
}

fn general(scientific: &str) -> String {
    let (digits, exponent) = parts(scientific);
    if (-4..6).contains(&exponent) || digits == "0" || digits == "-0" {
        return match scientific.parse::<f64>() {
            Ok(number) => format!("{number}"),
            Err(_) => scientific.to_owned(),
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

fn parts(scientific: &str) -> (&str, i32) {
    let (digits, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    (digits, exponent.parse().unwrap_or(0))
}
