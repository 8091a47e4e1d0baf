//! The one door to CRC-32C, so that another implementation can take its place.

/// CRC-32C (Castagnoli) of `bytes`.
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
}

/// CRC-32C of bytes whose beginning has the CRC `head` and whose remainder is `tail`.
#[must_use]
pub fn crc32c_append(head: u32, tail: &[u8]) -> u32 {
    crc32c::crc32c_append(head, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_castagnoli() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c_append(crc32c(b"1234"), b"56789"), 0xe306_9283);
    }
}
