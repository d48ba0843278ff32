//! Runs a filter.

use super::parse::Filter;
use super::value::Json;
use crate::kubectl::base64;
use petset_cluster::sort;
use regex_lite::Regex;
use std::collections::BTreeMap;

/// How many values a filter may make on its way.
const VALUE_LIMIT: usize = 200_000;

type Values = Result<Vec<Json>, String>;

/// The functions, and how many arguments each takes.
const FUNCTIONS: [(&str, usize); 42] = [
    ("add", 0),
    ("all", 0),
    ("any", 0),
    ("any", 1),
    ("all", 1),
    ("ascii_downcase", 0),
    ("ascii_upcase", 0),
    ("contains", 1),
    ("empty", 0),
    ("endswith", 1),
    ("first", 0),
    ("first", 1),
    ("flatten", 0),
    ("from_entries", 0),
    ("group_by", 1),
    ("has", 1),
    ("join", 1),
    ("keys", 0),
    ("last", 0),
    ("length", 0),
    ("ltrimstr", 1),
    ("map", 1),
    ("map_values", 1),
    ("max", 0),
    ("min", 0),
    ("not", 0),
    ("range", 1),
    ("recurse", 0),
    ("reverse", 0),
    ("rtrimstr", 1),
    ("select", 1),
    ("sort", 0),
    ("sort_by", 1),
    ("split", 1),
    ("startswith", 1),
    ("test", 1),
    ("to_entries", 0),
    ("tojson", 0),
    ("tonumber", 0),
    ("tostring", 0),
    ("type", 0),
    ("unique", 0),
];

/// Whether there is such a function.
pub(super) fn is_known(name: &str, arguments: usize) -> bool {
    FUNCTIONS.contains(&(name, arguments))
}

/// The values that the filter makes of one.
///
/// # Errors
/// jq's words.
pub(super) fn run(filter: &Filter, input: &Json, variables: &BTreeMap<String, Json>) -> Values {
    let mut eval = Eval { variables, made: 0 };
    eval.run(filter, input)
}

struct Eval<'v> {
    variables: &'v BTreeMap<String, Json>,
    made: usize,
}

