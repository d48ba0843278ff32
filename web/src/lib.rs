//! The page: Yew components that draw the playground's view models and hand back what a person does.
//!
//! No rules live here. What is shown comes from [`petset_playground::Session`] as plain data; what is typed or pressed
//! goes back to it as one call.

pub mod app;
pub mod browser;
pub mod commentary;
pub mod crash;
pub mod editor;
pub mod engine;
pub mod faults;
pub mod files;
pub mod icons;
pub mod inspector;
pub mod keep;
pub mod link;
pub mod messages;
pub mod mode;
pub mod offline;
pub mod past;
pub mod pictures;
pub mod preferences;
pub mod share;
pub mod split;
pub mod status_line;
pub mod terminal;
pub mod texts;
pub mod top_bar;
pub mod words;

/// Draws the page into the element `#petset`, in place of the words that wait there; behind another page's cells, draws
/// nothing.
pub fn start() {
    if mode::Mode::of_address().engine {
        engine::start();
        return;
    }
    let document = browser::document();
    let Some(root) = document.get_element_by_id("petset") else {
        return;
    };
    crash::install();
    root.set_inner_html("");
    yew::Renderer::<app::App>::with_root(root).render();
}
