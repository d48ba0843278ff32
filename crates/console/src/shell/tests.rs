//! The shell at the prompt against tables of scripts.

mod limits;
mod prompt;

use crate::command::Files;
use crate::shell::Stream;
use crate::terminal::{Effect, Terminal};
use petset_cluster::kubelet::process::{ImageInfo, ImageLookup, Process, Runtime, StartError};
use petset_cluster::{Cluster, Config, Duration};
use proptest::prelude::*;
use std::sync::Arc;

struct NoImages;

impl Runtime for NoImages {
    fn image(&self, reference: &str) -> ImageLookup {
        ImageLookup::NotFound {
            message: reference.to_owned(),
        }
    }

    fn start(
        &self,
        _image: &ImageInfo,
        argv: &[String],
        _tty: bool,
    ) -> Result<Box<dyn Process>, StartError> {
        Err(StartError {
            message: argv.join(" "),
            exit_code: 127,
        })
    }
}

fn files() -> Files {
    [
        ("a.yaml", "kind: A\nname: one\n"),
        ("b.yaml", "kind: B\n"),
        ("k8s/web.yaml", "kind: W\n"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

struct Session {
    cluster: Cluster,
    files: Files,
    terminal: Terminal,
    effects: Vec<Effect>,
}

impl Session {
    fn new() -> Session {
        Session {
            cluster: Cluster::new(Config::default(), Arc::new(NoImages)),
            files: files(),
            terminal: Terminal::new(),
            effects: Vec::new(),
        }
    }

    /// Runs to the end, for at most `seconds` of virtual time.
    fn run(&mut self, seconds: u64) -> bool {
        let end = self.cluster.now() + Duration::secs(seconds);
        for _ in 0..10_000 {
            let activity = self.terminal.advance(&mut self.cluster, &mut self.files);
            self.effects.extend(activity.effects);
            if activity.unfinished {
                continue;
            }
            if self.terminal.next_wake().is_none() {
                return true;
            }
            if self.cluster.now() >= end {
                return false;
            }
            let next = self.cluster.now() + Duration::millis(500);
            self.cluster.run_until(next);
        }
        false
    }

    fn output(&self, wanted: Stream) -> String {
        self.terminal
            .entries()
            .flat_map(|entry| &entry.output)
            .filter(|(stream, _)| *stream == wanted)
            .map(|(_, text)| text.as_str())
            .collect()
    }

    fn code(&self) -> Option<i32> {
        self.terminal.entries().next_back()?.exit_code
    }
}

fn run(script: &str) -> (String, String, Option<i32>) {
    let mut session = Session::new();
    session.terminal.submit(script);
    assert!(session.run(100), "does not end: {script}");
    (
        session.output(Stream::Stdout),
        session.output(Stream::Stderr),
        session.code(),
    )
}

type Row = (&'static str, &'static str, &'static str, i32);

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (script, stdout, stderr, code) in rows {
        let got = run(script);
        let wanted = ((*stdout).to_owned(), (*stderr).to_owned(), Some(*code));
        if got != wanted {
            wrong.push(format!("{script}\n   got {got:?}\nwanted {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_and_quotes() {
    check(&[
        ("echo hi", "hi\n", "", 0),
        ("echo 'a  b'  \"c  d\"   e", "a  b c  d e\n", "", 0),
        (
            "x=5; echo $x \"$x\" '$x' ${x}y \\$x",
            "5 5 $x 5y $x\n",
            "",
            0,
        ),
        (
            "echo $((1+2*3)) $((x=4)) $((x<<1)) $((7/2)) $((-7%3)) $((2>1?8:9))",
            "7 4 8 3 -1 8\n",
            "",
            0,
        ),
        (
            "echo $(echo $(echo deep)) `echo back`",
            "deep back\n",
            "",
            0,
        ),
        (
            "echo pod-{0..2} {a,b}-{x,y} {3..1} {01..03} {a..c}",
            "pod-0 pod-1 pod-2 a-x a-y b-x b-y 3 2 1 01 02 03 a b c\n",
            "",
            0,
        ),
        (
            "x=a.b.c; echo ${x#*.} ${x##*.} ${x%.*} ${x%%.*} ${#x} ${x/b/X} ${x//./-} ${x:2:1}",
            "b.c c a.b a 5 a.X.c a-b-c b\n",
            "",
            0,
        ),
        (
            "echo ${u:-none} ${u:=set} $u ${u:+yes}",
            "none set set yes\n",
            "",
            0,
        ),
        (
            "x='a b'; for i in $x; do echo $i; done; for i in \"$x\"; do echo $i; done",
            "a\nb\na b\n",
            "",
            0,
        ),
        (
            "echo *.yaml k8s/* none*",
            "a.yaml b.yaml k8s/web.yaml none*\n",
            "",
            0,
        ),
        ("echo $'a\\tb' # comment", "a\tb\n", "", 0),
        ("echo ~ $HOME", "/home/learner /home/learner\n", "", 0),
        ("echo \\\n  two", "two\n", "", 0),
        ("echo a\\ b", "a b\n", "", 0),
        // Only blanks part words: what a web page puts in their place is a part of the word.
        ("echo a\u{a0}b \u{2003} c", "a\u{a0}b \u{2003} c\n", "", 0),
    ]);
}

#[test]
fn control() {
    check(&[
        (
            "true && echo yes || echo no; false && echo yes || echo no",
            "yes\nno\n",
            "",
            0,
        ),
        ("! true; echo $?", "1\n", "", 0),
        (
            "if [ 1 -lt 2 ]; then echo less; else echo more; fi",
            "less\n",
            "",
            0,
        ),
        (
            "if false; then echo a; elif true; then echo b; fi",
            "b\n",
            "",
            0,
        ),
        (
            "i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done",
            "0\n1\n2\n",
            "",
            0,
        ),
        (
            "i=0; until [ $i -ge 2 ]; do i=$((i+1)); echo $i; done",
            "1\n2\n",
            "",
            0,
        ),
        (
            "for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done",
            "1\n3\n",
            "",
            0,
        ),
        ("for ((i=0;i<3;i++)); do echo -n $i; done", "012", "", 0),
        (
            "for i in 0 1; do\n  echo pod-$i\ndone",
            "pod-0\npod-1\n",
            "",
            0,
        ),
        (
            "case web-0 in db*) echo db;; web-*|x) echo web;; esac",
            "web\n",
            "",
            0,
        ),
        (
            "f() { echo $1 $#; return 3; }; f a b; echo $?",
            "a 2\n3\n",
            "",
            0,
        ),
        ("(x=1; echo $x); echo [$x]", "1\n[]\n", "", 0),
        ("{ echo a; echo b; } | wc -l", "2\n", "", 0),
        ("exit 7", "", "", 7),
        ("false", "", "", 1),
        ("set -e; false; echo no", "", "", 1),
        ("set -x; echo a 'b c'", "a b c\n", "+ echo a 'b c'\n", 0),
        ("[[ web-0 == web-* && 1 -lt 2 ]] && echo ok", "ok\n", "", 0),
        ("(( 2 > 1 )) && echo ok", "ok\n", "", 0),
        ("echo a | cat | tr a b", "b\n", "", 0),
        ("yes | head -2", "y\ny\n", "", 0),
        ("while true; do echo x; done | head -2", "x\nx\n", "", 0),
        ("echo one two | read a b; echo [$a]", "[]\n", "", 0),
        (
            "echo one two three | { read a b; echo $b; }",
            "two three\n",
            "",
            0,
        ),
        (
            "printf 'a\\nb\\n' | while read l; do echo \"<$l>\"; done",
            "<a>\n<b>\n",
            "",
            0,
        ),
        (
            "time sleep 1",
            "",
            "\nreal\t0m1.000s\nuser\t0m0.000s\nsys\t0m0.000s\n",
            0,
        ),
        ("timeout 1 sleep 5", "", "", 124),
        ("sleep 1 & wait; echo $?", "0\n", "[1] 1002\n", 0),
        ("eval 'echo a;' echo b", "a\nb\n", "", 0),
        (
            "export A=1; bash -c 'echo $A $0 $1' zero one",
            "1 zero one\n",
            "",
            0,
        ),
        ("A=2 env | grep ^A=; echo [$A]", "A=2\n[]\n", "", 0),
    ]);
}

#[test]
fn redirections() {
    check(&[
        (
            "echo a > f; echo b >> f; cat f; wc -l < f",
            "a\nb\n2\n",
            "",
            0,
        ),
        ("cat nope 2>&1 | wc -l", "1\n", "", 0),
        ("cat nope 2>/dev/null; echo $?", "1\n", "", 0),
        (
            "cat nope &> f; cat f",
            "cat: nope: No such file or directory\n",
            "",
            0,
        ),
        ("echo err >&2", "", "err\n", 0),
        ("cat <<EOF\nx=$((1+1))\nEOF", "x=2\n", "", 0),
        ("cat <<'EOF'\n$x\nEOF", "$x\n", "", 0),
        (
            "cat <<EOF > new.yaml\nkind: N\nEOF\ncat new.yaml",
            "kind: N\n",
            "",
            0,
        ),
        ("cat <<< word", "word\n", "", 0),
        (
            "cat < nope",
            "",
            "bash: nope: No such file or directory\n",
            1,
        ),
        (
            "echo x > nodir/f",
            "",
            "bash: nodir/f: No such file or directory\n",
            1,
        ),
        (
            "mkdir d; cd d; echo x > f; cat f; cd ..; cat d/f; ls",
            "x\nx\na.yaml  b.yaml  d  k8s\n",
            "",
            0,
        ),
    ]);
}

#[test]
fn errors() {
    check(&[
        (
            "minikube start",
            "",
            "bash: minikube: command not found\n",
            127,
        ),
        (
            "echo \"abc",
            "",
            "bash: unexpected EOF while looking for matching `\"'\nbash: syntax error: unexpected end of file\n",
            2,
        ),
        (
            "echo a;; echo b",
            "",
            "bash: syntax error near unexpected token `;;'\n",
            2,
        ),
        (
            "| cat",
            "",
            "bash: syntax error near unexpected token `|'\n",
            2,
        ),
        (
            "done",
            "",
            "bash: syntax error near unexpected token `done'\n",
            2,
        ),
        (
            "echo $((1/0))",
            "",
            "bash: 1/0: division by 0 (error token is \"0\")\n",
            1,
        ),
        (
            "cd nope",
            "",
            "bash: cd: nope: No such file or directory\n",
            1,
        ),
        (
            "./nope.sh",
            "",
            "bash: ./nope.sh: No such file or directory\n",
            127,
        ),
        ("./a.yaml", "", "bash: ./a.yaml: Permission denied\n", 126),
        (
            "bash -c 'nope'",
            "",
            "bash: line 1: nope: command not found\n",
            127,
        ),
        (
            "[ 1 -eq x ]",
            "",
            "bash: [: x: integer expression expected\n",
            2,
        ),
        (
            "while true; do :; done",
            "",
            "bash: not simulated here: more than 10000 turns of a loop that never waits\n",
            1,
        ),
        (
            "f() { f; }; f",
            "",
            "bash: not simulated here: calls in each other this deep\n",
            1,
        ),
        (
            "f() { f | f; }; f 2>/dev/null; echo alive",
            "alive\n",
            "",
            0,
        ),
    ]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn anything_ends(script in "[ -~\n가ü]{0,60}") {
        let mut session = Session::new();
        session.terminal.submit(&script);
        session.run(5);
        session.terminal.interrupt(&mut session.cluster, &mut session.files);
        prop_assert!(!session.terminal.is_running());
    }

    #[test]
    fn scraps_of_grammar_end(words in proptest::collection::vec(
        prop::sample::select(vec![
            "if", "then", "fi", "while", "do", "done", "for", "in", "case", "esac", "(", ")", "{", "}", ";", "|", "&&",
            "||", "&", "!", "<<E", "E", "<", ">", "2>&1", "$(", "`", "\"", "'", "$((", "))", "${x", "}", "echo", "x=1", "$x",
            "f()", "[[", "]]", "true", "false", "cat", "sed", "s/a/b/", "grep", "[", "]", "\n", "*", "{1..3}", "\\", "read", "seq 3",
        ]), 0..16)) {
        let mut session = Session::new();
        session.terminal.submit(&words.join(" "));
        session.run(5);
        session.terminal.interrupt(&mut session.cluster, &mut session.files);
        prop_assert!(!session.terminal.is_running());
    }
}
