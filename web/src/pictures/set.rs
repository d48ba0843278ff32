//! The set: each ordinal's place with its pod, claim and volume. Pods come and go, places do not.

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{
    BlockView, ClaimPlace, ClaimView, ContainerState, Meaning, ObjectRef, PlaceView, PodView,
    SetSource, SetView, VolumeView,
};
use yew::prelude::*;

use super::blocks::blocks;
use super::partition::Partition;
use super::{Offers, changed_mark, meaning_name, shapes, why};
use crate::icons::{Icon, icon};
use crate::words::use_words;

/// How many places are drawn at a time.
pub const PLACES_SHOWN: u32 = 24;

/// See [`SetPicture`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The sets.
    pub sets: Rc<Vec<SetView>>,
    /// The places of the first large set, in blocks.
    pub blocks: Rc<Option<(ObjectRef, Vec<BlockView>)>>,
    /// The first place drawn.
    pub first: u32,
    /// What the picture offers.
    pub offers: Offers,
    /// Show places from this one on.
    pub onfirst: Callback<u32>,
}

/// The picture of all sets.
#[component]
pub fn SetPicture(props: &Props) -> Html {
    let words = use_words();
    if props.sets.is_empty() {
        return html! { <div class="empty"><h2>{ words.set_none }</h2><p>{ words.set_none_hint }</p></div> };
    }
    html! {
        <div class="sets">
            { for props.sets.iter().map(|set| one_set(words, props, set)) }
        </div>
    }
}

/// A set in a file and the same set in the cluster are one picture, so that its places stay where they are.
fn set_key(set: &SetView) -> String {
    format!(
        "{}/{}",
        set.object.namespace.as_deref().unwrap_or_default(),
        set.object.name
    )
}

/// One set among them.
struct Drawn<'a> {
    set: &'a SetView,
    props: &'a Props,
}

fn one_set(words: &'static Texts, props: &Props, set: &SetView) -> Html {
    let draft = matches!(set.source, SetSource::File { .. });
    let drawn = Drawn { set, props };
    html! {
        <article key={set_key(set)} class={classes!("set", draft.then_some("draft"))} data-part="set" data-set={set.object.name.clone()}>
            <p class="visually-hidden">{ (words.set_summary)(&set.object.name, set.ready, set.replicas) }</p>
            { head(words, &drawn) }
            if let Some((_, of_set)) = props.blocks.as_ref().as_ref().filter(|(object, _)| *object == set.object) {
                { blocks(words, of_set, props.first, &props.onfirst) }
            }
            <div class="set-places">
            if let Some(rollout) = set.rollout.clone().filter(|_| !set.places.is_empty()) {
                <Partition set={set.clone()} {rollout} offers={props.offers.clone()} />
            }
            <ol class="places" aria-label={words.places}>
                { for set.places.iter().map(|place| html! {
                    <Place key={place.ordinal} place={place.clone()} offers={props.offers.clone()} />
                }) }
            </ol>
            </div>
            { pager(words, &drawn) }
        </article>
    }
}

fn head(words: &'static Texts, drawn: &Drawn<'_>) -> Html {
    let set = drawn.set;
    let meaning = match &set.source {
        SetSource::File { .. } => Meaning::Waiting,
        SetSource::Cluster if set.ready == set.replicas => Meaning::Ready,
        SetSource::Cluster => Meaning::Progress,
    };
    html! {
        <header class="set-head">
            <h2>
                if set.source == SetSource::Cluster {
                    { object_button(drawn, &set.object, html! { &set.object.name }) }
                } else {
                    { &set.object.name }
                }
                <span class="kind">{ "StatefulSet" }</span>{ changed_mark(words, set.changed) }
            </h2>
            <p class="set-ready" data-part="set-ready" data-meaning={meaning_name(meaning)}>
                { shapes::state_mark(meaning) }
                { (words.set_ready)(set.ready, set.replicas) }
            </p>
            <dl class="set-facts">
                <div>
                    <dt>{ shapes::signpost() }{ words.set_service }</dt>
                    <dd>
                        if let Some(service) = &set.service {
                            { object_button(drawn, service, html! { &service.name }) }
                        } else {
                            <span class="missing">{ &set.service_name }{ " " }<em>{ words.set_service_missing }</em></span>
                        }
                    </dd>
                </div>
                <div><dt>{ words.set_policy }</dt><dd>{ &set.pod_management_policy }</dd></div>
            </dl>
            if let SetSource::File { file } = &set.source {
                <p class="draft-note">
                    <span>{ (words.set_in_file)(file.clone()) }{ " · " }{ words.set_apply }</span>
                    { run_button(words, drawn, format!("kubectl apply -f {file}")) }
                </p>
            } else {
                { why(words, set.why.as_ref()) }
            }
        </header>
    }
}

