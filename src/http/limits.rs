//! Limits on how often an address may call what needs no token: log-in, refreshing, and the public
//! routes. Counted over all threads of the server, by the token bucket of `governor`.

use crate::app::Error;
use governor::{Quota, RateLimiter};
use std::net::IpAddr;
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
}

/// What has been called so far.
pub struct Limits {
    logins: Option<Limiter>,
    public: Option<Limiter>,
    proxy: Option<IpAddr>,
    calls: AtomicU32,
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
        }
    }

    /// Who calls: the peer, or whom a trusted proxy calls for.
    pub(super) fn address(&self, peer: Option<IpAddr>, forwarded: Option<&str>) -> Option<IpAddr> {
        let told = || forwarded?.rsplit(',').next()?.trim().parse().ok();
        if peer.is_some() && peer == self.proxy { told().or(peer) } else { peer }
    }

    /// Counts a call without a token; refuses it when it is one too many.
    pub(super) fn count(&self, address: Option<IpAddr>, is_login: bool) -> Result<(), Error> {
        if self.calls.fetch_add(1, Ordering::Relaxed) % SWEEP_CALLS == SWEEP_CALLS - 1 {
            for limiter in [&self.logins, &self.public].into_iter().flatten() {
                limiter.retain_recent();
            }
        }
        let limiter = if is_login { &self.logins } else { &self.public };
        let Some(limiter) = limiter else { return Ok(()) };
        limiter.check_key(&address).map_err(|refused| {
            let wait = refused.wait_time_from(governor::clock::Clock::now(
                &governor::clock::DefaultClock::default(),
            ));
            Error::TooMany {
                code: "too-many-requests",
                message: "Too many calls without a token from this address.",
                seconds: wait.as_secs() + 1,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().ok();
        let limits =
            Limits::new(&LimitOptions { proxy: ip("10.0.0.1"), ..LimitOptions::default() });
        let forwarded = Some("203.0.113.9, 198.51.100.7");
        assert_eq!(limits.address(ip("10.0.0.1"), forwarded), ip("198.51.100.7"));
        assert_eq!(limits.address(ip("10.0.0.1"), Some("nonsense")), ip("10.0.0.1"));
        assert_eq!(limits.address(ip("10.0.0.1"), None), ip("10.0.0.1"));
        assert_eq!(limits.address(ip("192.0.2.1"), forwarded), ip("192.0.2.1"));
        assert_eq!(limits.address(None, forwarded), None);
    }

    #[test]
    fn addresses_are_counted_apart() {
        let few = NonZeroU32::new(3);
        let options = LimitOptions { logins_a_minute: few, ..LimitOptions::default() };
        let limits = Limits::new(&options);
        let (one, other) = ("192.0.2.1".parse().ok(), "192.0.2.2".parse().ok());
        for _ in 0..3 {
            limits.count(one, true).expect("within the limit");
        }
        let refused = limits.count(one, true).expect_err("one too many");
        assert!(matches!(refused, Error::TooMany { seconds: 1..=21, .. }), "{refused:?}");
        limits.count(other, true).expect("another address");
        limits.count(one, false).expect("no limit on these");
    }
}
