//! Before a host that merely stands in a link is asked for anything, the reader is.

use leptos::prelude::*;

use super::backends::Backends;
use super::widgets::{Button, Dialog, DialogSize, Look};
use crate::source::backend::BackendRef;

/// The question, while there is one.
#[component]
pub fn ConsentDialog(
    /// Who asks.
    backends: Backends,
) -> impl IntoView {
    let consent = backends.consent;
    let host = move || consent.get().map(|c| c.connection.base.host().to_owned()).unwrap_or_default();
    let address = move || consent.get().map(|c| c.connection.base.to_string()).unwrap_or_default();
    let product = move || consent.get().map(|c| c.connection.product.name()).unwrap_or_default();
    // A name stands in the page's own list, so only addresses come here.
    let is_address =
        move || consent.get().is_some_and(|c| matches!(c.connection.reference, BackendRef::At(..)));
    view! {
        <Dialog
            open=Signal::derive(move || consent.with(Option::is_some))
            on_close=move |()| backends.decide(false)
            title=Signal::derive(move || format!("Load from {}?", host()))
            size=DialogSize::Narrow
        >
            <div class="consent">
                <p>
                    {move || format!("This link wants to read traces of the {} at ", product())}
                    <strong>{address}</strong>
                    {move || is_address().then_some(". It learns your network address and which traces you look at.")}
                </p>
                <p class="muted">"No credentials are sent. Agree if you know this host."</p>
                <div class="tools">
                    <Button label="Load" look=Look::Main on_press=move |()| backends.decide(true) />
                    <Button label="Do not load" on_press=move |()| backends.decide(false) />
                </div>
            </div>
        </Dialog>
    }
}