impl Eval<'_> {
    fn run(&mut self, filter: &Filter, input: &Json) -> Values {
        self.made += 1;
        if self.made > VALUE_LIMIT {
            return Err("not simulated here: so many values".to_owned());
        }
        match filter {
            Filter::Identity => Ok(vec![input.clone()]),
            Filter::Recurse => Ok(recurse(input)),
            Filter::Literal(value) => Ok(vec![value.clone()]),
            Filter::Variable(name) => match self.variables.get(name) {
                Some(value) => Ok(vec![value.clone()]),
                None => Err(format!("${name} is not defined")),
            },
            Filter::Template(pieces) => self.template(pieces, input),
            Filter::Index(of, key) => {
                let keys = self.run(key, input)?;
                let of = self.run(of, input)?;
                let pairs = of
                    .iter()
                    .flat_map(|of| keys.iter().map(move |key| (of, key)));
                pairs.map(|(of, key)| index(of, key)).collect()
            }
            Filter::Slice(of, from, to) => self.slice(of, from.as_deref(), to.as_deref(), input),
            Filter::Each(of) => {
                let mut out = Vec::new();
                for value in self.run(of, input)? {
                    out.extend(each(value)?);
                }
                Ok(out)
            }
            Filter::Try(of) => Ok(self.run(of, input).unwrap_or_default()),
            Filter::Pipe(left, right) => {
                let mut out = Vec::new();
                for value in self.run(left, input)? {
                    out.extend(self.run(right, &value)?);
                }
                Ok(out)
            }
            Filter::Comma(left, right) => {
                let mut out = self.run(left, input)?;
                out.extend(self.run(right, input)?);
                Ok(out)
            }
            Filter::Binary(operator, left, right) => self.binary(operator, left, right, input),
            Filter::List(None) => Ok(vec![Json::List(Vec::new())]),
            Filter::List(Some(inner)) => Ok(vec![Json::List(self.run(inner, input)?)]),
            Filter::Object(entries) => self.object(entries, input),
            Filter::If(test, yes, no) => {
                let mut out = Vec::new();
                for value in self.run(test, input)? {
                    out.extend(self.run(if value.is_true() { yes } else { no }, input)?);
                }
                Ok(out)
            }
            Filter::Call(name, arguments) => self.call(name, arguments, input),
        }
    }

    fn template(&mut self, pieces: &[(String, Option<Filter>)], input: &Json) -> Values {
        let mut texts = vec![String::new()];
        for (piece, filter) in pieces {
            texts.iter_mut().for_each(|text| text.push_str(piece));
            let Some(filter) = filter else { continue };
            let values = self.run(filter, input)?;
            let longer = values.iter().flat_map(|value| {
                texts
                    .iter()
                    .map(move |text| format!("{text}{}", value.text()))
            });
            texts = longer.take(VALUE_LIMIT).collect();
        }
        Ok(texts.into_iter().map(Json::Text).collect())
    }

    fn slice(
        &mut self,
        of: &Filter,
        from: Option<&Filter>,
        to: Option<&Filter>,
        input: &Json,
    ) -> Values {
        let mut bound = |filter: Option<&Filter>| -> Result<Option<f64>, String> {
            match filter
                .map(|filter| self.run(filter, input))
                .transpose()?
                .as_deref()
            {
                Some([Json::Number(number), ..]) => Ok(Some(*number)),
                Some([Json::Null, ..]) | None => Ok(None),
                _ => Err("Start and end indices of an array slice must be numbers".to_owned()),
            }
        };
        let (from, to) = (bound(from)?, bound(to)?);
        let range = |length: usize| {
            let place = |bound: f64| {
                let bound = if bound < 0.0 {
                    bound + length as f64
                } else {
                    bound
                };
                (bound.max(0.0) as usize).min(length)
            };
            let from = from.map_or(0, place);
            from..to.map_or(length, place).max(from)
        };
        let cut = |value: Json| match value {
            Json::Null => Ok(Json::Null),
            Json::List(items) => Ok(Json::List(items[range(items.len())].to_vec())),
            Json::Text(text) => {
                let characters: Vec<char> = text.chars().collect();
                Ok(Json::Text(
                    characters[range(characters.len())].iter().collect(),
                ))
            }
            other => Err(format!("Cannot index {} with object", other.kind())),
        };
        self.run(of, input)?.into_iter().map(cut).collect()
    }

    fn object(&mut self, entries: &[(Filter, Filter)], input: &Json) -> Values {
        let mut objects = vec![Vec::new()];
        for (key, value) in entries {
            let (keys, values) = (self.run(key, input)?, self.run(value, input)?);
            let mut next = Vec::new();
            for object in &objects {
                for key in &keys {
                    let Json::Text(key) = key else {
                        let words = format!("Object keys must be strings, not {}", key.kind());
                        return Err(words);
                    };
                    for value in &values {
                        let mut object: Vec<(String, Json)> = object.clone();
                        Json::put(&mut object, key.clone(), value.clone());
                        next.push(object);
                    }
                }
            }
            objects = next;
            if objects.len() > VALUE_LIMIT {
                return Err("not simulated here: so many values".to_owned());
            }
        }
        Ok(objects.into_iter().map(Json::Object).collect())
    }

    fn binary(&mut self, operator: &str, left: &Filter, right: &Filter, input: &Json) -> Values {
        if operator == "//" {
            let mut values = self.run(left, input).unwrap_or_default();
            values.retain(Json::is_true);
            return match values.is_empty() {
                true => self.run(right, input),
                false => Ok(values),
            };
        }
        let mut out = Vec::new();
        for left in self.run(left, input)? {
            match (operator, left.is_true()) {
                ("and", false) => out.push(Json::Bool(false)),
                ("or", true) => out.push(Json::Bool(true)),
                _ => {
                    for right in self.run(right, input)? {
                        out.push(combine(operator, &left, &right)?);
                    }
                }
            }
        }
        Ok(out)
    }

    /// Each item with what the filter makes of it.
    fn keyed(&mut self, filter: &Filter, items: &[Json]) -> Result<Vec<(Json, Json)>, String> {
        let mut keyed = Vec::new();
        for item in items {
            keyed.push((Json::List(self.run(filter, item)?), item.clone()));
        }
        sort::by(&mut keyed, |a, b| a.0.order(&b.0));
        Ok(keyed)
    }

    fn call(&mut self, name: &str, arguments: &[Filter], input: &Json) -> Values {
        let list = || match input {
            Json::List(items) => Ok(items.as_slice()),
            other => Err(format!("Cannot iterate over {}", other.kind())),
        };
        let [argument, ..] = arguments else {
            return plain(name, input);
        };
        match name {
            "select" => {
                let tests = self.run(argument, input)?;
                let kept = tests.iter().filter(|test| test.is_true());
                Ok(kept.map(|_| input.clone()).collect())
            }
            "map" => {
                let mut out = Vec::new();
                for item in each(input.clone())? {
                    out.extend(self.run(argument, &item)?);
                }
                Ok(vec![Json::List(out)])
            }
            "map_values" => {
                let Json::Object(entries) = input else {
                    return Err(format!("Cannot iterate over {}", input.kind()));
                };
                let mut out = Vec::new();
                for (key, value) in entries {
                    let made = self.run(argument, value)?.into_iter().next();
                    out.extend(made.map(|made| (key.clone(), made)));
                }
                Ok(vec![Json::Object(out)])
            }
            "first" => Ok(self.run(argument, input)?.into_iter().take(1).collect()),
            "any" | "all" => {
                let mut found = Vec::new();
                for item in list()? {
                    found.extend(self.run(argument, item)?);
                }
                Ok(vec![Json::Bool(match name {
                    "any" => found.iter().any(Json::is_true),
                    _ => found.iter().all(Json::is_true),
                })])
            }
            "sort_by" => {
                let keyed = self.keyed(argument, list()?)?;
                Ok(vec![Json::List(
                    keyed.into_iter().map(|(_, item)| item).collect(),
                )])
            }
            "group_by" => {
                let mut groups: Vec<(Json, Vec<Json>)> = Vec::new();
                for (key, item) in self.keyed(argument, list()?)? {
                    match groups.last_mut().filter(|(last, _)| *last == key) {
                        Some((_, items)) => items.push(item),
                        None => groups.push((key, vec![item])),
                    }
                }
                let groups = groups.into_iter().map(|(_, items)| Json::List(items));
                Ok(vec![Json::List(groups.collect())])
            }
            _ => {
                let values = self.run(argument, input)?;
                let mut out = Vec::new();
                for value in values {
                    out.extend(with_value(name, input, &value)?);
                }
                Ok(out)
            }
        }
    }
}

