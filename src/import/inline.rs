//! Resources and scopes that stand in every span instead of above them: equal ones share one index.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use crate::model::builder::TraceBuilder;
use crate::model::index::{ResourceIdx, ScopeIdx};
use crate::model::record::{ResourceRecord, ScopeRecord};
use crate::model::strings::Strings;

/// What was seen so far, by the bytes that describe it.
#[derive(Debug, Default)]
pub(crate) struct Inline {
    resources: HashMap<Box<[u8]>, ResourceIdx, FxBuildHasher>,
    scopes: HashMap<Box<[u8]>, ScopeIdx, FxBuildHasher>,
}

impl Inline {
    /// The resource described by `key`; `make` is called for the first one only.
    pub(crate) fn resource(
        &mut self,
        builder: &mut TraceBuilder,
        key: &[u8],
        make: impl FnOnce(&mut Strings) -> ResourceRecord,
    ) -> ResourceIdx {
        if let Some(&known) = self.resources.get(key) {
            return known;
        }
        let record = make(&mut builder.strings);
        let resource = builder.reserve_resource();
        builder.fill_resource(resource, &record);
        self.resources.insert(key.into(), resource);
        resource
    }

    /// The scope described by `key`; `make` is called for the first one only.
    pub(crate) fn scope(
        &mut self,
        builder: &mut TraceBuilder,
        key: &[u8],
        make: impl FnOnce(&mut Strings) -> ScopeRecord,
    ) -> ScopeIdx {
        if let Some(&known) = self.scopes.get(key) {
            return known;
        }
        let record = make(&mut builder.strings);
        let scope = builder.reserve_scope();
        builder.fill_scope(scope, &record);
        self.scopes.insert(key.into(), scope);
        scope
    }
}
