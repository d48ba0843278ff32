//! kubectl 1.36: one module for each command, over the API's one door.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd`.

pub mod describe;
