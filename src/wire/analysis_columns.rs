//! The large parts of an analysis as columns of little-endian numbers, cut into pieces.
//!
//! Unpacking trusts nothing: columns of unequal length, pieces out of order and spans beyond the trace are
//! errors, so what comes out can be used as it is.

use super::WireError;
use super::analysis::{PIECE, PathSections, Piece, SpanTimes};
use super::pack::{Reader, Writer};

/// The pieces that a column of `total` rows is cut into; one, empty, when there is no row.
pub fn pieces(total: usize) -> impl Iterator<Item = Piece> {
    let n = total.div_ceil(PIECE).max(1);
    (0..n).map(move |at| Piece { first: (at * PIECE) as u32, total: total as u32 })
}

impl Piece {
    /// The rows of this piece.
    pub fn range(self) -> std::ops::Range<usize> {
        let first = (self.first as usize).min(self.total as usize);
        first..first.saturating_add(PIECE).min(self.total as usize)
    }

    /// Whether no piece follows.
    pub fn is_last(self) -> bool {
        self.range().end == self.total as usize
    }

    /// Whether this is what comes after `have` rows, which bring `rows`.
    fn check(self, have: usize, rows: usize) -> Result<(), WireError> {
        let expected = self.range();
        if have == expected.start && rows == expected.len() && self.first as usize == expected.start {
            return Ok(());
        }
        let reason = format!("{rows} rows from {} of {} after {have}", self.first, self.total);
        Err(WireError::Broken { reason })
    }
}

fn broken(reason: String) -> WireError {
    WireError::Broken { reason }
}

/// Packs sections of the critical path: spans, from, to.
pub fn pack_path(span: &[u32], from: &[i64], to: &[i64]) -> Vec<u8> {
    let mut w = Writer::default();
    w.u32s(span);
    w.i64s(from);
    w.i64s(to);
    w.into_bytes()
}

impl PathSections {
    /// Appends a piece; the first one begins anew. `n_spans` is the number of spans of the trace.
    pub fn push(&mut self, piece: Piece, bytes: &[u8], n_spans: usize) -> Result<(), WireError> {
        if piece.first == 0 {
            *self = Self::default();
        }
        let have = self.len();
        let mut r = Reader::new(bytes);
        let rows = r.u32s(&mut self.span)?;
        let others = [r.i64s(&mut self.from)?, r.i64s(&mut self.to)?];
        r.end()?;
        if others != [rows, rows] {
            return Err(broken(format!("{rows} sections, times {others:?}")));
        }
        piece.check(have, rows)?;
        let fresh = self.span.get(have..).unwrap_or_default();
        match fresh.iter().find(|&&span| span as usize >= n_spans) {
            Some(span) => Err(broken(format!("section of span {span} of {n_spans}"))),
            None => Ok(()),
        }
    }
}

/// Packs times of spans: on the critical path, self time.
pub fn pack_times(cp: &[i64], self_time: &[i64]) -> Vec<u8> {
    let mut w = Writer::default();
    w.i64s(cp);
    w.i64s(self_time);
    w.into_bytes()
}

impl SpanTimes {
    /// Appends a piece; the first one begins anew.
    pub fn push(&mut self, piece: Piece, bytes: &[u8]) -> Result<(), WireError> {
        if piece.first == 0 {
            *self = Self::default();
        }
        let have = self.cp.len();
        let mut r = Reader::new(bytes);
        let rows = r.i64s(&mut self.cp)?;
        let others = r.i64s(&mut self.self_time)?;
        r.end()?;
        if others != rows {
            return Err(broken(format!("{rows} and {others} times")));
        }
        piece.check(have, rows)
    }
}

/// Packs shifts of spans.
pub fn pack_shifts(shifts: &[i64]) -> Vec<u8> {
    let mut w = Writer::default();
    w.i64s(shifts);
    w.into_bytes()
}

/// Appends a piece of the shifts; the first one begins anew.
pub fn push_shifts(shifts: &mut Vec<i64>, piece: Piece, bytes: &[u8]) -> Result<(), WireError> {
    if piece.first == 0 {
        shifts.clear();
    }
    let have = shifts.len();
    let mut r = Reader::new(bytes);
    let rows = r.i64s(shifts)?;
    r.end()?;
    piece.check(have, rows)
}

/// Packs numbers for what spans do.
pub fn pack_statements(statements: &[u32]) -> Vec<u8> {
    let mut w = Writer::default();
    w.u32s(statements);
    w.into_bytes()
}

/// Appends a piece of them; the first one begins anew.
pub fn push_statements(statements: &mut Vec<u32>, piece: Piece, bytes: &[u8]) -> Result<(), WireError> {
    if piece.first == 0 {
        statements.clear();
    }
    let have = statements.len();
    let mut r = Reader::new(bytes);
    let rows = r.u32s(statements)?;
    r.end()?;
    piece.check(have, rows)
}

