//! Merged calls as one buffer.

pub use crate::analysis::call_tree::CallTree;

use super::WireError;
use super::pack::{Reader, Writer};

/// Packs a tree.
pub fn pack(tree: &CallTree) -> Vec<u8> {
    let mut w = Writer::default();
    w.strings(tree.services.iter().map(String::as_str));
    w.strings(tree.names.iter().map(String::as_str));
    for column in [&tree.parents, &tree.operations, &tree.counts, &tree.errors, &tree.traces, &tree.spans] {
        w.u32s(column);
    }
    for column in tree.own.iter().chain(&tree.total) {
        w.i64s(column);
    }
    w.u32s(&[tree.left_out]);
    w.into_bytes()
}

/// Unpacks a tree and checks it.
pub fn unpack(bytes: &[u8]) -> Result<CallTree, WireError> {
    let mut r = Reader::new(bytes);
    let mut tree = CallTree::default();
    r.strings(&mut tree.services)?;
    r.strings(&mut tree.names)?;
    for column in [
        &mut tree.parents,
        &mut tree.operations,
        &mut tree.counts,
        &mut tree.errors,
        &mut tree.traces,
        &mut tree.spans,
    ] {
        r.u32s(column)?;
    }
    for column in tree.own.iter_mut().chain(&mut tree.total) {
        r.i64s(column)?;
    }
    let mut left_out = Vec::new();
    r.u32s(&mut left_out)?;
    r.end()?;
    tree.left_out = left_out.first().copied().unwrap_or_default();
    tree.check().map_err(|reason| WireError::Broken { reason })?;
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::call_tree::NO_PARENT;

    fn tree() -> CallTree {
        CallTree {
            services: vec!["web".into(), "db".into()],
            names: vec!["GET /".into(), "SELECT".into()],
            parents: vec![NO_PARENT, 0],
            operations: vec![0, 1],
            counts: vec![1, 7],
            errors: vec![0, 2],
            traces: vec![0, 0],
            spans: vec![0, 5],
            own: [vec![3, 4], vec![1, 2]],
            total: [vec![7, 4], vec![3, 2]],
            left_out: 9,
        }
    }

    #[test]
    fn a_tree_comes_back() {
        assert_eq!(unpack(&pack(&tree())), Ok(tree()));
        assert_eq!(unpack(&pack(&CallTree::default())), Ok(CallTree::default()));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let spoilt: [fn(&mut CallTree); 5] = [
            |t| t.parents[0] = 1,
            |t| t.operations[1] = 2,
            |t| t.counts.push(1),
            |t| t.own[1].push(1),
            |t| t.names.push(String::new()),
        ];
        for spoil in spoilt {
            let mut tree = tree();
            spoil(&mut tree);
            assert!(unpack(&pack(&tree)).is_err(), "{tree:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn hostile_bytes_give_an_error_and_no_panic(
            bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..64)
        ) {
            let _ = unpack(&bytes);
        }
    }
}
