//! What expressions come to.

use super::super::ast::Expr;
use super::super::value::{Value, compare};
use super::{Done, Machine, error};
use crate::programs::filters::regex;

/// How many steps compiling a pattern counts for.
const COMPILE_STEPS: usize = 100;

impl Machine {
    pub(super) fn value(&mut self, expression: &Expr) -> Done<Value> {
        self.deeper()?;
        let value = self.value_inside(expression);
        self.depth -= 1;
        let value = value?;
        if let Value::Text(text) | Value::Both(text, _) = &value {
            self.charge(text.len());
        }
        Ok(value)
    }

    pub(super) fn value_inside(&mut self, expression: &Expr) -> Done<Value> {
        Ok(match expression {
            Expr::Number(value) => Value::Number(*value),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(regex) => Value::truth(regex.is_match(&self.record)),
            Expr::Variable(name) => match self.calls.last().and_then(|locals| locals.get(name)) {
                Some(local) => local.value.clone(),
                None => self.variables.get(name).cloned().unwrap_or(Value::Nothing),
            },
            Expr::Field(index) => self.field(index)?,
            Expr::Index(name, index) => self.element(name, index)?,
            Expr::Assign(operator, place, right) => self.assigned(*operator, place, right)?,
            Expr::Choice(condition, yes, no) => match self.value(condition)?.is_true() {
                true => self.value(yes)?,
                false => self.value(no)?,
            },
            Expr::And(left, right) => {
                Value::truth(self.value(left)?.is_true() && self.value(right)?.is_true())
            }
            Expr::Or(left, right) => {
                Value::truth(self.value(left)?.is_true() || self.value(right)?.is_true())
            }
            Expr::Not(inner) => Value::truth(!self.value(inner)?.is_true()),
            Expr::Negative(inner) => Value::Number(-self.value(inner)?.number()),
            Expr::Binary(operator, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                self.binary(operator, &left, &right)?
            }
            Expr::Match(negated, left, right) => {
                let text = self.value(left)?.text();
                Value::truth(self.pattern(right)?.is_match(&text) != *negated)
            }
            Expr::In(index, array) => self.contains(index, array)?,
            Expr::Step(place, step, before) => self.stepped(place, *step, *before)?,
            Expr::Call(name, arguments) => self.call(name, arguments)?,
            Expr::Group(values) => {
                let key = self.key(values)?;
                Value::Text(key)
            }
        })
    }

    fn field(&mut self, index: &Expr) -> Done<Value> {
        let index = self.value(index)?.number();
        Ok(match index {
            index if index < 0.0 || index.is_nan() => {
                return error(format!("run time error: negative field index ${index}"));
            }
            index if index < 1.0 => Value::input(&self.record),
            index => match self.fields.get(index as usize - 1) {
                Some(text) => Value::input(text),
                None => Value::Nothing,
            },
        })
    }

    fn element(&mut self, name: &str, index: &[Expr]) -> Done<Value> {
        let key = self.key(index)?;
        let name = self.array_name(name);
        let array = self.arrays.entry(name).or_default();
        Ok(array.entry(key).or_insert(Value::Nothing).clone())
    }

    fn contains(&mut self, index: &[Expr], array: &str) -> Done<Value> {
        let key = self.key(index)?;
        let array = self.arrays.get(&self.array_name(array));
        Ok(Value::truth(
            array.is_some_and(|array| array.contains_key(&key)),
        ))
    }

    fn assigned(&mut self, operator: Option<char>, place: &Expr, right: &Expr) -> Done<Value> {
        let right = self.value(right)?;
        let value = match operator {
            None => right,
            Some(operator) => {
                let left = self.value(place)?.number();
                let text = operator.to_string();
                Value::Number(arithmetic(&text, left, right.number())?)
            }
        };
        self.assign(place, value.clone())?;
        Ok(value)
    }

    fn stepped(&mut self, place: &Expr, step: f64, before: bool) -> Done<Value> {
        let old = self.value(place)?.number();
        self.assign(place, Value::Number(old + step))?;
        Ok(Value::Number(if before { old } else { old + step }))
    }

    fn binary(&mut self, operator: &str, left: &Value, right: &Value) -> Done<Value> {
        Ok(match operator {
            " " => Value::Text(self.checked(left.text() + &right.text())?),
            "==" | "!=" | "<" | ">" | "<=" | ">=" => {
                let order = compare(left, right);
                Value::truth(match operator {
                    "==" => order.is_eq(),
                    "!=" => order.is_ne(),
                    "<" => order.is_lt(),
                    ">" => order.is_gt(),
                    "<=" => order.is_le(),
                    _ => order.is_ge(),
                })
            }
            operator => Value::Number(arithmetic(operator, left.number(), right.number())?),
        })
    }

    /// An expression as a pattern.
    pub(super) fn pattern(&mut self, expression: &Expr) -> Done<regex_lite::Regex> {
        if let Expr::Regex(regex) = expression {
            return Ok(regex.clone());
        }
        let text = self.value(expression)?.text();
        self.compiled(&text)
    }

    /// A text as a pattern. The last one is kept, since compiling costs as much as many steps.
    pub(super) fn compiled(&mut self, text: &str) -> Done<regex_lite::Regex> {
        if let Some((known, regex)) = &self.compiled
            && known == text
        {
            return Ok(regex.clone());
        }
        self.charge_parts(COMPILE_STEPS);
        match regex(text, true, false) {
            Ok(regex) => {
                self.compiled = Some((text.to_owned(), regex.clone()));
                Ok(regex)
            }
            Err(_) => error(format!("regular expression compile failed\n{text}")),
        }
    }
}

fn arithmetic(operator: &str, left: f64, right: f64) -> Done<f64> {
    Ok(match operator {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" | "%" if right == 0.0 => return error("division by zero".to_owned()),
        "/" => left / right,
        "%" => left % right,
        _ => left.powf(right),
    })
}
