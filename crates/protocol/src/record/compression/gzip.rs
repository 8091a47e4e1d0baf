//! Gzip as Java's `GZIPOutputStream` writes and `GZIPInputStream` reads it.

use super::{CHUNK_SIZE, Compression, CompressionError, StepError};
use flate2::{Compress, Crc, Decompress, FlushCompress, FlushDecompress, Status};

/// No flags, no time, "unknown" system: what Java 16 and later write.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
const TRAILER_SIZE: usize = 8;
/// The shortest member is a header, an empty stream and a trailer. Fewer bytes than this (the stream's two counted out)
/// behind a member are not looked at by Java.
const MEMBER_SIZE_MIN: usize = HEADER.len() + TRAILER_SIZE;

const FLAG_HEADER_CRC: u8 = 0x02;
const FLAG_EXTRA: u8 = 0x04;
const FLAG_NAME: u8 = 0x08;
const FLAG_COMMENT: u8 = 0x10;

pub(super) fn compress(level: i32, bytes: &[u8], out: &mut Vec<u8>) {
    let level = match level {
        1..=9 => flate2::Compression::new(level.unsigned_abs()),
        10.. => flate2::Compression::best(),
        -1 => flate2::Compression::default(),
        _ => flate2::Compression::fast(),
    };
    out.extend_from_slice(&HEADER);
    let mut deflate = Compress::new(level, false);
    loop {
        let consumed = usize::try_from(deflate.total_in()).expect("no more than there is");
        out.reserve((bytes.len() - consumed) / 4 + 256);
        let status = deflate
            .compress_vec(&bytes[consumed..], out, FlushCompress::Finish)
            .expect("deflate takes any bytes");
        if status == Status::StreamEnd {
            break;
        }
    }
    let mut crc = Crc::new();
    crc.update(bytes);
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&crc.amount().to_le_bytes());
}

#[derive(Debug)]
pub(super) struct GzipReader<'a> {
    input: &'a [u8],
    inflate: Decompress,
    crc: Crc,
    ended: bool,
}

impl<'a> GzipReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, CompressionError> {
        let input = skip_header(bytes)?;
        Ok(Self { input, inflate: Decompress::new(false), crc: Crc::new(), ended: false })
    }

    pub(super) fn read_onto(&mut self, out: &mut Vec<u8>, room: usize) -> Result<(), StepError> {
        let start = out.len();
        while !self.ended && out.len() == start {
            out.reserve(room.min(CHUNK_SIZE));
            let consumed_before = self.inflate.total_in();
            let status = self
                .inflate
                .decompress_vec(self.input, out, FlushDecompress::None)
                .map_err(|_| corrupt("the deflate stream is broken"))?;
            let consumed =
                usize::try_from(self.inflate.total_in() - consumed_before).expect("no more than there is");
            self.input = &self.input[consumed..];
            self.crc.update(&out[start..]);
            match status {
                Status::StreamEnd => self.end_member()?,
                // Neither input nor output moved although there is room for output: the input is cut.
                _ if consumed == 0 && out.len() == start => return Err(corrupt("the stream is cut").into()),
                _ => {}
            }
        }
        Ok(())
    }

    fn end_member(&mut self) -> Result<(), CompressionError> {
        let (trailer, rest) =
            self.input.split_first_chunk::<TRAILER_SIZE>().ok_or(corrupt("the trailer is cut"))?;
        let expected = [self.crc.sum().to_le_bytes(), self.crc.amount().to_le_bytes()].concat();
        if trailer[..] != expected {
            return Err(corrupt("the checksum differs"));
        }
        // Behind a member Java looks for another one, and takes whatever else there is for rubbish.
        match skip_header(rest) {
            Ok(input) if rest.len() > MEMBER_SIZE_MIN => {
                self.input = input;
                self.inflate.reset(false);
                self.crc.reset();
            }
            _ => self.ended = true,
        }
        Ok(())
    }
}

/// What follows the member header at the beginning of `bytes`.
fn skip_header(bytes: &[u8]) -> Result<&[u8], CompressionError> {
    const CUT: CompressionError = corrupt("the header is cut");
    let (fixed, mut rest) = bytes.split_first_chunk::<10>().ok_or(CUT)?;
    if fixed[..3] != HEADER[..3] {
        return Err(corrupt("it does not begin like gzip"));
    }
    let flags = fixed[3];
    if flags & FLAG_EXTRA != 0 {
        let (size, after) = rest.split_first_chunk::<2>().ok_or(CUT)?;
        rest = after.get(usize::from(u16::from_le_bytes(*size))..).ok_or(CUT)?;
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            let end = rest.iter().position(|&byte| byte == 0).ok_or(CUT)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & FLAG_HEADER_CRC != 0 {
        let (stored, after) = rest.split_first_chunk::<2>().ok_or(CUT)?;
        let mut crc = Crc::new();
        crc.update(&bytes[..bytes.len() - rest.len()]);
        if u32::from(u16::from_le_bytes(*stored)) != crc.sum() & 0xffff {
            return Err(corrupt("the header's checksum differs"));
        }
        rest = after;
    }
    Ok(rest)
}

const fn corrupt(reason: &'static str) -> CompressionError {
    CompressionError::Corrupt { compression: Compression::Gzip, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::compression::decompress;

    fn member(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        compress(-1, bytes, &mut out);
        out
    }

    fn read(bytes: &[u8]) -> Result<Vec<u8>, CompressionError> {
        decompress(Compression::Gzip, bytes, 1 << 20)
    }

    #[test]
    fn every_optional_part_of_the_header_is_skipped() {
        let plain = member(b"text");
        let flags = FLAG_EXTRA | FLAG_NAME | FLAG_COMMENT | FLAG_HEADER_CRC;
        let mut header =
            [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2, b'n', 0, b'c', b'c', 0].to_vec();
        let mut crc = Crc::new();
        crc.update(&header);
        header.extend_from_slice(&crc.sum().to_le_bytes()[..2]);
        let whole = [&header, &plain[HEADER.len()..]].concat();
        assert_eq!(read(&whole), Ok(b"text".to_vec()));
        for cut in 0..header.len() {
            assert_eq!(read(&header[..cut]), Err(corrupt("the header is cut")), "{cut}");
        }
        let mut flipped = whole;
        flipped[header.len() - 1] ^= 1;
        assert_eq!(read(&flipped), Err(corrupt("the header's checksum differs")));
    }

    #[test]
    fn members_follow_each_other_and_rubbish_ends_them() {
        let joined = [member(b"one "), member(b""), member(b"two")].concat();
        assert_eq!(read(&joined), Ok(b"one two".to_vec()));
        for rubbish in [&b"rubbish that is longer than a member"[..], b"\x1f", &HEADER, &[0; 18]] {
            assert_eq!(read(&[&joined, rubbish].concat()), Ok(b"one two".to_vec()));
        }
        assert_eq!(
            read(&[&joined, &HEADER[..], &[0xff; 9]].concat()),
            Err(corrupt("the deflate stream is broken"))
        );
    }

    #[test]
    fn the_trailer_must_agree() {
        let good = member(b"some text");
        for at in good.len() - TRAILER_SIZE..good.len() {
            let mut flipped = good.clone();
            flipped[at] ^= 1;
            assert_eq!(read(&flipped), Err(corrupt("the checksum differs")));
        }
    }
}
