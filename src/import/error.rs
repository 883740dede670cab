//! Why a file could not be read at all; anything less is a warning.

use thiserror::Error;

/// A file that gave no span, and why. Fields rather than prose, so that the page can show the place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// Nothing known starts like this.
    #[error("not a trace file: {found}")]
    UnknownFormat {
        /// What the file looks like, with its first characters.
        found: String,
    },
    /// Known, and not traces or not supported: says what it is and what to export instead.
    #[error("{what}; {advice}")]
    NotSupported {
        /// What the file is.
        what: String,
        /// What to do instead.
        advice: String,
    },
    /// The file breaks off or is garbled before the first span.
    #[error("cannot read {format} at byte {offset}: {reason}")]
    Malformed {
        /// The format it was read as.
        format: &'static str,
        /// Byte offset in the unpacked input.
        offset: u64,
        /// What was expected and what was found.
        reason: String,
    },
    /// A server's error answer that was saved as a file.
    #[error("this is an error answer: {message}")]
    ErrorAnswer {
        /// The server's message.
        message: String,
    },
    /// Not one byte, or nothing but blanks.
    #[error("the file is empty")]
    Blank,
    /// Right format, no spans.
    #[error("{what} contains no spans")]
    Empty {
        /// What was read: "the file", "the archive", "the search result".
        what: String,
    },
    /// A limit that protects the memory.
    #[error("{what} is larger than {limit}")]
    TooLarge {
        /// What is too large.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },
}

impl ImportError {
    /// The stable code, shared with the messages of the host page.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownFormat { .. } | Self::NotSupported { .. } => "fmt.unknown",
            Self::Malformed { .. } => "fmt.corrupt",
            Self::ErrorAnswer { .. } => "fmt.error-answer",
            Self::Empty { .. } | Self::Blank => "fmt.empty",
            Self::TooLarge { .. } => "fmt.toolarge",
        }
    }

    /// Where in the unpacked input, if the error has a place.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Malformed { offset, .. } => Some(*offset),
            _ => None,
        }
    }
}
