//! Read buffers that connections hand back, for the next one that needs one.

use std::cell::RefCell;

/// Most bytes that lie here unused, per shard.
const KEPT_BYTES: usize = 8 << 20;

/// Initialised buffers by size. Every buffer's length is its capacity in use: no part of it is uninitialised.
#[derive(Default)]
pub(super) struct Buffers {
    kept: RefCell<Kept>,
}

#[derive(Default)]
struct Kept {
    buffers: Vec<Vec<u8>>,
    bytes: usize,
}

impl Buffers {
    /// A buffer of at least `size` bytes and less than four times that.
    pub(super) fn take(&self, size: usize) -> Vec<u8> {
        let mut kept = self.kept.borrow_mut();
        let fitting = kept.buffers.iter().rposition(|buffer| (size..size * 4).contains(&buffer.len()));
        match fitting {
            Some(index) => {
                let buffer = kept.buffers.swap_remove(index);
                kept.bytes -= buffer.len();
                buffer
            }
            None => vec![0; size.next_multiple_of(4096)],
        }
    }

    /// Takes a buffer back.
    pub(super) fn give(&self, buffer: Vec<u8>) {
        let mut kept = self.kept.borrow_mut();
        if !buffer.is_empty() && kept.bytes + buffer.len() <= KEPT_BYTES {
            kept.bytes += buffer.len();
            kept.buffers.push(buffer);
        }
    }
}
