//! Filters and what they make, as jq 1.7 does.

use super::value::Json;
use super::{eval, parse};
use std::collections::BTreeMap;

fn made(filter: &str, input: &str) -> String {
    let Some(filter) = parse::parse(filter) else {
        return "not understood".to_owned();
    };
    let input = Json::from(serde_json::from_str::<serde_json::Value>(input).expect("JSON"));
    match eval::run(&filter, &input, &BTreeMap::new()) {
        Ok(values) => values
            .iter()
            .map(Json::compact)
            .collect::<Vec<_>>()
            .join(" "),
        Err(words) => format!("error: {words}"),
    }
}

#[test]
fn filters_make_what_jq_makes() {
    const PODS: &str = r#"{"items":[{"metadata":{"name":"b","labels":{"app":"x"}},"n":2},{"metadata":{"name":"a"},"n":1}]}"#;
    let table = [
        (".", r#"{"a":1}"#, r#"{"a":1}"#),
        (".a.b", r#"{"a":{"b":2}}"#, "2"),
        (".a.b", r#"{}"#, "null"),
        (".a", "[1]", "error: Cannot index array with \"a\""),
        (".a?", "[1]", ""),
        (".items[].metadata.name", PODS, r#""b" "a""#),
        (".items[0].metadata.labels[\"app\"]", PODS, "\"x\""),
        (".items[-1].n", PODS, "1"),
        (".items | length", PODS, "2"),
        (".items[] | select(.n > 1) | .metadata.name", PODS, "\"b\""),
        (
            "[.items[] | {name: .metadata.name, n}]",
            PODS,
            r#"[{"name":"b","n":2},{"name":"a","n":1}]"#,
        ),
        (".items | map(.n) | add", PODS, "3"),
        (
            ".items | sort_by(.n) | .[].metadata.name",
            PODS,
            r#""a" "b""#,
        ),
        (
            ".items[] | \"\\(.metadata.name)=\\(.n)\"",
            PODS,
            r#""b=2" "a=1""#,
        ),
        (
            ".items[] | [.metadata.name, .n] | @tsv",
            PODS,
            r#""b\t2" "a\t1""#,
        ),
        (".items[].metadata.labels.app // \"none\"", PODS, "\"x\""),
        (
            ".items[] | .metadata.labels.app // \"none\"",
            PODS,
            r#""x" "none""#,
        ),
        (".[1:]", "[1,2,3]", "[2,3]"),
        (".[:-1]", "\"abc\"", "\"ab\""),
        ("keys", r#"{"b":1,"a":2}"#, r#"["a","b"]"#),
        ("to_entries[] | .key", r#"{"a":1}"#, "\"a\""),
        ("with_entries(.)", "{}", "not understood"),
        (".a, .b", r#"{"a":1,"b":2}"#, "1 2"),
        ("1 + 2 * 3 == 7 and true", "null", "true"),
        ("if . > 1 then \"big\" else \"small\" end", "2", "\"big\""),
        ("has(\"a\"), (.a | type)", r#"{"a":null}"#, r#"true "null""#),
        (
            ".[] | test(\"^web-[0-9]$\")",
            r#"["web-0","x"]"#,
            "true false",
        ),
        ("split(\"-\") | join(\"+\")", "\"a-b\"", "\"a+b\""),
        ("[..]", "[[1]]", "[[[1]],[1],1]"),
        (
            "\"a\" + 1",
            "null",
            "error: string (\"a\") and number (1) cannot be added",
        ),
        ("unique", "[2,1,2]", "[1,2]"),
        (".a |= 1", "{}", "not understood"),
        ("reduce .[] as $x (0; . + $x)", "[]", "not understood"),
        ("(((", "1", "not understood"),
    ];
    for (filter, input, expected) in table {
        assert_eq!(made(filter, input), expected, "{filter}");
    }
}
