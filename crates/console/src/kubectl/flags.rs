//! A command line taken apart, with pflag's rules and words.
//!
//! Upstream: `github.com/spf13/pflag`, `k8s.io/kubectl/pkg/util/templates/templater.go`.

use super::commands::{Flag, FlagType, Spec, global_flags};
use super::errors::{Error, quote};
use petset_cluster::Duration;
use std::collections::BTreeMap;

/// Flags whose values are never split at commas.
const WHOLE: &[&str] = &[
    "annotation",
    "audience",
    "env",
    "for",
    "from-env-file",
    "from-literal",
    "group",
    "resource-name",
    "rule",
    "serviceaccount",
    "user",
];

/// A command with its flags and arguments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parsed {
    /// The command's words after `kubectl`.
    pub(crate) command: &'static str,
    /// What is neither command nor flag.
    pub(crate) args: Vec<String>,
    /// How many arguments stand before `--`, if there is one.
    pub(crate) dash_at: Option<usize>,
    /// What is said of flags that will go.
    pub(crate) notices: String,
    given: Vec<(&'static str, String)>,
    set: BTreeMap<&'static str, Vec<String>>,
    defaults: BTreeMap<&'static str, &'static str>,
}

impl Parsed {
    /// Whether the flag was given.
    pub(crate) fn changed(&self, name: &str) -> bool {
        self.set.contains_key(name)
    }

    /// A flag's value or its default.
    pub(crate) fn text(&self, name: &str) -> &str {
        match self.set.get(name).and_then(|values| values.last()) {
            Some(value) => value,
            None => self.defaults.get(name).copied().unwrap_or(""),
        }
    }

    /// Whether the flag is true.
    pub(crate) fn is(&self, name: &str) -> bool {
        parse_bool(self.text(name)) == Some(true)
    }

    /// Every value of a flag.
    pub(crate) fn list(&self, name: &str) -> &[String] {
        self.set.get(name).map_or(&[], Vec::as_slice)
    }

    /// Gives a flag another value.
    pub(crate) fn replace(&mut self, name: &'static str, value: String) {
        self.set.insert(name, vec![value]);
    }

    /// The command line as `--record` notes it, if that flag is given (upstream: `genericclioptions/record_flags.go`).
    pub(crate) fn change_cause(&self) -> Option<String> {
        if !self.is("record") {
            return None;
        }
        let mut text = format!("kubectl {}", self.command);
        for arg in &self.args {
            text.push_str(&format!(" {arg}"));
        }
        for (name, value) in &self.given {
            text.push_str(&format!(" --{name}={value}"));
        }
        Some(text)
    }

    /// A number; 0 if there is none.
    pub(crate) fn number(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap_or(0)
    }

    /// A span of time in microseconds; negative ones stay negative.
    pub(crate) fn micros(&self, name: &str) -> i64 {
        parse_duration(self.text(name)).unwrap_or(0)
    }

    /// A span of time; negative ones are nothing.
    pub(crate) fn duration(&self, name: &str) -> Duration {
        Duration::micros(u64::try_from(self.micros(name)).unwrap_or(0))
    }

    /// What `--dry-run` asks for.
    ///
    /// # Errors
    /// A word that is none of the three.
    pub(crate) fn dry_run(&self) -> Result<DryRun, Error> {
        match self.text("dry-run") {
            "" | "none" => Ok(DryRun::None),
            "client" | "unchanged" => Ok(DryRun::Client),
            "server" => Ok(DryRun::Server),
            other => match parse_bool(other) {
                Some(true) => Ok(DryRun::Client),
                Some(false) => Ok(DryRun::None),
                None => Err(Error::plain(format!(
                    "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
                ))),
            },
        }
    }
}

/// Whether a change is only tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DryRun {
    /// It is made.
    None,
    /// It is not sent.
    Client,
    /// It is sent and not stored.
    Server,
}

impl DryRun {
    /// What success lines end with.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }
}

/// Reads the words after the command's own.
///
/// # Errors
/// pflag's sentences. `Ok(None)` when help is asked for.
pub(crate) fn parse(spec: &Spec, words: &[String]) -> Result<Option<Parsed>, Error> {
    let mut known = spec.flags.clone();
    known.extend(spec.hidden.iter().cloned());
    known.extend(global_flags());
    let mut reader = Reader {
        parsed: Parsed {
            command: spec.path,
            defaults: known.iter().map(|f| (f.name, f.default_value())).collect(),
            ..Parsed::default()
        },
        known,
        help: false,
    };
    let outcome = reader.read(words);
    if reader.help && outcome.is_ok() {
        return Ok(None);
    }
    outcome.map_err(|message| {
        let space = if spec.path.is_empty() { "" } else { " " };
        Error::Plain(format!(
            "{message}\nSee 'kubectl{space}{} --help' for usage.",
            spec.path
        ))
    })?;
    Ok(Some(reader.parsed))
}

struct Reader {
    parsed: Parsed,
    known: Vec<Flag>,
    help: bool,
}

