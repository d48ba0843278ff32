//! The words of the page, one catalogue for each language.
//!
//! A catalogue is a value of [`Texts`]: a text that is missing in a language does not compile. Whole sentences only,
//! nothing is glued together. What kubectl and the API server print stays English and does not pass through here.

pub mod commentary;
mod en;
mod ko;
mod offline;
mod plain;
pub mod reasons;
mod share;
mod transcript;
pub mod views;

pub use offline::OfflineTexts;
pub use share::ShareTexts;
pub use transcript::TranscriptTexts;

use crate::view::{
    Deed, DiskKind, DnsView, Fate, FileError, Hint, LostDiskView, Meaning, NextEventKind,
    RecordWhy, StorageView, WayStep, WayView, Why, WriteView,
};

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 한국어.
    Ko,
    /// English.
    En,
}

impl Language {
    /// All of them, in the order of the switch.
    pub const ALL: [Language; 2] = [Language::Ko, Language::En];

    /// The tag for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Ko => "ko",
            Language::En => "en",
        }
    }

    /// The language's own name.
    pub fn name(self) -> &'static str {
        match self {
            Language::Ko => "한국어",
            Language::En => "English",
        }
    }

    /// The first language in `preferred` (tags such as `ko-KR`) that the page speaks; English if none is.
    pub fn choose<'a>(preferred: impl IntoIterator<Item = &'a str>) -> Language {
        preferred
            .into_iter()
            .find_map(|tag| {
                Self::ALL
                    .into_iter()
                    .find(|l| tag.split('-').next() == Some(l.tag()))
            })
            .unwrap_or(Language::En)
    }

    /// Its catalogue.
    pub fn texts(self) -> &'static Texts {
        match self {
            Language::Ko => &ko::TEXTS,
            Language::En => &en::TEXTS,
        }
    }
}

