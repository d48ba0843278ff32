//! Time and what comes next.

use crate::engine::Engine;
use crate::view::{NextEvent, NextEventKind, TimeView};
use petset_cluster::queue::ControllerId;
use petset_cluster::{Key, Kind, Object};

/// Time as the page shows it.
pub(crate) fn time_view(engine: &Engine) -> TimeView {
    TimeView {
        now_ms: engine.cluster.now().as_millis(),
        paused: engine.clock.paused(),
        speed: engine.clock.speed(),
        quiet: engine.is_quiet(),
        next: if engine.is_quiet() {
            None
        } else {
            next_event(engine)
        },
    }
}

fn next_event(engine: &Engine) -> Option<NextEvent> {
    let of_cluster = engine.cluster.next_event_about();
    if let Some((at, command)) = engine.waiting_command()
        && of_cluster.as_ref().is_none_or(|event| at <= event.at)
    {
        return Some(NextEvent {
            at_ms: at.as_millis(),
            kind: NextEventKind::Command { command },
        });
    }
    let event = of_cluster?;
    let name = event.key.name().to_owned();
    let kind = match event.who {
        ControllerId::Scheduler => NextEventKind::Schedule { pod: name },
        ControllerId::Kubelet => kubelet_event(engine, &event.key),
        ControllerId::PersistentVolume | ControllerId::ExternalProvisioner
            if !event.key.namespace().is_empty() =>
        {
            NextEventKind::Provision { claim: name }
        }
        ControllerId::Deployment => NextEventKind::ControllerSync {
            controller: "deployment".to_owned(),
            name,
        },
        ControllerId::ReplicaSet => NextEventKind::ControllerSync {
            controller: "replicaset".to_owned(),
            name,
        },
        ControllerId::StatefulSet => NextEventKind::ControllerSync {
            controller: "statefulset".to_owned(),
            name,
        },
        ControllerId::EndpointSlice => NextEventKind::ControllerSync {
            controller: "endpointslice".to_owned(),
            name,
        },
        ControllerId::Endpoints => NextEventKind::ControllerSync {
            controller: "endpoints".to_owned(),
            name,
        },
        ControllerId::Namespace => NextEventKind::ControllerSync {
            controller: "namespace".to_owned(),
            name,
        },
        _ => NextEventKind::Other,
    };
    Some(NextEvent {
        at_ms: event.at.as_millis(),
        kind,
    })
}

/// What a kubelet does next for a pod: which of its steps comes follows from how far the pod is.
fn kubelet_event(engine: &Engine, key: &Key) -> NextEventKind {
    let pod = key.name().to_owned();
    let Some(object) = engine.cluster.store().get(Kind::Pod, key) else {
        return NextEventKind::Remove { pod };
    };
    let Object::Pod(stored) = &**object else {
        return NextEventKind::Other;
    };
    let phase = stored
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("Pending");
    match (object.is_terminating(), phase) {
        (true, "Succeeded" | "Failed") => NextEventKind::Remove { pod },
        (true, _) => NextEventKind::Stop { pod },
        (false, "Pending") => NextEventKind::Start { pod },
        (false, _) => NextEventKind::Ready { pod },
    }
}
