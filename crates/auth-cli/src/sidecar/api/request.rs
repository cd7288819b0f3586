//! What requests of both APIs ask for.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Kind;
use crate::sidecar::answer::Refusal;
use crate::sidecar::limits::BODY_BYTES;

/// The token that a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) profile: String,
    /// Without one, that of the profile.
    pub(super) scope: Option<String>,
    pub(super) min_validity: Duration,
    pub(super) skip_cache: bool,
}

/// The query of `GET /v1/token`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    profile: String,
    scope: Option<String>,
    /// Seconds.
    min_validity: Option<u32>,
    skip_cache: Option<bool>,
}

/// The body of `POST /api/v1/token`.
#[derive(Deserialize)]
struct TexasRequest {
    identity_provider: String,
    target: String,
    resource: Option<String>,
    authorization_details: Option<Value>,
    skip_cache: Option<bool>,
}

/// Reads the query of `GET /v1/token`.
pub(super) fn query(uri: &Uri) -> Result<Wanted, Refusal> {
    const FORM: &str = "profile=NAME, and if wanted scope=SCOPE, min_validity=SECONDS and skip_cache=true";
    let query = serde_urlencoded::from_str::<Query>(uri.query().unwrap_or_default());
    let Query { profile, scope, min_validity, skip_cache } =
        query.map_err(|error| Refusal::bad_request(format!("the query is wrong: {error}; write {FORM}")))?;
    let min_validity = Duration::from_secs(min_validity.unwrap_or(0).into());
    let scope = scope.filter(|scope| !scope.is_empty());
    Ok(Wanted { profile, scope, min_validity, skip_cache: skip_cache.unwrap_or(false) })
}

/// Reads the body of `POST /api/v1/token`.
pub(super) fn texas(headers: &HeaderMap, body: &[u8]) -> Result<Wanted, Refusal> {
    let TexasRequest { identity_provider, target, resource, authorization_details, skip_cache } = parse(headers, body)?;
    for (member, is_present) in [
        ("resource", resource.is_some_and(|resource| !resource.is_empty())),
        ("authorization_details", authorization_details.is_some_and(|details| !details.is_null())),
    ] {
        // Without it, the token would be another than the one asked for.
        if is_present {
            let message = format!("`{member}` is not read from requests; set it in the `parameters` of the profile");
            return Err(Refusal::bad_request(message));
        }
    }
    let scope = Some(target).filter(|target| !target.is_empty());
    Ok(Wanted {
        profile: identity_provider,
        scope,
        min_validity: Duration::ZERO,
        skip_cache: skip_cache.unwrap_or(false),
    })
}

/// Reads a form or JSON, as the media type says.
fn parse<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Refusal> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let wrong = |error: &dyn std::fmt::Display| Refusal::bad_request(format!("the body is wrong: {error}"));
    if media_type.eq_ignore_ascii_case("application/json") {
        serde_json::from_slice(body).map_err(|error| wrong(&error))
    } else if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        serde_urlencoded::from_bytes(body).map_err(|error| wrong(&error))
    } else {
        let message = "the media type must be application/json or application/x-www-form-urlencoded";
        Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Kind::Usage, message))
    }
}

/// Reads a body that is small and arrives in time.
pub(super) async fn body(body: Incoming, time: Duration) -> Result<Bytes, Refusal> {
    let refuse = |status, message: &str| Err(Refusal::new(status, Kind::Usage, message));
    match tokio::time::timeout(time, Limited::new(body, BODY_BYTES).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 16 KiB")
        }
        Ok(Err(_)) => Err(Refusal::bad_request("the body is incomplete")),
        Err(_) => refuse(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(profile: &str, scope: Option<&str>, seconds: u64, skip_cache: bool) -> Wanted {
        let min_validity = Duration::from_secs(seconds);
        Wanted { profile: profile.to_owned(), scope: scope.map(str::to_owned), min_validity, skip_cache }
    }

    #[test]
    fn a_query_names_a_profile_and_nothing_that_is_unknown() {
        let read = |text: &str| query(&format!("/v1/token{text}").parse().unwrap()).ok();
        for (text, read_as) in [
            ("?profile=lean", Some(wanted("lean", None, 0, false))),
            ("?profile=lean&scope=", Some(wanted("lean", None, 0, false))),
            ("?profile=a%20b&scope=c+d&min_validity=600&skip_cache=true", Some(wanted("a b", Some("c d"), 600, true))),
            ("", None),
            ("?scope=api", None),
            ("?profile=lean&profile=leanix", None),
            ("?profile=lean&scop=api", None),
            ("?profile=lean&min_validity=-1", None),
            ("?profile=lean&min_validity=10m", None),
            ("?profile=lean&min_validity=99999999999", None),
            ("?profile=lean&skip_cache=1", None),
        ] {
            assert_eq!(read(text), read_as, "{text}");
        }
    }

    #[test]
    fn a_request_of_texas_is_json_or_a_form() {
        let read = |media_type: &'static str, body: &str| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, media_type.parse().unwrap())]);
            texas(&headers, body.as_bytes()).map_err(|refusal| refusal.status.as_u16())
        };
        let form = "application/x-www-form-urlencoded";
        for (media_type, body, read_as) in [
            (
                "application/json",
                r#"{"identity_provider":"lean","target":"api"}"#,
                Ok(wanted("lean", Some("api"), 0, false)),
            ),
            (
                "Application/JSON; charset=utf-8",
                r#"{"identity_provider":"lean","target":"api","skip_cache":true,"resource":null,"more":1}"#,
                Ok(wanted("lean", Some("api"), 0, true)),
            ),
            (form, "identity_provider=lean&target=a+b&skip_cache=true", Ok(wanted("lean", Some("a b"), 0, true))),
            (form, "identity_provider=lean&target=", Ok(wanted("lean", None, 0, false))),
            (form, "identity_provider=lean", Err(400)),
            (form, "identity_provider=lean&target=a&resource=https%3A%2F%2Fa.example", Err(400)),
            ("application/json", r#"{"identity_provider":"lean","target":"a","authorization_details":[]}"#, Err(400)),
            ("application/json", "{", Err(400)),
            ("application/json", "identity_provider=lean&target=a", Err(400)),
            ("text/plain", "{}", Err(415)),
        ] {
            assert_eq!(read(media_type, body), read_as, "{body}");
        }
        assert_eq!(texas(&HeaderMap::new(), b"{}").unwrap_err().status, 415);
    }
}
