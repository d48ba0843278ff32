//! What two runs of one scenario may differ in, and whether they differ in more.
//!
//! Put aside are uids, addresses, ages, dates, random suffixes, resource versions, the choice of node, the width of columns and the order of
//! events. Everything else counts: words, columns, rows and their order, exit codes, which stream.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::record::Allowed;
use crate::trace::Trace;
use petset_scenario::Record;

/// What is put aside: a pattern and what stands for it, applied one after another to the whole text.
const RULES: [(&str, &str); 34] = [
    (
        r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
        "<uid>",
    ),
    (r"docker\.io/hostpath_\S+", "docker.io/hostpath_<id>"),
    (r#"Context "[^"]+""#, r#"Context "<context>""#),
    (
        r"\b(containerd|cri-o|docker)://[0-9a-f<>a-z]+",
        "<container>",
    ),
    (r"sha256:[0-9a-f]{64}", "<digest>"),
    (r"\b[0-9a-f]{64}\b", "<digest>"),
    (
        r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}",
        "<date>",
    ),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<date>"),
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "<date>"),
    (
        r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]",
        "[<date>]",
    ),
    (r"\bid: \d+", "id: <n>"),
    (r"COOKIE: [0-9a-f]+", "COOKIE: <n>"),
    (r"(\.[ \t]+)(\d|[12]\d|30)([ \t]+IN\b)", "${1}<ttl>${3}"),
    (r"\(x\d+ over [0-9a-z]+\)", ""),
    (r"\([0-9a-z]+ ago\)", "(<age> ago)"),
    (
        r"\b\d+ms\b|\b\d+(\.\d+)?m?s \(\d+(\.\d+)?m?s including waiting\)",
        "<span>",
    ),
    (r"/tmp/(LIVE|MERGED)-\d+", "/tmp/${1}-<n>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000", "<date>"),
    (
        r"-[bcdfghjklmnpqrstvwxz2456789]{5}([ \t]+IPv4)",
        "-<rand>${1}",
    ),
    (r"\b\d+\.\d+\.244\.10\.in-addr", "<pod-ptr>.in-addr"),
    (r"\b10\.244\.\d+\.\d+\b", "<pod-ip>"),
    (r"\b10-244-\d+-\d+\b", "<pod-ip>"),
    (r"\b10\.96\.(\d+\.\d+)\b", SERVICE_IP),
    (r"\b10\.10\.0\.\d+\b", "<node-ip>"),
    (r"\bnode-[1-9]\b", "<node>"),
    (r"(resourceVersion|observedGeneration)\W+\d+", "${1} <n>"),
    (
        r"\b((?:rs|app|ds|pi|bad|d|j|x|coredns)(?:-[0-9a-f]{8,10})?)-[bcdfghjklmnpqrstvwxz2456789]{5}\b",
        "${1}-<rand>",
    ),
    (r"kube-api-access-[a-z0-9]{5}", "kube-api-access-<rand>"),
    (
        r"\bport: \d{5}\b|:3[0-2]\d{3}/TCP|\b3[0-2]\d{3}/TCP",
        "<nodeport>",
    ),
    (r"\b\d+(s|m|h|d)(\d+[smh])?\b", "<age>"),
    (r"worker process \d+", "worker process <n>"),
    (r"^(overlay|/dev/\S+) +\d+ +\d+ +\d+ +\d+%", "${1} <blocks>"),
    (r"[ \t]+", " "),
    (r" $", ""),
];

/// Stands for service addresses, save the two that every cluster of ours has: the API server's and the DNS server's.
const SERVICE_IP: &str = "<service-ip>";
const FIXED_SERVICE_IPS: [&str; 2] = ["0.1", "0.10"];

