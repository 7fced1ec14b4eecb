//! Guessing passwords: whom it slows down, whom it never shuts out, and what ends with a password.

use crate::api::{Client, PASSWORD, Reply};
use crate::support::county::{NOODLES, request};
use crate::support::database::{Database, on_both, read, sqlite};
use actix_web::body::to_bytes;
use actix_web::rt;
use actix_web::test::{self as actix, TestRequest};
use onevisit::app::Caller;
use onevisit::app::access::Origin;
use onevisit::app::access::{login, tokens, users};
use onevisit::http::limits::LimitOptions;
use onevisit::http::server::application;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

const OTHER: &str = "a tea with lemon";

fn peer(host: &str) -> SocketAddr {
    if host.contains(':') { format!("[{host}]:1") } else { format!("{host}:1") }
        .parse()
        .expect("an address")
}

/// A log-in from an address.
fn log_in(client: &Client, host: &str, name: &str, password: &str) -> Reply {
    let body = json!({ "name": name, "password": password });
    let call = TestRequest::post().uri("/api/v1/session").set_json(body);
    client.send(call.peer_addr(peer(host)))
}

fn wrong(client: &Client, host: &str, times: usize) {
    for _ in 0..times {
        let reply = log_in(client, host, "admin", "wrong");
        assert_eq!(reply.problem(), (401, "bad-credentials".into()), "{host}");
    }
}

#[test]
fn log_ins_are_counted_by_route_however_the_address_is_written_and_whoever_asks() {
    let few = LimitOptions { logins_a_minute: NonZeroU32::new(3), ..LimitOptions::default() };
    let client = Client::limited(&sqlite(), &few);
    let at = |uri: &str, host: &str| {
        let body = json!({ "name": "admin", "password": "wrong" });
        client.send(TestRequest::post().uri(uri).set_json(body).peer_addr(peer(host)))
    };
    for uri in ["/api/v1/%73ession", "/api/v1/sessio%6E", "/api/v1/session"] {
        assert_eq!(at(uri, "192.0.2.1").problem().0, 401, "{uri}");
    }
    for uri in ["/api/v1/%73ession", "/api/v1/session"] {
        assert_eq!(at(uri, "192.0.2.1").problem(), (429, "too-many-requests".into()), "{uri}");
    }
    // one connection of IPv6, whatever the rest of the address
    for host in 1..=3 {
        assert_eq!(at("/api/v1/session", &format!("2001:db8::{host}")).problem().0, 401);
    }
    assert_eq!(at("/api/v1/session", "2001:db8::4").problem().0, 429);
    // a good token opens nothing
    let session = log_in(&client, "192.0.2.2", "admin", PASSWORD).json();
    *client.token.borrow_mut() = session["token"].as_str().map(Into::into);
    for _ in 0..2 {
        assert_eq!(at("/api/v1/session", "192.0.2.2").problem().0, 401);
    }
    assert_eq!(at("/api/v1/session", "192.0.2.2").problem().0, 429);
    let refresh = |host: &str| {
        let call = TestRequest::post().uri("/api/v1/%73ession/refresh");
        client.send(call.set_json(json!({ "refresh_token": "x.y" })).peer_addr(peer(host)))
    };
    assert_eq!(refresh("192.0.2.2").problem().0, 429);
    assert_eq!(refresh("192.0.2.3").problem().0, 401);
    let own = |host: &str| {
        let call = TestRequest::put().uri("/api/v1/me/password").peer_addr(peer(host));
        client.send(call.set_json(json!({ "old": "wrong", "new": OTHER })))
    };
    assert_eq!(own("192.0.2.2").problem().0, 429);
    assert_eq!(own("192.0.2.4").problem(), (422, "bad-old-password".into()));
}

#[test]
fn who_guesses_wrong_shuts_out_nobody_but_himself() {
    on_both(|database| {
        let client = Client::new(database);
        wrong(&client, "192.0.2.1", 5);
        let locked = log_in(&client, "192.0.2.1", "admin", PASSWORD);
        assert_eq!(locked.problem(), (429, "locked".into()), "nor is a right one tried there");
        let here = || log_in(&client, "198.51.100.1", "admin", PASSWORD);
        assert_eq!(here().status.as_u16(), 200, "another address is not meant");
        // from where the user has come, the user comes, though others there guess
        wrong(&client, "198.51.100.1", 5);
        let guessed = log_in(&client, "198.51.100.1", "admin", "wrong");
        assert_eq!(guessed.problem(), (429, "locked".into()));
        assert_eq!(here().status.as_u16(), 200);
        // and all is forgotten there, not elsewhere
        wrong(&client, "198.51.100.1", 5);
        assert_eq!(log_in(&client, "192.0.2.1", "admin", PASSWORD).problem().0, 429);
        // a new password makes every address a new one
        let user = users::by_name(&client.app, &Caller::local(), "admin").expect("one").value;
        let new = json!({ "new": PASSWORD });
        users::set_password(&client.app, &Caller::local(), &user.id, &read(new)).expect("set");
        wrong(&client, "198.51.100.1", 5);
        assert_eq!(here().problem(), (429, "locked".into()));
        // nor is an address known for ever
        client.past.fetch_add(40, Ordering::Relaxed);
        assert_eq!(here().status.as_u16(), 200);
        client.past.fetch_add(91 * 86_400, Ordering::Relaxed);
        wrong(&client, "198.51.100.1", 5);
        assert_eq!(here().problem(), (429, "locked".into()));
    });
}

