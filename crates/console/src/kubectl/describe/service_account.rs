//! Service accounts.

use super::describe_metadata;
use super::writer::PrefixWriter;
use k8s_openapi::api::core::v1::ServiceAccount;

/// A service account.
///
/// Upstream: `describeServiceAccount`.
pub(super) fn describe(account: &ServiceAccount, w: &mut PrefixWriter) {
    describe_metadata(&account.metadata, w);
    let header = "Image pull secrets:";
    let secrets = account.image_pull_secrets.as_deref().unwrap_or_default();
    if secrets.is_empty() {
        w.line(0, format_args!("{header}\t<none>"));
    }
    for (at, secret) in secrets.iter().enumerate() {
        let shown = if at == 0 { header } else { "" };
        w.line(
            0,
            format_args!("{shown:width$}\t{}", secret.name, width = header.len()),
        );
    }
}
