//! Snappy in the framing of snappy-java: a header, then blocks, each behind its size.
//!
//! ```text
//! 82 'S' 'N' 'A' 'P' 'P' 'Y' 00 | i32 version 1 | i32 least version of readers 1 | { i32 size, raw snappy block }*
//! ```

use super::{Compression, CompressionError, StepError};

const MAGIC: [u8; 8] = *b"\x82SNAPPY\0";
const HEADER_SIZE: usize = MAGIC.len() + 8;
const VERSION: i32 = 1;
/// Uncompressed bytes of a block that snappy-java writes.
const BLOCK_SIZE: usize = 32 << 10;
/// The best that snappy can do is a copy of 64 bytes in 3.
const RATIO_MAX: usize = 64 / 3 + 1;

pub(super) fn compress(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_be_bytes());
    out.extend_from_slice(&VERSION.to_be_bytes());
    let mut encoder = snap::raw::Encoder::new();
    for block in bytes.chunks(BLOCK_SIZE) {
        let start = out.len();
        out.resize(start + 4 + snap::raw::max_compress_len(block.len()), 0);
        let size = encoder.compress(block, &mut out[start + 4..]).expect("room for the longest form");
        out[start..start + 4].copy_from_slice(&u32::try_from(size).expect("a block is small").to_be_bytes());
        out.truncate(start + 4 + size);
    }
}

#[derive(Debug)]
pub(super) enum SnappyReader<'a> {
    /// What is left of a stream of blocks.
    Blocks(&'a [u8]),
    /// One block without any framing, or nothing once it has been read.
    Raw(&'a [u8]),
}

impl<'a> SnappyReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, CompressionError> {
        if bytes.is_empty() {
            return Err(corrupt("it is empty"));
        }
        match skip_header(bytes)? {
            Some(blocks) => Ok(Self::Blocks(blocks)),
            None => Ok(Self::Raw(bytes)),
        }
    }

    pub(super) fn read_onto(&mut self, out: &mut Vec<u8>, room: usize) -> Result<(), StepError> {
        let start = out.len();
        while out.len() == start {
            let Some(block) = self.next_block()? else { break };
            decompress_block(block, out, room)?;
        }
        Ok(())
    }

    fn next_block(&mut self) -> Result<Option<&'a [u8]>, CompressionError> {
        match self {
            Self::Raw([]) => Ok(None),
            Self::Raw(block) => Ok(Some(std::mem::take(block))),
            Self::Blocks(rest) => {
                // Another stream may follow, beginning where a block's size would be. The first byte of its magic would
                // make that size negative.
                while let Some(blocks) = skip_header(rest)? {
                    *rest = blocks;
                }
                // Fewer than four bytes are the end for snappy-java.
                let Some((size, after)) = rest.split_first_chunk::<4>() else { return Ok(None) };
                let size = usize::try_from(i32::from_be_bytes(*size))
                    .map_err(|_| corrupt("a block size is negative"))?;
                let (block, after) = after.split_at_checked(size).ok_or(corrupt("a block is cut"))?;
                *rest = after;
                Ok(Some(block))
            }
        }
    }
}

fn decompress_block(block: &[u8], out: &mut Vec<u8>, room: usize) -> Result<(), StepError> {
    let size = snap::raw::decompress_len(block).map_err(|_| corrupt("a block has no size"))?;
    if size > block.len().saturating_mul(RATIO_MAX) {
        return Err(corrupt("a block declares more than it can hold").into());
    }
    if size > room {
        return Err(StepError::NoRoom);
    }
    let start = out.len();
    out.resize(start + size, 0);
    let written = snap::raw::Decoder::new()
        .decompress(block, &mut out[start..])
        .map_err(|_| corrupt("a block is broken"))?;
    debug_assert_eq!(written, size);
    Ok(())
}

/// What follows the stream header at the beginning of `bytes`, or `None` if there is no such header.
fn skip_header(bytes: &[u8]) -> Result<Option<&[u8]>, CompressionError> {
    if !bytes.starts_with(&MAGIC) {
        return Ok(None);
    }
    // snappy-java takes any version in the header.
    bytes.get(HEADER_SIZE..).map(Some).ok_or(corrupt("the header is cut"))
}

const fn corrupt(reason: &'static str) -> CompressionError {
    CompressionError::Corrupt { compression: Compression::Snappy, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::compression::decompress;

    fn read(bytes: &[u8]) -> Result<Vec<u8>, CompressionError> {
        decompress(Compression::Snappy, bytes, 1 << 20)
    }

    fn stream(blocks: &[u8]) -> Vec<u8> {
        [&MAGIC[..], &[0, 0, 0, 1, 0, 0, 0, 1], blocks].concat()
    }

    #[test]
    fn blocks_are_of_32_kib() {
        let mut out = Vec::new();
        compress(&[b'a'; 70_000], &mut out);
        let mut rest = &out[HEADER_SIZE..];
        let mut sizes = Vec::new();
        while let Some((size, after)) = rest.split_first_chunk() {
            let (block, after) = after.split_at(u32::from_be_bytes(*size) as usize);
            sizes.push(snap::raw::decompress_len(block).unwrap());
            rest = after;
        }
        assert_eq!(sizes, [32_768, 32_768, 4_464]);
    }

    #[test]
    fn sizes_are_checked_before_anything_is_allocated() {
        for size in [-1, i32::MIN, 5, i32::MAX] {
            assert!(read(&stream(&[&size.to_be_bytes()[..], b"abc"].concat())).is_err(), "{size}");
        }
        // A raw block that claims 4 GiB, and one that claims more than its three bytes can hold.
        assert_eq!(
            read(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0]),
            Err(corrupt("a block declares more than it can hold"))
        );
        assert_eq!(read(&[0x80, 0x01, 0]), Err(corrupt("a block declares more than it can hold")));
        assert_eq!(read(&stream(b"")), Ok(vec![]));
        assert_eq!(read(&[]), Err(corrupt("it is empty")));
    }

    #[test]
    fn empty_blocks_are_no_end() {
        let block = [0, 0, 0, 5, 3, 8, b'a', b'b', b'c'];
        let empty = [0, 0, 0, 1, 0];
        assert_eq!(read(&stream(&[&empty[..], &block, &empty, &block].concat())), Ok(b"abcabc".to_vec()));
        assert_eq!(
            read(&stream(&[&block[..], b"\0\0"].concat())),
            Ok(b"abc".to_vec()),
            "less than a size is the end"
        );
    }
}
