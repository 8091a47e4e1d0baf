//! The LZ4 frame format (v1), as Kafka's `Lz4BlockOutputStream` writes and its input stream reads it.
//!
//! ```text
//! u32 magic | flags | block size code << 4 | [u64 content size] | header checksum
//! { u32 size (top bit: stored as it is) | block | [u32 block checksum] }* | u32 0 | [u32 content checksum]
//! ```
//!
//! The frame is read here, and not by a library, because a library sizes its buffers by the header alone.

use super::xxh32::xxh32;
use super::{Compression, CompressionError, StepError};
use lz4_flex::block::{
    CompressTable, DecompressError, compress_into_with_table, decompress_into_with_dict,
    get_maximum_output_size,
};

const MAGIC: [u8; 4] = 0x184d_2204u32.to_le_bytes();
const FLAG_DICTIONARY: u8 = 0x01;
const FLAG_RESERVED: u8 = 0x02;
const FLAG_CONTENT_CHECKSUM: u8 = 0x04;
const FLAG_CONTENT_SIZE: u8 = 0x08;
const FLAG_BLOCK_CHECKSUM: u8 = 0x10;
const FLAG_INDEPENDENT: u8 = 0x20;
const VERSION_MASK: u8 = 0xc0;
const VERSION: u8 = 0x40;

const BLOCK_SIZE_CODE_64_KIB: u8 = 4;
const BLOCK_SIZE: usize = block_size(BLOCK_SIZE_CODE_64_KIB);
const STORED: u32 = 1 << 31;
/// How far back a match may reach.
const WINDOW_SIZE: usize = 64 << 10;
/// The best that LZ4 can do is 255 bytes a byte.
const RATIO_MAX: usize = 255;

const fn block_size(code: u8) -> usize {
    1 << (2 * code + 8)
}

pub(super) fn compress(bytes: &[u8], out: &mut Vec<u8>) {
    let descriptor = [VERSION | FLAG_INDEPENDENT, BLOCK_SIZE_CODE_64_KIB << 4];
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&descriptor);
    out.push(checksum_of(&descriptor));
    let mut table = CompressTable::default();
    for block in bytes.chunks(BLOCK_SIZE) {
        let start = out.len();
        out.resize(start + 4 + get_maximum_output_size(block.len()), 0);
        let size = compress_into_with_table(block, &mut out[start + 4..], &mut table)
            .expect("room for the longest form");
        let word = if size < block.len() {
            out.truncate(start + 4 + size);
            u32::try_from(size).expect("a block is small")
        } else {
            out.truncate(start + 4);
            out.extend_from_slice(block);
            u32::try_from(block.len()).expect("a block is small") | STORED
        };
        out[start..start + 4].copy_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&0u32.to_le_bytes());
}

/// What is done about the checksum of a frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderChecksum {
    Checked,
    /// In magic 0, clients computed it over the wrong bytes.
    Ignored,
}

#[derive(Debug)]
pub(super) struct Lz4Reader<'a> {
    input: &'a [u8],
    flags: u8,
    block_size_max: usize,
    /// The last bytes produced, 64 KiB or more of them, kept only if blocks are linked.
    window: Vec<u8>,
    ended: bool,
}

