//! Zstandard: plain frames, one behind the other.
//!
//! A decoder keeps a window as large as the frame's header asks for, up to 128 MiB (which is what the highest levels of
//! Java's producer ask for, however little they compress). No match reaches behind the first byte, so that a window
//! beyond the output's cap has no use: the header is handed to the decoder with the window cut to the cap.

mod context;

use super::{CHUNK_SIZE, Compression, CompressionError, StepError};
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

const MAGIC: [u8; 4] = 0xfd2f_b528u32.to_le_bytes();
const SKIPPABLE_MAGIC: u32 = 0x184d_2a50;
/// Magic, frame descriptor and window descriptor.
const HEAD_SIZE: usize = 6;
const FLAG_SINGLE_SEGMENT: u8 = 0x20;
/// The largest window that a decoder takes unless told otherwise, Java's included, in bytes.
const WINDOW_SIZE_MAX: u64 = (1 << 27) + 1;
const WINDOW_LOG_MIN: u32 = 10;
/// Window of level 3, the default of Kafka's producers. A decoder that has had a larger one is not kept.
const WINDOW_SIZE_KEPT: u64 = 2 << 20;

pub(super) fn compress(level: i32, bytes: &[u8], out: &mut Vec<u8>) {
    let levels = Compression::Zstd.levels().expect("zstd has levels");
    out.extend_from_slice(&context::compress(level.clamp(*levels.start(), *levels.end()), bytes));
}

pub(super) struct ZstdReader<'a> {
    input: &'a [u8],
    /// Beginning of the current frame, until the decoder has taken it.
    head: Vec<u8>,
    /// There until the reader is dropped.
    decoder: Option<Decoder<'static>>,
    /// Whether the decoder holds no more memory than one of the usual level.
    is_decoder_small: bool,
    in_frame: bool,
    limit: usize,
}

impl std::fmt::Debug for ZstdReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ZstdReader")
            .field("input", &self.input.len())
            .field("in_frame", &self.in_frame)
            .finish()
    }
}

impl<'a> ZstdReader<'a> {
    pub(super) fn new(bytes: &'a [u8], limit: usize) -> Self {
        let decoder = context::take_decoder();
        Self { input: bytes, head: Vec::new(), decoder, is_decoder_small: true, in_frame: false, limit }
    }

    pub(super) fn read_onto(&mut self, out: &mut Vec<u8>, room: usize) -> Result<(), StepError> {
        let start = out.len();
        while out.len() == start {
            if !self.in_frame && !self.begin_frame()? {
                break;
            }
            out.reserve(room.min(CHUNK_SIZE));
            self.step(out)?;
        }
        Ok(())
    }

    /// Moves to the next frame that holds data; false if there is none.
    fn begin_frame(&mut self) -> Result<bool, StepError> {
        while let Some((magic, rest)) = self.input.split_first_chunk::<4>() {
            if u32::from_le_bytes(*magic) & !0x0f == SKIPPABLE_MAGIC {
                let (size, rest) = rest.split_first_chunk::<4>().ok_or(corrupt("a frame is cut"))?;
                let size = u32::from_le_bytes(*size) as usize;
                self.input = rest.get(size..).ok_or(corrupt("a frame is cut"))?;
                continue;
            }
            if *magic != MAGIC {
                return Err(corrupt("it does not begin like zstd").into());
            }
            self.prepare_head()?;
            self.in_frame = true;
            return Ok(true);
        }
        if self.input.is_empty() { Ok(false) } else { Err(corrupt("a frame is cut").into()) }
    }

    /// Checks the window, and cuts it to what can be used.
    fn prepare_head(&mut self) -> Result<(), StepError> {
        let (head, rest) = self.input.split_first_chunk::<HEAD_SIZE>().ok_or(corrupt("a frame is cut"))?;
        let [.., descriptor, window] = *head;
        if descriptor & FLAG_SINGLE_SEGMENT != 0 {
            let size =
                content_size(descriptor, &self.input[HEAD_SIZE - 1..]).ok_or(corrupt("a frame is cut"))?;
            // The window is the content: there is nothing to cut.
            self.is_decoder_small &= size <= WINDOW_SIZE_KEPT;
            return if size > self.limit as u64 { Err(StepError::NoRoom) } else { Ok(()) };
        }
        let base = 1u64 << (WINDOW_LOG_MIN + u32::from(window >> 3));
        if base + base / 8 * u64::from(window & 7) > WINDOW_SIZE_MAX {
            return Err(unsupported("a window of more than 128 MiB").into());
        }
        let useful_log = (self.limit.max(1) as u64).next_power_of_two().ilog2().clamp(WINDOW_LOG_MIN, 27);
        self.is_decoder_small &= base.min(1 << useful_log) <= WINDOW_SIZE_KEPT;
        if base > 1 << useful_log {
            let mut head = *head;
            head[HEAD_SIZE - 1] = u8::try_from(useful_log - WINDOW_LOG_MIN).expect("17 at most") << 3;
            self.head = head.to_vec();
            self.input = rest;
        }
        Ok(())
    }

