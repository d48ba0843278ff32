//! Requests over HTTP: method and address in the first line, headers and body after an empty one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use petset_apiserver::{Engine, Face, Pace, converse};
use std::cell::LazyCell;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static SERVER: LazyCell<(Runtime, Face)> = LazyCell::new(|| {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let engine = Engine::start(petset_fuzz::cluster, Pace::Held).expect("a thread");
        let face = Face { engine, log: None, activity: Arc::default() };
        (runtime, face)
    });
}

const LONGEST: Duration = Duration::from_secs(5);

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (line, body) = text.split_once('\n').unwrap_or((text, ""));
    let (method, address) = line.split_once(' ').unwrap_or(("GET", line));
    if address.contains(char::is_whitespace) || method.contains(char::is_whitespace) {
        return;
    }
    let media = match body.as_bytes().first() {
        Some(b'[') => "application/json-patch+json",
        Some(b'{') if method == "PATCH" => "application/strategic-merge-patch+json",
        Some(b'{') => "application/json",
        _ => "application/apply-patch+yaml",
    };
    let length = body.len();
    let request = format!(
        "{method} /{address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    SERVER.with(|server| {
        let (runtime, face) = &**server;
        runtime.block_on(async {
            let (mut here, there) = duplex(1 << 16);
            let served = tokio::spawn(converse(there, face.clone()));
            here.write_all(request.as_bytes()).await.expect("written");
            let mut first = [0; 1 << 12];
            let read = tokio::time::timeout(LONGEST, here.read(&mut first)).await;
            assert!(read.is_ok(), "no answer to {request}");
            drop(here);
            let ended = served.await;
            assert!(ended.is_ok(), "{ended:?}");
        });
    });
});
