//! The invariants of a trace in one place, checked for a whole trace or as its columns arrive.

use super::span::{NO_PARENT, SpanColumns};
use super::time::DurationNanos;

/// A check under way: spans are in tree order, so each is compared with the ancestors that are open before it.
#[derive(Clone, Debug)]
pub struct Check {
    n_spans: u32,
    duration: DurationNanos,
    n_services: usize,
    /// Number of the next span.
    next: u32,
    /// Spans whose subtrees are open at the current position and where these end, innermost last.
    open: Vec<(u32, u32)>,
}

impl Check {
    /// Begins with a trace that will have `n_spans` spans.
    pub fn new(n_spans: u32, duration: DurationNanos, n_services: usize) -> Self {
        Self { n_spans, duration, n_services, next: 0, open: Vec::new() }
    }

    /// Checks the spans that came since the last call; `c` has all from the first on, and they may refer to
    /// the first `n_names` names. The error says which invariant does not hold, and where.
    pub fn advance(&mut self, c: &SpanColumns, n_names: usize) -> Result<(), String> {
        let n = c.len();
        let lengths = [
            c.duration.len(),
            c.parent.len(),
            c.subtree_size.len(),
            c.depth.len(),
            c.name.len(),
            c.service.len(),
            c.span_id.len(),
            c.kind_status.len(),
            c.flags.len(),
        ];
        if lengths.iter().any(|&len| len != n) {
            return Err(format!("columns differ in length: {n} starts, others {lengths:?}"));
        }
        if n > self.n_spans as usize {
            return Err(format!("{n} spans where {} were announced", self.n_spans));
        }
        for at in self.next..n as u32 {
            while self.open.last().is_some_and(|&(_, end)| end <= at) {
                self.open.pop();
            }
            let i = at as usize;
            let parent = self.open.last().map_or(NO_PARENT, |&(p, _)| p);
            if c.parent[i] != parent {
                return Err(format!("span {at}: parent {} where the order says {parent}", c.parent[i]));
            }
            if c.depth[i] as usize != self.open.len() {
                return Err(format!("span {at}: depth {} below {} ancestors", c.depth[i], self.open.len()));
            }
            let limit = self.open.last().map_or(self.n_spans, |&(_, end)| end);
            let Some(end) = at.checked_add(c.subtree_size[i]).filter(|&e| e > at && e <= limit) else {
                return Err(format!("span {at}: subtree of {} leaves its parent's", c.subtree_size[i]));
            };
            self.open.push((at, end));
            if c.name[i] as usize >= n_names || c.service[i] as usize >= self.n_services {
                return Err(format!("span {at}: name or service outside its table"));
            }
            if c.duration[i] < 0
                || c.start[i] < 0
                || c.start[i].saturating_add(c.duration[i]) > self.duration.0
            {
                return Err(format!("span {at}: {} + {} outside the trace", c.start[i], c.duration[i]));
            }
        }
        self.next = n as u32;
        Ok(())
    }
}