/// Packs where spans would be after a what-if: starts and ends, [`super::analysis::NO_TIME`] for spans that
/// take no part.
pub fn pack_positions(starts: &[i64], ends: &[i64]) -> Vec<u8> {
    let mut w = Writer::default();
    w.i64s(starts);
    w.i64s(ends);
    w.into_bytes()
}

/// Takes starts and ends of `n_spans` spans.
pub fn unpack_positions(bytes: &[u8], n_spans: usize) -> Result<(Vec<i64>, Vec<i64>), WireError> {
    let (mut starts, mut ends) = (Vec::new(), Vec::new());
    let mut r = Reader::new(bytes);
    let lengths = [r.i64s(&mut starts)?, r.i64s(&mut ends)?];
    r.end()?;
    if lengths != [n_spans, n_spans] {
        return Err(broken(format!("{lengths:?} positions for {n_spans} spans")));
    }
    Ok((starts, ends))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_in_pieces_comes_back() {
        let n = PIECE + 3;
        let span: Vec<u32> = (0..n as u32).collect();
        let from: Vec<i64> = (0..n as i64).collect();
        let to: Vec<i64> = (1..=n as i64).collect();
        let mut path = PathSections { span: vec![9], from: vec![9], to: vec![9] };
        let all: Vec<Piece> = pieces(n).collect();
        assert_eq!(all.len(), 2);
        for piece in all {
            let r = piece.range();
            let bytes = pack_path(&span[r.clone()], &from[r.clone()], &to[r]);
            path.push(piece, &bytes, n).unwrap();
        }
        assert_eq!((&path.span, &path.from, &path.to), (&span, &from, &to));
        assert_eq!(path.iter().last(), Some((n as u32 - 1, n as i64 - 1, n as i64)));
    }

    #[test]
    fn nothing_is_one_empty_piece() {
        let all: Vec<Piece> = pieces(0).collect();
        assert_eq!(all, [Piece { first: 0, total: 0 }]);
        assert!(all[0].is_last());
        let mut path = PathSections { span: vec![9], from: vec![9], to: vec![9] };
        path.push(all[0], &pack_path(&[], &[], &[]), 1).unwrap();
        assert!(path.is_empty());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let piece = Piece { first: 0, total: 2 };
        let good = pack_path(&[0, 1], &[0, 1], &[1, 2]);
        assert!(PathSections::default().push(piece, &good, 2).is_ok());
        for (what, piece, bytes, n_spans) in [
            ("a span beyond the trace", piece, good.clone(), 1),
            ("too few rows", Piece { total: 3, ..piece }, good.clone(), 2),
            ("a later piece first", Piece { first: 2, total: 4 }, good.clone(), 2),
            ("beyond the total", Piece { first: 7, total: 2 }, good.clone(), 2),
            ("unequal columns", piece, pack_path(&[0, 1], &[0], &[1, 2]), 2),
            ("bytes too many", piece, [good.clone(), vec![0]].concat(), 2),
            ("bytes too few", piece, good[..9].to_vec(), 2),
        ] {
            assert!(PathSections::default().push(piece, &bytes, n_spans).is_err(), "{what}");
        }
        assert!(SpanTimes::default().push(piece, &pack_times(&[1, 2], &[1])).is_err());
        assert!(push_shifts(&mut Vec::new(), piece, &pack_shifts(&[1])).is_err());
        assert!(unpack_positions(&pack_positions(&[1], &[2]), 2).is_err());
    }

    proptest! {
        #[test]
        fn columns_come_back(
            rows in prop::collection::vec((any::<i64>(), any::<i64>()), 0..50),
        ) {
            let (a, b): (Vec<i64>, Vec<i64>) = rows.into_iter().unzip();
            let piece = Piece { first: 0, total: a.len() as u32 };
            let mut times = SpanTimes::default();
            times.push(piece, &pack_times(&a, &b)).unwrap();
            prop_assert_eq!((&times.cp, &times.self_time), (&a, &b));
            let mut shifts = vec![5];
            push_shifts(&mut shifts, piece, &pack_shifts(&a)).unwrap();
            prop_assert_eq!(&shifts, &a);
            let numbers: Vec<u32> = a.iter().map(|&n| n as u32).collect();
            let mut statements = vec![5];
            push_statements(&mut statements, piece, &pack_statements(&numbers)).unwrap();
            prop_assert_eq!(&statements, &numbers);
            prop_assert_eq!(unpack_positions(&pack_positions(&a, &b), a.len()), Ok((a, b)));
        }

        #[test]
        fn hostile_bytes_give_an_error_and_no_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
            first in any::<u32>(),
            total in any::<u32>(),
        ) {
            let piece = Piece { first, total };
            let _ = PathSections::default().push(piece, &bytes, 3);
            let _ = SpanTimes::default().push(piece, &bytes);
            let _ = push_shifts(&mut Vec::new(), piece, &bytes);
            let _ = push_statements(&mut Vec::new(), piece, &bytes);
            let _ = unpack_positions(&bytes, 3);
        }
    }
}
