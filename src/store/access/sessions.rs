//! Keys that sign tokens, sessions with their refresh tokens, personal tokens, and wrong passwords.
//! Of secrets only hashes are kept.

use crate::domain::words::Worded;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{
    api_tokens, known_addresses, login_failures, refresh_tokens, sessions, signing_keys,
};
use crate::store::tx::Tx;
use crate::store::{new_id, utc};
use crate::wire::access::user::{Scope, Token};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

/// A key that signs tokens.
#[derive(Clone, Queryable)]
pub struct SigningKey {
    /// Its id.
    pub kid: String,
    /// PKCS#8.
    pub private_key: Vec<u8>,
    /// The public half.
    pub public_key: Vec<u8>,
    /// Since when.
    pub created_at: NaiveDateTime,
    /// When it was retired; absent: it signs.
    pub retired_at: Option<NaiveDateTime>,
}

/// What became of a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// It was good, and is used now.
    Good {
        /// Id of the session.
        session: String,
        /// Id of the user.
        user: String,
        /// When the session ends.
        ends_at: NaiveDateTime,
    },
    /// It was used before: somebody has a copy. The session is ended.
    Again {
        /// Id of the session.
        session: String,
        /// Id of the user.
        user: String,
    },
    /// It is none of ours, has expired, or its session is ended.
    Bad,
}

/// Wrong passwords in a row.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Failures {
    /// How many.
    pub failures: i64,
    /// When the last one was.
    pub last_at: NaiveDateTime,
    /// Until when no password is tried.
    pub locked_until: Option<NaiveDateTime>,
}

#[derive(Queryable)]
struct TokenRow {
    id: String,
    name: String,
    scopes: String,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    revoked_at: Option<NaiveDateTime>,
}

impl TryFrom<TokenRow> for Token {
    type Error = StoreError;
    fn try_from(row: TokenRow) -> Result<Self> {
        let TokenRow { id, name, scopes, created_at, expires_at, revoked_at } = row;
        let parse = |word: &str| {
            let damaged = || StoreError::Damaged(format!("token {id}: scope {word}"));
            Scope::parse(word).ok_or_else(damaged)
        };
        let scopes: Result<Vec<Scope>> = scopes.split_whitespace().map(parse).collect();
        Ok(Token {
            scopes: scopes?,
            id,
            name,
            created_at: utc(created_at),
            expires_at: utc(expires_at),
            revoked_at: revoked_at.map(utc),
        })
    }
}

const TOKEN: (
    api_tokens::id,
    api_tokens::name,
    api_tokens::scopes,
    api_tokens::created_at,
    api_tokens::expires_at,
    api_tokens::revoked_at,
) = (
    api_tokens::id,
    api_tokens::name,
    api_tokens::scopes,
    api_tokens::created_at,
    api_tokens::expires_at,
    api_tokens::revoked_at,
);

