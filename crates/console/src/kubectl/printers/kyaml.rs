//! `-o kyaml`: YAML with braces and quotes everywhere.
//!
//! Upstream: `sigs.k8s.io/yaml/kyaml`.

use serde_json::Value;

/// The value as a document, with its separator.
pub(super) fn kyaml(value: &Value) -> String {
    let mut out = String::from("---\n");
    render(value, 0, &mut out);
    out.push('\n');
    out
}

fn render(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Object(map) => {
            out.push_str("{\n");
            for (key, value) in map {
                indent(depth + 1, out);
                if needs_quotes(key) {
                    string(key, depth + 1, out);
                } else {
                    out.push_str(key);
                }
                out.push_str(": ");
                render(value, depth + 1, out);
                out.push_str(",\n");
            }
            indent(depth, out);
            out.push('}');
        }
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        // Brackets cuddle around lists of maps and lists.
        Value::Array(items) if items.iter().all(|item| item.is_object() || item.is_array()) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                render(item, depth, out);
            }
            out.push(']');
        }
        Value::Array(items) => {
            out.push_str("[\n");
            for item in items {
                indent(depth + 1, out);
                render(item, depth + 1, out);
                out.push_str(",\n");
            }
            indent(depth, out);
            out.push(']');
        }
        Value::String(text) => string(text, depth, out),
        other => out.push_str(&other.to_string()),
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// A quoted text; one of several lines is folded so that each stands on its own.
fn string(text: &str, depth: usize, out: &mut String) {
    let folds = text.contains('\n');
    out.push('"');
    if folds {
        out.push_str("\\\n");
    }
    let mut begins = folds;
    for c in text.chars() {
        if std::mem::take(&mut begins) {
            indent(depth + 1, out);
            // A space that begins a folded line would be lost.
            out.push(if c == ' ' || c == '\t' { '\\' } else { ' ' });
        }
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => {
                out.push_str("\\n\\\n");
                begins = true;
            }
            '\t' => out.push('\t'),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    if folds {
        if !begins {
            out.push_str("\\\n");
        }
        indent(depth + 1, out);
    }
    out.push('"');
}

fn needs_quotes(key: &str) -> bool {
    let words = [
        "null", "~", "true", "t", "y", "yes", "on", "false", "f", "n", "no", "off",
    ];
    let last = key.chars().count().saturating_sub(1);
    let is_plain = |(at, c): (usize, char)| {
        c.is_alphanumeric() || c == '_' || (at > 0 && at < last && "-./".contains(c))
    };
    key.is_empty()
        || words.contains(&key.to_lowercase().as_str())
        || key.starts_with(|c: char| c.is_ascii_digit())
        || !key.chars().enumerate().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::kyaml;
    use serde_json::json;

    #[test]
    fn values_are_rendered_as_upstream() {
        let value = json!({
            "a": {"b-c": "true", "1": 2, "yes": null},
            "list": [{"x": 1}, {"z": []}],
            "texts": ["a", "b"],
            "none": {},
        });
        assert_eq!(
            kyaml(&value),
            "---\n{\n  a: {\n    \"1\": 2,\n    b-c: \"true\",\n    \"yes\": null,\n  },\n  list: [{\n    x: 1,\n  }, {\n    z: [],\n  }],\n  none: {},\n  texts: [\n    \"a\",\n    \"b\",\n  ],\n}\n"
        );
    }
}
