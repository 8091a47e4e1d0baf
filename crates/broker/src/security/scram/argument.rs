//! `SCRAM-SHA-256=[name=alice,password=alice-secret]`: one credential on a command line.

use std::collections::BTreeMap;

use ottla_protocol::messages::user_scram_credential_record::UserScramCredentialRecord;

use super::ScramMechanism;

/// Iterations where the argument names none.
const ITERATIONS_DEFAULT: i64 = 4096;

/// Why an argument is no credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScramArgumentError {
    /// No mechanism before an equals sign.
    #[error("Failed to find equals sign in SCRAM argument '{0}'")]
    NoMechanism(String),
    /// A mechanism that is not known.
    #[error("The add-scram mechanism {0} is not supported.")]
    UnknownMechanism(String),
    /// No opening bracket.
    #[error("Expected configuration string to start with [")]
    NoOpeningBracket,
    /// No closing bracket.
    #[error("Expected configuration string to end with ]")]
    NoClosingBracket,
    /// A part that is not `key=value`.
    #[error("No equals sign found in SCRAM component: {0}")]
    NoValue(String),
    /// No user.
    #[error("You must supply 'name' to add-scram")]
    NoName,
    /// No password in any form.
    #[error("You must supply one of 'password' or 'saltedpassword' to add-scram")]
    NoPassword,
    /// A salted password whose salt is not known.
    #[error("You must supply 'salt' with 'saltedpassword' to add-scram")]
    NoSalt,
    /// A salt that is no base64.
    #[error("Failed to decode given salt: {0}")]
    Salt(String),
    /// A salted password that is no base64.
    #[error("Failed to decode given saltedPassword: {0}")]
    SaltedPassword(String),
    /// Iterations that are no number.
    #[error("Failed to parse iterations count: {0}")]
    Iterations(String),
    /// Too few or too many iterations.
    #[error("The 'iterations' value must be {bound} for add-scram using {mechanism}")]
    IterationsOutOfRange {
        /// What they must be.
        bound: String,
        /// The mechanism, as Kafka's messages name it.
        mechanism: String,
    },
    /// Keys that mean nothing.
    #[error("Unknown SCRAM configurations: {0}")]
    Unknown(String),
}

