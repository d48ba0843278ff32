//! The disks: who mounts them, what lies on them, who wrote it, and what becomes of it.

use std::rc::Rc;

use petset_playground::text::Texts;
use petset_playground::view::{DiskFileView, DiskView, LostDiskView, ObjectRef, StorageView};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::{Offers, changed_mark, meaning_name, shapes};
use crate::words::use_words;

/// How many disks are drawn.
pub const DISKS_SHOWN: u32 = 60;

/// See [`StoragePicture`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The disks.
    pub storage: Rc<StorageView>,
    /// The set to which the picture is limited.
    pub set: Option<String>,
    /// What the picture offers.
    pub offers: Offers,
    /// Limit the picture to a set, or to none.
    pub onset: Callback<Option<String>>,
}

/// The picture of the disks.
#[component]
pub fn StoragePicture(props: &Props) -> Html {
    let words = use_words();
    let storage = &props.storage;
    if storage.disk_count == 0 && storage.lost.is_empty() && props.set.is_none() {
        return html! { <div class="empty"><h2>{ words.disks_none }</h2><p>{ words.disks_none_hint }</p></div> };
    }
    let onchange = {
        let onset = props.onset.clone();
        Callback::from(move |event: Event| {
            let chosen = event
                .target_dyn_into::<HtmlSelectElement>()
                .map(|select| select.value());
            onset.emit(chosen.filter(|set| !set.is_empty()));
        })
    };
    let more = storage
        .disk_count
        .saturating_sub(storage.disks.len() as u32);
    html! {
        <div class="disks">
            <div class="disks-bar">
                <label><span>{ words.disks_of }</span>
                    <select class="field" name="set" {onchange} data-part="disk-filter">
                        <option key="" value="" selected={props.set.is_none()}>{ words.disks_of_all }</option>
                        { for storage.sets.iter().map(|set| html! {
                            <option key={set.clone()} value={set.clone()} selected={props.set.as_ref() == Some(set)}>{ set }</option>
                        }) }
                    </select></label>
            </div>
            <ul class="disk-list">{ for storage.disks.iter().map(|disk| disk_card(words, &props.offers, disk)) }</ul>
            if more > 0 { <p class="zone-empty">{ (words.disks_more)(more) }</p> }
            if !storage.lost.is_empty() {
                <section class="lost" aria-label={words.disks_lost}>
                    <h2>{ words.disks_lost }</h2>
                    <ul>{ for storage.lost.iter().map(|lost| lost_row(words, lost)) }</ul>
                </section>
            }
        </div>
    }
}

fn object(offers: &Offers, object: &ObjectRef) -> Html {
    let (onselect, target) = (offers.onselect.clone(), object.clone());
    html! { <button type="button" class={classes!("object", offers.mark(object))} onclick={move |_| onselect.emit(target.clone())}>{ &object.name }</button> }
}

fn disk_card(words: &'static Texts, offers: &Offers, disk: &DiskView) -> Html {
    let key = format!("{:?} {} {:?}", disk.kind, disk.name, disk.pods.first());
    html! {
        <li class="disk" {key} data-part="disk" data-disk={disk.name.clone()} data-meaning={meaning_name(disk.meaning)}>
            <header>
                <h2>{ shapes::state_mark(disk.meaning) }{ &disk.name }
                    <span class="kind">{ (words.disk_kind)(disk.kind) }</span>{ changed_mark(words, disk.changed) }</h2>
                <p class="chain">
                    if disk.pods.is_empty() {
                        <span class="faint">{ words.disk_no_pod }</span>
                    } else {
                        { for disk.pods.iter().map(|pod| object(offers, pod)) }
                    }
                    if let Some(claim) = &disk.claim { <span aria-hidden="true">{ "→" }</span>{ object(offers, claim) }{ offers.faults_of(words, claim) } }
                    if let Some(volume) = &disk.volume { <span aria-hidden="true">{ "→" }</span>{ object(offers, volume) } }
                    if !disk.phase.is_empty() { <span class="kind">{ &disk.phase }</span> }
                    <span class="faint">{ (words.disk_used)(disk.used_bytes, disk.capacity.clone()) }</span>
                </p>
            </header>
            if disk.files.is_empty() {
                <p class="faint">{ words.disk_empty }</p>
            } else {
                <div class="table-scroll" tabindex="0" role="region" aria-label={(words.disk_files_of)(disk.name.clone())}>
                    // The roles stay when a narrow card lays its rows out as blocks.
                    <table class="disk-files" role="table">
                        <thead role="rowgroup"><tr role="row">
                            <th scope="col" role="columnheader">{ words.file_path }</th><th scope="col" role="columnheader">{ words.file_size }</th>
                            <th scope="col" role="columnheader">{ words.file_writer }</th><th scope="col" role="columnheader">{ words.file_content }</th>
                        </tr></thead>
                        <tbody role="rowgroup">{ for disk.files.iter().map(|file| file_row(words, file)) }</tbody>
                    </table>
                </div>
            }
            if !disk.writes.is_empty() {
                <details class="why"><summary>{ words.disk_history }</summary>
                    <ol class="writes">{ for disk.writes.iter().map(|write| html! { <li>{ (words.disk_write)(write) }</li> }) }</ol>
                </details>
            }
            if !disk.fates.is_empty() {
                <ul class="fates" aria-label={words.disk_fate}>{ for disk.fates.iter().map(|fate| html! { <li>{ (words.fate)(fate) }</li> }) }</ul>
            }
        </li>
    }
}

fn file_row(words: &'static Texts, file: &DiskFileView) -> Html {
    let content = match &file.text {
        None => words.file_binary.to_owned(),
        Some(text) if file.cut => format!("{text}…"),
        Some(text) => text.clone(),
    };
    html! {
        <tr key={file.path.clone()} data-part="disk-file" role="row">
            <th scope="row" role="rowheader" title={file.mode.clone()}>{ &file.path }</th>
            <td class="number" role="cell" data-label={words.file_size}>{ file.size }</td>
            <td role="cell" data-label={words.file_writer}>{ file.writer.as_deref().unwrap_or("–") }</td>
            <td class="content" role="cell"><code>{ content }</code></td>
        </tr>
    }
}

fn lost_row(words: &'static Texts, lost: &LostDiskView) -> Html {
    html! { <li data-part="lost-disk" data-meaning="gone">{ shapes::state_mark(petset_playground::view::Meaning::Gone) }{ (words.disk_lost)(lost) }</li> }
}
