//! The latest lookups and connections, as the page tells them.

use crate::view::{WayAsker, WayStep, WayView};
use petset_cluster::network::dns::Answer;
use petset_cluster::network::http::ConnectError;
use petset_cluster::network::proxy::{Candidate, Choice, Door, Route};
use petset_cluster::network::way::{Asker, Question, Resolution, Way, Ways};

/// How many are shown.
const SHOWN: usize = 12;

/// The latest, the newest first.
pub(crate) fn ways(ways: &Ways) -> Vec<WayView> {
    let mut all: Vec<WayView> = ways.iter().map(view).collect();
    all.reverse();
    all.truncate(SHOWN);
    all
}

fn view(way: &Way) -> WayView {
    let (target, steps, works) = match &way.question {
        Question::Name {
            name, resolution, ..
        } => {
            let (steps, found) = name_steps(resolution);
            (name.clone(), steps, found)
        }
        Question::Connection {
            address,
            port,
            route,
            outcome,
        } => (
            format!("{address}:{port}"),
            connection_steps(route, outcome),
            outcome.is_ok(),
        ),
    };
    WayView {
        number: way.number,
        at_ms: way.at.0 / 1000,
        asker: match &way.asker {
            Asker::Prompt => WayAsker::Prompt,
            Asker::Pod { pod, .. } => WayAsker::Pod { pod: pod.clone() },
        },
        is_lookup: matches!(way.question, Question::Name { .. }),
        target,
        steps,
        works,
    }
}

fn name_steps(resolution: &Resolution) -> (Vec<WayStep>, bool) {
    match resolution {
        Resolution::Literal => (Vec::new(), true),
        Resolution::HostsFile(name) => (vec![WayStep::HostsFile { name: name.clone() }], true),
        Resolution::Dns(lookup) => {
            let steps = lookup.attempts.iter().map(|attempt| WayStep::Asked {
                name: attempt.name.trim_end_matches('.').to_owned(),
                answer: super::dns::outcome(&attempt.answer),
                cached_s: attempt.answer.cached_secs,
            });
            (steps.collect(), has_records(&lookup.result))
        }
    }
}

fn has_records(answer: &Answer) -> bool {
    !answer.answers.is_empty()
}

fn connection_steps(route: &Route, outcome: &Result<Option<u16>, ConnectError>) -> Vec<WayStep> {
    let mut steps = Vec::new();
    if let Some((namespace, name)) = &route.service {
        steps.push(WayStep::Service {
            service: format!("{namespace}/{name}"),
            node_port: route.door == Door::NodePort,
        });
        let named = |candidate: &Candidate| match candidate.pod.is_empty() {
            true => candidate.address.to_string(),
            false => candidate.pod.clone(),
        };
        let of = |eligible: bool| {
            let all = route.candidates.iter();
            all.filter(|candidate| candidate.eligible == eligible)
                .map(named)
                .collect::<Vec<_>>()
        };
        steps.push(WayStep::Endpoints {
            eligible: of(true),
            skipped: of(false),
        });
    }
    let chosen = route.endpoint.as_ref().ok().map(|(address, port)| {
        let known = route.candidates.iter().find(|c| c.address == *address);
        let pod = known.map(|c| c.pod.clone()).unwrap_or_default();
        (pod, format!("{address}:{port}"))
    });
    steps.extend(match (route.choice, chosen) {
        (Choice::Random(of), Some((pod, endpoint))) => Some(WayStep::Chosen {
            pod,
            endpoint,
            of: u32::try_from(of).unwrap_or(u32::MAX),
        }),
        (Choice::Affinity, Some((pod, _))) => Some(WayStep::Affinity { pod }),
        (Choice::NoSuchPort, _) => Some(WayStep::NoSuchPort),
        (Choice::NoEndpoints, _) => Some(WayStep::NoEndpoints),
        (Choice::NoLocalEndpoints, _) => Some(WayStep::NoLocalEndpoints),
        _ => None,
    });
    steps.push(match outcome {
        Ok(Some(status)) => WayStep::Status { status: *status },
        Ok(None) => WayStep::Connected,
        Err(ConnectError::Dropped(_)) => WayStep::Dropped,
        Err(ConnectError::Unreachable(_)) => WayStep::Unreachable,
        Err(ConnectError::EmptyReply(_)) => WayStep::EmptyReply,
        Err(ConnectError::Refused(_) | ConnectError::UnknownHost) => WayStep::Refused,
    });
    steps
}
