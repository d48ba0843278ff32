//! The harness itself: its rules against their first version in Python, and that it can fail.

use petset_scenario::{Block, Pace, Runner, blocks};
use petset_scenario::{Change, Output, Record};
use petset_tests::compare::{answer, compare, compare_allowing, lines, watch};
use petset_tests::parity::{judge, known_failures, measure};
use petset_tests::record::{Allowed, Reference, references};
use petset_tests::trace::{self, Trace, pod_row};
use serde_json::json;

fn all() -> Vec<Reference> {
    references().expect("the references are there")
}

fn named(name: &str) -> Reference {
    all()
        .into_iter()
        .find(|reference| reference.name == name)
        .unwrap_or_else(|| panic!("no scenario {name}"))
}

fn rows(table: &str) -> Vec<Vec<&str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect()
}

/// FNV-1a, 64 bits.
fn digest(lines: &[String]) -> String {
    let text = lines.join("\n");
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[test]
fn answers_and_traces_normalise_as_in_the_first_version() {
    let table = rows(include_str!("../reference/digests.tsv"));
    assert_eq!(table.len(), all().len(), "every scenario has its line");
    for (reference, row) in all().iter().zip(table) {
        let records = reference.commands().expect("commands");
        let skipped = |record: &&Record| compare(std::slice::from_ref(*record), &[]).total == 0;
        let answers: Vec<String> = records
            .iter()
            .filter(|record| !skipped(record))
            .flat_map(|record| answer(record, record))
            .collect();
        let trace = reference
            .changes()
            .expect("changes")
            .map(|changes| trace::project(&changes));
        let steps = trace.map(|trace| {
            trace
                .iter()
                .map(|(key, rows)| format!("{key}: {}", rows.join(" > ")))
                .collect::<Vec<_>>()
        });
        let got = [
            reference.name.clone(),
            digest(&answers),
            steps.map_or_else(|| "-".to_owned(), |steps| digest(&steps)),
        ];
        assert_eq!(got.to_vec(), row);
    }
}

#[test]
fn two_scenarios_differ_as_much_as_in_the_first_version() {
    for row in rows(include_str!("../reference/pairs.tsv")) {
        let (a, b) = (named(row[0]), named(row[1]));
        let commands = compare(
            &a.commands().expect("commands"),
            &b.commands().expect("commands"),
        );
        assert_eq!(
            format!("{}/{}", commands.equal, commands.total),
            row[2],
            "{row:?}"
        );
        if let (Some(a), Some(b)) = (a.changes().expect("changes"), b.changes().expect("changes")) {
            let agreement = trace::compare(&trace::project(&a), &trace::project(&b));
            assert_eq!(
                format!("{}/{}", agreement.equal, agreement.total),
                row[3],
                "{row:?}"
            );
        }
    }
}

/// Answers with what was recorded.
struct Replay {
    records: Vec<Record>,
    changes: Vec<Change>,
    next: usize,
    background: Vec<Output>,
    settled: usize,
}

impl Replay {
    fn of(reference: &Reference) -> Self {
        let changes = reference.changes().expect("changes").unwrap_or_default();
        Self {
            records: reference.commands().expect("commands"),
            changes,
            next: 0,
            background: Vec::new(),
            settled: 0,
        }
    }

    fn answer(&mut self, line: &str) -> Output {
        let record = &self.records[self.next];
        assert_eq!(
            record.command, line,
            "the scenario's commands are the recorded ones"
        );
        self.next += 1;
        Output {
            stdout: record.stdout.clone(),
            stderr: record.stderr.clone(),
            code: record.code.unwrap_or_default(),
        }
    }
}

impl Runner for Replay {
    fn write_file(&mut self, name: &str, text: &str) {
        assert!(!name.is_empty() && !text.is_empty());
    }

    fn run(&mut self, line: &str) -> Output {
        self.answer(line)
    }

    fn start_background(&mut self, line: &str) {
        let output = self.answer(line);
        self.background.push(output);
    }

    fn finish_background(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.background)
    }

    fn settle(&mut self) {
        self.settled += 1;
    }

    fn elapsed_ms(&self) -> u64 {
        0
    }

    fn changes(&self) -> Vec<Change> {
        self.changes.clone()
    }
}

#[test]
fn a_replayed_recording_is_equal_in_everything() {
    for reference in all() {
        let mut replay = Replay::of(&reference);
        let result = measure(&reference, &mut replay).expect("a readable recording");
        assert!(
            result.passes(),
            "{}: {:?}",
            reference.name,
            result.commands.differences
        );
        assert!(
            result
                .traces
                .is_none_or(|traces| traces.equal == traces.total && traces.differences.is_empty()),
            "{}",
            reference.name
        );
        assert_eq!(
            replay.next,
            replay.records.len(),
            "{}: every command ran",
            reference.name
        );
        assert!(replay.settled > 0, "{}", reference.name);
    }
}

