//! A column of numbers that are small in nearly every trace, such as positions in a short list: two bytes each
//! for as long as that is enough.

use super::heap;

/// Numbers one after the other. All become four bytes wide with the first that needs more than two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrow(Width);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Width {
    Two(Vec<u16>),
    Four(Vec<u32>),
}

impl Default for Narrow {
    fn default() -> Self {
        Self(Width::Two(Vec::new()))
    }
}

impl Narrow {
    /// Makes room for `n` more.
    pub fn reserve_exact(&mut self, n: usize) {
        match &mut self.0 {
            Width::Two(column) => column.reserve_exact(n),
            Width::Four(column) => column.reserve_exact(n),
        }
    }

    /// Adds one. Constant, but for the one that all others are widened for.
    #[inline]
    pub fn push(&mut self, number: u32) {
        match &mut self.0 {
            Width::Two(column) => match u16::try_from(number) {
                Ok(number) => column.push(number),
                Err(_) => self.widen(number),
            },
            Width::Four(column) => column.push(number),
        }
    }

    #[cold]
    fn widen(&mut self, number: u32) {
        let Width::Two(column) = &self.0 else { return };
        let mut wide = Vec::with_capacity(column.capacity().max(column.len() + 1));
        wide.extend(column.iter().copied().map(u32::from));
        wide.push(number);
        self.0 = Width::Four(wide);
    }

    /// The number at this place, if there is one.
    #[inline]
    pub fn get(&self, at: usize) -> Option<u32> {
        match &self.0 {
            Width::Two(column) => column.get(at).copied().map(u32::from),
            Width::Four(column) => column.get(at).copied(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Width::Two(column) => column.len(),
            Width::Four(column) => column.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        match &self.0 {
            Width::Two(column) => heap::bytes(column),
            Width::Four(column) => heap::bytes(column),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_whatever_their_width() {
        let numbers = [0, 7, 65_535, 65_536, 3, u32::MAX];
        let mut column = Narrow::default();
        column.reserve_exact(numbers.len());
        assert_eq!((column.is_empty(), column.get(0)), (true, None));
        for (at, &number) in numbers.iter().enumerate() {
            column.push(number);
            let seen: Vec<_> = (0..column.len()).filter_map(|at| column.get(at)).collect();
            assert_eq!(seen, numbers[..=at]);
            assert_eq!(column.heap_bytes(), numbers.len() * if at < 3 { 2 } else { 4 });
        }
        assert_eq!(column.get(numbers.len()), None);
    }
}
