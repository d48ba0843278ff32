//! `dig`.

use super::illegal;
use crate::command::Poll;
use crate::programs::Io;
use petset_cluster::network::dns::{Answer, AnswerRecord, RecordType, ResponseCode, reverse_name};

const VERSION: &str = "9.18.33-1~deb12u2-Debian";

#[derive(Clone, Copy)]
struct Sections {
    command: bool,
    comments: bool,
    question: bool,
    answer: bool,
    authority: bool,
    additional: bool,
    statistics: bool,
    short: bool,
    search: bool,
}

impl Sections {
    fn all(on: bool) -> Sections {
        Sections {
            command: on,
            comments: on,
            question: on,
            answer: on,
            authority: on,
            additional: on,
            statistics: on,
            short: false,
            search: false,
        }
    }

    fn option(&mut self, name: &str) -> bool {
        let (on, bare) = match name.strip_prefix("no") {
            Some(rest) => (false, rest),
            None => (true, name),
        };
        match bare {
            "all" => {
                let (short, search) = (self.short, self.search);
                *self = Sections::all(on);
                self.short = short;
                self.search = search;
            }
            "cmd" => self.command = on,
            "comments" => self.comments = on,
            "question" => self.question = on,
            "answer" => self.answer = on,
            "authority" => self.authority = on,
            "additional" => self.additional = on,
            "stats" => self.statistics = on,
            "short" => self.short = on,
            "search" => self.search = on,
            _ if bare.starts_with("time") || bare.starts_with("tries") => {}
            _ => return false,
        }
        true
    }
}

/// `dig`.
pub(in crate::programs) fn dig(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let mut sections = Sections::all(true);
    let mut kind = None;
    let mut name = None;
    let (mut transfer, mut named) = (false, false);
    let mut rest = arguments[1..].iter();
    while let Some(argument) = rest.next() {
        if let Some(option) = argument.strip_prefix('+') {
            if !sections.option(option) {
                return io.fail(&format!("dig: not simulated here: +{option}"), 1);
            }
        } else if argument == "-x" {
            let Some(Ok(address)) = rest.next().map(|a| a.parse()) else {
                return io.fail("dig: option requires an argument -- 'x'", 1);
            };
            name = Some(reverse_name(address));
            kind = Some(RecordType::Ptr);
        } else if argument.starts_with('@') {
            // All servers of this cluster are the same one.
            named = true;
        } else if argument == "-t" {
            let text = rest.next().map_or("", String::as_str);
            transfer |= is_transfer(text);
            kind = RecordType::parse(text);
            if kind.is_none() && !is_transfer(text) {
                let line = format!(";; Warning, ignoring invalid type {text}\n");
                io.stderr.push_str(&line);
            }
        } else if is_transfer(argument) {
            transfer = true;
        } else if let Some(found) = RecordType::parse(argument)
            && kind.is_none()
        {
            kind = Some(found);
        } else {
            name = Some(argument.clone());
        }
    }
    let kind = kind.unwrap_or(RecordType::A);
    let name = name.unwrap_or_else(|| ".".to_owned());
    let date = crate::programs::time::date_text(io, io.system.now(), "%a %b %d %H:%M:%S UTC %Y");
    if let Some(why) = illegal(&name) {
        let text = format!("dig: '{name}' is not in legal name syntax ({why})");
        return io.fail(&text, 10);
    }
    if transfer {
        // The server refuses to hand its zone over.
        let text = banner(&arguments[1..], named) + "; Transfer failed.\n";
        io.stdout.push_str(&text);
        return Poll::Done(0);
    }
    let Some(container) = io.system.container() else {
        return io.fail("dig: not simulated here", 1);
    };
    let server = container
        .nameservers()
        .first()
        .cloned()
        .unwrap_or_else(|| "127.0.0.1".to_owned());
    let answer = if sections.search {
        container.resolve(&name, kind).result
    } else {
        let full = match name.ends_with('.') {
            true => name.clone(),
            false => format!("{name}."),
        };
        container.query(&full, kind)
    };
    let numbers = [0; 5].map(|_: i32| container.random());
    if answer.code == ResponseCode::NoAnswer {
        let tried = format!(";; communications error to {server}#53: timed out\n");
        let version = format!("\n; <<>> DiG {VERSION} <<>> {}\n", arguments[1..].join(" "));
        let end = ";; global options: +cmd\n;; no servers could be reached\n";
        io.stdout
            .push_str(&format!("{}{version}{end}", tried.repeat(3)));
        return Poll::Done(9);
    }
    if sections.short {
        for record in &answer.answers {
            io.stdout.push_str(&format!("{}\n", record.data.to_text()));
        }
        return Poll::Done(0);
    }
    let text = whole(&arguments[1..], &answer, sections, &server, &date, numbers);
    io.stdout.push_str(&text);
    Poll::Done(0)
}