/// The functions of one value.
fn with_value(name: &str, input: &Json, value: &Json) -> Values {
    let wrong = |words: &str| Err(format!("{} ({}) {words}", input.kind(), input.compact()));
    let found = match (name, input, value) {
        ("has", Json::Object(entries), Json::Text(key)) => {
            Json::Bool(entries.iter().any(|(known, _)| known == key))
        }
        ("has", Json::List(items), Json::Number(at)) => {
            Json::Bool(*at >= 0.0 && (*at as usize) < items.len())
        }
        ("has", _, _) => {
            return Err(format!(
                "Cannot check whether {} has a {} key",
                input.kind(),
                value.kind()
            ));
        }
        ("contains", _, _) => Json::Bool(contains(input, value)),
        ("startswith", Json::Text(text), Json::Text(part)) => {
            Json::Bool(text.starts_with(part.as_str()))
        }
        ("endswith", Json::Text(text), Json::Text(part)) => {
            Json::Bool(text.ends_with(part.as_str()))
        }
        ("ltrimstr", Json::Text(text), Json::Text(part)) => {
            Json::Text(text.strip_prefix(part.as_str()).unwrap_or(text).to_owned())
        }
        ("rtrimstr", Json::Text(text), Json::Text(part)) => {
            Json::Text(text.strip_suffix(part.as_str()).unwrap_or(text).to_owned())
        }
        ("ltrimstr" | "rtrimstr", _, _) => input.clone(),
        ("test", Json::Text(text), Json::Text(pattern)) => match Regex::new(pattern) {
            Ok(regex) => Json::Bool(regex.is_match(text)),
            Err(_) => return Err(format!("{pattern} (at offset 0) is not a valid regex")),
        },
        ("split", Json::Text(text), Json::Text(separator)) if separator.is_empty() => {
            Json::List(text.chars().map(|c| Json::Text(c.to_string())).collect())
        }
        ("split", Json::Text(text), Json::Text(separator)) => {
            let parts = text.split(separator.as_str());
            Json::List(parts.map(|part| Json::Text(part.to_owned())).collect())
        }
        ("join", Json::List(items), Json::Text(separator)) => {
            let texts = items.iter().map(|item| match item {
                Json::Null => String::new(),
                other => other.text(),
            });
            Json::Text(texts.collect::<Vec<_>>().join(separator))
        }
        ("range", _, Json::Number(end)) => {
            let count = end.max(0.0).min(VALUE_LIMIT as f64) as u32;
            return Ok((0..count).map(|n| Json::Number(f64::from(n))).collect());
        }
        _ => return wrong(&format!("cannot be used with {name}")),
    };
    Ok(vec![found])
}

