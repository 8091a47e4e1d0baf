//! Damage to valid bytes, of the kinds that break decoders.

use super::Random;

/// What forged lengths and counts look like, in the classic and the compact form.
const FORGED: [&[u8]; 9] = [
    &[0x7f, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0xfe],
    &[0x80, 0x00, 0x00, 0x00],
    &[0x7f, 0xff],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x80, 0x89, 0x7a],
    &[0x00, 0x0f, 0x42, 0x40],
];

impl Random {
    /// The bytes with one to four random changes.
    #[must_use]
    pub fn mutated(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.below(4) {
            self.mutate(&mut bytes);
        }
        bytes
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        match self.below(9) {
            0 | 1 => flip(bytes, at, 1 << self.below(8)),
            2 => flip(bytes, at, self.bits() as u8),
            3 => bytes.truncate(at),
            4 | 5 => {
                let forged = *self.choose(&FORGED);
                let end = bytes.len().min(at + forged.len());
                bytes.splice(at..end, forged.iter().copied());
            }
            6 => {
                let end = at + self.below(bytes.len() - at + 1).min(64);
                let copy = bytes[at..end].to_vec();
                let to = self.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            7 => {
                let end = at + self.below(bytes.len() - at + 1).min(64);
                bytes.drain(at..end);
            }
            // A long run of one byte: many empty elements.
            _ => {
                let fill = *self.choose(&[0x00, 0x01, 0x02, 0xff]);
                let count = if self.one_in(50) { 200_000 } else { 300 };
                let run = self.below(count);
                bytes.splice(at..at, std::iter::repeat_n(fill, run));
            }
        }
    }
}

fn flip(bytes: &mut [u8], at: usize, mask: u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= mask;
    }
}
