//! What proves who calls: forged and stale tokens, keys that rotate, sessions, locks and limits.

use crate::api::{Client, PASSWORD, Reply};
use crate::support::database::{moved_by_hand, now, on_both, read, sqlite};
use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use onevisit::app::access::tokens::Outside;
use onevisit::app::access::{tokens, users};
use onevisit::app::{App, AppOptions, Caller, StoreOptions};
use onevisit::http::limits::LimitOptions;
use onevisit::store::Store;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

fn with_token(client: &Client, token: &str) -> Reply {
    *client.token.borrow_mut() = Some(token.to_owned());
    client.get("/api/v1/me")
}

fn session(client: &Client) -> Value {
    *client.token.borrow_mut() = None;
    let body = json!({ "name": "admin", "password": PASSWORD });
    let reply = client.post("/api/v1/session", &body);
    assert_eq!(reply.status, StatusCode::OK);
    reply.json()
}

/// Base64 for URLs, without padding, as tokens have it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let whole = chunk.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        let bits = chunk.len() * 8;
        let padded = whole << ((6 - bits % 6) % 6);
        let letters = bits.div_ceil(6);
        for place in (0..letters).rev() {
            text.push(char::from(LETTERS[(padded >> (6 * place) & 63) as usize]));
        }
    }
    text
}

#[test]
fn no_token_chooses_how_it_is_checked() {
    let database = sqlite();
    let client = Client::new(&database);
    let good = session(&client)["token"].as_str().expect("a token").to_owned();
    assert_eq!(with_token(&client, &good).json()["name"], "admin");
    let store = Store::open(&database.address, &StoreOptions::default()).expect("it opens").0;
    let key = store.read(|tx| tx.current_key()).expect("a look").expect("a key");
    let header = Header {
        kid: Some(key.kid.clone()),
        typ: Some("at+jwt".into()),
        ..Header::new(Algorithm::EdDSA)
    };
    let signing = EncodingKey::from_ed_der(&key.private_key);
    let claims: Value = jsonwebtoken::dangerous::insecure_decode(&good).map_or_else(
        |_| panic!("it is a token"),
        |data: jsonwebtoken::TokenData<Value>| data.claims,
    );
    let sign = |header: &Header, claims: &Value, key: &EncodingKey| {
        jsonwebtoken::encode(header, claims, key).expect("a token")
    };
    let changed = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        sign(&header, &claims, &signing)
    };
    // what is signed by our key as it should be is good: the rest fails by what is changed
    assert_eq!(with_token(&client, &sign(&header, &claims, &signing)).status, StatusCode::OK);
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().expect("claims").remove(name);
        sign(&header, &claims, &signing)
    };
    let at = now().timestamp();
    let mut bad: Vec<(String, String)> = vec![
        ("another issuer".into(), changed("iss", json!("somebody"))),
        ("another audience".into(), changed("aud", json!("another-api"))),
        ("several audiences".into(), changed("aud", json!(["onevisit-api", "x"]))),
        ("from tomorrow on".into(), changed("nbf", json!(at + 60))),
        ("for a year".into(), changed("exp", json!(at + 31_536_000))),
        ("nobody's".into(), changed("sub", json!("nobody"))),
        ("no type".into(), sign(&Header { typ: None, ..header.clone() }, &claims, &signing)),
        (
            "another type".into(),
            sign(&Header { typ: Some("JWT".into()), ..header.clone() }, &claims, &signing),
        ),
        ("no key".into(), sign(&Header { kid: None, ..header.clone() }, &claims, &signing)),
        (
            "another key".into(),
            sign(&Header { kid: Some("x".into()), ..header.clone() }, &claims, &signing),
        ),
        (
            "critical extensions".into(),
            sign(&Header { crit: Some(vec!["x".into()]), ..header.clone() }, &claims, &signing),
        ),
    ];
    for name in ["iss", "aud", "exp", "nbf", "iat", "sub", "sid"] {
        bad.push((format!("without {name}"), without(name)));
    }
    // the public key as a shared secret: the classic confusion of algorithms
    let shared = Header { alg: Algorithm::HS256, ..header.clone() };
    let secret = EncodingKey::from_secret(&key.public_key);
    bad.push(("HS256 by the public key".into(), sign(&shared, &claims, &secret)));
    let payload = base64(claims.to_string().as_bytes());
    for none in ["none", "None", "NONE"] {
        let head = format!("{{\"alg\":\"{none}\",\"typ\":\"at+jwt\",\"kid\":\"{}\"}}", key.kid);
        bad.push((format!("alg {none}"), format!("{}.{payload}.", base64(head.as_bytes()))));
    }
    let own = Ed25519KeyPair::generate().expect("a key").to_pkcs8().expect("PKCS#8");
    let own = EncodingKey::from_ed_der(own.as_ref());
    bad.push(("signed by somebody".into(), sign(&header, &claims, &own)));
    // a byte changed in each part
    for part in 0..3 {
        let mut parts: Vec<String> = good.split('.').map(Into::into).collect();
        let other = if parts[part].starts_with('A') { "B" } else { "A" };
        parts[part].replace_range(5..6, other);
        bad.push((format!("part {part} changed"), parts.join(".")));
    }
    bad.push(("very long".into(), "x".repeat(9_000)));
    for (what, token) in bad {
        let found = with_token(&client, &token).problem();
        assert_eq!(found, (401, "bad-token".into()), "{what}");
    }
    assert_eq!(with_token(&client, &changed("sid", json!("x"))).problem().1, "session-ended");
    let over = json!({ "exp": at - 30, "iat": at - 930 });
    let over = crate::support::county::with(claims.clone(), over);
    let over = with_token(&client, &sign(&header, &over, &signing));
    assert_eq!(over.problem(), (401, "token-expired".into()));
}

