//! The cold part of a span read in place, for analyses that want few of its attributes: what is not wanted is
//! passed over without being decoded, which for a million spans is most of the work.

use super::attributes::Scalar;
use super::index::{SpanIdx, StringIdx};
use super::pack::part;
use super::trace_set::TraceSet;
use super::unpack::{Cursor, NO_COLD, Step};

/// What an attribute belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the specification")]
pub enum Owner {
    Span,
    Event,
    Link,
}

/// Takes in what is packed in a span. A span that was put together of several records is read piece by piece,
/// so one thing may come twice.
pub trait Reader<'a> {
    /// Whether the value of this attribute is wanted.
    fn wants(&mut self, owner: Owner, key: StringIdx) -> bool;

    /// A scalar of a wanted attribute: its value, or one of those within an array or a map; `inner` is the
    /// nearest key of a map around it.
    fn value(&mut self, owner: Owner, key: StringIdx, inner: Option<&'a str>, value: Scalar<'a>);

    /// An event begins; its attributes follow.
    fn event(&mut self, _name: &'a str) {}

    /// The description of the status.
    fn status_message(&mut self, _text: &'a str) {}

    /// Attributes, events and links that the SDK dropped; may come several times.
    fn dropped(&mut self, _counts: [u32; 3]) {}
}

impl TraceSet {
    /// Reads the attributes, events, links and status message of a span; false for a placeholder.
    pub fn read<'a>(&'a self, span: SpanIdx, reader: &mut impl Reader<'a>) -> bool {
        let Some(place) = self.place.get(span.at()).copied().filter(|&place| place != NO_COLD) else {
            return false;
        };
        // Packed by this crate, so it cannot fail.
        let _ = record(&mut self.cold().cursor(place), reader);
        if !self.pieces.is_empty() {
            let number = self.record.get(span.at()).copied().unwrap_or_default();
            let from = self.pieces.partition_point(|p| p.0 < number);
            for &(_, place) in self.pieces.iter().skip(from).take_while(|p| p.0 == number) {
                let _ = record(&mut self.cold().cursor(place), reader);
            }
        }
        true
    }
}

fn record<'a>(c: &mut Cursor<'a>, reader: &mut impl Reader<'a>) -> Option<()> {
    let parts = c.byte()?;
    c.number()?;
    c.number()?;
    if parts & part::TRACE_FLAGS != 0 {
        c.number()?;
    }
    if parts & part::ATTRIBUTES != 0 {
        attributes(c, Owner::Span, reader)?;
    }
    if parts & part::EVENTS != 0 {
        for _ in 0..c.number()? {
            c.number()?;
            reader.event(c.text()?);
            dropped_attributes(c, reader)?;
            attributes(c, Owner::Event, reader)?;
        }
    }
    if parts & part::LINKS != 0 {
        for _ in 0..c.number()? {
            c.take(24)?;
            c.number()?;
            c.text()?;
            c.number()?;
            dropped_attributes(c, reader)?;
            attributes(c, Owner::Link, reader)?;
        }
    }
    if parts & part::RARE != 0 {
        let message = c.text()?;
        if !message.is_empty() {
            reader.status_message(message);
        }
        for _ in 0..3 {
            c.text()?;
        }
        let counts = [c.number()? as u32, c.number()? as u32, c.number()? as u32];
        if counts != [0; 3] {
            reader.dropped(counts);
        }
    }
    Some(())
}

fn dropped_attributes<'a>(c: &mut Cursor<'a>, reader: &mut impl Reader<'a>) -> Option<()> {
    let dropped = c.number()? as u32;
    if dropped > 0 {
        reader.dropped([dropped, 0, 0]);
    }
    Some(())
}

/// An array or a map that is being read.
struct Level<'a> {
    /// The nearest key so far.
    name: Option<&'a str>,
    is_map: bool,
    expects_key: bool,
}

fn attributes<'a>(c: &mut Cursor<'a>, owner: Owner, reader: &mut impl Reader<'a>) -> Option<()> {
    for _ in 0..c.number()? {
        let key = StringIdx(c.number()? as u32);
        if !reader.wants(owner, key) {
            c.skip()?;
            continue;
        }
        match c.step()? {
            Step::Scalar(value) => reader.value(owner, key, None, value),
            Step::Map => nested(c, owner, key, true, reader)?,
            Step::Array => nested(c, owner, key, false, reader)?,
            Step::End => {}
        }
    }
    Some(())
}

