//! Everything that is written in a span's cold part, visited in place: search compares millions of texts and
//! has no use for lists of values.

use super::attributes::{Scalar, Value};
use super::index::{RecordIdx, ResourceIdx, ScopeIdx, SpanIdx, StringIdx};
use super::pack::part;
use super::trace_set::TraceSet;
use super::unpack::{Cursor, NO_COLD, Step};

/// Something written in a span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Written<'a, 'v> {
    /// Key of an attribute: keys are few, so what is found out about one is worth keeping.
    Key(StringIdx),
    /// Text of a value, a key within a value, name of an event, a status message.
    Text(&'a str),
    /// A scalar that is no text.
    Scalar(&'v Value<'a>),
}

impl TraceSet {
    /// Visits what is written in a span's attributes, events, links and status message. Returns its resource
    /// and its scope, whose texts are not visited; none for a placeholder.
    pub fn visit<'a>(
        &'a self,
        span: SpanIdx,
        visit: &mut impl FnMut(Written<'a, '_>),
    ) -> Option<(ResourceIdx, ScopeIdx)> {
        let place = self.place.get(span.at()).copied().filter(|&place| place != NO_COLD)?;
        let mut owners = (ResourceIdx::default(), ScopeIdx::default());
        // Packed by this crate, so it cannot fail.
        let _ = record(&mut self.cold().cursor(place), visit, &mut owners);
        let number = *self.record.get(span.at())?;
        let from = self.pieces.partition_point(|p| p.0 < number);
        for &(_, place) in self.pieces.iter().skip(from).take_while(|p| p.0 == number) {
            let mut owners = owners;
            let _ = record(&mut self.cold().cursor(place), visit, &mut owners);
        }
        Some(owners)
    }

    /// Resource and scope of a span, without reading what else is packed with them; none for a placeholder.
    pub fn owners(&self, span: SpanIdx) -> Option<(ResourceIdx, ScopeIdx)> {
        let place = self.place.get(span.at()).copied().filter(|&place| place != NO_COLD)?;
        let mut cursor = self.cold().cursor(place);
        cursor.byte()?;
        Some((ResourceIdx(cursor.number()? as u32), ScopeIdx(cursor.number()? as u32)))
    }

    /// The text of a key that [`Self::visit`] gave.
    pub fn key(&self, key: StringIdx) -> &str {
        self.strings.get(key)
    }

    /// The spans of many records at once, in their order: see [`Self::span_of_record`]. O(n log records).
    pub fn spans_of_records(&self, records: &[RecordIdx]) -> Vec<Option<SpanIdx>> {
        let mut order: Vec<usize> = (0..records.len()).collect();
        order.sort_by_key(|&at| records[at]);
        let mut spans = vec![None; records.len()];
        for (span, &number) in self.record.iter().enumerate() {
            let from = order.partition_point(|&at| records[at].0 < number);
            for &at in order[from..].iter().take_while(|&&at| records[at].0 == number) {
                spans[at].get_or_insert(SpanIdx::new(span));
            }
        }
        spans
    }
}

fn record<'a>(
    c: &mut Cursor<'a>,
    visit: &mut impl FnMut(Written<'a, '_>),
    owners: &mut (ResourceIdx, ScopeIdx),
) -> Option<()> {
    let parts = c.byte()?;
    owners.0 = ResourceIdx(c.number()? as u32);
    owners.1 = ScopeIdx(c.number()? as u32);
    if parts & part::TRACE_FLAGS != 0 {
        c.number()?;
    }
    if parts & part::ATTRIBUTES != 0 {
        attributes(c, visit)?;
    }
    if parts & part::EVENTS != 0 {
        for _ in 0..c.number()? {
            c.number()?;
            visit(Written::Text(c.text()?));
            c.number()?;
            attributes(c, visit)?;
        }
    }
    if parts & part::LINKS != 0 {
        for _ in 0..c.number()? {
            c.take(24)?;
            c.number()?;
            c.text()?;
            c.number()?;
            c.number()?;
            attributes(c, visit)?;
        }
    }
    if parts & part::RARE != 0 {
        visit(Written::Text(c.text()?));
    }
    Some(())
}

fn attributes<'a>(c: &mut Cursor<'a>, visit: &mut impl FnMut(Written<'a, '_>)) -> Option<()> {
    for _ in 0..c.number()? {
        visit(Written::Key(StringIdx(c.number()? as u32)));
        let mut depth = 0_usize;
        loop {
            match c.step()? {
                Step::Array | Step::Map => depth += 1,
                Step::End => depth = depth.saturating_sub(1),
                Step::Scalar(Scalar::Str(text)) => visit(Written::Text(text)),
                Step::Scalar(value) => visit(Written::Scalar(&value.into())),
            }
            if depth == 0 {
                break;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::attributes::AttributeBuffer;
    use crate::model::builder::TraceBuilder;
    use crate::model::ids::{SpanId, TraceId};
    use crate::model::record::SpanRecord;

    #[test]
    fn everything_that_is_written_is_visited_in_order() {
        let mut builder = TraceBuilder::default();
        let mut record = SpanRecord {
            trace_id: TraceId([1; 16]),
            span_id: SpanId(1),
            status_message: "went wrong".into(),
            ..SpanRecord::default()
        };
        let strings = &mut builder.strings;
        record.attributes.add(strings, "a", Scalar::Str("x"));
        record.attributes.key(strings, "b");
        record.attributes.begin_map();
        record.attributes.map_key("k");
        record.attributes.begin_array();
        record.attributes.scalar(Scalar::I64(7));
        record.attributes.end();
        record.attributes.end();
        record.add_event().name.push_str("exception");
        let mut extra = AttributeBuffer::default();
        extra.add(strings, "c", Scalar::Bool(true));
        record.events[0].attributes = extra;
        builder.push(&record);
        let set = builder.finish();

        let mut seen = Vec::new();
        let owners = set.visit(SpanIdx(0), &mut |written| {
            seen.push(match written {
                Written::Key(key) => format!("{}:", set.key(key)),
                Written::Text(text) => text.to_owned(),
                Written::Scalar(value) => format!("{value:?}"),
            });
        });
        assert_eq!(seen, ["a:", "x", "b:", "k", "I64(7)", "exception", "c:", "Bool(true)", "went wrong"]);
        assert!(owners.is_some());
        assert_eq!(set.owners(SpanIdx(0)), owners);
        assert_eq!(set.visit(SpanIdx(9), &mut |_| ()), None);
    }

    #[test]
    fn many_records_are_found_like_single_ones() {
        let set = crate::model::sample::generate(500, crate::model::sample::Shape::Traces);
        let records: Vec<RecordIdx> = [7, 499, 0, 7, 9_999, 250].map(RecordIdx).to_vec();
        let one_by_one: Vec<_> = records.iter().map(|&r| set.span_of_record(r)).collect();
        assert_eq!(set.spans_of_records(&records), one_by_one);
    }
}
