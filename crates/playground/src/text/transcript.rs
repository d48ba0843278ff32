//! Words about the transcript: links to commands, and the text to copy.

/// The words of the transcript in one language.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct TranscriptTexts {
    /// The name of the link that stands behind a command.
    pub link_to: fn(&str) -> String,
    pub copy: &'static str,
    pub copied: &'static str,
    pub not_copied: &'static str,
    /// What is said of a link to a command that the session has not.
    pub missing: &'static str,
    pub marked: &'static str,
}

pub(super) static EN: TranscriptTexts = TranscriptTexts {
    link_to: |command| format!("Link to the command {command}"),
    copy: "Copy the transcript",
    copied: "The transcript is in the clipboard.",
    not_copied: "The browser did not allow copying.",
    missing: "The command that this link leads to is not in this session: it was cleared, or belongs to another session.",
    marked: "The command that the link leads to",
};

pub(super) static KO: TranscriptTexts = TranscriptTexts {
    link_to: |command| format!("명령 {command}의 링크"),
    copy: "기록 복사",
    copied: "기록을 클립보드에 복사했어요.",
    not_copied: "브라우저가 복사를 허용하지 않았어요.",
    missing: "링크가 가리키는 명령이 이 세션에 없어요. 화면에서 지워졌거나 다른 세션의 명령이에요.",
    marked: "링크가 가리키는 명령",
};
