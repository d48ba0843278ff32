//! The language of the page, for every component.

use petset_playground::text::Texts;
use yew::prelude::*;

/// The catalogue in use, as a context.
#[derive(Clone, Copy, PartialEq)]
pub struct Words(pub &'static Texts);

/// The catalogue in use. English where nobody has provided one.
#[hook]
pub fn use_words() -> &'static Texts {
    use_context::<Words>().map_or_else(
        || petset_playground::text::Language::En.texts(),
        |words| words.0,
    )
}