/// Whether a type asks for a whole zone.
fn is_transfer(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text == "axfr" || text.starts_with("ixfr=")
}

/// The first lines; one of them counts the servers when one is named.
fn banner(arguments: &[String], named: bool) -> String {
    let found = if named { "; (1 server found)\n" } else { "" };
    format!(
        "\n; <<>> DiG {VERSION} <<>> {}\n{found};; global options: +cmd\n",
        arguments.join(" ")
    )
}

fn whole(
    arguments: &[String],
    answer: &Answer,
    sections: Sections,
    server: &str,
    date: &str,
    numbers: [u16; 5],
) -> String {
    let mut text = String::new();
    if sections.command {
        let named = arguments.iter().any(|argument| argument.starts_with('@'));
        text.push_str(&banner(arguments, named));
    }
    let local = answer
        .question
        .trim_end_matches('.')
        .to_ascii_lowercase()
        .ends_with(".local");
    if sections.comments {
        text.push_str(";; Got answer:\n");
        if local {
            text.push_str(
                ";; WARNING: .local is reserved for Multicast DNS\n;; You are currently testing what happens when an mDNS query is leaked to DNS\n",
            );
        }
        let flags = match (answer.authoritative, answer.code) {
            (true, _) => "qr aa rd",
            (false, ResponseCode::ServerFailure | ResponseCode::Refused) => "qr rd",
            (false, _) => "qr rd ra",
        };
        text.push_str(&format!(
            ";; ->>HEADER<<- opcode: QUERY, status: {}, id: {}\n;; flags: {flags}; QUERY: 1, ANSWER: {}, AUTHORITY: {}, ADDITIONAL: {}\n",
            answer.code.as_str(),
            numbers[0],
            answer.answers.len(),
            answer.authority.len(),
            answer.additional.len() + 1
        ));
        if answer.authoritative {
            text.push_str(";; WARNING: recursion requested but not available\n");
        }
        text.push_str(&format!(
            "\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n; COOKIE: {:04x}{:04x}{:04x}{:04x} (echoed)\n",
            numbers[1], numbers[2], numbers[3], numbers[4]
        ));
    }
    if sections.question {
        if sections.comments {
            text.push_str(";; QUESTION SECTION:\n");
        }
        let name = format!(";{}", answer.question);
        let class = column(&format!("{}IN", column(&name, 32)), 40);
        text.push_str(&format!("{class}{}\n\n", answer.record_type.as_str()));
    }
    for (shown, title, records) in [
        (sections.answer, "ANSWER", &answer.answers),
        (sections.authority, "AUTHORITY", &answer.authority),
        (sections.additional, "ADDITIONAL", &answer.additional),
    ] {
        if !shown || records.is_empty() {
            continue;
        }
        if sections.comments {
            text.push_str(&format!(";; {title} SECTION:\n"));
        }
        for record in records {
            text.push_str(&line(record));
        }
        if sections.comments {
            text.push('\n');
        }
    }
    if sections.statistics {
        let size = 12 + answer.question.len() + 27 + answer.answers.len() * 43;
        text.push_str(&format!(
            ";; Query time: 0 msec\n;; SERVER: {server}#53({server}) (UDP)\n;; WHEN: {date}\n;; MSG SIZE  rcvd: {size}\n\n"
        ));
    }
    text
}

/// A record: name, time, class and type in columns of tabs, as far as they fit.
fn line(record: &AnswerRecord) -> String {
    let mut text = column(&record.name, 24);
    text.push_str(&record.ttl_secs.to_string());
    text = column(&text, 32);
    text.push_str("IN");
    text = column(&text, 40);
    text.push_str(record.data.record_type().as_str());
    text = column(&text, 48);
    text.push_str(&record.data.to_text());
    text.push('\n');
    text
}

/// Fills up to a column as BIND does: with tabs as far as they lead, then blanks; at least one place.
fn column(text: &str, to: usize) -> String {
    let mut width = 0;
    for c in text.chars() {
        width = match c {
            '\t' => (width / 8 + 1) * 8,
            _ => width + 1,
        };
    }
    let to = to.max(width + 1);
    let tabs = to / 8 - width / 8;
    let blanks = if tabs > 0 { to % 8 } else { to - width };
    format!("{text}{}{}", "\t".repeat(tabs), " ".repeat(blanks))
}
