//! What the list of traces is narrowed by, besides its words: by name, since the numbers of names in the list
//! are others in every opening.

use super::view_state::ViewState;
use crate::model::time::{DurationNanos, UnixNanos};
use crate::model::trace_list::TraceList;
use crate::view::charts::scatter::Brushed;
use crate::view::find::Words;
use crate::view::traces::{TraceFilter, filtered};

/// Choices of the reader; the default lets all traces through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Traces in which one of these services takes part; none means any.
    pub services: Vec<String>,
    /// Traces whose root has one of these names; none means any.
    pub operations: Vec<String>,
    /// Traces with errors, or without.
    pub with_errors: Option<bool>,
    /// Traces within a rectangle of start and duration.
    pub brush: Option<Brushed>,
}

impl ListFilter {
    /// Most names of a kind: as many as a link carries.
    pub const MAX_NAMES: usize = 32;

    /// The filter over `list`, together with `words`.
    pub fn over(&self, list: &TraceList, words: Words) -> TraceFilter {
        let (services, no_service) = positions(&self.services, &list.service_names);
        let (operations, no_operation) = positions(&self.operations, &list.root_names);
        TraceFilter {
            words,
            start: self.brush.map(|b| b.start),
            duration: self.brush.map(|b| b.duration),
            services,
            operations,
            with_errors: self.with_errors,
            is_impossible: no_service || no_operation,
        }
    }

    /// Whether anything is narrowed.
    pub fn is_narrow(&self) -> bool {
        *self != Self::default()
    }

    /// Chooses a service, or no longer.
    pub fn toggle_service(&mut self, name: String) {
        toggle(&mut self.services, name);
    }

    /// Chooses the name of a root, or no longer.
    pub fn toggle_operation(&mut self, name: String) {
        toggle(&mut self.operations, name);
    }

    /// Chooses traces with errors (or without), or no longer.
    pub fn toggle_errors(&mut self, with_errors: bool) {
        let wanted = Some(with_errors);
        self.with_errors = if self.with_errors == wanted { None } else { wanted };
    }
}

impl ViewState {
    /// Positions of the traces that the list shows, in the order of the list; none where it shows all. O(n).
    pub fn listed(&self, list: &TraceList) -> Option<Vec<u32>> {
        let words = Words::parse(&self.list_query);
        let is_narrow = self.list.is_narrow() || !words.is_empty();
        is_narrow.then(|| filtered(list, &self.list.over(list, words)))
    }
}

/// A brush as a link carries it: nothing before 1970, nothing shorter than nothing.
pub(super) fn bounded(brush: Brushed) -> Brushed {
    let (a, b) = (brush.start.0.0.max(0), brush.start.1.0.max(0));
    let (c, d) = (brush.duration.0.0.max(0), brush.duration.1.0.max(0));
    Brushed {
        start: (UnixNanos(a.min(b)), UnixNanos(a.max(b))),
        duration: (DurationNanos(c.min(d)), DurationNanos(c.max(d))),
    }
}

/// Positions of names in a table, and whether none of those that are wanted is there.
fn positions(wanted: &[String], names: &[String]) -> (Vec<u32>, bool) {
    let found: Vec<u32> = (0_u32..)
        .zip(names)
        .filter(|(_, name)| wanted.contains(name))
        .map(|(position, _)| position)
        .collect();
    let is_impossible = found.is_empty() && !wanted.is_empty();
    (found, is_impossible)
}

fn toggle(names: &mut Vec<String>, name: String) {
    match names.iter().position(|n| *n == name) {
        Some(at) => drop(names.remove(at)),
        None if names.len() < ListFilter::MAX_NAMES => names.push(name),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::traces::tests::list;

    fn check(filter: &ListFilter, expected: &[u32]) {
        let list = list(
            "
web GET:/cart 0 100 10 0 web,cart
web POST:/pay 10 900 12 2 web,pay
jobs mail 20 50 3 0 jobs",
        );
        assert_eq!(filtered(&list, &filter.over(&list, Words::default())), expected, "{filter:?}");
    }

    #[test]
    fn views_of_all_traces_are_about_those_that_are_listed() {
        let list = list("\nweb GET:/cart 0 100 10 0 web,cart\nweb POST:/pay 10 900 12 2 web,pay");
        let mut state = ViewState::default();
        assert_eq!(state.listed(&list), None, "all of them");
        state.list.toggle_errors(true);
        assert_eq!(state.listed(&list), Some(vec![1]));
        state.list_query = "cart".into();
        assert_eq!(state.listed(&list), Some(vec![]));
        state.list = ListFilter::default();
        assert_eq!(state.listed(&list), Some(vec![0]));
    }

    #[test]
    fn names_are_found_in_any_list() {
        let mut filter = ListFilter::default();
        check(&filter, &[0, 1, 2]);
        filter.toggle_service("web".into());
        check(&filter, &[0, 1]);
        filter.toggle_service("jobs".into());
        check(&filter, &[0, 1, 2]);
        filter.toggle_operation("mail".into());
        check(&filter, &[2]);
        filter.toggle_operation("mail".into());
        filter.toggle_errors(true);
        check(&filter, &[1]);
        filter.toggle_errors(true);
        filter.toggle_service("web".into());
        check(&filter, &[2]);
    }

    #[test]
    fn a_name_that_is_nowhere_lets_nothing_through() {
        let mut filter = ListFilter { services: vec!["gone".into()], ..ListFilter::default() };
        check(&filter, &[]);
        filter.toggle_service("jobs".into());
        check(&filter, &[2]);
    }

    #[test]
    fn a_brush_is_put_in_order() {
        let brush =
            Brushed { start: (UnixNanos(9), UnixNanos(-3)), duration: (DurationNanos(7), DurationNanos(-1)) };
        let expected =
            Brushed { start: (UnixNanos(0), UnixNanos(9)), duration: (DurationNanos(0), DurationNanos(7)) };
        assert_eq!(bounded(brush), expected);
    }
}
