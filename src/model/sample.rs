//! Made-up traces of any size and shape, the same on every run: for tests and measurements.

use std::fmt::Write;

use super::attributes::Scalar;
use super::builder::TraceBuilder;
use super::ids::{SpanId, TraceId};
use super::index::ResourceIdx;
use super::record::{ResourceRecord, SpanRecord};
use super::span::{SpanKind, Status};
use super::trace_set::TraceSet;

/// How the spans hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One trace like those of services: up to a dozen levels, runs of siblings, some errors.
    Services,
    /// One trace, each span the parent of the next.
    Chain,
    /// One trace, one parent of all others.
    Wide,
    /// One trace, one parent of all others, which run one after the other without a pause.
    BackToBack,
    /// One trace, one parent of all others, all of the same start and end.
    Equal,
    /// One trace without any parent.
    Roots,
    /// One span per trace.
    Traces,
    /// One trace in which all name the same parent, which is missing.
    Orphans,
    /// One trace in which each names a missing parent of its own.
    AllMissing,
    /// One trace in which each names the next as its parent and the last the first.
    Cycle,
}

const SERVICES: [&str; 12] = [
    "frontend",
    "cart",
    "checkout",
    "payment",
    "shipping",
    "email",
    "currency",
    "catalog",
    "recommendation",
    "ads",
    "redis",
    "postgres",
];
const NAMES: [&str; 10] = [
    "GET /cart",
    "POST /checkout",
    "SELECT orders",
    "charge",
    "HGET",
    "render",
    "ListProducts",
    "Convert",
    "publish order",
    "auth",
];

/// 2026-01-01.
const BASE: i64 = 1_767_225_600_000_000_000;

/// The traces of `n_spans` spans with eight attributes each.
pub fn generate(n_spans: u32, shape: Shape) -> TraceSet {
    let mut builder = TraceBuilder::default();
    fill(&mut builder, n_spans, shape);
    builder.finish()
}