impl<'a> Lz4Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], header_checksum: HeaderChecksum) -> Result<Self, CompressionError> {
        const CUT: CompressionError = corrupt("the header is cut");
        let rest = bytes.strip_prefix(&MAGIC).ok_or(corrupt("it does not begin like lz4"))?;
        let &[flags, size, ..] = rest else { return Err(CUT) };
        if flags & VERSION_MASK != VERSION || flags & (FLAG_RESERVED | FLAG_DICTIONARY) != 0 {
            return Err(unsupported("a flag that no client of Kafka sets"));
        }
        let code = size >> 4;
        if size & 0x0f != 0 || !(4..=7).contains(&code) {
            return Err(unsupported("a block size that is none"));
        }
        let descriptor_size = if flags & FLAG_CONTENT_SIZE == 0 { 2 } else { 10 };
        let (descriptor, rest) = rest.split_at_checked(descriptor_size).ok_or(CUT)?;
        let (&checksum, input) = rest.split_first().ok_or(CUT)?;
        if header_checksum == HeaderChecksum::Checked && checksum != checksum_of(descriptor) {
            return Err(corrupt("the header's checksum differs"));
        }
        Ok(Self { input, flags, block_size_max: block_size(code), window: Vec::new(), ended: false })
    }

    pub(super) fn read_onto(&mut self, out: &mut Vec<u8>, room: usize) -> Result<(), StepError> {
        let start = out.len();
        while !self.ended && out.len() == start {
            self.read_block(out, room)?;
        }
        Ok(())
    }

    fn read_block(&mut self, out: &mut Vec<u8>, room: usize) -> Result<(), StepError> {
        let word = u32::from_le_bytes(*self.take::<4>()?);
        let size = (word & !STORED) as usize;
        if size == 0 {
            // As in Kafka, a content checksum is read over, and so is whatever follows the frame: the batch's CRC has
            // covered these bytes already.
            if self.flags & FLAG_CONTENT_CHECKSUM != 0 {
                self.take::<4>()?;
            }
            self.ended = true;
            return Ok(());
        }
        if size > self.block_size_max {
            return Err(corrupt("a block is larger than the frame allows").into());
        }
        let (block, rest) = self.input.split_at_checked(size).ok_or(corrupt("a block is cut"))?;
        self.input = rest;
        if self.flags & FLAG_BLOCK_CHECKSUM != 0 && u32::from_le_bytes(*self.take::<4>()?) != xxh32(block) {
            return Err(corrupt("a block's checksum differs").into());
        }
        let start = out.len();
        if word & STORED != 0 {
            if size > room {
                return Err(StepError::NoRoom);
            }
            out.extend_from_slice(block);
        } else {
            self.decompress_block(block, out, room)?;
        }
        if self.flags & FLAG_INDEPENDENT == 0 {
            self.keep_window(start, out);
        }
        Ok(())
    }

    fn decompress_block(&self, block: &[u8], out: &mut Vec<u8>, room: usize) -> Result<(), StepError> {
        let start = out.len();
        let size_max = self.block_size_max.min(block.len().saturating_mul(RATIO_MAX));
        out.resize(start + size_max.min(room), 0);
        match decompress_into_with_dict(block, &mut out[start..], &self.window) {
            Ok(size) => {
                out.truncate(start + size);
                Ok(())
            }
            Err(DecompressError::OutputTooSmall { .. }) if room < size_max => Err(StepError::NoRoom),
            Err(_) => Err(corrupt("a block is broken").into()),
        }
    }

    fn keep_window(&mut self, start: usize, out: &[u8]) {
        self.window.extend_from_slice(&out[start.max(out.len().saturating_sub(WINDOW_SIZE))..]);
        // Only now and then: a frame of a hundred thousand tiny blocks must not move 64 KiB for each.
        if self.window.len() > 2 * WINDOW_SIZE {
            let surplus = self.window.len() - WINDOW_SIZE;
            self.window.drain(..surplus);
        }
    }

    fn take<const N: usize>(&mut self) -> Result<&'a [u8; N], CompressionError> {
        let (taken, rest) = self.input.split_first_chunk::<N>().ok_or(corrupt("the frame is cut"))?;
        self.input = rest;
        Ok(taken)
    }
}

fn checksum_of(descriptor: &[u8]) -> u8 {
    (xxh32(descriptor) >> 8) as u8
}

const fn corrupt(reason: &'static str) -> CompressionError {
    CompressionError::Corrupt { compression: Compression::Lz4, reason }
}

