//! The backends of this visit: which one is connected, who asks it, and which hosts the reader trusts.
//!
//! Secrets live in [`SharedAccess`] cells only: no signal, no state and no address ever holds one. A host that merely
//! stands in a link is not asked before the reader agreed.

use leptos::prelude::*;

use super::notices::Notices;
use crate::base::later::{Giver, later};
use crate::model::ids::TraceId;
use crate::platform::fetch::{self, PATIENCE_SECONDS, Reply, Stop, TEST_SECONDS};
use crate::platform::files::Source;
use crate::platform::remote::{Remote, SharedAccess};
use crate::platform::{samples, storage};
use crate::source::Query;
use crate::source::access::{Access, Credentials};
use crate::source::address::BaseAddress;
use crate::source::backend::BackendRef;
use crate::source::discover::{Backend, Discovery, Product, Step};
use crate::source::trouble::Trouble;
use crate::source::words::{About, Told, told};
use crate::state::connections::{self, Kept, Preset, parse_config, parse_kept, print_kept};

/// Under this key the browser keeps connections, for readers who want that.
const KEPT_KEY: &str = "backends";
/// The page's own list.
const CONFIG: &str = "config.json";

/// A backend that can be asked. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// As links name it.
    pub reference: BackendRef,
    /// Which product.
    pub product: Product,
    /// Where it is.
    pub base: BaseAddress,
    /// For people: `Tempo · tempo.example.org`.
    pub label: String,
}

/// A trace to be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteTrace {
    /// Id.
    pub id: TraceId,
    /// Where to look for it, in nanoseconds since 1970, where that is known.
    pub range: Option<(i64, i64)>,
}

/// What is asked of the reader before a host of a link is asked for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Which.
    pub connection: Connection,
}

/// What this visit knows of a backend.
#[derive(Clone)]
struct Known {
    product: Product,
    base: BaseAddress,
    access: SharedAccess,
    backend: Option<Backend>,
    /// The reader typed it, kept it or agreed to it, or the page lists it.
    is_trusted: bool,
}

/// A copyable handle to the backends.
#[derive(Clone, Copy)]
pub struct Backends {
    notices: Notices,
    current: RwSignal<Option<Connection>>,
    /// The page's own list; none until it was read.
    presets: RwSignal<Option<Vec<Preset>>>,
    /// Connections that are kept, without what is secret.
    kept: RwSignal<Vec<Connection>>,
    known: StoredValue<Vec<Known>, LocalStorage>,
    /// What the reader is asked.
    pub consent: RwSignal<Option<Consent>>,
    answer: StoredValue<Option<Giver<bool>>, LocalStorage>,
}

impl std::fmt::Debug for Backends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backends").finish_non_exhaustive()
    }
}

impl Backends {
    /// Nothing is connected; what the reader had kept is known.
    pub fn new(notices: Notices) -> Self {
        let backends = Self {
            notices,
            current: RwSignal::new(None),
            presets: RwSignal::new(None),
            kept: RwSignal::new(Vec::new()),
            known: StoredValue::new_local(Vec::new()),
            consent: RwSignal::new(None),
            answer: StoredValue::new_local(None),
        };
        for Kept { product, base, access } in read_kept() {
            backends.remember(product, &base, &access);
        }
        backends.list_kept();
        backends
    }

    /// What is connected; follows it.
    pub fn current(self) -> Option<Connection> {
        self.current.get()
    }

    /// What is connected now.
    pub fn current_now(self) -> Option<Connection> {
        self.current.get_untracked()
    }

    /// The page's own list; follows it. None until it was read.
    pub fn presets(self) -> Option<Vec<Preset>> {
        self.presets.get()
    }

    /// Connections that are kept in this browser; follows them.
    pub fn kept(self) -> Vec<Connection> {
        self.kept.get()
    }

    /// As [`Self::presets`], once; empty before they were read.
    pub fn presets_now(self) -> Vec<Preset> {
        self.presets.get_untracked().unwrap_or_default()
    }

    /// As [`Self::kept`], once.
    pub fn kept_now(self) -> Vec<Connection> {
        self.kept.get_untracked()
    }

    /// Asks the connected backend; errors of its own are replies.
    ///
    /// # Errors
    /// When nothing came that could be read.
    pub async fn ask(self, query: &Query, stop: &Stop) -> Result<Reply, Trouble> {
        let Some(connection) = self.current_now() else { return Err(Trouble::Stopped) };
        let access = self.access_of(&connection).get();
        fetch::ask(&connection.base, &access, query, PATIENCE_SECONDS, stop).await
    }

    /// What the connected backend is, found out once per visit.
    ///
    /// # Errors
    /// When it cannot be found out.
    pub async fn backend(self, stop: &Stop) -> Result<Backend, Trouble> {
        let Some(connection) = self.current_now() else { return Err(Trouble::Stopped) };
        if let Some(backend) = self.found(&connection) {
            return Ok(backend);
        }
        let access = self.access_of(&connection).get();
        let backend = discover(&connection, &access, PATIENCE_SECONDS, stop).await?;
        self.change(&connection, |known| known.backend = Some(backend.clone()));
        Ok(backend)
    }

