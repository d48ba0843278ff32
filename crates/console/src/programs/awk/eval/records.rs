//! Records and their fields.

use super::super::ast::Pattern;
use super::super::value::Value;
use super::{Done, Leave, Machine, TEXT_LIMIT, too_long};

impl Machine {
    /// Works on one record.
    pub(in crate::programs::awk) fn record(&mut self, text: &str) -> Done<()> {
        self.steps = 0;
        for name in ["NR", "FNR"] {
            let count = self.variables.get(name).map_or(0.0, Value::number) + 1.0;
            self.set(name, Value::Number(count));
        }
        self.set_record(text.to_owned())?;
        let program = self.program.clone();
        for (pattern, action) in &program.rules {
            let applies = match pattern {
                Pattern::Always => true,
                Pattern::When(condition) => self.value(condition)?.is_true(),
                Pattern::Range(from, to, at) => {
                    let inside = self.ranges.get(*at).copied().unwrap_or(false);
                    let hit = inside || self.value(from)?.is_true();
                    if hit {
                        let last = self.value(to)?.is_true();
                        if let Some(state) = self.ranges.get_mut(*at) {
                            *state = !last;
                        }
                    }
                    hit
                }
            };
            if !applies {
                continue;
            }
            let done = match action {
                Some(action) => self.run(action),
                None => {
                    let end = self.text_of("ORS");
                    self.out.push_str(&self.record);
                    self.out.push_str(&end);
                    Ok(())
                }
            };
            match done {
                Err(Leave::Next) => return Ok(()),
                other => other?,
            }
        }
        Ok(())
    }

    pub(super) fn set_record(&mut self, text: String) -> Done<()> {
        self.fields = self.split(&text, &self.text_of("FS"))?;
        self.record = text;
        self.charge_parts(self.fields.len());
        self.set("NF", Value::Number(self.fields.len() as f64));
        Ok(())
    }

    pub(super) fn split(&mut self, text: &str, separator: &str) -> Done<Vec<String>> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        if separator == " " {
            return Ok(text.split_whitespace().map(str::to_owned).collect());
        }
        let mut chars = separator.chars();
        if let (Some(c), None) = (chars.next(), chars.next())
            && c != '\\'
        {
            return Ok(text.split(c).map(str::to_owned).collect());
        }
        if separator.is_empty() {
            return Ok(text.chars().map(String::from).collect());
        }
        let regex = self.compiled(separator)?;
        Ok(regex.split(text).map(str::to_owned).collect())
    }

    pub(super) fn rebuild(&mut self) -> Done<()> {
        let separator = self.text_of("OFS");
        let separators = separator.len().saturating_mul(self.fields.len());
        if separators > TEXT_LIMIT {
            return too_long();
        }
        let record = self.fields.join(&separator);
        self.record = self.checked(record)?;
        self.variables
            .insert("NF".to_owned(), Value::Number(self.fields.len() as f64));
        Ok(())
    }
}
