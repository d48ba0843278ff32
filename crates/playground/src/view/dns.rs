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
    /// Headless services first.
    pub zones: Vec<ZoneView>,
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
}
