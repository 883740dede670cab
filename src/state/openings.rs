//! What was opened during this visit, so that Back can open it again.
//!
//! An entry of the browser's history names an opening by its number. Numbers of two visits must differ, since
//! the browser keeps entries across a reload and files it does not; so they go on from where the caller says,
//! which is a clock.

use std::collections::VecDeque;

/// Openings that are kept. A file is a handle, but a fetched sample is its bytes.
const MOST: usize = 20;

/// The number of an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpeningId(u64);

impl OpeningId {
    /// As the browser keeps it. Exact: a count of milliseconds is far below 2⁵³.
    pub const fn number(self) -> f64 {
        self.0 as f64
    }
}

/// What was opened, the present opening among it.
#[derive(Debug)]
pub struct Openings<T> {
    next: u64,
    current: Option<OpeningId>,
    kept: VecDeque<(OpeningId, T)>,
}

impl<T> Openings<T> {
    /// Nothing yet; the first number will be `first`.
    pub const fn new(first: u64) -> Self {
        Self { next: first, current: None, kept: VecDeque::new() }
    }

    /// Something else is open now.
    pub fn begin(&mut self, what: T) -> OpeningId {
        let id = OpeningId(self.next);
        self.next += 1;
        self.current = Some(id);
        if self.kept.len() >= MOST {
            self.kept.pop_front();
        }
        self.kept.push_back((id, what));
        id
    }

    /// Nothing is open any more.
    pub const fn close(&mut self) {
        self.current = None;
    }

    /// The number of what is open.
    pub const fn current(&self) -> Option<OpeningId> {
        self.current
    }

    /// What is open.
    pub fn now(&self) -> Option<&T> {
        self.get(self.current?)
    }

    /// What is open, to be changed.
    pub fn now_mut(&mut self) -> Option<&mut T> {
        let current = self.current?;
        self.kept.iter_mut().find(|(id, _)| *id == current).map(|(_, what)| what)
    }

    /// The opening of that number, unless it is the present one or no longer known.
    pub fn other(&self, number: f64) -> Option<OpeningId> {
        let known = self.kept.iter().map(|(id, _)| *id).find(|id| id.number() == number);
        known.filter(|id| Some(*id) != self.current)
    }

    /// What was opened then.
    pub fn get(&self, id: OpeningId) -> Option<&T> {
        self.kept.iter().find(|(of, _)| *of == id).map(|(_, what)| what)
    }

    /// An earlier opening is open again.
    pub fn go_to(&mut self, id: OpeningId) {
        if self.get(id).is_some() {
            self.current = Some(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_finds_the_opening_before_and_forward_the_one_after() {
        let mut openings = Openings::new(1_700_000_000_000);
        let first = openings.begin("a");
        let second = openings.begin("b");
        assert_eq!(openings.other(second.number()), None, "it is open already");
        let found = openings.other(first.number()).expect("the first is known");
        openings.go_to(found);
        assert_eq!((openings.now(), openings.current()), (Some(&"a"), Some(first)));
        assert_eq!(openings.other(second.number()), Some(second));
        assert_eq!(openings.other(5.0), None, "an entry of an earlier visit");
    }

    #[test]
    fn what_is_added_belongs_to_the_present_opening() {
        let mut openings = Openings::new(1);
        let first = openings.begin(vec!["a"]);
        openings.begin(vec!["b"]);
        openings.now_mut().expect("something is open").push("c");
        assert_eq!((openings.get(first), openings.now()), (Some(&vec!["a"]), Some(&vec!["b", "c"])));
    }

    #[test]
    fn a_closed_opening_is_found_again() {
        let mut openings = Openings::new(1);
        let first = openings.begin("a");
        openings.close();
        assert_eq!((openings.now(), openings.other(first.number())), (None, Some(first)));
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut openings = Openings::new(1);
        let first = openings.begin(0);
        for n in 1..=MOST {
            openings.begin(n);
        }
        assert_eq!((openings.other(first.number()), openings.now()), (None, Some(&MOST)));
    }
}
