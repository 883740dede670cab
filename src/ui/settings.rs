//! The reader's settings.

use leptos::prelude::*;

use super::store::Store;
use crate::state::settings::{KeyPreset, PaletteChoice, ThemeChoice};

/// The settings, to stand in a dialog.
#[component]
pub fn SettingsDialog(
    /// Where they are kept.
    store: Store,
) -> impl IntoView {
    let theme = |choice: ThemeChoice, label: &'static str, hint: &'static str| {
        view! {
            <Radio
                group="theme"
                label
                hint
                checked=Signal::derive(move || store.theme() == choice)
                on_choose=move |()| store.choose_theme(choice)
            />
        }
    };
    let palette = |choice: PaletteChoice, label: &'static str, hint: &'static str| {
        view! {
            <Radio
                group="palette"
                label
                hint
                checked=Signal::derive(move || store.palette_choice() == choice)
                on_choose=move |()| store.choose_palette(choice)
            />
        }
    };
    let keys = |choice: KeyPreset, label: &'static str, hint: &'static str| {
        view! {
            <Radio
                group="keys"
                label
                hint
                checked=Signal::derive(move || store.keys() == choice)
                on_choose=move |()| store.choose_keys(choice)
            />
        }
    };
    view! {
        <form class="settings" on:submit=|event| event.prevent_default()>
            <fieldset>
                <legend>"Theme"</legend>
                {theme(ThemeChoice::Auto, "Like the system", "")}
                {theme(ThemeChoice::Light, "Light", "")}
                {theme(ThemeChoice::Dark, "Dark", "")}
            </fieldset>
            <fieldset>
                <legend>"Colours of services"</legend>
                {palette(PaletteChoice::Petroff, "Petroff", "Ten colours, then the same with stripes")}
                {palette(PaletteChoice::OkabeIto, "Okabe and Ito", "Eight colours, widely apart")}
                {palette(PaletteChoice::Status, "By status", "One colour for all services, errors in red")}
            </fieldset>
            <fieldset>
                <legend>"Keys"</legend>
                {keys(KeyPreset::Perfetto, "Perfetto", "W A S D zoom and move")}
                {keys(KeyPreset::Jaeger, "Jaeger", "As in Jaeger’s own viewer")}
            </fieldset>
            <fieldset>
                <legend>"Accessibility"</legend>
                <label>
                    <input
                        type="checkbox"
                        prop:checked=move || store.with_settings(|s| s.single_keys)
                        on:change=move |event| {
                            let on = event_target_checked(&event);
                            store.change_settings(|s| s.single_keys = on);
                        }
                    />
                    <span>
                        "Single keys are commands"
                        <small>"Off: only keys with Ctrl, arrows and the like"</small>
                    </span>
                </label>
            </fieldset>
            <p class="muted">"Kept in this browser only."</p>
        </form>
    }
}

/// One of several choices.
#[component]
fn Radio(
    group: &'static str,
    label: &'static str,
    hint: &'static str,
    #[prop(into)] checked: Signal<bool>,
    #[prop(into)] on_choose: Callback<()>,
) -> impl IntoView {
    view! {
        <label>
            <input
                type="radio"
                name=group
                prop:checked=move || checked.get()
                on:change=move |_| on_choose.run(())
            />
            <span>
                {label}
                {(!hint.is_empty()).then(|| view! { <small>{hint}</small> })}
            </span>
        </label>
    }
}
