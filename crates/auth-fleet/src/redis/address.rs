//! Addresses of stores, checked before a connection is opened.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use auth_core::Secret;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::store::error::{StoreError, StoreErrorKind};

/// The port without one in the URL.
const DEFAULT_PORT: u16 = 6379;

/// What a URL says.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) place: Place,
    pub(super) database: Option<i64>,
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret>,
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A host, without the brackets of an IPv6 address, and a port.
    Tcp { host: String, port: u16, tls: bool },
    /// A Unix socket.
    Unix(PathBuf),
}

impl Place {
    /// True if nobody else can read the connection.
    pub(super) fn is_protected(&self) -> bool {
        match self {
            Self::Unix(_) | Self::Tcp { tls: true, .. } => true,
            Self::Tcp { host, .. } => is_loopback(host),
        }
    }

    /// Refuses an address to which the password and the names would be sent in plain text.
    pub(super) fn check(&self, is_plain_text_allowed: bool) -> Result<(), StoreError> {
        if is_plain_text_allowed || self.is_protected() {
            return Ok(());
        }
        Err(refused(
            "a connection without TLS is for loopback addresses; use `rediss://`, or call `plain_text_allowed`",
        ))
    }
}

/// As `BaseUrl` of auth-transport: `127.0.0.0/8`, `[::1]` and `localhost`.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || host.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback())
}

impl Address {
    /// Reads a URL: `redis`, `rediss`, `valkey` and `valkeys` with host, port, database, user and password, or `unix` with a
    /// path and, in its query, `db`, `user` and `pass`.
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return Err(refused("the URL has white space or a control character in it"));
        }
        let url = Url::parse(text).map_err(|_| refused("the address is not a URL"))?;
        if url.fragment().is_some() {
            return Err(refused("the URL has a fragment; certificates are always checked"));
        }
        match url.scheme() {
            "redis" | "valkey" => tcp(&url, false),
            "rediss" | "valkeys" => tcp(&url, true),
            "unix" | "redis+unix" | "valkey+unix" => unix(&url),
            _ => Err(refused("the scheme of the URL is none of `rediss`, `redis`, `valkeys`, `valkey` and `unix`")),
        }
    }
}

fn tcp(url: &Url, tls: bool) -> Result<Address, StoreError> {
    if url.query().is_some() {
        return Err(refused("the URL has a query, which this scheme does not use"));
    }
    // The URL standard reads the host of such a scheme as it is written.
    let host = match url.host() {
        Some(Host::Ipv6(address)) => address.to_string(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Domain(name)) if is_host_name(name) => name.to_owned(),
        _ => return Err(refused("the URL has no host, or one that is not a name or an IP address")),
    };
    let database = match url.path().trim_end_matches('/').trim_start_matches('/') {
        "" => None,
        number => Some(database(number)?),
    };
    let text = |text: &str| decoded(text).map(|text| (!text.is_empty()).then_some(text));
    Ok(Address {
        place: Place::Tcp { host, port: url.port().unwrap_or(DEFAULT_PORT), tls },
        database,
        user: text(url.username())?,
        password: text(url.password().unwrap_or_default())?.map(Secret::from),
    })
}

fn unix(url: &Url) -> Result<Address, StoreError> {
    if !cfg!(unix) || url.host_str().is_some_and(|host| !host.is_empty()) || url.path().len() < 2 {
        return Err(refused("a URL for a Unix socket is `unix:///path/of/the/socket`"));
    }
    let mut address =
        Address { place: Place::Unix(PathBuf::from(decoded(url.path())?)), database: None, user: None, password: None };
    for (name, value) in url.query_pairs() {
        match &*name {
            "db" => address.database = Some(database(&value)?),
            "user" => address.user = Some(value.into_owned()),
            "pass" => address.password = Some(Secret::from(value.into_owned())),
            _ => return Err(refused("the query of a URL for a Unix socket has `db`, `user` and `pass`")),
        }
    }
    Ok(address)
}

fn is_host_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

fn database(text: &str) -> Result<i64, StoreError> {
    let number = text.parse::<u32>().map_err(|_| refused("the database in the URL is not a number"))?;
    Ok(number.into())
}

fn decoded(text: &str) -> Result<String, StoreError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| refused("a part of the URL is not UTF-8 after percent-decoding"))
}

fn refused(reason: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Configuration, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(host: &str, port: u16, tls: bool) -> Place {
        Place::Tcp { host: host.to_owned(), port, tls }
    }

    #[test]
    fn a_url_names_the_place_the_database_and_the_user() {
        for (text, expected, database, user, password) in [
            ("redis://127.0.0.1", place("127.0.0.1", 6379, false), None, None, None),
            ("rediss://store.example.com:6380/3", place("store.example.com", 6380, true), Some(3), None, None),
            ("valkeys://ann:s3%40cret@store/", place("store", 6379, true), None, Some("ann"), Some("s3@cret")),
            ("valkey://:s3cret@[::1]:1/0", place("::1", 1, false), Some(0), None, Some("s3cret")),
            ("unix:///run/redis%20a.sock", Place::Unix("/run/redis a.sock".into()), None, None, None),
            ("redis+unix:///a?db=2&user=ann&pass=b", Place::Unix("/a".into()), Some(2), Some("ann"), Some("b")),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.place, expected, "{text}");
            let found = (address.database, address.user.as_deref(), address.password.as_ref().map(Secret::expose));
            assert_eq!(found, (database, user, password), "{text}");
            assert!(!format!("{address:?}").contains("s3"), "{address:?}");
        }
    }

    #[test]
    fn a_url_that_cannot_be_meant_is_refused_without_repeating_it() {
        for text in [
            "",
            "127.0.0.1:6379",
            "http://127.0.0.1",
            "redis://",
            "redis:///0",
            "redis://s3cret@",
            "redis://127.0.0.1/s3cret",
            "redis://127.0.0.1/-1",
            "redis://127.0.0.1?s3cret",
            "redis://127.0.0.1:99999",
            "redis://127.0.0.1 ",
            "redis://127.0.0.1\n",
            "redis://127.0.0.1\\.example.com",
            "redis://%31%32%37.0.0.1",
            "rediss://store.example.com#insecure",
            "rediss://st\u{f6}re.example.com",
            "redis://:%ff@127.0.0.1",
            "unix://host/path",
            "unix:///",
            "unix:///a?s3cret=1",
        ] {
            let error = Address::parse(text).expect_err(text);
            assert_eq!(error.kind(), StoreErrorKind::Configuration, "{text}");
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn plain_text_is_for_loopback_unless_it_is_allowed() {
        for (text, is_protected) in [
            ("redis://127.0.0.1", true),
            ("redis://127.9.9.9:1", true),
            ("redis://LocalHost", true),
            ("redis://[::1]", true),
            ("redis://[0:0::1]", true),
            ("unix:///run/redis.sock", true),
            ("rediss://10.0.0.1", true),
            ("redis://10.0.0.1", false),
            ("redis://store.example.com", false),
            ("redis://localhost.example.com", false),
            ("redis://a.localhost", false),
            ("redis://localhost.", false),
            ("redis://127.0.0.1.example.com", false),
            ("redis://127.0.0.1@example.com", false),
            ("redis://127.1", false),
            ("redis://0177.0.0.1", false),
            ("redis://2130706433", false),
            ("redis://0x7f000001", false),
            ("redis://[::ffff:127.0.0.1]", false),
            ("redis://0.0.0.0", false),
            ("redis://[::]", false),
        ] {
            let place = Address::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).place;
            assert_eq!(place.check(false).is_ok(), is_protected, "{text}");
            place.check(true).unwrap();
        }
    }
}
