//! What the backend knows by name: services, their operations, attributes and their values.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Searches, Stage, Values, now};
use crate::base::sort::CompactSort as _;
use crate::platform::fetch::Stop;
use crate::source::discover::Backend;
use crate::source::search::SearchForm;
use crate::source::tempo::TagValue;
use crate::source::trouble::Trouble;
use crate::source::{jaeger, tempo};
use crate::state::search::SearchChoice;
use crate::state::search_form::Draft;

/// Values of attributes that are kept for completion.
const MOST_VALUES: usize = 60;

impl Searches {
    /// Asks for the services again.
    pub fn ask_names(self) {
        let ask = self.next_ask(1);
        self.names.set(Vec::new());
        self.names_stage.set(Stage::Asking);
        spawn_local(async move {
            let names = self.services_of_backend().await;
            if !self.is_newest(1, ask) {
                return;
            }
            match names {
                Ok(names) => {
                    self.names.set(names);
                    self.names_stage.set(Stage::Done);
                }
                Err(trouble) => self.names_stage.set(Stage::Failed(trouble)),
            }
        });
    }

    async fn services_of_backend(self) -> Result<Vec<String>, Trouble> {
        let stop = Stop::new();
        Ok(match self.backends.backend(&stop).await? {
            Backend::Jaeger { api } => {
                let reply = self.backends.ask(&jaeger::services(api), &stop).await?;
                jaeger::read_services(api, &reply.answer())?
            }
            Backend::Tempo { .. } => self.tag_values("resource.service.name", "").await?,
        })
    }

    /// The range of the form: without one Tempo knows only the names of its most recent data.
    fn within(self) -> SearchForm {
        let when = self.draft.with_untracked(Draft::when);
        SearchChoice { when, ..SearchChoice::default() }.form(now())
    }

    /// Texts that occur as values, in order.
    async fn tag_values(self, name: &str, filter: &str) -> Result<Vec<String>, Trouble> {
        let query = tempo::tag_values(name, filter, &self.within());
        let reply = self.backends.ask(&query, &Stop::new()).await?;
        let mut texts: Vec<String> =
            tempo::read_tag_values(&reply.answer())?.into_iter().map(|value| value.text).collect();
        texts.compact_sort();
        texts.dedup();
        Ok(texts)
    }

    /// Operations follow the service.
    pub fn ask_operations(self, service: String) {
        let ask = self.next_ask(2);
        self.operations.set(Vec::new());
        if service.is_empty() {
            return;
        }
        spawn_local(async move {
            // Without them the field can still be filled in; what is wrong is said by the search.
            if let Ok(names) = self.operations_of(&service).await
                && self.is_newest(2, ask)
            {
                self.operations.set(names);
            }
        });
    }

    async fn operations_of(self, service: &str) -> Result<Vec<String>, Trouble> {
        let stop = Stop::new();
        Ok(match self.backends.backend(&stop).await? {
            Backend::Jaeger { api } => {
                let reply = self.backends.ask(&jaeger::operations(api, service), &stop).await?;
                let mut names: Vec<String> =
                    jaeger::read_operations(api, &reply.answer())?.into_iter().map(|o| o.name).collect();
                names.dedup();
                names
            }
            Backend::Tempo { .. } => {
                let form = SearchForm { service: service.to_owned(), ..SearchForm::default() };
                self.tag_values("name", &tempo::traceql(&form)).await?
            }
        })
    }

    /// Asks for the names of attributes, once.
    pub fn ask_tags(self) {
        if !self.tags.with_untracked(Vec::is_empty) {
            return;
        }
        spawn_local(async move {
            let reply = self.backends.ask(&tempo::tags(&self.within()), &Stop::new()).await;
            // Intrinsics and operators are offered all the same.
            if let Ok(names) = reply.map_err(drop).and_then(|r| tempo::read_tags(&r.answer()).map_err(drop)) {
                self.tags.set(names);
            }
        });
    }

    /// The values of a field, as far as they are here; they are asked for otherwise, and follow.
    pub fn values_of(self, field: &str, filter: &str) -> Vec<TagValue> {
        let known = self.values.with(|all| {
            all.iter()
                .find(|(of, within, _)| of == field && within == filter)
                .map(|(.., values)| values.clone())
        });
        known.unwrap_or_default()
    }

    /// Asks for the values of a field.
    pub fn ask_values(self, field: String, filter: String) {
        let is_known =
            |all: &Vec<Values>| all.iter().any(|(of, within, _)| *of == field && *within == filter);
        if self.values.with_untracked(is_known) {
            return;
        }
        self.values.update(|all| {
            if all.len() >= MOST_VALUES {
                all.remove(0);
            }
            all.push((field.clone(), filter.clone(), Vec::new()));
        });
        spawn_local(async move {
            let query = tempo::tag_values(&field, &filter, &self.within());
            let Ok(reply) = self.backends.ask(&query, &Stop::new()).await else { return };
            let Ok(values) = tempo::read_tag_values(&reply.answer()) else { return };
            self.values.update(|all| {
                if let Some(entry) = all.iter_mut().find(|(of, within, _)| *of == field && *within == filter)
                {
                    entry.2 = values;
                }
            });
        });
    }
}