#[test]
fn a_retired_key_proves_what_it_signed_until_that_has_ended() {
    on_both(|database| {
        let client = Client::new(database);
        let old = session(&client)["token"].as_str().expect("a token").to_owned();
        let store = Store::open(&database.address, &StoreOptions::default()).expect("opens").0;
        let stolen = store.read(|tx| tx.current_key()).expect("a look").expect("a key");
        client.past.store(60, Ordering::Relaxed);
        tokens::rotate_keys(&client.app, &Caller::local()).expect("rotated");
        assert_eq!(with_token(&client, &old).status, StatusCode::OK);
        let new = session(&client)["token"].as_str().expect("a token").to_owned();
        let kid = |token: &str| jsonwebtoken::decode_header(token).expect("a header").kid;
        assert_ne!(kid(&old), kid(&new));
        // whoever stole the old key makes nothing new of it
        client.past.store(120, Ordering::Relaxed);
        let at = now().timestamp() + 120;
        let claims: jsonwebtoken::TokenData<Value> =
            jsonwebtoken::dangerous::insecure_decode(&old).expect("claims");
        let fresh = json!({ "iat": at, "nbf": at, "exp": at + 900 });
        let forged = jsonwebtoken::encode(
            &Header {
                kid: Some(stolen.kid),
                typ: Some("at+jwt".into()),
                ..Header::new(Algorithm::EdDSA)
            },
            &crate::support::county::with(claims.claims, fresh),
            &EncodingKey::from_ed_der(&stolen.private_key),
        );
        let forged = with_token(&client, &forged.expect("a token"));
        assert_eq!(forged.problem(), (401, "bad-token".into()));
        client.past.store(60 + 15 * 60 + 30, Ordering::Relaxed);
        assert_eq!(with_token(&client, &old).problem().0, 401);
        assert_eq!(with_token(&client, &new).problem().1, "token-expired");
    });
}

