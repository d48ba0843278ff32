//! kubectl's answers, as transcripts: Markdown with files (```` ```yaml NAME ````) and sessions (```` ```console ````).
//!
//! In a session `$ ` begins a command, `2> ` a line of standard error, `[N]` an exit code other than 0.
//! A session runs on one cluster from the file's first line to its last. With `UPDATE_EXPECT` set the files are written anew.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads and writes its own transcripts"
)]

use petset_cluster::api::{Body, Request, Verb};
use petset_cluster::kubelet::process::{
    ImageInfo, ImageLookup, Process, Runtime, StartError, Step, Wake, World,
};
use petset_cluster::{Cluster, Config, Duration, Kind};
use petset_console::{Command, Context, Files, Input, Poll, Until, kubectl};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every image exists and does nothing for ever.
struct Idle;

#[derive(Clone)]
struct Sleeping;

impl Process for Sleeping {
    fn resume(&mut self, wake: Wake, _world: &mut World<'_>) -> Step {
        match wake {
            Wake::Signal(_) => Step::Exit(0),
            _ => Step::Wait,
        }
    }

    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }
}

impl Runtime for Idle {
    fn image(&self, reference: &str) -> ImageLookup {
        ImageLookup::Found(Arc::new(ImageInfo {
            full_name: format!("docker.io/library/{reference}"),
            entrypoint: vec!["sleep".to_owned()],
            known: true,
            ..ImageInfo::default()
        }))
    }

    fn start(
        &self,
        _image: &ImageInfo,
        _argv: &[String],
        _tty: bool,
    ) -> Result<Box<dyn Process>, StartError> {
        Ok(Box::new(Sleeping))
    }
}

/// Words of a command line, with both kinds of quotes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (c, quote) {
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

struct Session {
    cluster: Cluster,
    files: Files,
    env: BTreeMap<String, String>,
}

impl Session {
    fn new() -> Session {
        let mut cluster = Cluster::new(Config::default(), Arc::new(Idle));
        let namespace = serde_json::json!({"metadata": {"name": "default"}});
        // Refused where the cluster has one already.
        cluster.handle(
            Request::new(Verb::Create, Kind::Namespace, "", "default")
                .with_body(Body::Json(namespace)),
        );
        cluster.run_until_quiet(Duration::secs(5), Duration::secs(60));
        Session {
            cluster,
            files: Files::new(),
            env: BTreeMap::new(),
        }
    }

    fn run(&mut self, line: &str) -> String {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let mut stdin = Input {
            closed: true,
            ..Input::default()
        };
        let mut args = words(line);
        assert_eq!(args.remove(0), "kubectl", "{line}");
        let mut command: Option<Box<dyn Command>> = None;
        let limit = self.cluster.now() + Duration::secs(600);
        let code = loop {
            // Nobody waits so long: as if Ctrl-C were pressed.
            let late = self.cluster.now() > limit;
            let mut context = Context {
                cluster: &mut self.cluster,
                files: &mut self.files,
                env: &self.env,
                stdin: &mut stdin,
                stdout: &mut stdout,
                stderr: &mut stderr,
            };
            let command = command.get_or_insert_with(|| kubectl::start(&args, &mut context));
            if late {
                command.interrupt(&mut context);
            }
            match command.poll(&mut context) {
                Poll::Done(code) => break code,
                Poll::Pending(Until::Time(at)) => self.cluster.run_until(at),
                Poll::Pending(Until::Change(at)) => {
                    let next = self.cluster.next_event().map(|(next, _)| next);
                    match (next, at) {
                        (Some(next), Some(at)) if next > at => self.cluster.run_until(at),
                        (Some(_), _) => {
                            self.cluster.step();
                        }
                        (None, Some(at)) => self.cluster.run_until(at),
                        // Nothing will ever change: as if Ctrl-C were pressed.
                        (None, None) => command.interrupt(&mut context_of(
                            &mut self.cluster,
                            &mut self.files,
                            &self.env,
                            &mut stdin,
                            &mut stdout,
                            &mut stderr,
                        )),
                    }
                }
                Poll::Pending(Until::Input) => {
                    assert!(self.cluster.step(), "{line} waits for input");
                }
            }
        };
        transcript(&stdout, &stderr, code)
    }
}

fn context_of<'a>(
    cluster: &'a mut Cluster,
    files: &'a mut Files,
    env: &'a BTreeMap<String, String>,
    stdin: &'a mut Input,
    stdout: &'a mut String,
    stderr: &'a mut String,
) -> Context<'a> {
    Context {
        cluster,
        files,
        env,
        stdin,
        stdout,
        stderr,
    }
}

fn transcript(stdout: &str, stderr: &str, code: i32) -> String {
    let mut text = String::new();
    for line in stdout.lines() {
        text.push_str(&format!("{line}\n"));
    }
    for line in stderr.lines() {
        text.push_str(format!("2> {line}").trim_end());
        text.push('\n');
    }
    if code != 0 {
        text.push_str(&format!("[{code}]\n"));
    }
    text
}

/// Runs a transcript and writes it anew with what was printed.
fn replay(text: &str) -> String {
    let mut session = Session::new();
    let (mut written, mut lines) = (String::new(), text.lines());
    while let Some(line) = lines.next() {
        written.push_str(&format!("{line}\n"));
        let Some(fence) = line.strip_prefix("```") else {
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some(name) = fence.strip_prefix("yaml ") {
            session
                .files
                .insert(name.to_owned(), format!("{}\n", body.join("\n")));
            written.push_str(&body.join("\n"));
            written.push('\n');
        } else {
            for command in body.iter().filter_map(|line| line.strip_prefix("$ ")) {
                written.push_str(&format!("$ {command}\n"));
                if let Some(seconds) = command.strip_prefix("sleep ") {
                    let seconds: u64 = seconds.parse().expect("a number of seconds");
                    let until = session.cluster.now() + Duration::secs(seconds);
                    session.cluster.run_until(until);
                } else {
                    written.push_str(&session.run(command));
                }
            }
        }
        written.push_str("```\n");
        session
            .cluster
            .run_until_quiet(Duration::secs(2), Duration::secs(60));
    }
    written
}

#[test]
fn transcripts() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubectl");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .expect("the transcripts")
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    names.sort();
    let mut wrong = String::new();
    for path in names {
        let text = std::fs::read_to_string(&path).expect("a transcript");
        let written = replay(&text);
        if written == text {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &written).expect("a writable transcript");
        }
        wrong.push_str(&format!("\n{}:\n", path.display()));
        for (number, pair) in text.lines().zip(written.lines()).enumerate() {
            if pair.0 != pair.1 {
                let (want, got) = pair;
                wrong.push_str(&format!(
                    "  line {}\n  want {want}\n  got  {got}\n",
                    number + 1
                ));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
