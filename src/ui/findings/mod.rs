//! The trace explained: the answer in one sentence, what was found, and what would be if something were
//! otherwise. What the parts share is an [`Explain`].

pub mod checks;
pub mod evidence;
pub mod explain;
pub mod finding_card;
pub mod finding_list;
pub mod headline;
pub mod options;
pub mod panel;
pub mod what_helps;

pub use explain::Explain;
pub use headline::Headline;
pub use panel::Panel;
