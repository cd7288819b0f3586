//! `Retry-After` and `WWW-Authenticate`.

use std::time::{Duration, SystemTime};

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::Instant;

use crate::cache::circuit_breaker::CircuitBreaker;
use crate::clock::Moment;
use crate::token::error::refused::Refused;
use crate::token::error::retry_after as read;
use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;
use crate::{BearerError, Challenge};

/// Sun, 06 Nov 1994 08:49:37 GMT, the date in the examples of RFC 9110.
const NOW: Duration = Duration::from_secs(784_111_777);

/// `Retry-After` is a number of seconds or the time until a date, applies to two statuses only, and opens the circuit
/// breaker for at most the time that the program allows.
pub fn retry_after(data: &[u8]) -> bool {
    let Ok(value) = HeaderValue::from_bytes(data) else { return false };
    let headers = HeaderMap::from_iter([(RETRY_AFTER, value)]);
    let at = |now: Duration, status: StatusCode| read::retry_after(status, &headers, SystemTime::UNIX_EPOCH + now);
    let asked = at(NOW, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(asked, at(NOW, StatusCode::SERVICE_UNAVAILABLE));
    for other in [StatusCode::OK, StatusCode::UNAUTHORIZED, StatusCode::BAD_GATEWAY] {
        assert_eq!(at(NOW, other), None);
    }
    let text = str::from_utf8(data).unwrap_or_default().trim_matches([' ', '\t']);
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        let digit = |seconds: u64, digit: u8| seconds.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        assert_eq!(asked, Some(Duration::from_secs(text.bytes().fold(0, digit))));
    }
    let Some(asked) = asked else { return false };
    let later = at(NOW + Duration::from_secs(1), StatusCode::TOO_MANY_REQUESTS).expect("still the same header");
    if is_number {
        assert_eq!(later, asked, "seconds do not depend on the clock");
    } else {
        assert_eq!(later, asked.saturating_sub(Duration::from_secs(1)), "dates come nearer");
        let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + NOW + asked);
        let again = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(&date).expect("a date is a value"))]);
        let now = SystemTime::UNIX_EPOCH + NOW;
        assert_eq!(read::retry_after(StatusCode::TOO_MANY_REQUESTS, &again, now), Some(asked), "{date}");
    }
    check_circuit_breaker(asked);
    true
}

fn check_circuit_breaker(asked: Duration) {
    let now = Moment::new(Duration::ZERO, SystemTime::UNIX_EPOCH + NOW);
    let mut refused = Refused::new(429, None);
    refused.retry_after = Some(asked);
    let error = TokenError::Refused(refused);
    for longest in [Duration::ZERO, Duration::from_secs(300), Duration::from_secs(86_400)] {
        let breaker = CircuitBreaker::default();
        let permit = breaker.try_permit(now, Instant::now()).expect("it is open");
        let suspended_for = breaker.fail(&permit, &Scope::empty(), error.clone(), now, longest).suspended_for;
        assert_eq!(suspended_for.unwrap_or_default(), asked.min(longest));
        assert_eq!(breaker.suspension(now).map(|(_, left)| left), suspended_for);
        assert_eq!(breaker.try_permit(now, Instant::now()).is_ok(), suspended_for.is_none());
    }
}

/// The well-formed challenges survive being written and read again, and show no text that a server chose. Each line of
/// the input is a line of the header.
pub fn challenge(data: &[u8]) -> bool {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(line) = HeaderValue::from_bytes(line) else { return false };
        headers.append(WWW_AUTHENTICATE, line);
    }
    let challenges = Challenge::all(&headers);
    let rejects = |headers: &HeaderMap| Challenge::rejects_token(StatusCode::UNAUTHORIZED, headers);
    for status in [StatusCode::OK, StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN] {
        assert!(!Challenge::rejects_token(status, &headers));
    }
    assert_eq!(rejects(&written(&challenges)), rejects(&headers));
    assert_eq!(Challenge::all(&written(&challenges)), challenges);
    let mut more = headers.clone();
    more.append(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"a\""));
    assert_eq!(rejects(&more), rejects(&headers) && !challenges.is_empty(), "another scheme does not concern tokens");
    more.append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
    assert!(rejects(&more), "one challenge that is about the token is enough");
    for challenge in &challenges {
        check_challenge(challenge);
    }
    !challenges.is_empty()
}

fn check_challenge(challenge: &Challenge) {
    let is_token = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    assert!(is_token(challenge.scheme()));
    for (name, value) in challenge.parameters() {
        assert!(is_token(name) && value.is_ascii() && !value.contains(['\r', '\n', '\0']));
        assert_eq!(challenge.parameter(&name.to_ascii_uppercase()), challenge.parameter(name));
    }
    let error = challenge.error();
    assert_eq!(error.is_some(), challenge.is_bearer() && challenge.parameter("error").is_some());
    let named =
        matches!(error, Some(BearerError::InvalidRequest | BearerError::InvalidToken | BearerError::InsufficientScope));
    let known = ["invalid_request", "invalid_token", "insufficient_scope"];
    assert_eq!(named, error.is_some() && challenge.parameter("error").is_some_and(|code| known.contains(&code)));
    let schemes = ["Basic", "Bearer", "Digest", "DPoP", "Negotiate"];
    let scheme = schemes.iter().find(|scheme| challenge.scheme().eq_ignore_ascii_case(scheme)).unwrap_or(&"unknown");
    assert_eq!(format!("{challenge:?}"), format!("Challenge {{ scheme: \"{scheme}\", error: {error:?}, .. }}"));
}

/// The challenges on one line, every value in quotes.
fn written(challenges: &[Challenge]) -> HeaderMap {
    let quoted = |value: &str| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
    let one = |challenge: &Challenge| {
        let parameters = challenge.parameters().map(|(name, value)| format!("{name}={}", quoted(value)));
        format!("{} {}", challenge.scheme(), parameters.collect::<Vec<_>>().join(", ")).trim_end().to_owned()
    };
    let line = challenges.iter().map(one).collect::<Vec<_>>().join(", ");
    HeaderMap::from_iter([(WWW_AUTHENTICATE, HeaderValue::from_str(&line).expect("made of ASCII"))])
}
