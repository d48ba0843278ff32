//! The ownership view: who owns whom, and what a deletion takes along.

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{Cascade, OwnerNode, OwnersView, Tie};
use yew::prelude::*;

use super::{Offers, changed_mark, meaning_name, shapes};
use crate::icons::{Icon, icon};
use crate::words::use_words;

/// See [`OwnersPicture`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The trees.
    pub owners: Rc<OwnersView>,
    /// What the picture offers.
    pub offers: Offers,
}

/// The trees of owners.
#[component]
pub fn OwnersPicture(props: &Props) -> Html {
    let words = use_words();
    let texts = &words.views.owners;
    let cascade = use_state_eq(|| Cascade::Background);
    if props.owners.roots.is_empty() {
        return html! { <div class="empty"><h2>{ texts.none }</h2><p>{ texts.none_hint }</p></div> };
    }
    let choice = |way: Cascade| {
        let (state, id) = (cascade.clone(), format!("cascade-{}", way.name()));
        html! {
            <label key={id.clone()}><input type="radio" name="cascade" value={way.name()} checked={*cascade == way} data-part={id}
                onchange={move |_: Event| state.set(way)} />{ (texts.cascade)(way) }</label>
        }
    };
    html! {
        <div class="owners" data-part="owners">
            <fieldset class="cascade"><legend>{ texts.question }</legend>{ for Cascade::ALL.into_iter().map(choice) }</fieldset>
            <p class="faint" role="status">{ (texts.cascade_explained)(*cascade) }</p>
            <ul class="trees">
                { for props.owners.roots.iter().map(|root| tree(words, props, *cascade, root)) }
                { more(words, props.owners.left_out) }
            </ul>
        </div>
    }
}

fn key(node: &OwnerNode) -> String {
    let object = &node.object;
    let namespace = object.namespace.as_deref().unwrap_or_default();
    format!("{} {namespace}/{}", object.kind, object.name)
}

fn tree(words: &'static Texts, props: &Props, cascade: Cascade, root: &OwnerNode) -> Html {
    let command = cascade.command(&root.object);
    let (onrun, line) = (props.offers.onrun.clone(), command.clone());
    html! {
        <li class="tree" key={key(root)} data-part="tree">
            { one(words, props, cascade, root) }
            <p class="tree-command"><button type="button" class="run" title={words.views.owners.root_command} onclick={move |_: MouseEvent| onrun.emit(line.clone())}>
                { icon(Icon::Prompt) }<code>{ command }</code></button></p>
            { below(words, props, cascade, root) }
        </li>
    }
}

fn below(words: &'static Texts, props: &Props, cascade: Cascade, node: &OwnerNode) -> Html {
    if node.below.is_empty() {
        return html! {};
    }
    html! {
        <ul class="branch" aria-label={words.views.owners.fold}>
            { for node.below.iter().map(|below_it| html! {
                <li key={key(below_it)} class={classes!((below_it.tie == Tie::Used).then_some("used"))}>
                    { one(words, props, cascade, below_it) }{ below(words, props, cascade, below_it) }</li>
            }) }
            { more(words, node.left_out) }
        </ul>
    }
}

fn more(words: &'static Texts, count: u32) -> Html {
    if count == 0 {
        return html! {};
    }
    html! { <li class="faint" key="more">{ (words.views.owners.more)(count) }</li> }
}

fn one(words: &'static Texts, props: &Props, cascade: Cascade, node: &OwnerNode) -> Html {
    let texts = &words.views.owners;
    let fate = node.fates[cascade as usize];
    let mark = props.offers.mark(&node.object);
    let (onselect, object) = (props.offers.onselect.clone(), node.object.clone());
    let tie = (texts.tie)(node.tie);
    html! {
        <div class={classes!("owner-node", fate.goes().then_some("goes"))} data-part="owner-node" data-name={node.object.name.clone()}
            data-goes={fate.goes().to_string()} data-meaning={meaning_name(node.meaning)}>
            { shapes::state_mark(node.meaning) }
            <button type="button" class={classes!("object", mark)} aria-pressed={(mark == Some("selected")).to_string()}
                onclick={move |_: MouseEvent| onselect.emit(object.clone())}>
                <span class="kind">{ &node.object.kind }</span>{ " " }<b>{ &node.object.name }</b></button>
            { props.offers.faults_of(words, &node.object) }{ changed_mark(words, node.changed) }
            <span class="owner-state" lang="en">{ &node.state }</span>
            if !tie.is_empty() { <span class="tie">{ tie }</span> }
            if !node.finalizers.is_empty() {
                <span class="finalizers"><span class="visually-hidden">{ texts.finalizers }{ ": " }</span>
                    { for node.finalizers.iter().map(|name| html! { <code key={name.clone()} title={texts.finalizers}>{ name }</code> }) }</span>
            }
            <span class="fate">{ (texts.fate)(fate) }</span>
        </div>
    }
}