const fn unsupported(reason: &'static str) -> CompressionError {
    CompressionError::Unsupported { compression: Compression::Lz4, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::compression::decompress;

    /// A frame of these flags and this size code with blocks as they are given.
    fn frame(flags: u8, code: u8, blocks: &[u8]) -> Vec<u8> {
        let descriptor = [flags, code << 4];
        [&MAGIC[..], &descriptor, &[checksum_of(&descriptor)], blocks].concat()
    }

    fn read(frame: &[u8]) -> Result<Vec<u8>, CompressionError> {
        decompress(Compression::Lz4, frame, 8 << 20)
    }

    const INDEPENDENT: u8 = VERSION | FLAG_INDEPENDENT;
    const STORED_ABC: [u8; 7] = [3, 0, 0, 0x80, b'a', b'b', b'c'];
    const END: [u8; 4] = [0; 4];

    #[test]
    fn the_header_is_the_one_that_kafka_writes() {
        assert_eq!(compress_all(b""), [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0]);
        assert_eq!(read(&frame(INDEPENDENT, 4, &[&STORED_ABC[..], &END].concat())), Ok(b"abc".to_vec()));
    }

    fn compress_all(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        compress(bytes, &mut out);
        out
    }

    #[test]
    fn flags_and_sizes_that_no_client_sets_are_refused() {
        let blocks = [&STORED_ABC[..], &END].concat();
        for flags in [0x20, 0xa0, INDEPENDENT | FLAG_DICTIONARY, INDEPENDENT | FLAG_RESERVED] {
            assert_eq!(
                read(&frame(flags, 4, &blocks)),
                Err(unsupported("a flag that no client of Kafka sets"))
            );
        }
        for code in [0, 3, 8, 15] {
            assert_eq!(
                read(&frame(INDEPENDENT, code, &blocks)),
                Err(unsupported("a block size that is none"))
            );
        }
        let mut flipped = frame(INDEPENDENT, 4, &blocks);
        flipped[6] ^= 1;
        assert_eq!(read(&flipped), Err(corrupt("the header's checksum differs")));
    }

    #[test]
    fn block_sizes_are_checked_against_frame_and_bytes() {
        let size = |size: u32| frame(INDEPENDENT, 4, &size.to_le_bytes());
        assert_eq!(
            read(&size(BLOCK_SIZE as u32 + 1)),
            Err(corrupt("a block is larger than the frame allows"))
        );
        assert_eq!(read(&size(u32::MAX)), Err(corrupt("a block is larger than the frame allows")));
        assert_eq!(read(&size(BLOCK_SIZE as u32)), Err(corrupt("a block is cut")));
        assert_eq!(read(&frame(INDEPENDENT, 4, &STORED_ABC)), Err(corrupt("the frame is cut")));
    }

    #[test]
    fn a_block_takes_no_more_room_than_it_can_fill() {
        let literal_a = [2, 0, 0, 0, 0x10, b'a'];
        let bytes = frame(INDEPENDENT, 7, &[&literal_a[..], &END].concat());
        let mut reader = Lz4Reader::new(&bytes, HeaderChecksum::Checked).unwrap();
        let mut out = Vec::new();
        reader.read_onto(&mut out, 8 << 20).unwrap();
        assert_eq!(out, b"a");
        assert!(out.capacity() <= 2 * RATIO_MAX, "{} for blocks of up to 4 MiB", out.capacity());
    }

    #[test]
    fn matches_reach_into_the_block_before_only_if_blocks_are_linked() {
        // The second block copies four bytes from eight back, and ends with literals.
        let first = [8, 0, 0, 0x80, b'0', b'1', b'2', b'3', b'4', b'5', b'6', b'7'];
        let second = [9, 0, 0, 0, 0x00, 8, 0, 0x50, b'v', b'w', b'x', b'y', b'z'];
        let blocks = [&first[..], &second, &END].concat();
        assert_eq!(read(&frame(VERSION, 4, &blocks)), Ok(b"012345670123vwxyz".to_vec()));
        assert_eq!(read(&frame(INDEPENDENT, 4, &blocks)), Err(corrupt("a block is broken")));
    }
}
