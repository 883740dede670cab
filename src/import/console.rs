//! What the console exporters of the SDKs print: spans for the eyes of a developer, one object each.
//!
//! The resource stands in every span; equal ones are recognised by their text.

use crate::model::index::ResourceIdx;
use crate::model::record::ResourceRecord;
use crate::model::strings::Strings;

use super::context::Context;
use super::json::{Cursor, Step};
use super::values::plain_attributes;

/// Reads `{attributes: {…}, schema_url: …}` as the record's resource.
pub(crate) fn resource(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    let text = c.raw()?;
    ctx.record.resource = resource_of(ctx, text, |c, strings, resource| {
        if !c.object_or_skip()? {
            return Ok(());
        }
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "attributes" => plain_attributes(c, strings, &mut resource.attributes)?,
                "schema_url" | "schemaUrl" => resource.schema_url.push_str(&c.text()?),
                _ => c.skip()?,
            }
        }
        Ok(())
    });
    Ok(())
}

/// The resource whose text is `text`, read by `read` when it is new.
pub(crate) fn resource_of(
    ctx: &mut Context,
    text: &str,
    read: impl FnOnce(&mut Cursor<'_>, &mut Strings, &mut ResourceRecord) -> Step<()>,
) -> ResourceIdx {
    ctx.inline.resource(&mut ctx.builder, text.as_bytes(), |strings| {
        let mut resource = ResourceRecord::default();
        // The text was walked over before, so it is a whole value; what cannot be read of it is left out.
        let _ = read(&mut Cursor::new(text, true), strings, &mut resource);
        resource.service =
            resource.attributes.last_str(strings, "service.name").unwrap_or_default().to_owned();
        resource
    })
}
