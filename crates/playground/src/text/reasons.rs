//! The words of reasons: what is checked, what holds it, what lets it go on.
//!
//! A sentence has places for values, `{0}` to `{4}`; a test sees that both languages use the same ones.

mod en;
mod ko;

pub(super) use en::TEXTS as EN;
pub(super) use ko::TEXTS as KO;

use crate::view::{Lack, Question, Reason};

/// The words of one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// What is checked.
    pub checked: &'static str,
    /// What holds it.
    pub holds: &'static str,
    /// What would let it go on.
    pub lets: &'static str,
}

pub(super) const fn chain(checked: &'static str, holds: &'static str, lets: &'static str) -> Chain {
    Chain {
        checked,
        holds,
        lets,
    }
}

/// The words around reasons, in one language.
pub struct ReasonTexts {
    /// The heading above all reasons.
    pub title: &'static str,
    /// Said when nothing holds the object.
    pub none: &'static str,
    /// Stands before what is checked.
    pub checked: &'static str,
    /// Stands before what holds it.
    pub holds: &'static str,
    /// Stands before what lets it go on.
    pub lets: &'static str,
    /// Stands before what was found, where nothing holds the object.
    pub found: &'static str,
    /// Stands before what can be done then.
    pub next: &'static str,
    /// Stands on the link to the documentation.
    pub page: &'static str,
    /// When it changes by itself: in so many seconds.
    pub until: fn(&str) -> String,
    /// Goes to the object that stands in the way.
    pub look_at: fn(&str) -> String,
    /// The question.
    pub question: fn(Question) -> &'static str,
    /// The words of a reason.
    pub chain: fn(Reason) -> Chain,
    /// The words of a lack.
    pub lack: fn(Lack) -> &'static str,
}

/// A sentence with its values put in.
pub fn say(text: &str, values: &[String]) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        said.push_str(&rest[..at]);
        let place = rest[at + 1..].chars().next().and_then(|c| c.to_digit(10));
        let value = place.and_then(|place| values.get(place as usize));
        let closed = rest.get(at + 2..).is_some_and(|rest| rest.starts_with('}'));
        if let Some(value) = value.filter(|_| closed) {
            said.push_str(value);
            rest = &rest[at + 3..];
        } else {
            said.push('{');
            rest = &rest[at + 1..];
        }
    }
    said.push_str(rest);
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    /// The places that a text has for values, in order and each once.
    fn places(texts: &[&str]) -> Vec<char> {
        let mut found: Vec<char> = texts
            .iter()
            .flat_map(|text| text.split('{').skip(1))
            .filter_map(|rest| rest.chars().next())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn every_sentence_is_there_and_uses_no_value_that_is_not_given() {
        for language in Language::ALL {
            let texts = &language.texts().reasons;
            for reason in Reason::ALL {
                let Chain {
                    checked,
                    holds,
                    lets,
                } = (texts.chain)(*reason);
                for text in [checked, holds, lets] {
                    assert!(text.ends_with('.'), "{reason:?}: {text}");
                }
                let expected: Vec<char> = ('0'..='9').take(reason.values()).collect();
                let used = places(&[checked, holds, lets]);
                assert_eq!(used, expected, "{reason:?} in {language:?}");
            }
            for lack in Lack::ALL {
                let text = (texts.lack)(*lack);
                assert!(text.ends_with('.'), "{lack:?}: {text}");
                let expected: Vec<char> = ('0'..='9').take(lack.values()).collect();
                assert_eq!(places(&[text]), expected, "{lack:?} in {language:?}");
            }
        }
    }

    #[test]
    fn values_come_into_their_places() {
        let values = ["a".to_owned(), "{0}".to_owned()];
        assert_eq!(say("{1} of {0}, {x} {2} {", &values), "{0} of a, {x} {2} {");
    }
}
