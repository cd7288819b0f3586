//! The claims of a token, read without verification.

use std::fmt;
use std::time::Duration;

use auth_transport::ExpiresIn;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::token::access_token::AccessToken;
use crate::token::scope::Scope;

/// Size in bytes of the largest token that is read.
const LONGEST: usize = 64 * 1024;

/// The claims of a JWT (RFC 7519), for debugging. **Nothing is verified**: anyone could have written them.
///
/// Never base an authorization decision on them. Neither the signature nor the header is checked; only the receiver of
/// a token can verify it, with the issuer's keys.
///
/// A claim that is absent or of the wrong type is `None`. `Debug` shows neither the subject nor the principal, which
/// may identify people.
///
/// ```
/// use auth_core::{AccessToken, ClaimsError, UnverifiedClaims};
///
/// fn expires(token: &AccessToken) -> Result<String, ClaimsError> {
///     let claims = UnverifiedClaims::read(token)?;
///     Ok(claims.expires_at().map_or_else(|| "never".to_owned(), |end| end.to_rfc3339()))
/// }
/// ```
#[derive(Clone)]
pub struct UnverifiedClaims {
    expires_at: Option<NumericDate>,
    issued_at: Option<NumericDate>,
    issuer: Option<String>,
    subject: Option<String>,
    scope: Option<Scope>,
    principal_id: Option<String>,
    workspace_id: Option<String>,
    workspace_name: Option<String>,
}

impl UnverifiedClaims {
    /// Reads the claims of a token without verifying anything.
    ///
    /// # Errors
    /// [`ClaimsError`] if the token is not a JWT; RFC 6749 does not require it to be one.
    pub fn read(token: &AccessToken) -> Result<Self, ClaimsError> {
        Self::read_text(token.expose())
    }

    pub(crate) fn read_text(token: &str) -> Result<Self, ClaimsError> {
        let payload = payload(token)?;
        let claims: Claims<'_> = object(&payload).ok_or(ClaimsError::NotAnObject)?;
        let principal: Principal<'_> = claims.principal.and_then(member).unwrap_or_default();
        let permission: Permission<'_> = principal.permission.and_then(member).unwrap_or_default();
        Ok(Self {
            expires_at: claims.exp.and_then(NumericDate::read),
            issued_at: claims.iat.and_then(NumericDate::read),
            issuer: claims.iss.and_then(text),
            subject: claims.sub.and_then(text),
            scope: claims.scope.and_then(scope),
            principal_id: principal.id.and_then(text),
            workspace_id: permission.workspace_id.and_then(text),
            workspace_name: permission.workspace_name.and_then(text),
        })
    }

    /// `exp`: when the token expires by the issuer's clock (RFC 7519 section 4.1.4).
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at.and_then(NumericDate::date)
    }

    /// `iat`: when the token was issued by the issuer's clock (RFC 7519 section 4.1.6).
    #[must_use]
    pub fn issued_at(&self) -> Option<DateTime<Utc>> {
        self.issued_at.and_then(NumericDate::date)
    }

    /// `iss`: who issued the token (RFC 7519 section 4.1.1).
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `sub`: the subject of the token, often a person (RFC 7519 section 4.1.2).
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// `scope`: the scope of the token, from a string (RFC 8693 section 4.2) or a list of strings.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// `principal.id` of SAP LeanIX: the user that the token represents.
    #[must_use]
    pub fn principal_id(&self) -> Option<&str> {
        self.principal_id.as_deref()
    }

    /// `principal.permission.workspaceId` of SAP LeanIX: the workspace that the token is valid for.
    #[must_use]
    pub fn workspace_id(&self) -> Option<&str> {
        self.workspace_id.as_deref()
    }

    /// `principal.permission.workspaceName` of SAP LeanIX: the name of that workspace.
    #[must_use]
    pub fn workspace_name(&self) -> Option<&str> {
        self.workspace_name.as_deref()
    }
}