#[test]
fn a_refresh_token_that_comes_twice_ends_its_session() {
    on_both(|database| {
        let client = Client::new(database);
        let first = session(&client);
        let refresh = |session: &Value| {
            *client.token.borrow_mut() = None;
            let body = json!({ "refresh_token": session["refresh_token"] });
            client.post("/api/v1/session/refresh", &body)
        };
        client.past.store(20 * 60, Ordering::Relaxed);
        let token = |session: &Value| session["token"].as_str().expect("a token").to_owned();
        assert_eq!(with_token(&client, &token(&first)).problem().1, "token-expired");
        let second = refresh(&first).json();
        assert_eq!(with_token(&client, &token(&second)).status, StatusCode::OK);
        // a copy of the first one comes
        assert_eq!(refresh(&first).problem(), (401, "refresh-token-reused".into()));
        assert_eq!(with_token(&client, &token(&second)).problem().1, "session-ended");
        assert_eq!(refresh(&second).problem(), (401, "bad-refresh-token".into()));
        for nonsense in ["", ".", "x.y", &"z".repeat(10_000)] {
            let body = json!({ "refresh_token": nonsense });
            assert_eq!(refresh(&body).problem(), (401, "bad-refresh-token".into()));
        }
        // a week without a call ends it too
        let third = session(&client);
        client.past.store(20 * 60 + 7 * 86_400, Ordering::Relaxed);
        assert_eq!(refresh(&third).problem(), (401, "bad-refresh-token".into()));
        // of two that use one at once, one is good
        let fourth = session(&client);
        let app = Arc::clone(&client.app);
        let text = fourth["refresh_token"].as_str().expect("a token").to_owned();
        let good: usize = std::thread::scope(|scope| {
            let use_it = || {
                let origin = onevisit::app::access::Origin::default();
                usize::from(onevisit::app::access::login::refresh(&app, &origin, &text).is_ok())
            };
            let threads = [scope.spawn(use_it), scope.spawn(use_it)];
            threads.into_iter().map(|thread| thread.join().expect("it ends")).sum()
        });
        assert_eq!(good, 1);
    });
}

#[test]
fn of_secrets_only_hashes_are_kept() {
    let database = sqlite();
    let client = Client::new(&database);
    let first = session(&client);
    *client.token.borrow_mut() = first["token"].as_str().map(Into::into);
    let made = client.post("/api/v1/me/tokens", &json!({ "name": "map", "scopes": ["read"] }));
    let token = made.json()["token"].as_str().expect("a token").to_owned();
    let onevisit::app::Address::Sqlite(path) = &database.address else { unreachable!() };
    let refresh = first["refresh_token"].as_str().expect("a token");
    let secrets = [PASSWORD, &token, refresh.split_once('.').expect("two parts").1];
    for end in ["", "-wal"] {
        let path = format!("{}{end}", path.display());
        let bytes = std::fs::read(path).unwrap_or_default();
        for secret in secrets {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "{secret} is in the file");
        }
    }
    assert_eq!(with_token(&client, &token).json()["scopes"], json!(["read"]));
    let filed = client.post("/api/v1/me/tokens", &json!({ "name": "x", "scopes": ["read"] }));
    assert_eq!(filed.problem(), (403, "scope-missing".into()), "a token makes no tokens");
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    tokens::revoke(&client.app, &Caller::local(), &id).expect("revoked");
    assert_eq!(with_token(&client, &token).problem(), (401, "token-revoked".into()));
    let new = json!({ "name": "y", "scopes": ["read"], "days": 1 });
    let made = tokens::add_for(&client.app, &Caller::local(), "admin", &read(new)).expect("one");
    client.past.store(86_400, Ordering::Relaxed);
    assert_eq!(with_token(&client, &made.token).problem(), (401, "token-expired".into()));
}

#[test]
fn wrong_passwords_lock_a_name_longer_and_longer() {
    on_both(|database| {
        let client = Client::new(database);
        let try_it = |name: &str, password: &str| {
            client.post("/api/v1/session", &json!({ "name": name, "password": password }))
        };
        // a name that is nobody's behaves alike
        for name in ["admin", "nobody"] {
            for _ in 0..5 {
                assert_eq!(try_it(name, "wrong").problem(), (401, "bad-credentials".into()));
            }
            let locked = try_it(name, PASSWORD);
            assert_eq!(locked.headers.get("retry-after").expect("when"), "31");
            assert_eq!(locked.problem(), (429, "locked".into()));
        }
        client.past.store(30, Ordering::Relaxed);
        assert_eq!(try_it("ADMIN", "wrong").problem(), (401, "bad-credentials".into()));
        assert_eq!(try_it("admin", PASSWORD).headers.get("retry-after").expect("when"), "61");
        client.past.store(90, Ordering::Relaxed);
        assert_eq!(try_it("admin", PASSWORD).status, StatusCode::OK, "and all is forgotten");
        for _ in 0..5 {
            assert_eq!(try_it("admin", "wrong").problem(), (401, "bad-credentials".into()));
        }
    });
}

