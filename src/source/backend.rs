//! Which backend is meant: by its address, or by a name of the page's own list.

use super::address::BaseAddress;
use super::discover::Product;

/// A backend as a link names it. Never holds anything secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BackendRef {
    /// The one at this address.
    At(Product, BaseAddress),
    /// The one of this name in the page's own list.
    Named(String),
}

/// Longest name of a backend in a link.
const MAX_NAME: usize = 100;
/// Longest address of a backend in a link.
const MAX_ADDRESS: usize = 500;

impl BackendRef {
    /// The keys by which a link names a backend.
    pub const KEYS: [&str; 3] = ["jaeger", "tempo", "backend"];

    /// The key of the link.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::At(Product::Jaeger, _) => "jaeger",
            Self::At(Product::Tempo, _) => "tempo",
            Self::Named(_) => "backend",
        }
    }

    /// The value of the link's key.
    pub fn value(&self) -> String {
        match self {
            Self::At(_, base) => base.to_string(),
            Self::Named(name) => name.clone(),
        }
    }

    /// The backend that a key of a link names; none for another key, or a value that must not be used.
    pub fn parse(key: &str, value: &str) -> Option<Self> {
        let at = |product| {
            let base = BaseAddress::parse(value).ok().filter(|_| value.len() <= MAX_ADDRESS)?;
            Some(Self::At(product, base))
        };
        match key {
            "jaeger" => at(Product::Jaeger),
            "tempo" => at(Product::Tempo),
            "backend" => {
                (1..=MAX_NAME).contains(&value.chars().count()).then(|| Self::Named(value.to_owned()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for (key, value) in
            [("jaeger", "http://localhost:16686/"), ("tempo", "https://host/base/"), ("backend", "prod eu")]
        {
            let backend = BackendRef::parse(key, value).expect("it is one");
            assert_eq!((backend.key(), backend.value().as_str()), (key, value));
        }
    }

    #[test]
    fn what_must_not_be_used_is_no_backend() {
        for (key, value) in [
            ("tempo", "https://user:marker@host/"),
            ("tempo", "javascript:alert(1)"),
            ("tempo", ""),
            ("backend", ""),
            ("zipkin", "http://localhost/"),
        ] {
            assert_eq!(BackendRef::parse(key, value), None, "{key} {value}");
        }
    }
}