    fn step(&mut self, out: &mut Vec<u8>) -> Result<(), StepError> {
        let start = out.len();
        let from_head = !self.head.is_empty();
        let mut input = InBuffer::around(if from_head { &self.head } else { self.input });
        let mut output = OutBuffer::around_pos(out, start);
        let decoder = self.decoder.as_mut().ok_or(unsupported("there is no memory for a decoder"))?;
        let hint = decoder.run(&mut input, &mut output).map_err(|_| corrupt("a frame is broken"))?;
        let consumed = input.pos();
        if from_head {
            self.head.drain(..consumed);
        } else {
            self.input = &self.input[consumed..];
        }
        if hint == 0 {
            self.in_frame = false;
        } else if consumed == 0 && out.len() == start {
            return Err(corrupt("a frame is cut").into());
        }
        Ok(())
    }
}

impl Drop for ZstdReader<'_> {
    fn drop(&mut self) {
        if let Some(decoder) = self.decoder.take()
            && self.is_decoder_small
        {
            context::keep_decoder(decoder);
        }
    }
}

/// The content size of a single-segment frame. `rest` is what follows the descriptor.
fn content_size(descriptor: u8, rest: &[u8]) -> Option<u64> {
    let dictionary_id_size = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let rest = rest.get(dictionary_id_size..)?;
    match descriptor >> 6 {
        0 => rest.first().map(|&size| u64::from(size)),
        1 => rest.first_chunk().map(|&size| u64::from(u16::from_le_bytes(size)) + 256),
        2 => rest.first_chunk().map(|&size| u64::from(u32::from_le_bytes(size))),
        _ => rest.first_chunk().map(|&size| u64::from_le_bytes(size)),
    }
}

const fn corrupt(reason: &'static str) -> CompressionError {
    CompressionError::Corrupt { compression: Compression::Zstd, reason }
}

const fn unsupported(reason: &'static str) -> CompressionError {
    CompressionError::Unsupported { compression: Compression::Zstd, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::compression::decompress;

    /// A frame of this descriptor, these header fields, and one last block of the bytes 1, 2, 3 as they are.
    fn frame(descriptor: u8, fields: &[u8]) -> Vec<u8> {
        [&MAGIC, &[descriptor][..], fields, &[0x19, 0, 0, 1, 2, 3]].concat()
    }

    fn read(frame: &[u8], limit: usize) -> Result<Vec<u8>, CompressionError> {
        decompress(Compression::Zstd, frame, limit)
    }

    #[test]
    fn a_window_up_to_128_mib_is_taken_and_cut_to_the_cap() {
        let window = |log: u8| frame(0, &[(log - 10) << 3]);
        for log in [10, 11, 21, 23, 27] {
            for limit in [3, 1 << 10, 1 << 20] {
                assert_eq!(read(&window(log), limit), Ok(vec![1, 2, 3]), "{log} {limit}");
            }
        }
        for log in [28, 31, 41] {
            let error = CompressionError::Unsupported {
                compression: Compression::Zstd,
                reason: "a window of more than 128 MiB",
            };
            assert_eq!(read(&window(log), 1 << 20), Err(error), "{log}");
        }
    }

    #[test]
    fn a_content_size_beyond_the_cap_is_refused_at_once() {
        let limit = 1 << 20;
        for size in [limit as u64 + 1, 1 << 40, u64::MAX] {
            let frame = frame(0xe0, &size.to_le_bytes());
            assert_eq!(read(&frame, limit), Err(CompressionError::LimitExceeded { limit }));
        }
        assert_eq!(read(&frame(0xe0, &1_000_000u64.to_le_bytes()), limit), Err(corrupt("a frame is broken")));
        assert_eq!(read(&frame(0xe0, &3u64.to_le_bytes()), 3), Ok(vec![1, 2, 3]));
        assert_eq!(read(&frame(0x20, &[3]), 3), Ok(vec![1, 2, 3]));
    }

    #[test]
    fn a_decoder_starts_afresh_after_a_stream_that_broke() {
        let good = frame(0x20, &[3]);
        for cut in 0..good.len() {
            let _ = read(&good[..cut], 3);
            assert_eq!(read(&good, 3), Ok(vec![1, 2, 3]));
        }
    }

    #[test]
    fn bytes_behind_a_frame_must_be_frames() {
        let rubbish = [frame(0x20, &[3]), vec![7; 5]].concat();
        assert_eq!(read(&rubbish, 9), Err(corrupt("it does not begin like zstd")));
        let skippable = [&SKIPPABLE_MAGIC.to_le_bytes(), &u32::MAX.to_le_bytes(), &[0; 9][..]].concat();
        assert_eq!(read(&skippable, 9), Err(corrupt("a frame is cut")));
    }
}
