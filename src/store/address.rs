//! Where the database is.

use crate::domain::Message;
use crate::message;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A file; made when missing.
    Sqlite(PathBuf),
    /// `postgres://…`; several hosts may be named, with commas between.
    Postgres(String),
}

impl FromStr for Address {
    type Err = Message;

    /// `postgres://…`, `sqlite:PATH`, or a path.
    fn from_str(text: &str) -> Result<Self, Message> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.contains("://") || path == ":memory:" {
            return Err(message!("bad-address"));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl std::fmt::Display for Address {
    /// Hosts and database only: in a user's part and in parameters may be a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                // a ? before an @ may be the password's, or the @ a parameter's: neither is shown
                let (user, place) = rest.rsplit_once('@').unwrap_or(("", rest));
                let place = if user.contains('?') { "…" } else { place };
                let place = place.split_once('?').map_or(place, |(place, _)| place);
                write!(f, "postgres://{place}")
            }
        }
    }
}

/// A parameter by which [`with_defaults`] marks a session: PostgreSQL keeps what it does not know under
/// a name with a dot; a pooler drops or refuses it.
pub(super) const MARK: &str = "onevisit.session";

/// A PostgreSQL URL with what it does not say itself: how long to wait for each host, when a peer that
/// does not answer counts as gone, and, of several hosts, the one that takes writes. `is_marked`: with
/// [`MARK`].
pub(super) fn with_defaults(url: &str, wait: Duration, is_marked: bool) -> String {
    let (place, parameters) = url.split_once('?').unwrap_or((url, ""));
    let named = |name: &str| {
        let mut values = parameters.split('&').filter_map(|p| p.split_once('='));
        values.find(|(found, _)| *found == name).map(|(_, value)| value)
    };
    let authority = place.split_once("://").map_or("", |(_, rest)| rest);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let listed = authority.split('/').next().unwrap_or_default();
    let hosts = [Some(listed), named("host"), named("hostaddr")]
        .into_iter()
        .flatten()
        .map(|list| list.split(',').count())
        .max()
        .unwrap_or(1);
    // libpq counts the time for each host, and takes no less than two seconds
    let seconds = (wait.as_secs() / hosts as u64).max(2);
    let mut defaults = vec![
        ("connect_timeout", seconds.to_string()),
        ("keepalives_idle", "10".into()),
        ("keepalives_interval", "5".into()),
        ("keepalives_count", "3".into()),
        ("tcp_user_timeout", "15000".into()),
    ];
    if hosts > 1 {
        defaults.push(("target_session_attrs", "read-write".into()));
    }
    let mut all: Vec<String> =
        parameters.split('&').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    let missing = defaults.into_iter().filter(|(name, _)| named(name).is_none());
    all.extend(missing.map(|(name, value)| format!("{name}={value}")));
    if is_marked {
        let mark = format!("-c%20{MARK}%3D1");
        match all.iter_mut().find(|parameter| parameter.starts_with("options=")) {
            Some(options) => options.push_str(&format!("%20{mark}")),
            None => all.push(format!("options={mark}")),
        }
    }
    format!("{place}?{}", all.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(url: &str) -> String {
        with_defaults(url, Duration::from_secs(5), false)
    }

    #[test]
    fn what_a_url_says_itself_holds_and_the_rest_is_added() {
        let rest =
            "keepalives_idle=10&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=15000";
        assert_eq!(full("postgres://u@h/d"), format!("postgres://u@h/d?connect_timeout=5&{rest}"));
        assert_eq!(
            full("postgres://u@h/d?sslmode=require&connect_timeout=9"),
            format!("postgres://u@h/d?sslmode=require&connect_timeout=9&{rest}")
        );
        // a password may look like a parameter
        let url = full("postgres://u:connect_timeout@h/d");
        assert!(url.contains("?connect_timeout=5"), "{url}");
    }

    #[test]
    fn of_several_hosts_the_one_that_takes_writes_is_sought() {
        for url in [
            "postgres://u:a,b@h1,h2:5433/d",
            "postgres://h1:1,h2:2,h3/d",
            "postgres:///d?host=h1,h2",
        ] {
            let url = full(url);
            assert!(url.contains("connect_timeout=2&"), "{url}");
            assert!(url.ends_with("&target_session_attrs=read-write"), "{url}");
        }
        let url = full("postgres://h1,h2/d?target_session_attrs=any");
        assert_eq!(url.matches("target_session_attrs").count(), 1, "{url}");
        assert!(!full("postgres://u:a,b@h1/d").contains("target_session_attrs"));
    }

    #[test]
    fn a_mark_joins_the_options_that_are_there() {
        let marked = |url: &str| with_defaults(url, Duration::from_secs(5), true);
        assert!(marked("postgres://h/d").ends_with("&options=-c%20onevisit.session%3D1"));
        let url = marked("postgres://h/d?options=-c%20geqo%3Doff");
        assert!(url.contains("?options=-c%20geqo%3Doff%20-c%20onevisit.session%3D1&"), "{url}");
    }
}
