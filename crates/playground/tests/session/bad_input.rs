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
    let no_service = "6:16 warning services \"my-headless-svc\" not found (CreateService { service: \"my-headless-svc\" })";
    let label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    let name = format!("4:9 error metadata.name: Invalid value: \"🐳\": {label} (UseDnsName)");
    let yaml = "error error converting YAML to JSON: yaml:";
    let cases: Vec<(String, Vec<String>)> = vec![
        (String::new(), vec![]),
        (
            with("  name: nginx-ss\n", "\tname: nginx-ss\n"),
            vec![format!("4:1 {yaml} line 4: found character that cannot start any token (TabsAreNotAllowed)")],
        ),
        (
            with("\"my-headless-svc\"", "\"my-headless-svc"),
            vec![format!("28:23 {yaml} line 27: did not find expected key (CloseTheQuote)")],
        ),
        (
            format!("{SET}\n---\nkind: Service\n  bad: [\n"),
            vec![
                no_service.to_owned(),
                format!("36:3 {yaml} line 2: mapping values are not allowed in this context (AlignIndentation)"),
            ],
        ),
        (
            with("  replicas: 3", "   replicas: 3"),
            vec![format!("7:4 {yaml} line 6: did not find expected key (AlignIndentation)")],
        ),
        (
            with("kind: StatefulSet", "kind: StatefulSett"),
            vec!["2:7 error kind: no matches for kind \"StatefulSett\" in version \"apps/v1\" (DidYouMean { name: \"StatefulSet\" })".to_owned()],
        ),
        (
            with("replicas: 3", "replcas: 3"),
            vec![no_service.to_owned(), "7:3 error unknown field \"spec.replcas\" (DidYouMean { name: \"replicas\" })".to_owned()],
        ),
        (
            with("replicas: 3", "replicas: three"),
            vec![no_service.to_owned(), "7:13 error spec.replicas: json: cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas of type int32 (ExpectedType { expected: \"int32\" })".to_owned()],
        ),
        (
            with("replicas: 3", "replicas: -3"),
            vec![no_service.to_owned(), "7:13 error spec.replicas: Invalid value: -3: must be greater than or equal to 0 (ZeroOrMore)".to_owned()],
        ),
        (
            with("        app: nginx-ss", "        app: other"),
            vec![no_service.to_owned(), "14:9 error spec.template.metadata.labels: Invalid value: {\"app\":\"other\"}: `selector` does not match template `labels` (MatchTemplateLabels)".to_owned()],
        ),
        (with("name: nginx-ss", "name: 🐳"), vec![name, no_service.to_owned()]),
        ("just words".to_owned(), vec!["1:1 error invalid object to validate".to_owned()]),
        ("- a\n- b\n".to_owned(), vec!["1:1 error invalid object to validate".to_owned()]),
    ];
    for (text, expected) in cases {
        assert_eq!(findings(&text), expected, "{text}");
    }
}
