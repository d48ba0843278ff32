//! Words about new versions of the page.

/// The words of updates in one language.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct OfflineTexts {
    pub version: &'static str,
    pub ready: &'static str,
    pub update: &'static str,
}

pub(super) static EN: OfflineTexts = OfflineTexts {
    version: "Version",
    ready: "A new version of petset is ready. Your session comes along.",
    update: "Use the new version",
};

pub(super) static KO: OfflineTexts = OfflineTexts {
    version: "버전",
    ready: "petset의 새 버전이 준비되었어요. 세션은 그대로 이어져요.",
    update: "새 버전 사용",
};
