//! Symbols of 16 by 16 pixels, drawn with one line in the colour of the text.

use leptos::prelude::*;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after what it shows")]
pub enum Symbol {
    Brand,
    Upload,
    File,
    Folder,
    Paste,
    Lock,
    Sun,
    Moon,
    Auto,
    Help,
    Close,
    Check,
    Chevron,
    Down,
    Search,
    Warning,
    Error,
    Copy,
    Link,
    Panel,
    Gear,
    Report,
    Expand,
    Stop,
    Up,
    Plus,
    Minus,
    Fold,
    Filter,
    ZoomIn,
    ZoomOut,
    Server,
}

impl Symbol {
    /// Path data in a box of 16 by 16.
    const fn path(self) -> &'static str {
        match self {
            Self::Brand => "M2 3.5h8M4.5 8H13M7 12.5h7M2 3.5v0M2 8h0M2 12.5h0",
            Self::Upload => "M8 10.5V2.5M4.8 5.5 8 2.3l3.2 3.2M2.5 10v3.5h11V10",
            Self::File => "M9 1.5H3.5v13h9V5L9 1.5ZM9 1.5V5h3.5",
            Self::Folder => "M1.5 12.5v-9h4.3L7.5 5h7v7.5z",
            Self::Paste => "M5.5 3H3.5v11.5h9V3h-2M5.5 1.5h5v3h-5z",
            Self::Lock => "M3.5 7.5h9v6.5h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
            Self::Sun => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.2M8 13.8V15M1 8h1.2M13.8 8H15M3.05 3.05l.85.85M12.1 12.1l.85.85M12.95 3.05l-.85.85M3.9 12.1l-.85.85"
            }
            Self::Moon => "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z",
            Self::Auto => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 2v12M8 5.2h3.9M8 8h5.7M8 10.8h3.9",
            Self::Help => {
                "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM6.3 6.3a1.75 1.75 0 1 1 2.4 1.6c-.5.2-.7.6-.7 1.1v.3M8 11.4v.1"
            }
            Self::Close => "m4 4 8 8M12 4l-8 8",
            Self::Check => "m3 8.5 3.3 3.3L13 4.8",
            Self::Chevron => "m6 3.5 4.5 4.5L6 12.5",
            Self::Down => "m3.5 6 4.5 4.5L12.5 6",
            Self::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3l3.2 3.2",
            Self::Warning => "M8 2.2 1.8 13.3h12.4L8 2.2ZM8 6.5v3.2M8 11.5v.1",
            Self::Error => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 5v3.7M8 11v.1",
            Self::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
            Self::Link => {
                "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2A2.6 2.6 0 1 0 9 3.3l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 1 0 7 12.7l.8-.8"
            }
            Self::Panel => "M2 3h12v10H2zM10 3v10",
            Self::Gear => {
                "M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4ZM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4"
            }
            Self::Report => "M3.5 1.5h9v13h-9zM6 5h4M6 8h4M6 11h2",
            Self::Expand => "M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9",
            Self::Stop => "M4 4h8v8H4z",
            Self::Up => "m3.5 10 4.5-4.5 4.5 4.5",
            Self::Filter => "M2 3h12L9.5 8.2V13.5L6.5 12V8.2z",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Minus => "M3 8h10",
            Self::Fold => "M2 3h12M5 7h9M5 10h9M8 13.5h6M2 7v0M2 10v0",
            Self::ZoomIn => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3l3.2 3.2M7 5v4M5 7h4",
            Self::Server => "M2.5 2.5h11v4.5h-11zM2.5 9h11v4.5h-11zM5 4.8v0M5 11.2v0",
            Self::ZoomOut => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3l3.2 3.2M5 7h4",
        }
    }
}

/// A symbol. It is decoration: the control around it has the name.
#[component]
pub fn Icon(
    /// What is drawn.
    #[prop(into)]
    symbol: Signal<Symbol>,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d=move || symbol.get().path() />
        </svg>
    }
}
