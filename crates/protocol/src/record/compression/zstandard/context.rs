//! Contexts of zstd that outlive a batch: making one costs 8 us, more than decompressing a batch of 10 KB.
//!
//! Each thread keeps one of each kind at rest. What a context did before does not show in what it does next.

use std::cell::Cell;
use std::thread::LocalKey;
use zstd::bulk::Compressor;
use zstd::stream::raw::{Decoder, Operation};

thread_local! {
    static DECODER: Cell<Option<Decoder<'static>>> = const { Cell::new(None) };
    static COMPRESSOR: Cell<Option<Compressor<'static>>> = const { Cell::new(None) };
}

/// Levels above this one take tens of MiB, which nobody keeps for later.
const LEVEL_KEPT_MAX: i32 = 6;

/// A decoder in its first state; `None` if there is no memory for one.
pub(super) fn take_decoder() -> Option<Decoder<'static>> {
    match take(&DECODER) {
        Some(mut decoder) => decoder.reinit().ok().map(|()| decoder),
        None => Decoder::new().ok(),
    }
}

/// Gives a decoder back, whatever state it is in.
pub(super) fn keep_decoder(decoder: Decoder<'static>) {
    keep(&DECODER, decoder);
}

/// Compresses `bytes` to one frame at this level, which zstd has.
pub(super) fn compress(level: i32, bytes: &[u8]) -> Vec<u8> {
    const ANY: &str = "zstd takes any bytes, at any of its levels, while there is memory";
    let mut compressor = take(&COMPRESSOR).unwrap_or_else(|| Compressor::new(level).expect(ANY));
    compressor.set_compression_level(level).expect(ANY);
    let frame = compressor.compress(bytes).expect(ANY);
    if level <= LEVEL_KEPT_MAX {
        keep(&COMPRESSOR, compressor);
    }
    frame
}

/// A thread that is ending has nothing at rest any more, and keeps nothing.
fn take<T>(place: &'static LocalKey<Cell<Option<T>>>) -> Option<T> {
    place.try_with(Cell::take).ok().flatten()
}

fn keep<T>(place: &'static LocalKey<Cell<Option<T>>>, context: T) {
    let _ = place.try_with(|at_rest| at_rest.set(Some(context)));
}
