//! The server over real connections: what it must bear, and ports that are forwarded.

use petset_apiserver::{Engine, Face, Pace};
use petset_cluster::kubelet::process::{
    ImageInfo, ImageLookup, Process, Runtime, StartError, Step, Wake, World,
};
use petset_cluster::network::http::{HttpRequest, HttpResponse};
use petset_cluster::{Cluster, Config};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Nothing here takes that long; who waits longer waits for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// Every image holds one program: it answers `METHOD PATH` on port 80.
struct Echo;

#[derive(Clone)]
struct Running;

impl Runtime for Echo {
    fn image(&self, reference: &str) -> ImageLookup {
        ImageLookup::Found(Arc::new(ImageInfo {
            full_name: reference.to_owned(),
            known: true,
            entrypoint: vec!["echo".to_owned()],
            ..ImageInfo::default()
        }))
    }

    fn start(
        &self,
        _image: &ImageInfo,
        _argv: &[String],
        _tty: bool,
    ) -> Result<Box<dyn Process>, StartError> {
        Ok(Box::new(Running))
    }
}

impl Process for Running {
    fn resume(&mut self, _wake: Wake, _world: &mut World<'_>) -> Step {
        Step::Wait
    }

    fn listening(&self) -> &[u16] {
        &[80]
    }

    fn serve(&mut self, request: &HttpRequest, _world: &mut World<'_>) -> Option<HttpResponse> {
        Some(HttpResponse {
            status: 200,
            headers: Vec::new(),
            body: format!("{} {}", request.method, request.path).into_bytes(),
        })
    }

    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }
}

async fn server() -> SocketAddr {
    let make = || Cluster::new(Config::default(), Arc::new(Echo));
    let engine = Engine::start(make, Pace::Max).expect("a thread");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let face = Face {
        engine,
        log: None,
        activity: Arc::default(),
    };
    tokio::spawn(petset_apiserver::serve(
        listener,
        face,
        std::future::pending(),
    ));
    address
}

async fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    // A server that has refused already may have closed.
    let _ = stream.write_all(bytes).await;
    stream
}

/// Reads until a text has come.
async fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut all = Vec::new();
    let mut bytes = [0; 4_096];
    let read = async {
        loop {
            let length = stream.read(&mut bytes).await.expect("bytes");
            all.extend_from_slice(&bytes[..length]);
            let so_far = String::from_utf8_lossy(&all).into_owned();
            if so_far.contains(text) || length == 0 {
                return so_far;
            }
        }
    };
    let all = timeout(PATIENCE, read).await.expect("an answer in time");
    assert!(all.contains(text), "{text:?} is not in {all:?}");
    all
}

/// An answer whole.
async fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let mut stream = send(address, request.as_bytes()).await;
    let mut all = Vec::new();
    let read = stream.read_to_end(&mut all);
    timeout(PATIENCE, read)
        .await
        .expect("in time")
        .expect("an answer");
    String::from_utf8_lossy(&all).into_owned()
}

fn config_map(name: &str, data: &str) -> String {
    format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"{name}\"}},\"data\":{{\"a\":\"{data}\"}}}}"
    )
}

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

