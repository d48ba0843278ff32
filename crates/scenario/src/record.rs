//! The recordings' format: commands with their answers, and changes of objects.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

/// What a command answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code.
    pub code: i32,
}

/// One command of a run and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The line as typed.
    pub command: String,
    /// Whether it ran in the background.
    #[serde(default, skip_serializing_if = "is_false")]
    pub background: bool,
    /// Standard output.
    #[serde(default)]
    pub stdout: String,
    /// Standard error.
    #[serde(default)]
    pub stderr: String,
    /// The exit code; none for a command that ran in the background until the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// When it started, in milliseconds since the scenario did.
    #[serde(default)]
    pub start_ms: u64,
    /// When it ended, in milliseconds since the scenario began; none for a command that ran in the background.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_ms: Option<u64>,
}

// The signature is serde's.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Record {
    /// A finished command; `span_ms` is when it started and ended.
    pub fn finished(command: &str, output: Output, span_ms: (u64, u64)) -> Self {
        let Output {
            stdout,
            stderr,
            code,
        } = output;
        Self {
            command: command.to_owned(),
            stdout,
            stderr,
            code: Some(code),
            background: false,
            start_ms: span_ms.0,
            end_ms: Some(span_ms.1),
        }
    }

    /// A command that runs until the end; its output comes then.
    pub fn in_background(command: &str) -> Self {
        Self {
            command: command.to_owned(),
            stdout: String::new(),
            stderr: String::new(),
            code: None,
            background: true,
            start_ms: 0,
            end_ms: None,
        }
    }
}

/// One change of one object, as a watch sends it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// When it arrived, in milliseconds since the scenario began.
    pub ms: u64,
    /// `ADDED`, `MODIFIED` or `DELETED`.
    pub event: String,
    /// The object after it (before it, for a deletion).
    pub object: Value,
}

/// The text of `commands.json`.
///
/// # Errors
/// None in practice: every value has a form in JSON.
pub fn commands_json(records: &[Record]) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(b" ");
    records.serialize(&mut Serializer::with_formatter(&mut bytes, formatter))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The text of `changes.jsonl`: one change a line, without `managedFields`.
pub fn changes_jsonl(changes: &[Change]) -> String {
    let line = |change: &Change| {
        let mut object = change.object.clone();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
        }
        let event = Value::from(change.event.as_str());
        format!(
            "{{\"ms\": {}, \"type\": {event}, \"object\": {object}}}\n",
            change.ms
        )
    };
    changes.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{Change, Output, Record, changes_jsonl, commands_json};
    use serde_json::json;

    #[test]
    fn records_are_written_as_the_recorder_writes_them() {
        let output = Output {
            stdout: "a \"b\"\n한글\n".to_owned(),
            stderr: String::new(),
            code: 1,
        };
        let records = [
            Record::in_background("kubectl get pods -w"),
            Record::finished("kubectl x", output, (3, 40)),
        ];
        let text = commands_json(&records).expect("JSON");
        assert_eq!(
            text,
            "[\n {\n  \"command\": \"kubectl get pods -w\",\n  \"background\": true,\n  \"stdout\": \"\",\n  \"stderr\": \"\",\n  \"start_ms\": 0\n },\n \
             {\n  \"command\": \"kubectl x\",\n  \"stdout\": \"a \\\"b\\\"\\n한글\\n\",\n  \"stderr\": \"\",\n  \"code\": 1,\n  \"start_ms\": 3,\n  \"end_ms\": 40\n }\n]"
        );
        let read: Vec<Record> = serde_json::from_str(&text).expect("its own format");
        assert_eq!(read, records);
    }

    #[test]
    fn changes_are_lines_without_managed_fields() {
        let change = Change {
            ms: 7,
            event: "ADDED".to_owned(),
            object: json!({ "metadata": { "name": "a", "managedFields": [] } }),
        };
        assert_eq!(
            changes_jsonl(&[change]),
            "{\"ms\": 7, \"type\": \"ADDED\", \"object\": {\"metadata\":{\"name\":\"a\"}}}\n"
        );
    }
}