/// What follows the beginning of an array or a map, to its end.
fn nested<'a>(
    c: &mut Cursor<'a>,
    owner: Owner,
    key: StringIdx,
    is_map: bool,
    reader: &mut impl Reader<'a>,
) -> Option<()> {
    // What is open, innermost last.
    let mut open = vec![Level { name: None, is_map, expects_key: is_map }];
    while let Some(level) = open.last_mut() {
        let name = level.name;
        match c.step()? {
            Step::Scalar(Scalar::Str(name)) if level.expects_key => {
                (level.name, level.expects_key) = (Some(name), false);
                continue;
            }
            Step::Scalar(value) => reader.value(owner, key, name, value),
            Step::Map => open.push(Level { name, is_map: true, expects_key: true }),
            Step::Array => open.push(Level { name, is_map: false, expects_key: false }),
            Step::End => {
                open.pop();
            }
        }
        if let Some(level) = open.last_mut() {
            level.expects_key = level.is_map;
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

    /// Writes down what it is given, except for the key `skipped`.
    struct Diary<'a>(&'a TraceSet, Vec<String>);

    impl<'a> Reader<'a> for Diary<'a> {
        fn wants(&mut self, _: Owner, key: StringIdx) -> bool {
            self.0.key(key) != "skipped"
        }

        fn value(&mut self, owner: Owner, key: StringIdx, inner: Option<&'a str>, value: Scalar<'a>) {
            self.1.push(format!("{owner:?} {} {} {value:?}", self.0.key(key), inner.unwrap_or("-")));
        }

        fn event(&mut self, name: &'a str) {
            self.1.push(name.to_owned());
        }

        fn status_message(&mut self, text: &'a str) {
            self.1.push(text.to_owned());
        }

        fn dropped(&mut self, counts: [u32; 3]) {
            self.1.push(format!("{counts:?}"));
        }
    }

    #[test]
    fn wanted_values_come_in_order_and_the_rest_is_passed_over() {
        let mut builder = TraceBuilder::default();
        let mut record = SpanRecord {
            trace_id: TraceId([1; 16]),
            span_id: SpanId(1),
            status_message: "went wrong".into(),
            dropped_links: 3,
            ..SpanRecord::default()
        };
        let strings = &mut builder.strings;
        let nested = |to: &mut AttributeBuffer| {
            to.begin_map();
            to.map_key("k");
            to.begin_array();
            for value in [Scalar::I64(7), Scalar::Str("seven"), Scalar::Bytes(b"7"), Scalar::F64(7.0)] {
                to.scalar(value);
            }
            to.end();
            to.map_key("l");
            to.scalar(Scalar::U64(8));
            to.end();
        };
        let long = "a text that is long enough to be written once and referred to later";
        record.attributes.add(strings, "a", Scalar::Str(long));
        for key in ["skipped", "kept"] {
            record.attributes.key(strings, key);
            nested(&mut record.attributes);
        }
        record.attributes.add(strings, "skipped", Scalar::Str(long));
        let mut extra = AttributeBuffer::default();
        extra.add(strings, "c", Scalar::Bool(true));
        let event = record.add_event();
        event.name.push_str("exception");
        (event.attributes, event.dropped_attributes) = (extra, 2);
        builder.push(&record);
        record.span_id = SpanId(2);
        builder.push(&record);
        let set = builder.finish();
        for at in 0..2 {
            let mut diary = Diary(&set, Vec::new());
            assert!(set.read(SpanIdx(at), &mut diary));
            assert_eq!(
                diary.1,
                [
                    &format!("Span a - Str({long:?})"),
                    "Span kept k I64(7)",
                    "Span kept k Str(\"seven\")",
                    "Span kept k Bytes([55])",
                    "Span kept k F64(7.0)",
                    "Span kept l U64(8)",
                    "exception",
                    "[2, 0, 0]",
                    "Event c - Bool(true)",
                    "went wrong",
                    "[0, 0, 3]",
                ]
            );
        }
        assert!(!set.read(SpanIdx(9), &mut Diary(&set, Vec::new())));
    }
}
