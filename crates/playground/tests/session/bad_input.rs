//! Wrong files and wrong commands: each ends in kubectl's message or a clear one.

use super::learner::Learner;
use petset_playground::Session;
use petset_playground::view::Severity;

const SET: &str = include_str!("../../lab3/statefulset.yaml");

#[test]
fn nothing_typed_goes_unanswered() {
    let mut learner = Learner::with_lab3();
    let many = [
        (
            "kubectl scale statefulset nginx-ss --replicas=abc",
            1,
            "error: invalid argument \"abc\" for \"--replicas\" flag",
        ),
        (
            "kubectl",
            0,
            "kubectl controls the Kubernetes cluster manager.",
        ),
        (
            "kubectl get",
            1,
            "You must specify the type of resource to get.",
        ),
        (
            "kubectl get unicorns",
            1,
            "error: the server doesn't have a resource type \"unicorns\"",
        ),
        (
            "kubectl frobnicate",
            1,
            "error: unknown command \"frobnicate\" for \"kubectl\"",
        ),
        ("kubectl get pods --frob", 1, "error: unknown flag: --frob"),
        (
            "kubectl apply -f nowhere.yaml",
            1,
            "error: the path \"nowhere.yaml\" does not exist",
        ),
        ("frobnicate", 127, "bash: frobnicate: command not found"),
        ("echo )", 2, "bash: syntax error near unexpected token `)'"),
        (
            "echo 'open",
            2,
            "unexpected EOF while looking for matching `''",
        ),
        (
            "kubectl scale statefulset nginx-ss --replicas=-1",
            1,
            "error: ",
        ),
    ];
    for (line, code, expected) in many {
        let block = learner.run(line);
        let text = super::learner::text(&block);
        assert!(text.contains(expected), "{line}: {text}");
        assert_eq!(block.exit_code, Some(code), "{line}: {text}");
    }
}

/// What is wrong with a file: `line:column severity message (hint)`.
fn findings(text: &str) -> Vec<String> {
    let session = Session::new(1, [("a.yaml".to_owned(), text.to_owned())]);
    let found = session.diagnostics("a.yaml");
    found
        .iter()
        .map(|found| {
            let mark = match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let hint = found
                .hint
                .as_ref()
                .map_or(String::new(), |hint| format!(" ({hint:?})"));
            let (line, column) = (found.line, found.column);
            format!("{line}:{column} {mark} {}{hint}", found.message)
        })
        .collect()
}

#[test]
fn wrong_files_are_marked_where_they_are_wrong() {
    let with = |from: &str, to: &str| SET.replacen(from, to, 1);
    let cases = [
        ("empty", String::new()),
        ("tabs", with("  name: nginx-ss\n", "\tname: nginx-ss\n")),
        (
            "unclosed quote",
            with("\"my-headless-svc\"", "\"my-headless-svc"),
        ),
        (
            "two documents, one broken",
            format!("{SET}\n---\nkind: Service\n  bad: [\n"),
        ),
        ("indentation", with("  replicas: 3", "   replicas: 3")),
        (
            "unknown kind",
            with("kind: StatefulSet", "kind: StatefulSett"),
        ),
        ("unknown field", with("replicas: 3", "replcas: 3")),
        ("wrong type", with("replicas: 3", "replicas: three")),
        ("negative", with("replicas: 3", "replicas: -3")),
        (
            "selector",
            with("        app: nginx-ss", "        app: other"),
        ),
        ("emoji", with("name: nginx-ss", "name: 🐳")),
        ("not an object", "just words".to_owned()),
        ("list", "- a\n- b\n".to_owned()),
    ];
    for (what, text) in cases {
        println!("{what}: {:#?}", findings(&text));
    }
}