fn run_button(words: &'static Texts, drawn: &Drawn<'_>, command: String) -> Html {
    let (onrun, line) = (drawn.props.offers.onrun.clone(), command.clone());
    html! {
        <button type="button" class="run" title={words.inspector_run} data-part="apply" onclick={move |_| onrun.emit(line.clone())}>
            { icon(Icon::Prompt) }<code>{ command }</code></button>
    }
}

fn object_button(drawn: &Drawn<'_>, object: &ObjectRef, inner: Html) -> Html {
    let (onselect, object) = (drawn.props.offers.onselect.clone(), object.clone());
    let mark = drawn.props.offers.mark(&object);
    html! {
        <button type="button" class={classes!("object", mark)} onclick={move |_| onselect.emit(object.clone())}>{ inner }</button>
    }
}

fn pager(words: &'static Texts, drawn: &Drawn<'_>) -> Html {
    let (first, all) = (drawn.props.first, drawn.set.place_count);
    if all <= PLACES_SHOWN {
        return html! {};
    }
    let shown = drawn.set.places.len() as u32;
    let go = |to: u32| {
        let onfirst = drawn.props.onfirst.clone();
        Callback::from(move |_: MouseEvent| onfirst.emit(to))
    };
    html! {
        <nav class="pager" aria-label={words.places}>
            <button type="button" class="button" disabled={first == 0} onclick={go(first.saturating_sub(PLACES_SHOWN))}>{ words.places_previous }</button>
            <span role="status">{ (words.places_shown)(first, (first + shown).saturating_sub(1), all) }</span>
            <button type="button" class="button" disabled={first + shown >= all} onclick={go(first + PLACES_SHOWN)}>{ words.places_next }</button>
        </nav>
    }
}

#[derive(Properties, PartialEq)]
struct PlaceProps {
    place: PlaceView,
    offers: Offers,
}

#[component]
fn Place(props: &PlaceProps) -> Html {
    let words = use_words();
    let place = &props.place;
    let label = (words.place_of)(place.ordinal, place.pod_name.clone());
    html! {
        <li class={classes!("place", (!place.wanted).then_some("beyond"))} data-part="place" data-ordinal={place.ordinal.to_string()}
            data-meaning={meaning_name(place.meaning)} aria-label={label}>
            <header class="place-head">
                <span class="ordinal" aria-hidden="true">{ place.ordinal }</span>
                <span class={classes!("place-name", place.pod.as_ref().is_some_and(|pod| pod.terminating).then_some("struck"))}>
                    { &place.pod_name }
                </span>
                if !place.wanted {
                    <span class="beyond-note">{ words.place_beyond }</span>
                }
            </header>
            { pod_slot(words, props) }
            { for place.claims.iter().map(|claim| claim_slot(words, props, claim)) }
        </li>
    }
}

fn pod_slot(words: &'static Texts, props: &PlaceProps) -> Html {
    let place = &props.place;
    let inner = match &place.pod {
        None => html! {
            <div class="slot vacant">
                { shapes::empty_pod() }
                <div class="slot-text"><p class="slot-kind">{ words.pod }</p><p class="faint">{ words.place_empty }</p></div>
                { why(words, place.why.as_ref()) }
            </div>
        },
        Some(pod) => pod_box(words, props, pod),
    };
    let node = place.pod.as_ref().and_then(|pod| pod.node.as_ref());
    html! {
        <div class={classes!("tray", node.is_none().then_some("floating"))}>
            { inner }
            <p class="tray-label">
                if let Some(node) = node {
                    { thing(props, node, "node", html! { &node.name }) }{ props.offers.faults_of(words, node) }
                } else {
                    <span class="faint">{ words.node_none }</span>
                }
            </p>
        </div>
    }
}

fn pod_box(words: &'static Texts, props: &PlaceProps, pod: &PodView) -> Html {
    let states: Vec<ContainerState> = pod
        .containers
        .iter()
        .map(|container| container.state)
        .collect();
    html! {
        <div class="slot pod" key={pod.uid.clone()} data-meaning={meaning_name(pod.meaning)} data-part="pod">
            { thing(props, &pod.object, "whole", html! {
                <>
                    { shapes::pod(pod.meaning, &states) }
                    <span class="slot-text">
                        <span class="slot-kind">{ words.pod }{ " " }<span class="visually-hidden">{ &pod.object.name }</span>{ changed_mark(words, pod.changed) }</span>
                        <span class="slot-state">{ shapes::state_mark(pod.meaning) }<b data-part="pod-status">{ &pod.status }</b></span>
                        <span class="faint number">{ format!("{}/{}", pod.ready_containers, pod.containers.len()) }
                            if let Some(ip) = &pod.ip { { " · " }{ ip } }
                        </span>
                        { props.offers.faults_of(words, &pod.object) }
                    </span>
                </>
            }) }
            { why(words, props.place.why.as_ref()) }
        </div>
    }
}

