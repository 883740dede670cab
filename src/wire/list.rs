//! The list of traces as one buffer.

use crate::model::ids::TraceId;
use crate::model::trace_list::TraceList;

use super::WireError;
use super::pack::{Reader, Writer};

/// Packs the list.
pub fn pack(list: &TraceList) -> Vec<u8> {
    let mut w = Writer::default();
    w.u8s(&list.id.iter().flat_map(|id| id.0).collect::<Vec<_>>());
    w.i64s(&list.start);
    w.i64s(&list.duration);
    w.u32s(&list.n_spans);
    w.u32s(&list.n_errors);
    w.u32s(&list.n_entries);
    w.u32s(&list.services_end);
    w.u32s(&list.services);
    w.u32s(&list.root_service);
    w.u32s(&list.root_name);
    w.u8s(&list.marks);
    w.strings(list.service_names.iter().map(String::as_str));
    w.strings(list.root_names.iter().map(String::as_str));
    w.u32s(&list.id_texts.iter().map(|t| t.0).collect::<Vec<_>>());
    w.strings(list.id_texts.iter().map(|t| t.1.as_str()));
    w.into_bytes()
}

/// Unpacks a list and checks it.
pub fn unpack(bytes: &[u8]) -> Result<TraceList, WireError> {
    let mut r = Reader::new(bytes);
    let mut list = TraceList::default();
    let mut ids = Vec::new();
    r.u8s(&mut ids)?;
    list.id = ids.as_chunks().0.iter().map(|id| TraceId(*id)).collect();
    r.i64s(&mut list.start)?;
    r.i64s(&mut list.duration)?;
    r.u32s(&mut list.n_spans)?;
    r.u32s(&mut list.n_errors)?;
    r.u32s(&mut list.n_entries)?;
    r.u32s(&mut list.services_end)?;
    r.u32s(&mut list.services)?;
    r.u32s(&mut list.root_service)?;
    r.u32s(&mut list.root_name)?;
    r.u8s(&mut list.marks)?;
    r.strings(&mut list.service_names)?;
    r.strings(&mut list.root_names)?;
    let (mut traces, mut texts) = (Vec::new(), Vec::new());
    r.u32s(&mut traces)?;
    r.strings(&mut texts)?;
    if traces.len() != texts.len() {
        return Err(WireError::Broken { reason: format!("{} texts for {} ids", texts.len(), traces.len()) });
    }
    list.id_texts = traces.into_iter().zip(texts).collect();
    r.end()?;
    list.check().map_err(|e| WireError::Broken { reason: e.to_string() })?;
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `n` traces with up to three services each.
    fn list(n: usize) -> TraceList {
        let numbers = |factor: u32| (0..n as u32).map(|at| at.wrapping_mul(factor) % 5).collect::<Vec<_>>();
        let mut end = 0;
        let mut list = TraceList {
            id: (0..n).map(|at| TraceId([at as u8; 16])).collect(),
            start: (0..n as i64).map(|at| at << 33).collect(),
            duration: (0..n as i64).collect(),
            n_spans: numbers(1),
            n_errors: numbers(2),
            n_entries: numbers(3),
            services_end: numbers(7)
                .iter()
                .map(|k| {
                    end += k % 4;
                    end
                })
                .collect(),
            root_service: numbers(11),
            root_name: numbers(13),
            marks: numbers(17).iter().map(|&k| k as u8).collect(),
            service_names: ["", "a", "b", "caf\u{e9}", "z"].map(str::to_owned).to_vec(),
            root_names: ["GET /", "", "q", "r", "s"].map(str::to_owned).to_vec(),
            id_texts: (0..n as u32).step_by(3).map(|at| (at, format!("S{at}"))).collect(),
            ..TraceList::default()
        };
        list.services = (0..end).map(|at| at % 5).collect();
        list
    }

    proptest! {
        #[test]
        fn a_list_survives_the_way(n in 0_usize..40) {
            let list = list(n);
            prop_assert_eq!(unpack(&pack(&list)), Ok(list));
        }

        #[test]
        fn a_damaged_list_is_an_error_or_sound(at in 0_usize..600, byte in any::<u8>(), cut in 0_usize..600) {
            let mut bytes = pack(&list(8));
            if let Some(b) = bytes.get_mut(at) { *b = byte; }
            if let Ok(list) = unpack(&bytes) {
                prop_assert_eq!(list.check(), Ok(()));
            }
            bytes.truncate(cut.min(bytes.len() - 1));
            prop_assert!(unpack(&bytes).is_err());
        }
    }
}
