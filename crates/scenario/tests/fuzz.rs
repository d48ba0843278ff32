//! Anything may be typed or written: nothing panics, and everything ends. The seed is fixed; `PETSET_FUZZ_CASES` asks for more cases.

#[path = "fuzz/awk.rs"]
mod awk;

use petset_scenario::Simulated;
use petset_scenario::tutorial::{self, Stage as _};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed};

/// How many inputs each test makes when nothing else is asked for.
const CASES: u32 = 64;

fn config() -> Config {
    let wanted = std::env::var("PETSET_FUZZ_CASES").ok();
    Config {
        cases: wanted.and_then(|cases| cases.parse().ok()).unwrap_or(CASES),
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..Config::default()
    }
}

/// Words of the shell, and scraps that are none.
const SHELL: [&str; 100] = [
    "echo",
    "a",
    "$x",
    "\"",
    "'",
    "`",
    "$(",
    ")",
    "(",
    "{",
    "}",
    "|",
    "||",
    "&&",
    "&",
    ";",
    ";;",
    "<",
    ">",
    ">>",
    "<<",
    "<<<",
    "EOF",
    "2>&1",
    "if",
    "then",
    "else",
    "fi",
    "for",
    "in",
    "do",
    "done",
    "while",
    "until",
    "case",
    "esac",
    "[[",
    "]]",
    "[",
    "]",
    "$((",
    "))",
    "1",
    "+",
    "*",
    "${x:-y}",
    "${",
    "~",
    "*.yaml",
    "{1..9}",
    "{a,b}",
    "\\",
    "\n",
    "#",
    "!",
    "x=1",
    "f()",
    "set -e",
    "exit",
    "read y",
    "trap",
    "한글",
    "\u{0}",
    "kubectl get pods",
    "select x in",
    "a=(1 2)",
    "a[1]=x",
    "${a[@]}",
    "${#a[@]}",
    "${x^^}",
    "${!x}",
    "${x:1:2}",
    "${x/a/b}",
    "${x@Q}",
    "$'\\x41",
    "[[ a =~",
    "declare -A m",
    "local z",
    "let y=1",
    "((",
    "for ((i=0;i<3;i++))",
    "trap 'echo t' EXIT",
    "trap 'false' ERR",
    "getopts ab: o -a",
    "printf -v x %s",
    "wait",
    "time",
    "case x in x)",
    ";&",
    ";;&",
    "kill $$",
    "kill $!",
    "mapfile l",
    "&>",
    "eval",
    "exec",
    "set -x",
    "set -u",
    "<(",
    "alias e=echo",
];

/// Scraps of awk, sed, expr and find.
const SCRIPTS: [&str; 64] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "print",
    "printf \"%s %d\"",
    "$1",
    "$NF",
    "$0",
    "NR",
    "NF=2",
    "x",
    "x[1]",
    "a+1",
    "+",
    "-",
    "*",
    "/",
    "/a/",
    "%",
    "^",
    "=",
    "==",
    "~",
    "!",
    "&&",
    "||",
    ",",
    ";",
    "\n",
    "if",
    "else",
    "while",
    "for",
    "in",
    "do",
    "BEGIN",
    "END",
    "function f(x)",
    "f(1)",
    "return",
    "next",
    "exit",
    "gsub(/a/,\"b\")",
    "split($0,x)",
    "substr($0,2)",
    "length",
    "s/a/b/",
    "s/\\(a\\)/\\1/g",
    "y/a/b/",
    "N",
    "$!N",
    "ba",
    ":a",
    "p",
    "d",
    "1,2",
    "/a/,$",
    "h;G",
    "-name",
    "한글",
    "9999999999",
];

/// Words of kubectl's command lines.
const KUBECTL: [&str; 72] = [
    "get",
    "describe",
    "apply",
    "delete",
    "create",
    "scale",
    "patch",
    "label",
    "annotate",
    "rollout",
    "status",
    "undo",
    "exec",
    "logs",
    "wait",
    "explain",
    "expose",
    "run",
    "set",
    "image",
    "env",
    "selector",
    "edit",
    "diff",
    "replace",
    "taint",
    "drain",
    "auth",
    "can-i",
    "config",
    "port-forward",
    "pods",
    "po",
    "sts",
    "svc",
    "pvc",
    "nodes",
    "ns",
    "all",
    "pod/a",
    "sts/web",
    "nginx=b",
    "a=",
    "=b",
    "k-",
    "-",
    "--",
    "-n",
    "-o",
    "-l",
    "-f",
    "-A",
    "-w",
    "-c",
    "--all",
    "--replicas=-1",
    "--replicas=99999999999",
    "-oyaml",
    "-ojson",
    "-owide",
    "-oname",
    "--for=delete",
    "--for=jsonpath={.a}=b",
    "--timeout=1s",
    "--dry-run=client",
    "--help",
    "'{\"a\":1}'",
    "-p",
    "x.yaml",
    "80:http",
    "한글",
    "''",
];

