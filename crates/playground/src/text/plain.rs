//! Pictures as plain text, to be copied.

use super::Texts;
use crate::view::{DnsView, ObjectRef, StorageView};

/// The zones as a zone file; reasons are comments, and so are records that are not given out.
pub(super) fn dns(view: &DnsView, texts: &Texts) -> String {
    let mut text = String::new();
    if view.cut_off {
        text.push_str(&format!(
            "; {} ({})\n",
            texts.views.faults.no_dns, view.server
        ));
    }
    for zone in &view.zones {
        text.push_str(&format!("$ORIGIN {}.\n", zone.domain));
        for record in &zone.records {
            let off = if record.published { "" } else { "; " };
            let state = match (record.vanished, record.published) {
                (true, _) => format!("{}: ", texts.dns_vanished),
                (false, false) => format!("{}: ", texts.dns_withheld),
                (false, true) => String::new(),
            };
            text.push_str(&format!(
                "{off}{}. 30 IN {} {} ; {state}{}\n",
                record.name,
                record.record_type,
                record.data,
                (texts.record_why)(&record.why)
            ));
        }
        text.push('\n');
    }
    for way in &view.ways {
        text.push_str(&format!("; {}\n", (texts.way)(way)));
        for step in &way.steps {
            text.push_str(&format!(";   {}\n", (texts.way_step)(step)));
        }
    }
    text
}

/// The disks, each with its chain, its files and what becomes of them.
pub(super) fn storage(view: &StorageView, texts: &Texts) -> String {
    let name = |object: &ObjectRef| object.name.clone();
    let mut text = String::new();
    for disk in &view.disks {
        let pods = match disk.pods.is_empty() {
            true => texts.disk_no_pod.to_owned(),
            false => disk.pods.iter().map(name).collect::<Vec<_>>().join(", "),
        };
        let chain = [
            Some(pods),
            disk.claim.as_ref().map(name),
            disk.volume.as_ref().map(name),
        ];
        let chain: Vec<String> = chain.into_iter().flatten().collect();
        text.push_str(&format!(
            "{} ({}) {}: {}; {}\n",
            disk.name,
            (texts.disk_kind)(disk.kind),
            disk.phase,
            chain.join(" -> "),
            (texts.disk_used)(disk.used_bytes, disk.capacity.clone())
        ));
        for file in &disk.files {
            let content = file.text.as_deref().unwrap_or(texts.file_binary);
            let writer = file.writer.as_deref().unwrap_or("-");
            let first = content.lines().next().unwrap_or("");
            text.push_str(&format!(
                "  {} {:>6} {} ({writer}): {first}\n",
                file.mode, file.size, file.path
            ));
        }
        for fate in &disk.fates {
            text.push_str(&format!("  - {}\n", (texts.fate)(fate)));
        }
    }
    for lost in &view.lost {
        text.push_str(&format!(
            "{}: {}\n",
            texts.disks_lost,
            (texts.disk_lost)(lost)
        ));
    }
    text
}
