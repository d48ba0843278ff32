//! `host`, of BIND.

use super::illegal;
use crate::command::Poll;
use crate::programs::Io;
use crate::programs::options::Options;
use petset_cluster::network::dns::{
    AnswerRecord, Lookup, RecordData, RecordType, ResponseCode, reverse_name,
};
use std::net::IpAddr;

/// `host [-t TYPE] NAME`
pub(in crate::programs) fn host(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "tW");
    let Some(name) = options.operands.first().cloned() else {
        return io.fail("host: not simulated here: asking without a name", 1);
    };
    let wanted = match options.value('t') {
        None => None,
        Some(text) => match RecordType::parse(text) {
            Some(found) => Some(found),
            None => return io.fail(&format!("host: invalid type: {text}\n"), 2),
        },
    };
    if let Some(why) = illegal(&name) {
        let text = format!("host: '{name}' is not in legal name syntax ({why})");
        return io.fail(&text, 10);
    }
    let Some(container) = io.system.container() else {
        return io.fail("host: not simulated here", 1);
    };
    let (name, kinds) = match (name.parse::<IpAddr>(), wanted) {
        (Ok(address), _) => (reverse_name(address), vec![RecordType::Ptr]),
        (Err(_), Some(kind)) => (name, vec![kind]),
        (Err(_), None) => (name, vec![RecordType::A, RecordType::Aaaa, RecordType::Mx]),
    };
    let mut full = name.clone();
    let mut text = String::new();
    for (at, kind) in kinds.into_iter().enumerate() {
        let Lookup { result, .. } = match at {
            0 => container.resolve(&name, kind),
            _ => container.resolve(&full, kind),
        };
        let asked = result.question.trim_end_matches('.').to_owned();
        if result.code != ResponseCode::NoError {
            let code = match result.code {
                ResponseCode::NameError => "3(NXDOMAIN)",
                ResponseCode::Refused => "5(REFUSED)",
                _ => "2(SERVFAIL)",
            };
            let shown = name.trim_end_matches('.');
            io.stdout
                .push_str(&format!("Host {shown} not found: {code}\n"));
            return Poll::Done(1);
        }
        if result.answers.is_empty() && wanted.is_some() {
            text.push_str(&format!("{asked} has no {} record\n", kind.as_str()));
        }
        for record in &result.answers {
            text.push_str(&line(record));
        }
        full = result.question;
    }
    io.stdout.push_str(&text);
    Poll::Done(0)
}

fn line(record: &AnswerRecord) -> String {
    let name = record.name.trim_end_matches('.');
    match &record.data {
        RecordData::Address(IpAddr::V4(address)) => format!("{name} has address {address}\n"),
        RecordData::Address(IpAddr::V6(address)) => format!("{name} has IPv6 address {address}\n"),
        RecordData::Cname(target) => format!("{name} is an alias for {target}\n"),
        RecordData::Ptr(target) => format!("{name} domain name pointer {target}\n"),
        RecordData::Txt(text) => format!("{name} descriptive text \"{text}\"\n"),
        RecordData::Ns(target) => format!("{name} name server {target}\n"),
        RecordData::Srv { .. } => format!("{name} has SRV record {}\n", record.data.to_text()),
        RecordData::Soa(text) => format!("{name} has SOA record {text}\n"),
    }
}
