//! Typed positions in columns, so that a span's index can never be used where a string's is meant.

/// Defines a `u32` newtype that is a position in a column.
///
/// The type has `new(usize)`, `at() -> usize` and the usual comparisons. Positions beyond `u32::MAX` do not
/// exist: whoever fills a column bounds its length first.
#[macro_export]
macro_rules! index_type {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The index at position `at`.
            pub const fn new(at: usize) -> Self {
                Self(at as u32)
            }

            /// The position, for slicing.
            pub const fn at(self) -> usize {
                self.0 as usize
            }
        }
    };
}
