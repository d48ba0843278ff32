//! Runs a filter.

use super::functions::{plain, with_value};
use super::parse::Filter;
use super::value::Json;
use petset_cluster::sort;
use std::collections::BTreeMap;

/// How many values a filter may make on its way.
pub(super) const VALUE_LIMIT: usize = 200_000;

pub(super) type Values = Result<Vec<Json>, String>;

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

pub(super) fn recurse(value: &Json) -> Vec<Json> {
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

pub(super) fn index(of: &Json, key: &Json) -> Result<Json, String> {
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

pub(super) fn combine(operator: &str, left: &Json, right: &Json) -> Result<Json, String> {
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
