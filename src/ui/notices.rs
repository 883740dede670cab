//! What the page says without being asked: short messages, and lines for screen readers.

use std::time::Duration;

use leptos::prelude::*;

use super::widgets::{Button, Icon, Look, Symbol};

/// How long a message stays.
const STAY: Duration = Duration::from_secs(6);

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// It was done.
    Done,
    /// It could not be done.
    Error,
}

/// A short message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Notice {
    id: u32,
    kind: NoticeKind,
    text: String,
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
        self.show(NoticeKind::Done, text.into());
    }

    /// Says that something could not be done.
    pub fn error(self, text: impl Into<String>) {
        self.show(NoticeKind::Error, text.into());
    }

    /// Tells screen readers only, when they are idle.
    pub fn say(self, text: impl Into<String>) {
        self.polite.set(text.into());
    }

    /// Takes all messages back: they were about what is no longer open.
    pub fn clear(self) {
        self.list.update(Vec::clear);
    }

    fn show(self, kind: NoticeKind, text: String) {
        let id = self.next_id.get_value();
        self.next_id.set_value(id.wrapping_add(1));
        self.list.update(|list| {
            // The same words again replace themselves; three are as many as can be read.
            list.retain(|notice| notice.text != text);
            let spare = list.len().saturating_sub(2);
            list.drain(..spare);
            list.push(Notice { id, kind, text });
        });
        // Errors stay until they are read.
        if kind == NoticeKind::Done {
            set_timeout(move || self.dismiss(id), STAY);
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
        let Notice { id, kind, text } = notice;
        let (symbol, word, role) = match kind {
            NoticeKind::Done => (Symbol::Check, "done", "status"),
            NoticeKind::Error => (Symbol::Error, "error", "alert"),
        };
        view! {
            <div class="toast" data-kind=word role=role>
                <Icon symbol />
                <span>{text}</span>
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
