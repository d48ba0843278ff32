//! A small `awk`: it chooses lines and prints fields.

use super::Program;
use super::lines::{LineFilter, Lines};
use regex_lite::Regex;

/// The part of `awk` that prints fields: `[/pattern/ or NR==n or $n=="text"] {print …}`.
#[derive(Clone)]
struct Awk {
    condition: AwkCondition,
    print: Vec<AwkItem>,
    separator: Option<String>,
    lines: usize,
}

#[derive(Clone)]
enum AwkCondition {
    Always,
    Matches(Regex, bool),
    Compare(AwkItem, String, String),
}

#[derive(Clone)]
enum AwkItem {
    Field(usize),
    Text(String),
    LastField,
    LineNumber,
    FieldCount,
    /// What `,` between items prints.
    Space,
}

impl Awk {
    fn value(&self, item: &AwkItem, line: &str, fields: &[&str]) -> String {
        match item {
            AwkItem::Field(0) => line.to_owned(),
            AwkItem::Field(n) => fields.get(n - 1).copied().unwrap_or("").to_owned(),
            AwkItem::Text(text) => text.clone(),
            AwkItem::LastField => fields.last().copied().unwrap_or("").to_owned(),
            AwkItem::LineNumber => self.lines.to_string(),
            AwkItem::FieldCount => fields.len().to_string(),
            AwkItem::Space => " ".to_owned(),
        }
    }

    fn applies(&self, line: &str, fields: &[&str]) -> bool {
        match &self.condition {
            AwkCondition::Always => true,
            AwkCondition::Matches(regex, negated) => regex.is_match(line) != *negated,
            AwkCondition::Compare(item, operator, right) => {
                let left = self.value(item, line, fields);
                let order = match (left.parse::<f64>(), right.parse::<f64>()) {
                    (Ok(a), Ok(b)) => a.partial_cmp(&b),
                    _ => Some(left.cmp(right)),
                };
                let Some(order) = order else { return false };
                match operator.as_str() {
                    "==" => order.is_eq(),
                    "!=" => order.is_ne(),
                    "<" => order.is_lt(),
                    ">" => order.is_gt(),
                    "<=" => order.is_le(),
                    _ => order.is_ge(),
                }
            }
        }
    }
}

impl LineFilter for Awk {
    fn line(&mut self, _file: &str, line: &str, out: &mut String) -> Option<i32> {
        self.lines += 1;
        let fields: Vec<&str> = match &self.separator {
            Some(separator) => line.split(separator.as_str()).collect(),
            None => line.split_whitespace().collect(),
        };
        if self.applies(line, &fields) {
            for item in &self.print {
                out.push_str(&self.value(item, line, &fields));
            }
            out.push('\n');
        }
        None
    }

    fn end(&mut self, _out: &mut String) -> i32 {
        0
    }
}

/// `awk`, as far as it prints fields.
pub(super) fn awk(arguments: &[String]) -> Result<Box<dyn Program>, (String, i32)> {
    let mut options = super::options::Options::parse(arguments, "Fv");
    if options.operands.is_empty() {
        return Err(("usage: awk [-F fs] 'program' [file ...]".to_owned(), 2));
    }
    let program = options.operands.remove(0);
    let separator = options
        .value('F')
        .filter(|s| *s != " " && !s.is_empty())
        .map(|s| s.replace("\\t", "\t"));
    let Some((condition, print)) = awk_program(program.trim()) else {
        let words =
            format!("awk: not simulated here: awk beyond `/pattern/ {{print $1, $2}}': {program}");
        return Err((words, 2));
    };
    let filter = Awk {
        condition,
        print,
        separator,
        lines: 0,
    };
    Ok(Lines::boxed("awk", filter, options.operands))
}

fn awk_program(text: &str) -> Option<(AwkCondition, Vec<AwkItem>)> {
    let (condition, action) = match text.split_once('{') {
        Some((condition, rest)) => (condition.trim(), rest.trim().strip_suffix('}')?.trim()),
        None => (text, "print"),
    };
    let condition = if condition.is_empty() {
        AwkCondition::Always
    } else {
        awk_condition(condition)?
    };
    let list = action.trim_end_matches(';').strip_prefix("print")?.trim();
    if list.is_empty() {
        return Some((condition, vec![AwkItem::Field(0)]));
    }
    let mut items = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(',') {
            items.push(AwkItem::Space);
            rest = after.trim_start();
            continue;
        }
        let (item, after) = awk_item(rest)?;
        items.push(item);
        rest = after.trim_start();
    }
    Some((condition, items))
}

fn awk_condition(text: &str) -> Option<AwkCondition> {
    let negated = text.starts_with('!');
    let bare = text.trim_start_matches('!');
    if let Some(pattern) = bare.strip_prefix('/').and_then(|t| t.strip_suffix('/')) {
        return Some(AwkCondition::Matches(Regex::new(pattern).ok()?, negated));
    }
    let (item, rest) = awk_item(text)?;
    let rest = rest.trim();
    for operator in ["==", "!=", "<=", ">=", "<", ">"] {
        if let Some(right) = rest.strip_prefix(operator) {
            let right = right.trim().trim_matches('"').to_owned();
            return Some(AwkCondition::Compare(item, operator.to_owned(), right));
        }
    }
    None
}

fn awk_item(text: &str) -> Option<(AwkItem, &str)> {
    for (name, item) in [
        ("$NF", AwkItem::LastField),
        ("NR", AwkItem::LineNumber),
        ("NF", AwkItem::FieldCount),
    ] {
        if let Some(rest) = text.strip_prefix(name) {
            return Some((item, rest));
        }
    }
    if let Some(rest) = text.strip_prefix('$') {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        return Some((AwkItem::Field(rest[..end].parse().ok()?), &rest[end..]));
    }
    let rest = text.strip_prefix('"')?;
    let (inner, after) = rest.split_once('"')?;
    let inner = inner.replace("\\t", "\t").replace("\\n", "\n");
    Some((AwkItem::Text(inner), after))
}
