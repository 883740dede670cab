//! Containers around given bytes, made without the code under test.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// One gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// One gzip member whose header has every optional part.
pub(crate) fn gzip_with_all_parts(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3];
    out.extend([3, 0, b'x', b'y', b'z']);
    out.extend(b"traces.json\0comment\0");
    out.extend([0, 0]);
    let plain = gzip(bytes);
    out.extend(&plain[10..]);
    out
}

/// One zstd frame.
pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// A frame that says nothing.
pub(crate) fn zstd_skippable(len: u32) -> Vec<u8> {
    let mut out = vec![0x5a, 0x2a, 0x4d, 0x18];
    out.extend(len.to_le_bytes());
    out.extend(vec![7; len as usize]);
    out
}

/// Messages with their length in front.
pub(crate) fn framed<'a>(messages: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        out.extend((message.len() as u32).to_be_bytes());
        out.extend(message);
    }
    out
}

/// How a member of a zip archive is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Stored,
    Deflate,
    /// Sizes after the data instead of before it, as writers to a pipe do.
    DeflateWithDescriptor,
    StoredWithDescriptor,
    Zstd,
    /// Sizes of 64 bits.
    Zip64,
    Encrypted,
}

/// A zip archive.
pub(crate) fn zip(members: &[(&str, Method, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for &(name, method, content) in members {
        let (number, data): (u16, Vec<u8>) = match method {
            Method::Deflate | Method::DeflateWithDescriptor | Method::Zip64 => {
                let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
                deflate.write_all(content).unwrap();
                (8, deflate.finish().unwrap())
            }
            Method::Zstd => (93, zstd(content)),
            Method::Stored | Method::StoredWithDescriptor | Method::Encrypted => (0, content.to_vec()),
        };
        let has_descriptor = matches!(method, Method::DeflateWithDescriptor | Method::StoredWithDescriptor);
        let flags = u16::from(has_descriptor) << 3 | u16::from(method == Method::Encrypted);
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let sizes = [crc.sum(), data.len() as u32, content.len() as u32].map(u32::to_le_bytes).concat();
        let wide = [
            &1_u16.to_le_bytes()[..],
            &16_u16.to_le_bytes(),
            &(content.len() as u64).to_le_bytes(),
            &(data.len() as u64).to_le_bytes(),
        ]
        .concat();
        let extra: &[u8] = if method == Method::Zip64 { &wide } else { &[] };
        let start = out.len() as u32;
        let head = |with_sizes: bool| {
            let mut head = Vec::new();
            head.extend(45_u16.to_le_bytes());
            head.extend(flags.to_le_bytes());
            head.extend(number.to_le_bytes());
            head.extend([0; 4]);
            match (method, with_sizes) {
                (_, false) => head.extend([0; 12]),
                (Method::Zip64, _) => {
                    head.extend(&sizes[..4]);
                    head.extend([0xff; 8]);
                }
                _ => head.extend(&sizes),
            }
            head.extend((name.len() as u16).to_le_bytes());
            head.extend((extra.len() as u16).to_le_bytes());
            head
        };
        out.extend(b"PK\x03\x04");
        out.extend(head(!has_descriptor));
        out.extend(name.as_bytes());
        out.extend(extra);
        out.extend(&data);
        if has_descriptor {
            out.extend(b"PK\x07\x08");
            out.extend(&sizes);
        }
        directory.extend(b"PK\x01\x02\x2d\0");
        directory.extend(head(true));
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
        directory.extend(extra);
    }
    let at = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((members.len() as u16).to_le_bytes());
    out.extend((members.len() as u16).to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// A tar archive in the ustar format; names beyond 100 bytes get a GNU header of their own.
pub(crate) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut entry = |name: &[u8], kind: u8, content: &[u8]| {
        let mut header = [0; 512];
        header[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = kind;
        header[257..263].copy_from_slice(b"ustar\0");
        let sum: u32 = header.iter().map(|&b| u32::from(b)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend(content);
        out.resize(out.len().next_multiple_of(512), 0);
    };
    for (name, content) in members {
        if name.len() > 100 {
            entry(b"././@LongLink", b'L', name.as_bytes());
        }
        entry(name.as_bytes(), if name.ends_with('/') { b'5' } else { b'0' }, content);
    }
    out.extend([0; 1024]);
    out
}
