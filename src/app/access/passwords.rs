//! Passwords: which are good enough, and how they are kept.

use crate::app::error::{Error, Result};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, generate_salt};
use data_encoding::HEXLOWER;
use zxcvbn::zxcvbn;

/// Shortest password.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Longest password; hashing a longer one would only cost time.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// Words that are tried here before others; the user's name is one more.
const TRIED_FIRST: [&str; 2] = ["onevisit", "zonghechayici"];

/// Fewest guesses that a password is to take, as a power of ten. Whoever has the database and a thousand
/// processors, each of which tries one every 50 ms, needs two months for them.
const GUESSES_LOG10_MIN: f64 = 11.0;

/// Refuses passwords that are too short or soon guessed, by the guesses that zxcvbn expects (Wheeler,
/// "zxcvbn: low-budget password strength estimation", 2016).
pub(super) fn strong(name: &str, password: &str, pointer: &str) -> Result<()> {
    let weak = |message: String| Err(Error::invalid("bad-password", pointer, message));
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return weak(format!("A password has at least {PASSWORD_CHARS_MIN} characters."));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return weak(format!("A password has at most {PASSWORD_BYTES_MAX} bytes."));
    }
    let inputs: Vec<&str> = TRIED_FIRST.into_iter().chain([name.trim()]).collect();
    if zxcvbn(password, &inputs).guesses_log10() < GUESSES_LOG10_MIN {
        return weak(
            "This password is soon guessed: words, names, dates and rows of keys are tried first. \
             Choose several words that have nothing to do with each other."
                .into(),
        );
    }
    Ok(())
}

/// Whether this is a user's password.
pub(super) fn is_password(id: &str, stored: &str, password: &str) -> Result<bool> {
    // of a user who comes by the outside issuer only
    if stored.is_empty() || password.len() > PASSWORD_BYTES_MAX {
        hash("a password that nobody has")?;
        return Ok(false);
    }
    let parsed = PasswordHash::new(stored)
        .map_err(|error| Error::Internal(format!("password hash of {id}: {error}")))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

/// A password of 32 random hexadecimal digits.
pub fn made_up_password() -> String {
    HEXLOWER.encode(&generate_salt())
}

/// An argon2id hash with a salt of its own, as a PHC string.
pub(in crate::app) fn hash(password: &str) -> Result<String> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| Error::Internal(format!("password: {error}")))?;
    Ok(hash.to_string())
}
