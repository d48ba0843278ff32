//! What a template finds in a value.

use super::{Node, Slice};
use serde_json::Value;
use std::cmp::Ordering;

/// One list of results for each part of the template; parts between `range` and `end` once for each value.
pub(super) fn find(nodes: &[Node], data: &Value, strict: bool) -> Result<Vec<Vec<Value>>, String> {
    let mut walker = Walker {
        strict,
        depth: 0,
        out: Vec::new(),
    };
    walker.block(nodes, Some(data))?;
    Ok(walker.out)
}

struct Walker {
    strict: bool,
    depth: usize,
    out: Vec<Vec<Value>>,
}

fn identifier(node: &Node) -> Option<&str> {
    match node {
        Node::List(list) => match list.first() {
            Some(Node::Identifier(name)) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

impl Walker {
    /// Works through the parts up to the `end` that belongs to this block; returns how many that were.
    fn block(&mut self, nodes: &[Node], data: Option<&Value>) -> Result<usize, String> {
        let mut at = 0;
        while let Some(node) = nodes.get(at) {
            at += 1;
            match identifier(node) {
                Some("end") if self.depth > 0 => return Ok(at),
                Some("end") => return Err("not in range, nothing to end".to_owned()),
                Some("range") => {
                    let Node::List(list) = node else { continue };
                    let values = match data {
                        Some(data) => self.walk_all(&list[1..], vec![data.clone()])?,
                        None => Vec::new(),
                    };
                    self.depth += 1;
                    let mut used = 0;
                    for value in &values {
                        used = self.block(&nodes[at..], Some(value))?;
                    }
                    if values.is_empty() {
                        used = self.block(&nodes[at..], None)?;
                    }
                    self.depth -= 1;
                    at += used;
                }
                _ => {
                    if let Some(data) = data {
                        let found = self.walk(node, vec![data.clone()])?;
                        self.out.push(found);
                    }
                }
            }
        }
        Ok(at)
    }

    fn walk_all(&self, nodes: &[Node], mut values: Vec<Value>) -> Result<Vec<Value>, String> {
        for node in nodes {
            values = self.walk(node, values)?;
        }
        Ok(values)
    }

    fn walk(&self, node: &Node, values: Vec<Value>) -> Result<Vec<Value>, String> {
        match node {
            Node::Text(text) => Ok(vec![Value::String(text.clone())]),
            Node::Literal(value) => Ok(values.iter().map(|_| value.clone()).collect()),
            Node::List(list) => self.walk_all(list, values),
            Node::Identifier(name) => Err(format!("unrecognized identifier {name}")),
            Node::Field(name) => self.field(name, values),
            Node::Array(slice) => array(*slice, values),
            Node::Wildcard => Ok(values.into_iter().flat_map(children).collect()),
            Node::Recursive => Ok(values.into_iter().flat_map(descendants).collect()),
            Node::Union(parts) => {
                let mut found = Vec::new();
                for part in parts {
                    found.extend(self.walk_all(part, values.clone())?);
                }
                Ok(found)
            }
            Node::Filter {
                left,
                right,
                operator,
            } => self.filter(left, right, operator, values),
        }
    }

    fn field(&self, name: &str, values: Vec<Value>) -> Result<Vec<Value>, String> {
        if values.is_empty() {
            return Ok(values);
        }
        let found: Vec<Value> = values
            .iter()
            .filter_map(|value| value.get(name).cloned())
            .collect();
        if found.is_empty() && self.strict {
            return Err(format!("{name} is not found"));
        }
        Ok(found)
    }

    fn filter(
        &self,
        left: &[Node],
        right: &[Node],
        operator: &str,
        values: Vec<Value>,
    ) -> Result<Vec<Value>, String> {
        let lenient = Walker {
            strict: false,
            depth: 0,
            out: Vec::new(),
        };
        let mut found = Vec::new();
        for value in values {
            let Value::Array(items) = value else {
                if value.is_null() {
                    continue;
                }
                return Err(format!(
                    "{} is not array or slice and cannot be filtered",
                    super::plain(&value)
                ));
            };
            for item in items {
                let lefts = lenient.walk_all(left, vec![item.clone()])?;
                if operator == "exists" {
                    if !lefts.is_empty() {
                        found.push(item);
                    }
                    continue;
                }
                let rights = lenient.walk_all(right, vec![item.clone()])?;
                if lefts.len() > 1 || rights.len() > 1 {
                    return Err("can only compare one element at a time".to_owned());
                }
                if let (Some(a), Some(b)) = (lefts.first(), rights.first())
                    && compare(operator, a, b)
                {
                    found.push(item);
                }
            }
        }
        Ok(found)
    }
}

fn array(slice: Slice, values: Vec<Value>) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    for value in values {
        let items = match value {
            Value::Array(items) => items,
            Value::Null => continue,
            other => return Err(format!("{} is not array or slice", go_type(&other))),
        };
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let mut start = slice.start.unwrap_or(0);
        if start < 0 {
            start += length;
        }
        let mut end = slice.end.unwrap_or(length);
        if end < 0 || (end == 0 && slice.derived) {
            end += length;
        }
        if start == end {
            continue;
        }
        let outside = |index: i64| {
            Err(format!(
                "array index out of bounds: index {index}, length {length}"
            ))
        };
        if start >= length || start < 0 {
            return outside(start);
        }
        if end > length || end < 0 {
            return outside(end - 1);
        }
        if start > end {
            return Err(format!(
                "starting index {start} is greater than ending index {end}"
            ));
        }
        let step = slice.step.unwrap_or(1);
        if step <= 0 {
            return Err("step must be > 0".to_owned());
        }
        let (start, count, step) = (
            usize::try_from(start).unwrap_or(0),
            usize::try_from(end - start).unwrap_or(0),
            usize::try_from(step).unwrap_or(1),
        );
        found.extend(items.into_iter().skip(start).take(count).step_by(step));
    }
    Ok(found)
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "map[string]interface {}",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::Null | Value::Array(_) => "[]interface {}",
    }
}

fn children(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Object(map) => map.into_iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

fn descendants(value: Value) -> Vec<Value> {
    let mut found = vec![value.clone()];
    for child in children(value) {
        if child.is_array() || child.is_object() {
            found.extend(descendants(child));
        }
    }
    found
}

fn compare(operator: &str, a: &Value, b: &Value) -> bool {
    let order = match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a
            .as_f64()
            .zip(b.as_f64())
            .and_then(|(a, b)| a.partial_cmp(&b)),
        (a, b) if a == b => Some(Ordering::Equal),
        _ => None,
    };
    match operator {
        "==" => order == Some(Ordering::Equal),
        "!=" => order != Some(Ordering::Equal),
        "<" => order == Some(Ordering::Less),
        ">" => order == Some(Ordering::Greater),
        "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}