/// A sentence with one value in it.
pub type With<T> = fn(T) -> String;
/// A sentence with two values in it.
pub type With2<A, B> = fn(A, B) -> String;

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)*) => {
        /// Every text of the page in one language. Fields are grouped by where they are seen.
        #[allow(missing_docs, reason = "each field's name says where it stands; the catalogue is the documentation")]
        pub struct Texts {
            $($(#[$doc])* pub $name: $kind,)*
        }
    };
}

catalogue! {
    // The page.
    language: Language,
    title: &'static str,
    skip_to_terminal: &'static str,
    language_label: &'static str,
    theme_auto: &'static str,
    theme_light: &'static str,
    theme_dark: &'static str,
    theme_label: fn(&str) -> String,
    close: &'static str,
    cancel: &'static str,
    crash_title: &'static str,
    crash_body: &'static str,
    crash_reload: &'static str,

    // Sharing.
    share: &'static ShareTexts,
    offline: &'static OfflineTexts,
    transcript: &'static TranscriptTexts,

    // Starting anew.
    restart: &'static str,
    restart_question: &'static str,
    restart_explained: &'static str,
    restart_cluster: &'static str,
    restart_everything: &'static str,

    // Time.
    time_controls: &'static str,
    pause: &'static str,
    resume: &'static str,
    step: &'static str,
    step_explained: &'static str,
    run_until_quiet: &'static str,
    run_until_quiet_short: &'static str,
    speed: &'static str,
    speed_times: fn(&str) -> String,
    clock_label: &'static str,
    quiet: &'static str,
    paused: &'static str,
    running_ahead: &'static str,
    next_in: With2<String, String>,
    next_kind: fn(&NextEventKind) -> String,

    // The past.
    past: &'static str,
    past_range: &'static str,
    past_kept: With<usize>,
    past_present: &'static str,
    past_before: With2<String, String>,
    past_back: &'static str,
    past_forward: &'static str,
    past_looking: With<String>,
    past_continue: &'static str,
    past_continue_explained: &'static str,
    past_to_present: &'static str,
    past_undo: &'static str,
    past_undo_command: With<String>,
    past_return: With<String>,
    past_return_command: With2<String, String>,

    // Panes.
    pane_editor: &'static str,
    pane_pictures: &'static str,
    pane_terminal: &'static str,
    pane_switch: &'static str,
    resize_editor: &'static str,
    resize_terminal: &'static str,
    resize_terminals: &'static str,

    // Files and the editor.
    files: &'static str,
    editor_label: fn(&str) -> String,
    editor_escape: &'static str,
    file_add: &'static str,
    file_rename: &'static str,
    file_delete: &'static str,
    file_name: &'static str,
    file_save_name: &'static str,
    file_deleted: With<String>,
    undo: &'static str,
    drop_here: &'static str,
    no_files: &'static str,
    no_files_hint: &'static str,
    file_unreadable: With<String>,
    file_error: fn(&FileError) -> String,
    problems: &'static str,
    problems_count: With<usize>,
    no_problems: &'static str,
    line_column: With2<usize, usize>,
    go_to_problem: &'static str,
    hint: fn(&Hint) -> String,

    // Terminals.
    terminal_name: With<u32>,
    terminal_log: With<u32>,
    terminal_input: &'static str,
    terminal_keys: &'static str,
    terminal_open: &'static str,
    terminal_close: &'static str,
    terminal_clear: &'static str,
    terminal_interrupt: &'static str,
    terminal_running: &'static str,
    terminal_looking_back: &'static str,
    suggestion: fn(&str) -> String,
    suggestion_accept: &'static str,
    exit_code: With<i32>,
    interrupted: &'static str,
    stderr: &'static str,
    lines_hidden: With<usize>,
    lines_dropped: With<u64>,
    show_all: &'static str,
    search_history: &'static str,
    search_none: &'static str,
    candidates: &'static str,
    welcome: &'static str,
    welcome_steps: [&'static str; 3],

    // Pictures.
    pictures: &'static str,
    tab_set: &'static str,
    tab_dns: &'static str,
    tab_nodes: &'static str,
    tab_events: &'static str,
    meaning: fn(Meaning) -> &'static str,
    changed: &'static str,
    why_label: &'static str,
    why: fn(&Why) -> String,
    legend: &'static str,

    // The set.
    set_ready: With2<u32, u32>,
    set_summary: fn(&str, u32, u32) -> String,
    set_in_file: With<String>,
    set_apply: &'static str,
    set_service: &'static str,
    set_service_missing: &'static str,
    set_policy: &'static str,
    set_none: &'static str,
    set_none_hint: &'static str,
    place_of: With2<u32, String>,
    place_empty: &'static str,
    place_beyond: &'static str,
    places: &'static str,
    places_shown: fn(u32, u32, u32) -> String,
    places_previous: &'static str,
    places_next: &'static str,
    pod: &'static str,
    node: &'static str,
    node_none: &'static str,
    claim: &'static str,
    claim_kept: &'static str,
    volume: &'static str,
    volume_none: &'static str,
    reclaim_policy: &'static str,
    storage_class: &'static str,
    files_on_disk: With<u32>,

    // Nodes.
    nodes_pods: With2<u32, u32>,
    nodes_none_here: &'static str,
    nodes_unplaced: &'static str,
    nodes_unplaced_explained: &'static str,
    nodes_more: With<u32>,
    nodes_taints: &'static str,

    // DNS.
    dns_zone_of: With<String>,
    dns_headless: &'static str,
    dns_cluster_ip: &'static str,
    dns_name: &'static str,
    dns_type: &'static str,
    dns_data: &'static str,
    dns_state: &'static str,
    dns_reason: &'static str,
    dns_published: &'static str,
    dns_withheld: &'static str,
    dns_none: &'static str,
    dns_none_hint: &'static str,
    dns_no_records: &'static str,
    dns_no_records_hint: &'static str,
    dns_selects: With<String>,
    dns_more: With<u32>,
    record_why: fn(&RecordWhy) -> String,
    resolve_title: &'static str,
    resolve_name: &'static str,
    resolve_from: &'static str,
    resolve_any_pod: &'static str,
    resolve: &'static str,
    resolve_hint: &'static str,
    resolve_server: With2<String, u32>,
    resolve_attempts: &'static str,
    resolve_answer: With<String>,
    resolve_no_data: &'static str,
    resolve_nx_domain: &'static str,
    resolve_found: With<usize>,
    resolve_not_found: &'static str,

    dns_vanished: &'static str,
    dns_text: fn(&DnsView) -> String,
    resolve_hosts: With<String>,
    resolve_cached: With<u32>,
    ways: &'static str,
    ways_none: &'static str,
    way: fn(&WayView) -> String,
    way_step: fn(&WayStep) -> String,

    // Disks.
    tab_storage: &'static str,
    disks_none: &'static str,
    disks_none_hint: &'static str,
    disks_of: &'static str,
    disks_of_all: &'static str,
    disks_more: With<u32>,
    disks_lost: &'static str,
    disk_lost: fn(&LostDiskView) -> String,
    disk_kind: fn(DiskKind) -> &'static str,
    disk_no_pod: &'static str,
    disk_used: With2<u64, String>,
    disk_empty: &'static str,
    disk_files_of: With<String>,
    disk_history: &'static str,
    disk_write: fn(&WriteView) -> String,
    disk_fate: &'static str,
    fate: fn(&Fate) -> String,
    file_path: &'static str,
    file_size: &'static str,
    file_writer: &'static str,
    file_content: &'static str,
    file_binary: &'static str,
    storage_text: fn(&StorageView) -> String,
    copy_text: &'static str,

    // Events.
    events_age: &'static str,
    events_type: &'static str,
    events_reason: &'static str,
    events_object: &'static str,
    events_message: &'static str,
    events_times: With<u32>,
    events_none: &'static str,
    events_none_hint: &'static str,

    // Pictures of their own.
    views: views::ViewTexts,

    // Reasons.
    reasons: reasons::ReasonTexts,
    commentary: commentary::CommentaryTexts,

    // The inspector.
    inspector: &'static str,
    inspector_command: &'static str,
    inspector_run: &'static str,
    inspector_copy: &'static str,
    inspector_copied: &'static str,
    inspector_gone: &'static str,
    inspector_yaml: With<String>,
    deeds: &'static str,
    deed: fn(Deed) -> &'static str,
    deed_effect: fn(Deed) -> &'static str,
}

impl PartialEq for Texts {
    /// There is one catalogue for each language.
    fn eq(&self, other: &Self) -> bool {
        self.language == other.language
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_browser_chooses_the_first_language() {
        let cases: [(&[&str], Language); 5] = [
            (&["ko-KR", "en-US"], Language::Ko),
            (&["ko"], Language::Ko),
            (&["fr-FR", "ko", "en"], Language::Ko),
            (&["en-GB", "ko"], Language::En),
            (&[], Language::En),
        ];
        for (tags, expected) in cases {
            assert_eq!(Language::choose(tags.iter().copied()), expected, "{tags:?}");
        }
    }
}