#[test]
fn any_changed_word_is_noticed() {
    let reference = named("sts-parallel");
    let records = reference.commands().expect("commands");
    for index in 0..records.len() {
        for change in [
            (|record: &mut Record| record.stdout.push_str("one two three\n")) as fn(&mut Record),
            |record| record.stderr.push_str("error: x\n"),
            |record| record.code = Some(41),
        ] {
            let mut changed = records.clone();
            change(&mut changed[index]);
            let found: Vec<usize> = compare(&records, &changed)
                .differences
                .iter()
                .map(|difference| difference.index)
                .collect();
            assert_eq!(found, [index]);
        }
    }
    assert_eq!(compare(&records, &records[1..]).total, records.len());
}

#[test]
fn a_request_in_the_middle_of_a_change_may_show_its_states_and_no_others() {
    let reference = named("seed2-lab3");
    let (records, allowed) = (
        reference.commands().expect("commands"),
        reference.allowed().expect("allowed"),
    );
    let trace = trace::project(&reference.changes().expect("changes").expect("kept"));
    let still = "NAME         READY   STATUS    RESTARTS   AGE\nnginx-ss-0   1/1     Running   0          6s\nnginx-ss-1   1/1     Running   0          6s\n";
    let third = "nginx-ss-2   1/1     Running   0          5s\n";
    let table = [
        (6, format!("{still}{third}"), true),
        (
            6,
            format!("{still}{third}nginx-ss-3   0/1     ContainerCreating   0   0s\n"),
            true,
        ),
        (
            6,
            format!(
                "{still}{third}nginx-ss-3   1/1     Running   0   0s\nnginx-ss-4   0/1     Pending   0   0s\n"
            ),
            true,
        ),
        (
            6,
            format!("{still}{third}nginx-ss-3   0/1     Error   0   0s\n"),
            false,
        ),
        (
            6,
            format!("{still}{third}nginx-ss-9   0/1     Pending   0   0s\n"),
            false,
        ),
        (6, still.to_owned(), false),
        (11, still.to_owned(), true),
        (
            11,
            format!("{still}nginx-ss-2   1/1     Terminating   0          5s\n"),
            true,
        ),
        (
            11,
            format!("{still}nginx-ss-2   0/1     CrashLoopBackOff   0          5s\n"),
            false,
        ),
        (7, format!("{still}{third}"), false),
    ];
    for (index, stdout, equal) in table {
        let mut changed = records.clone();
        changed[index].stdout = stdout.clone();
        let comparison = compare_allowing(&records, &changed, &allowed, &trace);
        assert_eq!(
            comparison.differences.is_empty(),
            equal,
            "{index}: {stdout}"
        );
    }
}

