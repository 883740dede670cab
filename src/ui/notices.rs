//! What the page says without being asked: short messages, and lines for screen readers.

use std::time::Duration;

use leptos::prelude::*;

use super::widgets::{Button, Icon, Look, Symbol};

/// How long a message stays.
const STAY: Duration = Duration::from_secs(6);

/// How long a message stays that asks whether to go on otherwise.
const STAY_WITH_WAYS: Duration = Duration::from_secs(20);

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// It was done.
    Done,
    /// It could not be done.
    Error,
    /// Something in the link was not understood.
    Link,
}

/// A way on from a message.
#[derive(Clone, Debug)]
pub struct Way {
    label: &'static str,
    on_press: Callback<()>,
}

impl Way {
    /// A button with this word on it.
    pub fn new(label: &'static str, on_press: impl Fn() + Send + Sync + 'static) -> Self {
        Self { label, on_press: Callback::new(move |()| on_press()) }
    }
}

/// A short message.
#[derive(Clone, Debug)]
struct Notice {
    id: u32,
    kind: NoticeKind,
    text: String,
    ways: Vec<Way>,
}

/// A copyable handle to the messages of the page.
#[derive(Clone, Copy, Debug)]
pub struct Notices {
    list: RwSignal<Vec<Notice>>,
    polite: RwSignal<String>,
    next_id: StoredValue<u32>,
}

impl Notices {
    /// No messages.
    pub fn new() -> Self {
        Self {
            list: RwSignal::new(Vec::new()),
            polite: RwSignal::new(String::new()),
            next_id: StoredValue::new(0),
        }
    }

    /// Says that something was done.
    pub fn done(self, text: impl Into<String>) {
        self.show(NoticeKind::Done, text.into(), Vec::new());
    }

    /// Says that something was done, and offers to go on from there.
    pub fn done_with(self, text: impl Into<String>, ways: Vec<Way>) {
        self.show(NoticeKind::Done, text.into(), ways);
    }

    /// Says that something could not be done.
    pub fn error(self, text: impl Into<String>) {
        self.show(NoticeKind::Error, text.into(), Vec::new());
    }

    /// Says that something could not be done, and offers to go on from there.
    pub fn error_with(self, text: impl Into<String>, ways: Vec<Way>) {
        self.show(NoticeKind::Error, text.into(), ways);
    }

    /// Tells screen readers only, when they are idle.
    pub fn say(self, text: impl Into<String>) {
        self.polite.set(text.into());
    }

    /// Says what in the link was not understood, instead of what was said of the link before.
    pub fn about_link(self, text: Option<String>) {
        self.list.update(|list| list.retain(|notice| notice.kind != NoticeKind::Link));
        if let Some(text) = text {
            self.show(NoticeKind::Link, text, Vec::new());
        }
    }

    /// Takes messages back that were about what is no longer open: all but those about the link, which
    /// leads to what is being opened.
    pub fn clear(self) {
        self.list.update(|list| list.retain(|notice| notice.kind == NoticeKind::Link));
    }

    fn show(self, kind: NoticeKind, text: String, ways: Vec<Way>) {
        let id = self.next_id.get_value();
        self.next_id.set_value(id.wrapping_add(1));
        let stay = if ways.is_empty() { STAY } else { STAY_WITH_WAYS };
        self.list.update(|list| {
            // The same words again replace themselves; three are as many as can be read.
            list.retain(|notice| notice.text != text);
            let spare = list.len().saturating_sub(2);
            list.drain(..spare);
            list.push(Notice { id, kind, text, ways });
        });
        // Errors stay until they are read.
        if kind == NoticeKind::Done {
            set_timeout(move || self.dismiss(id), stay);
        }
    }

    fn dismiss(self, id: u32) {
        self.list.update(|list| list.retain(|notice| notice.id != id));
    }
}

impl Default for Notices {
    fn default() -> Self {
        Self::new()
    }
}

/// The messages, and the live regions.
#[component]
pub fn Toasts(
    /// What is to be said.
    notices: Notices,
) -> impl IntoView {
    let toast = move |notice: Notice| {
        let Notice { id, kind, text, ways } = notice;
        let (symbol, word, role) = match kind {
            NoticeKind::Done => (Symbol::Check, "done", "status"),
            NoticeKind::Error | NoticeKind::Link => (Symbol::Error, "error", "alert"),
        };
        let way = move |Way { label, on_press }: Way| {
            let on_press = move |()| {
                notices.dismiss(id);
                on_press.run(());
            };
            view! { <Button label=label on_press /> }
        };
        let ways = ways.into_iter().map(way).collect_view();
        view! {
            <div class="toast" data-kind=word role=role>
                <Icon symbol />
                <span>{text}</span>
                {ways}
                <Button
                    label="Dismiss"
                    symbol=Symbol::Close
                    look=Look::Icon
                    on_press=move |()| notices.dismiss(id)
                />
            </div>
        }
    };
    view! {
        <div class="visually-hidden" role="status" aria-live="polite">
            {notices.polite}
        </div>
        <div class="toasts">
            <For each=move || notices.list.get() key=|notice| notice.id children=toast />
        </div>
    }
}
