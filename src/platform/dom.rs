//! Small questions and commands to the document that components need and leptos has no words for.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

/// Moves the focus by `step` among the elements within `root` that match `selector`, around the ends. Step 0
/// goes to the one that is checked or selected, else the first. Returns whether there was one.
pub fn focus_within(root: &Element, selector: &str, step: i32) -> bool {
    let Ok(nodes) = root.query_selector_all(selector) else { return false };
    let elements: Vec<HtmlElement> =
        (0..nodes.length()).filter_map(|at| nodes.item(at)?.dyn_into().ok()).collect();
    let active = root.owner_document().and_then(|document| document.active_element());
    let is_chosen = |e: &HtmlElement| {
        ["aria-checked", "aria-selected"].iter().any(|name| e.get_attribute(name).as_deref() == Some("true"))
    };
    let at = if step == 0 {
        elements.iter().position(is_chosen).unwrap_or(0)
    } else {
        let now = elements.iter().position(|e| active.as_ref().is_some_and(|a| e.is_same_node(Some(a))));
        let from = now.map_or(-1, |at| at as i32);
        (from + step).rem_euclid((elements.len() as i32).max(1)) as usize
    };
    elements.get(at).is_some_and(|e| e.focus().is_ok())
}

/// What has the focus when `event` happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusKind {
    /// Something that takes no keys.
    Page,
    /// A control that takes Enter, Space and arrows itself.
    Control,
    /// A text field.
    Text,
    /// A search field.
    Search,
}

/// What has the focus when `event` happens.
pub fn focus_kind(event: &Event) -> FocusKind {
    let target = event.composed_path().get(0).dyn_into::<HtmlElement>().ok();
    let Some(target) = target else { return FocusKind::Page };
    let kind = target.get_attribute("type").unwrap_or_default();
    match (target.tag_name().as_str(), kind.as_str()) {
        ("INPUT", "search") => FocusKind::Search,
        ("INPUT", "checkbox" | "radio" | "button" | "range") | ("BUTTON" | "A" | "SUMMARY" | "SELECT", _) => {
            FocusKind::Control
        }
        ("INPUT" | "TEXTAREA", _) => FocusKind::Text,
        _ if target.is_content_editable() => FocusKind::Text,
        _ => FocusKind::Page,
    }
}

/// Whether the element of an event shows that it has the focus: it came by a key.
pub fn has_visible_focus(event: &Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches(":focus-visible").unwrap_or_default())
}

/// Whether keys write text where `event` happens.
pub fn is_typing(event: &Event) -> bool {
    matches!(focus_kind(event), FocusKind::Text | FocusKind::Search)
}

/// Whether nothing in sight has the focus but what switches between views.
pub fn is_focus_free() -> bool {
    let active = web_sys::window().and_then(|w| w.document()).and_then(|d| d.active_element());
    active.is_none_or(|element| {
        element.tag_name() == "BODY"
            || element.get_bounding_client_rect().width() == 0.0
            || element.closest(".view-tabs").is_ok_and(|tabs| tabs.is_some())
    })
}

/// Whether the element that loses the focus with `event` keeps it within `root`.
pub fn focus_stays_within(root: &Element, event: &web_sys::FocusEvent) -> bool {
    event
        .related_target()
        .and_then(|to| to.dyn_into::<web_sys::Node>().ok())
        .is_some_and(|to| root.contains(Some(&to)))
}

/// Sets or removes an attribute of the root element.
pub fn set_root_attribute(name: &str, value: Option<&str>) {
    let Some(root) = web_sys::window().and_then(|w| w.document()).and_then(|d| d.document_element()) else {
        return;
    };
    // Only a name that is no XML name fails.
    drop(match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    });
}

/// Whether the system asks for a dark page.
pub fn prefers_dark() -> bool {
    media("(prefers-color-scheme: dark)")
}

/// Whether a media query holds now.
pub fn media(query: &str) -> bool {
    web_sys::window().and_then(|w| w.match_media(query).ok().flatten()).is_some_and(|m| m.matches())
}

/// Whether this is a page; a worker has no document.
pub fn has_document() -> bool {
    web_sys::window().is_some_and(|w| w.document().is_some())
}

/// Calls `action` when the system's wish for a dark page changes.
pub fn on_prefers_dark(action: impl Fn(bool) + 'static) -> Option<super::events::Listener> {
    let list = web_sys::window()?.match_media("(prefers-color-scheme: dark)").ok()??;
    let target: web_sys::EventTarget = list.clone().into();
    Some(super::events::listen(&target, "change", move |_: Event| action(list.matches())))
}

/// Whether a dialog is open: its keys are its own.
pub fn has_open_dialog() -> bool {
    let document = web_sys::window().and_then(|w| w.document());
    document.and_then(|d| d.query_selector("dialog[open]").ok().flatten()).is_some()
}

/// Whether keys are labelled as on a Mac.
pub fn is_mac() -> bool {
    let agent = web_sys::window().and_then(|w| w.navigator().user_agent().ok()).unwrap_or_default();
    agent.contains("Mac OS")
}

/// Sets the title of the page.
pub fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|w| w.document()) {
        document.set_title(title);
    }
}

/// Gives the focus to the element with this id.
pub fn focus_id(id: &str) {
    if let Some(element) = element_by_id(id) {
        drop(element.focus());
    }
}

/// Scrolls the element with this id into sight, no further than needed.
pub fn reveal_id(id: &str) {
    if let Some(element) = element_by_id(id) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

fn element_by_id(id: &str) -> Option<HtmlElement> {
    web_sys::window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Moves the focus to the next region of the page (`step` 1) or the one before (-1): the bar at the top, the
/// screen, the timeline's rows, the side panel.
pub fn focus_region(step: i32) {
    const REGIONS: &str = ".top-bar, #main, [role=treegrid], #side-panel";
    const INSIDE: &str = "a[href], button:not(:disabled, [tabindex='-1']), input, [tabindex='0']";
    let Some(document) = web_sys::window().and_then(|w| w.document()) else { return };
    let Ok(nodes) = document.query_selector_all(REGIONS) else { return };
    let regions: Vec<HtmlElement> =
        (0..nodes.length()).filter_map(|at| nodes.item(at)?.dyn_into().ok()).collect();
    let active = document.active_element();
    // The innermost region that has the focus is the last one that contains it.
    let now = regions.iter().rposition(|r| active.as_ref().is_some_and(|a| r.contains(Some(a))));
    let n = regions.len() as i32;
    let from = now.map_or(if step > 0 { -1 } else { 0 }, |at| at as i32);
    let Some(region) = regions.get((from + step).rem_euclid(n.max(1)) as usize) else { return };
    let target = if region.has_attribute("tabindex") {
        Some(region.clone())
    } else {
        region.query_selector(INSIDE).ok().flatten().and_then(|e| e.dyn_into().ok())
    };
    if let Some(target) = target {
        drop(target.focus());
    }
}
