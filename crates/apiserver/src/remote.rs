//! Commands in containers, in kubectl's channel protocol: over WebSocket, and over SPDY as older clients have it.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/util/remotecommand`, `staging/src/k8s.io/apiserver/pkg/util/proxy`.

mod socket;

use crate::answer::{self, Answer};
use crate::listener::{Counted, Face};
use crate::options::Parameters;
use crate::path::Address;
use crate::spdy;
use crate::terminal::{self, Terminal, Typed};
use axum::extract::FromRequestParts as _;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::request::Parts;
use petset_cluster::api::{Reason, Status};
use petset_cluster::kubelet::exec::{ExecId, ExecProgress};
use serde_json::{Value, json};
use socket::{STDERR, STDOUT, Said, Socket};
use tokio::time::{Duration, sleep};

/// The newest protocol first: the fifth can tell that an input ends.
const PROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/// What SPDY carries.
const STREAMS: &str = "v4.channel.k8s.io";
/// A connection that is still gets a sign of life so often.
const PING: Duration = Duration::from_secs(30);

/// What is asked of a container.
#[derive(Clone)]
struct Wish {
    namespace: String,
    pod: String,
    container: Option<String>,
    /// None to be connected with what runs.
    argv: Option<Vec<String>>,
    stdin: bool,
    tty: bool,
    stdout: bool,
    stderr: bool,
}

/// Answers a request to run a command, or to be connected with what runs.
pub(crate) async fn answer(
    face: &Face,
    address: &Address,
    parameters: &Parameters,
    mut parts: Parts,
) -> Answer {
    let container = parameters.text("container");
    let wish = Wish {
        namespace: address.namespace.clone(),
        pod: address.name.clone(),
        container: (!container.is_empty()).then(|| container.to_owned()),
        argv: (address.part == "exec").then(|| parameters.texts("command")),
        stdin: parameters.flag("stdin"),
        tty: parameters.flag("tty"),
        stdout: parameters.flag("stdout"),
        stderr: parameters.flag("stderr"),
    };
    if wish.argv.as_ref().is_some_and(Vec::is_empty) {
        return answer::failure(&Status::bad_request("you must specify at least 1 command"));
    }
    let asked = wish.clone();
    let checked = face.engine.run(None, move |cluster| {
        cluster.check_container(&asked.namespace, &asked.pod, asked.container.as_deref())
    });
    match checked.await {
        None => return answer::failure(&Status::internal("the cluster has stopped")),
        Some(Err(error)) => return answer::failure(&error),
        Some(Ok(())) => {}
    }
    let (face, counted) = (face.clone(), Counted::stream(face));
    if let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        return upgrade
            .protocols(PROTOCOLS)
            .on_upgrade(async move |socket| {
                let _counted = counted;
                converse(&face, wish, Socket::WebSocket(Box::new(socket))).await;
            });
    }
    let Some((upgrade, answer)) = spdy::upgrade(&mut parts, STREAMS) else {
        let why = "you must provide an Upgrade header to connect to a container";
        return answer::failure(&Status::bad_request(why));
    };
    tokio::spawn(async move {
        let _counted = counted;
        let Ok(connection) = upgrade.await else {
            return;
        };
        let channels = wish.channels();
        if let Some(socket) = Socket::streams(connection, &channels).await {
            converse(&face, wish, socket).await;
        }
    });
    answer
}

impl Wish {
    /// The streams that a client opens for this.
    fn channels(&self) -> Vec<u8> {
        let wanted = [
            (socket::ERROR, true),
            (socket::STDIN, self.stdin),
            (STDOUT, self.stdout),
            (STDERR, self.stderr && !self.tty),
            (socket::RESIZE, self.tty),
        ];
        let wanted = wanted.iter().filter(|(_, wanted)| *wanted);
        wanted.map(|(channel, _)| *channel).collect()
    }
}

/// Starts the command and carries what is said both ways until it ends.
async fn converse(face: &Face, wish: Wish, mut socket: Socket) {
    let asked = wish.clone();
    let started = face.engine.run(None, move |cluster| {
        let (namespace, pod) = (&asked.namespace, &asked.pod);
        let container = asked.container.as_deref();
        match &asked.argv {
            Some(argv) => cluster.exec(namespace, pod, container, argv, asked.stdin, asked.tty),
            None => cluster.attach(namespace, pod, container, asked.stdin),
        }
    });
    let end = match started.await {
        None => return,
        Some(Err(error)) => Some(refusal(&error)),
        Some(Ok(id)) => carry(face, &wish, id, &mut socket).await,
    };
    if let Some(end) = end {
        // A client that has gone away needs no farewell.
        let _ = socket.finish(&end.to_string()).await;
    }
}

