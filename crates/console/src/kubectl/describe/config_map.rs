//! ConfigMaps.

use super::describe_metadata;
use super::writer::PrefixWriter;
use k8s_openapi::api::core::v1::ConfigMap;

/// A ConfigMap with its values.
///
/// Upstream: `ConfigMapDescriber`.
pub(super) fn describe(config_map: &ConfigMap, w: &mut PrefixWriter) {
    describe_metadata(&config_map.metadata, w);
    w.line(0, "\nData\n====");
    for (key, value) in config_map.data.iter().flatten() {
        w.line(0, format_args!("{key}:\n----\n{value}\n"));
    }
    w.line(0, "\nBinaryData\n====");
    for (key, value) in config_map.binary_data.iter().flatten() {
        w.line(0, format_args!("{key}: {} bytes", value.0.len()));
    }
    w.line(0, "");
}
