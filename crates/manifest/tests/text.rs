//! Spans, documents and hints: tables of (input, expected).

use petset_manifest::{
    Hint, MAX_DEPTH, MAX_DOCUMENT_BYTES, read, split_documents, to_json_compact_go, to_json_pretty,
};

const POD: &str = "metadata:\n  labels:\n    app.kubernetes.io/name: \"웹\"   # 이름\n    plain: &p x\nspec:\n  containers:\n  - name: a\n    image: nginx:1.25\n  - {name: b, image: 'q'}\n  text: |\n    one\n    two\n  other: *p\n  empty:\n";

#[test]
fn every_key_and_value_is_found_at_its_place() {
    let table = [
        (
            "metadata.labels[app.kubernetes.io/name]",
            Some("app.kubernetes.io/name"),
            "\"웹\"",
        ),
        (
            "metadata.labels[\"app.kubernetes.io/name\"]",
            Some("app.kubernetes.io/name"),
            "\"웹\"",
        ),
        (
            "metadata.labels.app.kubernetes.io/name",
            Some("app.kubernetes.io/name"),
            "\"웹\"",
        ),
        ("metadata.labels.plain", Some("plain"), "x"),
        ("spec.containers[0]", None, "name: a\n    image: nginx:1.25"),
        ("spec.containers[0].image", Some("image"), "nginx:1.25"),
        ("spec.containers[1]", None, "{name: b, image: 'q'}"),
        ("spec.containers[1].image", Some("image"), "'q'"),
        ("spec.text", Some("text"), "|\n    one\n    two\n"),
        ("spec.other", Some("other"), "*p"),
        ("spec.empty", Some("empty"), ""),
    ];
    for prefix in ["", "a: 1\n---\n", "# 머리\n---\r\n"] {
        let text = format!("{prefix}{POD}");
        let (documents, errors) = read(&text);
        assert_eq!(errors, []);
        let spans = &documents.last().expect("a document").spans;
        for (path, key, value) in table {
            let found = spans
                .find(path)
                .unwrap_or_else(|| panic!("{path} is not found"));
            assert_eq!(
                found.key.map(|span| &text[span.start..span.end]),
                key,
                "key of {path}"
            );
            let end = text[found.value.start..found.value.end].trim_start_matches("&p ");
            assert_eq!(end, value, "value of {path}");
        }
        assert_eq!(spans.find("spec.nothing"), None);
        assert_eq!(
            Some(spans.nearest("spec.containers[0].resources.limits")),
            spans.find("spec.containers[0]")
        );
        let image = spans
            .find("spec.containers[1].image")
            .expect("found")
            .value
            .start;
        assert_eq!(spans.path_at(image), "spec.containers[1].image");
    }
}

#[test]
fn documents_split_as_kubectl_does() {
    let table: [(&str, &[(&str, u32)]); 7] = [
        ("", &[]),
        ("a: 1\n", &[("a: 1\n", 1)]),
        (
            "---\na: 1\n---\nb: 2\n",
            &[("---\na: 1\n", 1), ("b: 2\n", 4)],
        ),
        ("a: 1\n--- # second\nb: 2", &[("a: 1\n", 1), ("b: 2", 3)]),
        (
            "a: 1\n---\n---\nb: 2\n",
            &[("a: 1\n", 1), ("---\nb: 2\n", 3)],
        ),
        ("a: |\n  ---\nb: 2\n", &[("a: |\n  ---\nb: 2\n", 1)]),
        (
            "a: 1\r\n---\r\nb: 2\r\n",
            &[("a: 1\r\n", 1), ("b: 2\r\n", 3)],
        ),
    ];
    for (text, want) in table {
        let got: Vec<_> = split_documents(text)
            .iter()
            .map(|part| (part.text, part.start_line))
            .collect();
        assert_eq!(got, want, "{text:?}");
    }
}

#[test]
fn one_broken_document_leaves_the_others() {
    let (documents, errors) =
        read("a: 1\n---\nb: [\n---\n# nothing\n---\nc: 3\n---\nlost: 1\n--- d: 4\n");
    let values: Vec<_> = documents
        .iter()
        .map(|document| (document.index, to_json_compact_go(&document.value)))
        .collect();
    assert_eq!(
        values,
        [(0, "{\"a\":1}".to_owned()), (3, "{\"c\":3}".to_owned())]
    );
    let errors: Vec<_> = errors
        .iter()
        .map(|error| (error.document, error.kubectl(), error.place.line))
        .collect();
    let syntax = "error converting YAML to JSON: yaml: line 1: did not find expected node content";
    let separator = "invalid Yaml document separator: d: 4";
    assert_eq!(
        errors,
        [(1, syntax.to_owned(), 3), (4, separator.to_owned(), 10)]
    );
}

