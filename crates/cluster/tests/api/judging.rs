//! Manifests judged without being sent, words and kinds, selectors, client-side patches.

use crate::door::{create, object, ok, patch, request, server, stored};
use petset_cluster::Kind;
use petset_cluster::api::discovery::{kind_by_word, kind_of_manifest};
use petset_cluster::api::selectors::{FieldSelector, Selector};
use petset_cluster::api::{PatchType, Reply, Verb, strategic};
use serde_json::{Value, json};

#[test]
fn problems_have_paths() {
    let set = || object("stateful_set.json");
    let with = |pointer: &str, value: Value| {
        let mut manifest = set();
        if let Some(place) = manifest.pointer_mut(pointer) {
            *place = value;
        }
        manifest
    };
    let table: [(Value, &[(&str, &str)]); 7] = [
        (set(), &[]),
        (json!("just text"), &[("", "invalid object to validate")]),
        (json!({"kind": "Pod"}), &[("", "apiVersion not set")]),
        (
            json!({"kind": "StatefulSets", "apiVersion": "apps/v1"}),
            &[(
                "kind",
                "no matches for kind \"StatefulSets\" in version \"apps/v1\"",
            )],
        ),
        (
            json!({"kind": "ReplicationController", "apiVersion": "v1"}),
            &[("kind", "not simulated here: ReplicationController")],
        ),
        (
            with("/spec/replicas", json!("three")),
            &[(
                "spec.replicas",
                "json: cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas of type int32",
            )],
        ),
        (
            with(
                "/spec/template/spec/containers/0",
                json!({"nam": "x", "image": ""}),
            ),
            &[
                (
                    "spec.template.spec.containers[0].nam",
                    "unknown field \"spec.template.spec.containers[0].nam\"",
                ),
                ("spec.template.spec.containers[0].name", "Required value"),
                ("spec.template.spec.containers[0].image", "Required value"),
            ],
        ),
    ];
    for (manifest, expected) in table {
        let problems = server().check(&manifest);
        let found: Vec<(&str, &str)> = problems
            .iter()
            .map(|problem| (problem.path.as_str(), problem.message.as_str()))
            .collect();
        assert_eq!(found, expected, "{manifest}");
    }
}

