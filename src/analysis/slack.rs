//! Slack: how much later a span may end before the request ends later.
//!
//! The same order of calls as in [`super::what_if`], read from the end: a span must not hold up its parent's
//! end beyond the parent's own slack, nor a later sibling beyond that sibling's. A span on the critical path
//! has none. Not meant for spans below one whose caller stopped waiting: there, nothing is held up at all.

use super::prepared::Prepared;
use crate::model::index::SpanIdx;

/// The slack of every span that the root waited for, in nanoseconds, by span. O(n log n).
pub fn slack(tree: &Prepared) -> Vec<Option<i64>> {
    let mut slack = vec![None; tree.n_columns()];
    if let Some(root) = tree.root()
        && let Some(slack) = slack.get_mut(root.at())
    {
        *slack = Some(0);
    }
    let mut triggers = Vec::new();
    let mut latest_start = Vec::new();
    for &parent in tree.order() {
        let Some(last) = tree.children_by_end(parent).next() else { continue };
        let children = tree.children(parent);
        triggers_of(tree, parent, &mut triggers);
        // How late what is before the n-th child and later ones may end for their sake.
        latest_start.clear();
        latest_start.resize(children.len() + 1, i64::MAX);
        let latest_end = tree.end(last).saturating_add(slack[parent.at()].unwrap_or_default());
        for (at, &child) in children.iter().enumerate().rev() {
            let end = tree.end(child);
            let followers = first_from(tree, children, at + 1, end);
            let most = latest_end.min(latest_start[followers]) - end;
            slack[child.at()] = Some(most);
            latest_start[at] = latest_start[at + 1].min(triggers[at].saturating_add(most));
        }
    }
    slack
}

/// The first child from `at` on that starts at `end` or later. Mostly that is the next one or none: the search
/// widens from where it begins.
fn first_from(tree: &Prepared, children: &[SpanIdx], at: usize, end: i64) -> usize {
    let starts_before = |&c: &SpanIdx| tree.start(c) < end;
    if children.last().is_some_and(starts_before) {
        return children.len();
    }
    let (mut from, mut step) = (at, 1);
    while children.get(from + step - 1).is_some_and(starts_before) {
        from += step;
        step *= 2;
    }
    let ahead = children.get(from..children.len().min(from + step)).unwrap_or_default();
    from + ahead.partition_point(starts_before)
}

/// For each child, by start, the latest end of a sibling that it waited for; its parent's start if there is
/// none.
fn triggers_of(tree: &Prepared, parent: SpanIdx, triggers: &mut Vec<i64>) {
    triggers.clear();
    let mut ended = tree.children_by_end(parent).rev().map(|c| tree.end(c)).peekable();
    let mut trigger = tree.start(parent);
    for &child in tree.children(parent) {
        while let Some(end) = ended.next_if(|&end| end <= tree.start(child)) {
            trigger = end;
        }
        triggers.push(trigger);
    }
}
