//! Which requests are refused before anything else: those that name another host, and those of a page in a browser.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Uri, Version};

/// How a connection arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Over the Unix socket, from a process of this user.
    Socket {
        /// The user's number.
        user: u32,
    },
    /// Over a loopback address.
    Loopback {
        /// The port that this process listens on.
        port: u16,
    },
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Screened {
    /// There is no host, or more than one.
    NoHost,
    /// The request is for another host: a page may have had its name resolved to a loopback address (DNS rebinding).
    AnotherHost,
    /// A page in a browser has sent the request.
    Page,
}

impl Screened {
    /// The value of the label `reason`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NoHost => "no_host",
            Self::AnotherHost => "another_host",
            Self::Page => "page",
        }
    }

    pub(super) fn message(self) -> &'static str {
        match self {
            Self::NoHost => "a request must have one `Host` header: send `Host: localhost`",
            Self::AnotherHost => {
                "the request names another host: send `Host: localhost`, with the port if there is one"
            }
            Self::Page => "requests of pages in browsers are refused: do not send `Origin` or `Sec-Fetch-Site`",
        }
    }
}

/// Decides whether a request is refused because of the host that it names, or because it comes from a page.
pub(super) fn screen(arrival: Arrival, request: &Parts) -> Result<(), Screened> {
    check_host(arrival, request.version, &request.uri, &request.headers)?;
    let mut sites = request.headers.get_all("sec-fetch-site").iter();
    // `none` is sent for an address that the user has typed.
    if request.headers.contains_key(ORIGIN) || sites.any(|site| site != "none") {
        return Err(Screened::Page);
    }
    Ok(())
}

fn check_host(arrival: Arrival, version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), Screened> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Err(Screened::NoHost),
        (None, None) if version >= Version::HTTP_11 => return Err(Screened::NoHost),
        (None, None) => {}
        // RFC 9112 section 3.2: the header is empty if the target has no authority, as that of a Unix socket.
        (Some(host), None) if host.is_empty() && matches!(arrival, Arrival::Socket { .. }) => {}
        (Some(host), None) => {
            let host = Authority::try_from(host.as_bytes()).map_err(|_| Screened::AnotherHost)?;
            check_authority(arrival, &host)?;
        }
    }
    // The absolute form takes precedence over the header (RFC 9112 section 3.2.2).
    uri.authority().map_or(Ok(()), |authority| check_authority(arrival, authority))
}

fn check_authority(arrival: Arrival, authority: &Authority) -> Result<(), Screened> {
    let has_user = authority.as_str().contains('@');
    let port_fits = match arrival {
        Arrival::Socket { .. } => true,
        Arrival::Loopback { port } => match authority.port_u16() {
            Some(named) => named == port,
            // `host:` and `host:99999` have no port that can be read.
            None => port == 80 && authority.as_str() == authority.host(),
        },
    };
    if has_user || !port_fits || !is_loopback(authority.host()) { Err(Screened::AnotherHost) } else { Ok(()) }
}

fn is_loopback(host: &str) -> bool {
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match literal {
        Some(address) => address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
        None => {
            host.eq_ignore_ascii_case("localhost")
                || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const SOCKET: Arrival = Arrival::Socket { user: 1000 };
    const PORT: Arrival = Arrival::Loopback { port: 7000 };

    fn screened(arrival: Arrival, target: &str, headers: &[(&str, &str)]) -> Result<(), Screened> {
        let mut request = Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        screen(arrival, &request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn only_names_of_this_machine_are_accepted_as_host() {
        for (host, socket, port) in [
            ("localhost", true, false),
            ("localhost:7000", true, true),
            ("LocalHost:7000", true, true),
            ("127.0.0.1:7000", true, true),
            ("127.8.9.1:7000", true, true),
            ("[::1]:7000", true, true),
            ("localhost:7001", true, false),
            ("localhost:", true, false),
            ("localhost:70000", true, false),
            ("", true, false),
            ("localhost.:7000", false, false),
            ("evil.example:7000", false, false),
            ("localhost.evil.example:7000", false, false),
            ("127.0.0.1.evil.example:7000", false, false),
            ("0.0.0.0:7000", false, false),
            ("0177.0.0.1:7000", false, false),
            ("10.0.0.1:7000", false, false),
            ("[::]:7000", false, false),
            ("[::ffff:127.0.0.1]:7000", false, false),
            ("localhost@evil.example:7000", false, false),
            ("user@localhost:7000", false, false),
            ("localhost, evil.example", false, false),
        ] {
            assert_eq!(screened(SOCKET, "/v1/token", &[("host", host)]).is_ok(), socket, "{host}");
            assert_eq!(screened(PORT, "/v1/token", &[("host", host)]).is_ok(), port, "{host}");
        }
        assert!(screened(Arrival::Loopback { port: 80 }, "/", &[("host", "localhost")]).is_ok());
    }

    #[test]
    fn a_request_has_one_host_and_its_absolute_target_names_the_same_machine() {
        let own = ("host", "localhost:7000");
        for (target, headers, wanted) in [
            ("/", &[][..], Err(Screened::NoHost)),
            ("/", &[own, ("host", "evil.example")], Err(Screened::NoHost)),
            ("/", &[own, own], Err(Screened::NoHost)),
            ("http://localhost:7000/", &[own], Ok(())),
            ("http://evil.example/", &[own], Err(Screened::AnotherHost)),
            ("http://localhost@evil.example/", &[own], Err(Screened::AnotherHost)),
        ] {
            for arrival in [SOCKET, PORT] {
                assert_eq!(screened(arrival, target, headers), wanted, "{target} {headers:?}");
            }
        }
    }

    #[test]
    fn requests_of_pages_are_refused_and_those_of_programs_are_not() {
        for (headers, wanted) in [
            (&[("user-agent", "curl/8")][..], Ok(())),
            // Node's `fetch` sends this.
            (&[("sec-fetch-mode", "cors")], Ok(())),
            (&[("sec-fetch-site", "none")], Ok(())),
            (&[("sec-fetch-site", "same-origin")], Err(Screened::Page)),
            (&[("sec-fetch-site", "cross-site")], Err(Screened::Page)),
            (&[("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")], Err(Screened::Page)),
            (&[("origin", "https://evil.example")], Err(Screened::Page)),
            (&[("origin", "null")], Err(Screened::Page)),
            (&[("origin", "")], Err(Screened::Page)),
        ] {
            let headers: Vec<_> = headers.iter().copied().chain([("host", "localhost:7000")]).collect();
            for arrival in [SOCKET, PORT] {
                assert_eq!(screened(arrival, "/v1/token", &headers), wanted, "{headers:?}");
            }
        }
    }
}
