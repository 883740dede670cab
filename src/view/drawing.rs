//! Traces drawn as indented text, for tests: `service name start..end !`, times in milliseconds.
//!
//! Two spaces of indentation per level. `!` marks an error, `?` an unfinished span, `@client` and the like a
//! kind.

use crate::model::ids::TraceId;
use crate::model::span::{Flags, NO_PARENT, SpanColumns, SpanKind, Status, pack_kind_status};
use crate::model::time::{DurationNanos, UnixNanos};
use crate::model::trace::Trace;

/// The trace drawn in `text`, checked.
pub(crate) fn trace(text: &str) -> Trace {
    let mut maker = Maker::default();
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        maker.line(line);
    }
    maker.finish()
}

/// A trace of `n` leaves below one root, in batches of equal names.
pub(crate) fn wide(n: usize, batch: usize) -> Trace {
    let mut maker = Maker::default();
    maker.span(0, "api", "GET /", 0, n as i64 * 1_000_000, SpanKind::Server, Status::Unset, Flags::default());
    for i in 0..n {
        let name = format!("call {}", i / batch);
        let start = i as i64 * 1_000_000;
        maker.span(1, "db", &name, start, 900_000, SpanKind::Client, Status::Unset, Flags::default());
    }
    maker.finish()
}

/// A tree of `n` spans with `fan` children each, as far as they reach, a few with errors.
pub(crate) fn bushy(n: usize, fan: usize) -> Trace {
    let mut maker = Maker::default();
    // Depth first with an explicit stack of (depth, children left, start, length).
    let mut stack: Vec<(usize, usize, i64, i64)> = Vec::new();
    let total = 1_000_000_000_000_i64;
    for i in 0..n {
        while stack.last().is_some_and(|&(_, left, _, _)| left == 0) {
            stack.pop();
        }
        let (depth, start, length) = match stack.last_mut() {
            None => (0, 0, total),
            Some((depth, left, start, length)) => {
                let nth = (fan - *left) as i64;
                *left -= 1;
                let part = (*length / fan as i64).max(1);
                (*depth + 1, *start + nth * part, (part * 9 / 10).max(1))
            }
        };
        let status = if i % 997 == 7 { Status::Error } else { Status::Unset };
        let name = format!("op {}", (i * 7919) % 211);
        let service = format!("svc-{}", (i * 31) % 23);
        maker.span(depth, &service, &name, start, length, SpanKind::Server, status, Flags::default());
        // Depth is bounded, so that the tree gets wide instead.
        let children = if depth < 11 { fan } else { 0 };
        stack.push((depth, children, start, length));
        if stack.iter().all(|s| s.1 == 0) {
            stack[0].1 = fan;
        }
    }
    maker.finish()
}

/// Any trace that passes its check: `(levels up, start, duration, flags)` per span, times as wild as they come.
pub(crate) fn wild(spans: &[(usize, i64, i64, u32)]) -> Trace {
    let mut maker = Maker::default();
    for (n, &(up, start, duration, flags)) in spans.iter().enumerate() {
        let depth = maker.open.len().saturating_sub(up);
        let start = start.max(0);
        let duration = duration.max(0).min(i64::MAX - start);
        let (name, status) = (format!("op {}", n % 2), if n % 3 == 0 { Status::Error } else { Status::Ok });
        maker.span(depth, "svc", &name, start, duration, SpanKind::Client, status, Flags(flags));
    }
    maker.finish()
}

#[derive(Default)]
struct Maker {
    columns: SpanColumns,
    names: Vec<String>,
    services: Vec<String>,
    name_index: std::collections::HashMap<String, u32>,
    open: Vec<u32>,
}

impl Maker {
    fn line(&mut self, line: &str) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let (mut status, mut flags, mut kind) = (Status::Unset, Flags::default(), SpanKind::Internal);
        while let Some(&last) = words.last() {
            match last {
                "!" => status = Status::Error,
                "?" => flags.set(Flags::UNFINISHED),
                "~" => flags.set(Flags::PLACEHOLDER),
                _ if last.starts_with('@') => kind = SpanKind::from_text(&last[1..]),
                _ => break,
            }
            words.pop();
        }
        let (start, end) = words.pop().and_then(|t| t.split_once("..")).expect("start..end");
        let [start, end] = [start, end].map(|t| (t.parse::<f64>().expect("a number") * 1e6) as i64);
        self.span(depth, words[0], &words[1..].join(" "), start, end - start, kind, status, flags);
    }

    #[expect(clippy::too_many_arguments, reason = "one call per column; a test helper")]
    fn span(
        &mut self,
        depth: usize,
        service: &str,
        name: &str,
        start: i64,
        duration: i64,
        kind: SpanKind,
        status: Status,
        flags: Flags,
    ) {
        let at = self.columns.len() as u32;
        self.open.truncate(depth);
        for &ancestor in &self.open {
            self.columns.subtree_size[ancestor as usize] += 1;
        }
        let name = *self.name_index.entry(name.to_owned()).or_insert_with(|| {
            self.names.push(name.to_owned());
            self.names.len() as u32 - 1
        });
        let service = self.services.iter().position(|s| s == service).unwrap_or_else(|| {
            self.services.push(service.to_owned());
            self.services.len() - 1
        });
        let c = &mut self.columns;
        c.start.push(start);
        c.duration.push(duration);
        c.parent.push(self.open.last().copied().unwrap_or(NO_PARENT));
        c.subtree_size.push(1);
        c.depth.push(self.open.len() as u32);
        c.name.push(name);
        c.service.push(service as u32);
        c.span_id.push(u64::from(at) + 1);
        c.kind_status.push(pack_kind_status(kind, status));
        c.flags.push(flags.0);
        self.open.push(at);
    }

    fn finish(self) -> Trace {
        let end =
            self.columns.start.iter().zip(&self.columns.duration).map(|(s, d)| s + d).max().unwrap_or(0);
        let start = UnixNanos(1_772_368_496_000_000_000);
        let trace = Trace::from_parts(
            TraceId([1; 16]),
            start,
            DurationNanos(end),
            self.columns,
            self.names,
            self.services,
        );
        trace.check().expect("a drawing is a trace");
        trace
    }
}