/// Scraps of JSONPath and of Go templates.
const TEMPLATE: [&str; 44] = [
    "{",
    "}",
    "{{",
    "}}",
    ".",
    "..",
    "*",
    "[",
    "]",
    "[*]",
    "[0]",
    "[-1]",
    "[0:2]",
    "[::2]",
    "items",
    "metadata",
    "name",
    "spec",
    "?(",
    "@",
    "==",
    "\"a\"",
    "'b'",
    ")",
    "range",
    "end",
    "if",
    "else",
    "with",
    "index",
    "printf",
    "\"%s\"",
    "len",
    "|",
    "$x",
    ":=",
    "(",
    ",",
    "\\.",
    "kubernetes.io/a",
    "\\n",
    "9999999999",
    "-",
    "한글",
];

/// Scraps of Markdown, of directives and of sidecars.
const MARKDOWN: [&str; 40] = [
    "\n",
    "\n\n",
    "```",
    "```bash\n",
    "```sh now\n",
    "```yaml web.yaml\n",
    "```console\n",
    "~~~",
    "    ",
    "1. ",
    "- ",
    "# ",
    "> ",
    "$ ",
    "$ kubectl get pods",
    "kubectl get pods -w",
    "NAME   READY\n",
    "web-0   1/1",
    "[...]\n",
    "[..]",
    "<!-- petset: ",
    "wait",
    "wait 1s",
    "skip",
    ",",
    "as web-0",
    "expect-exit 1",
    "nodes 2",
    " -->",
    "**a.yaml**",
    "`b.yaml`",
    "apiVersion: v1\n",
    "at ",
    "reads ",
    "before\n",
    "after\n",
    "drop 3\n",
    "  indented",
    "root@web-0:/# ls",
    "한글",
];

fn joined(
    words: &'static [&'static str],
    separator: &'static str,
) -> impl Strategy<Value = String> {
    vec(select(words), 1..24).prop_map(move |words| words.join(separator))
}

/// Types a line; it ends, and the terminal takes the next one.
fn type_line(stage: &mut Simulated, line: &str) {
    stage.type_line(line, &[]);
    // What is still open is a quote or a here-document: as many lines as any of them needs.
    for closing in [
        "'", "\"", "EOF", "`", ")", "}", "fi", "done", "esac", "true",
    ] {
        stage.type_line(closing, &[]);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_shell_takes_anything(text in joined(&SHELL, " "), noise in "\\PC{0,60}") {
        let mut stage = Simulated::new(1);
        type_line(&mut stage, &text);
        type_line(&mut stage, &noise);
    }

    #[test]
    fn programs_take_any_script(text in joined(&SCRIPTS, " "), tight in joined(&SCRIPTS, "")) {
        let mut stage = Simulated::new(1);
        for text in [text, tight] {
            let text = text.replace('\'', "\"");
            for program in ["awk", "sed", "sed -n", "sed -E", "expr", "find .", "jq", "grep -E", "xargs -I{}", "tr a"] {
                type_line(&mut stage, &format!("printf 'a b\\nb a\\n\\nc\\n' | {program} '{text}'"));
            }
            type_line(&mut stage, &format!("expr {text}"));
        }
    }

    #[test]
    fn awk_runs_any_program(begin in awk::statement(), rule in awk::statement(), pattern in awk::expression(), body in awk::expression()) {
        let mut stage = Simulated::new(1);
        let functions = format!("function g(n) {{ return n < 9 ? g(n + 1) : {body} }} function f(x, z) {{ z[x] = 1; return {body} }}");
        let program = format!("{functions} BEGIN {{ {begin} }} {pattern} {{ {rule} }} END {{ {rule} }}");
        let line = format!("printf 'a b\\nb a\\n\\n3 한\\n' | awk '{program}'");
        type_line(&mut stage, &line);
    }

    #[test]
    fn kubectl_takes_any_arguments(arguments in vec(joined(&KUBECTL, " "), 1..4)) {
        let mut stage = Simulated::new(1);
        for arguments in arguments {
            type_line(&mut stage, &format!("kubectl {arguments}"));
        }
    }

    #[test]
    fn templates_may_be_anything(text in joined(&TEMPLATE, "")) {
        let mut stage = Simulated::new(1);
        let text = text.replace('\'', "\"");
        for format in ["jsonpath", "go-template", "custom-columns", "jsonpath-as-json"] {
            type_line(&mut stage, &format!("kubectl get nodes -o '{format}={text}'"));
        }
    }

    #[test]
    fn pages_and_sidecars_may_be_anything(page in joined(&MARKDOWN, ""), sidecar in joined(&MARKDOWN, "")) {
        for sidecar in [None, Some(sidecar.as_str())] {
            if let Ok(tutorial) = tutorial::read(&page, sidecar) {
                let mut stage = Simulated::new(1);
                let report = tutorial::check(&tutorial, &mut stage);
                let (updated, _) = tutorial::updated(&tutorial, &page, &report);
                prop_assert!(updated.len() < page.len() + (1 << 20));
            }
        }
    }
}
