//! Chrome Trace Event files: slices on the lanes of threads, nested by time.
//!
//! One file is one trace. A service is a process, a scope is a thread. `X` is a whole slice; `B` and `E`
//! (and the asynchronous `b` and `e`, `S` and `F`) are matched in the order of the file, as a stack per lane.
//! Who is whose child is known only at the end, when every slice of a lane has been seen; see
//! [`super::chrome_lanes`]. Arrows become links. Samples, counters, instants and objects are no spans; they
//! are counted.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use crate::base::sort::CompactSort as _;
use crate::model::attributes::Scalar;
use crate::model::ids::{SpanId, TraceId};
use crate::model::index::{RecordIdx, ResourceIdx, ScopeIdx};
use crate::model::record::{ResourceRecord, ScopeRecord, SpanRecord};
use crate::model::span::{Flags, SpanKind};
use crate::model::warning::WarningCode;

use super::Format;
use super::chrome_flows::Flows;
use super::chrome_lanes::{FlowPhase, Lanes, Slice};
use super::context::Context;
use super::ids::hash;
use super::json::{Cursor, Step};
use super::values::plain_attributes;

/// Begun slices that are kept until they end; later ones are pushed at once and lose what their end says.
const MAX_HELD: usize = 100_000;

/// What has to be remembered from event to event of a file.
#[derive(Debug, Default)]
pub(crate) struct Chrome {
    trace_id: TraceId,
    lanes: Lanes,
    flows: Flows,
    /// Slices that have begun, by lane.
    open: HashMap<u32, Vec<Open>, FxBuildHasher>,
    n_held: usize,
    processes: BTreeMap<String, ResourceIdx>,
    /// Scopes by the lane of the thread.
    threads: HashMap<u32, ScopeIdx, FxBuildHasher>,
    /// Events that are no slices, by phase.
    others: BTreeMap<String, u64>,
    n_unmatched_ends: u64,
    /// Ends that stand before their beginnings in the file.
    early_ends: Vec<EarlyEnd>,
    /// The latest time of any slice that has ended.
    latest: i64,
    n_slices: u32,
}

/// A slice that has begun.
#[derive(Debug)]
struct Open {
    name: String,
    slice: Slice,
    /// The record, unless it was pushed already.
    held: Option<Box<SpanRecord>>,
}

/// An end that was read before its beginning: every thread writes its own part of a file.
#[derive(Debug)]
struct EarlyEnd {
    lane: u32,
    name: String,
    time: i64,
}

/// The fields of one event.
#[derive(Debug, Default)]
struct Event {
    phase: String,
    start: Option<i64>,
    duration: Option<i64>,
    pid: String,
    tid: String,
    category: String,
    id: String,
    scope: String,
    /// The id counts within its process only.
    is_local: bool,
    /// An arrow ends at the slice around it.
    is_bound_to_enclosing: bool,
}

/// Reads one event.
pub(crate) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    let mut event = Event::default();
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "ph" => event.phase.push_str(&c.text()?),
            "ts" => event.start = c.number()?.scaled(3),
            "dur" => event.duration = c.number()?.scaled(3),
            "pid" => event.pid = c.text()?.into_owned(),
            "tid" => event.tid = c.text()?.into_owned(),
            "name" => ctx.record.name.push_str(&c.text()?),
            "cat" => event.category.push_str(&c.text()?),
            "id" => event.id.push_str(&c.text()?),
            "id2" => id2(c, &mut event)?,
            "bp" => event.is_bound_to_enclosing = c.text()? == "e",
            "scope" => event.scope.push_str(&c.text()?),
            "args" => plain_attributes(c, &mut ctx.builder.strings, &mut ctx.record.attributes)?,
            "tts" | "tdur" | "cname" | "sf" | "esf" | "stack" => {
                ctx.record.attributes.key(&mut ctx.builder.strings, &key);
                super::values::any_json(c, &mut ctx.record.attributes)?;
            }
            _ => c.skip()?,
        }
    }
    ctx.saw(Format::ChromeTrace);
    let mut chrome = ctx.chrome.take().unwrap_or_else(|| Box::new(Chrome::new(&ctx.file.name)));
    chrome.event(ctx, event);
    ctx.chrome = Some(chrome);
    ctx.record.clear();
    Ok(())
}

/// Ends the file: open slices are pushed as unfinished, parents are found, names of processes are known now.
pub(crate) fn finish(ctx: &mut Context) {
    if let Some(chrome) = ctx.chrome.take() {
        chrome.finish(ctx);
    }
}

/// `id2: {local: "0x1"}` counts within its process, `{global: …}` everywhere.
fn id2(c: &mut Cursor<'_>, event: &mut Event) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        let id = c.text()?;
        event.id.push_str(&id);
        event.is_local = key == "local";
    }
    Ok(())
}

impl Chrome {
    fn new(file: &str) -> Self {
        Self { trace_id: TraceId(hash(&format!("chrome {file}"), 16).to_be_bytes()), ..Self::default() }
    }