#[test]
fn json_is_read_too() {
    let (documents, errors) =
        read("{\"a\": 1}{\"b\": [true]}\n\n{\"c\": \"\\ud83d\\ude00 \\/ y\"}\n");
    assert_eq!(errors, []);
    let values: Vec<_> = documents
        .iter()
        .map(|document| to_json_compact_go(&document.value))
        .collect();
    assert_eq!(
        values,
        ["{\"a\":1}", "{\"b\":[true]}", "{\"c\":\"😀 / y\"}"]
    );
    let lines: Vec<_> = documents
        .iter()
        .map(|document| document.start_line)
        .collect();
    assert_eq!(lines, [1, 1, 3]);
    let text = "{\n\t\"a\": {\"b\": 18446744073709551615}\n}";
    let (documents, errors) = read(text);
    assert_eq!(errors, []);
    let document = documents.first().expect("a document");
    assert_eq!(
        to_json_compact_go(&document.value),
        "{\"a\":{\"b\":18446744073709552000}}"
    );
    let value = document.spans.find("a.b").expect("found").value;
    assert_eq!(&text[value.start..value.end], "18446744073709551615");
}

#[test]
fn errors_point_at_the_words_and_guess_the_cause() {
    let table = [
        ("x: 1\na: b: c\n", "a: b: c", Hint::MappingInScalar),
        ("x: 1\na:\n\tb: 1\n", "\t", Hint::TabIndent),
        ("x: 1\na: \"b\nc: d\n", "\"b", Hint::UnclosedQuote),
        ("x: 1\na: 'b\nc: d\n", "'b", Hint::UnclosedQuote),
        ("x: 1\na: [1, 2\nb: 3\n", "[1,", Hint::UnclosedBracket),
        ("x: 1\na:\n    b: 1\n   c: 2\n", "c:", Hint::BadIndent),
        ("a:\n- x\nb\n", "b", Hint::MissingColon),
        ("spec:\n  a: 1\n  b:2\n  c: 3\n", "b:2", Hint::MissingColon),
        ("a: @b\n", "@b", Hint::ReservedCharacter('@')),
        ("a: *b\n", "*b", Hint::UnknownAnchor),
        ("a: {{ x }}\n", "{ x }", Hint::TemplateBraces),
        ("a: \"\\q\"\n", "\\q\"", Hint::BadEscape),
    ];
    for (text, words, hint) in table {
        let (_, errors) = read(text);
        let error = errors.first().unwrap_or_else(|| panic!("{text:?} is read"));
        assert_eq!(
            (&text[error.span.start..error.span.end], error.hint.as_ref()),
            (words, Some(&hint)),
            "{text:?}: {}",
            error.message
        );
    }
}

#[test]
fn a_key_that_stands_twice_is_noticed_and_the_last_counts() {
    let text = "a: 1\nb:\n  c: 1\n  c: 2\na: 3\nm: &m {x: 1}\no:\n  <<: *m\n  x: 2\n";
    let (documents, errors) = read(text);
    assert_eq!(errors, []);
    let document = documents.first().expect("a document");
    assert_eq!(
        to_json_compact_go(&document.value),
        r#"{"a":3,"b":{"c":2},"m":{"x":1},"o":{"x":2}}"#
    );
    let found: Vec<_> = document
        .duplicate_keys
        .iter()
        .map(|twice| (twice.key.as_str(), twice.place.line, twice.place.column))
        .collect();
    assert_eq!(found, [("c", 4, 3), ("a", 5, 1)]);
}

#[test]
fn what_is_too_large_ends_in_a_message() {
    let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
    let laughs: String = (1..12)
        .map(|n| {
            format!(
                "l{n}: &l{n} [{}]\n",
                vec![format!("*l{}", n - 1); 10].join(",")
            )
        })
        .collect();
    let table = [
        (deep, "yaml: exceeded max depth of 100".to_owned()),
        (
            "[".repeat(200_000),
            "yaml: exceeded max depth of 100".to_owned(),
        ),
        (
            "a: ".to_owned() + &"x".repeat(MAX_DOCUMENT_BYTES),
            format!("Request entity too large: limit is {MAX_DOCUMENT_BYTES}"),
        ),
        (
            format!("l0: &l0 x\n{laughs}"),
            "yaml: document contains excessive aliasing".to_owned(),
        ),
    ];
    for (text, message) in table {
        let (documents, errors) = read(&text);
        assert_eq!(
            (
                documents.len(),
                errors.first().map(|error| error.message.clone())
            ),
            (0, Some(message))
        );
    }
}

#[test]
fn json_is_printed_as_go_does() {
    let value = serde_json::json!({"b": [1, {"x": "<a>&\u{2028}\t\u{1}\u{7f}"}, [], {}], "a": 1e21, "c": 0.000_000_1, "d": 1.5, "e": null});
    let compact = "{\"a\":1e+21,\"b\":[1,{\"x\":\"\\u003ca\\u003e\\u0026\\u2028\\t\\u0001\u{7f}\"},[],{}],\"c\":1e-7,\"d\":1.5,\"e\":null}";
    assert_eq!(to_json_compact_go(&value), compact);
    let pretty = to_json_pretty(&serde_json::json!({"a": [1, {}], "b": {"c": "d"}}));
    assert_eq!(
        pretty,
        "{\n    \"a\": [\n        1,\n        {}\n    ],\n    \"b\": {\n        \"c\": \"d\"\n    }\n}\n"
    );
}