#[tokio::test]
async fn what_is_too_large_malformed_or_half_sent_hurts_nobody() {
    let address = server().await;
    let large = config_map("large", &"x".repeat(4 << 20));
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20));
    let many: String = (0..10_000).map(|at| format!("X-{at}: y\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\n{many}\r\n");
    let whole = [
        (large.as_str(), "HTTP/1.1 413"),
        (deep.as_str(), "HTTP/1.1 400"),
        ("", "HTTP/1.1 400"),
        ("{", "HTTP/1.1 400"),
        ("\u{0}\u{1}", "HTTP/1.1 400"),
        ("[]", "HTTP/1.1 400"),
        ("null", "HTTP/1.1 422"),
        ("{\"kind\":7}", "HTTP/1.1 400"),
    ];
    for (body, want) in whole {
        let answer = ask(address, "POST", MAPS, body).await;
        let shown: String = answer.chars().take(300).collect();
        assert!(answer.starts_with(want), "{shown}");
    }
    let raw = [
        (long.as_str(), "HTTP/1.1 4"),
        (many.as_str(), "HTTP/1.1 4"),
        ("nonsense\r\n\r\n", "HTTP/1.1 400"),
        ("GET /api/v1/pods HTTP/9.9\r\n\r\n", "HTTP/1.1 400"),
        (
            "POST /api/v1/namespaces HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 400",
        ),
        (
            "POST /api/v1/namespaces HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
            "HTTP/1.1 4",
        ),
    ];
    for (bytes, want) in raw {
        let mut stream = send(address, bytes.as_bytes()).await;
        until(&mut stream, want).await;
    }
    // Half a head, half a body, half a TLS greeting: nobody else waits for them.
    let halves = [
        "GET /api".to_owned(),
        format!("POST {MAPS} HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{{\"kind\""),
        "\u{16}\u{3}\u{1}\u{2}".to_owned(),
    ];
    let mut open = Vec::new();
    for _ in 0..100 {
        for half in &halves {
            open.push(send(address, half.as_bytes()).await);
        }
    }
    let answer = ask(address, "POST", MAPS, &config_map("fine", "x")).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    drop(open);
    let answer = ask(address, "GET", &format!("{MAPS}/fine"), "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_thousand_watches_hear_of_a_change() {
    let address = server().await;
    let request = format!("GET {MAPS}?watch=true HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut watches = Vec::new();
    for _ in 0..1_000 {
        watches.push(send(address, request.as_bytes()).await);
    }
    for watch in &mut watches {
        until(watch, "kube-root-ca.crt").await;
    }
    let answer = ask(address, "POST", MAPS, &config_map("news", "x")).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    for watch in &mut watches {
        until(watch, "\"news\"").await;
    }
    // Half of them go without a word; the others go on.
    watches.truncate(500);
    let answer = ask(address, "DELETE", &format!("{MAPS}/news"), "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for watch in &mut watches {
        until(watch, "DELETED").await;
    }
}

/// Bytes as kubectl 1.36.3 sends them: streams 1 (errors) and 3 (data) to port 80.
fn streams() -> Vec<u8> {
    let hex = include_str!("../src/spdy/kubectl.hex");
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(String::from_utf8_lossy);
    pairs
        .map(|pair| u8::from_str_radix(&pair, 16).expect("hex"))
        .collect()
}

/// The payloads of stream 3 and stream 1 until both have ended.
async fn heard(stream: &mut TcpStream) -> (String, String) {
    let (mut data, mut errors, mut ended) = (Vec::new(), Vec::new(), 0);
    while ended < 2 {
        let mut head = [0; 8];
        let read = stream.read_exact(&mut head);
        timeout(PATIENCE, read)
            .await
            .expect("in time")
            .expect("a frame");
        let length = u32::from_be_bytes([0, head[5], head[6], head[7]]);
        let mut content = vec![0; length as usize];
        stream.read_exact(&mut content).await.expect("its content");
        if head[0] < 0x80 {
            let to = if head[3] == 3 { &mut data } else { &mut errors };
            to.extend(content);
            ended += head[4] & 1;
        }
    }
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (text(data), text(errors))
}

async fn forwarded(address: SocketAddr, pod: &str) -> TcpStream {
    let request = format!(
        "POST /api/v1/namespaces/default/pods/{pod}/portforward HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\n\r\n"
    );
    let mut stream = send(address, request.as_bytes()).await;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a head"));
    }
    let head = String::from_utf8_lossy(&head);
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    stream
}

#[tokio::test]
async fn ports_are_forwarded() {
    let address = server().await;
    let pod = |name: &str| {
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{{\"containers\":[{{\"name\":\"a\",\"image\":\"echo\"}}]}}}}"
        )
    };
    let answer = ask(
        address,
        "POST",
        "/api/v1/namespaces/default/pods",
        &pod("web"),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let mut stream = forwarded(address, "web").await;
    let mut bytes = streams();
    let requests = b"GET /one HTTP/1.1\r\n\r\nGET /two HTTP/1.1\r\nConnection: close\r\n\r\n";
    bytes.extend([0, 0, 0, 3, 0, 0, 0, requests.len() as u8]);
    bytes.extend(requests);
    stream.write_all(&bytes).await.expect("sent");
    let (data, errors) = heard(&mut stream).await;
    assert_eq!(errors, "");
    let at = ["GET /one", "GET /two"].map(|text| data.find(text).expect("an answer"));
    assert!(at[0] < at[1], "{data}");
    // The pod goes: the next connection is told.
    let path = "/api/v1/namespaces/default/pods/web?gracePeriodSeconds=0";
    ask(address, "DELETE", path, "").await;
    let answer = ask(
        address,
        "GET",
        "/api/v1/namespaces/default/pods/web/portforward",
        "",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}

/// The words are those of a real API server 1.36.3.
#[tokio::test]
async fn answers_are_those_of_the_real_server() {
    let address = server().await;
    let strict = "fieldValidation=Strict";
    let twice = "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\",\"name\":\"b\"},\"data\":{\"a\":\"1\",\"a\":\"2\"}}";
    let event = "{\"apiVersion\":\"events.k8s.io/v1\",\"kind\":\"Event\",\"metadata\":{\"name\":\"e\"},\"eventTime\":\"2026-01-01T00:00:00.000001Z\",\"reportingController\":\"a/b\",\"reportingInstance\":\"x\",\"action\":\"Do\",\"reason\":\"R\",\"regarding\":{\"kind\":\"Pod\",\"name\":\"p\",\"namespace\":\"default\"},\"note\":\"hello\",\"type\":\"Normal\"}";
    let events = "/apis/events.k8s.io/v1/namespaces/default/events";
    let core = "/api/v1/namespaces/default/events";
    let future = format!("{MAPS}?resourceVersion=9999999");
    let table: [(&str, String, &str, &[&str]); 24] = [
        (
            "POST",
            format!("{MAPS}?{strict}"),
            twice,
            &[
                "HTTP/1.1 400",
                "strict decoding error: duplicate field \\\"metadata.name\\\", duplicate field \\\"data.a\\\"\"",
            ],
        ),
        (
            "POST",
            MAPS.to_owned(),
            twice,
            &[
                "HTTP/1.1 201",
                "warning: 299 - \"duplicate field \\\"metadata.name\\\"\"",
                "\"name\":\"b\"",
            ],
        ),
        (
            "GET",
            future.clone(),
            "",
            &[
                "HTTP/1.1 504",
                "retry-after: 1",
                "Timeout: Too large resource version: 9999999, current: ",
                "\"causes\":[{\"message\":\"Too large resource version\",\"reason\":\"ResourceVersionTooLarge\"}]",
                "\"retryAfterSeconds\":1",
                "\"reason\":\"Timeout\"",
            ],
        ),
        (
            "GET",
            format!("{MAPS}/b?resourceVersion=9999999"),
            "",
            &["HTTP/1.1 504"],
        ),
        (
            "GET",
            format!("{future}&resourceVersionMatch=Exact"),
            "",
            &["HTTP/1.1 504"],
        ),
        (
            "GET",
            format!("{MAPS}?resourceVersionMatch=Exact"),
            "",
            &[
                "HTTP/1.1 422",
                "ListOptions.meta.k8s.io \\\"\\\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided\"",
            ],
        ),
        (
            "POST",
            events.to_owned(),
            event,
            &["HTTP/1.1 201", "\"note\":\"hello\""],
        ),
        (
            "GET",
            format!("{core}/e"),
            "",
            &[
                "\"message\":\"hello\"",
                "\"involvedObject\":{",
                "\"reportingComponent\":\"a/b\"",
            ],
        ),
        (
            "GET",
            format!("{events}?fieldSelector=regarding.name%3Dp"),
            "",
            &[
                "\"apiVersion\":\"events.k8s.io/v1\"",
                "\"kind\":\"EventList\"",
                "\"deprecatedSource\":{}",
                "\"regarding\":{",
            ],
        ),
        (
            "GET",
            format!("{events}?fieldSelector=involvedObject.kind%3DPod"),
            "",
            &[
                "HTTP/1.1 400",
                "field label not supported: involvedObject.kind\"",
            ],
        ),
        (
            "GET",
            format!("{events}/nope"),
            "",
            &[
                "HTTP/1.1 404",
                "events.events.k8s.io \\\"nope\\\" not found",
                "\"group\":\"events.k8s.io\"",
            ],
        ),
        ("DELETE", format!("{events}/e"), "", &["HTTP/1.1 200"]),
        (
            "GET",
            "/api/v1/nope".to_owned(),
            "",
            &[
                "HTTP/1.1 404",
                "\"details\":{}",
                "the server could not find the requested resource",
            ],
        ),
        (
            "GET",
            "/apis/nope/v1/x".to_owned(),
            "",
            &["HTTP/1.1 404", "404 page not found"],
        ),
        (
            "POST",
            "/api/v1/pods".to_owned(),
            "{}",
            &["HTTP/1.1 405", "\"details\":{}"],
        ),
        (
            "POST",
            format!("{MAPS}?dryRun=Some"),
            "{}",
            &[
                "HTTP/1.1 422",
                "CreateOptions.meta.k8s.io \\\"\\\" is invalid: dryRun: Unsupported value: [\\\"Some\\\"]: supported values: \\\"All\\\"\"",
            ],
        ),
        (
            "POST",
            format!("{MAPS}?fieldValidation=Nope"),
            "{}",
            &[
                "fieldValidation: Unsupported value: \\\"Nope\\\": supported values: \\\"\\\", \\\"Ignore\\\", \\\"Strict\\\", \\\"Warn\\\"",
            ],
        ),
        (
            "POST",
            MAPS.to_owned(),
            "{",
            &[
                "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({)",
            ],
        ),
        ("POST", MAPS.to_owned(), "[]", &["(5b5d)"]),
        (
            "POST",
            MAPS.to_owned(),
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}",
            &[
                "Pod in version \\\"v1\\\" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion",
            ],
        ),
        (
            "POST",
            MAPS.to_owned(),
            "{\"apiVersion\":\"v2\",\"kind\":\"ConfigMap\"}",
            &["no kind \\\"ConfigMap\\\" is registered for version \\\"v2\\\" in scheme"],
        ),
        (
            "GET",
            format!("{MAPS}?limit=abc"),
            "",
            &[
                "HTTP/1.1 400",
                "strconv.ParseInt: parsing \\\"abc\\\": invalid syntax",
            ],
        ),
        (
            "GET",
            format!("{MAPS}?watch=true&sendInitialEvents=true"),
            "",
            &[
                "HTTP/1.1 422",
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            ],
        ),
        (
            "DELETE",
            format!("{MAPS}/b?propagationPolicy=Nope"),
            "",
            &[
                "DeleteOptions.meta.k8s.io",
                "supported values: \\\"Foreground\\\", \\\"Background\\\", \\\"Orphan\\\", \\\"nil\\\"",
            ],
        ),
    ];
    for (method, path, body, wanted) in table {
        let answer = ask(address, method, &path, body).await;
        for want in wanted {
            assert!(
                answer.contains(want),
                "{method} {path}: {want} is not in {answer}"
            );
        }
    }
}