    fn event(&mut self, ctx: &mut Context, event: Event) {
        match event.phase.as_str() {
            "X" | "B" | "b" | "S" => self.begin(ctx, &event),
            "E" | "e" | "F" => self.end(ctx, &event),
            "M" => self.metadata(ctx, &event),
            "s" => self.flow(ctx, &event, FlowPhase::Start),
            "t" => self.flow(ctx, &event, FlowPhase::Step),
            "f" => self.flow(ctx, &event, FlowPhase::Finish),
            _ => *self.others.entry(event.phase).or_insert(0) += 1,
        }
    }

    fn begin(&mut self, ctx: &mut Context, event: &Event) {
        self.n_slices += 1;
        let start = event.start.unwrap_or(0);
        let place = format!("{}/{}/{start}/{}", event.pid, event.tid, self.n_slices);
        let id = SpanId((hash(&place, 8) as u64).max(1));
        let lane = self.lane(event);
        let resource = self.process(ctx, &event.pid);
        let scope = self.thread(ctx, event);
        let record = &mut ctx.record;
        record.trace_id = self.trace_id;
        record.span_id = id;
        record.kind = SpanKind::Internal;
        record.flags.set(Flags::ID_SYNTHETIC);
        // Also for those without a parent: their times count from the start of a machine.
        record.flags.set(Flags::NESTED_BY_TIME);
        record.resource = resource;
        record.scope = scope;
        record.start = start;
        if event.start.is_none() {
            record.flags.set(Flags::START_MISSING);
        }
        if !event.category.is_empty() {
            record.attributes.add(&mut ctx.builder.strings, "cat", Scalar::Str(&event.category));
        }
        let mut slice = Slice { lane, start, end: start, record: RecordIdx(0), id, order: self.n_slices };
        if event.phase == "X" {
            slice.end = start.saturating_add(event.duration.unwrap_or(0).max(0));
            record.end = event.duration.map_or(0, |d| start.saturating_add(d));
            self.latest = self.latest.max(slice.end);
            if let Some(pushed) = ctx.push_record() {
                self.lanes.add(Slice { record: pushed, ..slice });
            }
            return;
        }
        slice.end = i64::MAX;
        let name = record.name.clone();
        let held = (self.n_held < MAX_HELD).then(|| Box::new(std::mem::take(record)));
        if held.is_some() {
            self.n_held += 1;
        } else {
            let Some(pushed) = ctx.push_record() else { return };
            slice.record = pushed;
        }
        self.open.entry(lane).or_default().push(Open { name, slice, held });
    }

    fn end(&mut self, ctx: &mut Context, event: &Event) {
        let lane = self.lane(event);
        let found = self.open.get_mut(&lane).and_then(|stack| {
            // An `E` may lack the name; the others are told apart by it. Few are open at a time.
            let name = ctx.record.name.as_str();
            let at = if event.phase == "E" {
                stack.len().checked_sub(1)
            } else {
                let nearest = stack.iter().enumerate().rev().take(64).find(|(_, open)| open.name == name);
                nearest.map(|(at, _)| at)
            };
            at.map(|at| stack.remove(at))
        });
        match (found, event.start) {
            (Some(open), Some(end)) => {
                let end = end.max(open.slice.start);
                self.close(ctx, open, Some(end));
            }
            (None, Some(time)) if event.phase != "E" => {
                self.early_ends.push(EarlyEnd { lane, name: ctx.record.name.clone(), time });
            }
            _ => self.n_unmatched_ends += 1,
        }
    }

    fn close(&mut self, ctx: &mut Context, open: Open, end: Option<i64>) {
        let mut slice = open.slice;
        slice.end = end.unwrap_or(i64::MAX);
        self.latest = self.latest.max(end.unwrap_or(slice.start));
        if let Some(mut held) = open.held {
            self.n_held -= 1;
            held.end = end.unwrap_or(0);
            held.attributes.append(&ctx.record.attributes);
            let scratch = std::mem::replace(&mut ctx.record, *held);
            let pushed = ctx.push_record();
            ctx.record = scratch;
            let Some(pushed) = pushed else { return };
            slice.record = pushed;
        } else if let Some(end) = end {
            ctx.builder.set_end(slice.record, end);
        }
        self.lanes.add(slice);
    }

    fn metadata(&mut self, ctx: &mut Context, event: &Event) {
        let given =
            ctx.record.attributes.last_str(&ctx.builder.strings, "name").unwrap_or_default().to_owned();
        match ctx.record.name.as_str() {
            "process_name" if !given.is_empty() => {
                let resource = self.process(ctx, &event.pid);
                name_process(ctx, resource, &given, &event.pid);
            }
            "thread_name" if !given.is_empty() => {
                let scope = self.thread(ctx, event);
                ctx.builder.fill_scope(scope, &ScopeRecord { name: given, ..ScopeRecord::default() });
            }
            _ => {}
        }
    }

