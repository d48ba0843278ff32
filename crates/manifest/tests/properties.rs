//! For any value and any bytes.

use petset_manifest::{Value, read, to_yaml};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,8}",
        "[-+.0-9_:eExoTZ ]{1,10}",
        "[ \\t\\n#:'\"\\[\\]{}&*!|>%@`,?=~a0-9-]{0,12}",
        "(yes|no|on|off|y|n|true|null|~|<<|---|\\.\\.\\.)[ \\n]?",
        "[가-힣a-z \\n]{0,40}",
        "(word ){0,40}",
    ]
}

const SIGNS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    ": ",
    "!",
    "!<",
    ">",
    "&a",
    "*a",
    "- ",
    "? ",
    "'",
    "\"",
    "#",
    "|",
    "%",
    "@",
    " ",
    "\n",
    "\n  ",
    "\t",
    "a",
    "b",
    "é",
    "!!str",
    "!e!",
    "\\",
    "---\n",
    "...\n",
    "%TAG ! x\n",
    "<<",
    ",!",
    "!,",
    "%41",
    "%ff",
    "\u{feff}",
    "\r",
];

/// `<<` as a key is printed as it is upstream, and reads back as a merge.
fn key() -> impl Strategy<Value = String> {
    text().prop_filter("a merge key", |key| key != "<<")
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(|float| if float.fract() == 0.0 {
            Value::Null
        } else {
            Value::from(float)
        }),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn printed_values_read_back(value in value()) {
        let wrapped = serde_json::json!({"v": value});
        let yaml = to_yaml(&wrapped);
        let (documents, errors) = read(&yaml);
        prop_assert!(errors.is_empty(), "{yaml}\n{errors:?}");
        prop_assert_eq!(documents.first().map(|document| &document.value), Some(&wrapped), "{}", yaml);
        // An independent reader agrees.
        let other: Result<Value, _> = serde_yaml::from_str(&yaml);
        prop_assert_eq!(other.ok(), Some(wrapped), "{}", yaml);
    }

    /// What YAML is made of, in any order: the parser below has places that it does not expect to reach.
    #[test]
    fn any_row_of_signs_ends_in_a_value_or_an_error(signs in prop::collection::vec(prop::sample::select(SIGNS), 1..25)) {
        let (documents, errors) = read(&signs.concat());
        prop_assert!(documents.len() + errors.len() < 30);
    }

    #[test]
    fn any_text_ends_in_a_value_or_an_error(text in "(?s).{0,80}") {
        let (documents, errors) = read(&text);
        for document in &documents {
            to_yaml(&document.value);
        }
        for error in &errors {
            prop_assert!(text.get(error.span.start..error.span.end).is_some());
            prop_assert!(error.place.line >= 1 && error.place.column >= 1);
        }
    }

    #[test]
    fn any_yaml_like_text_ends_in_a_value_or_an_error(text in "([ \\n\\t:,&*!|>'\"%@`?#\\[\\]{}<~-]|a|b: |- |\n  |---\n|가){0,60}") {
        let (documents, errors) = read(&text);
        for spans in documents.iter().map(|document| &document.spans) {
            let _ = spans.path_at(text.len() / 2);
        }
        for error in &errors {
            prop_assert!(text.get(error.span.start..error.span.end).is_some());
        }
    }
}
