//! Identifiers of traces and spans, as W3C Trace Context defines them.

use std::fmt;

/// 16 bytes that name a trace. All zero is "none".
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(pub [u8; 16]);

/// 8 bytes that name a span within its trace, as a big-endian number so that numeric order is byte order.
/// Zero is "none".
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(pub u64);

impl TraceId {
    /// No trace: what an absent or all-zero id reads as.
    pub const NONE: Self = Self([0; 16]);

    /// Whether this is the all-zero id.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Whether the upper half is zero: an id of 64 bits.
    pub fn is_64_bit(self) -> bool {
        self.0[..8] == [0; 8]
    }

    /// The id for up to 32 hexadecimal digits, padded with zeros on the left.
    pub fn from_hex(text: &str) -> Option<Self> {
        let value = (!text.is_empty() && text.len() <= 32 && text.bytes().all(|b| b.is_ascii_hexdigit()))
            .then(|| u128::from_str_radix(text, 16).ok())??;
        Some(Self(value.to_be_bytes()))
    }
}

impl SpanId {
    /// No span: the parent of a root.
    pub const NONE: Self = Self(0);

    /// Whether this is the all-zero id.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The id for up to 16 hexadecimal digits, padded with zeros on the left.
    pub fn from_hex(text: &str) -> Option<Self> {
        (!text.is_empty() && text.len() <= 16 && text.bytes().all(|b| b.is_ascii_hexdigit()))
            .then(|| u64::from_str_radix(text, 16).ok().map(Self))?
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_padded_on_the_left_and_case_does_not_matter() {
        assert_eq!(SpanId::from_hex("ABC"), SpanId::from_hex("0000000000000abc"));
        assert_eq!(TraceId::from_hex("abc").map(|i| i.to_string()), Some(format!("{:032x}", 0xabc)));
        for bad in ["", "xyz", "+1", "00112233445566778"] {
            assert_eq!(SpanId::from_hex(bad), None, "{bad}");
        }
    }
}
