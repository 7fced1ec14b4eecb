//! What comes in before anything is known of the caller: bodies that are packed, large or slow.

use crate::api::Client;
use crate::server::{PASSWORD, Server, url};
use crate::support::county::{NOODLES, request};
use crate::support::database::sqlite;
use actix_web::test::TestRequest;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The county and a user, and a server for them.
fn served(options: &[&str], database: &crate::support::database::Database) -> Server {
    crate::support::county::settle(&crate::support::database::app(database));
    let today = ["--today", "2026-03-02"];
    Server::start_with(&[&today[..], options].concat(), &url(database))
}

/// Writes the head of a request.
fn begin(stream: &mut TcpStream, line: &str, token: Option<&str>, headers: &str) {
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
    let token = token.unwrap_or_default();
    let head = format!("{line} HTTP/1.1\r\nHost: x\r\n{token}{headers}\r\n");
    stream.write_all(head.as_bytes()).expect("it is taken");
}

/// The status and the text of what comes back, up to the end of its problem document.
fn answer(stream: &mut TcpStream) -> (u16, String) {
    let (mut text, mut bytes) = (String::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut bytes).expect("an answer in time");
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        if count == 0 || text.contains("\"request_id\"") {
            let status = text.get(9..12).and_then(|digits| digits.parse().ok());
            return (status.expect("a status"), text);
        }
    }
}

#[test]
fn packed_bodies_are_refused_whatever_they_are_packed_by() {
    let client = Client::logged_in(&sqlite());
    let body = request("licence", NOODLES).to_string();
    let send = |codings: &[&str]| {
        let mut call = TestRequest::post().uri("/api/v1/requests").set_payload(body.clone());
        for coding in codings {
            call = call.append_header(("Content-Encoding", *coding));
        }
        client.send(call)
    };
    let token = client.token.borrow().clone();
    for codings in [&["gzip"][..], &["x-gzip"], &["br"], &["zstd"], &["nothing-known"], &[""]] {
        for known in [true, false] {
            *client.token.borrow_mut() = token.clone().filter(|_| known);
            let refused = send(codings);
            assert_eq!(refused.headers.get("accept-encoding").expect("what is taken"), "identity");
            assert_eq!(refused.problem(), (415, "packed-body".into()), "{codings:?}");
        }
    }
    *client.token.borrow_mut() = token;
    assert_eq!(send(&["identity, gzip"]).problem(), (415, "packed-body".into()));
    assert_eq!(send(&["identity", "gzip"]).problem(), (415, "packed-body".into()));
    assert_eq!(send(&["Identity"]).status.as_u16(), 201, "not packed at all");
}

#[test]
fn nobody_unknown_is_read_at_length() {
    let database = sqlite();
    let server = served(&[], &database);
    let long = format!("Content-Length: {}\r\n", 64 << 20);
    for (line, status, code) in [
        ("POST /api/v1/register/areas/import", 401, "token-missing"),
        ("POST /api/v1/requests/import", 401, "token-missing"),
        ("POST /api/v1/session", 413, "too-large"),
        ("POST /api/v1/session/refresh", 413, "too-large"),
        ("POST /api/v1/nowhere", 404, "no-such-route"),
    ] {
        let mut stream = server.connect();
        // not one byte of the body is sent
        begin(&mut stream, line, None, &long);
        let (found, text) = answer(&mut stream);
        assert_eq!(found, status, "{line}: {text}");
        assert!(text.contains(code), "{line}: {text}");
    }
    // without a length it is counted while it comes
    let mut stream = server.connect();
    begin(&mut stream, "POST /api/v1/session", None, "Transfer-Encoding: chunked\r\n");
    for _ in 0..5 {
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(4096));
        // the server may have had enough
        let _ = stream.write_all(chunk.as_bytes());
    }
    let (status, text) = answer(&mut stream);
    assert_eq!(status, 413, "{text}");
}

