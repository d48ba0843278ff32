//! Answers as HTTP sees them.

use crate::status;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use petset_cluster::api::Status;
use serde_json::Value;

/// An answer to a request.
pub(crate) type Answer = Response<Body>;

const JSON: &str = "application/json";
const WARNING: HeaderName = HeaderName::from_static("warning");

/// A JSON document.
pub(crate) fn json(code: u16, value: &Value) -> Answer {
    json_as(JSON, code, value)
}

/// A JSON document under a more precise name.
pub(crate) fn json_as(media: &'static str, code: u16, value: &Value) -> Answer {
    let mut text = value.to_string();
    text.push('\n');
    with_type(media, code, Body::from(text))
}

/// A JSON document that is written already.
pub(crate) fn json_text(text: String) -> Answer {
    with_type(JSON, 200, Body::from(text))
}

/// A line of text.
pub(crate) fn text(code: u16, text: impl Into<Body>) -> Answer {
    with_type("text/plain; charset=utf-8", code, text.into())
}

/// A body of some type.
pub(crate) fn with_type(media: &'static str, code: u16, body: Body) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media));
    answer
}

/// An error of the API.
pub(crate) fn failure(error: &Status) -> Answer {
    let mut answer = json(status::code(error), &status::failure(error));
    if error.retry_after_seconds > 0 {
        let seconds = HeaderValue::from(error.retry_after_seconds);
        answer.headers_mut().insert(RETRY_AFTER, seconds);
    }
    answer
}

/// An address that leads nowhere.
pub(crate) fn not_found() -> Answer {
    text(404, "404 page not found\n")
}

/// Adds the warnings that kubectl prints.
///
/// Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/filters/warning.go`.
pub(crate) fn warn(answer: &mut Answer, warnings: &[String]) {
    for (at, warning) in warnings.iter().enumerate() {
        if warnings[..at].contains(warning) {
            continue;
        }
        let quoted = warning
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', " ");
        if let Ok(value) = HeaderValue::try_from(format!("299 - \"{quoted}\"")) {
            answer.headers_mut().append(WARNING, value);
        }
    }
}
