//! Revisions, partition and blocks of a set, and what changed in an object, in words.

use crate::text::{With, With2};

/// The texts of the set's revisions and of an object's last change.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct SetTexts {
    pub revisions: &'static str,
    pub current: &'static str,
    pub update: &'static str,
    pub no_pod: &'static str,
    pub partition: &'static str,
    pub partition_is: With2<u32, u32>,
    pub partition_hint: &'static str,
    pub on_delete: &'static str,
    pub dismiss: &'static str,
    pub blocks: &'static str,
    pub block: fn(u32, u32, &str) -> String,
    pub change: &'static str,
    pub change_at: With<String>,
    pub change_added: With<String>,
    pub change_key: &'static str,
    pub change_none: &'static str,
    pub line_added: &'static str,
    pub line_removed: &'static str,
}

pub(crate) const EN: SetTexts = SetTexts {
    revisions: "Revision of each place",
    current: "current",
    update: "new",
    no_pod: "–",
    partition: "Partition",
    partition_is: |partition, replicas| match partition {
        0 => "Partition 0: every place gets the new revision".to_owned(),
        n if n >= replicas => format!("Partition {n}: no place gets the new revision"),
        n => format!("Partition {n}: places from {n} on get the new revision"),
    },
    partition_hint: "Move the line with the arrow keys or the pointer.",
    on_delete: "OnDelete: a place gets the new revision when its pod is deleted",
    dismiss: "Put the line back",
    blocks: "Blocks of places",
    block: |first, last, counts| format!("{first}–{last}: {counts}"),
    change: "What changed last",
    change_at: |at| format!("Changed at {at}"),
    change_added: |at| format!("Made at {at}"),
    change_key: "D",
    change_none: "No change is remembered.",
    line_added: "added",
    line_removed: "removed",
};

pub(crate) const KO: SetTexts = SetTexts {
    revisions: "자리마다의 리비전",
    current: "현재",
    update: "새것",
    no_pod: "–",
    partition: "파티션",
    partition_is: |partition, replicas| match partition {
        0 => "파티션 0: 모든 자리가 새 리비전을 받아요".to_owned(),
        n if n >= replicas => format!("파티션 {n}: 새 리비전을 받는 자리가 없어요"),
        n => format!("파티션 {n}: {n}번 자리부터 새 리비전을 받아요"),
    },
    partition_hint: "화살표 키나 포인터로 선을 옮겨 보세요.",
    on_delete: "OnDelete: 파드를 삭제하면 그 자리가 새 리비전을 받아요",
    dismiss: "선 되돌리기",
    blocks: "자리 묶음",
    block: |first, last, counts| format!("{first}–{last}: {counts}"),
    change: "마지막 변경",
    change_at: |at| format!("{at}에 변경"),
    change_added: |at| format!("{at}에 생성"),
    change_key: "D",
    change_none: "남아 있는 변경이 없어요.",
    line_added: "추가됨",
    line_removed: "삭제됨",
};
