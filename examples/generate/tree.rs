//! Grows one trace: which span calls which, and when.

use crate::random::{Random, mix};

/// Names of the services; the first takes the requests.
pub(crate) const SERVICES: [&str; 20] = [
    "gateway",
    "auth",
    "cart",
    "catalog",
    "checkout",
    "currency",
    "email",
    "fraud",
    "images",
    "inventory",
    "ledger",
    "loyalty",
    "orders",
    "payments",
    "pricing",
    "profile",
    "recommendations",
    "reviews",
    "search",
    "shipping",
];
const RESOURCES: [&str; 12] = [
    "orders", "items", "users", "carts", "prices", "stocks", "reviews", "sessions", "coupons", "invoices",
    "parcels", "images",
];
const STEPS: [&str; 8] =
    ["validate", "authorize", "render", "serialize", "load-config", "apply-rules", "merge", "score"];
const DEEPEST: u32 = 12;
/// 2026-11-20 00:00 UTC.
const EPOCH: u64 = 1_795_132_800_000_000_000;

/// How the spans of a trace hang together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Requests through services.
    Services,
    /// One parent of all others, which run one after the other without a pause.
    Wide,
    /// Each span within the one before.
    Chain,
    /// No span has a parent.
    Roots,
    /// One parent of all others, all of the same start and end.
    Equal,
    /// Every span but the first names a parent that is missing.
    Orphans,
    /// Each span names the next as its parent, the last one the first.
    Cycle,
}

impl Shape {
    /// The shape of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "services" => Self::Services,
            "wide" => Self::Wide,
            "chain" => Self::Chain,
            "roots" => Self::Roots,
            "equal" => Self::Equal,
            "orphans" => Self::Orphans,
            "cycle" => Self::Cycle,
            _ => return None,
        })
    }
}

/// What a span does; decides its name, kind and attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Job,
    Worker,
    Server,
    Client,
    Query,
    Step,
}

pub(crate) struct Span {
    pub(crate) parent: Option<usize>,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) role: Role,
    pub(crate) service: u8,
    /// Decides the rest of the name.
    pub(crate) what: u8,
    pub(crate) is_error: bool,
}

/// One trace, parents before children.
pub(crate) struct Trace {
    pub(crate) id: u128,
    pub(crate) spans: Vec<Span>,
}

impl Trace {
    /// A trace of exactly `n_spans` spans.
    pub(crate) fn grow(random: &mut Random, n_spans: usize, nth: u64) -> Self {
        let id = u128::from(random.next()) << 64 | u128::from(random.next() | 1);
        let start = EPOCH + nth * 250_000_000 + random.range(0, 200_000_000);
        let mut trace = Self { id, spans: Vec::with_capacity(n_spans) };
        trace.push(None, start, start, if n_spans > 2000 { Role::Job } else { Role::Server }, 0, 0, random);
        // Large traces are jobs that drive requests through several workers at a time.
        let n_workers = if n_spans > 2000 { (n_spans / 20_000).clamp(2, 32) } else { 0 };
        let mut lanes: Vec<(usize, u64)> = vec![(0, start + 50_000)];
        for worker in 0..n_workers.min(n_spans.saturating_sub(1)) {
            let begin = start + 100_000 * (worker as u64 + 1);
            let at = trace.push(Some(0), begin, begin, Role::Worker, 0, worker as u8, random);
            lanes.push((at, begin + 20_000));
        }
        if n_workers > 0 {
            lanes.remove(0);
        }
        let mut lane = 0;
        while trace.spans.len() < n_spans {
            let (parent, begin) = lanes[lane];
            let length = random.tail(8_000_000);
            trace.request(random, parent, begin, begin + length, n_spans);
            lanes[lane].1 = begin + length + random.range(10_000, 400_000);
            lane = (lane + 1) % lanes.len();
        }
        for &(at, end) in &lanes {
            trace.spans[at].end = end;
        }
        trace.spans[0].end = lanes.iter().map(|l| l.1).max().unwrap_or(start) + 50_000;
        trace
    }

    /// A trace of exactly `n_spans` spans in a shape that real programs do not have, or only by mistake.
    pub(crate) fn extreme(random: &mut Random, n_spans: usize, nth: u64, shape: Shape) -> Self {
        let id = u128::from(random.next()) << 64 | u128::from(random.next() | 1);
        let mut trace = Self { id, spans: Vec::with_capacity(n_spans) };
        let (n, start, each) = (n_spans as u64, EPOCH + nth * 250_000_000, 10_000);
        for at in 0..n {
            let all = (start, start + n * each);
            let (parent, (from, to)) = match shape {
                Shape::Services | Shape::Wide if at > 0 => {
                    (Some(0), (start + (at - 1) * each, start + at * each))
                }
                Shape::Equal if at > 0 => (Some(0), all),
                Shape::Chain if at > 0 => (Some(at - 1), (start + at, all.1 - at)),
                Shape::Roots => (None, (start + at * each, start + (at + 1) * each)),
                // No span has the index that comes after the last.
                Shape::Orphans if at > 0 => (Some(n), (start + at * each, start + (at + 1) * each)),
                Shape::Cycle => (Some((at + 1) % n), (start + at, all.1 - at)),
                _ => (None, all),
            };
            let role = if at == 0 { Role::Server } else { [Role::Step, Role::Query][at as usize % 2] };
            let parent = parent.map(|parent| parent as usize);
            let at = trace.push(parent, from, to, role, (at % 20) as u8, at as u8, random);
            // The failures of a giant chain would tell the same story a million times.
            trace.spans[at].is_error = false;
        }
        trace
    }

