//! Secrets.

use super::writer::PrefixWriter;
use super::{describe_metadata, text_of};
use k8s_openapi::api::core::v1::Secret;

/// A secret without its values, except a token.
///
/// Upstream: `describeSecret`.
pub(super) fn describe(secret: &Secret, w: &mut PrefixWriter) {
    let kind = text_of(&secret.type_);
    describe_metadata(&secret.metadata, w);
    w.field(0, "\nType", kind);
    w.line(0, "\nData\n====");
    for (key, value) in secret.data.iter().flatten() {
        if key == "token" && kind == "kubernetes.io/service-account-token" {
            w.field(0, key, String::from_utf8_lossy(&value.0));
        } else {
            w.field(0, key, format_args!("{} bytes", value.0.len()));
        }
    }
}
