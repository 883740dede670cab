//! Why a message could not be read: always a fault of ours or a stale script, never of the reader's file.

use thiserror::Error;

/// A message that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WireError {
    /// The other side runs another build.
    #[error("message of version {theirs}, this is version {ours}")]
    Version {
        /// Version of this build.
        ours: u32,
        /// Version of the message.
        theirs: u32,
    },
    /// The bytes are not the message that was expected.
    #[error("message is not readable: {reason}")]
    Unreadable {
        /// What the reader of messages says.
        reason: String,
    },
    /// A buffer ends early.
    #[error("buffer ends within {what}: {needed} bytes needed, {left} left")]
    Short {
        /// What was being read.
        what: &'static str,
        /// Bytes needed.
        needed: usize,
        /// Bytes left.
        left: usize,
    },
    /// The contents contradict themselves.
    #[error("message contradicts itself: {reason}")]
    Broken {
        /// In what way.
        reason: String,
    },
}
