//! Which headers pass the proxy.

use http::header::{
    ALT_SVC, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Headers that concern one connection (RFC 9110 section 7.6.1), besides those that `Connection` names.
const OF_CONNECTION: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The name of this proxy (RFC 9110 section 7.6.3).
const NAME: HeaderValue = HeaderValue::from_static("1.1 access-token");

/// The headers of a request that the upstream gets, without `Authorization`.
///
/// Cookies of a browser are not bound to a port, so those that arrive may belong to any program of this host. The length is that of
/// the body as it is sent.
pub(super) fn of_request(headers: &HeaderMap) -> HeaderMap {
    let mut passed = without(headers, &[AUTHORIZATION, CONTENT_LENGTH, COOKIE, EXPECT, HOST]);
    passed.append(VIA, NAME);
    passed
}

/// The headers of a response that the caller gets. `Location` is not changed.
///
/// Cookies of the upstream are not for the host of this proxy, and neither are its other addresses.
pub(super) fn of_response(headers: &HeaderMap) -> HeaderMap {
    let mut passed = without(headers, &[ALT_SVC, SET_COOKIE]);
    passed.append(VIA, NAME);
    passed
}

fn without(headers: &HeaderMap, more: &[HeaderName]) -> HeaderMap {
    let named = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<HeaderName> =
        named.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok()).collect();
    let mut passed = headers.clone();
    for name in OF_CONNECTION.iter().chain(more).chain(&named) {
        passed.remove(name);
    }
    passed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        lines.iter().map(header).collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_concerns_a_connection_or_another_server_does_not_pass() {
        let sent = headers(&[
            ("Host", "localhost"),
            ("Authorization", "Bearer caller"),
            ("Cookie", "a=b"),
            ("Connection", "close, X-Own"),
            ("Connection", "x-other"),
            ("X-Own", "1"),
            ("X-Other", "1"),
            ("Keep-Alive", "timeout=5"),
            ("Proxy-Connection", "keep-alive"),
            ("Proxy-Authorization", "Basic abc"),
            ("TE", "trailers"),
            ("Trailer", "x"),
            ("Transfer-Encoding", "chunked"),
            ("Upgrade", "websocket"),
            ("Content-Length", "5"),
            ("Expect", "100-continue"),
            ("Accept", "application/json"),
            ("X-Request-Id", "1"),
            ("Via", "1.0 other"),
        ]);
        let passed = of_request(&sent);
        assert_eq!(names(&passed), ["accept", "via", "x-request-id"]);
        assert_eq!(passed.get_all(VIA).iter().collect::<Vec<_>>(), ["1.0 other", "1.1 access-token"]);

        let received = headers(&[
            ("Connection", "x-own"),
            ("X-Own", "1"),
            ("Transfer-Encoding", "chunked"),
            ("Set-Cookie", "session=1"),
            ("Alt-Svc", "h3=\":443\""),
            ("Content-Length", "5"),
            ("Content-Type", "application/json"),
            ("WWW-Authenticate", "Bearer"),
        ]);
        assert_eq!(names(&of_response(&received)), ["content-length", "content-type", "via", "www-authenticate"]);
    }
}
