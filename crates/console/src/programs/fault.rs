//! `fault`: what goes wrong in real clusters by itself, on request; and its end.

use super::Io;
use crate::command::Poll;
use petset_cluster::kubelet::faults::{Fault, NoFault};
use petset_cluster::{Cluster, Key};

/// What a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A node.
    Node,
    /// A pod.
    Pod,
    /// A persistent volume claim.
    Claim,
    /// An image, as pods name it.
    Image,
    /// Nothing in particular.
    None,
}

impl Target {
    fn word(self) -> &'static str {
        match self {
            Target::Node => "NODE",
            Target::Pod => "POD",
            Target::Claim => "CLAIM",
            Target::Image => "IMAGE",
            Target::None => "",
        }
    }
}

/// Every word that `fault` knows: what it is about, and what it does. The second of two undoes the first.
pub(crate) const DEEDS: [(&str, Target, &str); 15] = [
    (
        "cut-off",
        Target::Node,
        "the node loses its connection to the control plane",
    ),
    ("reconnect", Target::Node, "the connection is back"),
    (
        "power-off",
        Target::Node,
        "the node stops: its processes are gone, its disks are kept",
    ),
    (
        "power-on",
        Target::Node,
        "the node boots, its pods' containers start again",
    ),
    (
        "kill",
        Target::Pod,
        "the first process of a container gets SIGKILL (-c CONTAINER)",
    ),
    (
        "fill-disk",
        Target::Claim,
        "nothing fits on the disk any more",
    ),
    ("free-disk", Target::Claim, "there is room again"),
    (
        "break-pull",
        Target::Image,
        "nodes have lost the image, its registry does not answer",
    ),
    (
        "slow-pull",
        Target::Image,
        "nodes have lost the image, its registry is slow",
    ),
    (
        "mend-pull",
        Target::Image,
        "nodes and registry are well again",
    ),
    (
        "hang",
        Target::Pod,
        "the pod's programs do not answer probes",
    ),
    ("unhang", Target::Pod, "they answer again"),
    ("cut-dns", Target::None, "nobody reaches the DNS server"),
    (
        "mend-dns",
        Target::None,
        "the DNS server can be reached again",
    ),
    ("list", Target::None, "print what is wrong now"),
];

fn usage() -> String {
    let mut text = "usage: fault WHAT [TARGET] [-n NAMESPACE]\n".to_owned();
    for (word, target, does) in DEEDS {
        let head = format!("{word} {}", target.word());
        text.push_str(&format!("  {head:<20} {does}\n"));
    }
    text
}

/// Makes something go wrong, or ends that.
pub(super) fn fault(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let words = &arguments[1..];
    if matches!(
        words.first().map(String::as_str),
        None | Some("help" | "--help" | "-h")
    ) {
        let asked = !words.is_empty();
        let out = if asked {
            &mut io.stdout
        } else {
            &mut io.stderr
        };
        out.push_str(&usage());
        return Poll::Done(if asked { 0 } else { 2 });
    }
    let Some(asked) = Asked::read(words) else {
        io.stderr.push_str(&usage());
        return Poll::Done(2);
    };
    let Some((word, target, _)) = DEEDS.iter().find(|(word, ..)| *word == asked.word) else {
        let hint =
            nearest(&asked.word).map_or(String::new(), |word| format!("; did you mean {word}?"));
        let text = format!(
            "fault: there is no fault {:?}{hint} (fault --help lists them)",
            asked.word
        );
        return io.fail(&text, 2);
    };
    let Some((cluster, _)) = io.system.prompt() else {
        return io.fail("fault: only at the prompt", 1);
    };
    let name = match (target, asked.name) {
        (Target::None, None) => "",
        (Target::None, Some(more)) => {
            return io.fail(&format!("fault: {word} takes no {more:?}"), 2);
        }
        (_, Some(name)) => name.split_once('/').map_or(name, |(_, name)| name),
        (target, None) => {
            let some = candidates(cluster, *target, asked.namespace);
            let hint = match some.is_empty() {
                true => "there is none".to_owned(),
                false => format!("one of {}", some.join(", ")),
            };
            let text = format!("fault: {word} needs a {}: {hint}", target.word());
            return io.fail(&text, 2);
        }
    };
    // A slash is part of an image's name.
    let name = if *target == Target::Image {
        asked.name.unwrap_or("")
    } else {
        name
    };
    let result = act(cluster, word, name, &asked);
    match result {
        Ok(text) => {
            io.stdout.push_str(&text);
            Poll::Done(0)
        }
        Err(text) => io.fail(&format!("fault: {text}"), 1),
    }
}

/// What was typed.
struct Asked<'a> {
    word: String,
    name: Option<&'a str>,
    namespace: &'a str,
    container: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn read(words: &'a [String]) -> Option<Asked<'a>> {
        let mut asked = Asked {
            word: String::new(),
            name: None,
            namespace: "default",
            container: None,
        };
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            match word.as_str() {
                "-n" | "--namespace" => asked.namespace = rest.next()?,
                "-c" | "--container" => asked.container = Some(rest.next()?),
                _ if word.starts_with('-') => return None,
                _ if asked.word.is_empty() => asked.word.clone_from(word),
                _ if asked.name.is_none() => asked.name = Some(word),
                _ => return None,
            }
        }
        (!asked.word.is_empty()).then_some(asked)
    }
}

