//! Lists in pages: later pages show what was there when the first was read.

use crate::door::{ok, request, server};
use petset_cluster::Kind;
use petset_cluster::api::paging::{Page, Paging};
use petset_cluster::api::{Body, PatchType, Request, Server, Verb};
use serde_json::json;

fn create(server: &mut Server, name: &str) {
    let map = json!({"metadata": {"name": name, "labels": {"odd": name.len().to_string()}}});
    ok(server.handle(request(Verb::Create, Kind::ConfigMap, "").with_body(Body::Json(map))));
}

fn page(server: &Server, namespace: &str, token: Option<String>, limit: usize) -> Page {
    let list = Request::new(Verb::List, Kind::ConfigMap, namespace, "");
    let paging = Paging {
        limit,
        token: token.unwrap_or_default(),
        ..Paging::default()
    };
    server.page(&list, &paging).expect("a page")
}

fn names(page: &Page) -> String {
    let names: Vec<&str> = page.items.iter().map(|object| object.name()).collect();
    names.join(" ")
}

#[test]
fn later_pages_tell_of_the_version_of_the_first() {
    let mut server = server();
    for name in ["a", "b", "c", "d", "e", "f"] {
        create(&mut server, name);
    }
    for namespace in ["default", ""] {
        let mut server = server.clone();
        let all = page(&server, "default", None, 0);
        let before = page(&server, namespace, None, 0).items.len() - all.items.len();
        let first = page(&server, namespace, None, before + 2);
        assert!(names(&first).ends_with("a b"));
        assert_eq!(first.remaining, Some(4));

        let version = first.resource_version;
        ok(server.handle(request(Verb::Delete, Kind::ConfigMap, "c")));
        create(&mut server, "cc");
        let patch = Body::Patch(PatchType::Merge, json!({"data": {"x": "y"}}));
        ok(server.handle(request(Verb::Patch, Kind::ConfigMap, "d").with_body(patch)));
        ok(server.handle(request(Verb::Delete, Kind::ConfigMap, "f")));
        create(&mut server, "f");
        create(&mut server, "g");

        let second = page(&server, namespace, first.token, 3);
        assert_eq!(names(&second), "c d e", "{namespace:?}");
        let Some(d) = second.items.get(1) else {
            panic!("three objects");
        };
        assert_eq!(d.to_json().get("data"), None);
        assert_eq!(
            (second.remaining, second.resource_version),
            (Some(1), version)
        );
        let third = page(&server, namespace, second.token, 3);
        assert_eq!((names(&third).as_str(), third.remaining), ("f", None));
        assert_eq!(third.token, None);
        assert_eq!(names(&page(&server, "default", None, 0)), "a b cc d e f g");
    }
}

#[test]
fn selectors_leave_the_rest_uncounted() {
    let mut server = server();
    for name in ["a", "bb", "c", "dd", "e"] {
        create(&mut server, name);
    }
    let mut list = Request::new(Verb::List, Kind::ConfigMap, "default", "");
    list.options.label_selector = "odd=1".to_owned();
    let mut paging = Paging {
        limit: 2,
        ..Paging::default()
    };
    let first = server.page(&list, &paging).expect("a page");
    assert_eq!((names(&first).as_str(), first.remaining), ("a c", None));
    paging.token = first.token.expect("a second page");
    let second = server.page(&list, &paging).expect("a page");
    assert_eq!((names(&second).as_str(), second.token), ("e", None));
}
