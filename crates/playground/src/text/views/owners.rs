//! The ownership view in words.

use crate::text::With;
use crate::view::{Cascade, NodeFate, OwnerNode, OwnersView, Tie};

/// The texts of the ownership view.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct OwnersTexts {
    pub tab: &'static str,
    pub none: &'static str,
    pub none_hint: &'static str,
    pub question: &'static str,
    pub cascade: fn(Cascade) -> &'static str,
    pub cascade_explained: fn(Cascade) -> &'static str,
    pub tie: fn(Tie) -> &'static str,
    pub fate: fn(NodeFate) -> &'static str,
    pub finalizers: &'static str,
    pub more: With<u32>,
    pub root_command: &'static str,
    pub fold: &'static str,
}

pub(crate) const EN: OwnersTexts = OwnersTexts {
    tab: "Owners",
    none: "Nothing owns anything yet",
    none_hint: "Apply a StatefulSet or a Deployment: what it makes stands below it here, with what a deletion would take along.",
    question: "If the topmost object were deleted with",
    cascade: |cascade| match cascade {
        Cascade::Background => "background",
        Cascade::Foreground => "foreground",
        Cascade::Orphan => "orphan",
    },
    cascade_explained: |cascade| match cascade {
        Cascade::Background => {
            "The object goes at once; the garbage collector then deletes what it owned."
        }
        Cascade::Foreground => {
            "The object gets a deletion time and the finalizer foregroundDeletion, and goes when what it owns is gone."
        }
        Cascade::Orphan => {
            "Only the object goes; the owner references to it are taken off, and what it owned stays."
        }
    },
    tie: |tie| match tie {
        Tie::None => "",
        Tie::Controlled => "controlled",
        Tie::Owned => "owned",
        Tie::Used => "used, not owned",
    },
    fate: |fate| match fate {
        NodeFate::GoesAtOnce => "goes at once",
        NodeFate::GoesLast => "goes last",
        NodeFate::Collected => "is collected",
        NodeFate::Reclaimed => "goes with its claim (Delete)",
        NodeFate::Orphaned => "stays without an owner",
        NodeFate::Stays => "stays",
        NodeFate::OtherOwner => "stays: it has another owner",
    },
    finalizers: "Finalizers",
    more: |n| format!("and {n} more"),
    root_command: "Delete it this way",
    fold: "What belongs to it",
};

pub(crate) const KO: OwnersTexts = OwnersTexts {
    tab: "소유",
    none: "아직 소유 관계가 없음",
    none_hint: "스테이트풀셋이나 디플로이먼트를 적용해 보세요. 만들어진 오브젝트가 그 아래에 놓이고, 지우면 무엇이 함께 사라지는지 보여 드려요.",
    question: "맨 위 오브젝트를 지운다면",
    cascade: |cascade| match cascade {
        Cascade::Background => "백그라운드",
        Cascade::Foreground => "포그라운드",
        Cascade::Orphan => "고아로 남기기",
    },
    cascade_explained: |cascade| match cascade {
        Cascade::Background => {
            "오브젝트가 바로 사라지고, 가비지 수집기가 소유하던 것을 뒤따라 지워요."
        }
        Cascade::Foreground => {
            "오브젝트에 삭제 시각과 foregroundDeletion 파이널라이저가 붙고, 소유한 것이 모두 사라진 다음에 사라져요."
        }
        Cascade::Orphan => "오브젝트만 사라져요. 소유자 참조가 떼어지고 소유하던 것은 남아요.",
    },
    tie: |tie| match tie {
        Tie::None => "",
        Tie::Controlled => "제어함",
        Tie::Owned => "소유함",
        Tie::Used => "쓰지만 소유하지 않음",
    },
    fate: |fate| match fate {
        NodeFate::GoesAtOnce => "바로 사라짐",
        NodeFate::GoesLast => "마지막에 사라짐",
        NodeFate::Collected => "수집되어 사라짐",
        NodeFate::Reclaimed => "클레임과 함께 사라짐 (Delete)",
        NodeFate::Orphaned => "소유자 없이 남음",
        NodeFate::Stays => "남음",
        NodeFate::OtherOwner => "다른 소유자가 있어 남음",
    },
    finalizers: "파이널라이저",
    more: |n| format!("외 {n}개"),
    root_command: "이렇게 삭제하기",
    fold: "소유한 오브젝트",
};

impl OwnersTexts {
    /// The trees as text, with what becomes of everything for each way of deleting.
    pub fn text(&self, view: &OwnersView) -> String {
        let mut text = String::new();
        for cascade in Cascade::ALL {
            text.push_str(&format!("{} --cascade={}\n", self.question, cascade.name()));
            for root in &view.roots {
                self.node(root, cascade, 0, &mut text);
            }
        }
        text
    }

    fn node(&self, node: &OwnerNode, cascade: Cascade, depth: usize, text: &mut String) {
        let object = &node.object;
        let kind = object.kind.to_lowercase();
        let fate = (self.fate)(node.fates[cascade as usize]);
        let tie = match (self.tie)(node.tie) {
            "" => String::new(),
            tie => format!(" ({tie})"),
        };
        let indent = "  ".repeat(depth);
        text.push_str(&format!(
            "{indent}{kind}/{} {}{tie}: {fate}",
            object.name, node.state
        ));
        if !node.finalizers.is_empty() {
            text.push_str(&format!(
                "; {}: {}",
                self.finalizers,
                node.finalizers.join(", ")
            ));
        }
        text.push('\n');
        for below in &node.below {
            self.node(below, cascade, depth + 1, text);
        }
        if node.left_out > 0 {
            text.push_str(&format!("{indent}  {}\n", (self.more)(node.left_out)));
        }
    }
}
