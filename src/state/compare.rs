//! Which traces are compared with which, and how a link says it.
//!
//! `vs` names the second side: ids of traces, an address, or `rest` for all traces that are not on the first
//! side. The first side is the trace of the link, or the traces in `base`. A value may also be written as a link
//! of its own, `trace=…&trace=…` or `url=…`.

use std::sync::Arc;

use super::url::{is_readable_url, without_credentials};
use crate::base::sort::CompactSort as _;
use crate::model::ids::TraceId;

/// Most traces of a side in a link.
pub const MOST_LINKED: usize = 40;

/// The second side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// These traces.
    Traces(Arc<[TraceId]>),
    /// All that are not on the first side.
    Rest,
    /// Those of the file at this address, which is opened in addition to what is open.
    Url(String),
}

/// A comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compare {
    /// The first side; the only trace there is, or all of them, when empty.
    pub base: Arc<[TraceId]>,
    /// The second side.
    pub other: Other,
    /// Whether the second side is A, and the first B.
    pub is_swapped: bool,
}

impl Compare {
    /// Compares these with those.
    pub fn of(base: impl Into<Arc<[TraceId]>>, other: impl Into<Arc<[TraceId]>>) -> Self {
        Self { base: base.into(), other: Other::Traces(other.into()), is_swapped: false }
    }

    /// Whether a link can carry it.
    pub fn is_linkable(&self) -> bool {
        let n = match &self.other {
            Other::Traces(ids) => ids.len(),
            _ => 0,
        };
        n <= MOST_LINKED && self.base.len() <= MOST_LINKED
    }

    /// Positions of both sides in a list, A first; `before` is the list as it was before the file of an address
    /// was added to it. O(n log n).
    pub fn sides(&self, list: &[TraceId], before: Option<&[TraceId]>) -> [Vec<u32>; 2] {
        let mut before = before.map(<[TraceId]>::to_vec);
        let mut base: Vec<TraceId> = match &before {
            Some(before) if self.base.is_empty() => before.clone(),
            _ => self.base.to_vec(),
        };
        if let Some(before) = &mut before {
            before.compact_sort();
        }
        let mut others: Vec<TraceId> = match &self.other {
            Other::Traces(ids) => ids.to_vec(),
            _ => Vec::new(),
        };
        base.compact_sort();
        others.compact_sort();
        let has = |ids: &[TraceId], id: &TraceId| ids.binary_search(id).is_ok();
        let at = |keep: &dyn Fn(&TraceId) -> bool| -> Vec<u32> {
            (0..).zip(list).filter(|(_, id)| keep(id)).map(|(at, _)| at).collect()
        };
        let first = at(&|id| has(&base, id));
        let second = match &self.other {
            Other::Traces(_) => at(&|id| has(&others, id)),
            Other::Rest => at(&|id| !has(&base, id)),
            Other::Url(_) => before.map_or_else(Vec::new, |before| at(&|id| !has(&before, id))),
        };
        if self.is_swapped { [second, first] } else { [first, second] }
    }

    /// The pairs of a link that say it; `trace` is the one that the link names anyway.
    pub(super) fn print(&self, trace: Option<TraceId>, pairs: &mut Vec<(&str, String)>) {
        if !self.is_linkable() {
            return;
        }
        let joined = |ids: &[TraceId]| ids.iter().map(TraceId::to_string).collect::<Vec<_>>().join(",");
        if !self.base.is_empty() && trace.is_none_or(|trace| *self.base != [trace]) {
            pairs.push(("base", joined(&self.base)));
        }
        let other = match &self.other {
            Other::Traces(ids) => joined(ids),
            Other::Rest => "rest".to_owned(),
            Other::Url(url) => url.clone(),
        };
        pairs.push(("vs", other));
        if self.is_swapped {
            pairs.push(("swap", "1".to_owned()));
        }
    }
}

/// The second side as a link says it.
pub(super) fn parse_other(text: &str) -> Option<Other> {
    if text == "rest" {
        return Some(Other::Rest);
    }
    if let Some(ids) = parse_ids(text, MOST_LINKED) {
        return Some(Other::Traces(ids));
    }
    if text.starts_with("trace=") {
        let ids: Option<Vec<&str>> = text.split('&').map(|pair| pair.strip_prefix("trace=")).collect();
        return parse_ids(&ids?.join(","), MOST_LINKED).map(Other::Traces);
    }
    let url = text.strip_prefix("url=").unwrap_or(text);
    (url.len() <= 2_000 && is_readable_url(url)).then(|| Other::Url(without_credentials(url)))
}

/// Ids with commas between them, at most so many.
pub(super) fn parse_ids(text: &str, most: usize) -> Option<Arc<[TraceId]>> {
    let id = |word: &str| {
        let is_id = matches!(word.len(), 16 | 32);
        TraceId::from_hex(word).filter(|id| is_id && *id != TraceId::NONE)
    };
    let ids: Vec<TraceId> = text.split(',').take(most + 1).map(id).collect::<Option<_>>()?;
    (ids.len() <= most).then(|| ids.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_found_in_the_list() {
        let list: Vec<TraceId> = (1..=5_u8).map(|n| TraceId([n; 16])).collect();
        let compare = Compare::of([list[3], list[0]], [list[1], TraceId([9; 16])]);
        assert_eq!(compare.sides(&list, None), [vec![0, 3], vec![1]]);
        let turned = Compare { is_swapped: true, other: Other::Rest, ..compare };
        assert_eq!(turned.sides(&list, None), [vec![1, 2, 4], vec![0, 3]]);
        let added = Compare { base: Arc::default(), other: Other::Url("b.json".into()), is_swapped: false };
        assert!(added.sides(&list, None).iter().all(Vec::is_empty));
        assert_eq!(added.sides(&list, Some(&list[..2])), [vec![0, 1], vec![2, 3, 4]]);
    }

    #[test]
    fn a_link_names_the_second_side_in_several_ways() {
        let ids = ["4bf92f3577b34da6a3ce929d0e0e4736", "5bf92f3577b34da6a3ce929d0e0e4736"];
        let known: Arc<[TraceId]> = ids.iter().filter_map(|id| TraceId::from_hex(id)).collect();
        for (text, expected) in [
            (ids.join(","), Some(Other::Traces(known.clone()))),
            (format!("trace={}&trace={}", ids[0], ids[1]), Some(Other::Traces(known.clone()))),
            ("rest".to_owned(), Some(Other::Rest)),
            ("samples/a.json".to_owned(), Some(Other::Url("samples/a.json".to_owned()))),
            ("url=https://host/x.json".to_owned(), Some(Other::Url("https://host/x.json".to_owned()))),
            ("javascript:alert(1)".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(parse_other(&text), expected, "{text}");
        }
        assert_eq!(parse_ids(&[ids[0]; MOST_LINKED + 1].join(","), MOST_LINKED), None);
    }
}