impl fmt::Debug for UnverifiedClaims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UnverifiedClaims")
            .field("expires_at", &self.expires_at())
            .field("issued_at", &self.issued_at())
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// The lifetime that a token states, `exp` minus `iat`. `None` if the token is not a JWT, lacks one of them, or would
/// end before it begins. If only `iat` is missing, `exp` is the end of the lifetime that the server `named`.
///
/// Issuers round down to whole seconds, so on arrival a token may be up to a second older than it states. That second
/// is subtracted, or half of the lifetime if that is less.
pub(crate) fn announced_lifetime(token: &str, named: Option<ExpiresIn>) -> Option<Duration> {
    let payload = payload(token).ok()?;
    let claims: Claims<'_> = object(&payload)?;
    let end = NumericDate::read(claims.exp?)?.0;
    let begin = match claims.iat {
        Some(iat) => NumericDate::read(iat)?.0,
        None => end.checked_sub(Duration::from_secs(u64::try_from(named?.as_secs()).ok()?))?,
    };
    let lifetime = end.checked_sub(begin).filter(|lifetime| !lifetime.is_zero())?;
    let rounded = if begin.subsec_nanos() == 0 { Duration::from_secs(1) } else { Duration::ZERO };
    Some(lifetime - rounded.min(lifetime / 2))
}

/// A point in time as seconds since 1970, which may have a fraction (RFC 7519 section 2).
#[derive(Clone, Copy)]
struct NumericDate(Duration);

impl NumericDate {
    fn read(json: &RawValue) -> Option<Self> {
        let seconds: f64 = serde_json::from_str(json.get()).ok()?;
        Duration::try_from_secs_f64(seconds).ok().map(Self)
    }

    /// The date; `None` if it is outside the range of `DateTime`.
    fn date(self) -> Option<DateTime<Utc>> {
        DateTime::UNIX_EPOCH.checked_add_signed(TimeDelta::from_std(self.0).ok()?)
    }
}

// The members below are first read as raw JSON, borrowed from the payload: an unusual one does not make the others
// unreadable, and no copies are made that would have to be overwritten.

#[derive(Deserialize)]
struct Claims<'json> {
    #[serde(borrow)]
    exp: Option<&'json RawValue>,
    #[serde(borrow)]
    iat: Option<&'json RawValue>,
    #[serde(borrow)]
    iss: Option<&'json RawValue>,
    #[serde(borrow)]
    sub: Option<&'json RawValue>,
    #[serde(borrow)]
    scope: Option<&'json RawValue>,
    #[serde(borrow)]
    principal: Option<&'json RawValue>,
}

#[derive(Default, Deserialize)]
struct Principal<'json> {
    #[serde(borrow)]
    id: Option<&'json RawValue>,
    #[serde(borrow)]
    permission: Option<&'json RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permission<'json> {
    #[serde(borrow)]
    workspace_id: Option<&'json RawValue>,
    #[serde(borrow)]
    workspace_name: Option<&'json RawValue>,
}

/// The decoded payload of a JWT, wiped after use.
fn payload(token: &str) -> Result<Zeroizing<Vec<u8>>, ClaimsError> {
    if token.len() > LONGEST {
        return Err(ClaimsError::TooLong);
    }
    let mut segments = token.split('.');
    let (Some(_header), Some(encoded), Some(_signature), None) =
        (segments.next(), segments.next(), segments.next(), segments.next())
    else {
        return Err(ClaimsError::NotThreeSegments);
    };
    // The full capacity is reserved, since growing would leave an unwiped copy behind.
    let mut payload = Zeroizing::new(vec![0; base64::decoded_len_estimate(encoded.len())]);
    let length = URL_SAFE_NO_PAD.decode_slice(encoded, &mut payload).map_err(|_| ClaimsError::NotBase64Url)?;
    payload.truncate(length);
    Ok(payload)
}

