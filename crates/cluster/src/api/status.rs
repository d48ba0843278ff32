//! Errors as the API server words them.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/api/errors`.

use crate::object::{Key, Kind};

/// The machine-readable cause of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The request makes no sense.
    BadRequest,
    /// There is no such object.
    NotFound,
    /// There is one already.
    AlreadyExists,
    /// The object was changed meanwhile.
    Conflict,
    /// The object breaks a rule.
    Invalid,
    /// The request is not allowed.
    Forbidden,
    /// The kind has no such verb.
    MethodNotAllowed,
    /// The version asked for is too old.
    Expired,
    /// Come back later.
    TooManyRequests,
    /// It takes too long.
    Timeout,
    /// The body holds more than is taken.
    RequestEntityTooLarge,
    /// The body is of a form that nobody reads.
    UnsupportedMediaType,
    /// Something is wrong inside.
    InternalError,
}

impl Reason {
    /// The word in `Error from server (<word>): …`.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::BadRequest => "BadRequest",
            Reason::NotFound => "NotFound",
            Reason::AlreadyExists => "AlreadyExists",
            Reason::Conflict => "Conflict",
            Reason::Invalid => "Invalid",
            Reason::Forbidden => "Forbidden",
            Reason::MethodNotAllowed => "MethodNotAllowed",
            Reason::Expired => "Expired",
            Reason::TooManyRequests => "TooManyRequests",
            Reason::Timeout => "Timeout",
            Reason::RequestEntityTooLarge => "RequestEntityTooLarge",
            Reason::UnsupportedMediaType => "UnsupportedMediaType",
            Reason::InternalError => "InternalError",
        }
    }

    /// The HTTP status code.
    pub fn code(self) -> u16 {
        match self {
            Reason::BadRequest => 400,
            Reason::Forbidden => 403,
            Reason::NotFound => 404,
            Reason::MethodNotAllowed => 405,
            Reason::AlreadyExists | Reason::Conflict => 409,
            Reason::Expired => 410,
            Reason::RequestEntityTooLarge => 413,
            Reason::UnsupportedMediaType => 415,
            Reason::Invalid => 422,
            Reason::TooManyRequests => 429,
            Reason::InternalError => 500,
            Reason::Timeout => 504,
        }
    }
}

/// One of several things that are wrong with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The kind of error, as upstream names it (`FieldValueInvalid`, …).
    pub reason: &'static str,
    /// The field's path.
    pub field: String,
    /// What is wrong, without the path.
    pub message: String,
}

/// An error of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The machine-readable cause; none for errors that upstream leaves without one.
    pub reason: Option<Reason>,
    /// The sentence.
    pub message: String,
    /// The kind (for Invalid) or plural that the error is about; empty if none.
    pub kind: String,
    /// The group of that kind.
    pub group: String,
    /// The object's name; empty if none.
    pub name: String,
    /// Each thing that is wrong.
    pub causes: Vec<Cause>,
    /// After how many seconds the client may try again; 0 if nothing is said of that.
    pub retry_after_seconds: u32,
}

impl Status {
    fn about(kind: Kind, name: &str, reason: Reason, message: String) -> Status {
        let info = kind.info();
        Status {
            reason: Some(reason),
            message,
            kind: info.plural.to_owned(),
            group: info.group.to_owned(),
            name: name.to_owned(),
            causes: Vec::new(),
            retry_after_seconds: 0,
        }
    }

    /// `pods "web-0" not found`.
    pub fn not_found(kind: Kind, name: &str) -> Status {
        let message = format!("{} \"{name}\" not found", kind.info().qualified_plural());
        Status::about(kind, name, Reason::NotFound, message)
    }

    /// `pods "web-0" already exists`.
    pub fn already_exists(kind: Kind, name: &str) -> Status {
        let message = format!(
            "{} \"{name}\" already exists",
            kind.info().qualified_plural()
        );
        Status::about(kind, name, Reason::AlreadyExists, message)
    }

    /// The object was changed since it was read.
    pub fn modified(kind: Kind, name: &str) -> Status {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Status::conflict(kind, name, why)
    }