#[test]
fn words_and_kinds() {
    for (word, expected) in [
        ("po", Ok(Kind::Pod)),
        ("Pods", Ok(Kind::Pod)),
        ("statefulset", Ok(Kind::StatefulSet)),
        ("sts", Ok(Kind::StatefulSet)),
        ("statefulsets.apps", Ok(Kind::StatefulSet)),
        ("statefulsets.v1.apps", Ok(Kind::StatefulSet)),
        ("pvc", Ok(Kind::PersistentVolumeClaim)),
        ("deploy", Ok(Kind::Deployment)),
        ("rs", Ok(Kind::ReplicaSet)),
        ("rc", Err("not simulated here: ReplicationController")),
        (
            "nosuch",
            Err("the server doesn't have a resource type \"nosuch\""),
        ),
    ] {
        let found = kind_by_word(word).map_err(|unknown| unknown.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{word}");
    }
    for kind in Kind::ALL {
        let info = kind.info();
        assert_eq!(kind_of_manifest(&info.api_version(), info.kind), Ok(*kind));
    }
}

#[test]
fn selectors_are_shown_in_the_words_they_were_written_in() {
    for (text, shown) in [
        ("b==2,a=1", "a=1,b=2"),
        ("a in (x)", "a in (x)"),
        ("a in (y, x)", "a in (x,y)"),
        ("a notin (x)", "a notin (x)"),
        ("a!=x", "a!=x"),
        ("!a,b", "!a,b"),
        ("a>1,b<2", "a>1,b<2"),
    ] {
        let selector = Selector::parse(text).map(|selector| selector.to_string());
        assert_eq!(selector.as_deref(), Ok(shown), "{text}");
    }
}

#[test]
fn selectors_and_their_errors() {
    let labels = [
        ("app".to_owned(), "web".to_owned()),
        ("n".to_owned(), "3".to_owned()),
    ]
    .into();
    for (text, expected) in [
        ("", Ok(true)),
        ("app=web", Ok(true)),
        ("app==web,n", Ok(true)),
        ("app!=web", Ok(false)),
        ("app in (db, web)", Ok(true)),
        ("app notin (db)", Ok(true)),
        ("!old", Ok(true)),
        ("n>2,n<4", Ok(true)),
        (
            "a==b==c",
            Err("found '==', expected: ',' or 'end of string'"),
        ),
        (
            "=a",
            Err("found '=', expected: !, identifier, or 'end of string'"),
        ),
        (
            "a in b",
            Err("unable to parse requirement: found 'b' expected: '('"),
        ),
        ("a,", Err("found '', expected: identifier after ','")),
    ] {
        let found = Selector::parse(text).map(|selector| selector.matches(Some(&labels)));
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    }
    for (kind, text, expected) in [
        (Kind::Pod, "foo=bar", "field label not supported: foo"),
        (
            Kind::ConfigMap,
            "foo=bar",
            "\"foo\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
        ),
        (
            Kind::Pod,
            "foo",
            "invalid selector: 'foo'; can't understand 'foo'",
        ),
    ] {
        assert_eq!(FieldSelector::parse(kind, text), Err(expected.to_owned()));
    }
}

#[test]
fn lists_are_filtered() {
    let mut server = server();
    for (name, app) in [("a", "web"), ("b", "db"), ("c", "web")] {
        let map = json!({"metadata": {"name": name, "labels": {"app": app}}});
        ok(create(&mut server, Kind::ConfigMap, map));
    }
    for (labels, fields, expected) in [
        ("app=web", "", "a c"),
        ("app!=web", "", "b"),
        ("", "metadata.name=c", "c"),
        ("app=web", "metadata.name!=a", "c"),
    ] {
        let mut list = request(Verb::List, Kind::ConfigMap, "");
        labels.clone_into(&mut list.options.label_selector);
        fields.clone_into(&mut list.options.field_selector);
        let reply = server.handle(list).result;
        let Ok(Reply::List { items, .. }) = reply else {
            panic!("{reply:?}")
        };
        let names: Vec<&str> = items.iter().map(|item| item.name()).collect();
        assert_eq!(names.join(" "), expected);
    }
}

/// `kubectl apply` of an unchanged set sends its claim templates each time: the server wrote defaults into them, and they are replaced whole.
#[test]
fn apply_computes_what_kubectl_computes() {
    let mut server = server();
    let manifest = object("stateful_set.json");
    ok(create(&mut server, Kind::StatefulSet, manifest.clone()));
    let current = stored(&server, Kind::StatefulSet, "nginx-ss");
    let same = strategic::three_way(Kind::StatefulSet, &manifest, &manifest, &current);
    let templates =
        json!({"spec": {"volumeClaimTemplates": manifest["spec"]["volumeClaimTemplates"]}});
    assert_eq!(same, Ok(templates));
    let mut changed = manifest.clone();
    changed["spec"]["replicas"] = json!(2);
    changed["metadata"]["labels"] = json!({"v": "two"});
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = json!("nginx:1.25");
    let first = strategic::three_way(Kind::StatefulSet, &manifest, &changed, &current);
    let first = first.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(
        first["spec"]["template"],
        json!({"spec": {
            "$setElementOrder/containers": [{"name": "nginx"}],
            "containers": [{"image": "nginx:1.25", "name": "nginx"}],
        }})
    );
    ok(patch(
        &mut server,
        Kind::StatefulSet,
        "nginx-ss",
        PatchType::Strategic,
        first,
    ));
    let current = stored(&server, Kind::StatefulSet, "nginx-ss");
    assert_eq!(current["metadata"]["labels"], json!({"v": "two"}));
    let back = strategic::three_way(Kind::StatefulSet, &changed, &manifest, &current);
    let back = back.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(back["metadata"], json!({"labels": null}));
    ok(patch(
        &mut server,
        Kind::StatefulSet,
        "nginx-ss",
        PatchType::Strategic,
        back,
    ));
    let restored = stored(&server, Kind::StatefulSet, "nginx-ss");
    assert_eq!(restored["metadata"]["labels"], Value::Null);
    assert_eq!(
        restored["spec"]["template"]["spec"]["containers"][0]["image"],
        "nginx:1.21"
    );
}