    /// Tries a connection as the reader filled it in, and has it connected when it works.
    ///
    /// # Errors
    /// When it does not work, with the cause.
    pub async fn connect(
        self,
        connection: &Connection,
        access: Access,
        stop: &Stop,
    ) -> Result<Backend, Trouble> {
        let backend = discover(connection, &access, TEST_SECONDS, stop).await?;
        self.remember(connection.product, &connection.base, &access);
        self.change(connection, |known| known.backend = Some(backend.clone()));
        self.current.set(Some(connection.clone()));
        Ok(backend)
    }

    /// Nothing is connected any more.
    pub fn disconnect(self) {
        self.current.set(None);
    }

    /// Connects what a link names, without asking it anything; the reader is asked first where it is not one of this
    /// page, of its list, or of the reader's own.
    ///
    /// # Errors
    /// When there is no such backend, or the reader does not want it.
    pub async fn admit(self, reference: &BackendRef) -> Result<Connection, Trouble> {
        self.load_config().await;
        let connection = self.resolve(reference)?;
        let is_own = connection.base.origin() == fetch::page_origin();
        if !is_own && !self.is_trusted(&connection.base) {
            let (giver, wish) = later();
            self.answer.set_value(Some(giver));
            self.consent.set(Some(Consent { connection: connection.clone() }));
            if wish.await != Some(true) {
                return Err(Trouble::Stopped);
            }
            self.remember(connection.product, &connection.base, &self.access(&connection));
        }
        self.current.set(Some(connection.clone()));
        Ok(connection)
    }

    /// The reader's answer to [`Consent`].
    pub fn decide(self, agrees: bool) {
        self.consent.set(None);
        if let Some(giver) = self.answer.try_update_value(Option::take).flatten() {
            giver.give(agrees);
        }
    }

    /// The backend that is meant, as far as addresses go; [`Self::load_config`] comes before.
    ///
    /// # Errors
    /// When the page's list does not have the name.
    pub fn resolve(self, reference: &BackendRef) -> Result<Connection, Trouble> {
        let name = match reference {
            BackendRef::At(product, base) => return Ok(Connection::at(*product, base.clone())),
            BackendRef::Named(name) => name,
        };
        let presets = self.presets_now();
        let preset = presets.iter().find(|preset| preset.name == *name);
        preset.and_then(connection_of).ok_or_else(|| Trouble::NoSuchName(name.clone()))
    }

    /// The connection that an entry of the page's list stands for.
    pub fn of_preset(self, preset: &Preset) -> Option<Connection> {
        connection_of(preset)
    }

    /// Reads the page's own list, once.
    pub async fn load_config(self) {
        if self.presets.with_untracked(Option::is_some) {
            return;
        }
        let (presets, faults) = match samples::text(CONFIG).await {
            // Some hosts answer with their first page where there is no such file.
            Ok(Some(text)) if text.trim_start().starts_with('<') => (Vec::new(), Vec::new()),
            Ok(Some(text)) => parse_config(&text).unwrap_or_else(|fault| (Vec::new(), vec![fault])),
            Ok(None) => (Vec::new(), Vec::new()),
            Err(reason) => (Vec::new(), vec![reason]),
        };
        for preset in &presets {
            if let Some(Connection { product, base, .. }) = connection_of(preset) {
                let tenant = preset.tenant.clone();
                // What the reader typed or kept before counts more.
                if !self.is_trusted(&base) {
                    let access = connections::access(product, tenant, Credentials::None);
                    self.remember(product, &base, &access);
                }
            }
        }
        if !faults.is_empty() {
            self.notices.error(format!("{CONFIG} of this page is not in order: {}", faults.join("; ")));
        }
        self.presets.set(Some(presets));
    }

    /// How a backend is asked; what is not known is asked without tenant and credentials.
    pub fn access(self, connection: &Connection) -> Access {
        self.access_of(connection).get()
    }

    /// Has the browser keep the connection, credentials included.
    pub fn keep(self, connection: &Connection) {
        let mut kept = read_kept();
        kept.retain(|kept| kept.base != connection.base);
        let access = self.access(connection);
        kept.push(Kept { product: connection.product, base: connection.base.clone(), access });
        if !storage::write(KEPT_KEY, &print_kept(&kept)) {
            self.notices.error("This browser keeps nothing here: the connection lasts for this visit only");
        }
        self.list_kept();
    }

    /// Has the browser forget the connection, and the visit its credentials.
    pub fn forget(self, base: &BaseAddress) {
        let mut kept = read_kept();
        kept.retain(|kept| kept.base != *base);
        if kept.is_empty() {
            storage::remove(KEPT_KEY);
        } else {
            storage::write(KEPT_KEY, &print_kept(&kept));
        }
        self.known.update_value(|all| {
            for known in all.iter().filter(|known| known.base == *base) {
                let tenant = Access { credentials: Credentials::None, ..known.access.get() };
                known.access.set(tenant);
            }
        });
        self.list_kept();
    }