    /// The span id at an index: unrelated to its neighbours', as real ones are.
    pub(crate) fn span_id(&self, at: usize) -> u64 {
        mix(self.id as u64 ^ (at as u64 + 1)) | 1
    }

    /// Appends one request and all it causes, without ever holding more than `n_spans` spans.
    fn request(&mut self, random: &mut Random, parent: usize, start: u64, end: u64, n_spans: usize) {
        let service = if parent == 0 && random.one_in(2) { 4 } else { random.range(1, 20) as u8 };
        let top = self.push(Some(parent), start, end, Role::Server, service, random.next() as u8, random);
        let mut open = vec![(top, 3_u32)];
        while let Some((at, depth)) = open.pop() {
            let Span { start, end, role, service, what, .. } = self.spans[at];
            if self.spans.len() >= n_spans || depth >= DEEPEST || end - start < 4_000 {
                continue;
            }
            let (start, end) = (start + (end - start) / 20, end - (end - start) / 20);
            match role {
                Role::Client => {
                    let callee = (u64::from(service) + random.range(1, 19)) % 20;
                    let at = self.push(Some(at), start, end, Role::Server, callee as u8, what, random);
                    open.push((at, depth + 1));
                }
                // Most steps do something by themselves, and so do most services far down.
                Role::Step if random.one_in(2) => {}
                Role::Server if depth > 6 && !random.one_in(3) => {}
                Role::Server | Role::Step => {
                    self.children(random, at, depth, (start, end), n_spans, &mut open);
                }
                Role::Job | Role::Worker | Role::Query => {}
            }
        }
    }

    fn children(
        &mut self,
        random: &mut Random,
        at: usize,
        depth: u32,
        (start, end): (u64, u64),
        n_spans: usize,
        open: &mut Vec<(usize, u32)>,
    ) {
        let service = self.spans[at].service;
        // A run of equal queries, a fan-out of calls at the same time, or a few things in turn.
        let shape = random.range(0, 10);
        let n = match shape {
            0 => random.range(8, 40),
            1..=3 => random.range(2, 6),
            _ => random.range(1, 4),
        };
        let what = random.next() as u8;
        for nth in 0..n {
            if self.spans.len() >= n_spans {
                break;
            }
            let slot = (end - start) / n;
            let (from, to) = match shape {
                1..=3 => (start + random.range(0, slot / 8 + 1), end - random.range(0, (end - start) / 2)),
                _ => (start + nth * slot, start + nth * slot + slot - random.range(0, slot / 2 + 1)),
            };
            let role = match shape {
                0 => Role::Query,
                1..=3 => Role::Client,
                _ => [Role::Step, Role::Client, Role::Query][random.range(0, 3) as usize],
            };
            let what = if shape == 0 { what } else { random.next() as u8 };
            let child = self.push(Some(at), from, to.max(from), role, service, what, random);
            open.push((child, depth + 1));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of a span, once")]
    fn push(
        &mut self,
        parent: Option<usize>,
        start: u64,
        end: u64,
        role: Role,
        service: u8,
        what: u8,
        random: &mut Random,
    ) -> usize {
        let is_error = random.one_in(100) && parent.is_some();
        self.spans.push(Span { parent, start, end, role, service, what, is_error });
        self.spans.len() - 1
    }
}

impl Span {
    pub(crate) fn service_name(&self) -> &'static str {
        SERVICES[usize::from(self.service) % SERVICES.len()]
    }

    /// What the span works on.
    pub(crate) fn thing(&self) -> &'static str {
        RESOURCES[usize::from(self.what) % RESOURCES.len()]
    }

    pub(crate) fn method(&self) -> &'static str {
        ["GET", "GET", "GET", "POST", "PUT"][usize::from(self.what) % 5]
    }

    pub(crate) fn name(&self) -> String {
        match self.role {
            Role::Job => "load-test".to_owned(),
            Role::Worker => format!("worker {}", self.what),
            Role::Server => format!("{} /api/v1/{}/{{id}}", self.method(), self.thing()),
            Role::Client => self.method().to_owned(),
            Role::Query => format!("SELECT {}", self.thing()),
            Role::Step => STEPS[usize::from(self.what) % STEPS.len()].to_owned(),
        }
    }

    /// OTLP's number of the span kind.
    pub(crate) fn kind(&self) -> u8 {
        match self.role {
            Role::Job | Role::Worker | Role::Step => 1,
            Role::Server => 2,
            Role::Client | Role::Query => 3,
        }
    }
}
