//! Small parts that every screen uses; they know nothing of traces but the sign of a service.

pub mod button;
pub mod data_table;
pub mod dialog;
pub mod icon;
pub mod long_grid;
pub mod menu;
pub mod scrollbar;
pub mod service_tag;
pub mod snippet;
pub mod splitter;

pub use button::{Button, Look};
pub use data_table::{DataTable, TableColumn, TableRow};
pub use dialog::{Dialog, DialogSize};
pub use icon::{Icon, Symbol};
pub use long_grid::{GridPlace, GridRow, Heading, LongGrid, TableSort};
pub use menu::{Choice, Menu};
pub use scrollbar::Scrollbar;
pub use service_tag::ServiceTag;
pub use snippet::Snippet;
pub use splitter::Splitter;
