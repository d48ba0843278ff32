//! What happens on nodes and around them: pods, scheduling, volumes, names.

#[path = "node/daemon_set.rs"]
mod daemon_set;
#[path = "node/deletion.rs"]
mod deletion;
#[path = "node/dns.rs"]
mod dns;
#[path = "node/environment.rs"]
mod environment;
#[path = "node/eviction.rs"]
mod eviction;
#[path = "node/job.rs"]
mod job;
#[path = "node/job_indexes.rs"]
mod job_indexes;
#[path = "node/kubelet.rs"]
mod kubelet;
#[path = "node/lifecycle.rs"]
mod lifecycle;
#[path = "node/misfortunes.rs"]
mod misfortunes;
#[path = "node/network_statements.rs"]
mod network_statements;
#[path = "node/placing.rs"]
mod placing;
#[path = "node/pods.rs"]
mod pods;
#[path = "node/preemption.rs"]
mod preemption;
#[path = "node/probes.rs"]
mod probes;
#[path = "node/room.rs"]
mod room;
#[path = "node/scheduler.rs"]
mod scheduler;
#[path = "node/stage.rs"]
mod stage;
#[path = "node/statements.rs"]
mod statements;
#[path = "node/storage.rs"]
mod storage;
#[path = "node/storage_statements.rs"]
mod storage_statements;
