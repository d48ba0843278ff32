//! What happens on nodes and around them: pods, scheduling, volumes, names.

#[path = "node/dns.rs"]
mod dns;
#[path = "node/kubelet.rs"]
mod kubelet;
#[path = "node/lifecycle.rs"]
mod lifecycle;
#[path = "node/scheduler.rs"]
mod scheduler;
#[path = "node/stage.rs"]
mod stage;
#[path = "node/storage.rs"]
mod storage;
