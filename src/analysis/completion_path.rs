//! When everything that a request caused was finished, and what took so long: across queues and background
//! work, with the waiting in between named.
//!
//! From the root the path steps down to whatever finished last, then goes back up along the critical path of
//! each span of that chain. Children are prepared as they are met, so a chain of spans that each outlive their
//! caller is still walked once.

use super::critical_path::Section;
use super::prepared::{Child, Preparation, sort_by_end};
use super::recorded::Recorded;
use super::relation::Relation;
use super::settings::Settings;
use crate::model::index::SpanIdx;

/// A stretch of the completion path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// A span was at work.
    Span(Section),
    /// Nothing was at work: the span waited in a queue, a scheduler or a pool of threads.
    Wait(Section),
}

impl Stretch {
    /// What it covers.
    pub fn section(self) -> Section {
        match self {
            Self::Span(section) | Self::Wait(section) => section,
        }
    }
}

/// The completion path of `root`: stretches without a break from its start to the latest end of anything below
/// it. The same as the critical path where nothing outlives the root. O(n log n).
pub fn completion_path(
    recorded: &Recorded,
    relations: &[Relation],
    settings: &Settings,
    root: SpanIdx,
) -> Vec<Stretch> {
    if root.at() >= recorded.len() {
        return Vec::new();
    }
    let chain = chain(recorded, root);
    let mut walk =
        Walk { preparation: Preparation::new(recorded, relations, settings), sections: Vec::new() };
    // Latest first; turned round at the end.
    let mut stretches = Vec::new();
    let mut until = chain.last().map_or(0, |&last| recorded.end(last));
    for (at, &span) in chain.iter().enumerate().rev() {
        walk.back(span, until);
        stretches.extend(walk.sections.iter().map(|&section| Stretch::Span(section)));
        let Some(&upper) = at.checked_sub(1).and_then(|above| chain.get(above)) else { break };
        let low = recorded.start(span).max(recorded.start(upper));
        cut(&mut stretches, low);
        let upper_end = recorded.end(upper);
        if low > upper_end {
            stretches.push(Stretch::Wait(Section { span, from: upper_end, to: low }));
        }
        until = low.min(upper_end);
    }
    stretches.reverse();
    stretches
}

/// Whether anything below `root` ended later. Nothing else has a completion path of its own. O(n).
pub fn is_outlived(recorded: &Recorded, root: SpanIdx) -> bool {
    let end = recorded.end(root);
    let below = root.0..root.0 + recorded.trace().subtree_size(root);
    below.map(SpanIdx).any(|span| recorded.end(span) > end)
}

/// From the root down to what finished last: at each step the child under which the last end lies.
fn chain(recorded: &Recorded, root: SpanIdx) -> Vec<SpanIdx> {
    let trace = recorded.trace();
    let size = trace.subtree_size(root);
    // Latest end at or below each span of the root's subtree; children have higher indices than parents.
    let mut latest: Vec<i64> = (root.0..root.0 + size).map(|at| recorded.end(SpanIdx(at))).collect();
    for at in (1..latest.len()).rev() {
        let above = recorded.parent(SpanIdx(root.0 + at as u32)).and_then(|p| p.0.checked_sub(root.0));
        if let Some(above) = above {
            latest[above as usize] = latest[above as usize].max(latest[at]);
        }
    }
    let latest_of = |span: SpanIdx| latest[(span.0 - root.0) as usize];
    let mut chain = vec![root];
    let mut at = root;
    while latest_of(at) > recorded.end(at) {
        let key = |&&c: &&SpanIdx| (std::cmp::Reverse(latest_of(c)), recorded.start(c), recorded.id(c), c);
        let Some(&next) = recorded.children(at).iter().min_by_key(key) else { break };
        chain.push(next);
        at = next;
    }
    chain
}

/// Removes what lies before `from` of stretches in descending order of time.
fn cut(stretches: &mut Vec<Stretch>, from: i64) {
    while let Some(last) = stretches.last_mut() {
        let (Stretch::Span(section) | Stretch::Wait(section)) = last;
        if section.to > from {
            section.from = section.from.max(from);
            break;
        }
        stretches.pop();
    }
}

/// A critical path that prepares children as it meets them.
struct Walk<'a> {
    preparation: Preparation<'a>,
    /// Latest first.
    sections: Vec<Section>,
}

impl Walk<'_> {
    /// Walks back from `t` in `span`, taken with its whole recorded time.
    fn back(&mut self, span: SpanIdx, t: i64) {
        self.sections.clear();
        let recorded = self.preparation.recorded;
        let whole = Child { span, start: recorded.start(span), end: recorded.end(span), is_cut: false };
        let mut stack = vec![self.frame(whole, t)];
        while let Some(top) = stack.last_mut() {
            // The cursor is the end of the list: children that were looked at are dropped.
            while top.children.last().is_some_and(|c| c.end > top.t) {
                top.children.pop();
            }
            if let Some(child) = top.children.pop() {
                push(&mut self.sections, top.child.span, child.end, top.t);
                top.t = child.start;
                let frame = self.frame(child, child.end);
                stack.push(frame);
            } else {
                push(&mut self.sections, top.child.span, top.child.start, top.t);
                stack.pop();
            }
        }
    }

    fn frame(&mut self, child: Child, t: i64) -> Frame {
        let mut children = Vec::new();
        self.preparation.children(child.span, child.start, child.end, &mut children);
        sort_by_end(&mut children, self.preparation.recorded);
        children.reverse();
        Frame { child, t, children }
    }
}

fn push(sections: &mut Vec<Section>, span: SpanIdx, from: i64, to: i64) {
    if from < to {
        sections.push(Section { span, from, to });
    }
}

struct Frame {
    child: Child,
    t: i64,
    /// The next to look at is the last.
    children: Vec<Child>,
}