#[test]
fn ten_right_log_ins_at_once_all_succeed_and_ten_wrong_ones_count_as_ten() {
    on_both(|database: &Database| {
        let client = Client::new(database);
        let (app, barrier) = (&client.app, &std::sync::Barrier::new(10));
        let at_once = |address: &str, password: &str| -> Vec<u16> {
            let origin = &Origin { address: Some(address.into()), ..Origin::default() };
            std::thread::scope(|scope| {
                let one = || {
                    barrier.wait();
                    match login::log_in(app, origin, "admin", password) {
                        Ok(_) => 200,
                        Err(onevisit::app::Error::Unauthenticated { .. }) => 401,
                        Err(onevisit::app::Error::TooMany { .. }) => 429,
                        Err(other) => panic!("{other:?}"),
                    }
                };
                let all: Vec<_> = (0..10).map(|_| scope.spawn(one)).collect();
                all.into_iter().map(|one| one.join().expect("it ends")).collect()
            })
        };
        assert_eq!(at_once("192.0.2.1", PASSWORD), [200; 10]);
        let mut wrong = at_once("192.0.2.2", "wrong");
        wrong.sort_unstable();
        assert_eq!(wrong, [401, 401, 401, 401, 401, 429, 429, 429, 429, 429]);
    });
}

#[test]
fn guesses_from_very_many_addresses_slow_down_new_ones_only() {
    let client = Client::new(&sqlite());
    assert_eq!(log_in(&client, "198.51.100.1", "admin", PASSWORD).status.as_u16(), 200);
    // one address counts for five of the hundred, however long it goes on
    for _ in 0..10 {
        let tried = log_in(&client, "192.0.2.200", "admin", "wrong").problem().0;
        assert!([401, 429].contains(&tried));
        client.past.fetch_add(901, Ordering::Relaxed);
    }
    for host in 0..18 {
        wrong(&client, &format!("192.0.2.{host}"), 5);
    }
    let new = |host: &str| log_in(&client, host, "admin", PASSWORD);
    assert_eq!(new("203.0.113.1").status.as_u16(), 200, "ninety-five are borne");
    wrong(&client, "192.0.2.100", 5);
    let refused = new("203.0.113.2");
    assert_eq!(refused.headers.get("retry-after").expect("when"), "31");
    assert_eq!(refused.problem(), (429, "locked".into()));
    for known in ["198.51.100.1", "203.0.113.1"] {
        assert_eq!(new(known).status.as_u16(), 200, "{known}");
    }
    assert_eq!(log_in(&client, "203.0.113.2", "nobody", "x").problem().0, 401, "another name");
    client.past.fetch_add(30, Ordering::Relaxed);
    assert_eq!(new("203.0.113.2").status.as_u16(), 200, "it ends by itself");
}

#[test]
fn ones_own_password_is_guessed_no_more_often_than_at_log_in() {
    on_both(|database| {
        let client = Client::new(database);
        let session = log_in(&client, "192.0.2.1", "admin", PASSWORD).json();
        *client.token.borrow_mut() = session["token"].as_str().map(Into::into);
        let set = |host: &str, old: &str| {
            let call = TestRequest::put().uri("/api/v1/me/password").peer_addr(peer(host));
            client.send(call.set_json(json!({ "old": old, "new": OTHER })))
        };
        for _ in 0..5 {
            assert_eq!(set("192.0.2.9", "wrong").problem(), (422, "bad-old-password".into()));
        }
        assert_eq!(set("192.0.2.9", PASSWORD).problem(), (429, "locked".into()));
        // the two are one count
        assert_eq!(log_in(&client, "192.0.2.9", "admin", PASSWORD).problem().0, 429);
        assert_eq!(set("192.0.2.1", PASSWORD).status.as_u16(), 204);
        let out = client.get("/api/v1/me").problem();
        assert_eq!(out, (401, "session-ended".into()));
    });
}

#[test]
fn a_lock_of_a_clock_that_was_wrong_is_none() {
    let client = Client::new(&sqlite());
    client.past.store(86_400, Ordering::Relaxed);
    wrong(&client, "192.0.2.1", 5);
    assert_eq!(log_in(&client, "192.0.2.1", "admin", PASSWORD).problem().0, 429);
    client.past.store(0, Ordering::Relaxed);
    assert_eq!(log_in(&client, "192.0.2.1", "admin", PASSWORD).status.as_u16(), 200);
}

