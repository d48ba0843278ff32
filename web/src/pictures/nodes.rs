//! Nodes as trays that hold pods.

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{Meaning, NodePodView, NodeView, NodesView, ObjectRef};
use yew::prelude::*;

use super::{Offers, changed_mark, meaning_name, shapes};
use crate::words::use_words;

/// How many pods of one node are drawn.
pub const PODS_SHOWN: u32 = 60;

/// See [`NodesPicture`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The nodes.
    pub nodes: Rc<NodesView>,
    /// What the picture offers.
    pub offers: Offers,
}

/// The nodes with their pods.
#[component]
pub fn NodesPicture(props: &Props) -> Html {
    let words = use_words();
    let NodesView {
        nodes,
        unplaced,
        unplaced_count,
    } = &*props.nodes;
    html! {
        <div class="nodes" data-part="nodes">
            { for nodes.iter().map(|node| tray(words, props, node)) }
            if *unplaced_count > 0 {
                <section class="node-tray unplaced" data-part="unplaced" data-meaning={meaning_name(Meaning::Waiting)} aria-labelledby="unplaced-title">
                    <header class="node-head"><h2 id="unplaced-title">{ shapes::state_mark(Meaning::Waiting) }{ words.nodes_unplaced }</h2>
                        <span class="number">{ unplaced_count.to_string() }</span></header>
                    <p class="node-facts">{ words.nodes_unplaced_explained }</p>
                    { pods(words, props, unplaced, *unplaced_count) }
                </section>
            }
        </div>
    }
}

fn select(props: &Props, object: &ObjectRef) -> Callback<MouseEvent> {
    let (onselect, object) = (props.offers.onselect.clone(), object.clone());
    Callback::from(move |_| onselect.emit(object.clone()))
}

fn tray(words: &'static Texts, props: &Props, node: &NodeView) -> Html {
    let id = format!("node-{}", node.object.name);
    html! {
        <section class="node-tray" key={node.object.name.clone()} data-part="node" data-meaning={meaning_name(node.meaning)} aria-labelledby={id.clone()}>
            <header class="node-head">
                <h2 {id}><button type="button" class="object" onclick={select(props, &node.object)}>{ &node.object.name }</button>
                    { changed_mark(words, node.changed) }{ props.offers.faults_of(words, &node.object) }</h2>
                <span class="node-status" lang="en">{ shapes::state_mark(node.meaning) }{ &node.status }</span>
                <span class="number">{ (words.nodes_pods)(node.pod_count, node.pod_capacity) }</span>
            </header>
            <p class="node-facts"><code>{ &node.address }</code>
                if !node.taints.is_empty() {
                    <span>{ words.nodes_taints }{ " " }<code>{ node.taints.join(", ") }</code></span>
                }
            </p>
            { pods(words, props, &node.pods, node.pod_count) }
        </section>
    }
}

fn pods(words: &'static Texts, props: &Props, pods: &[NodePodView], count: u32) -> Html {
    if count == 0 {
        return html! { <p class="node-empty">{ words.nodes_none_here }</p> };
    }
    let more = count.saturating_sub(u32::try_from(pods.len()).unwrap_or(u32::MAX));
    html! {
        <ul class="node-pods">
            { for pods.iter().map(|pod| chip(words, props, pod)) }
            if more > 0 { <li class="node-more">{ (words.nodes_more)(more) }</li> }
        </ul>
    }
}

fn chip(words: &'static Texts, props: &Props, pod: &NodePodView) -> Html {
    let mark = props.offers.mark(&pod.object);
    let namespace = pod
        .object
        .namespace
        .as_deref()
        .filter(|name| *name != "default");
    let key = format!(
        "{}/{}",
        pod.object.namespace.as_deref().unwrap_or_default(),
        pod.object.name
    );
    html! {
        <li {key} data-meaning={meaning_name(pod.meaning)}>
            <button type="button" class={classes!("chip", mark, namespace.map(|_| "elsewhere"))} data-part="node-pod"
                aria-pressed={(mark == Some("selected")).to_string()} onclick={select(props, &pod.object)}>
                { shapes::state_mark(pod.meaning) }
                if let Some(namespace) = namespace { <span class="chip-namespace">{ format!("{namespace}/") }</span> }
                <span class={classes!("chip-name", pod.terminating.then_some("struck"))}>{ &pod.object.name }</span>
                <span class="chip-status" lang="en">{ &pod.status }</span>
                { props.offers.faults_of(words, &pod.object) }{ changed_mark(words, pod.changed) }
            </button>
        </li>
    }
}
