//! The legend in words.

/// What shapes and marks are called.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct LegendTexts {
    pub legend: &'static str,
    pub states: &'static str,
    pub shapes: &'static str,
    pub marks: &'static str,
    pub pod: &'static str,
    pub claim: &'static str,
    pub volume: &'static str,
    pub service: &'static str,
    pub place: &'static str,
    pub selected: &'static str,
    pub related: &'static str,
    pub command: &'static str,
    pub event: &'static str,
    pub owned: &'static str,
    pub used: &'static str,
}

pub(crate) const EN: LegendTexts = LegendTexts {
    legend: "Legend",
    states: "States",
    shapes: "Shapes",
    marks: "Marks and lines",
    pod: "pod, a dot for each container",
    claim: "claim",
    volume: "volume, filled when it holds files",
    service: "service",
    place: "place without a pod",
    selected: "selected",
    related: "belongs to what is selected",
    command: "command",
    event: "event",
    owned: "owned",
    used: "used, not owned",
};

pub(crate) const KO: LegendTexts = LegendTexts {
    legend: "범례",
    states: "상태",
    shapes: "모양",
    marks: "표시와 선",
    pod: "파드, 점 하나가 컨테이너 하나",
    claim: "클레임",
    volume: "볼륨, 파일이 있으면 채워짐",
    service: "서비스",
    place: "파드 없는 자리",
    selected: "선택한 것",
    related: "선택한 것과 관련된 것",
    command: "명령",
    event: "이벤트",
    owned: "소유함",
    used: "쓰지만 소유하지 않음",
};