#[test]
fn personal_tokens_end_with_the_password_unless_they_are_kept() {
    on_both(|database| {
        let client = Client::new(database);
        let local = Caller::local();
        let add = || {
            let new = read(json!({ "name": "map", "scopes": ["read"] }));
            tokens::add_for(&client.app, &local, "admin", &new).expect("a token").token
        };
        let state = |token: &str| {
            *client.token.borrow_mut() = Some(token.to_owned());
            let reply = client.get("/api/v1/me");
            if reply.status.is_success() { "good".into() } else { reply.problem().1 }
        };
        let own = |old: &str, new: &str, more: Value| {
            *client.token.borrow_mut() = None;
            let session = log_in(&client, "192.0.2.1", "admin", old).json();
            *client.token.borrow_mut() = session["token"].as_str().map(Into::into);
            let body = crate::support::county::with(json!({ "old": old, "new": new }), more);
            assert_eq!(client.put("/api/v1/me/password", "", &body).status.as_u16(), 204);
        };
        let first = add();
        own(PASSWORD, OTHER, json!({ "keep_tokens": true }));
        assert_eq!(state(&first), "good");
        own(OTHER, PASSWORD, json!({}));
        assert_eq!(state(&first), "token-revoked");
        let second = add();
        let user = users::by_name(&client.app, &local, "admin").expect("one").value;
        let set = |new: Value| users::set_password(&client.app, &local, &user.id, &read(new));
        set(json!({ "new": OTHER, "keep_tokens": true })).expect("set");
        assert_eq!(state(&second), "good");
        set(json!({ "new": OTHER })).expect("set");
        assert_eq!(state(&second), "token-revoked");
    });
}

#[test]
fn the_command_line_ends_personal_tokens_with_the_password_too() {
    let database = sqlite();
    let client = Client::new(&database);
    let local = Caller::local();
    let new = read(json!({ "name": "map", "scopes": ["read"] }));
    let token = tokens::add_for(&client.app, &local, "admin", &new).expect("a token").token;
    let set = |options: &[&str]| {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_onevisit"))
            .args(["user", "password", "admin", "--database", &crate::server::url(&database)])
            .args(options)
            .env("ONEVISIT_USER_PASSWORD", OTHER)
            .output()
            .expect("it runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    set(&["--keep-tokens"]);
    tokens::authenticate(&client.app, &token).expect("kept on purpose");
    set(&[]);
    tokens::authenticate(&client.app, &token).expect_err("revoked");
}

#[test]
fn event_streams_end_with_what_opened_them() {
    let database = sqlite();
    let client = Client::logged_in(&database);
    crate::support::county::file(&client.app, request("licence", NOODLES));
    // nobody plans here: the run waits, and its stream with it
    let run = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 100 });
    let run = client.post("/api/v1/runs", &run).json();
    assert_eq!(run["state"], "queued", "{run}");
    let uri = format!("/api/v1/runs/{}/events", run["id"].as_str().expect("an id"));
    let local = Caller::local();
    let manager = json!({ "name": "manager", "password": OTHER, "roles": ["manager"] });
    let manager = users::add(&client.app, &local, &read(manager)).expect("a user");
    let session = || {
        let session = login::log_in(&client.app, &Origin::default(), "manager", OTHER);
        session.expect("a session").token
    };
    let new = read(json!({ "name": "map", "scopes": ["read"] }));
    let personal = tokens::add_for(&client.app, &local, "manager", &new).expect("a token");
    let by_session = session();
    let id = personal.listed.id.clone();
    let log_out = || {
        let caller = tokens::authenticate(&client.app, &by_session).expect("it is good");
        login::log_out(&client.app, &caller).expect("ended");
    };
    let revoke = || tokens::revoke(&client.app, &local, &id).expect("revoked");
    let disable = || {
        let change = read(json!({ "roles": ["manager"], "disabled": true }));
        users::change(&client.app, &local, &manager.value.id, &change, 1).expect("shut out");
    };
    let ends: [(&str, &dyn Fn()); 3] =
        [(&by_session, &log_out), (&personal.token, &revoke), (&session(), &disable)];
    for (token, end) in ends {
        rt::System::new().block_on(async {
            let application = application(Arc::clone(&client.app), Arc::clone(&client.limits));
            let service = actix::init_service(application).await;
            let call = TestRequest::get().uri(&uri);
            let call = call.insert_header(("Authorization", format!("Bearer {token}")));
            let response = actix::call_service(&service, call.to_request()).await;
            assert_eq!(response.status().as_u16(), 200);
            end();
            let body =
                tokio::time::timeout(Duration::from_secs(100), to_bytes(response.into_body()));
            let body = body.await.expect("the stream ends").map_err(|_| ()).expect("a body");
            assert!(String::from_utf8_lossy(&body).contains("queued"));
        });
    }
}