    /// `Operation cannot be fulfilled on …`.
    pub fn conflict(kind: Kind, name: &str, why: &str) -> Status {
        let plural = kind.info().qualified_plural();
        let message = format!("Operation cannot be fulfilled on {plural} \"{name}\": {why}");
        Status::about(kind, name, Reason::Conflict, message)
    }

    /// `pods "web-0" is forbidden: …`.
    pub fn forbidden(kind: Kind, name: &str, why: &str) -> Status {
        let message = format!(
            "{} \"{name}\" is forbidden: {why}",
            kind.info().qualified_plural()
        );
        Status::about(kind, name, Reason::Forbidden, message)
    }

    /// `<Kind>.<group> "<name>" is invalid: …`, with one cause for each field error.
    pub fn invalid(kind: Kind, name: &str, causes: Vec<Cause>) -> Status {
        let info = kind.info();
        let qualified = info.qualified_kind();
        let texts: Vec<String> = causes
            .iter()
            .map(|cause| format!("{}: {}", cause.field, cause.message))
            .collect();
        let errors = match texts.as_slice() {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        let mut status = Status::about(
            kind,
            name,
            Reason::Invalid,
            format!("{qualified} \"{name}\" is invalid: {errors}"),
        );
        status.kind = info.kind.to_owned();
        status.causes = causes;
        status
    }

    /// A request that cannot be carried out, without an object to be named: a patch that does not fit.
    pub fn invalid_request(causes: Vec<Cause>) -> Status {
        let texts: Vec<String> = causes
            .iter()
            .map(|cause| format!("{}: {}", cause.field, cause.message))
            .collect();
        Status {
            reason: Some(Reason::Invalid),
            message: match texts.as_slice() {
                [one] => format!(" \"\" is invalid: {one}"),
                several => format!(" \"\" is invalid: [{}]", several.join(", ")),
            },
            causes,
            ..Status::bad_request("")
        }
    }

    /// Options of a request that are not right; `of` is what holds them: `ListOptions`, `PatchOptions` ….
    pub fn invalid_options(of: &str, causes: Vec<Cause>) -> Status {
        let status = Status::invalid_request(causes);
        Status {
            message: format!("{of}.meta.k8s.io{}", status.message),
            kind: of.to_owned(),
            group: "meta.k8s.io".to_owned(),
            ..status
        }
    }

    /// What a JSON patch that does not fit its object is answered with.
    pub fn unprocessable() -> Status {
        Status {
            reason: Some(Reason::Invalid),
            ..Status::bad_request("the server rejected our request due to an error in our request")
        }
    }

    /// The request holds more than is taken.
    pub fn entity_too_large(why: &str) -> Status {
        Status {
            reason: Some(Reason::RequestEntityTooLarge),
            ..Status::bad_request(format!("Request entity too large: {why}"))
        }
    }

    /// Something went wrong inside.
    pub fn internal(why: &str) -> Status {
        Status {
            reason: Some(Reason::InternalError),
            ..Status::bad_request(format!("Internal error occurred: {why}"))
        }
    }

    /// Something that Kubernetes does and this simulation does not.
    pub fn not_simulated(what: &str) -> Status {
        Status {
            reason: None,
            ..Status::bad_request(format!("not simulated here: {what}"))
        }
    }

    /// A request that makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Status {
        Status {
            reason: Some(Reason::BadRequest),
            message: message.into(),
            kind: String::new(),
            group: String::new(),
            name: String::new(),
            causes: Vec::new(),
            retry_after_seconds: 0,
        }
    }

    /// A verb or part that the kind does not have.
    pub fn not_supported(kind: Kind) -> Status {
        let message = "the server could not find the requested resource".to_owned();
        Status::about(kind, "", Reason::NotFound, message)
    }

    /// Whether the error says that an object is not there.
    pub fn is_not_found(&self) -> bool {
        self.reason == Some(Reason::NotFound)
    }

    /// Whether the error says that an object is there already.
    pub fn is_already_exists(&self) -> bool {
        self.reason == Some(Reason::AlreadyExists)
    }

    /// Whether the error says that the object was changed meanwhile.
    pub fn is_conflict(&self) -> bool {
        self.reason == Some(Reason::Conflict)
    }

    /// `not found` of an object known by its key.
    pub fn missing(kind: Kind, key: &Key) -> Status {
        Status::not_found(kind, key.name())
    }
}
