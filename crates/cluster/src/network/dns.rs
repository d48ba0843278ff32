//! Names as CoreDNS answers them.
//!
//! Upstream: `coredns plugin/kubernetes`, `plugin/backend_lookup.go`, `pkg/kubelet/network/dns/dns.go`.

use std::net::IpAddr;

/// The types of records that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordType {
    /// IPv4 address.
    A,
    /// IPv6 address; services of this cluster have none.
    Aaaa,
    /// Another name of a name.
    Cname,
    /// Name of an address.
    Ptr,
    /// Service location: port and host.
    Srv,
    /// Text.
    Txt,
    /// Name server of a zone.
    Ns,
    /// Start of authority.
    Soa,
    /// Mail exchange; there is none anywhere.
    Mx,
    /// Everything there is.
    Any,
}

impl RecordType {
    /// The name in zone files, `A` or `SRV`.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordType::A => "A",
            RecordType::Aaaa => "AAAA",
            RecordType::Cname => "CNAME",
            RecordType::Ptr => "PTR",
            RecordType::Srv => "SRV",
            RecordType::Txt => "TXT",
            RecordType::Ns => "NS",
            RecordType::Soa => "SOA",
            RecordType::Mx => "MX",
            RecordType::Any => "ANY",
        }
    }

    /// The type of a name in any case, if it is known.
    pub fn parse(text: &str) -> Option<RecordType> {
        const ALL: [RecordType; 10] = [
            RecordType::A,
            RecordType::Aaaa,
            RecordType::Cname,
            RecordType::Ptr,
            RecordType::Srv,
            RecordType::Txt,
            RecordType::Ns,
            RecordType::Soa,
            RecordType::Mx,
            RecordType::Any,
        ];
        ALL.into_iter()
            .find(|rtype| rtype.as_str().eq_ignore_ascii_case(text))
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordData {
    /// An address; `A` or `AAAA` by its kind.
    Address(IpAddr),
    /// `CNAME`: the name, with a dot at its end.
    Cname(String),
    /// `PTR`: the name, with a dot at its end.
    Ptr(String),
    /// `SRV`.
    Srv {
        /// Priority.
        priority: u16,
        /// Weight.
        weight: u16,
        /// Port.
        port: u16,
        /// The host, with a dot at its end.
        target: String,
    },
    /// `TXT`: the text without quotes.
    Txt(String),
    /// `NS`: the server's name, with a dot at its end.
    Ns(String),
    /// `SOA`: the whole right-hand side.
    Soa(String),
}

impl RecordData {
    /// The type of record that says this.
    pub fn record_type(&self) -> RecordType {
        match self {
            RecordData::Address(IpAddr::V4(_)) => RecordType::A,
            RecordData::Address(IpAddr::V6(_)) => RecordType::Aaaa,
            RecordData::Cname(_) => RecordType::Cname,
            RecordData::Ptr(_) => RecordType::Ptr,
            RecordData::Srv { .. } => RecordType::Srv,
            RecordData::Txt(_) => RecordType::Txt,
            RecordData::Ns(_) => RecordType::Ns,
            RecordData::Soa(_) => RecordType::Soa,
        }
    }

    /// The right-hand side as `dig` prints it.
    pub fn to_text(&self) -> String {
        match self {
            RecordData::Address(address) => address.to_string(),
            RecordData::Cname(name) | RecordData::Ptr(name) | RecordData::Ns(name) => name.clone(),
            RecordData::Srv {
                priority,
                weight,
                port,
                target,
            } => format!("{priority} {weight} {port} {target}"),
            RecordData::Txt(text) => format!("\"{text}\""),
            RecordData::Soa(text) => text.clone(),
        }
    }
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRecord {
    /// The owner's name, with a dot at its end.
    pub name: String,
    /// Seconds it may be kept.
    pub ttl_secs: u32,
    /// What it says.
    pub data: RecordData,
}

/// The code of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseCode {
    /// NOERROR: the name exists; the answer may still be empty (NODATA).
    NoError,
    /// NXDOMAIN: there is no such name.
    NameError,
    /// REFUSED.
    Refused,
    /// SERVFAIL.
    ServerFailure,
    /// No server has answered in time.
    NoAnswer,
}

impl ResponseCode {
    /// The word that tools print.
    pub fn as_str(self) -> &'static str {
        match self {
            ResponseCode::NoError => "NOERROR",
            ResponseCode::NameError => "NXDOMAIN",
            ResponseCode::Refused => "REFUSED",
            ResponseCode::ServerFailure | ResponseCode::NoAnswer => "SERVFAIL",
        }
    }
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The name asked for, in the spelling of the question, with a dot at its end.
    pub question: String,
    /// The type asked for.
    pub record_type: RecordType,
    /// The code.
    pub code: ResponseCode,
    /// Whether the cluster's own zone answered (aa, and no recursion offered).
    pub authoritative: bool,
    /// The answer section.
    pub answers: Vec<AnswerRecord>,
    /// The authority section: the zone's SOA in negative answers.
    pub authority: Vec<AnswerRecord>,
    /// The additional section: addresses of SRV targets.
    pub additional: Vec<AnswerRecord>,
    /// How old it is, in seconds, when it comes from the server's cache.
    pub cached_secs: Option<u32>,
}