/// The credential that an argument describes. `fresh_salt` is for one that names no salt, and `decode_base64` reads those
/// that it names.
pub fn credential_of_argument(
    argument: &str,
    fresh_salt: &[u8],
    decode_base64: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<UserScramCredentialRecord, ScramArgumentError> {
    use ScramArgumentError as Error;
    let (mechanism, mut parts) = mechanism_and_parts(argument.trim())?;
    let name = parts.remove("name").ok_or(Error::NoName)?;
    let salt = match parts.remove("salt") {
        Some(text) => Some(decode_base64(text).ok_or_else(|| Error::Salt(text.to_owned()))?),
        None => None,
    };
    let iterations = match parts.remove("iterations") {
        Some(text) => text.parse::<i32>().map_err(|_| Error::Iterations(text.to_owned()))?.into(),
        None => ITERATIONS_DEFAULT,
    };
    let (password, salted_password) = (parts.remove("password"), parts.remove("saltedpassword"));
    let salted_password = match (password, salted_password, &salt) {
        (Some(_), _, _) => None,
        (None, None, _) => return Err(Error::NoPassword),
        (None, Some(_), None) => return Err(Error::NoSalt),
        (None, Some(text), Some(_)) => {
            Some(decode_base64(text).ok_or_else(|| Error::SaltedPassword(text.to_owned()))?)
        }
    };
    if !parts.is_empty() {
        let unknown: Vec<_> = parts.into_keys().collect();
        return Err(Error::Unknown(unknown.join(", ")));
    }
    let iterations = checked(mechanism, iterations)?;
    let salt = salt.unwrap_or_else(|| fresh_salt.to_vec());
    let salted_password = salted_password
        .unwrap_or_else(|| mechanism.salted_password(password.unwrap_or_default(), &salt, iterations));
    Ok(mechanism.credential(name, &salt, &salted_password, iterations))
}

type Parts<'a> = BTreeMap<&'a str, &'a str>;

fn mechanism_and_parts(argument: &str) -> Result<(ScramMechanism, Parts<'_>), ScramArgumentError> {
    use ScramArgumentError as Error;
    let (name, config) = argument.split_once('=').ok_or_else(|| Error::NoMechanism(argument.to_owned()))?;
    let mechanism =
        ScramMechanism::from_name(name).ok_or_else(|| Error::UnknownMechanism(name.to_owned()))?;
    let config = config.strip_prefix('[').ok_or(Error::NoOpeningBracket)?;
    let config = config.strip_suffix(']').ok_or(Error::NoClosingBracket)?;
    let mut parts = BTreeMap::new();
    for part in config.split(',') {
        let (key, value) = part.split_once('=').ok_or_else(|| Error::NoValue(part.to_owned()))?;
        let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        parts.insert(key, unquoted.unwrap_or(value));
    }
    Ok((mechanism, parts))
}

fn checked(mechanism: ScramMechanism, iterations: i64) -> Result<u32, ScramArgumentError> {
    let (min, max) = (ScramMechanism::ITERATIONS_MIN, ScramMechanism::ITERATIONS_MAX);
    let out_of_range = |bound| {
        let mechanism = mechanism.name().replace('-', "_");
        ScramArgumentError::IterationsOutOfRange { bound, mechanism }
    };
    match u32::try_from(iterations) {
        Ok(iterations) if iterations > max => Err(out_of_range(format!("<= {max}"))),
        Ok(iterations) if iterations >= min => Ok(iterations),
        _ => Err(out_of_range(format!(">= {min}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(argument: &str) -> Result<UserScramCredentialRecord, String> {
        // In the place of base64, so that arguments can be read.
        let decode = |text: &str| (text != "bad").then(|| text.as_bytes().to_vec());
        credential_of_argument(argument, b"fresh", decode).map_err(|error| error.to_string())
    }

    #[test]
    fn a_password_or_a_salted_one_makes_a_credential() {
        let record = parse("SCRAM-SHA-256=[name=alice,password=alice-secret]").unwrap();
        let salted = ScramMechanism::Sha256.salted_password("alice-secret", b"fresh", 4096);
        assert_eq!(record, ScramMechanism::Sha256.credential("alice", b"fresh", &salted, 4096));
        let record = parse(r#"SCRAM-SHA-512=[name=alice,iterations=8192,salt="N3E=",saltedpassword="YCE="]"#);
        assert_eq!(record.unwrap(), ScramMechanism::Sha512.credential("alice", b"N3E=", b"YCE=", 8192));
    }

    #[test]
    fn bad_arguments_are_refused_in_kafkas_words() {
        for (argument, reason) in [
            ("SCRAM", "Failed to find equals sign in SCRAM argument 'SCRAM'"),
            ("SCRAM-SHA-1=[name=a]", "The add-scram mechanism SCRAM-SHA-1 is not supported."),
            ("SCRAM-SHA-256=name=a]", "Expected configuration string to start with ["),
            ("SCRAM-SHA-256=[name=a", "Expected configuration string to end with ]"),
            ("SCRAM-SHA-256=[name]", "No equals sign found in SCRAM component: name"),
            ("SCRAM-SHA-256=[password=x]", "You must supply 'name' to add-scram"),
            ("SCRAM-SHA-256=[name=a]", "You must supply one of 'password' or 'saltedpassword' to add-scram"),
            (
                "SCRAM-SHA-256=[name=a,saltedpassword=x]",
                "You must supply 'salt' with 'saltedpassword' to add-scram",
            ),
            ("SCRAM-SHA-256=[name=a,password=x,salt=bad]", "Failed to decode given salt: bad"),
            (
                "SCRAM-SHA-256=[name=a,salt=x,saltedpassword=bad]",
                "Failed to decode given saltedPassword: bad",
            ),
            ("SCRAM-SHA-256=[name=a,password=x,iterations=y]", "Failed to parse iterations count: y"),
            (
                "SCRAM-SHA-256=[name=a,password=x,iterations=4095]",
                "The 'iterations' value must be >= 4096 for add-scram using SCRAM_SHA_256",
            ),
            (
                "SCRAM-SHA-512=[name=a,password=x,iterations=16385]",
                "The 'iterations' value must be <= 16384 for add-scram using SCRAM_SHA_512",
            ),
            ("SCRAM-SHA-256=[name=a,password=x,size=1,rank=2]", "Unknown SCRAM configurations: rank, size"),
        ] {
            assert_eq!(parse(argument).unwrap_err(), reason, "{argument}");
        }
    }
}