impl Reader {
    fn read(&mut self, words: &[String]) -> Result<(), String> {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                self.parsed.dash_at = Some(self.parsed.args.len());
                self.parsed.args.extend(words.cloned());
                break;
            } else if let Some(long) = word.strip_prefix("--") {
                self.long(long, word, &mut words)?;
            } else if word.len() > 1 && word.starts_with('-') {
                self.letters(word, &mut words)?;
            } else {
                self.parsed.args.push(word.clone());
            }
            if self.help {
                break;
            }
        }
        Ok(())
    }

    fn long<'w>(
        &mut self,
        long: &str,
        word: &str,
        words: &mut impl Iterator<Item = &'w String>,
    ) -> Result<(), String> {
        if long.starts_with('-') || long.starts_with('=') {
            return Err(format!("bad flag syntax: {word}"));
        }
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (long, None),
        };
        if name == "help" {
            self.help = true;
            return Ok(());
        }
        let Some(flag) = self.known.iter().find(|flag| flag.name == name).cloned() else {
            return Err(format!("unknown flag: --{name}"));
        };
        let value = match (value, flag.alone()) {
            (Some(value), _) => value,
            (None, Some(alone)) => alone.to_owned(),
            (None, None) => words
                .next()
                .cloned()
                .ok_or_else(|| format!("flag needs an argument: --{name}"))?,
        };
        self.set(&flag, value)
    }

    fn letters<'w>(
        &mut self,
        word: &str,
        words: &mut impl Iterator<Item = &'w String>,
    ) -> Result<(), String> {
        let mut rest = &word[1..];
        while let Some(letter) = rest.chars().next() {
            let after = &rest[letter.len_utf8()..];
            if letter == 'h' && !self.known.iter().any(|flag| flag.letter == Some('h')) {
                self.help = true;
                return Ok(());
            }
            let Some(flag) = self
                .known
                .iter()
                .find(|f| f.letter == Some(letter))
                .cloned()
            else {
                return Err(format!("unknown shorthand flag: '{letter}' in -{rest}"));
            };
            if let Some(value) = after.strip_prefix('=') {
                return self.set(&flag, value.to_owned());
            }
            if let Some(alone) = flag.alone() {
                self.set(&flag, alone.to_owned())?;
                rest = after;
                continue;
            }
            if !after.is_empty() {
                return self.set(&flag, after.to_owned());
            }
            let value = words
                .next()
                .cloned()
                .ok_or_else(|| format!("flag needs an argument: '{letter}' in -{rest}"))?;
            return self.set(&flag, value);
        }
        Ok(())
    }

    fn set(&mut self, flag: &Flag, value: String) -> Result<(), String> {
        if let Err(why) = check(flag, &value) {
            let name = match flag.letter {
                Some(letter) => format!("-{letter}, --{}", flag.name),
                None => format!("--{}", flag.name),
            };
            return Err(format!(
                "invalid argument {} for \"{name}\" flag: {why}",
                quote(&value)
            ));
        }
        if let Some(why) = deprecated(flag.name) {
            let notice = format!("Flag --{} has been deprecated, {why}\n", flag.name);
            self.parsed.notices.push_str(&notice);
        }
        self.parsed.given.push((flag.name, value.clone()));
        let values = self.parsed.set.entry(flag.name).or_default();
        if flag.kind() == FlagType::List && !WHOLE.contains(&flag.name) {
            values.extend(value.split(',').map(str::to_owned));
        } else {
            values.push(value);
        }
        Ok(())
    }
}

/// Why a flag will go.
fn deprecated(name: &str) -> Option<&'static str> {
    match name {
        "record" => Some("--record will be removed in the future"),
        "cpu-percent" => Some(
            "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
        ),
        _ => None,
    }
}

fn check(flag: &Flag, value: &str) -> Result<(), String> {
    match flag.kind() {
        FlagType::Bool if parse_bool(value).is_none() => Err(format!(
            "strconv.ParseBool: parsing {}: invalid syntax",
            quote(value)
        )),
        FlagType::Int => match value.parse::<i128>() {
            Ok(number) if i64::try_from(number).is_ok() => Ok(()),
            Ok(_) => Err(format!(
                "strconv.ParseInt: parsing {}: value out of range",
                quote(value)
            )),
            Err(_) => Err(format!(
                "strconv.ParseInt: parsing {}: invalid syntax",
                quote(value)
            )),
        },
        FlagType::Duration => parse_duration(value).map(|_| ()),
        _ => Ok(()),
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// A span of time as Go writes it, in microseconds.
///
/// # Errors
/// Go's sentences (upstream: `time.ParseDuration`).
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().map_err(|_| invalid())?;
        rest = &rest[digits..];
        let unit = rest
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(rest.len());
        let micros = match &rest[..unit] {
            "" => return Err(format!("time: missing unit in duration {}", quote(text))),
            "ns" => 0.001,
            "us" | "µs" | "μs" => 1.0,
            "ms" => 1e3,
            "s" => 1e6,
            "m" => 60e6,
            "h" => 3600e6,
            other => {
                return Err(format!(
                    "time: unknown unit {} in duration {}",
                    quote(other),
                    quote(text)
                ));
            }
        };
        total += number * micros;
        rest = &rest[unit..];
    }
    // Casting saturates, so a span beyond all bounds is merely very long.
    Ok((sign * total) as i64)
}
