//! Which protobuf message a file holds: messages carry no name, so their structure has to tell.
//!
//! Candidates are small tables of field numbers and wire types. A walk over the first bytes counts what fits,
//! what contradicts, and whether anything was found that only this message has, such as a span with ids of the
//! right lengths.

use super::proto;

/// The messages that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    Otlp,
    TempoV2,
    Zipkin,
    Metrics,
    Logs,
    Perfetto,
    Pprof,
}

/// What of a message is known.
struct Schema {
    fields: &'static [(u32, u8, Option<&'static Schema>)],
    /// Whether a message with these fields can be nothing else.
    proves: fn(&Seen) -> bool,
}

/// Fields found in one message.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Field numbers below 64, one bit each.
    numbers: u64,
    /// Lengths of fields 1 to 3.
    lens: [u64; 3],
}

impl Seen {
    fn has(&self, number: u32) -> bool {
        self.numbers >> number & 1 == 1
    }
}

const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const LEN: u8 = 2;
const FIXED32: u8 = 5;

fn nothing(_: &Seen) -> bool {
    false
}

static KEY_VALUE: Schema = Schema { fields: &[(1, LEN, None), (2, LEN, None)], proves: nothing };
static RESOURCE: Schema =
    Schema { fields: &[(1, LEN, Some(&KEY_VALUE)), (2, VARINT, None), (3, LEN, None)], proves: nothing };
static SCOPE: Schema = Schema {
    fields: &[(1, LEN, None), (2, LEN, None), (3, LEN, Some(&KEY_VALUE)), (4, VARINT, None)],
    proves: nothing,
};
static SPAN: Schema = Schema {
    fields: &[
        (1, LEN, None),
        (2, LEN, None),
        (3, LEN, None),
        (4, LEN, None),
        (5, LEN, None),
        (6, VARINT, None),
        (7, FIXED64, None),
        (8, FIXED64, None),
        (9, LEN, Some(&KEY_VALUE)),
        (10, VARINT, None),
        (11, LEN, None),
        (12, VARINT, None),
        (13, LEN, None),
        (14, VARINT, None),
        (15, LEN, None),
        (16, FIXED32, None),
    ],
    proves: |seen| seen.has(1) && seen.has(2) && seen.lens[0] == 16 && seen.lens[1] == 8,
};
static SCOPE_SPANS: Schema =
    Schema { fields: &[(1, LEN, Some(&SCOPE)), (2, LEN, Some(&SPAN)), (3, LEN, None)], proves: nothing };
static RESOURCE_SPANS: Schema = Schema {
    fields: &[
        (1, LEN, Some(&RESOURCE)),
        (2, LEN, Some(&SCOPE_SPANS)),
        (3, LEN, None),
        (1000, LEN, Some(&SCOPE_SPANS)),
    ],
    proves: nothing,
};
static OTLP: Schema = Schema { fields: &[(1, LEN, Some(&RESOURCE_SPANS))], proves: nothing };
static TEMPO: Schema = Schema {
    fields: &[(1, LEN, Some(&OTLP)), (2, LEN, None), (3, VARINT, None), (4, LEN, None)],
    proves: nothing,
};

static ZIPKIN_SPAN: Schema = Schema {
    fields: &[
        (1, LEN, None),
        (2, LEN, None),
        (3, LEN, None),
        (4, VARINT, None),
        (5, LEN, None),
        (6, FIXED64, None),
        (7, VARINT, None),
        (8, LEN, None),
        (9, LEN, None),
        (10, LEN, None),
        (11, LEN, Some(&KEY_VALUE)),
        (12, VARINT, None),
        (13, VARINT, None),
    ],
    proves: |seen| seen.has(1) && seen.has(3) && matches!(seen.lens[0], 8 | 16) && seen.lens[2] == 8,
};
static ZIPKIN: Schema = Schema { fields: &[(1, LEN, Some(&ZIPKIN_SPAN))], proves: nothing };

static METRIC: Schema = Schema {
    fields: &[
        (1, LEN, None),
        (2, LEN, None),
        (3, LEN, None),
        (5, LEN, None),
        (7, LEN, None),
        (9, LEN, None),
        (10, LEN, None),
        (11, LEN, None),
        (12, LEN, None),
    ],
    proves: |seen| seen.has(1) && [5, 7, 9, 10, 11].iter().any(|&data| seen.has(data)),
};
static SCOPE_METRICS: Schema =
    Schema { fields: &[(1, LEN, Some(&SCOPE)), (2, LEN, Some(&METRIC)), (3, LEN, None)], proves: nothing };
static RESOURCE_METRICS: Schema = Schema {
    fields: &[(1, LEN, Some(&RESOURCE)), (2, LEN, Some(&SCOPE_METRICS)), (3, LEN, None)],
    proves: nothing,
};
static METRICS: Schema = Schema { fields: &[(1, LEN, Some(&RESOURCE_METRICS))], proves: nothing };

