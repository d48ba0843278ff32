//! What all objects have in common: their labels and who fits them, their owners.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/apis/meta/v1`.

pub(crate) mod controller_ref;
pub(crate) mod label_selector;
