//! Limits on how often an address may try a password or a refresh token, and call without a token.
//! Counted over all threads of the server, by the token bucket of `governor`.

use super::bodies::Bodies;
use crate::app::Error;
use crate::app::access::guesses::network;
use crate::message;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

type Limiter = governor::DefaultKeyedRateLimiter<Option<IpAddr>>;

/// Calls between two sweeps of addresses that have been quiet.
const SWEEP_CALLS: u32 = 1_000;

/// How often, and behind which proxy.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitOptions {
    /// Log-ins and refreshes of an address in a minute, all at once if need be; `None`: as many as come.
    pub logins_a_minute: Option<NonZeroU32>,
    /// Other calls of an address without a token in a minute.
    pub public_a_minute: Option<NonZeroU32>,
    /// A proxy that is believed whom it calls for: the last address of `X-Forwarded-For`.
    pub proxy: Option<IpAddr>,
    /// Seconds that a body may take, beside one for each 64 KiB of it; `None`: as long as it takes.
    pub body_seconds: Option<NonZeroU32>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// A password or a refresh token is tried.
    LogIn,
    /// A call without a token, or with one that is none.
    Public,
}

/// An address as proxies write it: with a port or without, of IPv6 in brackets or not.
fn forwarded_address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    Some(bare.parse().ok().or_else(with_port)?.to_canonical())
}

/// What has been called so far, and what bodies are in flight.
pub struct Limits {
    logins: Option<Limiter>,
    public: Option<Limiter>,
    proxy: Option<IpAddr>,
    calls: AtomicU32,
    pub(super) bodies: Bodies,
}

impl Limits {
    /// Nothing so far.
    pub fn new(options: &LimitOptions) -> Self {
        let limiter = |a_minute: NonZeroU32| RateLimiter::keyed(Quota::per_minute(a_minute));
        Self {
            logins: options.logins_a_minute.map(limiter),
            public: options.public_a_minute.map(limiter),
            proxy: options.proxy,
            calls: AtomicU32::new(0),
            bodies: Bodies::new(options.body_seconds),
        }
    }

    /// Who calls: the peer, or whom a trusted proxy calls for.
    /// Of several lines of `X-Forwarded-For` the last is the proxy's, as of several addresses in a line.
    pub(super) fn address<'h>(
        &self,
        peer: Option<IpAddr>,
        forwarded: impl Iterator<Item = &'h [u8]>,
    ) -> Option<IpAddr> {
        let peer = peer.map(|peer| peer.to_canonical());
        if peer.is_none() || peer != self.proxy.map(|proxy| proxy.to_canonical()) {
            return peer;
        }
        let last = forwarded.last().and_then(|line| line.rsplit(|byte| *byte == b',').next());
        last.and_then(forwarded_address).or(peer)
    }

    /// Counts a call; refuses it when it is one too many. Addresses of one connection count together.
    pub(super) fn count(&self, address: Option<IpAddr>, call: Call) -> Result<(), Error> {
        if self.calls.fetch_add(1, Ordering::Relaxed) % SWEEP_CALLS == SWEEP_CALLS - 1 {
            for limiter in [&self.logins, &self.public].into_iter().flatten() {
                limiter.retain_recent();
            }
        }
        let (limiter, message) = match call {
            Call::LogIn => (&self.logins, message!("too-many-requests_log-ins")),
            Call::Public => (&self.public, message!("too-many-requests_calls")),
        };
        let Some(limiter) = limiter else { return Ok(()) };
        limiter.check_key(&address.map(network)).map_err(|refused| {
            let wait = refused.wait_time_from(governor::clock::Clock::now(
                &governor::clock::DefaultClock::default(),
            ));
            Error::TooMany { message, seconds: wait.as_secs() + 1 }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let limits =
            Limits::new(&LimitOptions { proxy: ip("10.0.0.1"), ..LimitOptions::default() });
        let address = |peer: &str, lines: &[&str]| {
            limits.address(ip(peer), lines.iter().map(|line| line.as_bytes()))
        };
        let forwarded = "203.0.113.9, 198.51.100.7";
        assert_eq!(address("10.0.0.1", &[forwarded]), ip("198.51.100.7"));
        assert_eq!(address("::ffff:10.0.0.1", &[forwarded]), ip("198.51.100.7"));
        assert_eq!(address("10.0.0.1", &["203.0.113.9", "198.51.100.7"]), ip("198.51.100.7"));
        assert_eq!(address("10.0.0.1", &["nonsense"]), ip("10.0.0.1"));
        assert_eq!(address("10.0.0.1", &["198.51.100.7", ""]), ip("10.0.0.1"));
        assert_eq!(address("10.0.0.1", &[]), ip("10.0.0.1"));
        assert_eq!(address("192.0.2.1", &[forwarded]), ip("192.0.2.1"));
        assert_eq!(limits.address(None, [forwarded.as_bytes()].into_iter()), None);
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (text, wanted) in [
            ("198.51.100.7:4711", "198.51.100.7"),
            (" 198.51.100.7 ", "198.51.100.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("\"[2001:db8::7]:4711\"", "2001:db8::7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
        ] {
            assert_eq!(forwarded_address(text.as_bytes()), ip(wanted), "{text}");
        }
        for bad in ["unknown", "198.51.100.7:", "198.51.100", "[2001:db8::7", "_hidden", "\u{ff11}"]
        {
            assert_eq!(forwarded_address(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn addresses_are_counted_apart() {
        let few = NonZeroU32::new(3);
        let options = LimitOptions { logins_a_minute: few, ..LimitOptions::default() };
        let limits = Limits::new(&options);
        let (one, other) = (ip("192.0.2.1"), ip("192.0.2.2"));
        for _ in 0..3 {
            limits.count(one, Call::LogIn).expect("within the limit");
        }
        let refused = limits.count(one, Call::LogIn).expect_err("one too many");
        assert!(matches!(refused, Error::TooMany { seconds: 1..=21, .. }), "{refused:?}");
        limits.count(other, Call::LogIn).expect("another address");
        limits.count(one, Call::Public).expect("no limit on these");
        // a connection of IPv6 has as many addresses as it likes
        for host in 1..=3 {
            limits.count(ip(&format!("2001:db8::{host}")), Call::LogIn).expect("within it");
        }
        limits.count(ip("2001:db8::4"), Call::LogIn).expect_err("the same connection");
        limits.count(ip("2001:db8:0:1::4"), Call::LogIn).expect("another one");
    }
}