#[test]
fn bodies_in_flight_have_room_for_so_many_and_no_more() {
    let database = sqlite();
    // they are held for as long as the test looks, however busy the machine is
    let server = served(&["--body-seconds", "600"], &database);
    let token = server.token("admin");
    let big = || {
        let mut stream = server.connect();
        let headers = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", 64 << 20);
        begin(&mut stream, "POST /api/v1/register/areas/import", Some(&token), &headers);
        let mut bytes = [0; 25];
        stream.read_exact(&mut bytes).expect("it is welcome");
        assert_eq!(&bytes, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream
    };
    // room is reserved after the token was looked at, so any of the four may be the one without
    let mut held: Vec<TcpStream> = (0..4).map(|_| big()).collect();
    let start = Instant::now();
    let has_answer = |stream: &TcpStream| {
        stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a limit");
        stream.peek(&mut [0]).is_ok()
    };
    let without = loop {
        if let Some(place) = held.iter().position(has_answer) {
            break place;
        }
        assert!(start.elapsed() < Duration::from_secs(100), "there is no limit");
    };
    let mut without = held.remove(without);
    without.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
    let (status, text) = answer(&mut without);
    assert_eq!(status, 503, "{text}");
    assert!(text.to_lowercase().contains("retry-after: 5") && text.contains("too-many-bodies"));
    assert!(!held.iter().any(has_answer), "three have room");
    // other bodies have room of their own
    let body = json!({ "name": "admin", "password": PASSWORD }).to_string();
    assert_eq!(server.call("POST", "/api/v1/session", "", &body).expect("an answer").0, 200);
    let body = request("licence", NOODLES).to_string();
    assert_eq!(server.call("POST", "/api/v1/requests", &token, &body).expect("an answer").0, 201);
    // and whoever goes gives room back
    held.clear();
    let file = "编号,名称\n";
    let start = Instant::now();
    while server.call("POST", "/api/v1/register/areas/import", &token, file).expect("one").0 == 503
    {
        assert!(start.elapsed() < Duration::from_secs(20), "no room comes back");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_body_that_comes_too_slowly_ends() {
    let database = sqlite();
    let server = served(&["--body-seconds", "1"], &database);
    let token = server.token("admin");
    for (line, token) in [
        ("POST /api/v1/requests", Some(token.as_str())),
        ("POST /api/v1/register/areas/import", Some(token.as_str())),
        ("POST /api/v1/session", None),
    ] {
        let mut stream = server.connect();
        begin(&mut stream, line, token, "Content-Length: 1000\r\n");
        stream.write_all(b"{").expect("it is taken");
        let (status, text) = answer(&mut stream);
        assert_eq!(status, 408, "{line}: {text}");
        assert!(text.contains("body-too-slow"), "{line}: {text}");
    }
}

#[test]
fn every_answer_makes_browsers_keep_to_it() {
    let client = Client::logged_in(&sqlite());
    let pages = ["/", "/start.css", "/docs/", "/docs/swagger-ui-bundle.js", "/api/v1/openapi.json"];
    for uri in
        [&pages[..], &["/healthz", "/api/v1/me", "/nowhere", "/docs/nothing", "/docs"]].concat()
    {
        let reply = client.get(uri);
        let header = |name: &str| {
            let value = reply.headers.get(name).unwrap_or_else(|| panic!("{uri}: {name}"));
            value.to_str().expect("text").to_owned()
        };
        assert_eq!(header("x-content-type-options"), "nosniff", "{uri}");
        assert_eq!(header("x-frame-options"), "DENY", "{uri}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{uri}");
        let policy = header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{uri}: {policy}");
        assert!(policy.starts_with("default-src 'none'") || uri.starts_with("/docs/"), "{policy}");
        assert!(!policy.contains("script-src") && !policy.contains("http"), "{policy}");
    }
    // the page has nothing inline
    let page = String::from_utf8(client.get("/").body).expect("text");
    assert!(!page.contains("<style") && !page.contains("<script") && !page.contains("style="));
    assert!(page.contains("href=\"/start.css\""));
    let style = client.get("/start.css");
    assert_eq!(style.headers.get("content-type").expect("a type"), "text/css; charset=utf-8");
}

#[test]
fn a_head_that_comes_too_slowly_ends_the_connection() {
    let database = sqlite();
    let server = served(&[], &database);
    // the first request of a connection, and a later one
    for before in ["", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let mut stream = server.connect();
        stream.write_all(before.as_bytes()).expect("it is taken");
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHo").expect("it is taken");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("the connection ends");
        assert_eq!(text.contains("200 OK"), !before.is_empty(), "{text}");
    }
}
