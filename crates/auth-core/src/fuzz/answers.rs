//! Answers of token endpoints.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use auth_transport::{ExpiresIn, Secret};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::texts::check_plan;
use super::{MARKER, assert_plain};
use crate::claims::announced_lifetime;
use crate::clock::Moment;
use crate::{Scope, TokenError, TokenResponse, lean, leanix};

/// An answer is a token if it is one JSON object of UTF-8 in which no known member stands twice and all are of their
/// type, and if what they say is that of a token. Nobody else's members, and no error, make it one.
pub fn token_response(data: &[u8]) -> bool {
    let known = ["access_token", "token_type", "expires_in", "scope", "error"];
    let lean = read::<lean_auth::types::TokenResponse>(data, &known, &["access_token", "token_type"]);
    let lean = accept(data, lean.map(|answer| lean::response(answer, &Secret::from(MARKER))), "api");
    let known = [&known[..], &["expired"]].concat();
    let leanix = read::<leanix_auth::types::AccessTokenResponse>(data, &known, &["access_token"]);
    let leanix = accept(data, leanix.map(|answer| leanix::response(answer, &Secret::from(MARKER))), "");
    lean || leanix
}

/// Reads an answer and compares with what an independent look at its members says.
fn read<T: DeserializeOwned>(data: &[u8], known: &[&str], required: &[&str]) -> Option<T> {
    let members = serde_json::from_slice::<Members>(data).ok().filter(|_| str::from_utf8(data).is_ok());
    // The generated client takes nothing but objects, whatever its types would take beyond that.
    let answer = serde_json::from_slice::<T>(data).ok().filter(|_| members.is_some());
    // Some documents are JSON and more than `Value` takes: numbers beyond every type, unpaired surrogates.
    let is_plain = serde_json::from_slice::<Value>(data).is_ok();
    let is_right = |name: &&str| members.as_ref().is_some_and(|it| it.is_right(name, required.contains(name)));
    assert!(!is_plain || answer.is_some() == known.iter().all(is_right), "accepted: {}", answer.is_some());
    answer
}

fn accept(data: &[u8], response: Option<Result<TokenResponse, TokenError>>, requested: &str) -> bool {
    let Some(response) = response else { return false };
    let members = serde_json::from_slice::<Members>(data).expect("an object");
    let requested: Scope = requested.parse().expect("a scope");
    let now = Moment::new(Duration::ZERO, UNIX_EPOCH);
    let accepted = response.and_then(|response| {
        let expires_in = response.expires_in;
        response.accept(&requested, now, 0.5).map(|token| (token, expires_in))
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
    assert_eq!(members.text("error"), None, "an error is no token");
    assert!(members.text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer")));
    assert!(members.find("expired").is_none_or(|json| requested.as_str() == "api" || json.get() != "true"));
    let granted: Scope = members.text("scope").unwrap_or_default().parse().expect("a scope");
    assert!(granted.is_empty() || granted.contains(&requested));
    assert_eq!(token.scope(), &requested);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    assert!(!token.expose().starts_with('=') && token.expose().bytes().all(allowed));
    let header = token.authorization();
    assert!(header.is_sensitive() && header.as_bytes() == format!("Bearer {}", token.expose()).as_bytes());
    let named = expires_in.map(ExpiresIn::as_secs);
    check_plan(named, announced_lifetime(token.expose()));
    let lives = token.expires_at().signed_duration_since(chrono::DateTime::UNIX_EPOCH).num_milliseconds();
    assert!((0..=named.unwrap_or(300).clamp(0, 86_400) * 1_000).contains(&lives), "{lives} ms of {named:?} s");
    true
}

/// The members of an object, repetitions and all.
struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    fn find(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, json)| &**json)
    }

    fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.find(name)?.get()).ok()?
    }

    /// True if the member stands there once and is of its type, or is absent or null and may be.
    fn is_right(&self, name: &str, required: bool) -> bool {
        if self.0.iter().filter(|(own, _)| own == name).count() > 1 {
            return false;
        }
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
