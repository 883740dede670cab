//! The page's last words: a panic shows a card over whatever stands on the page.
//!
//! Drawn with the bare document, since nothing of the app can be trusted any more. What is shown stays, and
//! often goes on working; the reader decides.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element};

/// Shows a card for every panic from now on, besides what the hook before did.
pub fn install() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        before(info);
        // A page that cannot even show this has nothing left to try.
        let _ = show(&info.to_string());
    }));
}

/// Builds the card. None where the document refuses.
fn show(details: &str) -> Option<()> {
    let document = super::window()?.document()?;
    if document.get_element_by_id("crash").is_some() {
        return None;
    }
    let card = element(&document, "section", "crash")?;
    card.set_id("crash");
    card.set_attribute("role", "alert").ok()?;
    let title = element(&document, "h2", "title")?;
    title.set_text_content(Some("Something in Spanscope broke"));
    let text = element(&document, "p", "reason")?;
    text.set_text_content(Some(
        "This is a fault of the program, not of your file. What is shown stays and may go on working; \
         reloading is safe.",
    ));
    let pre = element(&document, "pre", "details")?;
    pre.set_text_content(Some(&format!("internal\n{details}")));
    let buttons = element(&document, "p", "ways")?;
    let copied = pre.clone();
    button(&document, &buttons, "Copy details", move || {
        if let (Some(window), Some(text)) = (super::window(), copied.text_content()) {
            let _ = window.navigator().clipboard().write_text(&text);
        }
    })?;
    let closed = card.clone();
    button(&document, &buttons, "Keep working", move || closed.remove())?;
    button(&document, &buttons, "Reload", || {
        if let Some(window) = super::window() {
            let _ = window.location().reload();
        }
    })?;
    for child in [&title, &text, &pre, &buttons] {
        card.append_child(child).ok()?;
    }
    document.body()?.append_child(&card).ok()?;
    Some(())
}

fn element(document: &Document, name: &str, class: &str) -> Option<Element> {
    let element = document.create_element(name).ok()?;
    element.set_class_name(class);
    Some(element)
}

fn button(document: &Document, parent: &Element, label: &str, action: impl Fn() + 'static) -> Option<()> {
    let button = element(document, "button", "button")?;
    button.set_text_content(Some(label));
    let closure = Closure::<dyn FnMut()>::new(action);
    button.add_event_listener_with_callback("click", closure.as_ref().unchecked_ref()).ok()?;
    // It lives as long as the page: there is nobody left to hold it.
    closure.forget();
    parent.append_child(&button).ok()?;
    Some(())
}
