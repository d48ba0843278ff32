//! The words of the pictures, a file for each.

pub mod twin;

/// The texts of the pictures in one language.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct ViewTexts {
    pub twin: twin::TwinTexts,
}

pub(super) const EN: ViewTexts = ViewTexts { twin: twin::EN };

pub(super) const KO: ViewTexts = ViewTexts { twin: twin::KO };
