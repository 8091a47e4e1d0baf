//! A small repeatable random source, with values that tend to break things.

use bytes::Bytes;

use crate::types::Uuid;

/// A random source: the same seed gives the same values. Source: splitmix64.
#[derive(Clone, Debug)]
pub struct Random(u64);

/// Characters of one to four bytes of UTF-8.
const CHARACTERS: [char; 12] = ['a', 'b', 'z', '0', '-', '.', '_', ' ', 'é', 'ß', '漢', '😀'];

impl Random {
    /// A source that begins at `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which must not be 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// One of the elements.
    pub fn choose<'t, T>(&mut self, elements: &'t [T]) -> &'t T {
        &elements[self.below(elements.len())]
    }

    /// Whether a chance of one in `count` comes true.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// True or false.
    pub fn bool(&mut self) -> bool {
        self.one_in(2)
    }

    /// Any number, the remarkable ones often.
    pub fn i64(&mut self) -> i64 {
        match self.below(8) {
            0 => 0,
            1 => -1,
            2 => i64::MAX,
            3 => i64::MIN,
            4 => self.below(200) as i64,
            5 => i64::from(self.bits() as u32),
            _ => self.bits().cast_signed(),
        }
    }

    /// Any number, the remarkable ones often.
    pub fn i32(&mut self) -> i32 {
        match self.below(8) {
            0 => i32::MAX,
            1 => i32::MIN,
            _ => self.i64() as i32,
        }
    }

    /// Any number, the remarkable ones often.
    pub fn i16(&mut self) -> i16 {
        match self.below(8) {
            0 => i16::MAX,
            1 => i16::MIN,
            _ => self.i64() as i16,
        }
    }

    /// Any number, the remarkable ones often.
    pub fn i8(&mut self) -> i8 {
        self.i64() as i8
    }

    /// Any number, the remarkable ones often.
    pub fn u16(&mut self) -> u16 {
        self.i16().cast_unsigned()
    }

    /// Any number, the remarkable ones often.
    pub fn u32(&mut self) -> u32 {
        self.i32().cast_unsigned()
    }

    /// Any number but NaN, which equals nothing.
    pub fn f64(&mut self) -> f64 {
        match f64::from_bits(self.bits()) {
            value if value.is_nan() || self.one_in(4) => {
                *self.choose(&[0.0, -0.0, 1.5, f64::INFINITY, f64::MIN])
            }
            value => value,
        }
    }

    /// Any id, zero often.
    pub fn uuid(&mut self) -> Uuid {
        let bits = u128::from(self.bits()) << 64 | u128::from(self.bits());
        if self.one_in(4) { Uuid::ZERO } else { Uuid::from_u128(bits) }
    }

    /// A count that is small, and now and then needs two bytes as a varint.
    fn count(&mut self, usual_end: usize) -> usize {
        if self.one_in(40) { 120 + self.below(20) } else { self.below(usual_end) }
    }

    /// Text with characters of any width.
    pub fn string(&mut self) -> String {
        (0..self.count(12)).map(|_| *self.choose(&CHARACTERS)).collect()
    }

    /// Any bytes.
    pub fn bytes(&mut self) -> Bytes {
        (0..self.count(20)).map(|_| self.bits() as u8).collect()
    }

    /// A list of values that `element` makes.
    pub fn list<T>(&mut self, element: fn(&mut Self) -> T) -> Vec<T> {
        (0..self.count(5)).map(|_| element(self)).collect()
    }

    /// An array of structs that `element` makes.
    pub fn array<T>(&mut self, version: i16, element: fn(&mut Self, i16) -> T) -> Vec<T> {
        let count = match self.below(200) {
            0 => 130,
            1..60 => 0,
            60..140 => 1,
            140..180 => 2,
            _ => 3,
        };
        (0..count).map(|_| element(self, version)).collect()
    }
}
