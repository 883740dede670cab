//! The bar at the top: name, source, the way back, and what concerns the whole page.

use leptos::prelude::*;

use super::widgets::{Button, Choice, Icon, Look, Menu, Symbol};

/// One step of the way from the first screen to here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// What it is called.
    pub label: String,
    /// Where it leads; none for the place where the reader is.
    pub href: Option<String>,
}

/// The bar at the top.
#[component]
pub fn TopBar(
    /// Name of the file or backend; empty when nothing is loaded.
    #[prop(into)]
    source: Signal<String>,
    /// The way to the present screen.
    #[prop(into)]
    crumbs: Signal<Vec<Crumb>>,
    /// The choices of theme.
    #[prop(into)]
    themes: Signal<Vec<Choice>>,
    /// Symbol of the theme in force.
    #[prop(into)]
    theme_symbol: Signal<Symbol>,
    /// Use this theme.
    #[prop(into)]
    on_theme: Callback<&'static str>,
    /// Open files.
    #[prop(into)]
    on_open: Callback<()>,
    /// Show the settings.
    #[prop(into)]
    on_settings: Callback<()>,
    /// Show the help.
    #[prop(into)]
    on_help: Callback<()>,
    /// Tools of the present screen.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="top-bar">
            <a class="brand" href="#/" aria-label="Spanscope, first screen">
                <Icon symbol=Symbol::Brand />
                <span class="word">"Spanscope"</span>
            </a>
            <Show when=move || !source.with(String::is_empty)>
                <span class="source" title=source>
                    {source}
                </span>
            </Show>
            <nav aria-label="Breadcrumbs">
                <ol>{move || crumbs.get().into_iter().map(crumb_view).collect_view()}</ol>
            </nav>
            <div class="tools">
                {children.map(|children| children())}
                <Button
                    label="Open files"
                    symbol=Symbol::Upload
                    look=Look::Plain
                    hint="Open trace files"
                    on_press=on_open
                />
                <Menu label="Theme" symbol=theme_symbol choices=themes on_choose=on_theme />
                <Button label="Settings" symbol=Symbol::Gear look=Look::Icon on_press=on_settings />
                <Button label="Help and keys" symbol=Symbol::Help look=Look::Icon on_press=on_help />
            </div>
        </header>
    }
}

fn crumb_view(crumb: Crumb) -> impl IntoView {
    let Crumb { label, href } = crumb;
    let title = label.clone();
    let inner = match href {
        Some(href) => view! { <a href=href>{label}</a> }.into_any(),
        None => view! { <span aria-current="page">{label}</span> }.into_any(),
    };
    view! { <li title=title>{inner}</li> }
}
