//! SCRAM credentials: what is stored of a password, and the argument of `kafka-storage format --add-scram`.
//!
//! Source: RFC 5802; KIP-84, KIP-900; Kafka `ScramFormatter`, `ScramMechanism`, `ScramParser`.

mod argument;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use ottla_protocol::messages::user_scram_credential_record::UserScramCredentialRecord;
use sha2::{Digest, Sha256, Sha512};

pub use argument::{ScramArgumentError, credential_of_argument};

/// A mechanism, by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScramMechanism {
    /// `SCRAM-SHA-256`.
    Sha256,
    /// `SCRAM-SHA-512`.
    Sha512,
}

impl ScramMechanism {
    /// Fewest iterations that are taken.
    pub const ITERATIONS_MIN: u32 = 4096;
    /// Most iterations that are taken.
    pub const ITERATIONS_MAX: u32 = 16384;

    /// The name in SASL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    /// The mechanism of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha512].into_iter().find(|mechanism| mechanism.name() == name)
    }

    /// The number in requests and records.
    #[must_use]
    pub const fn wire_id(self) -> i8 {
        match self {
            Self::Sha256 => 1,
            Self::Sha512 => 2,
        }
    }

    /// `Hi(password, salt, iterations)`: what every key is made from. Takes milliseconds, which is its purpose.
    #[must_use]
    pub fn salted_password(self, password: &str, salt: &[u8], iterations: u32) -> Vec<u8> {
        match self {
            Self::Sha256 => {
                let mut salted = vec![0; 32];
                pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, iterations, &mut salted);
                salted
            }
            Self::Sha512 => {
                let mut salted = vec![0; 64];
                pbkdf2::pbkdf2_hmac::<Sha512>(password.as_bytes(), salt, iterations, &mut salted);
                salted
            }
        }
    }

    /// What a broker keeps of a salted password.
    #[must_use]
    pub fn credential(
        self,
        name: &str,
        salt: &[u8],
        salted_password: &[u8],
        iterations: u32,
    ) -> UserScramCredentialRecord {
        let client_key = self.hmac(salted_password, b"Client Key");
        UserScramCredentialRecord {
            name: name.to_owned(),
            mechanism: self.wire_id(),
            salt: Bytes::copy_from_slice(salt),
            stored_key: self.hash(&client_key).into(),
            server_key: self.hmac(salted_password, b"Server Key").into(),
            iterations: i32::try_from(iterations).unwrap_or(i32::MAX),
        }
    }

    fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    fn hmac(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        const ANY_KEY: &str = "a key of any length is valid";
        match self {
            Self::Sha256 => {
                let mac = Hmac::<Sha256>::new_from_slice(key).expect(ANY_KEY);
                mac.chain_update(message).finalize().into_bytes().to_vec()
            }
            Self::Sha512 => {
                let mac = Hmac::<Sha512>::new_from_slice(key).expect(ANY_KEY);
                mac.chain_update(message).finalize().into_bytes().to_vec()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORED_256: &str = "14efbd8c16f7314ba4b7a8c99f38cf64e59ce68c3f3eee89b4fca3bb46aa684f";
    const SERVER_256: &str = "ab127549b992022e44712d09e4293f70a026ffe2316be2b0a7addfe0e1c3833a";
    const STORED_512: &str = "2e6ef0eb33c6031f94a1a865126d7084837b3d2d4a194fbdf95e4fcae74ae9cf\
        e659556d917482a553e650a40b603291eefd2e4a4c6b0733e6ec7b92c19ff2b7";
    const SERVER_512: &str = "6ff3e1e64182a5f770d8cc8b8740bc975d2288510d96864b28f889207bf9ec9d\
        c1443f7efb846fa188d32a139e8721e0252fe7b319cd075ed42a0354ee7472ea";

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What Kafka 4.3.1's `ScramFormatter` makes of the password `pencil` with the salt `QSXCR+Q6sek8bf92`.
    #[test]
    fn keys_are_those_of_kafka() {
        let salt = [65, 37, 194, 71, 228, 58, 177, 233, 60, 109, 255, 118];
        for (mechanism, stored, server) in [
            (ScramMechanism::Sha256, STORED_256, SERVER_256),
            (ScramMechanism::Sha512, STORED_512, SERVER_512),
        ] {
            let salted = mechanism.salted_password("pencil", &salt, 4096);
            let record = mechanism.credential("user", &salt, &salted, 4096);
            assert_eq!((hex(&record.stored_key), hex(&record.server_key)), (stored.into(), server.into()));
        }
    }
}