impl Tx<'_> {
    /// The key that signs.
    pub fn current_key(&mut self) -> Result<Option<SigningKey>> {
        let query = signing_keys::table.filter(signing_keys::retired_at.is_null());
        Ok(query.first(self.connection).optional()?)
    }

    /// A key.
    pub fn signing_key(&mut self, kid: &str) -> Result<Option<SigningKey>> {
        Ok(signing_keys::table.find(kid).get_result(self.connection).optional()?)
    }

    /// Adds a key that signs from now on; taken when there is one that was not retired.
    pub fn add_key(&mut self, key: &SigningKey) -> Result<()> {
        let SigningKey { kid, private_key, public_key, created_at, retired_at } = key.clone();
        let row = (
            signing_keys::kid.eq(kid),
            signing_keys::private_key.eq(private_key),
            signing_keys::public_key.eq(public_key),
            signing_keys::created_at.eq(created_at),
            signing_keys::retired_at.eq(retired_at),
        );
        diesel::insert_into(signing_keys::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// Retires the key that signs, and forgets those that were retired before `old`.
    pub fn retire_key(&mut self, now: NaiveDateTime, old: NaiveDateTime) -> Result<()> {
        let forgotten = signing_keys::table.filter(signing_keys::retired_at.lt(old));
        diesel::delete(forgotten).execute(self.connection)?;
        let current = signing_keys::table.filter(signing_keys::retired_at.is_null());
        diesel::update(current).set(signing_keys::retired_at.eq(now)).execute(self.connection)?;
        Ok(())
    }

    /// Begins a session with its first refresh token; answers with its id.
    pub fn add_session(
        &mut self,
        user: &str,
        (hash, expires_at): (&str, NaiveDateTime),
        now: NaiveDateTime,
        ends_at: NaiveDateTime,
    ) -> Result<String> {
        let id = new_id();
        let row = (
            sessions::id.eq(id.clone()),
            sessions::user_id.eq(user.to_owned()),
            sessions::started_at.eq(now),
            sessions::ends_at.eq(ends_at),
        );
        diesel::insert_into(sessions::table).values(row).execute(self.connection)?;
        self.add_refresh_token(&id, hash, expires_at)?;
        Ok(id)
    }

    /// Adds a session's next refresh token.
    pub fn add_refresh_token(
        &mut self,
        session: &str,
        hash: &str,
        expires_at: NaiveDateTime,
    ) -> Result<()> {
        let row = (
            refresh_tokens::hash.eq(hash.to_owned()),
            refresh_tokens::session_id.eq(session.to_owned()),
            refresh_tokens::expires_at.eq(expires_at),
        );
        diesel::insert_into(refresh_tokens::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// Uses a refresh token. Of several that use it at once, one finds it good.
    pub fn use_refresh_token(&mut self, hash: &str, now: NaiveDateTime) -> Result<Refreshed> {
        let query = refresh_tokens::table
            .inner_join(sessions::table)
            .filter(refresh_tokens::hash.eq(hash))
            .filter(sessions::ended_at.is_null())
            .select((
                sessions::id,
                sessions::user_id,
                sessions::ends_at,
                refresh_tokens::expires_at,
            ));
        type Row = (String, String, NaiveDateTime, NaiveDateTime);
        let found: Option<Row> = query.get_result(self.connection).optional()?;
        let Some((session, user, ends_at, expires_at)) = found else {
            return Ok(Refreshed::Bad);
        };
        let target = refresh_tokens::table
            .filter(refresh_tokens::hash.eq(hash))
            .filter(refresh_tokens::used_at.is_null());
        let set = refresh_tokens::used_at.eq(now);
        if diesel::update(target).set(set).execute(self.connection)? == 0 {
            self.end_session(&session, now)?;
            return Ok(Refreshed::Again { session, user });
        }
        if expires_at <= now || ends_at <= now {
            return Ok(Refreshed::Bad);
        }
        Ok(Refreshed::Good { session, user, ends_at })
    }

    /// When a session of this user that goes on ends at the latest.
    pub fn open_session(
        &mut self,
        id: &str,
        user: &str,
        now: NaiveDateTime,
    ) -> Result<Option<NaiveDateTime>> {
        let query = sessions::table
            .filter(sessions::id.eq(id))
            .filter(sessions::user_id.eq(user))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::ends_at.gt(now));
        Ok(query.select(sessions::ends_at).get_result(self.connection).optional()?)
    }

    /// Ends a session; `false` when it had ended.
    pub fn end_session(&mut self, id: &str, now: NaiveDateTime) -> Result<bool> {
        let open = sessions::table.filter(sessions::id.eq(id)).filter(sessions::ended_at.is_null());
        Ok(diesel::update(open).set(sessions::ended_at.eq(now)).execute(self.connection)? > 0)
    }

    /// Ends all sessions of a user.
    pub fn end_sessions(&mut self, user: &str, now: NaiveDateTime) -> Result<()> {
        let open =
            sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null());
        diesel::update(open).set(sessions::ended_at.eq(now)).execute(self.connection)?;
        Ok(())
    }

    /// Forgets sessions and wrong passwords that have been over for as long as they are `kept`, and
    /// wrong passwords from a clock that was as far ahead.
    pub fn sweep_sessions(&mut self, now: NaiveDateTime, kept: TimeDelta) -> Result<()> {
        let old = now - kept;
        let over = sessions::table.filter(sessions::ends_at.lt(old));
        diesel::delete(over).execute(self.connection)?;
        let over = sessions::table.filter(sessions::ended_at.lt(old));
        diesel::delete(over).execute(self.connection)?;
        let is_over = login_failures::last_at.lt(old).or(login_failures::last_at.gt(now + kept));
        let over = login_failures::table.filter(is_over);
        diesel::delete(over).execute(self.connection)?;
        Ok(())
    }

    /// Wrong passwords in a row for a name, or for a name from an address.
    pub fn login_failures(&mut self, name_hash: &str) -> Result<Option<Failures>> {
        let query = login_failures::table.find(name_hash);
        let query = query.select((
            login_failures::failures,
            login_failures::last_at,
            login_failures::locked_until,
        ));
        Ok(query.get_result(self.connection).optional()?)
    }

    /// Sets how many wrong passwords in a row there were.
    pub fn set_login_failures(&mut self, name_hash: &str, failures: &Failures) -> Result<()> {
        let Failures { failures, last_at, locked_until } = *failures;
        let target = login_failures::table.filter(login_failures::name_hash.eq(name_hash));
        let set = (
            login_failures::failures.eq(failures),
            login_failures::last_at.eq(last_at),
            login_failures::locked_until.eq(locked_until),
        );
        if diesel::update(target).set(set).execute(self.connection)? == 0 {
            let row = (
                login_failures::name_hash.eq(name_hash.to_owned()),
                login_failures::failures.eq(failures),
                login_failures::last_at.eq(last_at),
                login_failures::locked_until.eq(locked_until),
            );
            diesel::insert_into(login_failures::table).values(row).execute(self.connection)?;
        }
        Ok(())
    }

    /// Forgets the wrong passwords for a name from everywhere, or for a name from an address.
    pub fn clear_login_failures(&mut self, name_hash: &str) -> Result<()> {
        let from_somewhere = login_failures::name_hash.like(format!("{name_hash}:%"));
        let target = login_failures::name_hash.eq(name_hash).or(from_somewhere);
        diesel::delete(login_failures::table.filter(target)).execute(self.connection)?;
        Ok(())
    }

    /// Whether a user has logged in from an address since `old`.
    pub fn is_known_address(&mut self, user: &str, hash: &str, old: NaiveDateTime) -> Result<bool> {
        let query = known_addresses::table
            .filter(known_addresses::user_id.eq(user))
            .filter(known_addresses::hash.eq(hash))
            .filter(known_addresses::last_at.ge(old));
        Ok(query.count().get_result::<i64>(self.connection)? > 0)
    }

    /// Notes that a user has logged in from an address, and forgets those of the user that were last
    /// used before `old` or are not among the `most` newest.
    pub fn know_address(
        &mut self,
        user: &str,
        hash: &str,
        now: NaiveDateTime,
        old: NaiveDateTime,
        most: i64,
    ) -> Result<()> {
        let own = known_addresses::table.filter(known_addresses::user_id.eq(user));
        diesel::delete(own.filter(known_addresses::hash.eq(hash))).execute(self.connection)?;
        diesel::delete(own.filter(known_addresses::last_at.lt(old))).execute(self.connection)?;
        let newest = own.order((known_addresses::last_at.desc(), known_addresses::hash));
        let hashes = newest.select(known_addresses::hash).offset(most - 1).limit(i64::MAX);
        let over: Vec<String> = hashes.load(self.connection)?;
        diesel::delete(own.filter(known_addresses::hash.eq_any(over))).execute(self.connection)?;
        let row = (
            known_addresses::user_id.eq(user.to_owned()),
            known_addresses::hash.eq(hash.to_owned()),
            known_addresses::last_at.eq(now),
        );
        diesel::insert_into(known_addresses::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// Forgets where a user has logged in from.
    pub fn forget_addresses(&mut self, user: &str) -> Result<()> {
        let own = known_addresses::table.filter(known_addresses::user_id.eq(user));
        diesel::delete(own).execute(self.connection)?;
        Ok(())
    }

    /// Adds a personal token.
    pub fn add_token(&mut self, user: &str, token: &Token, hash: &str) -> Result<()> {
        let Token { id, name, scopes, created_at, expires_at, revoked_at: _ } = token;
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let row = (
            api_tokens::id.eq(id.clone()),
            api_tokens::user_id.eq(user.to_owned()),
            api_tokens::name.eq(name.clone()),
            api_tokens::hash.eq(hash.to_owned()),
            api_tokens::scopes.eq(scopes.join(" ")),
            api_tokens::created_at.eq(created_at.naive_utc()),
            api_tokens::expires_at.eq(expires_at.naive_utc()),
        );
        diesel::insert_into(api_tokens::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// A personal token and its user's id, by its hash.
    pub fn token_by_hash(&mut self, hash: &str) -> Result<Option<(String, Token)>> {
        let query = api_tokens::table.filter(api_tokens::hash.eq(hash));
        let query = query.select((api_tokens::user_id, TOKEN));
        let row: Option<(String, TokenRow)> = query.get_result(self.connection).optional()?;
        row.map(|(user, row)| Ok((user, row.try_into()?))).transpose()
    }

    /// A personal token and its user's id.
    pub fn token(&mut self, id: &str) -> Result<Option<(String, Token)>> {
        let query = api_tokens::table.filter(api_tokens::id.eq(id));
        let query = query.select((api_tokens::user_id, TOKEN));
        let row: Option<(String, TokenRow)> = query.get_result(self.connection).optional()?;
        row.map(|(user, row)| Ok((user, row.try_into()?))).transpose()
    }

    /// Personal tokens of a user after `cursor`, in the order they were made.
    pub fn tokens(&mut self, user: &str, cursor: &str, limit: i64) -> Result<Vec<Token>> {
        let query = api_tokens::table
            .filter(api_tokens::user_id.eq(user))
            .filter(api_tokens::id.gt(cursor));
        let query = query.order(api_tokens::id).limit(limit).select(TOKEN);
        let rows: Vec<TokenRow> = query.load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Revokes a personal token; `false` when it was revoked before.
    pub fn revoke_token(&mut self, id: &str, now: NaiveDateTime) -> Result<bool> {
        let target = api_tokens::table
            .filter(api_tokens::id.eq(id))
            .filter(api_tokens::revoked_at.is_null());
        Ok(diesel::update(target).set(api_tokens::revoked_at.eq(now)).execute(self.connection)? > 0)
    }
}
