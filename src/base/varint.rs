//! Variable-length integers (LEB128, as protobuf has them): small numbers take one byte.

/// Appends `value` to `out`, 7 bits a byte, least significant first.
pub fn write(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads one integer at `*at` and moves `*at` behind it.
///
/// `None`, with `*at` unchanged, when the bytes end within the integer or it has more than ten bytes.
#[inline]
pub fn read(bytes: &[u8], at: &mut usize) -> Option<u64> {
    // Nearly all numbers are small.
    match bytes.get(*at) {
        Some(&byte) if byte < 0x80 => {
            *at += 1;
            Some(byte.into())
        }
        _ => read_long(bytes, at),
    }
}

fn read_long(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for (n, &byte) in bytes.get(*at..)?.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * n);
        if byte < 0x80 {
            *at += n + 1;
            return Some(value);
        }
    }
    None
}

/// Maps signed to unsigned so that numbers near zero stay small.
pub const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag`].
pub const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            write(&mut bytes, value);
            let mut at = 0;
            assert_eq!(read(&bytes, &mut at), Some(value));
            assert_eq!(at, bytes.len());
            assert_eq!(read(&bytes[..bytes.len() - 1], &mut 0), None);
        }
        for value in [0, -1, 1, i64::MIN, i64::MAX] {
            assert_eq!(unzigzag(zigzag(value)), value);
        }
    }
}