/// What is told at the end; none when the client went away first.
async fn carry(face: &Face, wish: &Wish, id: ExecId, socket: &mut Socket) -> Option<Value> {
    let mut moved = face.engine.moved();
    let mut terminal = wish.tty.then(Terminal::default);
    let mut undecoded = Vec::new();
    loop {
        moved.borrow_and_update();
        let progress = face
            .engine
            .peek(move |cluster| cluster.exec_poll(id))
            .await?;
        tell(wish, &progress, socket).await?;
        if let Some(code) = progress.exit {
            return Some(ending(code));
        }
        tokio::select! {
            changed = moved.changed() => changed.ok()?,
            said = socket.receive() => {
                let typed = match said {
                    Said::Input(bytes) => heard(&bytes, terminal.as_mut(), &mut undecoded),
                    Said::InputEnds => vec![Typed::End],
                    Said::Nothing => Vec::new(),
                    Said::Gone => {
                        face.engine.peek(move |cluster| cluster.exec_signal(id, HANGUP)).await;
                        return None;
                    }
                };
                for typed in typed {
                    if let Typed::Echo(text) = &typed {
                        socket.send(STDOUT, text).await?;
                        continue;
                    }
                    face.engine.peek(move |cluster| match typed {
                        Typed::Text(text) => cluster.exec_input(id, &text),
                        Typed::End => cluster.exec_close_input(id),
                        Typed::Signal(signal) => cluster.exec_signal(id, signal),
                        Typed::Echo(_) => {}
                    }).await;
                }
            }
            () = sleep(PING) => socket.ping().await?,
        }
    }
}

const HANGUP: i32 = 1;

/// What bytes from the client mean for the program.
fn heard(bytes: &[u8], terminal: Option<&mut Terminal>, undecoded: &mut Vec<u8>) -> Vec<Typed> {
    undecoded.extend_from_slice(bytes);
    let text = take_text(undecoded);
    match terminal {
        Some(terminal) => terminal.typed(&text),
        None => vec![Typed::Text(text)],
    }
}

/// Takes the characters that are whole; the bytes of half a character wait for the rest.
fn take_text(bytes: &mut Vec<u8>) -> String {
    let whole = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => bytes.len(),
    };
    let rest = bytes.split_off(whole);
    let text = String::from_utf8_lossy(bytes).into_owned();
    *bytes = rest;
    text
}

async fn tell(wish: &Wish, progress: &ExecProgress, socket: &mut Socket) -> Option<()> {
    let form = |text: &str| {
        if wish.tty {
            terminal::shown(text)
        } else {
            text.to_owned()
        }
    };
    if wish.stdout && !progress.stdout.is_empty() {
        socket.send(STDOUT, &form(&progress.stdout)).await?;
    }
    if wish.stderr && !progress.stderr.is_empty() {
        socket.send(STDERR, &form(&progress.stderr)).await?;
    }
    Some(())
}

/// How a command ended.
fn ending(code: i32) -> Value {
    if code == 0 {
        return json!({"metadata": {}, "status": "Success"});
    }
    json!({
        "metadata": {},
        "status": "Failure",
        "message": format!("command terminated with non-zero exit code: exit status {code}"),
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
    })
}

/// Why a command was not started.
fn refusal(error: &Status) -> Value {
    let reason = error.reason.unwrap_or(Reason::InternalError);
    json!({
        "metadata": {},
        "status": "Failure",
        "message": error.message,
        "reason": reason.as_str(),
        "code": reason.code(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_waits_for_the_rest() {
        let mut bytes = "가".as_bytes()[..2].to_vec();
        assert_eq!(take_text(&mut bytes), "");
        bytes.push("가".as_bytes()[2]);
        assert_eq!(take_text(&mut bytes), "가");
        bytes.extend([0xff, b'a']);
        assert_eq!(take_text(&mut bytes), "\u{fffd}a");
        assert!(bytes.is_empty());
    }
}
