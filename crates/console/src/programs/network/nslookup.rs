//! `nslookup` in its three spellings.

use super::{illegal, names};
use crate::command::Poll;
use crate::programs::options::Options;
use crate::programs::{Io, Place};
use petset_cluster::network::dns::{Answer, RecordData, RecordType, ResponseCode, reverse_name};
use std::net::IpAddr;

/// What is said when no server answers. BIND's and BusyBox' own wait 15 seconds for it; here it comes at once.
pub(super) const NO_SERVERS: &str = ";; connection timed out; no servers could be reached\n\n";

/// `nslookup`.
pub(in crate::programs) fn nslookup(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut kind = None;
    let mut rest = Vec::new();
    for argument in arguments {
        let lower = argument.to_ascii_lowercase();
        let named = ["-type=", "-querytype=", "-q=", "-query="]
            .iter()
            .find_map(|prefix| lower.strip_prefix(prefix));
        match named {
            Some(name) => match RecordType::parse(name) {
                Some(found) => kind = Some(found),
                None => {
                    return io.fail(&format!("nslookup: invalid query type \"{name}\""), 1);
                }
            },
            None => rest.push(argument.clone()),
        }
    }
    let options = Options::parse(&rest, "");
    let Some(name) = options.operands.first().cloned() else {
        return io.fail("nslookup: not simulated here: asking without a name", 1);
    };
    let Some(container) = io.system.container() else {
        return io.fail("nslookup: not simulated here", 1);
    };
    let server = match options.operands.get(1) {
        Some(server) => match container.addresses(server) {
            Some((_, addresses)) => addresses.first().map(IpAddr::to_string),
            None => None,
        },
        None => container.nameservers().first().cloned(),
    }
    .unwrap_or_else(|| "127.0.0.1".to_owned());
    let asked = name.trim_end_matches('.');
    let silent = container.query(asked, RecordType::A).code == ResponseCode::NoAnswer;
    match io.system.place() {
        Place::BusyBox(minor) if minor < 29 => {}
        _ if silent => {
            io.stdout.push_str(NO_SERVERS);
            return Poll::Done(1);
        }
        _ => {}
    }
    match io.system.place() {
        // Some images bring BIND's tools beside BusyBox.
        Place::BusyBox(_) if io.system.stat("/bin/dig").is_ok() => bind(&name, kind, &server, io),
        Place::BusyBox(minor) if minor < 29 => old(&name, &server, io),
        Place::BusyBox(_) => new(&name, kind, &server, io),
        _ => bind(&name, kind, &server, io),
    }
}

/// BusyBox before 1.29: the C library's resolver with names for every address.
fn old(name: &str, server: &str, io: &mut Io<'_>) -> Poll {
    let Some(container) = io.system.container() else {
        return Poll::Done(1);
    };
    let mut reverse = |address: IpAddr| -> String {
        let answer = container.query(&reverse_name(address), RecordType::Ptr);
        names(&answer)
            .first()
            .map_or(String::new(), |name| format!(" {name}"))
    };
    let server_name = server.parse().map_or(String::new(), &mut reverse);
    io.stdout.push_str(&format!(
        "Server:    {server}\nAddress 1: {server}{server_name}\n\n"
    ));
    let Some(container) = io.system.container() else {
        return Poll::Done(1);
    };
    let Some((_, addresses)) = container.addresses(name) else {
        return io.fail(&format!("nslookup: can't resolve '{name}'"), 1);
    };
    let mut text = format!("Name:      {name}\n");
    for (i, address) in addresses.into_iter().enumerate() {
        let answer = container.query(&reverse_name(address), RecordType::Ptr);
        let reverse = names(&answer)
            .first()
            .map_or(String::new(), |name| format!(" {name}"));
        text.push_str(&format!("Address {}: {address}{reverse}\n", i + 1));
    }
    io.stdout.push_str(&text);
    Poll::Done(0)
}

fn addresses_text(answer: &Answer, name: &str) -> String {
    let mut text = String::new();
    for record in &answer.answers {
        match &record.data {
            RecordData::Address(address) => text.push_str(&format!(
                "Name:\t{}\nAddress: {address}\n",
                record.name.trim_end_matches('.')
            )),
            RecordData::Cname(target) => text.push_str(&format!(
                "{}\tcanonical name = {}\n",
                record.name.trim_end_matches('.'),
                target.trim_end_matches('.')
            )),
            other => text.push_str(&format!("{}\n", record_text(name, other, false))),
        }
    }
    text
}

