//! Everything that can keep an answer away, whoever noticed it: the backend, the browser, or this page.

use super::{Cause, Problem, discover::Product};

/// Why there is no answer to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The answer is an error, or not what was asked for.
    Answer(Problem),
    /// The browser has no network at all.
    Offline,
    /// The page came by https and the address is http, which browsers block.
    MixedContent,
    /// The page's own policy allows http only to this computer.
    Policy,
    /// Something answers, but does not let pages of this origin read it.
    Cors {
        /// It does without the headers of tenant and sign-in.
        only_headers: bool,
    },
    /// Nothing answers, and browsers do not say why.
    Unreachable,
    /// The backend sends elsewhere, which is not followed.
    Redirected,
    /// No answer within so many seconds.
    TimedOut(u32),
    /// The answer has more than so many bytes.
    TooLong(u64),
    /// The connection ended within the answer, after so many bytes.
    BrokenOff(u64),
    /// A tenant, token or password with characters that no header may have.
    BadHeader,
    /// The other product answers.
    WrongProduct(Product),
    /// The page's list of backends does not have this name.
    NoSuchName(String),
    /// The reader did not want it.
    Stopped,
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Answer(problem)
    }
}

impl From<Cause> for Trouble {
    fn from(cause: Cause) -> Self {
        Self::Answer(Problem::from(cause))
    }
}

impl Trouble {
    /// Whether other credentials or another tenant may help.
    pub const fn is_about_access(&self) -> bool {
        match self {
            Self::Answer(problem) => {
                matches!(problem.cause, Cause::NotAuthorised | Cause::NoTenant | Cause::Forbidden)
            }
            Self::Redirected | Self::BadHeader => true,
            _ => false,
        }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Answer(problem) => match problem.cause {
                Cause::NotAuthorised | Cause::NoTenant | Cause::Forbidden => "fetch.auth",
                Cause::NotFound => "fetch.notfound",
                _ => "fetch.http",
            },
            Self::Redirected | Self::BadHeader => "fetch.auth",
            Self::MixedContent | Self::Policy => "fetch.mixed",
            Self::Cors { .. } => "fetch.cors",
            Self::WrongProduct(_) => "fetch.http",
            Self::TooLong(_) => "fmt.toolarge",
            Self::NoSuchName(_) => "fetch.notfound",
            Self::Offline | Self::Unreachable | Self::TimedOut(_) | Self::BrokenOff(_) | Self::Stopped => {
                "fetch.network"
            }
        }
    }
}
