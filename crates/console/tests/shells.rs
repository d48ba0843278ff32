//! Scripts in petset's shells and programs, against what real shells and programs answer.
//!
//! `shells/*.cases` hold one script in each line, `shells/*.txt` what bash, dash and BusyBox answered to them on Debian 12.
//! `cargo test -p petset-console --test shells -- --ignored` asks them again; `PETSET_BUSYBOX` names a folder of links
//! to BusyBox. What differs here stands in `shells/known.txt`, with its reason.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the cases and the answers are files, and the real shells are processes"
)]

use petset_cluster::{Cluster, Config, Duration};
use petset_console::{Files, Images, Terminal};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Stands for a line end in a script.
const LINE_END: char = '⏎';

/// Where scripts run.
const FOLDER: &str = "/tmp/w";

const PODS: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: debian}
spec: {containers: [{name: c, image: "debian:12", workingDir: /tmp/w, command: [sleep, "36000"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: busybox}
spec: {containers: [{name: c, image: "busybox:1.35", workingDir: /tmp/w, command: [sleep, "36000"]}]}
"#;

/// Each recording: its name, its scripts, the pod and the shell that they run in.
const RECORDINGS: [(&str, &str, &str, &str); 5] = [
    ("bash", "shell", "debian", "bash"),
    ("dash", "shell", "debian", "sh"),
    ("ash", "shell", "busybox", "sh"),
    ("debian", "programs", "debian", "bash"),
    ("busybox", "programs", "busybox", "sh"),
];

/// What a script answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Answer {
    stdout: String,
    stderr: String,
    code: i32,
}

impl Answer {
    /// As it stands in a recording: `1`, `2` before each line of the streams, `\` after one that is not ended.
    fn text(&self) -> String {
        let mut text = String::new();
        for (mark, stream) in [('1', &self.stdout), ('2', &self.stderr)] {
            for line in stream.split_inclusive('\n') {
                let (line, end) = match line.strip_suffix('\n') {
                    Some(line) => (line, ""),
                    None => (line, "\\"),
                };
                text.push_str(&format!("{mark}{end} {line}\n"));
            }
        }
        text + &format!("= {}\n", self.code)
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shells")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_default()
}

fn scripts(name: &str) -> Vec<String> {
    let text = read(&format!("{name}.cases"));
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("# ") && !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// The answers of a recording, by their scripts.
fn recorded(name: &str) -> BTreeMap<String, String> {
    let text = read(&format!("{name}.txt"));
    let blocks = text.split("\n$ ").flat_map(|block| block.split_once('\n'));
    blocks
        .map(|(script, answer)| {
            let answer = format!("{}\n", answer.trim_end_matches('\n'));
            (script.trim_start_matches("$ ").to_owned(), answer)
        })
        .collect()
}

/// What is known to differ: recording and script.
fn known() -> BTreeSet<(String, String)> {
    let text = read("known.txt");
    let lines = text.lines().filter(|line| !line.starts_with("# "));
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, script)| (name.to_owned(), script.to_owned()))
        .collect()
}

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(Config::default(), Images::new());
    let mut files = Files::from([("p.yaml".to_owned(), PODS.to_owned())]);
    let mut terminal = Terminal::new();
    terminal.submit("kubectl apply -f p.yaml");
    for _ in 0..100 {
        terminal.advance(&mut cluster, &mut files);
        let next = cluster.now() + Duration::millis(200);
        cluster.run_until(next);
    }
    cluster
}

fn exec(cluster: &mut Cluster, pod: &str, argv: &[&str]) -> Answer {
    let argv: Vec<String> = argv.iter().map(|&word| word.to_owned()).collect();
    let mut answer = Answer::default();
    let id = match cluster.exec("default", pod, None, &argv, false, false) {
        Ok(id) => id,
        Err(status) => {
            answer.stderr = status.message.clone();
            answer.code = -1;
            return answer;
        }
    };
    cluster.exec_close_input(id);
    for _ in 0..200 {
        let progress = cluster.exec_poll(id);
        answer.stdout.push_str(&progress.stdout);
        answer.stderr.push_str(&progress.stderr);
        if let Some(code) = progress.exit {
            answer.code = code;
            return answer;
        }
        let next = cluster.now() + Duration::millis(500);
        cluster.run_until(next);
    }
    answer.code = -2;
    answer
}

#[test]
fn scripts_answer_as_in_real_shells() {
    let known = known();
    let mut cluster = cluster();
    let (mut wrong, mut right, mut all) = (Vec::new(), Vec::new(), 0);
    for (name, cases, pod, shell) in RECORDINGS {
        let recorded = recorded(name);
        for script in scripts(cases) {
            all += 1;
            let Some(wanted) = recorded.get(&script) else {
                wrong.push(format!("{name}: {script}\nis not recorded"));
                continue;
            };
            let line = script.replace(LINE_END, "\n");
            let fresh = format!("rm -rf {FOLDER}; mkdir {FOLDER}");
            exec(&mut cluster, pod, &[shell, "-c", &fresh]);
            let got = exec(&mut cluster, pod, &[shell, "-c", &line]).text();
            let is_known = known.contains(&(name.to_owned(), script.clone()));
            match (got == *wanted, is_known) {
                (false, false) => wrong.push(format!("{name}: {script}\n{got}wanted\n{wanted}")),
                (true, true) => right.push(format!("{name}: {script}")),
                _ => {}
            }
        }
    }
    let report = wrong.join("\n");
    if let Ok(path) = std::env::var("PETSET_SHELL_REPORT") {
        std::fs::write(path, &report).expect("the report is written");
    }
    assert!(
        wrong.is_empty(),
        "{} of {all} differ:\n{report}",
        wrong.len()
    );
    assert!(
        right.is_empty(),
        "no longer different, take them out of known.txt:\n{}",
        right.join("\n")
    );
}

#[test]
#[ignore = "needs bash, dash and BusyBox, and writes what they answer"]
fn record() {
    let busybox = std::env::var("PETSET_BUSYBOX").expect("PETSET_BUSYBOX names a folder of links");
    for (name, cases, pod, shell) in RECORDINGS {
        let path = match pod {
            "busybox" => busybox.clone(),
            _ => "/usr/bin:/bin".to_owned(),
        };
        let mut text = String::new();
        for script in scripts(cases) {
            let line = script.replace(LINE_END, "\n");
            std::fs::remove_dir_all(FOLDER).unwrap_or_default();
            std::fs::create_dir_all(FOLDER).expect("the folder is made");
            let output = Command::new("timeout")
                .args(["10", shell, "-c", &line])
                .env_clear()
                .env("PATH", &path)
                .env("HOME", "/root")
                .current_dir(FOLDER)
                .stdin(Stdio::null())
                .output()
                .expect("the shell runs");
            let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&busybox, "/bin");
            let answer = Answer {
                stdout: text_of(&output.stdout),
                stderr: text_of(&output.stderr),
                code: output.status.code().unwrap_or(-1),
            };
            text.push_str(&format!("$ {script}\n{}\n", answer.text()));
        }
        std::fs::write(folder().join(format!("{name}.txt")), text).expect("it is written");
    }
}
