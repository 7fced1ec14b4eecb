//! What proves who calls: signed access tokens with the keys that sign them, tokens of an outside
//! issuer, and personal tokens for other systems.
//!
//! Access tokens are JWT by EdDSA, checked as RFC 8725 asks: the key named by `kid` alone decides the
//! algorithm and the issuer, so that no token chooses its own check; `typ`, `iss`, `aud`, `exp` and
//! `nbf` must all be there and fit. With each call the stamp of access is looked up, and keys, session and
//! user when it has changed, so a rotation or a revocation holds at once on every server that shares the
//! database.

use super::audit::event;
use super::no_such_user;
use super::{Action, Caller, Object, Proof};
use crate::app::App;
use crate::app::error::{Error, Result};
use crate::app::paging::Paging;
use crate::domain::Message;
use crate::message;
use crate::store::{SigningKey, Stamp, Tx};
use crate::wire::access::audit::fingerprint;
use crate::wire::access::user::{IssuedToken, NewToken, Token};
use crate::wire::paging::Page;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chrono::{DateTime, Duration, Utc};
use data_encoding::HEXLOWER;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// How long an access token is good for.
pub const TOKEN_MINUTES: i64 = 15;
/// Days that a personal token is good for unless asked otherwise.
const TOKEN_DAYS: i64 = 90;
/// Longest text that is looked at as a token.
const TOKEN_BYTES_MAX: usize = 8_192;
/// What personal tokens begin with, so that they are known where they leak.
const PERSONAL: &str = "ovt_";
/// What the clock of another server of ours may be off, in seconds.
const OWN_LEEWAY: i64 = 30;
/// What an outside issuer's clock may be off, in seconds.
const OUTSIDE_LEEWAY: i64 = 60;

const ISSUER: &str = "onevisit";
const AUDIENCE: &str = "onevisit-api";
const TYPE: &str = "at+jwt";

fn bad() -> Error {
    Error::Unauthenticated(message!("bad-token"))
}

fn expired() -> Error {
    Error::Unauthenticated(message!("token-expired"))
}

fn ended() -> Error {
    Error::Unauthenticated(message!("session-ended"))
}

fn revoked() -> Error {
    Error::Unauthenticated(message!("token-revoked"))
}

pub(super) fn disabled() -> Error {
    Error::Unauthenticated(message!("user-disabled"))
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// Id of the user.
    sub: String,
    /// Id of the session.
    sid: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct OutsideClaims {
    sub: String,
    nbf: Option<i64>,
    exp: i64,
}

/// An issuer of tokens that is trusted beside our own.
#[derive(Clone, Debug)]
pub struct Outside {
    /// What its tokens must name as `iss`.
    pub issuer: String,
    /// What they must name as `aud`.
    pub audience: String,
    /// Its public keys.
    pub keys: JwkSet,
}

impl Outside {
    /// With the keys of a JWKS document; each must be for signatures by an asymmetric algorithm.
    pub fn new(issuer: String, audience: String, jwks: &str) -> std::result::Result<Self, Message> {
        let keys: JwkSet = serde_json::from_str(jwks)
            .map_err(|error| message!("bad-jwks", cause = error.to_string()))?;
        if keys.keys.is_empty() {
            return Err(message!("bad-jwks_empty"));
        }
        for key in &keys.keys {
            if key.common.key_id.is_none() {
                return Err(message!("bad-jwks_no-kid"));
            }
            algorithm(key)?;
        }
        Ok(Self { issuer, audience, keys })
    }
}

/// The one algorithm that a key of an outside issuer is for.
fn algorithm(key: &Jwk) -> std::result::Result<Algorithm, Message> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let kid = key.common.key_id.as_deref().unwrap_or_default();
    if key.common.public_key_use.as_ref().is_some_and(|u| *u != PublicKeyUse::Signature) {
        return Err(message!("bad-jwks_use", kid = kid));
    }
    let possible: &[Algorithm] = match &key.algorithm {
        AlgorithmParameters::OctetKeyPair(_) => &[EdDSA],
        AlgorithmParameters::EllipticCurve(p) if p.curve == EllipticCurve::P256 => &[ES256],
        AlgorithmParameters::EllipticCurve(p) if p.curve == EllipticCurve::P384 => &[ES384],
        AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
        _ => return Err(message!("bad-jwks_kind", kid = kid)),
    };
    let Some(named) = key.common.key_algorithm else { return Ok(possible[0]) };
    let is_named = |a: &&Algorithm| format!("{a:?}") == named.to_string();
    let found = possible.iter().find(is_named).copied();
    found.ok_or_else(|| message!("bad-jwks_algorithm", kid = kid, named = named.to_string()))
}

