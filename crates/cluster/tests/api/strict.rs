//! Fields that stand twice, and versions that are yet to come; the words are those of a real API server 1.36.3.

use crate::door::{request, server};
use petset_cluster::Kind;
use petset_cluster::api::paging::Paging;
use petset_cluster::api::{Body, FieldValidation, Reason, Request, Verb};
use serde_json::json;

fn told(mut request: Request, duplicates: &[&str], how: FieldValidation) -> (String, Vec<String>) {
    request.options.duplicates = duplicates.iter().map(|text| (*text).to_owned()).collect();
    request.options.field_validation = how;
    request.options.dry_run = true;
    let response = server().handle(request);
    let error = response.result.err().map(|status| status.message);
    (error.unwrap_or_default(), response.warnings)
}

#[test]
fn duplicates_are_told_as_unknown_fields_are() {
    let map = json!({"metadata": {"name": "a", "foo": 1}, "nope": {"a": 2}});
    let create = || request(Verb::Create, Kind::ConfigMap, "").with_body(Body::Json(map.clone()));
    let duplicates = [
        "duplicate field \"metadata.name\"",
        "duplicate field \"nope.a\"",
        "duplicate field \"nope\"",
    ];
    let begins =
        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: ";
    let (error, _) = told(create(), &duplicates, FieldValidation::Strict);
    assert_eq!(
        error,
        format!(
            "{begins}duplicate field \"metadata.name\", unknown field \"metadata.foo\", unknown field \"nope\""
        )
    );
    let (error, warnings) = told(create(), &duplicates, FieldValidation::Warn);
    assert_eq!(error, "");
    assert_eq!(
        warnings,
        [
            "duplicate field \"metadata.name\"",
            "unknown field \"metadata.foo\"",
            "unknown field \"nope\"",
        ]
    );
    let (error, warnings) = told(create(), &duplicates, FieldValidation::Ignore);
    assert_eq!((error.as_str(), warnings.len()), ("", 0));
    let lines = [
        "line 5: key \"name\" already set in map",
        "line 9: key \"labels\" already set in map",
    ];
    let (error, _) = told(create(), &lines, FieldValidation::Strict);
    assert_eq!(
        error,
        format!(
            "{begins}yaml: unmarshal errors:\n  line 5: key \"name\" already set in map\n  line 9: key \"labels\" already set in map, unknown field \"metadata.foo\", unknown field \"nope\""
        )
    );
}

#[test]
fn a_version_that_is_yet_to_come_is_told_with_the_present_one() {
    let server = server();
    let present = server.store().resource_version();
    let future = present + 1_000;
    let table = [
        (Some(future), 0),
        (None, future),
        (Some(present), present + 1),
    ];
    for (exact, at_least) in table {
        let paging = Paging {
            exact,
            at_least,
            ..Paging::default()
        };
        let list = Request::new(Verb::List, Kind::ConfigMap, "", "");
        let error = server.page(&list, &paging).expect_err("an error");
        let wanted = exact.unwrap_or(0).max(at_least);
        assert_eq!(
            error.message,
            format!("Timeout: Too large resource version: {wanted}, current: {present}")
        );
        assert_eq!(error.reason, Some(Reason::Timeout));
        assert_eq!(error.retry_after_seconds, 1);
        assert_eq!(error.causes[0].reason, "ResourceVersionTooLarge");
    }
    let paging = Paging {
        at_least: present,
        ..Paging::default()
    };
    let list = Request::new(Verb::List, Kind::ConfigMap, "", "");
    assert!(server.page(&list, &paging).is_ok());
}
