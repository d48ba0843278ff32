//! The network face against clients that do not behave, and many that do.

use petset_apiserver::{Activity, Engine, Face, Pace, converse};
use petset_cluster::{Cluster, Config};
use petset_console::Images;
use serde_json::Value;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

fn face() -> Face {
    let make = || Cluster::new(Config::default(), Images::new());
    Face {
        engine: Engine::start(make, Pace::Max).expect("a thread"),
        log: None,
        activity: Arc::<Activity>::default(),
    }
}

fn connect(face: &Face) -> DuplexStream {
    let (client, server) = tokio::io::duplex(1 << 16);
    tokio::spawn(converse(server, face.clone()));
    client
}

/// Sends bytes and reads until the other side ends. A server that has stopped listening may cut the sending short.
async fn send(face: &Face, bytes: &[u8]) -> String {
    let mut connection = connect(face);
    let (mut reading, mut writing) = tokio::io::split(&mut connection);
    let mut answer = Vec::new();
    let (_, read) = tokio::join!(writing.write_all(bytes), reading.read_to_end(&mut answer));
    read.expect("an end");
    String::from_utf8_lossy(&answer).into_owned()
}

fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .into_bytes()
}

/// The code and the document of an answer.
async fn ask(face: &Face, line: &str, headers: &str, body: &str) -> (u16, Value) {
    let answer = send(face, &request(line, headers, body)).await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let value = serde_json::from_str(body).unwrap_or_else(|_| Value::from(body));
    (code.expect("a code"), value)
}

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_words_and_hurts_nobody() {
    let face = face();
    let json = "Content-Type: application/json\r\n";
    let patch = "Content-Type: application/strategic-merge-patch+json\r\n";
    let protobuf = "Content-Type: application/vnd.kubernetes.protobuf\r\n";
    let deep = "[".repeat(100_000);
    let many = format!(
        "[{}]",
        vec![r#"{"op":"add","path":"/a","value":1}"#; 10_001].join(",")
    );
    let table = [
        ("GET", "/healthz", "", "", 200),
        ("GET", "/nothing", "", "", 404),
        ("GET", "/api/v1/nothings", "", "", 404),
        ("GET", "/api/v1/namespaces/%ff%00/pods/%2e%2e", "", "", 404),
        ("GET", "/apis/networking.k8s.io/v1/ingresses/x", "", "", 404),
        (
            "POST",
            "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
            json,
            "{}",
            404,
        ),
        ("GET", MAPS, "Accept: text/html\r\n", "", 406),
        (
            "PATCH",
            "/api/v1/namespaces/default/configmaps/x",
            json,
            "{}",
            415,
        ),
        (
            "PATCH",
            "/api/v1/namespaces/default/configmaps/kube-root-ca.crt",
            patch,
            "[]",
            400,
        ),
        ("POST", MAPS, json, "", 400),
        ("POST", MAPS, json, "{", 400),
        ("POST", MAPS, json, "[]", 400),
        ("POST", MAPS, json, &deep, 400),
        (
            "POST",
            MAPS,
            json,
            r#"{"metadata":{"name":"a"},"data":{"a":1}}"#,
            400,
        ),
        ("POST", MAPS, json, r#"{"metadata":{"name":"A b"}}"#, 422),
        ("POST", MAPS, protobuf, "k8s", 400),
        ("POST", MAPS, "Content-Type: application/cbor\r\n", "x", 415),
        ("PUT", MAPS, json, "{}", 405),
        (
            "POST",
            "/api/v1/namespaces/default/configmaps/x",
            json,
            "{}",
            405,
        ),
        (
            "DELETE",
            "/api/v1/namespaces/default/configmaps/x",
            json,
            "{]",
            400,
        ),
        ("GET", "/api/v1/pods?labelSelector=a%20b%20c", "", "", 400),
        (
            "GET",
            "/api/v1/pods?fieldSelector=spec.nothing%3Da",
            "",
            "",
            400,
        ),
        ("GET", "/api/v1/pods?continue=x", "", "", 400),
        ("GET", "/api/v1/pods?watch=1&resourceVersion=x", "", "", 400),
        ("GET", "/api/v1/pods?watch=1&resourceVersion=1", "", "", 410),
        (
            "GET",
            "/api/v1/namespaces/default/pods/none/log",
            "",
            "",
            404,
        ),
        (
            "GET",
            "/api/v1/namespaces/default/pods/none/exec?command=ls",
            "",
            "",
            404,
        ),
        (
            "GET",
            "/api/v1/namespaces/default/pods/none/exec",
            "",
            "",
            400,
        ),
    ];
    for (method, path, headers, body, want) in table {
        let (code, answer) = ask(&face, &format!("{method} {path}"), headers, body).await;
        assert_eq!(code, want, "{method} {path}: {answer}");
        let status = answer.get("kind").and_then(Value::as_str);
        assert!(
            want < 405 || status == Some("Status"),
            "{method} {path}: {answer}"
        );
    }
    let patched = "PATCH /api/v1/namespaces/default/configmaps/kube-root-ca.crt";
    let headers = "Content-Type: application/json-patch+json\r\n";
    assert_eq!(ask(&face, patched, headers, &many).await.0, 413);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_kept() {
    let face = face();
    let large = "x".repeat(3 * 1024 * 1024 + 1);
    let answer = send(&face, &request(&format!("POST {MAPS}"), "", &large)).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("Request entity too large: limit is 3145728"));
}

#[tokio::test]
async fn half_requests_keep_nobody_waiting() {
    let face = face();
    let whole = request(&format!("POST {MAPS}"), "", r#"{"metadata":{"name":"a"}}"#);
    let mut halves = Vec::new();
    for length in 0..whole.len() {
        let mut connection = connect(&face);
        connection.write_all(&whole[..length]).await.expect("sent");
        halves.push(connection);
    }
    assert_eq!(ask(&face, "GET /readyz", "", "").await.0, 200);
    drop(halves);
    assert_eq!(ask(&face, &format!("GET {MAPS}/a"), "", "").await.0, 404);
    assert_eq!(ask(&face, "\u{0}\u{1} garbage", "", "").await.0, 400);
}

#[tokio::test]
async fn a_thousand_watches_see_a_change() {
    let face = face();
    let watch = format!("GET {MAPS}?watch=1&fieldSelector=metadata.name%3Da");
    let mut watches = Vec::new();
    for _ in 0..1_000 {
        let mut connection = connect(&face);
        connection
            .write_all(&request(&watch, "", ""))
            .await
            .expect("sent");
        watches.push(connection);
    }
    // Each has its head before anything happens.
    for connection in &mut watches {
        read_until(connection, "\r\n\r\n").await;
    }
    let (code, _) = ask(
        &face,
        &format!("POST {MAPS}"),
        "",
        r#"{"metadata":{"name":"a"}}"#,
    )
    .await;
    assert_eq!(code, 201);
    for connection in &mut watches {
        let text = read_until(connection, "\"type\":\"ADDED\"").await;
        assert!(text.contains("\"type\":\"ADDED\""), "{text}");
    }
}

async fn read_until(connection: &mut DuplexStream, what: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(what) {
        let count = connection.read(&mut buffer).await.expect("something");
        assert!(count > 0, "ended after {text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    text
}

#[tokio::test]
async fn pages_show_the_version_of_the_first_one() {
    let face = face();
    for name in ["a", "b", "c", "d"] {
        let body = format!(r#"{{"metadata":{{"name":"{name}"}}}}"#);
        ask(&face, &format!("POST {MAPS}"), "", &body).await;
    }
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().into_iter().flatten();
        items
            .map(|item| item["metadata"]["name"].to_string())
            .collect()
    };
    let (_, whole) = ask(&face, &format!("GET {MAPS}"), "", "").await;
    let (_, first) = ask(&face, &format!("GET {MAPS}?limit=2"), "", "").await;
    assert_eq!(first["metadata"]["remainingItemCount"], 3);
    // What happens between two pages is not seen.
    ask(&face, &format!("DELETE {MAPS}/c"), "", "").await;
    ask(
        &face,
        &format!("POST {MAPS}"),
        "",
        r#"{"metadata":{"name":"e"}}"#,
    )
    .await;
    let mut seen = names(&first);
    let mut token = first["metadata"]["continue"].as_str().map(str::to_owned);
    while let Some(next) = token {
        let (code, page) = ask(
            &face,
            &format!("GET {MAPS}?limit=2&continue={next}"),
            "",
            "",
        )
        .await;
        assert_eq!(code, 200, "{page}");
        assert_eq!(
            page["metadata"]["resourceVersion"],
            first["metadata"]["resourceVersion"]
        );
        seen.extend(names(&page));
        token = page["metadata"]["continue"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, names(&whole));
}
