//! The challenges that a resource server sends when it refuses a request.

use std::fmt;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, StatusCode};
use http_auth::parser::ChallengeParser;

/// Schemes whose names may be shown. Any other name could be arbitrary text of the server.
const SCHEMES: &[&str] = &["Basic", "Bearer", "Digest", "DPoP", "Negotiate"];

/// A challenge from the `WWW-Authenticate` header of a response (RFC 9110 section 11.6.1).
///
/// `Debug` shows only the scheme and the error code, and these only if they are known.
///
/// ```
/// use auth_transport::Challenge;
/// use http::{HeaderMap, StatusCode};
///
/// let answer = HeaderMap::from_iter([(http::header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"".parse()?)]);
/// assert!(Challenge::rejects_token(StatusCode::UNAUTHORIZED, &answer));
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    scheme: Box<str>,
    parameters: Vec<(Box<str>, Box<str>)>,
}

impl Challenge {
    /// The challenges of a response, in order. If a header value is malformed, its challenges before that point are returned.
    #[must_use]
    pub fn all(headers: &HeaderMap) -> Vec<Self> {
        headers.get_all(WWW_AUTHENTICATE).iter().flat_map(|line| read(line.as_bytes())).collect()
    }

    /// True if a response says that the token is not accepted, so that another token may help.
    ///
    /// This is a 401 without a challenge, or with a `Bearer` challenge whose error code is `invalid_token` or absent.
    /// It is false for a 401 whose challenges all have other schemes, such as `Basic`, or another error code: a missing
    /// scope (`insufficient_scope`), a malformed request (`invalid_request`) or a code that is not in RFC 6750.
    #[must_use]
    pub fn rejects_token(status: StatusCode, headers: &HeaderMap) -> bool {
        if status != StatusCode::UNAUTHORIZED {
            return false;
        }
        let challenges = Self::all(headers);
        let is_about_token = |challenge: &Self| {
            challenge.is_bearer() && matches!(challenge.error(), None | Some(BearerError::InvalidToken))
        };
        challenges.is_empty() || challenges.iter().any(is_about_token)
    }

    /// The name of the scheme as sent. Upper and lower case are equivalent.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// True if the scheme is `Bearer`, in upper or lower case (RFC 6750 section 3).
    #[must_use]
    pub fn is_bearer(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Bearer")
    }

    /// The first value of a parameter, without quotes and escapes; `name` is not case-sensitive. The value may repeat what was
    /// sent. Characters that are not ASCII are replaced by `?`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// The parameters in order, with names as sent and values as in [`parameter`](Self::parameter).
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The parameter `error` of the scheme `Bearer` (RFC 6750 section 3.1).
    #[must_use]
    pub fn error(&self) -> Option<BearerError> {
        if !self.is_bearer() {
            return None;
        }
        Some(match self.parameter("error")? {
            "invalid_request" => BearerError::InvalidRequest,
            "invalid_token" => BearerError::InvalidToken,
            "insufficient_scope" => BearerError::InsufficientScope,
            _ => BearerError::Other,
        })
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = SCHEMES.iter().find(|known| known.eq_ignore_ascii_case(&self.scheme));
        formatter
            .debug_struct("Challenge")
            .field("scheme", known.unwrap_or(&"unknown"))
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}

/// Why a resource server refused a request with a bearer token (RFC 6750 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BearerError {
    /// `invalid_request`: the request is malformed, or carries its token in more than one way.
    InvalidRequest,
    /// `invalid_token`: the token is expired, revoked, malformed or not for this server.
    InvalidToken,
    /// `insufficient_scope`: the token is valid, but does not permit this request.
    InsufficientScope,
    /// Any other code; [`Challenge::parameter`] returns it.
    Other,
}

