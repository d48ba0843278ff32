//! How an error becomes text on standard error.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/util/helpers.go`.

use petset_cluster::Kind;
use petset_cluster::api::{Reason, Status};

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Error {
    /// The API refused a request.
    Status(Status),
    /// A sentence; `error: ` is put before it.
    Plain(String),
    /// Text that stands as it is.
    Verbatim(String),
    /// Nothing more to say: exit with this code.
    Exit(i32),
    /// A remote program ended with a code other than 0.
    Remote(i32),
    /// An error after text on standard output.
    After(String, Box<Error>),
    /// Several errors of one run.
    Several(Vec<Error>),
}

impl From<Status> for Error {
    fn from(status: Status) -> Error {
        Error::Status(status)
    }
}

impl Error {
    /// A sentence that gets `error: ` in front.
    pub(crate) fn plain(message: impl Into<String>) -> Error {
        Error::Plain(message.into())
    }

    /// A command line that does not fit the command: the sentence and where to find help.
    pub(crate) fn usage(command: &str, message: &str) -> Error {
        Error::Plain(format!(
            "{message}\nSee 'kubectl {command} -h' for help and examples"
        ))
    }

    /// What exists in Kubernetes but not here.
    pub(crate) fn not_simulated(what: impl std::fmt::Display) -> Error {
        Error::Verbatim(format!("not simulated here: {what}"))
    }

    /// One error out of several: none, the one, or all of them.
    pub(crate) fn of(mut errors: Vec<Error>) -> Result<(), Error> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Error::Several(errors)),
        }
    }

    /// Names the file that an error comes from.
    pub(crate) fn with_source(self, verb: &str, source: &str) -> Error {
        match self {
            Error::Status(mut status) => {
                status.message = format!("error when {verb} {}: {}", quote(source), status.message);
                Error::Status(status)
            }
            Error::Plain(message) => {
                Error::Plain(format!("error when {verb} {}: {message}", quote(source)))
            }
            other => other,
        }
    }

    /// The sentence alone.
    pub(crate) fn message(&self) -> String {
        match self {
            Error::Status(status) => status.message.clone(),
            Error::Plain(text) | Error::Verbatim(text) => text.clone(),
            Error::Exit(_) => String::new(),
            Error::After(_, error) => error.message(),
            Error::Remote(code) => format!("command terminated with exit code {code}"),
            Error::Several(errors) => {
                let texts: Vec<String> = errors.iter().map(Error::message).collect();
                format!("[{}]", texts.join(", "))
            }
        }
    }

    /// Whether the API said that the object is not there.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Error::Status(status) if status.is_not_found())
    }

    /// Whether the API asks to come back later.
    pub(crate) fn is_too_many_requests(&self) -> bool {
        matches!(self, Error::Status(status) if status.reason == Some(Reason::TooManyRequests))
    }

    /// Whether `apply --force` makes the object anew: it was changed meanwhile, or cannot be what is asked for.
    pub(crate) fn calls_for_force(&self) -> bool {
        matches!(self, Error::Status(status) if status.is_conflict() || status.reason == Some(Reason::Invalid))
    }

    /// Whether the object was changed meanwhile.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Error::Status(status) if status.is_conflict())
    }

    /// The exit code.
    pub(crate) fn code(&self) -> i32 {
        match self {
            Error::Exit(code) | Error::Remote(code) => *code,
            _ => 1,
        }
    }

    /// What standard error shows, with line ends.
    pub(crate) fn text(&self) -> String {
        let text = match self {
            Error::Exit(_) => return String::new(),
            Error::After(_, error) => return error.text(),
            Error::Status(status) if status.reason == Some(Reason::Invalid) => invalid(status),
            Error::Status(_) | Error::Verbatim(_) | Error::Remote(_) => self.standard(),
            Error::Plain(text) if text.starts_with("error: ") => text.clone(),
            Error::Plain(text) => format!("error: {text}"),
            Error::Several(errors) => errors
                .iter()
                .map(|error| format!("{}\n", error.standard()))
                .collect(),
        };
        if text.ends_with('\n') {
            text
        } else {
            format!("{text}\n")
        }
    }

    /// One error among several: a status in its standard form, everything else bare.
    fn standard(&self) -> String {
        match self {
            Error::Status(status) => match status.reason {
                Some(reason) => {
                    format!(
                        "Error from server ({}): {}",
                        reason.as_str(),
                        status.message
                    )
                }
                None => format!("Error from server: {}", status.message),
            },
            other => other.message(),
        }
    }
}

/// What the server says of a part of an object that it has not, here or at all.
pub(crate) fn not_simulated_part(kind: Kind, part: &str) -> Error {
    const KNOWN: [&str; 6] = [
        "attach",
        "ephemeralcontainers",
        "portforward",
        "proxy",
        "resize",
        "token",
    ];
    if !KNOWN.contains(&part) {
        return not_found("the server could not find the requested resource");
    }
    not_found(&format!("not simulated here: {} {part}", kind.info().kind))
}

/// A refusal of the server's: what was asked for is not there.
pub(crate) fn not_found(why: &str) -> Error {
    Error::Status(Status {
        reason: Some(Reason::NotFound),
        ..Status::bad_request(why)
    })
}

fn invalid(status: &Status) -> String {
    let mut head = "The request is invalid".to_owned();
    if !status.kind.is_empty() || !status.name.is_empty() {
        head = format!("The {} {} is invalid", status.kind, quote(&status.name));
    } else if status.causes.is_empty() && !status.message.is_empty() {
        head = format!("{head}: {}", status.message);
    }
    let mut causes: Vec<String> = Vec::new();
    for cause in &status.causes {
        let text = format!("{}: {}", cause.field, cause.message);
        if !causes.contains(&text) {
            causes.push(text);
        }
    }
    match causes.as_slice() {
        [] => head,
        [one] => format!("{head}: {one}\n"),
        several => {
            let lines: String = several.iter().map(|text| format!("* {text}\n")).collect();
            format!("{head}: \n{lines}")
        }
    }
}

/// Text in double quotes, as Go's `%q` writes it.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                quoted.push_str(&format!("\\x{:02x}", c as u32));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