static LOG_RECORD: Schema = Schema {
    fields: &[
        (1, FIXED64, None),
        (2, VARINT, None),
        (3, LEN, None),
        (5, LEN, None),
        (6, LEN, Some(&KEY_VALUE)),
        (7, VARINT, None),
        (8, FIXED32, None),
        (9, LEN, None),
        (10, LEN, None),
        (11, FIXED64, None),
    ],
    proves: |seen| seen.has(5) && (seen.has(1) || seen.has(11) || seen.has(2)),
};
static SCOPE_LOGS: Schema = Schema {
    fields: &[(1, LEN, Some(&SCOPE)), (2, LEN, Some(&LOG_RECORD)), (3, LEN, None)],
    proves: nothing,
};
static RESOURCE_LOGS: Schema = Schema {
    fields: &[(1, LEN, Some(&RESOURCE)), (2, LEN, Some(&SCOPE_LOGS)), (3, LEN, None)],
    proves: nothing,
};
static LOGS: Schema = Schema { fields: &[(1, LEN, Some(&RESOURCE_LOGS))], proves: nothing };

static PACKET: Schema = Schema {
    fields: &[
        (1, LEN, None),
        (3, VARINT, None),
        (6, LEN, None),
        (8, VARINT, None),
        (10, VARINT, None),
        (13, VARINT, None),
        (41, VARINT, None),
        (42, VARINT, None),
        (58, VARINT, None),
    ],
    proves: |seen| seen.has(10) && (seen.has(3) || seen.has(8)),
};
static PERFETTO: Schema = Schema { fields: &[(1, LEN, Some(&PACKET))], proves: nothing };

static VALUE_TYPE: Schema = Schema { fields: &[(1, VARINT, None), (2, VARINT, None)], proves: nothing };
static PPROF: Schema = Schema {
    fields: &[
        (1, LEN, Some(&VALUE_TYPE)),
        (2, LEN, None),
        (3, LEN, None),
        (4, LEN, None),
        (5, LEN, None),
        (6, LEN, None),
        (7, VARINT, None),
        (8, VARINT, None),
        (9, VARINT, None),
        (10, VARINT, None),
        (11, LEN, Some(&VALUE_TYPE)),
        (12, VARINT, None),
        (13, VARINT, None),
        (14, VARINT, None),
        (15, VARINT, None),
    ],
    proves: |seen| seen.has(1) && seen.lens[0] <= 6 && seen.has(2),
};

/// In the order of preference when two fit equally well.
static CANDIDATES: &[(Message, &Schema)] = &[
    (Message::Otlp, &OTLP),
    (Message::TempoV2, &TEMPO),
    (Message::Zipkin, &ZIPKIN),
    (Message::Metrics, &METRICS),
    (Message::Logs, &LOGS),
    (Message::Perfetto, &PERFETTO),
    (Message::Pprof, &PPROF),
];

/// How well a candidate fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fit {
    proofs: u32,
    known: u32,
    unknown: u32,
    contradicted: bool,
}

/// The message that `bytes`, the beginning of a file, most likely are.
pub(super) fn recognise(bytes: &[u8]) -> Option<Message> {
    if !matches!(bytes.first(), Some(0x0a | 0x12 | 0x18)) {
        return None;
    }
    let fits = CANDIDATES.iter().map(|&(message, schema)| (message, walk(bytes, schema)));
    let mut best: Option<(Message, Fit)> = None;
    for (message, fit) in fits {
        let is_possible = fit.proofs > 0 || !fit.contradicted && fit.known > 1 && fit.unknown == 0;
        let rank = |fit: &Fit| (fit.proofs.min(1), !fit.contradicted, fit.proofs, fit.known);
        if is_possible && best.as_ref().is_none_or(|(_, other)| rank(&fit) > rank(other)) {
            best = Some((message, fit));
        }
    }
    best.map(|(message, _)| message)
}

/// Walks over the fields of `bytes` as far as they are there.
fn walk(bytes: &[u8], root: &'static Schema) -> Fit {
    let mut fit = Fit::default();
    let mut stack: Vec<(&Schema, usize, Seen)> = vec![(root, usize::MAX, Seen::default())];
    let mut at = 0;
    while let Some((schema, end, seen)) = stack.last_mut() {
        if at >= *end {
            stack.pop();
            continue;
        }
        let head = match proto::head(bytes.get(at..).unwrap_or_default()) {
            Ok(Some(head)) => head,
            // The bytes to look at end here.
            Ok(None) => break,
            Err(_) => {
                fit.contradicted = true;
                break;
            }
        };
        let start = at + head.value_at;
        let stop =
            usize::try_from(head.len).ok().and_then(|len| start.checked_add(len)).unwrap_or(usize::MAX);
        if stop > *end {
            fit.contradicted = true;
            break;
        }
        let known = schema.fields.iter().find(|(number, ..)| *number == head.number);
        let inner = match known {
            Some((_, wire, inner)) if *wire == head.wire => {
                fit.known += 1;
                *inner
            }
            Some(_) => {
                fit.contradicted = true;
                break;
            }
            None => {
                fit.unknown += 1;
                None
            }
        };
        let had = (schema.proves)(seen);
        if head.number < 64 {
            seen.numbers |= 1 << head.number;
        }
        if let Some(len) = (head.number as usize).checked_sub(1).and_then(|n| seen.lens.get_mut(n)) {
            *len = head.len;
        }
        if !had && (schema.proves)(seen) {
            fit.proofs += 1;
        }
        at = start;
        match inner {
            Some(inner) => stack.push((inner, stop, Seen::default())),
            None => at = stop,
        }
    }
    fit
}
