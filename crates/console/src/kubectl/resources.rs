//! The words of the command line for what the API has, and kubectl's sentences when it has it not.

use super::errors::Error;
use petset_cluster::Kind;
pub(crate) use petset_cluster::api::discovery::{ApiResource, by_word as find};
use petset_cluster::api::discovery::{Unknown, resources};

/// Every resource, sorted by group and name.
pub(crate) fn all() -> impl Iterator<Item = ApiResource> {
    resources().iter().copied()
}

/// The resource of a kind as manifests write it.
pub(crate) fn of_kind(api_version: &str, kind: &str) -> Option<ApiResource> {
    let api_version = match (api_version, kind) {
        // Kept in the newer form.
        ("autoscaling/v1", "HorizontalPodAutoscaler") => "autoscaling/v2",
        (version, _) => version,
    };
    all().find(|resource| resource.api_version == api_version && resource.kind == kind)
}

/// The simulated kind that a word on the command line means.
///
/// # Errors
/// The server has no such resource, or it is not simulated.
pub(crate) fn kind_for(word: &str) -> Result<Kind, Error> {
    let Some(resource) = find(word) else {
        let word = word.split('.').next().unwrap_or(word).to_owned();
        return Err(Error::plain(Unknown::NoSuchResource { word }.to_string()));
    };
    resource
        .simulated()
        .ok_or_else(|| Error::not_simulated(qualified(resource)))
}

/// `plural.group`.
pub(crate) fn qualified(resource: &ApiResource) -> String {
    match resource.group() {
        "" => resource.plural.to_owned(),
        group => format!("{}.{group}", resource.plural),
    }
}
