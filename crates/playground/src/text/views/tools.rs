//! What every picture offers, and pictures as plain text.

use crate::text::Texts;
use crate::view::{ClaimPlace, EventRow, NodePodView, NodesView, PlaceView, SetView};

/// The texts of saving and copying.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct ToolsTexts {
    pub save: &'static str,
    pub save_as: fn(&str) -> String,
    pub failed: &'static str,
    pub as_text: &'static str,
    pub hide_text: &'static str,
    pub text_of: fn(&str) -> String,
}

pub(crate) const EN: ToolsTexts = ToolsTexts {
    save: "Save",
    save_as: |form| format!("Save as {form}"),
    failed: "The browser could not make this picture.",
    as_text: "Show as text",
    hide_text: "Hide the text",
    text_of: |picture| format!("{picture} as text"),
};

pub(crate) const KO: ToolsTexts = ToolsTexts {
    save: "저장",
    save_as: |form| format!("{form}로 저장"),
    failed: "브라우저가 이 그림을 만들지 못했어요.",
    as_text: "텍스트로 보기",
    hide_text: "텍스트 숨기기",
    text_of: |picture| format!("{picture} 그림의 텍스트"),
};

/// Every set with its places, a line for each.
pub fn sets(sets: &[SetView], texts: &Texts) -> String {
    let mut text = String::new();
    for set in sets {
        text.push_str(&(texts.set_summary)(
            &set.object.name,
            set.ready,
            set.replicas,
        ));
        text.push('\n');
        if let Some(why) = &set.why {
            text.push_str(&format!("  {}\n", (texts.why)(why)));
        }
        for place in &set.places {
            text.push_str(&format!("  {}\n", one_place(place, texts)));
        }
        let shown = u32::try_from(set.places.len()).unwrap_or(u32::MAX);
        if let Some(first) = set.places.first().filter(|_| shown < set.place_count) {
            let last = set.places.last().unwrap_or(first);
            let said = (texts.places_shown)(first.ordinal, last.ordinal, set.place_count);
            text.push_str(&format!("  {said}\n"));
        }
    }
    text
}

fn one_place(place: &PlaceView, texts: &Texts) -> String {
    let mut parts = vec![match &place.pod {
        None => format!("{}: {}", place.pod_name, texts.place_empty),
        Some(pod) => {
            let node = pod.node.as_ref().map_or("-", |node| &node.name);
            let ip = pod.ip.as_deref().unwrap_or("-");
            let all = pod.containers.len();
            let ready = pod.ready_containers;
            format!(
                "{}: {} {ready}/{all} {node} {ip}",
                place.pod_name, pod.status
            )
        }
    }];
    parts.extend(
        place
            .claims
            .iter()
            .filter_map(|claim| one_claim(claim, texts)),
    );
    if let Some(why) = &place.why {
        parts.push((texts.why)(why));
    }
    parts.join("; ")
}

fn one_claim(place: &ClaimPlace, texts: &Texts) -> Option<String> {
    let claim = place.claim.as_ref()?;
    let mut said = format!("{} {} {}", place.name, claim.phase, claim.capacity);
    if claim.kept {
        said.push_str(&format!(" ({})", texts.claim_kept));
    }
    if let Some(volume) = &claim.volume {
        said.push_str(&format!(" -> {} {}", volume.object.name, volume.phase));
    }
    Some(said)
}

/// Every node with its pods.
pub fn nodes(view: &NodesView, texts: &Texts) -> String {
    let mut text = String::new();
    for node in &view.nodes {
        let pods = (texts.nodes_pods)(node.pod_count, node.pod_capacity);
        let head = [&*node.object.name, &*node.status, &*node.address, &*pods];
        text.push_str(&format!("{}\n", head.join(" ")));
        if !node.taints.is_empty() {
            text.push_str(&format!(
                "  {} {}\n",
                texts.nodes_taints,
                node.taints.join(", ")
            ));
        }
        pods_of(&node.pods, node.pod_count, texts, &mut text);
    }
    if view.unplaced_count > 0 {
        text.push_str(&format!("{}\n", texts.nodes_unplaced));
        pods_of(&view.unplaced, view.unplaced_count, texts, &mut text);
    }
    text
}

fn pods_of(pods: &[NodePodView], count: u32, texts: &Texts, text: &mut String) {
    for pod in pods {
        let namespace = pod.object.namespace.as_deref().unwrap_or_default();
        text.push_str(&format!(
            "  {namespace}/{} {}\n",
            pod.object.name, pod.status
        ));
    }
    let more = count.saturating_sub(u32::try_from(pods.len()).unwrap_or(u32::MAX));
    if more > 0 {
        text.push_str(&format!("  {}\n", (texts.nodes_more)(more)));
    }
}

/// Events, newest first, as `kubectl get events` would list them.
pub fn events(rows: &[EventRow]) -> String {
    let line = |row: &EventRow| {
        let kind = if row.warning { "Warning" } else { "Normal" };
        let about = format!(
            "{}/{}",
            row.regarding.kind.to_lowercase(),
            row.regarding.name
        );
        format!(
            "{} {kind} {} {about} {}\n",
            row.age, row.reason, row.message
        )
    };
    rows.iter().rev().map(line).collect()
}