#[test]
fn what_only_the_machine_decides_is_put_aside() {
    let allowed = |fields: &str| {
        let entry = format!(r#"{{{fields}"index": 0, "command": "c", "reason": "r"}}"#);
        let entry = serde_json::from_str(&entry).expect("JSON");
        Allowed::of(&entry).into_iter().collect::<Vec<_>>()
    };
    let hash = r#""differs": ["web-[0-9a-f]{8,10}"], "#;
    let table = [
        ("nginx/1.22.1", "nginx/1.25.5", "", true),
        ("nginx/1.22.1", "nginx", "", false),
        ("web-7b5cb4fb", "web-7758698cd5", "", false),
        ("web-7b5cb4fb", "web-7758698cd5", hash, true),
        ("web-7b5cb4fb 1", "web-7758698cd5 2", hash, false),
        ("lib64", "home", r#""stand_in": true, "#, true),
        ("lib64", "home", r#""stand_in": false, "#, false),
        (
            "a 4 Nov 21 10:50 test.txt",
            "a 4 Jan  5 00:00 test.txt",
            "",
            true,
        ),
    ];
    for (want, got, fields, equal) in table {
        let answered = |text: &str| {
            vec![Record {
                stdout: text.to_owned(),
                ..Record::in_background("c")
            }]
        };
        let (mut want, mut got) = (answered(want), answered(got));
        want[0].background = false;
        got[0].background = false;
        let comparison = compare_allowing(&want, &got, &allowed(fields), &Trace::new());
        assert_eq!(
            comparison.differences.is_empty(),
            equal,
            "{want:?} {got:?} {fields}"
        );
    }
}

#[test]
fn the_list_of_known_failures_only_shrinks() {
    let reference = named("pvc-protection");
    let passed = measure(&reference, &mut Replay::of(&reference)).expect("measured");
    let mut failed = passed.clone();
    failed.commands.equal -= 1;
    let (none, one, other) = (
        known_failures("# nothing\n\n"),
        known_failures("pvc-protection # why\n"),
        known_failures("gone\n"),
    );
    assert_eq!(judge(std::slice::from_ref(&passed), &none), Ok(()));
    assert_eq!(judge(&[failed.clone()], &one), Ok(()));
    assert!(
        judge(std::slice::from_ref(&passed), &one).is_err_and(|text| text.contains("take it off"))
    );
    assert!(judge(&[failed], &none).is_err());
    assert!(judge(&[passed], &other).is_err());
}

#[test]
fn scenarios_are_read_as_they_were_run() {
    let text = "# x\n\n```yaml a.yaml\na: 1\n```\nprose\n```sh\nkubectl a \\\n  b\n\n# comment\nkubectl c\n```\n```sh now\nd\n```\n```sh watch\ne\n```\n```\nnothing\n```\n";
    let commands = |lines: &[&str], pace| Block::Commands {
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        pace,
    };
    let want = [
        Block::File {
            name: "a.yaml".to_owned(),
            text: "a: 1\n".to_owned(),
        },
        commands(&["kubectl a   b", "kubectl c"], Pace::Settle),
        commands(&["d"], Pace::Now),
        commands(&["e"], Pace::Watch),
    ];
    assert_eq!(blocks(text), want);
}

#[test]
fn what_differs_by_chance_is_put_aside_and_nothing_else() {
    let table = [
        (
            "10.96.0.1 10.96.0.10 10.96.0.100 10.96.12.7",
            "10.96.0.1 10.96.0.10 <service-ip> <service-ip>",
        ),
        (
            "web-0   1/1  Running  0  3m2s  10.244.1.7  node-2 ",
            "web-0 1/1 Running 0 <age> <pod-ip> <node>",
        ),
        ("2026-11-21T10:27:48Z 0 of 3", "<date> 0 of 3"),
        ("web.default. 5 IN A", "web.default. <ttl> IN A"),
        (
            "app-7c5ddbdf54-x2bq9 web-x2bq9",
            "app-7c5ddbdf54-<rand> web-x2bq9",
        ),
        ("Restart Count: 3", "Restart Count: 3"),
    ];
    for (text, want) in table {
        assert_eq!(lines(text), [want], "{text}");
    }
    assert_eq!(
        lines("b\n Normal  Z x\n Warning  A y\n Normal  Z x\na\n"),
        ["b", "a", "Normal Z x", "Warning A y"]
    );
    assert_eq!(
        watch(
            "NAME READY STATUS\na 0/1 Pending 0\na 0/1 Pending 1\nb 1/1 Running 0\na 1/1 Running 0\n"
        ),
        ["a: 0/1 Pending > 1/1 Running", "b: 1/1 Running"]
    );
}

#[test]
fn a_pods_row_says_what_kubectl_says() {
    let one = json!([{"name": "c"}]);
    let table = [
        (
            json!({"metadata": {}, "spec": {"containers": one}, "status": {"phase": "Pending"}}),
            "0/1 Pending 0",
        ),
        (
            json!({"metadata": {}, "spec": {"containers": one}, "status": {"phase": "Failed", "reason": "Evicted"}}),
            "0/1 Evicted 0",
        ),
        (
            json!({"metadata": {"deletionTimestamp": "x"}, "spec": {"containers": one}, "status": {"phase": "Running"}}),
            "0/1 Terminating 0",
        ),
        (
            json!({"metadata": {}, "spec": {"containers": one}, "status": {"containerStatuses": [{"ready": true, "restartCount": 2, "state": {"running": {}}}], "phase": "Running"}}),
            "1/1 Running 2",
        ),
        (
            json!({"metadata": {}, "spec": {"containers": one}, "status": {"containerStatuses": [{"state": {"terminated": {"exitCode": 3}}}]}}),
            "0/1 ExitCode:3 0",
        ),
        (
            json!({"metadata": {}, "spec": {"containers": one}, "status": {"containerStatuses": [{"state": {"terminated": {"exitCode": 3, "signal": 9}}}]}}),
            "0/1 Signal:9 0",
        ),
        (
            json!({"metadata": {}, "spec": {"containers": one, "initContainers": [{"name": "i"}, {"name": "j"}]}, "status": {"initContainerStatuses": [{"state": {"terminated": {"exitCode": 0}}}, {"state": {"running": {}}}]}}),
            "0/1 Init:1/2 0",
        ),
        (
            json!({"metadata": {}, "spec": {"containers": one, "initContainers": [{"name": "i"}]}, "status": {"initContainerStatuses": [{"state": {"terminated": {"exitCode": 1, "reason": "Error"}}}]}}),
            "0/1 Init:Error 0",
        ),
        (
            json!({"metadata": {}, "spec": {"containers": one}, "status": {"conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]}}),
            "0/1 SchedulingGated 0",
        ),
    ];
    for (pod, want) in table {
        assert_eq!(pod_row(&pod), want, "{pod}");
    }
}
