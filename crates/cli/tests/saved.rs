//! `petset serve --save --load`: what is kept, over real processes that end well, or are killed.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Nothing here takes that long; who waits longer waits for ever.
const PATIENCE: Duration = Duration::from_secs(60);

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_petset"))
            .arg("serve")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("petset runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        let mut out = BufReader::new(out);
        out.read_line(&mut line).expect("a line");
        let rest = line.split("http://").nth(1).expect("an address");
        let address = rest.split(';').next().expect("an address").to_owned();
        Server { child, address }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn create(&self, name: &str) {
        let body = format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"{name}\"}}}}"
        );
        let answer = self.ask("POST", "/api/v1/namespaces/default/configmaps", &body);
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }

    fn has(&self, name: &str) -> bool {
        let path = format!("/api/v1/namespaces/default/configmaps/{name}");
        self.ask("GET", &path, "").starts_with("HTTP/1.1 200")
    }

    fn end(mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args([signal, &id]).status();
        assert!(told.expect("kill runs").success());
        self.child.wait().expect("its end").code()
    }
}

/// A file in a folder of its own, where nothing is.
fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // There may be none.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder.join("state")
}

/// Waits until the file holds a text.
fn wait_for(path: &Path, text: &str) {
    let begun = Instant::now();
    while !fs::read_to_string(path).is_ok_and(|all| all.contains(text)) {
        assert!(begun.elapsed() < PATIENCE, "{text} was never written");
        std::thread::yield_now();
    }
}

fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_petset"));
    let output = command.arg("serve").args(arguments).output();
    let output = output.expect("petset runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), text)
}

#[test]
#[cfg_attr(not(unix), ignore = "needs signals")]
fn a_cluster_goes_on_after_a_good_end_and_after_a_kill() {
    let path = fresh("goes-on");
    let file = path.to_str().expect("a path");
    let first = Server::start(&["--save", file]);
    first.create("one");
    assert_eq!(first.end("-TERM"), Some(0));
    let second = Server::start(&["--load", file, "--save", file]);
    assert!(second.has("one"));
    second.create("two");
    wait_for(&path, "\"two\"");
    // More is on its way into the file when the end comes.
    for at in 0..50 {
        second.create(&format!("late-{at}"));
    }
    assert_eq!(second.end("-KILL"), None);
    let third = Server::start(&["--load", file]);
    assert!(third.has("one") && third.has("two"));
    third.end("-INT");
}

#[test]
fn a_file_that_is_not_right_is_told_and_left_alone() {
    let path = fresh("damaged");
    let file = path.to_str().expect("a path");
    let server = Server::start(&["--save", file]);
    assert_eq!(server.end("-INT"), Some(0));
    let whole = fs::read(&path).expect("the file");
    let newer = String::from_utf8_lossy(&whole).replacen("\"version\":1", "\"version\":9", 1);
    let table = [
        (whole[..whole.len() / 2].to_vec(), "damaged: "),
        (newer.into_bytes(), "saved by a newer petset (form 9"),
        (b"kind: Pod\n".to_vec(), "this is no cluster"),
    ];
    for (bytes, want) in table {
        fs::write(&path, &bytes).expect("written");
        let (code, told) = refused(&["--load", file, "--save", file]);
        assert_eq!(code, Some(1));
        assert!(told.contains(want), "{told}");
        assert_eq!(fs::read(&path).expect("the file"), bytes);
    }
    let (code, told) = refused(&["--save", file]);
    assert_eq!(code, Some(2));
    assert!(told.contains("is there already: --load"), "{told}");
    let (code, told) = refused(&["--load", file, "--nodes", "2"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("--nodes does not go with --load"), "{told}");
    let (code, told) = refused(&["--load", "/nowhere/at/all"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("/nowhere/at/all"), "{told}");
}
