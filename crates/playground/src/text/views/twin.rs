//! The twin view in words.

use crate::text::{With, With2};
use crate::view::{TwinNote, TwinSide, TwinTopic, TwinView};

/// The texts of the twin view.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct TwinTexts {
    pub tab: &'static str,
    pub what: &'static str,
    pub of_set: &'static str,
    pub behind: &'static str,
    pub none: &'static str,
    pub none_hint: &'static str,
    pub too_many: With<u32>,
    pub topic_head: &'static str,
    pub stateful: &'static str,
    pub replica: &'static str,
    pub topic: fn(TwinTopic) -> &'static str,
    pub why: fn(TwinTopic) -> &'static str,
    pub note: fn(&TwinNote) -> String,
    pub nothing: &'static str,
    pub more: With<u32>,
    pub try_it: &'static str,
    pub steps: &'static str,
    pub played_as: With<String>,
    pub manifest: &'static str,
    pub claims_explained: &'static str,
    pub copied_row: With2<String, String>,
}

pub(crate) const EN: TwinTexts = TwinTexts {
    tab: "Twin",
    what: "The same commands on a second cluster, where the StatefulSet is a ReplicaSet with the same pod template",
    of_set: "Set",
    behind: "The twin is catching up",
    none: "Nothing to compare yet",
    none_hint: "Apply a StatefulSet: a ReplicaSet of the same template then runs beside it.",
    too_many: |pods| {
        format!(
            "The twin is not played with {pods} pods: it would cost as much as the cluster itself. Scale down to compare."
        )
    },
    topic_head: "Compared",
    stateful: "StatefulSet",
    replica: "ReplicaSet",
    topic: topic_en,
    why: why_en,
    note: |note| match note {
        TwinNote::None => String::new(),
        TwinNote::Vacant => "place without a pod".to_owned(),
        TwinNote::After(ms) => format!("+{:.1} s", *ms as f64 / 1_000.0),
        TwinNote::Becomes(name) | TwinNote::Has(name) => format!("→ {name}"),
        TwinNote::UsedBy(0) => "kept, used by no pod".to_owned(),
        TwinNote::UsedBy(1) => "used by 1 pod".to_owned(),
        TwinNote::UsedBy(pods) => format!("used by {pods} pods"),
    },
    nothing: "nothing yet",
    more: |n| format!("and {n} more"),
    try_it: "See it",
    steps: "Commands on both sides",
    played_as: |line| format!("On the twin: {line}"),
    manifest: "The ReplicaSet as the twin has it",
    claims_explained: "A ReplicaSet has no volumeClaimTemplates. What people write instead is one claim, named in the pod template, and every pod mounts that one.",
    copied_row: |ours, theirs| format!("StatefulSet: {ours}; ReplicaSet: {theirs}"),
};

pub(crate) const KO: TwinTexts = TwinTexts {
    tab: "쌍둥이",
    what: "스테이트풀셋을 같은 파드 템플릿의 레플리카셋으로 바꾼 두 번째 클러스터에서 같은 명령을 실행한 결과",
    of_set: "스테이트풀셋",
    behind: "쌍둥이가 따라오는 중",
    none: "아직 비교할 것이 없음",
    none_hint: "스테이트풀셋을 적용해 보세요. 같은 템플릿의 레플리카셋이 옆에서 함께 돌아요.",
    too_many: |pods| {
        format!(
            "파드가 {pods}개면 쌍둥이를 돌리지 않아요. 클러스터 하나만큼 더 드니까요. 수를 줄이면 다시 비교해 드려요."
        )
    },
    topic_head: "비교",
    stateful: "스테이트풀셋",
    replica: "레플리카셋",
    topic: topic_ko,
    why: why_ko,
    note: |note| match note {
        TwinNote::None => String::new(),
        TwinNote::Vacant => "파드 없는 자리".to_owned(),
        TwinNote::After(ms) => format!("+{:.1}초", *ms as f64 / 1_000.0),
        TwinNote::Becomes(name) | TwinNote::Has(name) => format!("→ {name}"),
        TwinNote::UsedBy(0) => "쓰는 파드 없이 남음".to_owned(),
        TwinNote::UsedBy(pods) => format!("파드 {pods}개가 사용"),
    },
    nothing: "아직 없음",
    more: |n| format!("외 {n}개"),
    try_it: "직접 보기",
    steps: "양쪽에서 실행한 명령",
    played_as: |line| format!("쌍둥이에서는 {line}"),
    manifest: "쌍둥이의 레플리카셋",
    claims_explained: "레플리카셋에는 volumeClaimTemplates가 없어요. 그래서 보통 클레임 하나를 써서 파드 템플릿에 이름을 적고, 모든 파드가 그 클레임을 마운트해요.",
    copied_row: |ours, theirs| format!("스테이트풀셋: {ours}; 레플리카셋: {theirs}"),
};

fn topic_en(topic: TwinTopic) -> &'static str {
    match topic {
        TwinTopic::Names => "Pod names",
        TwinTopic::Creation => "Order of creation",
        TwinTopic::Replacement => "In place of a lost pod",
        TwinTopic::Deletion => "Order of deletion",
        TwinTopic::Disks => "Each pod's disk",
        TwinTopic::Claims => "Claims and their pods",
        TwinTopic::Nodes => "Nodes",
        TwinTopic::Addresses => "Addresses",
        TwinTopic::Dns => "Names in DNS",
        TwinTopic::Update => "A new pod template",
    }
}