#[test]
fn an_address_that_calls_too_often_waits() {
    let few = LimitOptions {
        logins_a_minute: NonZeroU32::new(3),
        public_a_minute: NonZeroU32::new(5),
        ..LimitOptions::default()
    };
    let client = Client::limited(&sqlite(), &few);
    let peer = "192.0.2.1:80".parse().expect("an address");
    let other = "192.0.2.2:80".parse().expect("an address");
    let third = "192.0.2.3:80".parse().expect("an address");
    let log_in = |peer| {
        let body = json!({ "name": "admin", "password": PASSWORD });
        let request = TestRequest::post().uri("/api/v1/session").set_json(body);
        client.send(request.peer_addr(peer))
    };
    for _ in 0..3 {
        assert_eq!(log_in(peer).status, StatusCode::OK);
    }
    let refused = log_in(peer);
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(refused.problem(), (429, "too-many-requests".into()));
    let session = log_in(other);
    assert_eq!(session.status, StatusCode::OK, "another address is not meant");
    let look = |token: Option<&str>| {
        *client.token.borrow_mut() = token.map(Into::into);
        let statuses: Vec<u16> = (0..7)
            .map(|_| {
                let request = TestRequest::get().uri("/healthz").peer_addr(third);
                client.send(request).status.as_u16()
            })
            .collect();
        statuses
    };
    assert_eq!(look(None), [200, 200, 200, 200, 200, 429, 429]);
    let token = session.json()["token"].as_str().expect("a token").to_owned();
    assert_eq!(look(Some(&token)), [200; 7], "who has a token is not counted");
    assert_eq!(look(Some("nonsense"))[6], 429, "who guesses one is");
}

#[test]
fn weak_passwords_are_refused() {
    let client = Client::new(&sqlite());
    let long = "x".repeat(2_000);
    for weak in [
        "short",
        "aaaaaaaaaaaaaaaa",
        "password123456",
        "Password-123456!",
        "onevisit-admin",
        "qwertyuiopasdf",
        "abcdefghijklmn",
        "20010203 20020304",
        "supervisor-one1",
        &long,
    ] {
        let new = json!({ "name": "supervisor-one", "password": weak, "roles": ["supervisor"] });
        let refused = users::add(&client.app, &Caller::local(), &read(new)).map(|_| ());
        let error = refused.expect_err(weak);
        assert!(
            matches!(&error, onevisit::app::Error::Invalid(defects) if defects[0].code() == "bad-password"),
            "{weak}: {error:?}"
        );
    }
    let new = json!({ "name": "one", "password": "tea with lemon, cold", "roles": ["supervisor"] });
    users::add(&client.app, &Caller::local(), &read(new)).expect("a good one");
}