fn record_text(name: &str, data: &RecordData, dots: bool) -> String {
    let target = |text: &str| match dots {
        true => text.to_owned(),
        false => text.trim_end_matches('.').to_owned(),
    };
    let name = name.trim_end_matches('.');
    match data {
        RecordData::Srv {
            priority,
            weight,
            port,
            target: host,
        } => format!(
            "{name}\tservice = {priority} {weight} {port} {}",
            target(host)
        ),
        RecordData::Ptr(host) => format!("{name}\tname = {}", target(host)),
        RecordData::Cname(host) => format!("{name}\tcanonical name = {}", target(host)),
        RecordData::Txt(text) => format!("{name}\ttext = \"{text}\""),
        RecordData::Ns(host) => format!("{name}\tnameserver = {}", target(host)),
        other => format!("{name}\t{}", other.to_text()),
    }
}

/// BusyBox since 1.30: its own resolver, which searches only for names without a dot.
fn new(name: &str, kind: Option<RecordType>, server: &str, io: &mut Io<'_>) -> Poll {
    io.stdout
        .push_str(&format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n"));
    let Some(container) = io.system.container() else {
        return Poll::Done(1);
    };
    let bare = name.trim_end_matches('.');
    let (questions, kinds): (Vec<String>, Vec<RecordType>) = match bare.parse::<IpAddr>() {
        Ok(address) => (vec![reverse_name(address)], vec![RecordType::Ptr]),
        Err(_) => {
            let search = container.search();
            let names = if name.contains('.') || search.is_empty() {
                vec![format!("{bare}.")]
            } else {
                search.iter().map(|s| format!("{bare}.{s}.")).collect()
            };
            let kinds = match kind {
                Some(kind) => vec![kind],
                None => vec![RecordType::A, RecordType::Aaaa],
            };
            (names, kinds)
        }
    };
    let mut text = String::new();
    let mut failed = false;
    for kind in kinds {
        for question in &questions {
            let answer = container.query(question, kind);
            let shown = question.trim_end_matches('.');
            if answer.code == ResponseCode::NoError {
                if !answer.authoritative {
                    text.push_str("Non-authoritative answer:\n");
                }
                text.push_str(&addresses_text(&answer, question));
                text.push('\n');
            } else {
                failed = true;
                text.push_str(&format!(
                    "** server can't find {shown}: {}\n\n",
                    answer.code.as_str()
                ));
            }
        }
    }
    io.stdout.push_str(&text);
    Poll::Done(i32::from(failed))
}

/// BIND's.
fn bind(name: &str, kind: Option<RecordType>, server: &str, io: &mut Io<'_>) -> Poll {
    if let Some(why) = illegal(name) {
        let text = format!("nslookup: '{name}' is not in legal name syntax ({why})");
        return io.fail(&text, 10);
    }
    const RECURSION: &str = ";; Got recursion not available from ";
    let header = format!("Server:\t\t{server}\nAddress:\t{server}#53\n\n");
    let Some(container) = io.system.container() else {
        return Poll::Done(1);
    };
    let note = |answer: &Answer| match answer.authoritative {
        true => format!("{RECURSION}{server}\n"),
        false => String::new(),
    };
    if let Ok(address) = name.parse::<IpAddr>() {
        let question = reverse_name(address);
        let answer = container.query(&question, RecordType::Ptr);
        let mut text = note(&answer);
        if answer.answers.is_empty() {
            text.push_str(&format!(
                "** server can't find {}: {}\n\n",
                question.trim_end_matches('.'),
                answer.code.as_str()
            ));
            io.stdout.push_str(&text);
            return Poll::Done(1);
        }
        for record in &answer.answers {
            text.push_str(&format!("{}\n", record_text(&question, &record.data, true)));
        }
        text.push('\n');
        io.stdout.push_str(&text);
        return Poll::Done(0);
    }
    let wanted = kind.unwrap_or(RecordType::A);
    let lookup = container.resolve(name, wanted);
    let mut text: String = lookup.attempts.iter().map(|a| note(&a.answer)).collect();
    text.push_str(&header);
    let found = !lookup.result.answers.is_empty();
    if !found {
        match lookup.result.code {
            ResponseCode::NoError => {
                text.push_str(&format!("*** Can't find {name}: No answer\n\n"));
            }
            code => text.push_str(&format!(
                "** server can't find {name}: {}\n\n",
                code.as_str()
            )),
        }
        io.stdout.push_str(&text);
        return Poll::Done(1);
    }
    if !lookup.result.authoritative {
        text.push_str("Non-authoritative answer:\n");
    }
    match kind {
        None | Some(RecordType::A) => {
            text.push_str(&addresses_text(&lookup.result, name));
            if kind.is_none() {
                let question = lookup.result.question.clone();
                let second = container.query(&question, RecordType::Aaaa);
                text.push_str(&note(&second));
            }
        }
        Some(_) => {
            for record in &lookup.result.answers {
                text.push_str(&format!(
                    "{}\n",
                    record_text(&record.name, &record.data, true)
                ));
            }
        }
    }
    text.push('\n');
    io.stdout.push_str(&text);
    Poll::Done(0)
}