fn why_en(topic: TwinTopic) -> &'static str {
    match topic {
        TwinTopic::Names => {
            "A StatefulSet numbers its pods from an ordinal; a ReplicaSet lets the API server add five random characters."
        }
        TwinTopic::Creation => {
            "An ordered set makes the next pod when the one before it is ready; a ReplicaSet makes all that are missing."
        }
        TwinTopic::Replacement => {
            "The missing ordinal gets a pod of the same name; a ReplicaSet only counts, so any new pod will do."
        }
        TwinTopic::Deletion => {
            "An ordered set lets the highest ordinal go first and waits until it is gone; a ReplicaSet deletes what is too much at once."
        }
        TwinTopic::Disks => {
            "A claim template makes a claim for each ordinal; a pod template names one claim for all."
        }
        TwinTopic::Claims => {
            "Claims from a template outlive their pods, by default even the set; a claim written beside a ReplicaSet goes when somebody deletes it, as delete -f does."
        }
        TwinTopic::Nodes => {
            "A pod follows its volume's node: pods of one shared volume may all end up on one node."
        }
        TwinTopic::Addresses => {
            "Addresses belong to pods, not to places: a new pod gets a new address on both sides. The name is what lasts."
        }
        TwinTopic::Dns => {
            "A StatefulSet's pods carry hostname and subdomain, which a headless service turns into lasting names; other pods are only known by their address."
        }
        TwinTopic::Update => {
            "A StatefulSet replaces its pods from the highest ordinal down; a ReplicaSet leaves the pods it has as they are."
        }
    }
}

fn topic_ko(topic: TwinTopic) -> &'static str {
    match topic {
        TwinTopic::Names => "파드 이름",
        TwinTopic::Creation => "생성 순서",
        TwinTopic::Replacement => "사라진 파드의 자리",
        TwinTopic::Deletion => "삭제 순서",
        TwinTopic::Disks => "파드마다의 디스크",
        TwinTopic::Claims => "클레임과 파드",
        TwinTopic::Nodes => "노드",
        TwinTopic::Addresses => "주소",
        TwinTopic::Dns => "DNS 이름",
        TwinTopic::Update => "새 파드 템플릿",
    }
}

fn why_ko(topic: TwinTopic) -> &'static str {
    match topic {
        TwinTopic::Names => {
            "스테이트풀셋은 파드에 순번을 붙이고, 레플리카셋의 파드에는 API 서버가 임의의 다섯 글자를 붙여요."
        }
        TwinTopic::Creation => {
            "순서를 지키는 스테이트풀셋은 앞 파드가 준비되어야 다음 파드를 만들고, 레플리카셋은 모자란 만큼 한꺼번에 만들어요."
        }
        TwinTopic::Replacement => {
            "스테이트풀셋은 빈 순번에 같은 이름의 파드를 만들고, 레플리카셋은 개수만 세기 때문에 아무 이름이나 괜찮아요."
        }
        TwinTopic::Deletion => {
            "순서를 지키는 스테이트풀셋은 가장 높은 순번이 사라지기를 기다리며 하나씩 지우고, 레플리카셋은 남는 파드를 한꺼번에 지워요."
        }
        TwinTopic::Disks => {
            "클레임 템플릿은 순번마다 클레임을 만들고, 파드 템플릿은 모든 파드에 같은 클레임 하나를 적어요."
        }
        TwinTopic::Claims => {
            "템플릿으로 만든 클레임은 파드보다, 기본값으로는 스테이트풀셋보다도 오래 남아요. 레플리카셋 옆에 적은 클레임은 delete -f처럼 누군가 지울 때 사라져요."
        }
        TwinTopic::Nodes => {
            "파드는 볼륨이 있는 노드를 따라가요. 볼륨 하나를 나눠 쓰는 파드는 모두 한 노드에 모일 수 있어요."
        }
        TwinTopic::Addresses => {
            "주소는 자리가 아니라 파드의 것이에요. 새 파드는 양쪽 모두 새 주소를 받고, 오래가는 것은 이름이에요."
        }
        TwinTopic::Dns => {
            "스테이트풀셋의 파드에는 hostname과 subdomain이 있어서 헤드리스 서비스가 오래가는 이름을 만들어요. 다른 파드는 주소로만 알려져요."
        }
        TwinTopic::Update => {
            "스테이트풀셋은 가장 높은 순번부터 파드를 바꾸고, 레플리카셋은 이미 있는 파드를 그대로 둬요."
        }
    }
}

impl TwinTexts {
    /// One side of a row, as text.
    pub fn side(&self, side: &TwinSide) -> String {
        if side.cells.is_empty() {
            return self.nothing.to_owned();
        }
        let cell = |(name, note): (&str, String)| match note.is_empty() {
            true => name.to_owned(),
            false => format!("{name} {note}"),
        };
        let cells = side.cells.iter();
        let mut all: Vec<String> = cells
            .map(|c| cell((&c.name, (self.note)(&c.note))))
            .collect();
        if side.more > 0 {
            all.push((self.more)(side.more));
        }
        all.join(", ")
    }

    /// The whole view as text, to be copied.
    pub fn text(&self, view: &TwinView) -> String {
        let mut text = format!("{}\n", self.what);
        for row in &view.rows {
            let sides = (self.copied_row)(self.side(&row.stateful), self.side(&row.replica));
            let (topic, why) = ((self.topic)(row.topic), (self.why)(row.topic));
            text.push_str(&format!("{topic}\n  {sides}\n  {why}\n"));
        }
        text
    }
}