fn contains(whole: &Json, part: &Json) -> bool {
    match (whole, part) {
        (Json::Text(whole), Json::Text(part)) => whole.contains(part.as_str()),
        (Json::List(whole), Json::List(parts)) => parts
            .iter()
            .all(|part| whole.iter().any(|item| contains(item, part))),
        (Json::Object(whole), Json::Object(parts)) => parts.iter().all(|(key, part)| {
            whole
                .iter()
                .any(|(known, value)| known == key && contains(value, part))
        }),
        _ => whole == part,
    }
}

/// The functions without arguments.
fn plain(name: &str, input: &Json) -> Values {
    let text = |value: String| Ok(vec![Json::Text(value)]);
    let found = match (name, input) {
        ("empty", _) => return Ok(Vec::new()),
        ("recurse", _) => return Ok(recurse(input)),
        ("not", _) => Json::Bool(!input.is_true()),
        ("type", _) => return text(input.kind().to_owned()),
        ("tostring", _) => return text(input.text()),
        ("tojson" | "@json", _) => return text(input.compact()),
        ("@text", _) => return text(input.text()),
        ("tonumber", Json::Number(_)) => input.clone(),
        ("tonumber", Json::Text(digits)) => match digits.parse() {
            Ok(number) => Json::Number(number),
            Err(_) => return Err(format!("Cannot parse '{digits}' as JSON")),
        },
        ("length", Json::Null) => Json::Number(0.0),
        ("length", Json::Text(text)) => Json::Number(text.chars().count() as f64),
        ("length", Json::List(items)) => Json::Number(items.len() as f64),
        ("length", Json::Object(entries)) => Json::Number(entries.len() as f64),
        ("length", Json::Number(number)) => Json::Number(number.abs()),
        ("ascii_downcase", Json::Text(value)) => return text(value.to_ascii_lowercase()),
        ("ascii_upcase", Json::Text(value)) => return text(value.to_ascii_uppercase()),
        ("@base64", _) => return text(base64(input.text().as_bytes())),
        ("keys", Json::Object(entries)) => {
            let mut keys: Vec<Json> = entries
                .iter()
                .map(|(key, _)| Json::Text(key.clone()))
                .collect();
            Json::sort(&mut keys);
            Json::List(keys)
        }
        ("keys", Json::List(items)) => {
            Json::List((0..items.len()).map(|at| Json::Number(at as f64)).collect())
        }
        ("to_entries", Json::Object(entries)) => {
            let entry = |(key, value): &(String, Json)| {
                Json::Object(vec![
                    ("key".to_owned(), Json::Text(key.clone())),
                    ("value".to_owned(), value.clone()),
                ])
            };
            Json::List(entries.iter().map(entry).collect())
        }
        (_, Json::List(items)) => return of_list(name, items),
        ("add" | "first" | "last" | "min" | "max", Json::Null) => Json::Null,
        _ => {
            return Err(format!(
                "{} ({}) has no {name}",
                input.kind(),
                input.compact()
            ));
        }
    };
    Ok(vec![found])
}

fn of_list(name: &str, items: &[Json]) -> Values {
    let sorted = || {
        let mut sorted = items.to_vec();
        Json::sort(&mut sorted);
        sorted
    };
    let texts = || items.iter().map(Json::text);
    let found = match name {
        "add" => {
            let mut sum = Json::Null;
            for item in items {
                sum = combine("+", &sum, item)?;
            }
            sum
        }
        "any" => Json::Bool(items.iter().any(Json::is_true)),
        "all" => Json::Bool(items.iter().all(Json::is_true)),
        "first" => items.first().cloned().unwrap_or(Json::Null),
        "last" => items.last().cloned().unwrap_or(Json::Null),
        "min" => sorted().first().cloned().unwrap_or(Json::Null),
        "max" => sorted().last().cloned().unwrap_or(Json::Null),
        "reverse" => Json::List(items.iter().rev().cloned().collect()),
        "sort" => Json::List(sorted()),
        "unique" => {
            let mut sorted = sorted();
            sorted.dedup();
            Json::List(sorted)
        }
        "flatten" => {
            let flat = items.iter().flat_map(|item| match item {
                Json::List(inner) => inner.clone(),
                other => vec![other.clone()],
            });
            Json::List(flat.collect())
        }
        "from_entries" => {
            let mut entries = Vec::new();
            for item in items {
                let key = ["key", "name", "k"]
                    .iter()
                    .filter_map(|name| index(item, &Json::Text((*name).to_owned())).ok())
                    .find(Json::is_true);
                let value = index(item, &Json::Text("value".to_owned()))?;
                Json::put(&mut entries, key.unwrap_or(Json::Null).text(), value);
            }
            Json::Object(entries)
        }
        "@tsv" => Json::Text(texts().collect::<Vec<_>>().join("\t")),
        "@csv" => {
            let cells = items.iter().map(|item| match item {
                Json::Text(text) => format!("\"{}\"", text.replace('"', "\"\"")),
                other => other.compact(),
            });
            Json::Text(cells.collect::<Vec<_>>().join(","))
        }
        "@sh" => {
            let cells = items.iter().map(|item| match item {
                Json::Text(text) => format!("'{}'", text.replace('\'', "'\\''")),
                other => other.compact(),
            });
            Json::Text(cells.collect::<Vec<_>>().join(" "))
        }
        _ => return Err(format!("array has no {name}")),
    };
    Ok(vec![found])
}