/// Random text of 256 bits, in hexadecimal.
pub(in crate::app) fn secret() -> Result<String> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::Internal("no random bytes".into()))?;
    Ok(HEXLOWER.encode(&bytes))
}

fn new_key(now: DateTime<Utc>) -> Result<SigningKey> {
    let failed = |what: &str| Error::Internal(format!("a signing key cannot be made: {what}"));
    let pair = Ed25519KeyPair::generate().map_err(|_| failed("no random bytes"))?;
    let private_key = pair.to_pkcs8().map_err(|_| failed("PKCS#8"))?.as_ref().to_vec();
    let kid = secret()?[..16].to_owned();
    let public_key = pair.public_key().as_ref().to_vec();
    Ok(SigningKey { kid, private_key, public_key, created_at: now.naive_utc(), retired_at: None })
}

/// Makes a key in a database that has none.
pub(in crate::app) fn ensure_key(app: &App) -> Result<()> {
    app.store.write_once_more(Error::is_taken, |tx| {
        if tx.current_key()?.is_none() {
            let key = new_key(app.now())?;
            tx.add_key(&key)?;
            event("key", &key.kid, "add").record(app, tx, &Caller::service("onevisit"));
        }
        Ok(())
    })
}

/// Signs with a new key from now on. The one before still proves the tokens that it has signed, until
/// they have ended. Answers with the new one's id.
pub fn rotate_keys(app: &App, caller: &Caller) -> Result<String> {
    caller.may(Action::ChangeKeys, &Object::everywhere())?;
    let key = new_key(app.now())?;
    app.store.write(|tx| {
        let now = tx.now()?;
        if let Some(old) = tx.current_key()? {
            event("key", &old.kid, "retire").record(app, tx, caller);
        }
        let over = now - Duration::minutes(TOKEN_MINUTES) - Duration::seconds(OWN_LEEWAY);
        tx.retire_key(now, over)?;
        tx.add_key(&key)?;
        event("key", &key.kid, "add").record(app, tx, caller);
        Ok::<_, Error>(())
    })?;
    Ok(key.kid)
}

/// An access token for a user's session, and until when it is good.
pub(super) fn issue(
    app: &App,
    tx: &mut Tx<'_>,
    user: &str,
    session: &str,
) -> Result<(String, DateTime<Utc>)> {
    let key = tx.current_key()?.ok_or_else(|| Error::Internal("no key signs".into()))?;
    let now = app.now();
    let expires_at = now + Duration::minutes(TOKEN_MINUTES);
    let claims = Claims {
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        sub: user.into(),
        sid: session.into(),
        jti: uuid::Uuid::now_v7().to_string(),
        iat: now.timestamp(),
        nbf: now.timestamp(),
        exp: expires_at.timestamp(),
    };
    let header =
        Header { kid: Some(key.kid), typ: Some(TYPE.into()), ..Header::new(Algorithm::EdDSA) };
    let text = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&key.private_key))
        .map_err(|error| Error::Internal(format!("token: {error}")))?;
    Ok((text, expires_at))
}

/// Whom a token speaks for.
pub fn authenticate(app: &App, token: &str) -> Result<Caller> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(bad());
    }
    let header = if token.starts_with(PERSONAL) { None } else { Some(header(token)?) };
    let (hash, now) = (fingerprint(token), app.now());
    let stamp = app.store.look(|tx| tx.stamp(Stamp::Access))?;
    if let Some(caller) = app.made.caller(&hash, &stamp, now) {
        return Ok(caller);
    }
    app.store.read(|tx| {
        let stamp = tx.stamp(Stamp::Access)?;
        let (caller, until) = match &header {
            Some((kid, header)) => by_signed_token(app, tx, token, (kid, header))?,
            None => by_personal_token(app, tx, &hash)?,
        };
        app.made.know((&hash, &stamp), &caller, (now, until));
        Ok(caller)
    })
}

/// What a signed token says of how it is to be checked: the key, and the rest.
fn header(token: &str) -> Result<(String, Header)> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| bad())?;
    match (&header.kid, &header.crit) {
        (Some(kid), None) => Ok((kid.clone(), header)),
        _ => Err(bad()),
    }
}

