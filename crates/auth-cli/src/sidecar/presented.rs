//! The token that a caller presents.

use auth_core::Secret;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The caller token of the one `Authorization` header: a bearer token (RFC 6750 section 2.1), or the password of HTTP Basic
/// (RFC 7617), for programs that can send nothing else.
pub(super) fn caller_token(headers: &HeaderMap) -> Option<Secret> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Secret::from(credentials.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(credentials).ok()?).ok().map(Secret::from)?;
    let (_, password) = decoded.expose().split_once(':')?;
    Some(Secret::from(password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_token_is_a_bearer_token_or_a_password() {
        for (lines, token) in [
            (&["Bearer abc"][..], Some("abc")),
            (&["bearer  abc"], Some("abc")),
            // `reports:a:b`
            (&["Basic cmVwb3J0czphOmI="], Some("a:b")),
            (&["Basic !"], None),
            (&["Basic cmVwb3J0cw=="], None),
            (&["Digest abc"], None),
            (&["Bearer"], None),
            (&["Bearer abc", "Bearer abc"], None),
            (&[], None),
        ] {
            let headers = HeaderMap::from_iter(lines.iter().map(|line| (AUTHORIZATION, line.parse().unwrap())));
            let presented = caller_token(&headers);
            assert_eq!(presented.as_ref().map(Secret::expose), token, "{lines:?}");
        }
    }
}
