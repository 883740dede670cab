//! The address of a backend as a person types it, made safe to append paths to.

use std::fmt;

use thiserror::Error;

use super::exchange::Query;

/// Where a backend is: scheme, host, port and the path below which its API begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseAddress {
    /// `https://host:port`.
    origin: String,
    /// `/` or `/base/`.
    path: String,
}

/// Why a text is no address of a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Nothing was typed.
    #[error("the address is empty")]
    Empty,
    /// Another scheme than http and https.
    #[error("only http and https addresses work from a page")]
    Scheme,
    /// No host, or one with characters that no host has.
    #[error("the address has no valid host")]
    Host,
    /// A user or a password before the host.
    #[error("leave user and password out of the address: there are fields for them")]
    Credentials,
    /// A path that leads elsewhere when it is put together.
    #[error("the path of the address has `.` or `..` in it")]
    DotSegments,
}

impl BaseAddress {
    /// Reads what a person types: the scheme may be missing (`http` on this machine, else `https`), a query or
    /// fragment is left out.
    ///
    /// # Errors
    /// When the text is no address, or one that must not be kept, such as one with a password in it.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => (guessed_scheme(text).to_owned(), text),
        };
        if scheme != "http" && scheme != "https" {
            return Err(AddressError::Scheme);
        }
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(AddressError::Credentials);
        }
        if !is_authority(authority) {
            return Err(AddressError::Host);
        }
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if parts.iter().any(|part| is_dots(part)) {
            return Err(AddressError::DotSegments);
        }
        let mut path = "/".to_owned();
        for part in parts {
            path.push_str(part);
            path.push('/');
        }
        Ok(Self { origin: format!("{scheme}://{}", authority.to_ascii_lowercase()), path })
    }

    /// Scheme, host and port: what the browser compares, and what secrets are bound to.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port, for people.
    pub fn host(&self) -> &str {
        self.origin.split_once("://").map_or(self.origin.as_str(), |(_, host)| host)
    }

    /// Whether it is a server on this computer, as far as pages may ask it by http.
    pub fn is_this_computer(&self) -> bool {
        let host = self.host();
        ["localhost", "127.0.0.1"]
            .iter()
            .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')))
    }

    /// The whole address to ask.
    pub fn url(&self, query: &Query) -> String {
        format!("{}{}{}", self.origin, self.path, query.path)
    }

    /// Whether the answer of `url` came from this backend: a redirect elsewhere must not get secrets.
    pub fn is_origin_of(&self, url: &str) -> bool {
        url.strip_prefix(self.origin.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }
}

impl fmt::Display for BaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// People type `localhost:3200`; what is not on this machine is rarely reachable without encryption.
fn guessed_scheme(text: &str) -> &'static str {
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let is_here = host == "localhost"
        || host.starts_with("localhost:")
        || host.starts_with("127.")
        || host.starts_with("[::1]");
    if is_here { "http" } else { "https" }
}

/// A host with an optional port. Names in other scripts pass: the browser encodes them.
fn is_authority(authority: &str) -> bool {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, port)) => (host, port.strip_prefix(':').or_else(|| port.is_empty().then_some("0"))),
            None => return false,
        },
        None => match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, Some("0")),
        },
    };
    let is_host = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '%');
    !host.is_empty() && host.chars().all(is_host) && port.is_some_and(|port| port.parse::<u16>().is_ok())
}

/// Whether a part of a path is `.` or `..`, also when percent-encoded.
fn is_dots(part: &str) -> bool {
    let plain = part.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_typed() {
        for (typed, expected) in [
            ("localhost:3200", "http://localhost:3200/"),
            ("127.0.0.1:16686/jaeger", "http://127.0.0.1:16686/jaeger/"),
            ("tempo.example.org", "https://tempo.example.org/"),
            (" HTTP://Tempo.Example.org/base//path/?q=1#x ", "http://tempo.example.org/base/path/"),
            ("[::1]:3200", "http://[::1]:3200/"),
            ("https://b\u{fc}cher.example", "https://b\u{fc}cher.example/"),
        ] {
            assert_eq!(BaseAddress::parse(typed).map(|a| a.to_string()), Ok(expected.to_owned()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_by_name() {
        for (typed, expected) in [
            ("  ", AddressError::Empty),
            ("ftp://host/", AddressError::Scheme),
            ("javascript://host/%0Aalert(1)", AddressError::Scheme),
            ("http:///path", AddressError::Host),
            ("http://a b/", AddressError::Host),
            ("http://host:99999/", AddressError::Host),
            ("http://[::1", AddressError::Host),
            ("https://user:secret@host/", AddressError::Credentials),
            ("https://host/a/../b", AddressError::DotSegments),
            ("https://host/a/%2E%2e/b", AddressError::DotSegments),
        ] {
            assert_eq!(BaseAddress::parse(typed), Err(expected), "{typed}");
        }
    }

    #[test]
    fn an_answer_from_elsewhere_is_known() {
        let base = BaseAddress::parse("https://tempo.example.org/base").unwrap();
        assert_eq!(base.url(&Query::json("api/echo")), "https://tempo.example.org/base/api/echo");
        assert!(base.is_origin_of("https://tempo.example.org/login"));
        assert!(!base.is_origin_of("https://tempo.example.org.evil.example/"));
        assert!(!base.is_origin_of("https://tempo.example.org:444/"));
    }
}