    /// Handles to traces of a backend.
    pub fn sources(self, connection: &Connection, traces: &[RemoteTrace]) -> Vec<Source> {
        let access = self.access_of(connection);
        let backend = self.found(connection);
        let source = |trace: &RemoteTrace| {
            Source::from_remote(Remote {
                product: connection.product,
                base: connection.base.clone(),
                label: connection.label.clone(),
                backend: backend.clone(),
                trace: trace.id.to_string(),
                range: trace.range,
                access: access.clone(),
            })
        };
        traces.iter().map(source).collect()
    }

    /// What is wrong with a connection, in words.
    pub fn tell(self, trouble: &Trouble, connection: &Connection) -> Told {
        let page = fetch::page_origin();
        let has_credentials = self.access(connection).credentials != Credentials::None;
        let (product, base) = (connection.product, &connection.base);
        told(trouble, &About { product, base, page: &page, trace: None, has_credentials })
    }

    fn is_trusted(self, base: &BaseAddress) -> bool {
        self.known.with_value(|all| all.iter().any(|k| k.is_trusted && k.base.origin() == base.origin()))
    }

    fn found(self, connection: &Connection) -> Option<Backend> {
        let is_it = |known: &&Known| known.is(connection.product, &connection.base);
        self.known.with_value(|all| all.iter().find(is_it).and_then(|known| known.backend.clone()))
    }

    /// The cell that all share who ask this backend, now or later.
    fn access_of(self, connection: &Connection) -> SharedAccess {
        let (product, base) = (connection.product, &connection.base);
        let known = self.known.try_update_value(|all| {
            if let Some(known) = all.iter().find(|known| known.is(product, base)) {
                return known.access.clone();
            }
            let known = Known::new(product, base.clone(), false);
            let access = known.access.clone();
            all.push(known);
            access
        });
        known.unwrap_or_default()
    }

    fn remember(self, product: Product, base: &BaseAddress, access: &Access) {
        self.known.update_value(|all| {
            if !all.iter().any(|known| known.is(product, base)) {
                all.push(Known::new(product, base.clone(), true));
            }
            for known in all.iter_mut().filter(|known| known.is(product, base)) {
                known.access.set(access.clone());
                known.is_trusted = true;
            }
        });
    }

    fn change(self, connection: &Connection, change: impl FnOnce(&mut Known)) {
        let is_it = |known: &&mut Known| known.is(connection.product, &connection.base);
        self.known.update_value(|all| {
            if let Some(known) = all.iter_mut().find(is_it) {
                change(known);
            }
        });
    }

    fn list_kept(self) {
        let connection = |Kept { product, base, .. }: Kept| Connection::at(product, base);
        self.kept.set(read_kept().into_iter().map(connection).collect());
    }
}

impl Connection {
    /// The one at an address.
    pub fn at(product: Product, base: BaseAddress) -> Self {
        let label = format!("{} · {}", product.name(), base.host());
        Self { reference: BackendRef::At(product, base.clone()), product, base, label }
    }
}

impl Known {
    fn new(product: Product, base: BaseAddress, is_trusted: bool) -> Self {
        Self { product, base, access: SharedAccess::default(), backend: None, is_trusted }
    }

    fn is(&self, product: Product, base: &BaseAddress) -> bool {
        self.product == product && self.base == *base
    }
}

fn connection_of(preset: &Preset) -> Option<Connection> {
    let base = BaseAddress::parse(&fetch::absolute(&preset.url)?).ok()?;
    let product = preset.product.name();
    let label = if preset.label.eq_ignore_ascii_case(product) {
        format!("{product} · {}", base.host())
    } else if preset.label.to_lowercase().contains(preset.product.word()) {
        preset.label.clone()
    } else {
        format!("{product} · {}", preset.label)
    };
    let reference = BackendRef::Named(preset.name.clone());
    Some(Connection { reference, product: preset.product, base, label })
}

fn read_kept() -> Vec<Kept> {
    storage::read(KEPT_KEY).map(|text| parse_kept(&text)).unwrap_or_default()
}

/// Finds out what is at an address.
async fn discover(
    connection: &Connection,
    access: &Access,
    seconds: u32,
    stop: &Stop,
) -> Result<Backend, Trouble> {
    let (mut discovery, mut query) = Discovery::new(connection.product);
    loop {
        let reply = fetch::ask(&connection.base, access, &query, seconds, stop).await?;
        match discovery.take(&reply.answer()) {
            Step::Ask(next) => query = next,
            Step::Is(backend) => return Ok(backend),
            Step::IsOther(product) => return Err(Trouble::WrongProduct(product)),
            Step::Failed(problem) => return Err(problem.into()),
        }
    }
}
