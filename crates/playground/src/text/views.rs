//! The words of the pictures, a file for each.

pub mod faults;
pub mod legend;
pub mod owners;
pub mod set;
pub mod timeline;
pub mod tools;
pub mod twin;

/// The texts of the pictures in one language.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct ViewTexts {
    pub faults: faults::FaultTexts,
    pub legend: legend::LegendTexts,
    pub owners: owners::OwnersTexts,
    pub set: set::SetTexts,
    pub timeline: timeline::TimelineTexts,
    pub tools: tools::ToolsTexts,
    pub twin: twin::TwinTexts,
}

pub(super) const EN: ViewTexts = ViewTexts {
    faults: faults::EN,
    legend: legend::EN,
    owners: owners::EN,
    set: set::EN,
    timeline: timeline::EN,
    tools: tools::EN,
    twin: twin::EN,
};

pub(super) const KO: ViewTexts = ViewTexts {
    faults: faults::KO,
    legend: legend::KO,
    owners: owners::KO,
    set: set::KO,
    timeline: timeline::KO,
    tools: tools::KO,
    twin: twin::KO,
};
