use super::*;
use serde_json::json;

#[test]
fn prints_what_kubectl_prints() {
    let data = json!({"kind": "List", "items": [
        {"metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "x"}}, "n": 1, "on": true},
        {"metadata": {"name": "b"}, "n": 2.5, "list": [1, 2, 3]},
    ]});
    let cases = [
        ("{.kind}", "List"),
        ("kind", "kind"),
        ("{.items[*].metadata.name}", "a b"),
        (
            "{.items[0].metadata.name}-{.items[-1:].metadata.name}",
            "a-b",
        ),
        ("{.items[1].list[0:2]}", "1 2"),
        ("{.items[1].list}", "[1,2,3]"),
        (
            "{range .items[*]}{.metadata.name}{\"\\t\"}{.n}{\"\\n\"}{end}.",
            "a\t1\nb\t2.5\n.",
        ),
        ("{range .nope[*]}{.metadata.name}{end}x", "x"),
        ("{.items[?(@.n>1)].metadata.name}", "b"),
        ("{.items[?(@.metadata.name==\"a\")].on}", "true"),
        ("{.items[?(@.list)].metadata.name}", "b"),
        (
            "{.items[0].metadata.labels.app\\.kubernetes\\.io/name}",
            "x",
        ),
        (
            "{.items[0].metadata['name', 'labels']}",
            "a {\"app.kubernetes.io/name\":\"x\"}",
        ),
        ("{..name}", "a b"),
        ("{.missing.deeper}", ""),
    ];
    for (template, expected) in cases {
        let printed = JsonPath::parse(template).map(|path| path.print(&data, false, false));
        assert_eq!(printed, Ok(Ok(expected.to_owned())), "{template}");
    }
}

#[test]
fn refuses_with_client_gos_sentences() {
    let cases = [
        ("{.a", "unclosed action"),
        ("{.items[0", "unterminated array"),
        ("{.a,.b}", "unrecognized character in action: U+002C ','"),
        ("{.a[x]}", "invalid array index x"),
        ("{.a[?(@.b==1]}", "unterminated filter"),
        ("{\"x}", "unterminated quoted string"),
    ];
    for (template, expected) in cases {
        assert_eq!(
            JsonPath::parse(template),
            Err(expected.to_owned()),
            "{template}"
        );
    }
    let short = JsonPath::parse("{.a[5]}").map(|path| path.find(&json!({"a": [1]}), false));
    assert_eq!(
        short,
        Ok(Err(
            "array index out of bounds: index 5, length 1".to_owned()
        ))
    );
}
