//! `fault`: what goes wrong in real clusters by itself, on request.

use super::Io;
use crate::command::Poll;

const USAGE: &str = "usage: fault cut-off|reconnect NODE
  cut-off    the node loses its connection to the control plane
  reconnect  the connection is back
";

/// Cuts a node off from the control plane, or ends that.
pub(super) fn fault(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let words: Vec<&str> = arguments[1..].iter().map(String::as_str).collect();
    let [what @ ("cut-off" | "reconnect"), name] = words[..] else {
        io.stderr.push_str(USAGE);
        return Poll::Done(2);
    };
    let Some((cluster, _)) = io.system.prompt() else {
        return io.fail("fault: only at the prompt", 1);
    };
    let name = name.strip_prefix("node/").unwrap_or(name);
    let (done, why) = match what {
        "cut-off" => (
            cluster.cut_off_node(name),
            "is no node that could be cut off",
        ),
        _ => (cluster.reconnect_node(name), "is not cut off"),
    };
    match done {
        true => Poll::Done(0),
        false => io.fail(&format!("fault: {name} {why}"), 1),
    }
}