/// Reads an object; a derived `Deserialize` would also accept a list.
fn object<'json, T: Deserialize<'json>>(json: &'json [u8]) -> Option<T> {
    let first = json.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn member<'json, T: Deserialize<'json>>(json: &'json RawValue) -> Option<T> {
    object(json.get().as_bytes())
}

fn text(json: &RawValue) -> Option<String> {
    serde_json::from_str(json.get()).ok()
}

fn scope(json: &RawValue) -> Option<Scope> {
    let list = || serde_json::from_str::<Vec<String>>(json.get()).ok().map(|tokens| tokens.join(" "));
    text(json).or_else(list)?.parse().ok()
}

/// Why the claims of a token cannot be read. Holds nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// The token is larger than 64 KiB.
    #[error("the token is larger than 64 KiB; its claims are not read")]
    TooLong,
    /// The token does not consist of header, payload and signature, separated by dots (RFC 7519 section 3).
    #[error("the token is not a JWT: it does not have three segments")]
    NotThreeSegments,
    /// The payload is not base64url without padding (RFC 7515 section 2).
    #[error("the token is not a JWT: its payload is not base64url")]
    NotBase64Url,
    /// The payload is not a JSON object, or one of the claims read here occurs twice (RFC 7519 section 4).
    #[error("the token is not a JWT: its payload is not a JSON object with unique members")]
    NotAnObject,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(payload: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))
    }

    fn read(payload: &str) -> UnverifiedClaims {
        UnverifiedClaims::read_text(&jwt(payload)).unwrap()
    }

    #[test]
    fn the_claims_of_both_vendors_are_read() {
        let lean = read(
            r#"{"iss":"https://auth.example","sub":"app","aud":"app","nbf":1,"iat":1700000000,"exp":1700003600,"scope":["customer.1","api"]}"#,
        );
        assert_eq!(lean.expires_at().unwrap().timestamp(), 1_700_003_600);
        assert_eq!(lean.issued_at().unwrap().timestamp(), 1_700_000_000);
        assert_eq!((lean.issuer(), lean.subject()), (Some("https://auth.example"), Some("app")));
        assert_eq!(lean.scope(), Some(&"api customer.1".parse().unwrap()));
        assert_eq!((lean.principal_id(), lean.workspace_id()), (None, None));

        let leanix = read(
            r#"{"exp":1700003600,"sub":"a@b.example","scope":"","principal":{"id":"p","role":"x","permission":{"workspaceId":"w","workspaceName":"\u0057 1","other":[{}]}}}"#,
        );
        assert_eq!((leanix.principal_id(), leanix.workspace_id()), (Some("p"), Some("w")));
        assert_eq!((leanix.workspace_name(), leanix.subject()), (Some("W 1"), Some("a@b.example")));
        assert_eq!((leanix.scope(), leanix.issued_at(), leanix.issuer()), (Some(&Scope::empty()), None, None));
    }

    #[test]
    fn a_claim_of_another_type_is_absent_and_affects_no_other() {
        for strange in [
            r#""exp":"1700003600""#,
            r#""exp":1e400"#,
            r#""exp":1e300"#,
            r#""exp":-1"#,
            r#""exp":null"#,
            r#""exp":[1]"#,
            r#""iss":1,"sub":{},"scope":{"a":1}"#,
            r#""scope":["a",1]"#,
            r#""scope":"\u00e9""#,
            r#""principal":["p"]"#,
            r#""principal":"p""#,
            r#""principal":{"id":1,"permission":["w"]}"#,
            r#""unknown":1e400"#,
        ] {
            let claims = read(&format!(r#"{{{strange},"iat":5}}"#));
            assert_eq!(claims.issued_at().unwrap().timestamp(), 5, "{strange}");
            assert!(claims.expires_at().is_none() && claims.issuer().is_none(), "{strange}");
            assert!(claims.subject().is_none() && claims.scope().is_none(), "{strange}");
            assert!(claims.principal_id().is_none() && claims.workspace_id().is_none(), "{strange}");
        }
        assert_eq!(read(" \n{} ").expires_at(), None);
    }

    #[test]
    fn dates_may_have_a_fraction_and_may_be_beyond_the_calendar() {
        for (json, milliseconds) in
            [("0", Some(0)), ("1.5", Some(1_500)), ("17e8", Some(1_700_000_000_000)), ("9e18", None)]
        {
            let date = read(&format!(r#"{{"exp":{json}}}"#)).expires_at();
            assert_eq!(date.map(|date| date.timestamp_millis()), milliseconds, "{json}");
        }
    }

    #[test]
    fn tokens_that_are_not_jwts_are_refused_by_kind() {
        let long = "a".repeat(LONGEST + 1);
        let deep = jwt(&"[".repeat(40_000));
        for (token, error) in [
            ("", ClaimsError::NotThreeSegments),
            ("opaque", ClaimsError::NotThreeSegments),
            ("e30.e30", ClaimsError::NotThreeSegments),
            ("a.b.c.d.e", ClaimsError::NotThreeSegments),
            ("e30.e30=.c2ln", ClaimsError::NotBase64Url),
            ("e30.a+/b.c2ln", ClaimsError::NotBase64Url),
            ("e30.a.c2ln", ClaimsError::NotBase64Url),
            ("..", ClaimsError::NotAnObject),
            ("e30.ew.c2ln", ClaimsError::NotAnObject),
            (&jwt("[1,2]"), ClaimsError::NotAnObject),
            (&jwt("null"), ClaimsError::NotAnObject),
            (&jwt("{} {}"), ClaimsError::NotAnObject),
            (&jwt(r#"{"exp":1,"exp":2}"#), ClaimsError::NotAnObject),
            (&jwt(r#"{"exp":1"#), ClaimsError::NotAnObject),
            (&deep, ClaimsError::NotAnObject),
            (&long, ClaimsError::TooLong),
        ] {
            assert_eq!(UnverifiedClaims::read_text(token).unwrap_err(), error, "{:.40}", token);
            assert_eq!(announced_lifetime(token, Some(ExpiresIn::from_secs(60))), None, "{token:.40}");
        }
    }

    #[test]
    fn a_payload_may_be_as_deep_as_its_length_allows() {
        let deep = format!(r#"{{"deep":{}{},"exp":5}}"#, "[".repeat(20_000), "]".repeat(20_000));
        assert!(read(&deep).expires_at().is_some());
    }

    #[test]
    fn the_announced_lifetime_needs_both_ends_in_order() {
        let lifetime = |payload| announced_lifetime(&jwt(payload), None);
        for (claims, millis) in [
            (r#"{"iat":1700000000,"exp":1700003600}"#, 3_599_000),
            (r#"{"iat":1700000000,"exp":1700000001}"#, 500),
            (r#"{"iat":1.5,"exp":4}"#, 2_500),
        ] {
            assert_eq!(lifetime(claims), Some(Duration::from_millis(millis)), "{claims}");
        }
        for none in [
            r#"{"exp":1700003600}"#,
            r#"{"iat":1700003600}"#,
            r#"{"iat":5,"exp":5}"#,
            r#"{"iat":6,"exp":5}"#,
            r#"{"iat":"1","exp":"5"}"#,
            r#"{"iat":0,"exp":1e400}"#,
            "{}",
        ] {
            assert_eq!(lifetime(none), None, "{none}");
        }
        for (claims, named, millis) in [
            (r#"{"exp":1700003600}"#, 3_600, Some(3_599_000)),
            (r#"{"exp":1700003600.5}"#, 3_600, Some(3_600_000)),
            (r#"{"exp":1700003600,"iat":1700000000}"#, 60, Some(3_599_000)),
            (r#"{"exp":1700003600,"iat":null}"#, 1, Some(500)),
            (r#"{"exp":5}"#, 60, None),
            (r#"{"exp":1700003600}"#, -1, None),
            ("{}", 60, None),
        ] {
            let lifetime = announced_lifetime(&jwt(claims), Some(ExpiresIn::from_secs(named)));
            assert_eq!(lifetime, millis.map(Duration::from_millis), "{claims} {named}");
        }
    }

    #[test]
    fn debug_shows_times_and_issuer_but_no_person() {
        let claims = read(
            r#"{"iss":"https://auth.example","exp":0,"sub":"MARKER","scope":"MARKER","principal":{"id":"MARKER","permission":{"workspaceId":"MARKER","workspaceName":"MARKER"}}}"#,
        );
        let debug = format!("{claims:?} {claims:#?}");
        assert!(debug.contains("https://auth.example") && debug.contains("1970-01-01"), "{debug}");
        assert!(!debug.contains("MARKER"), "{debug}");
    }
}