impl Answer {
    /// The addresses of the answer, in its order.
    pub fn addresses(&self) -> Vec<IpAddr> {
        self.answers
            .iter()
            .filter_map(|record| match record.data {
                RecordData::Address(address) => Some(address),
                _ => None,
            })
            .collect()
    }

    /// NXDOMAIN.
    pub fn is_name_error(&self) -> bool {
        self.code == ResponseCode::NameError
    }
}

/// `/etc/resolv.conf` of a container, as data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvConf {
    /// The suffixes that are tried.
    pub search: Vec<String>,
    /// The servers' addresses.
    pub nameservers: Vec<String>,
    /// Options such as `ndots:5`.
    pub options: Vec<String>,
}

impl ResolvConf {
    /// How many dots a name needs to be tried as it is before the suffixes.
    pub fn ndots(&self) -> usize {
        self.options
            .iter()
            .rev()
            .find_map(|option| option.strip_prefix("ndots:")?.parse().ok())
            .unwrap_or(1)
    }

    /// The full names (with a dot at their end) that the C library tries for `name`, in order.
    pub fn candidates(&self, name: &str) -> Vec<String> {
        if name.ends_with('.') {
            return vec![name.to_owned()];
        }
        let searched = self.search.iter().map(|suffix| format!("{name}.{suffix}."));
        let bare = format!("{name}.");
        if name.matches('.').count() >= self.ndots() {
            [bare].into_iter().chain(searched).collect()
        } else {
            searched.chain([bare]).collect()
        }
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        if !self.search.is_empty() {
            text.push_str(&format!("search {}\n", self.search.join(" ")));
        }
        for server in &self.nameservers {
            text.push_str(&format!("nameserver {server}\n"));
        }
        if !self.options.is_empty() {
            text.push_str(&format!("options {}\n", self.options.join(" ")));
        }
        text
    }
}

/// One name that was tried, and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The full name, with a dot at its end.
    pub name: String,
    /// The answer.
    pub answer: Answer,
}

/// All that was tried for a name, in order; the last attempt is the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The attempts up to the first that answers.
    pub attempts: Vec<Attempt>,
    /// The answer that counts: the first with records, else the last one.
    pub result: Answer,
}

impl Lookup {
    /// A lookup out of its attempts; without any, the name does not exist.
    pub fn new(attempts: Vec<Attempt>, name: &str, record_type: RecordType) -> Lookup {
        let result = attempts.last().map_or_else(
            || Answer::empty(name, record_type, ResponseCode::NameError),
            |attempt| attempt.answer.clone(),
        );
        Lookup { attempts, result }
    }
}

impl Answer {
    /// An answer without records.
    pub fn empty(name: &str, record_type: RecordType, code: ResponseCode) -> Answer {
        Answer {
            question: name.to_owned(),
            record_type,
            code,
            authoritative: false,
            answers: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
            cached_secs: None,
        }
    }
}

/// The name under which the names of an address are asked for, `6.1.244.10.in-addr.arpa.`.
pub fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa.")
        }
        IpAddr::V6(address) => {
            let mut name = String::new();
            for byte in address.octets().iter().rev() {
                name.push_str(&format!("{:x}.{:x}.", byte & 15, byte >> 4));
            }
            name + "ip6.arpa."
        }
    }
}
