//! The codecs of record batches, in the framings that Kafka's clients write and read.
//!
//! | codec | written | read as well |
//! |---|---|---|
//! | gzip | one member | several members, rubbish behind them |
//! | snappy | snappy-java's stream of 32 KiB blocks | blocks of other sizes, joined streams, one raw block |
//! | lz4 | frame of independent 64 KiB blocks, no checksums | blocks up to 4 MiB, linked blocks, checksums |
//! | zstd | one frame | several frames, skippable frames, windows up to 128 MiB |
//!
//! Compressed bytes come from peers. Decompression is a stream with a cap: it never holds much more than what it has
//! really produced, whatever sizes the bytes declare.

mod gzip;
mod lz4;
mod snappy;
mod xxh32;
mod zstandard;

use std::fmt;
use std::ops::RangeInclusive;

/// A codec of record batches (`compression.type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// Records as they are.
    #[default]
    None,
    /// RFC 1952.
    Gzip,
    /// Snappy, in the framing of snappy-java.
    Snappy,
    /// The LZ4 frame format.
    Lz4,
    /// RFC 8878.
    Zstd,
}

/// A codec number that names no codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown compression code {0}")]
pub struct UnknownCompression(pub u8);

impl Compression {
    /// Every codec, in the order of their codes.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The code in a batch's attributes.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Gzip => 1,
            Self::Snappy => 2,
            Self::Lz4 => 3,
            Self::Zstd => 4,
        }
    }

    /// The codec with this code.
    pub const fn from_code(code: u8) -> Result<Self, UnknownCompression> {
        match code {
            0 => Ok(Self::None),
            1 => Ok(Self::Gzip),
            2 => Ok(Self::Snappy),
            3 => Ok(Self::Lz4),
            4 => Ok(Self::Zstd),
            _ => Err(UnknownCompression(code)),
        }
    }

    /// The name in configurations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// The codec with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|compression| compression.name() == name)
    }

    /// The levels that a configuration may name (`compression.gzip.level` and its like), the default among them;
    /// `None` for codecs without levels. Source: KIP-390; Kafka `CompressionType`.
    #[must_use]
    pub const fn levels(self) -> Option<RangeInclusive<i32>> {
        match self {
            Self::None | Self::Snappy => None,
            Self::Gzip => Some(1..=9),
            Self::Lz4 => Some(1..=17),
            Self::Zstd => Some(-131_072..=22),
        }
    }

    /// The level that is taken when none is named; for gzip -1, "the library's choice".
    #[must_use]
    pub const fn default_level(self) -> Option<i32> {
        match self {
            Self::None | Self::Snappy => None,
            Self::Gzip => Some(-1),
            Self::Lz4 => Some(9),
            Self::Zstd => Some(3),
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Bytes that cannot be decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompressionError {
    /// The code in the attributes names no codec.
    #[error("unknown compression code {code}")]
    Unknown {
        /// The code.
        code: u8,
    },
    /// The bytes are not what the codec writes.
    #[error("{compression} data is corrupt: {reason}")]
    Corrupt {
        /// The codec.
        compression: Compression,
        /// What is wrong.
        reason: &'static str,
    },
    /// The bytes use a part of the format that no reader of Kafka's takes.
    #[error("{compression} data is not supported: {reason}")]
    Unsupported {
        /// The codec.
        compression: Compression,
        /// What it uses.
        reason: &'static str,
    },
    /// The bytes decompress to more than the caller allows.
    #[error("data decompresses to more than {limit} bytes")]
    LimitExceeded {
        /// What the caller allows.
        limit: usize,
    },
}

impl From<UnknownCompression> for CompressionError {
    fn from(UnknownCompression(code): UnknownCompression) -> Self {
        Self::Unknown { code }
    }
}

/// Compresses `bytes`. `level` is one of [`Compression::levels`], or `None` for the default; a level out of range counts
/// as the nearest one.
///
/// Lz4 has one level here: higher ones cost time at the producer only, and no reader can tell.
#[must_use]
pub fn compress(compression: Compression, level: Option<i32>, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    compress_onto(compression, level, bytes, &mut out);
    out
}

/// Appends the compressed form of `bytes` to `out`. See [`compress`].
pub fn compress_onto(compression: Compression, level: Option<i32>, bytes: &[u8], out: &mut Vec<u8>) {
    let level = level.or(compression.default_level()).unwrap_or_default();
    match compression {
        Compression::None => out.extend_from_slice(bytes),
        Compression::Gzip => gzip::compress(level, bytes, out),
        Compression::Snappy => snappy::compress(bytes, out),
        Compression::Lz4 => lz4::compress(bytes, out),
        Compression::Zstd => zstandard::compress(level, bytes, out),
    }
}

/// Decompresses `bytes` to at most `limit` bytes.
///
/// Errors: bytes that are not the codec's, that end too early, or that hold more than `limit`.
pub fn decompress(compression: Compression, bytes: &[u8], limit: usize) -> Result<Vec<u8>, CompressionError> {
    Decoder::new(compression, bytes, limit)?.read_all(Vec::with_capacity(limit.min(bytes.len())))
}

/// Decompresses a message set of magic 0, whose lz4 frames have a header checksum that is wrong by today's rules.
///
/// Source: KIP-57; Kafka `Lz4BlockInputStream.ignoreFlagDescriptorChecksum`.
pub fn decompress_magic_0(
    compression: Compression,
    bytes: &[u8],
    limit: usize,
) -> Result<Vec<u8>, CompressionError> {
    if compression != Compression::Lz4 {
        return decompress(compression, bytes, limit);
    }
    let source = Source::Lz4(lz4::Lz4Reader::new(bytes, lz4::HeaderChecksum::Ignored)?);
    Decoder { source, limit, produced: 0 }.read_all(Vec::new())
}

/// A stream of decompressed bytes, for those who need not see them all at once.
#[derive(Debug)]
pub struct Decoder<'a> {
    source: Source<'a>,
    limit: usize,
    produced: usize,
}

#[derive(Debug)]
enum Source<'a> {
    None(&'a [u8]),
    Gzip(Box<gzip::GzipReader<'a>>),
    Snappy(snappy::SnappyReader<'a>),
    Lz4(lz4::Lz4Reader<'a>),
    Zstd(zstandard::ZstdReader<'a>),
}

/// About how many bytes one step of a decoder produces, for codecs that can stop anywhere.
const CHUNK_SIZE: usize = 64 << 10;

impl<'a> Decoder<'a> {
    /// A stream of what `bytes` decompress to, of `limit` bytes at most. Errors: a header that is not the codec's.
    pub fn new(compression: Compression, bytes: &'a [u8], limit: usize) -> Result<Self, CompressionError> {
        let source = match compression {
            Compression::None => Source::None(bytes),
            Compression::Gzip => Source::Gzip(Box::new(gzip::GzipReader::new(bytes)?)),
            Compression::Snappy => Source::Snappy(snappy::SnappyReader::new(bytes)?),
            Compression::Lz4 => Source::Lz4(lz4::Lz4Reader::new(bytes, lz4::HeaderChecksum::Checked)?),
            Compression::Zstd => Source::Zstd(zstandard::ZstdReader::new(bytes, limit)),
        };
        Ok(Self { source, limit, produced: 0 })
    }

    fn read_all(mut self, mut out: Vec<u8>) -> Result<Vec<u8>, CompressionError> {
        while self.read_onto(&mut out)? > 0 {}
        Ok(out)
    }

    /// Appends the next bytes of the stream to `out` and returns how many; 0 means the end. A step is 4 MiB at most,
    /// apart from a raw snappy block, which is one step.
    pub fn read_onto(&mut self, out: &mut Vec<u8>) -> Result<usize, CompressionError> {
        let before = out.len();
        // One byte more than allowed, so that a stream that ends exactly at the limit can be told from a longer one.
        let room = (self.limit - self.produced).saturating_add(1);
        let step = match &mut self.source {
            Source::None(rest) => {
                let (now, later) = rest.split_at(rest.len().min(CHUNK_SIZE).min(room));
                out.extend_from_slice(now);
                *rest = later;
                Ok(())
            }
            Source::Gzip(reader) => reader.read_onto(out, room),
            Source::Snappy(reader) => reader.read_onto(out, room),
            Source::Lz4(reader) => reader.read_onto(out, room),
            Source::Zstd(reader) => reader.read_onto(out, room),
        };
        let limit = self.limit;
        step.map_err(|error| match error {
            StepError::Codec(error) => error,
            StepError::NoRoom => CompressionError::LimitExceeded { limit },
        })?;
        let count = out.len() - before;
        self.produced += count;
        if self.produced > limit {
            return Err(CompressionError::LimitExceeded { limit });
        }
        Ok(count)
    }
}

/// Why a codec could not take a step.
#[derive(Debug)]
enum StepError {
    Codec(CompressionError),
    /// The next block does not fit in the room that is left.
    NoRoom,
}

impl From<CompressionError> for StepError {
    fn from(error: CompressionError) -> Self {
        Self::Codec(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Text that compresses, and is larger than the blocks of every codec.
    fn text(size: usize) -> Vec<u8> {
        (0u32..)
            .flat_map(|i| format!("line {} of {}\n", i, i.wrapping_mul(2_654_435_761) >> 20).into_bytes())
            .take(size)
            .collect()
    }

    #[test]
    fn codes_and_names_are_kafkas() {
        let table = Compression::ALL.map(|codec| (codec.code(), codec.name()));
        assert_eq!(table, [(0, "none"), (1, "gzip"), (2, "snappy"), (3, "lz4"), (4, "zstd")]);
        for codec in Compression::ALL {
            assert_eq!(Compression::from_code(codec.code()), Ok(codec));
            assert_eq!(Compression::from_name(codec.name()), Some(codec));
        }
        assert_eq!(Compression::from_code(5), Err(UnknownCompression(5)));
        assert_eq!(Compression::from_name("producer"), None);
    }

    #[test]
    fn every_codec_and_level_round_trips() {
        let plain = text(200_000);
        for codec in Compression::ALL {
            for level in [None, Some(i32::MIN), Some(-1), Some(1), Some(9), Some(19), Some(i32::MAX)] {
                for size in [0, 1, 12, 13, 100, 32 << 10, (64 << 10) - 1, 64 << 10, 200_000] {
                    let compressed = compress(codec, level, &plain[..size]);
                    assert_eq!(
                        decompress(codec, &compressed, size).as_deref(),
                        Ok(&plain[..size]),
                        "{codec} {level:?} {size}"
                    );
                }
            }
        }
    }

    #[test]
    fn more_than_the_limit_is_refused() {
        let plain = text(200_000);
        for codec in Compression::ALL {
            for size in [1, 100, 32 << 10, 64 << 10, 200_000] {
                let compressed = compress(codec, None, &plain[..size]);
                for limit in [0, size / 2, size - 1] {
                    let error = CompressionError::LimitExceeded { limit };
                    assert_eq!(decompress(codec, &compressed, limit), Err(error), "{codec} {size} {limit}");
                }
            }
        }
    }

    #[test]
    fn cut_streams_are_refused() {
        let plain = text(5_000);
        for codec in Compression::ALL.into_iter().skip(1) {
            let compressed = compress(codec, None, &plain);
            for cut in 0..compressed.len() {
                match decompress(codec, &compressed[..cut], 1 << 20) {
                    // snappy-java cannot tell a stream that is cut between blocks, or in a block's size.
                    Ok(bytes) if codec == Compression::Snappy => {
                        assert!(bytes.is_empty() && cut < 20, "{cut}")
                    }
                    // No frame at all is an empty stream.
                    Ok(bytes) if codec == Compression::Zstd => assert!(bytes.is_empty() && cut == 0, "{cut}"),
                    Ok(_) => panic!("{codec} cut at {cut}"),
                    Err(CompressionError::Corrupt { compression, .. }) => assert_eq!(compression, codec),
                    Err(error) => panic!("{codec} cut at {cut}: {error}"),
                }
            }
        }
    }

    proptest! {
        #[test]
        fn random_bytes_round_trip(plain: Vec<u8>) {
            for codec in Compression::ALL {
                let compressed = compress(codec, None, &plain);
                prop_assert_eq!(decompress(codec, &compressed, plain.len()), Ok(plain.clone()));
            }
        }

        #[test]
        fn mutated_bytes_never_panic(size in 0usize..2_000, at: usize, with: u8, cut: usize) {
            let plain = text(size);
            for codec in Compression::ALL {
                let mut bytes = compress(codec, None, &plain);
                if !bytes.is_empty() {
                    let at = at % bytes.len();
                    bytes[at] ^= with;
                    bytes.truncate(bytes.len().saturating_sub(cut % 4));
                    if let Ok(out) = decompress(codec, &bytes, 1 << 20) {
                        prop_assert!(out.len() <= 1 << 20);
                    }
                }
            }
        }
    }
}