/// Pushes `n_spans` records: half of their eight attributes hardly repeat.
pub fn fill(builder: &mut TraceBuilder, n_spans: u32, shape: Shape) {
    let mut random = Random(1);
    builder.source("made-up");
    let resources: Vec<ResourceIdx> = SERVICES
        .iter()
        .map(|service| {
            let mut record = ResourceRecord { service: (*service).to_owned(), ..ResourceRecord::default() };
            record.attributes.add(&mut builder.strings, "service.name", Scalar::Str(service));
            let idx = builder.reserve_resource();
            builder.fill_resource(idx, &record);
            idx
        })
        .collect();
    let mut record = SpanRecord::default();
    let mut value = String::new();
    // Open spans of the trace of services: id, end.
    let mut open: Vec<(u64, i64)> = Vec::new();
    let id_of = |at: u32| SpanId(mix(u64::from(at) + 1).max(1));
    let mut clock = BASE;
    for at in 0..n_spans {
        record.clear();
        let dice = random.next();
        record.span_id = id_of(at);
        record.trace_id = TraceId((1_u128 << 100 | 7).to_be_bytes());
        let (mut start, mut duration) = (BASE + i64::from(at) * 1_000, 1_000_000);
        match shape {
            Shape::Services => {
                clock += 1 + (dice % 20_000) as i64;
                if open.len() > 11 || (dice >> 20).is_multiple_of(4) {
                    open.truncate(1 + (dice >> 24) as usize % 3);
                }
                record.parent_id = SpanId(open.last().map_or(0, |o| o.0));
                start = clock;
                duration =
                    if at == 0 { i64::from(n_spans) * 11_000 } else { 500 + (dice >> 30 & 0xf_ffff) as i64 };
                open.push((record.span_id.0, start + duration));
            }
            Shape::Chain if at > 0 => record.parent_id = id_of(at - 1),
            Shape::Wide | Shape::BackToBack | Shape::Equal if at > 0 => record.parent_id = id_of(0),
            Shape::Traces => record.trace_id = TraceId(u128::from(mix(u64::from(at) << 20)).to_be_bytes()),
            Shape::Orphans => record.parent_id = SpanId(1),
            Shape::AllMissing => record.parent_id = SpanId(u64::from(at) + 1),
            Shape::Cycle => record.parent_id = id_of((at + 1) % n_spans),
            Shape::Chain | Shape::Wide | Shape::BackToBack | Shape::Equal | Shape::Roots => {}
        }
        if shape == Shape::Chain {
            duration = i64::from(n_spans - at) * 1_000;
        }
        match shape {
            Shape::BackToBack if at == 0 => duration = i64::from(n_spans) * 1_000,
            Shape::BackToBack => duration = 1_000,
            Shape::Equal => start = BASE,
            _ => {}
        }
        (record.start, record.end) = (start, start + duration);
        record.name.push_str(NAMES[(dice >> 3) as usize % NAMES.len()]);
        record.kind = SpanKind::from_otlp(1 + (dice >> 7) % 5);
        record.status = if (dice >> 50).is_multiple_of(128) { Status::Error } else { Status::Unset };
        record.resource = resources[(dice >> 11) as usize % resources.len()];
        let strings = &mut builder.strings;
        record.attributes.add(strings, "http.method", Scalar::Str("GET"));
        record.attributes.add(strings, "http.route", Scalar::Str("/api/cart/items"));
        record.attributes.add(strings, "cloud.region", Scalar::Str("eu-central"));
        record.attributes.add(strings, "http.status", Scalar::Str("200 is okay"));
        for key in ["request.id", "user.id", "db.row", "thread.key"] {
            value.clear();
            let _ = write!(value, "{:010x}", random.next() & 0xff_ffff_ffff);
            record.attributes.add(strings, key, Scalar::Str(&value));
        }
        builder.push(&record);
    }
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

/// A small generator of numbers that look random.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::index::TraceIdx;
    use crate::model::warning::WarningCode;

    #[test]
    fn every_shape_becomes_a_tree() {
        for (shape, depth, n_entries, n_traces) in [
            (Shape::Services, 12, 3_000, 1),
            (Shape::Chain, 3_000, 3_000, 1),
            (Shape::Wide, 2, 3_000, 1),
            (Shape::BackToBack, 2, 3_000, 1),
            (Shape::Equal, 2, 3_000, 1),
            (Shape::Roots, 1, 3_000, 1),
            (Shape::Traces, 1, 3_000, 3_000),
            (Shape::Orphans, 1, 3_001, 1),
            (Shape::AllMissing, 1, 6_000, 1),
            (Shape::Cycle, 3_000, 3_000, 1),
        ] {
            let set = generate(3_000, shape);
            assert_eq!(set.traces().iter().map(|t| t.depth).max(), Some(depth), "{shape:?}");
            assert_eq!(set.n_entries(), n_entries, "{shape:?}");
            assert_eq!(set.traces().len(), n_traces, "{shape:?}");
            assert_eq!(set.totals().spans, 3_000, "{shape:?}");
            assert_eq!(set.warnings().count(WarningCode::TimeOutlier), 0, "{shape:?}");
            for at in 0..n_traces {
                assert_eq!(set.trace(TraceIdx::new(at)).check(), Ok(()), "{shape:?}");
            }
        }
    }

    #[test]
    fn a_span_with_eight_attributes_takes_less_than_150_bytes() {
        // Grown? Look for a new column or a longer packed record; a million spans must fit into 150 MB.
        let set = generate(50_000, Shape::Services);
        let bytes = set.heap_bytes() / 50_000;
        assert!(bytes < 150, "{bytes} bytes a span");
        // One for each trace, of which there can be a million.
        assert!(size_of::<crate::model::trace_set::TraceSummary>() <= 184);
    }
}