/// What follows from the recorded machine, its clock and its stand-in images (their versions, and that most were loaded and not pulled). Applied to
/// lines that [`RULES`] have been applied to.
const MACHINE: [(&str, &str); 10] = [
    (r"\bnginx/1\.\d+\.\d+", "nginx/<version>"),
    (r"[\w./-]+@<digest>", "<digest>"),
    (r"Image size: \d+ bytes", "Image size: <n> bytes"),
    (r"\b[A-Z][a-z]{2} [ 0-3]?\d \d\d:\d\d\b", "<date>"),
    (r"\b\d{4}-\d\d$", "<month>"),
    (r"/(?:var|tmp)/ref/", "<ref>/"),
    (r"\bafter \d+ ms\b", "after <n> ms"),
    (r"^( (?:Machine ID|System UUID):) \S+", "${1} <id>"),
    (r"^\* \S+ \S+ \S+( default)?$", "* <context>"),
    (
        r"^( name: nginx)-[bcdfghjklmnpqrstvwxz2456789]{5}$",
        "${1}-<rand>",
    ),
];

/// What a stand-in image answered differently from the image of that name: not compared.
const SKIP: &str = r"(exec bb|dns-test).* nslookup";

/// Answers whose lines or blocks come in no fixed order.
const UNORDERED: &str =
    r"get (events|ev)\b|nslookup|\bdig |-- env\b|(describe|get) pv$|get pv -o (yaml|json)";

struct Patterns {
    rules: Vec<(Regex, &'static str)>,
    machine: Vec<(Regex, &'static str)>,
    skip: Regex,
    unordered: Regex,
    /// Rows of an event table: a set, not a sequence.
    event: Regex,
    /// What an event's row says of its age.
    event_age: Regex,
    /// Rows named by a random uid, which stand in random order.
    random_name: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let regex = |pattern: &str| {
        Regex::new(&format!("(?m){pattern}")).unwrap_or_else(|error| panic!("{error}"))
    };
    let compiled = |rules: &[(&str, &'static str)]| {
        let compiled = rules.iter().map(|(pattern, to)| (regex(pattern), *to));
        compiled.collect()
    };
    Patterns {
        rules: compiled(&RULES),
        machine: compiled(&MACHINE),
        skip: regex(SKIP),
        unordered: regex(UNORDERED),
        event: regex(r"\A(?: ?(?:Normal|Warning) \S+ |(?:<age>|<unknown>) (?:Normal|Warning) )"),
        event_age: regex("<age>|<invalid>"),
        random_name: regex(r"\A(?:persistentvolume/)?pvc-<uid>"),
    }
});

/// A text's lines without what two runs may differ in; rows of events come last, each once, sorted.
pub fn lines(text: &str) -> Vec<String> {
    let patterns = &*PATTERNS;
    let mut text = text.to_owned();
    for (pattern, to) in &patterns.rules {
        let replaced = match *to {
            SERVICE_IP => pattern.replace_all(&text, |found: &Captures<'_>| {
                if FIXED_SERVICE_IPS.contains(&&found[1]) {
                    found[0].to_owned()
                } else {
                    SERVICE_IP.to_owned()
                }
            }),
            to => pattern.replace_all(&text, to),
        };
        text = replaced.into_owned();
    }
    let (mut out, mut events) = (Vec::new(), BTreeSet::new());
    for line in split_lines(&text) {
        if patterns.event.is_match(line) {
            events.insert(patterns.event_age.replace_all(line, "").trim().to_owned());
        } else {
            out.push(line.trim_end().to_owned());
        }
    }
    let random = |line: &&mut String| patterns.random_name.is_match(line);
    let mut sorted: Vec<String> = out
        .iter_mut()
        .filter(random)
        .map(|line| line.clone())
        .collect();
    sorted.sort();
    for (line, next) in out.iter_mut().filter(random).zip(sorted) {
        *line = next;
    }
    out.extend(events);
    out
}

/// For `kubectl get -w`: each object's sequence of states, repeats dropped.
pub fn watch(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines(text) {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [name, ready, status, ..] = cells[..] else {
            continue;
        };
        if name == "NAME" {
            continue;
        }
        let states = seen.entry(name.to_owned()).or_default();
        let state = format!("{ready} {status}");
        if states.last() != Some(&state) {
            states.push(state);
        }
    }
    seen.iter()
        .map(|(name, states)| format!("{name}: {}", states.join(" > ")))
        .collect()
}

/// A command's whole answer in the form that is compared: exit code, output, errors. `expected` says how the command was run.
pub fn answer(record: &Record, expected: &Record) -> Vec<String> {
    let output = if expected.background {
        watch(&record.stdout)
    } else if PATTERNS.unordered.is_match(&expected.command) {
        lines(&record.stdout)
            .into_iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    } else {
        lines(&record.stdout)
    };
    let code = record
        .code
        .map_or_else(|| "None".to_owned(), |code| code.to_string());
    let errors = lines(&record.stderr)
        .into_iter()
        .map(|line| format!("2> {line}"));
    std::iter::once(code).chain(output).chain(errors).collect()
}

/// An answer without what follows from the recorded machine.
fn on_any_machine(answer: Vec<String>) -> Vec<String> {
    let replaced = answer.into_iter().map(|line| {
        let rules = PATTERNS.machine.iter();
        rules.fold(line, |line, (pattern, to)| {
            pattern.replace_all(&line, *to).into_owned()
        })
    });
    replaced.collect()
}

/// A command whose answer differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which command, from 0.
    pub index: usize,
    /// The command.
    pub command: String,
    /// The expected answer.
    pub want: Vec<String>,
    /// The actual answer.
    pub got: Vec<String>,
}

