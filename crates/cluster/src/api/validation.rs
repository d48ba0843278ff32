//! Rules that objects must keep; everything that is wrong is told at once.
//!
//! Upstream: `pkg/apis/*/validation`.

pub mod metadata;
pub mod names;

use super::Subresource;
use super::field::Errors;
use crate::object::Object;

/// What is wrong with a new object.
pub fn create(object: &Object) -> Errors {
    let mut errors = Errors::default();
    metadata::create(object, &mut errors);
    errors
}

/// What is wrong with a written object.
pub fn update(object: &Object, old: &Object, _subresource: Option<Subresource>) -> Errors {
    let mut errors = Errors::default();
    metadata::update(object, old, &mut errors);
    errors
}
