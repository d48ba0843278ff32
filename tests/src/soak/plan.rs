//! What happens in one run, all of it from the seed.

use petset_cluster::random::Random;

use super::others::{Deed, Other, mix};

/// How many names there are for sets.
const SETS: u64 = 3;
/// The nodes of the cluster.
pub const NODES: u64 = 3;

/// One thing that a visitor or fate does. Numbers mean the n-th of what there is when it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the fields are what the variants' lines say, in their order"
)]
pub enum Action {
    /// A new set: its name, its replicas, what else it is.
    Create { set: u64, replicas: u64, form: Form },
    /// Another number of replicas.
    Scale { set: u64, replicas: u64 },
    /// Another template: see [`IMAGES`].
    Image { set: u64, image: u64 },
    /// Another partition.
    Partition { set: u64, partition: u64 },
    /// The other update strategy.
    OnDelete { set: u64, on: bool },
    /// Another retention policy, two bits: when scaled, when deleted.
    Retention { set: u64, policy: u64 },
    /// Another first ordinal.
    Start { set: u64, start: u64 },
    /// Another time to be ready before being available.
    MinReady { set: u64, seconds: u64 },
    /// A pod is deleted; by force, without waiting for its end.
    DeletePod { pod: u64, force: bool },
    /// A claim is deleted.
    DeleteClaim { claim: u64 },
    /// A set is deleted: in the background, in the foreground, or leaving orphans.
    DeleteSet { set: u64, how: u64 },
    /// A pod loses the label that its set selects.
    Unlabel { pod: u64 },
    /// A pod is made by hand in an ordinal's place, with the set's labels or without.
    Stranger { set: u64, ordinal: u64, fits: bool },
    /// The main process of a pod is killed.
    Kill { pod: u64 },
    /// A node is cut off from the control plane.
    CutOff { node: u64 },
    /// A node comes back.
    Reconnect { node: u64 },
    /// A node takes no new pods, or takes them again.
    Cordon { node: u64, on: bool },
    /// No image can be pulled, or all that exist can be again.
    FailPulls { on: bool },
    /// Everything takes so many times as long from now on.
    Slow { times: u64 },
    /// A pod is evicted by the API.
    Evict { pod: u64 },
    /// A node's object is deleted: the machine is gone for good.
    DeleteNode { node: u64 },
    /// Something happens to one of the other workloads.
    Other { other: Other, deed: Deed },
    /// Time passes.
    Wait { ms: u64 },
}

/// What a set is besides its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Parallel pod management.
    pub parallel: bool,
    /// A claim for each pod.
    pub claims: bool,
    /// Its first ordinal.
    pub start: u64,
    /// As in [`Action::Retention`].
    pub policy: u64,
    /// No `rollingUpdate` block.
    pub plain: bool,
    /// The share or number of pods that may be unavailable; counts with the gate alone.
    pub max_unavailable: u64,
    /// As in [`Action::Image`].
    pub image: u64,
}

/// Templates: three that work, one whose program ends at once, one whose image does not exist, one that is never ready.
pub const IMAGES: [&str; 6] = [
    "app:a",
    "app:b",
    "app:c",
    "crash:1",
    "nosuch/app:1",
    "unready:1",
];

/// All that happens in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The seed, also of the cluster's own randomness.
    pub seed: u64,
    /// How many times slower than usual things go.
    pub slowness: u64,
    /// Whether every image is on every node from the beginning.
    pub preloaded: bool,
    /// Whether several pods of a rolling update may be replaced at once.
    pub max_unavailable: bool,
    /// What happens, in order.
    pub actions: Vec<Action>,
}

impl Plan {
    /// The plan of a seed.
    pub fn of(seed: u64) -> Plan {
        // Another stream than that of the cluster, which has the same seed.
        let mut random = Random::new(seed ^ 0x005e_ed0f_ac71_0125);
        let length = 8 + random.below(25);
        let slowness = [1, 1, 1, 4, 20][index(random.below(5))];
        let max_unavailable = random.below(4) == 0;
        let preloaded = random.below(2) == 0;
        let mut actions = vec![create(&mut random)];
        for _ in 0..length {
            actions.push(action(&mut random));
            if random.below(3) > 0 {
                actions.push(wait(&mut random));
            }
        }
        mix(seed, &mut actions);
        Plan {
            seed,
            slowness,
            preloaded,
            max_unavailable,
            actions,
        }
    }
}

/// A number that is small by construction as an index.
pub fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

fn wait(random: &mut Random) -> Action {
    // From the middle of a sync to longer than any start.
    let longest = [3, 30, 300, 3_000, 30_000][index(random.below(5))];
    Action::Wait {
        ms: random.below(longest),
    }
}

fn create(random: &mut Random) -> Action {
    let form = Form {
        parallel: random.below(2) == 0,
        claims: random.below(2) == 0,
        start: [0, 0, 0, 5][index(random.below(4))],
        policy: random.below(4),
        plain: random.below(8) == 0,
        max_unavailable: 1 + random.below(3),
        image: if random.below(6) == 0 {
            random.below(6)
        } else {
            0
        },
    };
    Action::Create {
        set: random.below(SETS),
        replicas: random.below(6),
        form,
    }
}

fn action(random: &mut Random) -> Action {
    let set = random.below(SETS);
    let pod = random.below(64);
    let node = random.below(NODES);
    match random.below(40) {
        0..=3 => create(random),
        4..=7 => Action::Scale {
            set,
            replicas: random.below(6),
        },
        8..=11 => Action::Image {
            set,
            image: random.below(6),
        },
        12 => Action::Partition {
            set,
            partition: random.below(4),
        },
        13 => Action::OnDelete {
            set,
            on: random.below(2) == 0,
        },
        14 | 15 => Action::Retention {
            set,
            policy: random.below(4),
        },
        16 => Action::Start {
            set,
            start: random.below(4),
        },
        17 => Action::MinReady {
            set,
            seconds: random.below(8),
        },
        18..=20 => Action::DeletePod {
            pod,
            force: random.below(3) == 0,
        },
        21 | 22 => Action::DeleteClaim { claim: pod },
        23 => Action::DeleteSet {
            set,
            how: random.below(3),
        },
        24 => Action::Unlabel { pod },
        25 => Action::Stranger {
            set,
            ordinal: random.below(6),
            fits: random.below(2) == 0,
        },
        26 | 27 => Action::Kill { pod },
        28 => Action::CutOff { node },
        29 => Action::Reconnect { node },
        30 => Action::Cordon {
            node,
            on: random.below(2) == 0,
        },
        31 | 32 => Action::FailPulls {
            on: random.below(2) == 0,
        },
        33 => Action::Slow {
            times: [1, 3, 10, 40][index(random.below(4))],
        },
        34 | 35 => Action::Evict { pod },
        36 if random.below(4) == 0 => Action::DeleteNode { node },
        _ => wait(random),
    }
}
