//! `echo` and `printf`.

/// The widest field that `printf` pads to.
const WIDTH_LIMIT: usize = 1_000;

/// What `echo` prints. `escapes`: whether backslashes count without `-e`.
pub fn echo(arguments: &[String], escapes: bool) -> String {
    let mut escapes = escapes;
    let mut newline = true;
    let mut rest = arguments;
    while let Some((first, after)) = rest.split_first() {
        let Some(letters) = first.strip_prefix('-') else {
            break;
        };
        if letters.is_empty() || !letters.chars().all(|c| "neE".contains(c)) {
            break;
        }
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        rest = after;
    }
    let mut text = rest.join(" ");
    if escapes {
        let (unescaped, stop) = unescape(&text, true);
        text = unescaped;
        if stop {
            return text;
        }
    }
    if newline {
        text.push('\n');
    }
    text
}

/// What dash's `echo` prints: `-n` is its only option, and backslashes count.
pub fn dash(arguments: &[String]) -> String {
    let (newline, rest) = match arguments.split_first() {
        Some((first, rest)) if first == "-n" => (false, rest),
        _ => (true, arguments),
    };
    let (mut text, stop) = unescape(&rest.join(" "), true);
    if newline && !stop {
        text.push('\n');
    }
    text
}

/// Resolves backslashes; whether `\c` stopped the output.
fn unescape(text: &str, zero_first: bool) -> (String, bool) {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            None => out.push('\\'),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('e') => out.push('\u{1b}'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some('\\') => out.push('\\'),
            Some('"') if !zero_first => out.push('"'),
            Some('c') => return (out, true),
            Some('x') => out.push(code(&mut chars, 16, 2, 0)),
            Some(digit @ '0'..='7') => {
                let first = digit.to_digit(8).unwrap_or(0);
                out.push(code(&mut chars, 8, if first == 0 { 3 } else { 2 }, first));
            }
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
        }
    }
    (out, false)
}

fn code(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    radix: u32,
    digits: usize,
    first: u32,
) -> char {
    let mut value = first;
    for _ in 0..digits {
        let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else {
            break;
        };
        value = value * radix + digit;
        chars.next();
    }
    char::from(u8::try_from(value & 255).unwrap_or(b'?'))
}

/// What `printf` complains about.
pub enum Complaint {
    /// There is no format.
    Usage,
    /// A letter after `%` that means nothing; the text of the directive.
    Directive(String),
    /// An argument that is no number.
    Number(String),
}

impl Complaint {
    /// In bash's words, without its name.
    pub fn words(&self) -> String {
        match self {
            Complaint::Usage => "usage: printf [-v var] format [arguments]".to_owned(),
            Complaint::Directive(text) if text == "%" => "`%': missing format character".to_owned(),
            Complaint::Directive(text) => {
                let letter = text.chars().last().unwrap_or('%');
                format!("`{letter}': invalid format character")
            }
            Complaint::Number(text) => format!("{text}: invalid number"),
        }
    }
}

/// What `printf` prints, and what it complains about.
pub fn printf(arguments: &[String]) -> (String, Option<Complaint>) {
    let arguments = match arguments.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => arguments,
    };
    let Some((format, mut rest)) = arguments.split_first() else {
        return (String::new(), Some(Complaint::Usage));
    };
    let mut out = String::new();
    let mut error = None;
    loop {
        let before = rest.len();
        let stop = round(format, &mut rest, &mut out, &mut error);
        // The format is used again while it takes arguments and there are some left.
        if stop || rest.is_empty() || rest.len() == before || out.len() > 1 << 20 {
            return (out, error);
        }
    }
}

/// Goes through the format once. Whether the output stops.
fn round(
    format: &str,
    rest: &mut &[String],
    out: &mut String,
    error: &mut Option<Complaint>,
) -> bool {
    let mut chars = format.chars().peekable();
    let mut literal = String::new();
    while let Some(c) = chars.next() {
        if c != '%' {
            literal.push(c);
            if c == '\\' {
                literal.extend(chars.next());
            }
            continue;
        }
        if chars.peek() == Some(&'%') {
            chars.next();
            literal.push('%');
            continue;
        }
        let (text, stop) = unescape(&literal, false);
        out.push_str(&text);
        literal.clear();
        if stop || directive(&mut chars, rest, out, error) {
            return true;
        }
    }
    let (text, stop) = unescape(&literal, false);
    out.push_str(&text);
    stop
}

