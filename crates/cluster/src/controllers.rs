//! The controllers of the controller manager, and those that stand beside it: clients of the API that are woken by changes.

pub mod attach_detach;
mod controller_ref_manager;
pub mod cron_job;
pub(crate) mod daemon_set;
pub mod deployment;
pub(crate) mod disruption;
pub mod endpoint_slice;
pub mod endpoints;
pub mod ephemeral_volume;
pub mod external_provisioner;
pub mod garbage_collector;
pub(crate) mod job;
pub mod kubernetes_service;
pub mod namespace;
pub mod node_lifecycle;
pub mod persistent_volume;
pub(crate) mod pod_control;
pub mod pod_gc;
mod pod_handlers;
pub(crate) mod pod_template_hash;
pub mod replica_set;
mod service_pods;
pub mod stateful_set;
pub mod taint_eviction;
pub mod ttl_after_finished;
pub mod volume_expand;
pub mod volume_protection;