#[test]
fn the_last_administrator_stays_and_whoever_is_shut_out_is_out() {
    on_both(|database| {
        let client = Client::logged_in(database);
        let admin = client.get("/api/v1/me").json();
        let own = format!("/api/v1/users/{}", admin["id"].as_str().expect("an id"));
        let etag = client.get(&own).etag();
        let less = client.put(&own, &etag, &json!({ "roles": ["manager"] }));
        assert_eq!(less.problem(), (409, "last-administrator".into()));
        let new = json!({
            "name": "second", "password": "tea with lemon, cold", "roles": ["administrator"]
        });
        let second = client.post("/api/v1/users", &new).json();
        let stale = client.put(&own, "\"v9\"", &json!({ "roles": ["manager"] }));
        assert_eq!(stale.problem(), (412, "version-changed".into()));
        let same = client.post("/api/v1/users", &new);
        assert_eq!(same.problem(), (409, "taken".into()));
        let nowhere = json!({
            "name": "third", "roles": ["filer"], "departments": ["none"], "areas": ["none"]
        });
        assert_eq!(client.post("/api/v1/users", &nowhere).problem(), (422, "invalid".into()));
        let bad = json!({ "name": "third", "roles": ["filer", "king", "filer"] });
        let reply = client.post("/api/v1/users", &bad);
        let reported: Vec<&str> = ["/roles/1", "/roles/2", "/departments"]
            .into_iter()
            .filter(|pointer| {
                let body = reply.json();
                let errors = body["errors"].as_array().expect("errors").clone();
                errors.iter().any(|error| error["pointer"] == *pointer)
            })
            .collect();
        assert_eq!(reported, ["/roles/1", "/roles/2", "/departments"]);
        // the second shuts the first out
        let credentials = json!({ "name": "second", "password": "tea with lemon, cold" });
        let token = client.token.borrow().clone().expect("a token");
        let session = client.post("/api/v1/session", &credentials).json();
        *client.token.borrow_mut() = session["token"].as_str().map(Into::into);
        let out = client.put(&own, &etag, &json!({ "roles": ["manager"], "disabled": true }));
        assert_eq!(out.status, StatusCode::OK);
        assert_eq!(with_token(&client, &token).problem(), (401, "user-disabled".into()));
        let body = json!({ "name": "admin", "password": PASSWORD });
        let refused = client.post("/api/v1/session", &body);
        assert_eq!(refused.problem(), (401, "user-disabled".into()));
        assert!(second["id"].is_string());
    });
}

#[test]
fn an_outside_issuer_is_trusted_by_its_keys_only() {
    let database = sqlite();
    let client = Client::new(&database);
    let new = json!({ "name": "guest", "roles": ["supervisor"], "subject": "guest@city" });
    users::add(&client.app, &Caller::local(), &read(new)).expect("a user");
    let pair = Ed25519KeyPair::generate().expect("a key");
    let x = base64(pair.public_key().as_ref());
    let jwks = json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "kid": "city-1", "alg": "EdDSA", "use": "sig", "x": x }
    ] });
    let outside = Outside::new("https://login.city".into(), "onevisit".into(), &jwks.to_string());
    let past = Arc::new(AtomicI64::new(0));
    let options = AppOptions { outside: Some(outside.expect("sound")), ..moved_by_hand(&past) };
    let app = App::open(&database.address, &StoreOptions::default(), options).expect("it opens").0;
    let at = now().timestamp();
    let key = EncodingKey::from_ed_der(pair.to_pkcs8().expect("PKCS#8").as_ref());
    let sign = |kid: &str, changes: Value| {
        let claims = json!({
            "iss": "https://login.city", "aud": ["onevisit", "map"], "sub": "guest@city",
            "exp": at + 300
        });
        let header = Header { kid: Some(kid.into()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &crate::support::county::with(claims, changes), &key)
            .expect("one")
    };
    let code = |token: &str| match tokens::authenticate(&app, token) {
        Ok(caller) => caller.name,
        Err(onevisit::app::Error::Unauthenticated(why)) => why.code().into(),
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(code(&sign("city-1", json!({}))), "guest");
    for (kid, changes, wanted) in [
        ("city-2", json!({}), "bad-token"),
        ("city-1", json!({ "iss": "onevisit" }), "bad-token"),
        ("city-1", json!({ "aud": "map" }), "bad-token"),
        ("city-1", json!({ "nbf": at + 100 }), "bad-token"),
        ("city-1", json!({ "exp": at - 61 }), "token-expired"),
        ("city-1", json!({ "sub": "stranger" }), "unknown-subject"),
    ] {
        assert_eq!(code(&sign(kid, changes)), wanted);
    }
    // without the setting nobody outside is believed
    let token = sign("city-1", json!({}));
    assert_eq!(with_token(&client, &token).problem(), (401, "bad-token".into()));
    for bad in [
        json!({ "keys": [] }),
        json!({ "keys": [{ "kty": "oct", "kid": "a", "alg": "HS256", "k": "c2VjcmV0" }] }),
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": x }] }),
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "a", "use": "enc", "x": x }] }),
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "a", "alg": "RS256", "x": x }] }),
    ] {
        Outside::new("i".into(), "a".into(), &bad.to_string()).expect_err(&bad.to_string());
    }
}