/// Whom a token speaks for, and until when at most, as long as nothing is changed.
type Found = (Caller, DateTime<Utc>);

fn by_signed_token(
    app: &App,
    tx: &mut Tx<'_>,
    token: &str,
    (kid, header): (&str, &Header),
) -> Result<Found> {
    match tx.signing_key(kid)? {
        Some(key) => by_own_token(app, tx, token, header, &key),
        None => by_outside_token(app, tx, token, kid),
    }
}

/// An instant that a token names, in seconds.
fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn by_own_token(
    app: &App,
    tx: &mut Tx<'_>,
    token: &str,
    header: &Header,
    key: &SigningKey,
) -> Result<Found> {
    if header.typ.as_deref() != Some(TYPE) {
        return Err(bad());
    }
    let claims: Claims = checked(
        token,
        &DecodingKey::from_ed_der(&key.public_key),
        Algorithm::EdDSA,
        ISSUER,
        AUDIENCE,
    )?;
    let now = app.now();
    let seconds = now.timestamp();
    let life = Duration::minutes(TOKEN_MINUTES).num_seconds();
    let is_within_life = claims.exp.saturating_sub(claims.iat) <= life;
    // whoever has got hold of a retired key signs nothing with it; one that is to be retired long
    // from now was retired by a clock that was ahead
    let is_of_its_time = key.retired_at.is_none_or(|retired_at| {
        let retired_at = retired_at.and_utc().timestamp();
        claims.iat <= retired_at + OWN_LEEWAY
            && (retired_at - OWN_LEEWAY..retired_at + life + OWN_LEEWAY).contains(&seconds)
    });
    if !is_within_life || !is_of_its_time || claims.nbf > seconds + OWN_LEEWAY {
        return Err(bad());
    }
    if claims.exp.saturating_add(OWN_LEEWAY) <= seconds {
        return Err(expired());
    }
    let (caller, ends_at) = current_caller(app, tx, &claims.sub, Proof::Session(claims.sid))?;
    let retired_at = key.retired_at.map(|at| at.and_utc() + Duration::seconds(life));
    let ends = [Some(instant(claims.exp)), Some(ends_at), retired_at];
    Ok((caller, ends.into_iter().flatten().min().unwrap_or(now)))
}

/// The user as long as the proof is good: not shut out, the session not ended, the token not revoked.
fn current_caller(app: &App, tx: &mut Tx<'_>, user: &str, proof: Proof) -> Result<Found> {
    let user = tx.user(user)?.ok_or_else(bad)?.value;
    if user.disabled {
        return Err(disabled());
    }
    let now = app.now();
    let (scopes, until) = match &proof {
        Proof::Operator => (None, DateTime::<Utc>::MAX_UTC),
        Proof::Session(session) => {
            let ends_at = tx.open_session(session, &user.id, now.naive_utc())?.ok_or_else(ended)?;
            (None, ends_at.and_utc())
        }
        Proof::Token(id) => {
            let (_, token) = tx.token(id)?.ok_or_else(bad)?;
            if token.revoked_at.is_some() {
                return Err(revoked());
            }
            if token.expires_at <= now {
                return Err(expired());
            }
            (Some(token.scopes), token.expires_at)
        }
        Proof::Outside(until) => {
            if *until <= now.timestamp() {
                return Err(expired());
            }
            (None, instant(*until))
        }
    };
    Ok((Caller::user(tx, user, scopes, proof)?, until))
}

/// The caller as of now, for a call that goes on for long: what proved who calls must still be good. A
/// session's call outlives the token it came with, and ends with the session.
pub fn again(app: &App, caller: &Caller) -> Result<Caller> {
    if caller.proof == Proof::Operator {
        return Ok(caller.clone());
    }
    let (id, proof) = (&caller.actor.id, caller.proof.clone());
    let (found, _) = app.store.read(|tx| current_caller(app, tx, id, proof.clone()))?;
    Ok(found.from(caller.origin.clone()))
}

