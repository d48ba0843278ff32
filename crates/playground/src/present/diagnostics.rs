//! What is wrong in a file.

use crate::files::Files;
use crate::view::Diagnostic;
use petset_cluster::api::Server;

/// Everything wrong in `text`, in its order.
pub(crate) fn diagnostics(_server: &Server, _files: &Files, _text: &str) -> Vec<Diagnostic> {
    Vec::new()
}