fn claim_slot(words: &'static Texts, props: &PlaceProps, place: &ClaimPlace) -> Html {
    let Some(claim) = &place.claim else {
        return html! {
            <div class="chain" key={place.name.clone()}>
                <span class="link-line open" aria-hidden="true" />
                <div class="slot vacant">
                    { shapes::empty_claim() }
                    <div class="slot-text"><p class="slot-kind">{ words.claim }</p><p class="faint name">{ &place.name }</p></div>
                </div>
                <span class="link-line open" aria-hidden="true" />
                <div class="slot vacant">
                    { shapes::empty_volume() }
                    <div class="slot-text"><p class="slot-kind">{ words.volume }</p><p class="faint">{ words.volume_none }</p></div>
                </div>
            </div>
        };
    };
    let held = props.place.pod.is_some();
    html! {
        <div class="chain" key={place.name.clone()}>
            <span class={classes!("link-line", (!held).then_some("open"))} aria-hidden="true" />
            { claim_box(words, props, claim) }
            <span class={classes!("link-line", if claim.volume.is_some() { "bound" } else { "open" })} aria-hidden="true" />
            if let Some(volume) = &claim.volume {
                { volume_box(words, props, claim, volume) }
            } else {
                <div class="slot vacant">
                    { shapes::empty_volume() }
                    <div class="slot-text"><p class="slot-kind">{ words.volume }</p><p class="faint">{ words.volume_none }</p></div>
                </div>
            }
        </div>
    }
}

fn claim_box(words: &'static Texts, props: &PlaceProps, claim: &ClaimView) -> Html {
    html! {
        <div class={classes!("slot", "claim", claim.kept.then_some("kept"))} data-meaning={meaning_name(claim.meaning)} data-part="claim">
            { thing(props, &claim.object, "whole", html! {
                <>
                    { shapes::claim(claim.meaning, claim.kept) }
                    <span class="slot-text">
                        <span class="slot-kind">{ words.claim }{ changed_mark(words, claim.changed) }</span>
                        <span class="name">{ &claim.object.name }</span>
                        <span class="slot-state">{ shapes::state_mark(claim.meaning) }<b>{ &claim.phase }</b>
                            <span class="faint number">{ format!("{} {}", claim.capacity, claim.access_modes) }</span></span>
                        { props.offers.faults_of(words, &claim.object) }
                        if claim.kept {
                            <span class="kept-note" data-part="kept">{ words.claim_kept }</span>
                        }
                    </span>
                </>
            }) }
            { why(words, claim.why.as_ref()) }
        </div>
    }
}

fn volume_box(
    words: &'static Texts,
    props: &PlaceProps,
    claim: &ClaimView,
    volume: &VolumeView,
) -> Html {
    let files = volume.file_count.unwrap_or(0);
    html! {
        <div class={classes!("slot", "volume", claim.kept.then_some("kept"))} data-meaning={meaning_name(volume.meaning)} data-part="volume">
            { thing(props, &volume.object, "whole", html! {
                <>
                    { shapes::volume(volume.meaning, claim.kept, files > 0) }
                    <span class="slot-text">
                        <span class="slot-kind">{ words.volume }{ changed_mark(words, volume.changed) }</span>
                        <span class="name short" title={volume.object.name.clone()}>{ &volume.object.name }</span>
                        <span class="slot-state">{ shapes::state_mark(volume.meaning) }<b>{ &volume.phase }</b>
                            <span class="faint number">{ &volume.capacity }</span></span>
                        <span class="facts">
                            <span title={words.reclaim_policy}><span class="visually-hidden">{ words.reclaim_policy }{ ": " }</span>{ &volume.reclaim_policy }</span>
                            if !volume.storage_class.is_empty() {
                                <span title={words.storage_class}><span class="visually-hidden">{ words.storage_class }{ ": " }</span>{ &volume.storage_class }</span>
                            }
                            if files > 0 {
                                <span>{ (words.files_on_disk)(files) }</span>
                            }
                        </span>
                    </span>
                </>
            }) }
        </div>
    }
}

fn thing(props: &PlaceProps, object: &ObjectRef, class: &'static str, inner: Html) -> Html {
    let mark = props.offers.mark(object);
    let (onselect, object) = (props.offers.onselect.clone(), object.clone());
    html! {
        <button type="button" class={classes!("thing", class, mark)} data-kind={object.kind.clone()}
            title={object.command()} onclick={move |_| onselect.emit(object.clone())}>{ inner }</button>
    }
}