fn recurse(value: &Json) -> Vec<Json> {
    let mut out = vec![value.clone()];
    for inner in each(value.clone()).unwrap_or_default() {
        out.extend(recurse(&inner));
    }
    out
}

fn each(value: Json) -> Values {
    match value {
        Json::List(items) => Ok(items),
        Json::Object(entries) => Ok(entries.into_iter().map(|(_, value)| value).collect()),
        Json::Null => Err("Cannot iterate over null (null)".to_owned()),
        other => Err(format!(
            "Cannot iterate over {} ({})",
            other.kind(),
            other.compact()
        )),
    }
}

fn index(of: &Json, key: &Json) -> Result<Json, String> {
    match (of, key) {
        (Json::Null, _) => Ok(Json::Null),
        (Json::Object(entries), Json::Text(key)) => {
            let found = entries.iter().find(|(known, _)| known == key);
            Ok(found.map_or(Json::Null, |(_, value)| value.clone()))
        }
        (Json::List(items), Json::Number(at)) => {
            let at = if *at < 0.0 {
                at + items.len() as f64
            } else {
                *at
            };
            let found = (at >= 0.0).then(|| items.get(at as usize)).flatten();
            Ok(found.cloned().unwrap_or(Json::Null))
        }
        (of, Json::Text(key)) => Err(format!("Cannot index {} with \"{key}\"", of.kind())),
        (of, key) => Err(format!("Cannot index {} with {}", of.kind(), key.kind())),
    }
}

fn combine(operator: &str, left: &Json, right: &Json) -> Result<Json, String> {
    let order = left.order(right);
    let done = match (operator, left, right) {
        ("==", _, _) => Json::Bool(left == right),
        ("!=", _, _) => Json::Bool(left != right),
        ("<", _, _) => Json::Bool(order.is_lt()),
        ("<=", _, _) => Json::Bool(order.is_le()),
        (">", _, _) => Json::Bool(order.is_gt()),
        (">=", _, _) => Json::Bool(order.is_ge()),
        ("and" | "or", _, right) => Json::Bool(right.is_true()),
        ("+", Json::Null, other) | ("+", other, Json::Null) => other.clone(),
        ("+", Json::Number(a), Json::Number(b)) => Json::Number(a + b),
        ("-", Json::Number(a), Json::Number(b)) => Json::Number(a - b),
        ("*", Json::Number(a), Json::Number(b)) => Json::Number(a * b),
        ("/" | "%", Json::Number(_), Json::Number(b)) if *b == 0.0 => {
            return Err(format!(
                "number ({}) and number (0) cannot be divided because the divisor is zero",
                left.compact()
            ));
        }
        ("/", Json::Number(a), Json::Number(b)) => Json::Number(a / b),
        ("%", Json::Number(a), Json::Number(b)) => Json::Number(a.trunc() % b.trunc()),
        ("+", Json::Text(a), Json::Text(b)) => Json::Text(format!("{a}{b}")),
        ("+", Json::List(a), Json::List(b)) => Json::List([a.as_slice(), b].concat()),
        ("-", Json::List(a), Json::List(b)) => {
            Json::List(a.iter().filter(|item| !b.contains(item)).cloned().collect())
        }
        ("+", Json::Object(a), Json::Object(b)) => {
            let mut sum = a.clone();
            for (key, value) in b {
                Json::put(&mut sum, key.clone(), value.clone());
            }
            Json::Object(sum)
        }
        _ => {
            let verb = match operator {
                "+" => "added",
                "-" => "subtracted",
                "*" => "multiplied",
                _ => "divided",
            };
            return Err(format!(
                "{} ({}) and {} ({}) cannot be {verb}",
                left.kind(),
                left.compact(),
                right.kind(),
                right.compact()
            ));
        }
    };
    Ok(done)
}
