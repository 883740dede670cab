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
    let themes = [
        (ThemeChoice::Auto, "Like the system", ""),
        (ThemeChoice::Light, "Light", ""),
        (ThemeChoice::Dark, "Dark", ""),
    ];
    let palettes = [
        (PaletteChoice::Petroff, "Petroff", "Ten colours, then the same with stripes"),
        (PaletteChoice::OkabeIto, "Okabe and Ito", "Eight colours, widely apart"),
        (PaletteChoice::Status, "By status", "One colour for all services, errors in red"),
    ];
    let keys = [
        (KeyPreset::Perfetto, "Perfetto", "W A S D zoom and move"),
        (KeyPreset::Jaeger, "Jaeger", "As in Jaeger’s own viewer"),
    ];
    view! {
        <form class="settings" on:submit=|event| event.prevent_default()>
            <fieldset>
                <legend>"Theme"</legend>
                {choices(store, "theme", &themes, Store::theme, Store::choose_theme)}
            </fieldset>
            <fieldset>
                <legend>"Colours of services"</legend>
                {choices(store, "palette", &palettes, Store::palette_choice, Store::choose_palette)}
            </fieldset>
            <fieldset>
                <legend>"Keys"</legend>
                {choices(store, "keys", &keys, Store::keys, Store::choose_keys)}
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

/// The values of one setting, each with its label and a hint.
fn choices<C>(
    store: Store,
    group: &'static str,
    values: &[(C, &'static str, &'static str)],
    now: fn(Store) -> C,
    choose: fn(Store, C),
) -> impl IntoView + use<C>
where
    C: Copy + PartialEq + Send + Sync + 'static,
{
    let radio = |&(value, label, hint): &(C, &'static str, &'static str)| {
        view! {
            <Radio
                group
                label
                hint
                checked=Signal::derive(move || now(store) == value)
                on_choose=move |()| choose(store, value)
            />
        }
    };
    values.iter().map(radio).collect_view()
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
