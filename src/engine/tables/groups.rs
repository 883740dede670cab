//! Groups of spans: which span is in which, and what each group is called.

use crate::analysis::measured::Measured;
use crate::base::hash::{self, Numbers};
use crate::model::span::unpack_kind_status;
use crate::model::trace_set::TraceSet;
use crate::wire::table::{GroupBy, Member};

use super::attribute::{AttributeColumn, MISSING};

/// What a group is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Label {
    /// Service, name or value.
    pub(super) text: String,
    /// Service of an operation.
    pub(super) service: String,
    /// Kind of an operation.
    pub(super) kind: &'static str,
    /// Whether it is the group of those without the attribute.
    pub(super) is_missing: bool,
}

/// The groups of some rows.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Group of each row.
    pub(super) of_row: Vec<u32>,
    pub(super) labels: Vec<Label>,
}

impl Groups {
    /// Puts all rows into groups. An attribute's column must have been read. O(n).
    pub(super) fn new(
        set: &TraceSet,
        measured: &Measured,
        by: &GroupBy,
        attributes: &[AttributeColumn],
    ) -> Self {
        let mut groups = Self::default();
        let mut known = Numbers::default();
        let columns = set.columns();
        let column = match by {
            GroupBy::Attribute(key) => attributes.iter().find(|column| column.key == *key),
            _ => None,
        };
        for (row, &span) in measured.span.iter().enumerate() {
            let service = columns.service.get(span as usize).copied().unwrap_or_default();
            let kind = columns.kind_status.get(span as usize).map(|&byte| unpack_kind_status(byte).0);
            let kind = kind.unwrap_or_default();
            let name = measured.name.get(row).copied().unwrap_or_default();
            let value = column.and_then(|column| column.value.get(row)).copied().unwrap_or(MISSING);
            let key = match by {
                GroupBy::Service => u64::from(service),
                GroupBy::Operation => hash::mix(u64::from(service) << 32 | u64::from(name), kind as u64),
                GroupBy::Attribute(_) => u64::from(value),
            };
            let group = known.get_or(key, groups.labels.len());
            if group as usize == groups.labels.len() {
                let service = set.service_name(service).to_owned();
                groups.labels.push(match by {
                    GroupBy::Service => Label { text: service, ..Label::default() },
                    GroupBy::Operation => Label {
                        text: measured.name_text(name).to_owned(),
                        service,
                        kind: kind.word(),
                        is_missing: false,
                    },
                    GroupBy::Attribute(_) => Label {
                        text: column.map(|column| column.text(value)).unwrap_or_default().to_owned(),
                        is_missing: value == MISSING,
                        ..Label::default()
                    },
                });
            }
            groups.of_row.push(group);
        }
        groups
    }

    /// Puts rows together that are in the same group here and there; their labels are the latter's. Returns
    /// them with the group of each here.
    pub(super) fn within(&self, inner: &Self) -> (Self, Vec<u32>) {
        let mut groups = Self::default();
        let mut known = Numbers::default();
        let mut above = Vec::new();
        for (&outer, &inner_group) in self.of_row.iter().zip(&inner.of_row) {
            let key = u64::from(outer) << 32 | u64::from(inner_group);
            let group = known.get_or(key, above.len());
            if group as usize == above.len() {
                above.push(outer);
                groups.labels.push(inner.labels.get(inner_group as usize).cloned().unwrap_or_default());
            }
            groups.of_row.push(group);
        }
        (groups, above)
    }

    /// The groups that are meant by a member of them; one at most.
    pub(super) fn find(&self, member: &Member) -> Option<u32> {
        let is = |label: &Label| match member {
            Member::Service(name) => label.text == *name,
            Member::Operation { service, name, kind } => {
                label.text == *name && label.service == *service && label.kind == kind
            }
            Member::Attribute { value: Some(value), .. } => !label.is_missing && label.text == *value,
            Member::Attribute { value: None, .. } => label.is_missing,
        };
        self.labels.iter().position(is).map(|at| at as u32)
    }
}

/// By what the groups of a member are made.
pub(super) fn by_of(member: &Member) -> GroupBy {
    match member {
        Member::Service(_) => GroupBy::Service,
        Member::Operation { .. } => GroupBy::Operation,
        Member::Attribute { key, .. } => GroupBy::Attribute(key.clone()),
    }
}
