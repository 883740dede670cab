//! The side panel: everything about the selected span.

pub mod attribute_table;
pub mod event_list;
pub mod link_list;
pub mod similar_spans;
pub mod span_details;
pub mod value_view;

pub use span_details::SpanDetailsPanel;