/// How two runs compare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Commands that were compared.
    pub total: usize,
    /// Those that answered the same.
    pub equal: usize,
    /// The others.
    pub differences: Vec<Difference>,
}

/// Compares two runs command by command.
pub fn compare(expected: &[Record], actual: &[Record]) -> Comparison {
    compare_allowing(expected, actual, &[], &Trace::new())
}

/// Compares two runs; requests that fell into the middle of a change may show other states of it. `trace`: the expected run's.
pub fn compare_allowing(
    expected: &[Record],
    actual: &[Record],
    allowed: &[Allowed],
    trace: &Trace,
) -> Comparison {
    let mut comparison = Comparison::default();
    let none = Record {
        code: None,
        ..Record::in_background("(none)")
    };
    for (index, record) in expected.iter().enumerate() {
        if PATTERNS.skip.is_match(&record.command) {
            continue;
        }
        let allowance = allowed
            .iter()
            .find(|entry| entry.index == index && entry.command == record.command);
        if allowance.is_some_and(|entry| entry.stand_in) {
            continue;
        }
        let want = on_any_machine(answer(record, record));
        let got = on_any_machine(answer(actual.get(index).unwrap_or(&none), record));
        comparison.total += 1;
        if want == got || allowance.is_some_and(|entry| equal_but_moving(&want, &got, entry, trace))
        {
            comparison.equal += 1;
        } else {
            comparison.differences.push(Difference {
                index,
                command: record.command.clone(),
                want,
                got,
            });
        }
    }
    comparison
}

/// Whether two answers agree on all rows but those of objects that were changing, and show these in a state the change goes through.
fn equal_but_moving(want: &[String], got: &[String], allowed: &Allowed, trace: &Trace) -> bool {
    let name = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    let moving = |line: &&String| allowed.moving.contains(&name(line));
    let differs: Vec<Regex> = allowed
        .differs
        .iter()
        .filter_map(|pattern| Regex::new(pattern).ok())
        .collect();
    let still = |lines: &[String]| -> Vec<String> {
        let lines = lines.iter().filter(|line| !moving(line)).cloned();
        let without = lines.map(|line| {
            differs.iter().fold(line, |line, pattern| {
                pattern.replace_all(&line, "<differs>").into_owned()
            })
        });
        without.collect()
    };
    let known = |line: &String| {
        let state = line
            .split(' ')
            .skip(1)
            .take(3)
            .collect::<Vec<_>>()
            .join(" ");
        let lives = format!("Pod/{}#", name(line));
        trace
            .iter()
            .any(|(key, rows)| key.starts_with(&lives) && rows.contains(&state))
    };
    still(want) == still(got) && got.iter().filter(moving).all(known)
}

/// Lines as Python's `splitlines` tells them apart; the recordings' rules were first written for it.
fn split_lines(text: &str) -> Vec<&str> {
    const ENDS: [char; 9] = [
        '\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{2028}', '\u{2029}',
    ];
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c| ENDS.contains(&c) || c == '\u{85}') {
        let (line, end) = rest.split_at(at);
        lines.push(line);
        let width = if end.starts_with("\r\n") {
            2
        } else {
            end.chars().next().map_or(0, char::len_utf8)
        };
        rest = &end[width..];
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}