    /// An arrow starts at the slice around it, goes through such, and ends at the next slice or, in newer
    /// files, at the one around its end.
    fn flow(&mut self, ctx: &Context, event: &Event, phase: FlowPhase) {
        let lane = self.thread_lane(event);
        let within = if event.is_local { event.pid.as_str() } else { "" };
        let Event { category, id, scope, .. } = event;
        let name = format!("{within}\0{category}\0{id}\0{scope}\0{}", ctx.record.name);
        let is_ahead = phase == FlowPhase::Finish && !event.is_bound_to_enclosing;
        self.flows.add(name, lane, event.start.unwrap_or(0), phase, is_ahead);
    }

    /// Asynchronous events have lanes by id, all others by thread.
    fn lane(&mut self, event: &Event) -> u32 {
        let Event { pid, category, id, scope, .. } = event;
        match event.phase.as_str() {
            "b" | "e" | "S" | "F" if event.is_local => self.lanes.number(&["l", pid, category, id, scope]),
            "b" | "e" | "S" | "F" => self.lanes.number(&["a", category, id, scope]),
            _ => self.thread_lane(event),
        }
    }

    fn thread_lane(&mut self, event: &Event) -> u32 {
        self.lanes.number(&["t", &event.pid, &event.tid])
    }

    fn process(&mut self, ctx: &mut Context, pid: &str) -> ResourceIdx {
        if let Some(&known) = self.processes.get(pid) {
            return known;
        }
        let resource = ctx.builder.reserve_resource();
        name_process(ctx, resource, &format!("pid {pid}"), pid);
        self.processes.insert(pid.to_owned(), resource);
        resource
    }

    fn thread(&mut self, ctx: &mut Context, event: &Event) -> ScopeIdx {
        let lane = self.thread_lane(event);
        *self.threads.entry(lane).or_insert_with(|| {
            let scope = ctx.builder.reserve_scope();
            let name = format!("tid {}", event.tid);
            ctx.builder.fill_scope(scope, &ScopeRecord { name, ..ScopeRecord::default() });
            scope
        })
    }

    /// For each beginning left open, in order of time, the first early end of its lane and name that is not
    /// before it. An end after every slice of the file belongs to something that was not recorded.
    fn ends_of(&mut self, open: &[Open]) -> Vec<Option<i64>> {
        let mut ends: HashMap<(u32, &str), Vec<i64>, FxBuildHasher> = HashMap::default();
        let latest = open.iter().map(|o| o.slice.start).fold(self.latest, i64::max);
        for end in self.early_ends.iter().filter(|e| e.time <= latest) {
            ends.entry((end.lane, &end.name)).or_default().push(end.time);
        }
        for times in ends.values_mut() {
            times.compact_sort_by(|a, b| b.cmp(a));
        }
        let mut n_used = 0;
        let found = open.iter().map(|open| {
            let times = ends.get_mut(&(open.slice.lane, open.name.as_str()))?;
            while times.last().is_some_and(|&time| time < open.slice.start) {
                times.pop();
            }
            let end = times.pop();
            n_used += u64::from(end.is_some());
            end
        });
        let found = found.collect();
        self.n_unmatched_ends += self.early_ends.len() as u64 - n_used;
        found
    }

    fn finish(mut self, ctx: &mut Context) {
        ctx.record.clear();
        let mut open: Vec<Open> = std::mem::take(&mut self.open).into_values().flatten().collect();
        open.compact_sort_by_key(|o| (o.slice.start, o.slice.order));
        let ends = self.ends_of(&open);
        for (open, end) in open.into_iter().zip(ends) {
            self.close(ctx, open, end);
        }
        let n_overlaps = self.lanes.nest(&mut ctx.builder, &mut self.flows.ends);
        let n_lost_flows = std::mem::take(&mut self.flows).link(&mut ctx.builder, self.trace_id);
        if n_lost_flows > 0 {
            self.others.insert("flow without a slice".to_owned(), n_lost_flows);
        }
        if n_overlaps > 0 {
            ctx.warn(WarningCode::Overlap, 0, || format!("{n_overlaps} slices"));
        }
        if self.n_unmatched_ends > 0 {
            ctx.warn(WarningCode::BrokenValue, 0, || {
                format!("{} ends without a beginning were skipped", self.n_unmatched_ends)
            });
        }
        let n_others: u64 = self.others.values().sum();
        if n_others > 0 {
            let phases: Vec<String> =
                self.others.iter().map(|(phase, n)| format!("{n} of phase {phase}")).collect();
            ctx.warn(WarningCode::NotTraces, 0, || {
                format!("{n_others} events that are no slices: {}", phases.join(", "))
            });
        }
    }
}

fn name_process(ctx: &mut Context, resource: ResourceIdx, name: &str, pid: &str) {
    let mut record = ResourceRecord { service: name.to_owned(), ..ResourceRecord::default() };
    let strings = &mut ctx.builder.strings;
    record.attributes.add(strings, "service.name", Scalar::Str(name));
    record.attributes.add(strings, "process.pid", pid.parse().map_or(Scalar::Str(pid), Scalar::I64));
    ctx.builder.fill_resource(resource, &record);
}
