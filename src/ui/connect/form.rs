//! The form of a connection: what is typed, and the connection that it means.
//!
//! What is secret stays in these signals until it is sent, and is emptied with the screen.

use leptos::prelude::*;

use crate::source::access::{Access, Credentials};
use crate::source::address::BaseAddress;
use crate::source::discover::Product;
use crate::state::connections;
use crate::ui::backends::{Backends, Connection};

/// How a person proves who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignIn {
    /// Not at all.
    #[default]
    None,
    /// By a token.
    Bearer,
    /// By user and password.
    Basic,
}

impl SignIn {
    /// All, with their words.
    pub const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::None, "none", "None"),
        (Self::Bearer, "bearer", "Bearer token"),
        (Self::Basic, "basic", "User and password"),
    ];

    fn of(credentials: &Credentials) -> Self {
        match credentials {
            Credentials::None => Self::None,
            Credentials::Bearer(_) => Self::Bearer,
            Credentials::Basic { .. } => Self::Basic,
        }
    }
}

/// What is typed.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Which product.
    pub product: RwSignal<Product>,
    /// The address.
    pub address: RwSignal<String>,
    /// The tenant.
    pub tenant: RwSignal<String>,
    /// Which fields of the sign-in are there.
    pub sign_in: RwSignal<SignIn>,
    /// Token, or password.
    pub secret: RwSignal<String>,
    /// User.
    pub user: RwSignal<String>,
    /// Have the browser keep it.
    pub keeps: RwSignal<bool>,
    /// What the form was filled from.
    from: RwSignal<Option<Connection>>,
}

impl Form {
    /// An empty form.
    pub fn new() -> Self {
        Self {
            product: RwSignal::default(),
            address: RwSignal::default(),
            tenant: RwSignal::default(),
            sign_in: RwSignal::default(),
            secret: RwSignal::default(),
            user: RwSignal::default(),
            keeps: RwSignal::default(),
            from: RwSignal::default(),
        }
    }

    /// Fills the form with a connection, all but its secrets.
    pub fn fill(self, connection: &Connection, access: &Access) {
        self.product.set(connection.product);
        self.address.set(connection.base.to_string());
        self.tenant.set(access.tenant.clone());
        // A kind of sign-in that was chosen already stays while nothing else is known.
        let sign_in = SignIn::of(&access.credentials);
        if sign_in != SignIn::None {
            self.sign_in.set(sign_in);
        }
        self.secret.set(String::new());
        self.user.set(match &access.credentials {
            Credentials::Basic { user, .. } => user.clone(),
            _ => String::new(),
        });
        self.from.set(Some(connection.clone()));
    }

    /// The connection that is meant.
    ///
    /// # Errors
    /// In words, when the address is none.
    pub fn connection(self) -> Result<Connection, String> {
        let base = BaseAddress::parse(&self.address.get_untracked()).map_err(|error| error.to_string())?;
        let product = self.product.get_untracked();
        // An entry of the page's list stays that entry, so that links name it and not its address.
        let same = self.from.get_untracked().filter(|from| from.product == product && from.base == base);
        Ok(same.unwrap_or_else(|| Connection::at(product, base)))
    }

    /// Who asks. A secret that is left empty is the one of before, for the same backend only.
    pub fn access(self, backends: Backends, connection: &Connection) -> Access {
        let secret = self.secret.get_untracked();
        let user = self.user.get_untracked().trim().to_owned();
        let before = backends.access(connection).credentials;
        let credentials = match (self.sign_in.get_untracked(), before) {
            (SignIn::None, _) => Credentials::None,
            (SignIn::Bearer, before @ Credentials::Bearer(_)) if secret.is_empty() => before,
            (SignIn::Basic, Credentials::Basic { user: known, password })
                if secret.is_empty() && known == user =>
            {
                Credentials::Basic { user, password }
            }
            (SignIn::Bearer, _) if secret.is_empty() => Credentials::None,
            (SignIn::Bearer, _) => Credentials::Bearer(secret),
            (SignIn::Basic, _) if user.is_empty() && secret.is_empty() => Credentials::None,
            (SignIn::Basic, _) => Credentials::Basic { user, password: secret },
        };
        connections::access(connection.product, self.tenant.get_untracked().trim().to_owned(), credentials)
    }

    /// Whether the fields for tenant and sign-in hold something.
    pub fn has_access(self) -> bool {
        !self.tenant.with(String::is_empty) || self.sign_in.get() != SignIn::None
    }
}

