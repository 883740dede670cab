//! The containers of OTLP: resources and scopes, which may come before or behind their spans.

use super::{Frame, Items, SpansKey, Walker};
use crate::import::context::Context;
use crate::import::json::{Cursor, Kind, Step};
use crate::import::otlp_json;
use crate::model::index::{ResourceIdx, ScopeIdx};
use crate::model::warning::WarningCode;

impl Walker {
    pub(super) fn open_resource_spans(&mut self, ctx: &mut Context) {
        self.service.clear();
        self.resource.service.clear();
        self.resource.attributes.clear();
        self.resource.schema_url.clear();
        self.resource.dropped_attributes = 0;
        let resource = ctx.builder.reserve_resource();
        self.push(Frame::ResourceSpans { resource, spans: SpansKey::default() });
    }

    pub(super) fn resource_member(
        &mut self,
        key: &str,
        resource: ResourceIdx,
        c: &mut Cursor<'_>,
        ctx: &mut Context,
    ) -> Step<()> {
        match key {
            "resource" => {
                otlp_json::resource(c, &mut ctx.builder.strings, &mut self.resource)?;
                self.fill_resource(resource, ctx);
                Ok(())
            }
            "serviceName" => {
                otlp_json::set(&mut self.service, c)?;
                self.fill_resource(resource, ctx);
                Ok(())
            }
            "schemaUrl" | "schema_url" => {
                otlp_json::set(&mut self.resource.schema_url, c)?;
                self.fill_resource(resource, ctx);
                Ok(())
            }
            "scopeSpans"
            | "scope_spans"
            | "instrumentationLibrarySpans"
            | "instrumentation_library_spans"
            | "scopes" => self.scope_spans(key, resource, c, ctx),
            "spans" if c.kind()? == Kind::Array => self.list(c, Items::Spans(resource, ScopeIdx::default())),
            _ => self.pass(c),
        }
    }

    pub(super) fn fill_resource(&mut self, resource: ResourceIdx, ctx: &mut Context) {
        if self.resource.service.is_empty() {
            self.resource.service.push_str(&self.service);
        }
        ctx.builder.fill_resource(resource, &self.resource);
    }

    pub(super) fn scope_spans(
        &mut self,
        key: &str,
        resource: ResourceIdx,
        c: &mut Cursor<'_>,
        ctx: &mut Context,
    ) -> Step<()> {
        if c.kind()? != Kind::Array {
            return self.pass(c);
        }
        let at = c.offset();
        let n_records = ctx.builder.n_records();
        let Some(Frame::ResourceSpans { spans, .. }) = self.frames.last_mut() else { return Ok(()) };
        if !spans.key.is_empty() && spans.key != key && n_records > spans.records_before {
            self.pass(c)?;
            self.note(WarningCode::NotTraces, at, format!("{key} repeats the spans written before it"));
            return Ok(());
        }
        c.begin_array()?;
        key.clone_into(&mut spans.key);
        spans.records_before = n_records;
        self.push(Frame::List { items: Items::ScopeSpans(resource), guess: None });
        Ok(())
    }

    pub(super) fn scope_member(
        &mut self,
        key: &str,
        resource: ResourceIdx,
        scope: ScopeIdx,
        c: &mut Cursor<'_>,
        ctx: &mut Context,
    ) -> Step<()> {
        match key {
            "spans" if c.kind()? == Kind::Array => self.list(c, Items::Spans(resource, scope)),
            "scope" | "instrumentationLibrary" | "instrumentation_library" => {
                otlp_json::scope(c, &mut ctx.builder.strings, &mut self.scope)?;
                ctx.builder.fill_scope(scope, &self.scope);
                Ok(())
            }
            "schemaUrl" | "schema_url" | "name" | "version" => {
                let field = match key {
                    "name" => &mut self.scope.name,
                    "version" => &mut self.scope.version,
                    _ => &mut self.scope.schema_url,
                };
                otlp_json::set(field, c)?;
                ctx.builder.fill_scope(scope, &self.scope);
                Ok(())
            }
            _ => self.pass(c),
        }
    }
}
