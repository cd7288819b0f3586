//! The `Host` header (RFC 9112 section 3.2).

use http::{HeaderMap, HeaderValue, Version, header, uri::Authority};

use crate::refusal::Refusal;

/// Refuses HTTP/1.1 requests without `Host`, and all requests with more than one or with a value other than
/// `host[:port]`.
pub(crate) fn check(version: Version, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut sent = headers.get_all(header::HOST).iter();
    match (sent.next(), sent.next()) {
        (Some(_), Some(_)) => Err(Refusal::invalid_request("the Host header occurs more than once")),
        (Some(value), None) if is_well_formed(value) => Ok(()),
        (Some(_), None) => Err(Refusal::invalid_request("the Host header is not a host with or without a port")),
        (None, _) if version < Version::HTTP_11 => Ok(()),
        (None, _) => Err(Refusal::invalid_request("the Host header is missing")),
    }
}

fn is_well_formed(value: &HeaderValue) -> bool {
    let Ok(authority) = Authority::try_from(value.as_bytes()) else { return false };
    let (all, host) = (authority.as_str(), authority.host());
    if host.is_empty() || all.contains('@') {
        return false;
    }
    let port = &all[host.len()..];
    let port_is_good = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_is_good = match literal {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        // RFC 3986 allows other characters in a registered name, but none occurs in practice.
        None => host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)),
    };
    port_is_good && host_is_good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_name_or_an_address_and_perhaps_a_port() {
        for (value, well_formed) in [
            ("example.com", true),
            ("example.com:443", true),
            ("127.0.0.1:0", true),
            ("[::1]", true),
            ("[::1]:8080", true),
            ("", false),
            (":80", false),
            ("a:", false),
            ("a:b", false),
            ("a:65536", false),
            ("a:-1", false),
            ("a b", false),
            ("a,b", false),
            ("a/b", false),
            ("a?b", false),
            ("user@a", false),
            ("::1", false),
            ("[::1", false),
            ("[::1]x", false),
            ("[::g]", false),
            ("http://a", false),
            ("\u{e4}", false),
        ] {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            assert_eq!(is_well_formed(&value), well_formed, "{value:?}");
        }
    }
}
