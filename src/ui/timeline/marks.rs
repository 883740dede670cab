//! Marks as a list that can be read, gone to and shortened; the ruler and the minimap show where they are.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::handle::TimelineHandle;
use crate::model::time::DurationNanos;
use crate::platform::dom;
use crate::state::action::Action;
use crate::ui::notices::Notices;
use crate::ui::store::Store;
use crate::ui::widgets::{Button, Dialog, DialogSize, Look, Symbol};
use crate::view::format;
use crate::view::marks::{MAX_LABEL, MAX_MARKS, Mark};
use crate::view::text::shortened;
use crate::view::timeline::Timeline;
use crate::view::treegrid::shown_name;

/// Characters of a span's name that become a label.
const MAX_NAME: usize = 40;

/// A mark as the state has it, and as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedMark {
    /// After the recorded start.
    pub recorded: Mark,
    /// After the shown start.
    pub shown: Mark,
}

/// All marks of the state, where the timeline shows them.
pub fn shown_marks(handle: TimelineHandle, store: Store) -> Memo<Vec<PlacedMark>> {
    Memo::new(move |_| {
        let earlier = handle.follow(Timeline::earlier).unwrap_or_default();
        let place =
            |recorded: &Mark| PlacedMark { recorded: recorded.clone(), shown: recorded.moved(earlier) };
        store.with(|s| s.marks.iter().map(place).collect())
    })
}

/// The line of marks; nothing without marks.
#[component]
pub fn MarkList(
    /// The timeline.
    handle: TimelineHandle,
    /// The state.
    store: Store,
    /// The marks.
    marks: Memo<Vec<PlacedMark>>,
) -> impl IntoView {
    let item = move |mark: PlacedMark| {
        let text = mark.shown.text();
        let at = mark.shown.at;
        let remove_label = format!("Remove the {}", lower_first(&text.sentence));
        view! {
            <li>
                <button
                    class="button"
                    data-look="plain"
                    on:click=move |_| {
                        handle.change(|t| t.centre_time(at));
                    }
                >
                    <span class="visually-hidden">"Mark at "</span>
                    <span class="time">{text.time}</span>
                    " "
                    {text.label}
                </button>
                <Button
                    label=remove_label
                    symbol=Signal::stored(Symbol::Close)
                    look=Look::Icon
                    on_press=move |()| {
                        store.apply(Action::RemoveMark(mark.recorded.clone()));
                        // The button goes away; the focus must not go with it.
                        dom::focus_id(super::GRID_ID);
                    }
                />
            </li>
        }
    };
    view! {
        <Show when=move || !marks.with(Vec::is_empty)>
            <ul class="timeline-marks" aria-label="Marks">
                <For each=move || marks.get() key=|mark| (mark.shown.at.0, mark.shown.label.clone()) children=item />
            </ul>
        </Show>
    }
}

/// Asks for a note about an instant.
#[component]
pub fn NoteDialog(
    /// The timeline.
    handle: TimelineHandle,
    /// The instant; none while nothing is asked.
    at: RwSignal<Option<DurationNanos>>,
    /// The state.
    store: Store,
    /// Where messages go.
    notices: Notices,
) -> impl IntoView {
    let open = Signal::derive(move || at.with(Option::is_some));
    let title = Signal::derive(move || {
        at.get().map(|at| format!("Note at {}", format::duration(at))).unwrap_or_default()
    });
    let text = RwSignal::new(String::new());
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(at) = at.get_untracked() {
            add(handle, store, notices, &Mark::new(at, &text.get_untracked()));
        }
        at.set(None);
        text.set(String::new());
    };
    view! {
        <Dialog open on_close=move |()| at.set(None) title size=DialogSize::Narrow>
            <form class="go-to" on:submit=on_submit>
                <label>
                    "What is to be seen there"
                    <input
                        type="text"
                        autofocus
                        autocomplete="off"
                        maxlength=MAX_LABEL.to_string()
                        prop:value=text
                        on:input=move |event| text.set(event_target_value(&event))
                    />
                </label>
                <p class="muted">"It goes into the link, for whoever opens it."</p>
                <div class="tools">
                    <button type="submit" class="button" data-look="main">"Add note"</button>
                </div>
            </form>
        </Dialog>
    }
}

/// Marks the start of the row with the cursor; a mark that is there already is taken away.
pub fn mark_selection(handle: TimelineHandle, store: Store, notices: Notices) {
    let mark = handle.look(|t| {
        let row = t.cursor()?;
        let label = shortened(&shown_name(t.trace(), row.span()), MAX_NAME);
        Some(Mark::new(t.range_of(row).start, &label))
    });
    let Some(mark) = mark.flatten() else { return notices.error("Select a span to mark it") };
    let recorded = as_recorded(handle, &mark);
    if store.look(|s| s.marks.contains(&recorded)) {
        store.apply(Action::RemoveMark(recorded));
    } else {
        add(handle, store, notices, &mark);
    }
}

/// The instant under the pointer, or in the middle when the pointer is elsewhere.
pub fn instant_at_pointer(handle: TimelineHandle) -> Option<DurationNanos> {
    handle.look(|t| {
        let x = t.pointer().map_or(t.chart_px() / 2.0, |(x, _)| x);
        let whole = t.whole();
        t.scale().time_from_x(x).clamp(whole.start, whole.end)
    })
}

/// A shown mark as the state has it.
fn as_recorded(handle: TimelineHandle, mark: &Mark) -> Mark {
    let earlier = handle.look(Timeline::earlier).unwrap_or_default();
    mark.moved(DurationNanos(0) - earlier)
}

fn add(handle: TimelineHandle, store: Store, notices: Notices, mark: &Mark) {
    if store.look(|s| s.marks.len() >= MAX_MARKS) {
        return notices.error(format!("{MAX_MARKS} marks are as many as a link carries; remove one first"));
    }
    notices.say(format!("{} added", mark.text().sentence));
    store.apply(Action::AddMark(as_recorded(handle, mark)));
}

fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|c| c.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