fn directive(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    rest: &mut &[String],
    out: &mut String,
    error: &mut Option<Complaint>,
) -> bool {
    let mut take = || match rest.split_first() {
        Some((first, after)) => {
            *rest = after;
            first.clone()
        }
        None => String::new(),
    };
    let mut flags = String::new();
    while let Some(&c) = chars.peek() {
        if !"-+ 0#".contains(c) {
            break;
        }
        flags.push(c);
        chars.next();
    }
    let mut number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        let mut digits = String::new();
        if chars.peek() == Some(&'*') {
            chars.next();
            digits = take();
        }
        while let Some(c) = chars.peek().filter(|c| c.is_ascii_digit()) {
            digits.push(*c);
            chars.next();
        }
        digits
            .parse::<usize>()
            .ok()
            .map(|width| width.min(WIDTH_LIMIT))
    };
    let width = number(chars).unwrap_or(0);
    let precision = if chars.peek() == Some(&'.') {
        chars.next();
        Some(number(chars).unwrap_or(0))
    } else {
        None
    };
    let Some(kind) = chars.next() else {
        *error = Some(Complaint::Directive("%".to_owned()));
        return true;
    };
    let argument = take();
    let mut stop = false;
    let text = match kind {
        's' => cut(&argument, precision),
        'q' => shell_quoted(&argument),
        'b' => {
            let (text, end) = unescape(&argument, true);
            stop = end;
            cut(&text, precision)
        }
        'c' => argument.chars().take(1).collect(),
        'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
            let value = integer(&argument, error);
            let text = match kind {
                'x' => format!("{value:x}"),
                'X' => format!("{value:X}"),
                'o' => format!("{value:o}"),
                _ if flags.contains('+') && value >= 0 => format!("+{value}"),
                _ => value.to_string(),
            };
            match precision {
                Some(digits) => format!("{text:0>digits$}"),
                None => text,
            }
        }
        'f' | 'F' | 'e' | 'E' | 'g' | 'G' => {
            let value: f64 = argument.trim().parse().unwrap_or(0.0);
            float(kind, value, precision, flags.contains('+'))
        }
        other => {
            *error = Some(Complaint::Directive(format!("%{flags}{other}")));
            return true;
        }
    };
    out.push_str(&pad(&text, width, &flags, kind));
    stop
}

/// A number as `%f`, `%e` and `%g` show it.
pub(crate) fn float(kind: char, value: f64, precision: Option<usize>, sign: bool) -> String {
    let digits = precision.unwrap_or(6).min(100);
    let text = match kind {
        _ if value.is_nan() => "nan".to_owned(),
        _ if value.is_infinite() => (if value > 0.0 { "inf" } else { "-inf" }).to_owned(),
        'e' | 'E' => exponent(value, digits),
        'g' | 'G' => {
            let digits = digits.max(1);
            let scientific = exponent(value, digits - 1);
            let power: i32 = scientific
                .split_once('e')
                .and_then(|(_, power)| power.parse().ok())
                .unwrap_or(0);
            let trimmed = |text: &str| match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => text.to_owned(),
            };
            if power < -4 || power >= i32::try_from(digits).unwrap_or(i32::MAX) {
                let (number, power) = scientific.split_once('e').unwrap_or((&scientific, "+00"));
                format!("{}e{power}", trimmed(number))
            } else {
                let places = usize::try_from(i32::try_from(digits).unwrap_or(6) - 1 - power);
                trimmed(&format!("{value:.*}", places.unwrap_or(0)))
            }
        }
        _ => format!("{value:.digits$}"),
    };
    let text = match kind {
        'E' | 'G' => text.to_uppercase(),
        _ => text,
    };
    match sign && !text.starts_with('-') {
        true => format!("+{text}"),
        false => text,
    }
}

/// `1.50e+03`
fn exponent(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$e}");
    let (number, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let sign = if power < 0 { '-' } else { '+' };
    format!("{number}e{sign}{:02}", power.abs())
}

pub(crate) fn pad(text: &str, width: usize, flags: &str, kind: char) -> String {
    if flags.contains('-') {
        format!("{text:<width$}")
    } else if flags.contains('0') && "diuxXofFeEgG".contains(kind) {
        match text.strip_prefix('-') {
            Some(digits) => format!("-{digits:0>0$}", width.saturating_sub(1)),
            None => format!("{text:0>width$}"),
        }
    } else {
        format!("{text:>width$}")
    }
}

fn cut(text: &str, precision: Option<usize>) -> String {
    match precision {
        Some(count) => text.chars().take(count).collect(),
        None => text.to_owned(),
    }
}

fn integer(text: &str, error: &mut Option<Complaint>) -> i64 {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return 0;
    }
    if let Some(c) = trimmed.strip_prefix(['\'', '"']) {
        return c.chars().next().map_or(0, |c| i64::from(u32::from(c)));
    }
    let parsed = match (trimmed.strip_prefix("0x"), trimmed.strip_prefix('0')) {
        (Some(hex), _) => i64::from_str_radix(hex, 16).ok(),
        (None, Some(octal)) if !octal.is_empty() => i64::from_str_radix(octal, 8).ok(),
        _ => trimmed.parse().ok(),
    };
    parsed.unwrap_or_else(|| {
        *error = Some(Complaint::Number(text.to_owned()));
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        trimmed[..digits].parse().unwrap_or(0)
    })
}

/// A text with backslashes before what a shell would not take for itself.
fn shell_quoted(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    if text.contains(|c: char| c.is_control()) {
        let text = text.replace('\\', "\\\\").replace('\'', "\\'");
        return format!("$'{}'", text.replace('\n', "\\n").replace('\t', "\\t"));
    }
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-./:=@%+,".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
