//! The simulated Kubernetes control plane.