/// The challenges of one line, up to the first malformed one.
fn read(line: &[u8]) -> Vec<Challenge> {
    // Texts for human readers may contain bytes that are not ASCII (RFC 9110 section 5.6.4); they must not make the
    // challenge unreadable.
    let text: String = line.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { '?' }).collect();
    let owned = |(name, value): &(&str, http_auth::ParamValue<'_>)| ((*name).into(), value.to_unescaped().into());
    ChallengeParser::new(&text)
        .map_while(Result::ok)
        .map(|challenge| Challenge {
            scheme: challenge.scheme.into(),
            parameters: challenge.params.iter().map(owned).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        HeaderMap::from_iter(lines.iter().map(|line| (WWW_AUTHENTICATE, HeaderValue::from_bytes(line).unwrap())))
    }

    #[test]
    fn a_rejected_token_is_distinguished_from_other_meanings_of_a_401() {
        for (lines, rejects) in [
            (&[][..], true),
            (&[&b"Bearer"[..]], true),
            (&[b"bEARER realm=\"a\""], true),
            (&[b"Bearer error=\"invalid_token\""], true),
            (&[b"Bearer error=invalid_token, error_description=\"it \\\"ended\\\"\""], true),
            (&[b"Bearer realm=\"a\" , ERROR = \"invalid_token\""], true),
            (&[b"Bearer error=\"token_expired\""], false),
            (&[b"Basic realm=\"a\", Bearer"], true),
            (&[b"Bearer scope=\"a b\", Basic realm=\"error=insufficient_scope\""], true),
            (&[b"Basic realm=\"a\"", b"Bearer error=\"invalid_token\""], true),
            (&[b"Bearer error=\"invalid_token\", error_description=\"\xc3\xa9\xff\""], true),
            (&[b""], true),
            (&[b"= nonsense"], true),
            (&[b"Bearer error=\"insufficient_scope\", scope=\"a\""], false),
            (&[b"Bearer error=\"invalid_request\""], false),
            (&[b"Basic realm=\"Bearer error=invalid_token\""], false),
            (&[b"Basic realm=\"a\"", b"= nonsense"], false),
            (&[b"Bearerish"], false),
            (&[b"DPoP error=\"invalid_token\""], false),
            (&[b"Negotiate"], false),
        ] {
            let headers = headers(lines);
            let rejected = |status| Challenge::rejects_token(StatusCode::from_u16(status).unwrap(), &headers);
            assert_eq!(rejected(401), rejects, "{:?}", lines.iter().map(|line| line.escape_ascii().to_string()));
            for status in [200, 400, 403, 407, 500] {
                assert!(!rejected(status), "{status}");
            }
        }
    }

    #[test]
    fn challenges_are_read_from_all_lines_up_to_where_a_line_is_broken() {
        let read = Challenge::all(&headers(&[
            b"Basic realm=\"a, \\\"b\\\"\", charset=UTF-8, Bearer",
            b"Digest realm=\"c\", Bearer error=\"unfinished",
            b", Bearer Scope=\"x y\" ,",
        ]));
        assert_eq!(read.iter().map(Challenge::scheme).collect::<Vec<_>>(), ["Basic", "Bearer", "Digest", "Bearer"]);
        assert_eq!((read[0].parameter("REALM"), read[0].parameter("charset")), (Some("a, \"b\""), Some("UTF-8")));
        assert_eq!((read[1].parameter("realm"), read[3].parameter("scope")), (None, Some("x y")));
        assert_eq!(Challenge::all(&HeaderMap::new()), []);
    }

    #[test]
    fn errors_are_those_of_bearer_challenges() {
        for (line, error) in [
            ("Bearer", None),
            ("Bearer error=invalid_request", Some(BearerError::InvalidRequest)),
            ("Bearer error=invalid_token, error=insufficient_scope", Some(BearerError::InvalidToken)),
            ("Bearer error=insufficient_scope", Some(BearerError::InsufficientScope)),
            ("Bearer error=Invalid_Token", Some(BearerError::Other)),
            ("Bearer error=\"\"", Some(BearerError::Other)),
            ("Basic error=invalid_token", None),
        ] {
            assert_eq!(Challenge::all(&headers(&[line.as_bytes()]))[0].error(), error, "{line}");
        }
    }

    #[test]
    fn debug_shows_known_words_and_nothing_that_a_server_may_repeat() {
        let lines = [
            &b"Bearer realm=\"MARKER\", error=\"insufficient_scope\", scope=\"MARKER\", error_description=\"MARKER\""[..],
            b"MARKER error=\"invalid_token\", MARKER=\"MARKER\"",
            b"bearer error=\"MARKER\"",
        ];
        let read = Challenge::all(&headers(&lines));
        assert_eq!((read.len(), read[1].scheme(), read[1].parameter("marker")), (3, "MARKER", Some("MARKER")));
        let debug = format!("{read:?} {read:#?}");
        assert!(!debug.contains("MARKER"), "{debug}");
        assert!(debug.contains("\"Bearer\"") && debug.contains("InsufficientScope"), "{debug}");
    }
}
