//! Each numbered statement of the specification is named by a test, and no test names one that does not exist.
//!
//! A test names a statement by the name of its function (`s_wrk_18_19_…`), in a comment (`/// S-WRK-18`), or in the string
//! that names a row of its table (`"S-WRK-18 …"`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

type Statement = (String, u32);

fn shown((area, number): &Statement) -> String {
    format!("S-{area}-{number:02}")
}

fn statement(text: &str) -> Statement {
    let (area, number) = text
        .strip_prefix("S-")
        .and_then(|rest| rest.split_once('-'))
        .unwrap_or_else(|| panic!("{text} is no statement"));
    (area.to_owned(), number.parse().expect("a number"))
}

/// The list's statements, and those of them that no test names, with the reason.
fn listed(list: &str) -> (BTreeSet<Statement>, BTreeMap<Statement, String>) {
    let (mut all, mut exceptions) = (BTreeSet::new(), BTreeMap::new());
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        if let Some(exception) = line.strip_prefix("except ") {
            let (which, why) = exception.split_once(": ").expect("a reason");
            exceptions.insert(statement(which), why.to_owned());
            continue;
        }
        let words: Vec<&str> = line.split(' ').collect();
        let [area, first, last] = words[..] else {
            panic!("{line}");
        };
        let area = area.strip_prefix("S-").expect("an area");
        let number = |text: &str| text.parse::<u32>().expect("a number");
        let numbers = number(first)..=number(last);
        all.extend(numbers.map(|number| (area.to_owned(), number)));
    }
    (all, exceptions)
}

/// The statements that a Rust file's tests name.
fn named(source: &str) -> BTreeSet<Statement> {
    let written = Regex::new(r"S-[A-Z]+-\d+").expect("sound");
    let function = Regex::new(r"fn (s_[a-z]+_\d\w*)").expect("sound");
    let mut found = BTreeSet::new();
    for line in source.lines() {
        let line = line.trim_start();
        let comment = line.starts_with("//");
        if comment || line.contains("\"S-") {
            found.extend(
                written
                    .find_iter(line)
                    .map(|found| statement(found.as_str())),
            );
        }
        if let Some(name) = function.captures(line) {
            found.extend(of_function(&name[1]));
        }
    }
    found
}

/// `s_wrk_22_s_pod_41_an_eviction` names S-WRK-22 and S-POD-41.
fn of_function(name: &str) -> Vec<Statement> {
    let (mut found, mut area, mut opens) = (Vec::new(), None, false);
    for word in name.split('_') {
        match word.parse::<u32>() {
            Ok(number) => {
                let Some(area) = &area else { break };
                found.push((String::clone(area), number));
            }
            Err(_) if opens => area = Some(word.to_uppercase()),
            Err(_) if word == "s" => area = None,
            Err(_) => break,
        }
        opens = word == "s";
    }
    found
}

/// The files with tests below a folder: those of a folder `tests`, and those of a crate that say `#[test]`.
fn test_files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str());
        if path.is_dir() {
            if !matches!(name, Some("target" | "node_modules" | "reference")) {
                test_files(&path, found);
            }
            continue;
        }
        let in_tests = path.components().any(|part| part.as_os_str() == "tests");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => {
                let source = std::fs::read_to_string(&path).expect("text");
                if in_tests || source.contains("#[test]") {
                    found.push(source);
                }
            }
            // A transcript: each of its lines is a comment to the commands below.
            Some("md") if in_tests => {
                let text = std::fs::read_to_string(&path).expect("text");
                found.push(text.lines().map(|line| format!("// {line}\n")).collect());
            }
            _ => {}
        }
    }
}

/// What is wrong with tests that name `named`, by the list.
fn faults(list: &str, named: &BTreeSet<Statement>) -> Vec<String> {
    let (all, exceptions) = listed(list);
    let mut faults = Vec::new();
    for statement in all.difference(named) {
        if !exceptions.contains_key(statement) {
            faults.push(format!("no test names {}", shown(statement)));
        }
    }
    for (statement, why) in &exceptions {
        if named.contains(statement) || !all.contains(statement) {
            faults.push(format!(
                "no exception any more: {} ({why})",
                shown(statement)
            ));
        }
    }
    for statement in named.difference(&all) {
        if all.iter().any(|(area, _)| *area == statement.0) {
            faults.push(format!("there is no {}", shown(statement)));
        }
    }
    faults
}

#[test]
fn every_statement_has_its_test() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut files = Vec::new();
    test_files(&crates, &mut files);
    let named = files.iter().flat_map(|source| named(source)).collect();
    let faults = faults(include_str!("../statements.txt"), &named);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_statement_without_a_test_is_noticed() {
    let source = "/// S-A-01, S-A-02\n#[test]\nfn s_a_03_s_b_01_and_5_more() {\n  \"S-A-09 a row\",\n\"see S-B-02\"\n";
    let list = "# a comment\nS-A 1 4\nS-B 1 3\nexcept S-B-03: not simulated\nexcept S-A-01: old";
    assert_eq!(
        faults(list, &named(source)),
        [
            "no test names S-A-04",
            "no test names S-B-02",
            "no exception any more: S-A-01 (old)",
            "there is no S-A-09",
        ]
    );
}