impl Default for Form {
    fn default() -> Self {
        Self::new()
    }
}

/// The fields.
#[component]
pub fn Fields(
    /// What is typed.
    form: Form,
    /// What is wrong with the address; empty when nothing is.
    #[prop(into)]
    error: Signal<String>,
    /// The fields of tenant and sign-in are wanted.
    #[prop(into)]
    wants_access: Signal<bool>,
) -> impl IntoView {
    let product = move |product: Product| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="product"
                    prop:checked=move || form.product.get() == product
                    on:change=move |_| form.product.set(product)
                />
                {product.name()}
            </label>
        }
    };
    let example = move || match form.product.get() {
        Product::Jaeger => "http://localhost:16686",
        Product::Tempo => "http://localhost:3200",
    };
    let is_open = Memo::new(move |before: Option<&bool>| {
        before == Some(&true) || wants_access.get() || form.has_access()
    });
    view! {
        <fieldset class="products">
            <legend>"Product"</legend>
            {Product::ALL.map(product).collect_view()}
        </fieldset>
        <div class="field">
            <label for="connect-address">"Address"</label>
            <input
                id="connect-address"
                type="text"
                inputmode="url"
                autocomplete="off"
                spellcheck="false"
                placeholder=example
                aria-invalid=move || (!error.with(String::is_empty)).then_some("true")
                aria-describedby="connect-address-hint"
                prop:value=form.address
                on:input=move |event| form.address.set(event_target_value(&event))
            />
            <p id="connect-address-hint" class="hint">
                {move || {
                    let error = error.get();
                    if error.is_empty() {
                        view! { <span>"With the path before /api, if there is one"</span> }.into_any()
                    } else {
                        view! { <span class="error" role="alert">{error}</span> }.into_any()
                    }
                }}
            </p>
        </div>
        <details class="access" open=is_open>
            <summary>"Tenant and sign-in"</summary>
            <AccessFields form />
        </details>
        <label class="keep">
            <input
                type="checkbox"
                prop:checked=form.keeps
                on:change=move |event| form.keeps.set(event_target_checked(&event))
            />
            <span>
                "Keep this connection in this browser, sign-in included"
                <small>"Otherwise tenant and sign-in are forgotten when the page is closed or reloaded"</small>
            </span>
        </label>
    }
}

/// Tenant, token, user and password.
#[component]
fn AccessFields(form: Form) -> impl IntoView {
    let tenant_hint = move || match form.product.get() {
        Product::Jaeger => "Sent as x-tenant",
        Product::Tempo => "Sent as X-Scope-OrgID; several are joined by |",
    };
    let chosen = move |event| {
        let word = event_target_value(&event);
        let known = SignIn::ALL.into_iter().find(|(_, known, _)| *known == word);
        form.sign_in.set(known.map(|(sign_in, ..)| sign_in).unwrap_or_default());
    };
    let option = move |(sign_in, word, label): (SignIn, &'static str, &'static str)| {
        view! { <option value=word prop:selected=move || form.sign_in.get() == sign_in>{label}</option> }
    };
    let secret = move |label: &'static str| {
        view! {
            <div class="field">
                <label for="connect-secret">{label}</label>
                <input
                    id="connect-secret"
                    type="password"
                    autocomplete="off"
                    prop:value=form.secret
                    on:input=move |event| form.secret.set(event_target_value(&event))
                />
            </div>
        }
    };
    let user = move || {
        view! {
            <div class="field">
                <label for="connect-user">"User"</label>
                <input
                    id="connect-user"
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=form.user
                    on:input=move |event| form.user.set(event_target_value(&event))
                />
            </div>
        }
    };
    let secrets = move || match form.sign_in.get() {
        SignIn::None => ().into_any(),
        SignIn::Bearer => secret("Token").into_any(),
        SignIn::Basic => view! { {user()} {secret("Password")} }.into_any(),
    };
    view! {
        <div class="fields">
            <div class="field">
                <label for="connect-tenant">"Tenant"</label>
                <input
                    id="connect-tenant"
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby="connect-tenant-hint"
                    prop:value=form.tenant
                    on:input=move |event| form.tenant.set(event_target_value(&event))
                />
                <p id="connect-tenant-hint" class="hint">{tenant_hint}</p>
            </div>
            <div class="field">
                <label for="connect-sign-in">"Sign-in"</label>
                <select id="connect-sign-in" on:change=chosen>
                    {SignIn::ALL.map(option).collect_view()}
                </select>
            </div>
            {secrets}
        </div>
    }
}
