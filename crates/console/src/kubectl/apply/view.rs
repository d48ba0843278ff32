//! `kubectl apply view-last-applied`.

use crate::kubectl::builder::{self, MISSING, Query, Selection};
use crate::kubectl::change::LAST_APPLIED;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use crate::kubectl::session::Io;
use petset_manifest::{to_json_pretty, to_yaml};
use serde_json::Value;

/// Prints the manifests that were applied last.
pub(crate) fn view_last_applied(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let json = match parsed.text("output") {
        "json" => true,
        "" | "yaml" => false,
        other => {
            return Err(Error::usage(
                parsed.command,
                &format!(
                    "Unexpected -o output mode: {other}, the flag 'output' must be one of yaml|json"
                ),
            ));
        }
    };
    let selection = if parsed.changed("filename") {
        crate::kubectl::get::select(parsed, io, false)?
    } else {
        let mut query = Query::new(parsed, io.session);
        query.kind_alone = parsed.is("all") || !query.labels.is_empty();
        query.select()?
    };
    if selection == Selection::Nothing {
        return Err(Error::plain(MISSING));
    }
    let (objects, errors) = builder::fetch(&selection, io);
    Error::of(errors)?;
    for object in objects {
        let annotations = object.meta().annotations.as_ref();
        let Some(text) = annotations.and_then(|map| map.get(LAST_APPLIED)) else {
            // Upstream makes an error here and loses it.
            continue;
        };
        let value: Value = serde_json::from_str(text).map_err(|e| Error::plain(e.to_string()))?;
        let shown = if json {
            to_json_pretty(&value)
        } else {
            to_yaml(&value)
        };
        io.out(&shown);
    }
    Ok(())
}
