//! Small line drawings for buttons. They are decoration: the button carries the name.

use yew::prelude::*;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Two bars.
    Pause,
    /// A triangle.
    Play,
    /// A triangle against a bar.
    Step,
    /// Two triangles against a bar.
    Ahead,
    /// A plus sign.
    Add,
    /// A pencil.
    Rename,
    /// A bin.
    Delete,
    /// A cross.
    Close,
    /// Two panes.
    Split,
    /// A broom stroke.
    Clear,
    /// A square.
    Stop,
    /// A circling arrow.
    Restart,
    /// Half sun, half moon.
    Theme,
    /// An arrow to the right.
    Accept,
    /// Two sheets.
    Copy,
    /// A globe.
    Language,
    /// A sheet with lines.
    File,
    /// Three squares.
    Places,
    /// A prompt.
    Prompt,
    /// An arrow to the left.
    Left,
    /// A check mark.
    Check,
    /// A triangle to the left against a bar.
    Back,
    /// An arrow that turns back.
    Undo,
    /// A line that parts in two.
    Branch,
    /// An arrow out of a tray.
    Share,
    /// A bubble with lines.
    Speech,
}

/// Draws an icon, 16 by 16.
pub fn icon(icon: Icon) -> Html {
    let path = match icon {
        Icon::Pause => "M5.5 3.5v9M10.5 3.5v9",
        Icon::Play => "M5 3.2v9.6L12.6 8z",
        Icon::Step => "M4 3.2v9.6L10.6 8zM12.5 3.5v9",
        Icon::Ahead => "M2.5 4v8L7 8zM7.5 4v8L12 8zM13.5 3.8v8.4",
        Icon::Add => "M8 3.5v9M3.5 8h9",
        Icon::Rename => "M3 13l.6-2.8L10.8 3a1.4 1.4 0 0 1 2 2l-7.2 7.2zM9.6 4.2l2.2 2.2",
        Icon::Delete => "M3 4.5h10M6 4.3V3h4v1.3M4.3 4.5l.6 8.5h6.2l.6-8.5M6.7 7v3.8M9.3 7v3.8",
        Icon::Close => "M4 4l8 8M12 4l-8 8",
        Icon::Split => "M2.5 3.5h11v9h-11zM8 3.5v9",
        Icon::Clear => "M2.5 5h11M2.5 8h7M2.5 11h4M10.5 9.5l3 3M13.5 9.5l-3 3",
        Icon::Stop => "M4.5 4.5h7v7h-7z",
        Icon::Restart => "M12.8 8a4.8 4.8 0 1 1-1.5-3.5M12.9 2.6v2.7h-2.7",
        Icon::Theme => "M8 2.8a5.2 5.2 0 1 0 0 10.4zM8 2.8a5.2 5.2 0 0 1 0 10.4",
        Icon::Accept => "M3 8h9.5M9 4.5L12.5 8 9 11.5",
        Icon::Copy => "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
        Icon::Language => {
            "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM2.5 8h11M8 2.5c-3.2 3.4-3.2 7.6 0 11M8 2.5c3.2 3.4 3.2 7.6 0 11"
        }
        Icon::Speech => "M2.5 3h11v7.5h-6L4 13.5v-3H2.5zM5 5.5h6M5 8h4",
        Icon::File => "M4 2.5h5l3 3v8H4zM9 2.5v3h3M6 8.5h4M6 11h4",
        Icon::Places => "M1.8 5.5h3.4v5H1.8zM6.3 5.5h3.4v5H6.3zM10.8 5.5h3.4v5h-3.4z",
        Icon::Prompt => "M3 4.5L6.5 8 3 11.5M8 12h5",
        Icon::Left => "M10 4L6 8l4 4",
        Icon::Back => "M12 3.2v9.6L5.4 8zM3.5 3.5v9",
        Icon::Undo => "M6 3L3 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H7",
        Icon::Branch => "M4 13.5v-11M4 9.5c0-3 7.5-1 7.5-5M9.5 5l2-2.5 2 2.5",
        Icon::Share => "M8 10V2.5M5 5l3-3 3 3M3 8.5V13h10V8.5",
        Icon::Check => "M3.5 8.5l3 3 6-7",
    };
    html! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d={path} />
        </svg>
    }
}
