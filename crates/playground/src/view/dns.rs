//! The picture of the cluster's DNS.

use serde::{Deserialize, Serialize};

use super::ObjectRef;

/// The live zone: what each service makes resolvable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsView {
    /// Such as `cluster.local`.
    pub cluster_domain: String,
    /// The DNS service's address, such as `10.96.0.10`.
    pub server: String,
    /// Nobody reaches it.
    pub cut_off: bool,
    /// Headless services first.
    pub zones: Vec<ZoneView>,
    /// The latest lookups and connections of programs, the newest first.
    pub ways: Vec<WayView>,
}

/// The records that one service stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneView {
    /// The service.
    pub service: ObjectRef,
    /// Such as `my-headless-svc.default.svc.cluster.local`.
    pub domain: String,
    /// `clusterIP: None`.
    pub headless: bool,
    /// The service's selector as kubectl prints it, such as `app=nginx-ss`; empty for none.
    pub selector: String,
    /// How many records there are in all.
    pub record_count: u32,
    /// The first records by name, then type, then data. Withheld ones are included, marked as not published.
    pub records: Vec<RecordView>,
    /// Touched since the last command.
    pub changed: bool,
}

/// One line of the zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordView {
    /// Full name without the last dot.
    pub name: String,
    /// `A`, `AAAA`, `SRV`, `CNAME`.
    pub record_type: String,
    /// Address, or the target as a zone file writes it.
    pub data: String,
    /// The endpoint behind it is ready.
    pub ready: bool,
    /// False when the DNS server does not give it out (an endpoint that is not ready).
    pub published: bool,
    /// Why the record exists, or is withheld.
    pub why: RecordWhy,
    /// The pod behind it.
    pub pod: Option<ObjectRef>,
    /// New or changed since the last command.
    pub changed: bool,
    /// It was given out before the last command, and there is no such record now.
    pub vanished: bool,
}

/// Why a record exists or is withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordWhy {
    /// The service's own name answers with every ready pod.
    ReadyEndpoint {
        /// The pod.
        pod: String,
    },
    /// `hostname.service`: the pod's hostname is set and its subdomain is the service.
    PodHostname {
        /// The pod.
        pod: String,
    },
    /// A pod without hostname under the service: named after its address.
    PodAddress {
        /// The pod.
        pod: String,
    },
    /// Withheld: the pod is not ready.
    NotReady {
        /// The pod.
        pod: String,
    },
    /// Given out although the pod is not ready (`publishNotReadyAddresses`).
    PublishedNotReady {
        /// The pod.
        pod: String,
    },
    /// A named port of the service.
    NamedPort {
        /// The port's name.
        port: String,
    },
    /// The service's own virtual address.
    ClusterIp,
    /// `type: ExternalName`.
    ExternalName,
    /// It is not there any more.
    Vanished,
}

/// What happened when a name was looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveView {
    /// The name as asked.
    pub name: String,
    /// The pod that asked, if one was chosen.
    pub from_pod: Option<String>,
    /// The DNS server asked.
    pub server: String,
    /// The search path of `/etc/resolv.conf`.
    pub search: Vec<String>,
    /// `options ndots:N`.
    pub ndots: u32,
    /// Each query in the order it was sent.
    pub attempts: Vec<Attempt>,
    /// The addresses of the first answer; empty if the name does not resolve.
    pub answers: Vec<String>,
}

/// One query of the search path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The full name that was sent.
    pub query: String,
    /// Its answer.
    pub outcome: AttemptOutcome,
    /// How old the answer is, in seconds, when it comes from the server's cache.
    pub cached_s: Option<u32>,
}

/// The answer to one query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttemptOutcome {
    /// Records came back; each as `TYPE DATA`.
    Answer {
        /// The records.
        records: Vec<String>,
    },
    /// The name exists without a record of that type.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// Nobody answered.
    TimedOut,
    /// A line of the pod's own `/etc/hosts` has the name; DNS was not asked.
    HostsFile {
        /// The address.
        address: String,
    },
}

/// Who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WayAsker {
    /// The learner's prompt.
    Prompt,
    /// A program in a pod.
    Pod {
        /// The pod.
        pod: String,
    },
}

/// One lookup or connection, from who asked to what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayView {
    /// Grows with each.
    pub number: u64,
    /// Virtual time in ms since the cluster started.
    pub at_ms: u64,
    /// Who asked.
    pub asker: WayAsker,
    /// A name was looked up; else a connection was opened.
    pub is_lookup: bool,
    /// The name, or address and port.
    pub target: String,
    /// What happened, in order.
    pub steps: Vec<WayStep>,
    /// It came to a good end.
    pub works: bool,
}

/// One step of a way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WayStep {
    /// A line of `/etc/hosts` had the name.
    HostsFile {
        /// The full name in that line.
        name: String,
    },
    /// DNS was asked for a full name.
    Asked {
        /// The name.
        name: String,
        /// The answer.
        answer: AttemptOutcome,
        /// How old it is, in seconds, when it comes from the server's cache.
        cached_s: Option<u32>,
    },
    /// The address belongs to a service.
    Service {
        /// `namespace/name`.
        service: String,
        /// It came to a node's port.
        node_port: bool,
    },
    /// The service's endpoints.
    Endpoints {
        /// Those that could be chosen.
        eligible: Vec<String>,
        /// Those that could not: not ready, or on another node.
        skipped: Vec<String>,
    },
    /// One of several was drawn.
    Chosen {
        /// The pod.
        pod: String,
        /// Address and port.
        endpoint: String,
        /// How many there were.
        of: u32,
    },
    /// The endpoint that the client had before.
    Affinity {
        /// The pod.
        pod: String,
    },
    /// The service has no such port.
    NoSuchPort,
    /// The service has no endpoint.
    NoEndpoints,
    /// There is no endpoint on the node, as the policy wants it.
    NoLocalEndpoints,
    /// The HTTP status of the answer.
    Status {
        /// The status.
        status: u16,
    },
    /// The connection was accepted.
    Connected,
    /// Refused at once.
    Refused,
    /// Packets are dropped.
    Dropped,
    /// Nobody has the address.
    Unreachable,
    /// Closed without an answer.
    EmptyReply,
}