fn by_outside_token(app: &App, tx: &mut Tx<'_>, token: &str, kid: &str) -> Result<Found> {
    let outside = app.outside.as_ref().ok_or_else(bad)?;
    let key = outside.keys.find(kid).ok_or_else(bad)?;
    let algorithm = algorithm(key).map_err(|_| bad())?;
    let decoding = DecodingKey::from_jwk(key).map_err(|_| bad())?;
    let claims: OutsideClaims =
        checked(token, &decoding, algorithm, &outside.issuer, &outside.audience)?;
    let now = app.now().timestamp();
    if claims.nbf.is_some_and(|nbf| nbf > now + OUTSIDE_LEEWAY) {
        return Err(bad());
    }
    let until = claims.exp.saturating_add(OUTSIDE_LEEWAY);
    if until <= now {
        return Err(expired());
    }
    let unknown = || Error::Unauthenticated(message!("unknown-subject", subject = &claims.sub));
    let user = tx.user_by_subject(&claims.sub)?.ok_or_else(unknown)?.value;
    current_caller(app, tx, &user.id, Proof::Outside(until))
}

/// The claims of a token whose signature, issuer and audience fit. Times are held against the app's
/// own clock by the caller.
fn checked<T: serde::de::DeserializeOwned>(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
    issuer: &str,
    audience: &str,
) -> Result<T> {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    jsonwebtoken::decode::<T>(token, key, &validation).map(|data| data.claims).map_err(|_| bad())
}

fn by_personal_token(app: &App, tx: &mut Tx<'_>, hash: &str) -> Result<Found> {
    let (user, token) = tx.token_by_hash(hash)?.ok_or_else(bad)?;
    current_caller(app, tx, &user, Proof::Token(token.id))
}

/// One's own personal tokens.
pub fn list(app: &App, caller: &Caller, paging: &Paging) -> Result<Page<Token>> {
    caller.may(Action::OwnAccount, &Object::shared())?;
    list_of(app, &caller.actor.id, paging)
}

fn list_of(app: &App, user: &str, paging: &Paging) -> Result<Page<Token>> {
    let rows = app.store.read(|tx| tx.tokens(user, paging.cursor(), paging.fetch()))?;
    Ok(paging.page(rows, |token| token.id.clone()))
}

/// A user's personal tokens.
pub fn list_for(app: &App, caller: &Caller, user: &str, paging: &Paging) -> Result<Page<Token>> {
    caller.may(Action::ReadUsers, &Object::everywhere())?;
    let found = app.store.read(|tx| tx.user_by_name(user))?;
    list_of(app, &found.ok_or_else(|| no_such_user(user))?.value.id, paging)
}

/// Makes a personal token for oneself.
pub fn add(app: &App, caller: &Caller, new: &NewToken) -> Result<IssuedToken> {
    caller.may(Action::OwnAccount, &Object::shared())?;
    add_for_id(app, caller, &caller.actor.id, new)
}

/// Makes a personal token for a user.
pub fn add_for(app: &App, caller: &Caller, user: &str, new: &NewToken) -> Result<IssuedToken> {
    caller.may(Action::ChangeUsers, &Object::everywhere())?;
    let found = app.store.read(|tx| tx.user_by_name(user))?;
    let id = found.ok_or_else(|| no_such_user(user))?.value.id;
    add_for_id(app, caller, &id, new)
}

fn add_for_id(app: &App, caller: &Caller, user: &str, new: &NewToken) -> Result<IssuedToken> {
    let created_at = app.now();
    let listed = Token {
        id: uuid::Uuid::now_v7().to_string(),
        name: new.name.clone(),
        scopes: new.scopes.clone(),
        created_at,
        expires_at: created_at + Duration::days(new.days.unwrap_or(TOKEN_DAYS)),
        revoked_at: None,
    };
    let token = format!("{PERSONAL}{}", secret()?);
    app.store.write(|tx| {
        tx.add_token(user, &listed, &fingerprint(&token))?;
        event("token", &listed.id, "add").after(&listed).record(app, tx, caller);
        Ok::<_, Error>(())
    })?;
    Ok(IssuedToken { token, listed })
}

/// Revokes a personal token: one's own, or, who may change users, anybody's.
pub fn revoke(app: &App, caller: &Caller, id: &str) -> Result<()> {
    app.store.write(|tx| {
        let missing = || Error::NotFound(message!("not-found_token", token = id));
        let may_all = caller.may(Action::ChangeUsers, &Object::everywhere()).is_ok();
        if !may_all {
            caller.may(Action::OwnAccount, &Object::shared())?;
        }
        let (user, token) = tx.token(id)?.ok_or_else(missing)?;
        if user != caller.actor.id && !may_all {
            return Err(missing());
        }
        if !tx.revoke_token(id, app.now().naive_utc())? {
            return Err(Error::Conflict(message!("token-revoked_already", token = &token.name)));
        }
        event("token", id, "revoke").before(&token).record(app, tx, caller);
        Ok(())
    })
}
