//! Responses of token endpoints.

use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use auth_transport::{ExpiresIn, PayloadError, Secret};
use http::StatusCode;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::texts::check_plan;
use super::{MARKER, assert_plain};
use crate::clock::Moment;
use crate::token::error::token_error::TokenError;
use crate::token::jwt::announced_lifetime;
use crate::token::response::TokenResponse;
use crate::token::scope::Scope;
use crate::vendor::{lean, leanix};

/// A response is a token if and only if it is one JSON object of UTF-8 without duplicate names, all members have the
/// right type, and their values are those of a token. Members of other servers, or an error, do not make it one.
pub fn token_response(data: &[u8]) -> bool {
    let known = ["access_token", "token_type", "expires_in", "scope", "error"];
    let lean = |requested: &Scope| {
        let answer: Option<lean_auth::types::TokenResponse> = read(data, &known, &["access_token", "token_type"]);
        answer.map(|answer| lean::response(answer, requested, &Secret::from(MARKER)))
    };
    let leanix = |_: &Scope| {
        let known = [&known[..], &["expired"]].concat();
        let answer: Option<leanix_auth::types::AccessTokenResponse> = read(data, &known, &["access_token"]);
        answer.map(|answer| leanix::response(answer, &Secret::from(MARKER)))
    };
    accept(data, lean, "api") | accept(data, lean, "api customer.1") | accept(data, leanix, "")
}

/// Reads a response as a generated client does, and compares the result with an independent check of its members.
fn read<T: DeserializeOwned>(data: &[u8], known: &[&str], required: &[&str]) -> Option<T> {
    let problem = PayloadError::of_object(StatusCode::OK, data);
    let answer = serde_json::from_slice::<T>(data).ok().filter(|_| problem.is_none());
    let members = serde_json::from_slice::<Members>(data).ok().filter(|_| str::from_utf8(data).is_ok());
    assert!(answer.is_none() || members.is_some(), "accepted, and no JSON object");
    // `Value` does not support all JSON: numbers beyond every type, unpaired surrogates.
    let is_plain = serde_json::from_slice::<Value>(data).is_ok();
    let is_right = members.is_some_and(|members| {
        members.are_unique() && known.iter().all(|name| members.is_right(name, required.contains(name)))
    });
    assert!(!is_plain || answer.is_some() == is_right, "accepted: {}", answer.is_some());
    answer
}

type Answer = Option<Result<TokenResponse, TokenError>>;

fn accept(data: &[u8], read: impl Fn(&Scope) -> Answer, requested: &str) -> bool {
    let requested: Scope = requested.parse().expect("a scope");
    let [strictly, loosely] = [false, true].map(|narrower| accept_once(data, read(&requested), &requested, narrower));
    assert!(loosely || !strictly, "a sufficient lifetime remains sufficient");
    strictly
}

fn accept_once(data: &[u8], response: Answer, requested: &Scope, narrower: bool) -> bool {
    let Some(response) = response else { return false };
    let members = serde_json::from_slice::<Members>(data).expect("an object");
    let now = Moment::new(Duration::ZERO, UNIX_EPOCH);
    let accepted = response.and_then(|response| {
        let expires_in = response.expires_in;
        response.accept(requested, narrower, [now; 2], 0.5).map(|token| (token, expires_in))
    });
    let (token, expires_in) = match accepted {
        Ok(accepted) => accepted,
        Err(error) => {
            assert_plain(&format!("{error} {error:#} {error:?} {error:#?}"));
            return false;
        }
    };
    assert_plain(&format!("{token:?} {token:#?}"));
    assert_eq!(members.text("access_token").as_deref(), Some(token.expose()));
    assert_eq!(members.text("error"), None, "an error is not a token");
    assert!(members.text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer")));
    // Only SAP LeanIX has this member, and it has no scopes.
    assert!(members.find("expired").is_none_or(|json| !requested.is_empty() || json.get() != "true"));
    let granted: Scope = members.text("scope").unwrap_or_default().parse().expect("a scope");
    assert!(granted.is_empty() || granted.contains(requested) || narrower && requested.contains(&granted));
    let other = |token: &str| token.starts_with("customer.") && !requested.tokens().any(|own| own == token);
    assert!(requested.is_empty() || !granted.tokens().any(other), "a token for another customer");
    assert_eq!(token.scope(), requested);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    assert!(!token.expose().starts_with('=') && token.expose().bytes().all(allowed));
    let header = token.authorization();
    assert!(header.is_sensitive() && header.as_bytes() == format!("Bearer {}", token.expose()).as_bytes());
    let named = expires_in.map(ExpiresIn::as_secs);
    check_plan(named, announced_lifetime(token.expose(), expires_in));
    let lives = token.expires_at().signed_duration_since(chrono::DateTime::UNIX_EPOCH).num_milliseconds();
    assert!((0..=named.unwrap_or(300).clamp(0, 86_400) * 1_000).contains(&lives), "{lives} ms of {named:?} s");
    true
}

/// The members of an object, including duplicates.
struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    fn find(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, json)| &**json)
    }

    fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.find(name)?.get()).ok()?
    }

    fn are_unique(&self) -> bool {
        let names: BTreeSet<&str> = self.0.iter().map(|(name, _)| &**name).collect();
        names.len() == self.0.len()
    }

    /// True if the member has its type, or is absent or null and optional.
    fn is_right(&self, name: &str, required: bool) -> bool {
        match self.find(name).map(RawValue::get) {
            None | Some("null") => !required,
            Some(json) if name == "expired" => matches!(json, "true" | "false"),
            Some(json) if name == "expires_in" => serde_json::from_str::<ExpiresIn>(json).is_ok(),
            Some(json) => serde_json::from_str::<String>(json).is_ok(),
        }
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}