fn act(cluster: &mut Cluster, word: &str, name: &str, asked: &Asked<'_>) -> Result<String, String> {
    let key = Key::new(asked.namespace, name);
    let image = |cluster: &Cluster| {
        let full = cluster.full_image_name(name);
        full.ok_or_else(|| format!("{name} is no image that petset knows"))
    };
    let mended = |done: bool, what: &str| match done {
        true => Ok(String::new()),
        false => Err(what.to_owned()),
    };
    let begun = |result: Result<(), NoFault>| {
        result
            .map(|()| String::new())
            .map_err(|why| why_not(why, name))
    };
    match word {
        "cut-off" => mended(
            cluster.cut_off_node(name),
            &format!("{name} is no node that could be cut off"),
        ),
        "reconnect" => mended(
            cluster.reconnect_node(name),
            &match cluster.is_node_off(name) {
                true => format!("{name} is switched off (fault power-on {name})"),
                false => format!("{name} is not cut off"),
            },
        ),
        "power-off" => mended(
            cluster.power_off_node(name),
            &format!("{name} is no node that could be switched off"),
        ),
        "power-on" => mended(
            cluster.power_on_node(name),
            &format!("{name} is not switched off"),
        ),
        "kill" => begun(cluster.kill_process(&key, asked.container)),
        "fill-disk" => begun(cluster.break_down(Fault::FullDisk(key))),
        "free-disk" => mended(
            cluster.mend(&Fault::FullDisk(key)),
            &format!("{name} was not filled"),
        ),
        "break-pull" => {
            let fault = Fault::BrokenPull(image(cluster)?);
            begun(cluster.break_down(fault))
        }
        "slow-pull" => {
            let fault = Fault::SlowPull(image(cluster)?);
            begun(cluster.break_down(fault))
        }
        "mend-pull" => {
            let image = image(cluster)?;
            let broken = cluster.mend(&Fault::BrokenPull(image.clone()));
            let slow = cluster.mend(&Fault::SlowPull(image));
            mended(broken || slow, &format!("{name} is well"))
        }
        "hang" => begun(cluster.break_down(Fault::HangingProbes(key))),
        "unhang" => mended(
            cluster.mend(&Fault::HangingProbes(key)),
            &format!("{name} does not hang"),
        ),
        "cut-dns" => begun(cluster.break_down(Fault::NoDns)),
        "mend-dns" => mended(cluster.mend(&Fault::NoDns), "the DNS server can be reached"),
        _ => Ok(list(cluster)),
    }
}

fn why_not(why: NoFault, name: &str) -> String {
    match why {
        NoFault::NotFound => format!("there is no {name} in this namespace (-n NAMESPACE)"),
        NoFault::NotBound => format!("{name} is not bound to a volume yet"),
        NoFault::NotRunning => format!("{name} does not run, or its node is cut off"),
        NoFault::NoContainer => format!("{name} has no such container"),
        NoFault::NoProbes => format!("{name} has no probe that could fail"),
        NoFault::NoImage => format!("{name} is no image that petset knows"),
        NoFault::Already => "that is so already (fault list)".to_owned(),
    }
}

/// What is wrong now, each with the command that ends it.
fn list(cluster: &Cluster) -> String {
    let of = |key: &Key| match key.namespace() {
        "default" => key.name().to_owned(),
        namespace => format!("{} -n {namespace}", key.name()),
    };
    let nodes = cluster.store().list(petset_cluster::Kind::Node, None);
    let silent = nodes.filter(|node| cluster.is_node_cut_off(node.name()));
    let mut lines: Vec<String> = silent
        .map(|node| match cluster.is_node_off(node.name()) {
            true => format!("fault power-on {}", node.name()),
            false => format!("fault reconnect {}", node.name()),
        })
        .collect();
    lines.extend(cluster.faults().map(|fault| match fault {
        Fault::FullDisk(claim) => format!("fault free-disk {}", of(claim)),
        Fault::BrokenPull(image) | Fault::SlowPull(image) => format!("fault mend-pull {image}"),
        Fault::HangingProbes(pod) => format!("fault unhang {}", of(pod)),
        Fault::NoDns => "fault mend-dns".to_owned(),
    }));
    match lines.is_empty() {
        true => "Nothing is broken.\n".to_owned(),
        false => format!("Broken. To mend it:\n  {}\n", lines.join("\n  ")),
    }
}

/// The word that was probably meant.
fn nearest(word: &str) -> Option<&'static str> {
    let all = DEEDS.iter().map(|(known, ..)| *known);
    let shared = |known: &str| {
        let pairs = known.chars().zip(word.chars());
        pairs.take_while(|(a, b)| a == b).count()
    };
    all.max_by_key(|known| shared(known))
        .filter(|known| shared(known) >= 2)
}

/// What a fault could be about.
pub(crate) fn candidates(cluster: &Cluster, target: Target, namespace: &str) -> Vec<String> {
    use petset_cluster::{Kind, Object};
    let store = cluster.store();
    let names = |kind: Kind, namespace: Option<&str>| -> Vec<String> {
        let all = store.list(kind, namespace).take(50);
        all.map(|object| object.name().to_owned()).collect()
    };
    match target {
        Target::Node => names(Kind::Node, None),
        Target::Pod => names(Kind::Pod, Some(namespace)),
        Target::Claim => names(Kind::PersistentVolumeClaim, Some(namespace)),
        Target::Image => {
            let pods = store.list(Kind::Pod, Some(namespace)).take(200);
            let specs = pods.filter_map(|object| match &**object {
                Object::Pod(pod) => pod.spec.as_ref(),
                _ => None,
            });
            let images = specs.flat_map(|spec| &spec.containers);
            let mut images: Vec<String> = images.filter_map(|c| c.image.clone()).collect();
            images.sort_unstable();
            images.dedup();
            images
        }
        Target::None => Vec::new(),
    }
}
