//! Variables: texts, numbers and arrays.

use super::state::{State, VALUE_LIMIT};
use std::collections::BTreeMap;

/// How many elements an array may have.
const ELEMENT_LIMIT: usize = 10_000;

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    /// Its value; an array's first element.
    pub value: String,
    /// Whether programs get it.
    pub exported: bool,
    /// Whether it cannot be set again.
    pub readonly: bool,
    /// Whether what is assigned is calculated.
    pub integer: bool,
    /// Its elements, if it is an array.
    pub array: Option<Array>,
}

/// The elements of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Array {
    /// By number.
    Numbered(BTreeMap<i64, String>),
    /// By name.
    Named(BTreeMap<String, String>),
}

impl Array {
    /// The keys with the values, in order.
    pub(super) fn entries(&self) -> Vec<(String, &String)> {
        match self {
            Array::Numbered(map) => map
                .iter()
                .map(|(n, value)| (n.to_string(), value))
                .collect(),
            Array::Named(map) => map
                .iter()
                .map(|(name, value)| (name.clone(), value))
                .collect(),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&String> {
        match self {
            Array::Numbered(map) => {
                let number: i64 = key.parse().ok()?;
                match number < 0 {
                    true => map.get(
                        &map.keys()
                            .next_back()?
                            .saturating_add(1)
                            .saturating_add(number),
                    ),
                    false => map.get(&number),
                }
            }
            Array::Named(map) => map.get(key),
        }
    }

    pub(super) fn remove(&mut self, key: &str) {
        match self {
            Array::Numbered(map) => {
                key.parse().ok().and_then(|number: i64| map.remove(&number));
            }
            Array::Named(map) => {
                map.remove(key);
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Array::Numbered(map) => map.len(),
            Array::Named(map) => map.len(),
        }
    }
}

impl State {
    fn writable(&self, name: &str) -> Result<(), String> {
        match self.variables.get(name).is_some_and(|v| v.readonly) {
            true if self.is_bash() => Err(format!("{name}: readonly variable")),
            true => Err(format!("{name}: is read only")),
            false => Ok(()),
        }
    }

    /// Sets a variable and keeps whether it is exported.
    ///
    /// # Errors
    /// When the value is longer than a shell here may hold, or the variable cannot be set.
    pub(super) fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        if value.len() > VALUE_LIMIT {
            return Err("not simulated here: a value of more than 1 MiB".to_owned());
        }
        self.writable(name)?;
        let value = match self.variables.get(name).is_some_and(|v| v.integer) {
            true => super::arith::evaluate(&value, self)
                .map_err(|error| format!("{value}: {error}"))?
                .to_string(),
            false => value,
        };
        let variable = self.variables.entry(name.to_owned()).or_default();
        if let Some(array) = &mut variable.array {
            match array {
                Array::Numbered(map) => map.insert(0, value.clone()),
                Array::Named(map) => map.insert("0".to_owned(), value.clone()),
            };
        }
        variable.value = value;
        Ok(())
    }

    /// Sets an element; the variable becomes an array.
    ///
    /// # Errors
    /// When the index is none, or the array is too long.
    pub(super) fn set_element(
        &mut self,
        name: &str,
        key: &str,
        value: String,
    ) -> Result<(), String> {
        self.writable(name)?;
        if value.len() > VALUE_LIMIT {
            return Err("not simulated here: a value of more than 1 MiB".to_owned());
        }
        let key = self.element_key(name, key)?;
        let variable = self.variables.entry(name.to_owned()).or_default();
        let old = variable.value.clone();
        let array = variable.array.get_or_insert_with(|| {
            let first = (!old.is_empty()).then_some((0, old));
            Array::Numbered(first.into_iter().collect())
        });
        if array.len() >= ELEMENT_LIMIT {
            return Err(format!(
                "not simulated here: more than {ELEMENT_LIMIT} elements"
            ));
        }
        match array {
            Array::Named(map) => {
                map.insert(key, value);
            }
            Array::Numbered(map) => {
                let mut number: i64 = key.parse().unwrap_or(0);
                if number < 0 {
                    number += map
                        .keys()
                        .next_back()
                        .map_or(0, |last| last.saturating_add(1));
                }
                if number < 0 {
                    return Err(format!("{name}[{key}]: bad array subscript"));
                }
                if number == 0 {
                    variable.value = value.clone();
                }
                map.insert(number, value);
            }
        }
        Ok(())
    }

    /// An index as the key of an element: a number is calculated, a name stays.
    ///
    /// # Errors
    /// When it cannot be calculated.
    pub(super) fn element_key(&mut self, name: &str, key: &str) -> Result<String, String> {
        let named = self
            .variables
            .get(name)
            .is_some_and(|v| matches!(v.array, Some(Array::Named(_))));
        if named {
            return Ok(key.to_owned());
        }
        match super::arith::evaluate(key, self) {
            Ok(number) => Ok(number.to_string()),
            Err(error) => Err(format!("{key}: {error}")),
        }
    }

    /// One more element after the last.
    ///
    /// # Errors
    /// When the array is too long.
    pub(super) fn push_element(&mut self, name: &str, value: String) -> Result<(), String> {
        let next = match self.variables.get(name).and_then(|v| v.array.as_ref()) {
            Some(Array::Numbered(map)) => map
                .keys()
                .next_back()
                .map_or(0, |last| last.saturating_add(1)),
            Some(Array::Named(_)) => {
                return Err(format!(
                    "{name}: {value}: must use subscript when assigning associative array"
                ));
            }
            None => i64::from(
                self.variables
                    .get(name)
                    .is_some_and(|v| !v.value.is_empty()),
            ),
        };
        self.set_element(name, &next.to_string(), value)
    }

    /// Makes an array without elements.
    pub(super) fn clear_array(&mut self, name: &str, named: bool) {
        let variable = self.variables.entry(name.to_owned()).or_default();
        let named = named || matches!(variable.array, Some(Array::Named(_)));
        variable.value.clear();
        variable.array = Some(match named {
            true => Array::Named(BTreeMap::new()),
            false => Array::Numbered(BTreeMap::new()),
        });
    }

    /// The keys and values of a variable: an array's, or the one of a text.
    pub(super) fn elements(&self, name: &str) -> Vec<(String, String)> {
        match self.variables.get(name) {
            None => Vec::new(),
            Some(variable) => match &variable.array {
                Some(array) => {
                    let entries = array.entries().into_iter();
                    entries.map(|(key, value)| (key, value.clone())).collect()
                }
                None => vec![("0".to_owned(), variable.value.clone())],
            },
        }
    }

    /// Removes a variable or an element of an array.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(super) fn unset(&mut self, name: &str) -> Result<(), String> {
        if self.variables.get(name).is_some_and(|v| v.readonly) {
            return Err(match self.is_bash() {
                true => format!("{name}: cannot unset: readonly variable"),
                false => format!("{name}: is read only"),
            });
        }
        match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((name, key)) => {
                let key = self.element_key(name, key)?;
                if let Some(array) = self.variables.get_mut(name).and_then(|v| v.array.as_mut()) {
                    array.remove(&key);
                }
            }
            None => {
                self.variables.remove(name);
            }
        }
        Ok(())
    }
}
