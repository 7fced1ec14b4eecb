//! Who calls: log-in with name and password, and tokens that prove it.

use super::App;
use super::error::{Error, Result};
use crate::store::{Store, StoreError};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, generate_salt};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// How long a token is good for.
pub const TOKEN_HOURS: i64 = 8;
/// Shortest password.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Longest password; hashing a longer one would only cost time.
pub const PASSWORD_BYTES_MAX: usize = 1_024;

const ISSUER: &str = "onevisit";
const AUDIENCE: &str = "onevisit-api";
const SECRET: &str = "token-secret";

/// Who asks for something. Every use case takes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Name, as it stands beside what the caller did.
    pub name: String,
}

impl Caller {
    /// The program itself, and whoever may run it on the server's own command line.
    pub fn local() -> Self {
        Self { name: "local".into() }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// Id of the user.
    sub: String,
    name: String,
    iat: i64,
    exp: i64,
}

/// Makes and reads tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// A token, and until when it is good.
pub struct Token {
    /// To be sent as `Authorization: Bearer …`.
    pub text: String,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

impl Tokens {
    /// With the secret of a database, which is made when there is none yet; servers that share a
    /// database understand each other's tokens.
    pub fn open(store: &Store) -> std::result::Result<Self, StoreError> {
        let is_taken = |error: &StoreError| matches!(error, StoreError::Taken(_));
        let secret = store.write_once_more(is_taken, |tx| {
            if let Some(secret) = tx.setting(SECRET)? {
                return Ok::<_, StoreError>(secret);
            }
            let bytes = [generate_salt(), generate_salt()].concat();
            let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            tx.add_setting(SECRET, &secret)?;
            Ok(secret)
        })?;
        Ok(Self {
            encoding: EncodingKey::from_secret(secret.as_bytes()),
            decoding: DecodingKey::from_secret(secret.as_bytes()),
        })
    }

    fn issue(&self, id: String, name: &str, now: DateTime<Utc>) -> Result<Token> {
        let expires_at = now + Duration::hours(TOKEN_HOURS);
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: id,
            name: name.into(),
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
        };
        let text = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|error| Error::Internal(format!("token: {error}")))?;
        Ok(Token { text, expires_at })
    }

    fn read(&self, token: &str, now: DateTime<Utc>) -> Result<Claims> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // held against the app's own clock below
        validation.validate_exp = false;
        let read = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation);
        let claims = read.map(|data| data.claims).map_err(|_| Error::Unauthenticated {
            code: "bad-token",
            message: "The token is not one of ours; log in again.",
        })?;
        if claims.exp <= now.timestamp() {
            return Err(Error::Unauthenticated {
                code: "token-expired",
                message: "The token has expired; log in again.",
            });
        }
        Ok(claims)
    }
}

/// Makes the first user, when there is none. `true` when it was made.
pub fn ensure_first(app: &App, name: &str, password: &str) -> Result<bool> {
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(Error::invalid(
            "bad-password",
            "/password",
            format!("A password has at least {PASSWORD_CHARS_MIN} characters."),
        ));
    }
    if name.trim().is_empty() || name.chars().count() > 64 {
        return Err(Error::invalid("bad-name", "/name", "A name has 1 to 64 characters."));
    }
    if app.store.read(|tx| tx.user_count())? > 0 {
        return Ok(false);
    }
    let hash = hash(password)?;
    app.store.write_once_more(Error::is_taken, |tx| {
        if tx.user_count()? > 0 {
            return Ok(false);
        }
        tx.add_user(name, &hash, app.now().naive_utc())?;
        Ok(true)
    })
}

/// Whether anybody can log in.
pub fn has_users(app: &App) -> Result<bool> {
    Ok(app.store.read(|tx| tx.user_count())? > 0)
}

/// Gives a token for a name and its password.
pub fn log_in(app: &App, name: &str, password: &str) -> Result<Token> {
    const REFUSED: Error = Error::Unauthenticated {
        code: "bad-credentials",
        message: "The name or the password is wrong.",
    };
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(REFUSED);
    }
    let user = app.store.read(|tx| tx.user(name))?;
    let Some((id, stored)) = user else {
        // as much time as a wrong password takes, so that names cannot be told apart
        hash(password)?;
        return Err(REFUSED);
    };
    let parsed = PasswordHash::new(&stored)
        .map_err(|error| Error::Internal(format!("password hash of {id}: {error}")))?;
    if Argon2::default().verify_password(password.as_bytes(), &parsed).is_err() {
        return Err(REFUSED);
    }
    app.tokens.issue(id, name, app.now())
}

/// Whom a token speaks for.
pub fn authenticate(app: &App, token: &str) -> Result<Caller> {
    let claims = app.tokens.read(token, app.now())?;
    Ok(Caller { name: claims.name })
}

/// A password of 32 random hexadecimal digits.
pub fn made_up_password() -> String {
    generate_salt().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An argon2id hash with a salt of its own, as a PHC string.
fn hash(password: &str) -> Result<String> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| Error::Internal(format!("password: {error}")))?;
    Ok(hash.to_string())
}
