//! Words about what is wrong on request.

use crate::view::{FaultView, Wrong};

/// The words of faults in one language.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct FaultTexts {
    pub broken: &'static str,
    /// A fault in a few words, without the name of what it is about.
    pub wrong: fn(Wrong) -> &'static str,
    /// The same with the name.
    pub said: fn(&FaultView) -> String,
    /// The name of the button that ends a fault.
    pub mend: fn(&str) -> String,
    pub undo: &'static str,
    pub no_dns: &'static str,
    pub no_dns_hint: &'static str,
    pub timed_out: &'static str,
    pub resolve_failed: &'static str,
}

pub(crate) const EN: FaultTexts = FaultTexts {
    broken: "Broken",
    wrong: |wrong| match wrong {
        Wrong::PowerOff => "no power",
        Wrong::CutOff => "cut off",
        Wrong::FullDisk => "disk full",
        Wrong::BrokenPull => "registry down",
        Wrong::SlowPull => "registry slow",
        Wrong::Hanging => "hangs",
        Wrong::NoDns => "DNS cut off",
    },
    said: |fault| {
        let name = &fault.name;
        match fault.wrong {
            Wrong::PowerOff => format!("{name} has no power"),
            Wrong::CutOff => format!("{name} is cut off"),
            Wrong::FullDisk => format!("the disk of {name} is full"),
            Wrong::BrokenPull => format!("the registry of {name} does not answer"),
            Wrong::SlowPull => format!("the registry of {name} is slow"),
            Wrong::Hanging => format!("{name} hangs"),
            Wrong::NoDns => "nobody reaches the DNS server".to_owned(),
        }
    },
    mend: |what| format!("Mend: {what}"),
    undo: "Mend",
    no_dns: "Nobody reaches the DNS server",
    no_dns_hint: "The records below are right, but no pod can ask for them. Addresses still work, and so does /etc/hosts.",
    timed_out: "no answer: timed out",
    resolve_failed: "cannot be looked up",
};

pub(crate) const KO: FaultTexts = FaultTexts {
    broken: "고장",
    wrong: |wrong| match wrong {
        Wrong::PowerOff => "전원 꺼짐",
        Wrong::CutOff => "연결 끊김",
        Wrong::FullDisk => "디스크 가득 참",
        Wrong::BrokenPull => "레지스트리 고장",
        Wrong::SlowPull => "레지스트리 느림",
        Wrong::Hanging => "응답 없음",
        Wrong::NoDns => "DNS 끊김",
    },
    said: |fault| {
        let name = &fault.name;
        match fault.wrong {
            Wrong::PowerOff => format!("{name} 노드 전원 꺼짐"),
            Wrong::CutOff => format!("{name} 노드 연결 끊김"),
            Wrong::FullDisk => format!("{name} 디스크 가득 참"),
            Wrong::BrokenPull => format!("{name} 레지스트리 고장"),
            Wrong::SlowPull => format!("{name} 레지스트리 느림"),
            Wrong::Hanging => format!("{name} 파드 응답 없음"),
            Wrong::NoDns => "DNS 서버 연결 끊김".to_owned(),
        }
    },
    mend: |what| format!("고치기: {what}"),
    undo: "고치기",
    no_dns: "DNS 서버에 연결할 수 없어요",
    no_dns_hint: "아래 레코드는 그대로지만 어느 파드도 물어볼 수 없어요. 주소로는 연결되고 /etc/hosts도 그대로 동작해요.",
    timed_out: "응답 없음 (시간 초과)",
    resolve_failed: "조회할 수 없음",
};
