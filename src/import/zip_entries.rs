//! What a zip archive says of its members: local headers before the data, the directory at the end.

pub(super) const LOCAL: &[u8] = b"PK\x03\x04";
pub(super) const DESCRIPTOR: &[u8] = b"PK\x07\x08";
const DIRECTORY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const EXTRA_DATA: &[u8] = b"PK\x06\x08";

const ENCRYPTED: u16 = 1;
const SIZES_FOLLOW: u16 = 1 << 3;

/// What a directory entry or a local header says of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) method: u16,
    pub(super) is_encrypted: bool,
    /// Checksum and sizes come after the data.
    pub(super) has_descriptor: bool,
    pub(super) crc: u32,
    /// Packed size; unknown when it follows the data.
    pub(super) size: Option<u64>,
    /// Where the data starts, from the beginning of the bytes at hand.
    pub(super) start: usize,
}

/// Whether the members are over: the directory, or what may stand before it.
pub(super) fn is_directory(bytes: &[u8]) -> bool {
    [DIRECTORY, END, END_64, EXTRA_DATA].iter().any(|sign| bytes.starts_with(sign))
}

/// Length of the descriptor at the start of `bytes`: with or without a sign of its own, with sizes of 32 or 64
/// bits. What follows it tells. `None` when there is none.
pub(super) fn descriptor_len(bytes: &[u8]) -> Option<usize> {
    let candidates: &[usize] = if bytes.starts_with(DESCRIPTOR) { &[16, 24] } else { &[12, 20] };
    candidates
        .iter()
        .copied()
        .find(|&len| bytes.get(len..).is_some_and(|next| next.starts_with(LOCAL) || is_directory(next)))
}

/// The entries of the directory, or `None` when there is no complete one. `bytes` are the end of the archive from
/// offset `base` on; members before it are left out.
pub(super) fn directory(bytes: &[u8], base: u64) -> Option<Vec<Entry>> {
    // The end record is 22 bytes and a comment of at most 65,535.
    let from = bytes.len().saturating_sub(22 + 0xffff);
    let mut end = memchr::memmem::rfind(bytes.get(from..)?, END)? + from;
    let (mut size, mut offset) = (u64::from(u32_at(bytes, end + 12)?), u64::from(u32_at(bytes, end + 16)?));
    if let Some(locator) = end.checked_sub(20).filter(|&at| bytes.get(at..at + 4) == Some(LOCATOR_64)) {
        let stated = usize::try_from(u64_at(bytes, locator + 8)?).ok()?;
        // Bytes before the archive shift everything; the record then stands right before its locator.
        let at = [stated, locator.saturating_sub(56)]
            .into_iter()
            .find(|&at| at.checked_add(4).and_then(|to| bytes.get(at..to)) == Some(END_64))?;
        (size, offset) = (u64_at(bytes, at + 40)?, u64_at(bytes, at + 48)?);
        end = at;
    }
    let start = end.checked_sub(usize::try_from(size).ok()?)?;
    let shift = (base + start as u64).checked_sub(offset)?;
    let (mut entries, mut at) = (Vec::new(), start);
    while bytes.get(at..at + 4) == Some(DIRECTORY) {
        let len = |field: usize| u16_at(bytes, at + field).map(usize::from);
        let (n_name, n_extra, n_comment) = (len(28)?, len(30)?, len(32)?);
        let extra = bytes.get(at + 46 + n_name..)?.get(..n_extra)?;
        let (packed, unpacked) = (u32_at(bytes, at + 20)?, u32_at(bytes, at + 24)?);
        let stated = u32_at(bytes, at + 42)?;
        let wide = zip64(extra, &[unpacked, packed, stated]);
        let here = at;
        at += 46 + n_name + n_extra + n_comment;
        let Some(local_at) = wide[2].checked_add(shift)?.checked_sub(base) else {
            continue;
        };
        let local_at = usize::try_from(local_at).ok()?;
        let name = String::from_utf8_lossy(bytes.get(here + 46..here + 46 + n_name)?).into_owned();
        // The local header repeats the name and may have other extra fields.
        let start = match bytes.get(local_at..).filter(|b| b.starts_with(LOCAL)) {
            Some(_) => {
                local_at
                    + 30
                    + usize::from(u16_at(bytes, local_at + 26)?)
                    + usize::from(u16_at(bytes, local_at + 28)?)
            }
            None => bytes.len(),
        };
        entries.push(Entry {
            name,
            method: u16_at(bytes, here + 10)?,
            is_encrypted: u16_at(bytes, here + 8)? & ENCRYPTED != 0,
            has_descriptor: false,
            crc: u32_at(bytes, here + 16)?,
            size: Some(wide[1]),
            start,
        });
    }
    Some(entries)
}

/// The member whose local header stands at `at`; `None` when the header is cut off.
pub(super) fn local(bytes: &[u8], at: usize) -> Option<Entry> {
    let flags = u16_at(bytes, at + 6)?;
    let (packed, unpacked) = (u32_at(bytes, at + 18)?, u32_at(bytes, at + 22)?);
    let (n_name, n_extra) = (usize::from(u16_at(bytes, at + 26)?), usize::from(u16_at(bytes, at + 28)?));
    let name = bytes.get(at + 30..at + 30 + n_name)?;
    let start = at + 30 + n_name + n_extra;
    let extra = bytes.get(at + 30 + n_name..start)?;
    let wide = zip64(extra, &[unpacked, packed]);
    Some(Entry {
        name: String::from_utf8_lossy(name).into_owned(),
        method: u16_at(bytes, at + 8)?,
        is_encrypted: flags & ENCRYPTED != 0,
        has_descriptor: flags & SIZES_FOLLOW != 0,
        crc: u32_at(bytes, at + 14)?,
        size: (flags & SIZES_FOLLOW == 0 || wide[1] != 0).then_some(wide[1]),
        start,
    })
}

/// The given 32-bit fields, those that are all ones replaced from the zip64 part of the extra field.
fn zip64(mut extra: &[u8], fields: &[u32]) -> [u64; 3] {
    let mut wide = [0; 3];
    let mut block: &[u8] = &[];
    while let (Some(id), Some(len)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let content = extra.get(4..).unwrap_or_default();
        let content = content.get(..usize::from(len)).unwrap_or(content);
        if id == 1 {
            block = content;
            break;
        }
        extra = extra.get(4 + content.len()..).unwrap_or_default();
    }
    for (slot, &field) in wide.iter_mut().zip(fields) {
        *slot = u64::from(field);
        if field == u32::MAX
            && let Some(value) = u64_at(block, 0)
        {
            *slot = value;
            block = block.get(8..).unwrap_or_default();
        }
    }
    wide
}

/// Where `what` stands, at or after `from`.
pub(super) fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, what).map(|at| at + from)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}
