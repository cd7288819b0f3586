//! Scopes, claims and lifetimes.

use std::collections::BTreeSet;
use std::time::Duration;

use auth_transport::ExpiresIn;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::{Number, Value};

use super::{MARKER, assert_plain};
use crate::token::jwt::UnverifiedClaims;
use crate::token::jwt::announced_lifetime;
use crate::token::lifetime::{Lifetime, margin};
use crate::token::scope::Scope;

/// A scope is the set of its tokens, in one spelling. Any other text is refused with the position of the invalid
/// character.
pub fn scope(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else { return false };
    // RFC 6749 section 3.3, and the space between tokens.
    let is_allowed = |byte: &u8| (0x20..=0x7e).contains(byte) && *byte != b'"' && *byte != b'\\';
    let scope = match text.parse::<Scope>() {
        Ok(scope) => scope,
        Err(error) => {
            let (before, rest) = data.split_at(error.position());
            assert!(before.iter().all(is_allowed) && !rest.first().is_some_and(is_allowed));
            assert_plain(&format!("{error} {error:?}"));
            return false;
        }
    };
    assert!(data.iter().all(is_allowed));
    let wanted: BTreeSet<&str> = text.split(' ').filter(|token| !token.is_empty()).collect();
    let tokens: Vec<&str> = scope.tokens().collect();
    assert_eq!(tokens, wanted.into_iter().collect::<Vec<_>>());
    assert_eq!(scope.as_str(), tokens.join(" "));
    assert_eq!(scope.is_empty(), tokens.is_empty());
    let again: Scope = scope.as_str().parse().expect("its own spelling is valid");
    assert_eq!(again, scope);
    assert_eq!(again.as_str(), scope.as_str());
    let backwards: Vec<&str> = text.rsplit(' ').collect();
    let twice: Scope = format!("{text} {}", backwards.join(" ")).parse().expect("made of the same tokens");
    assert_eq!(twice, scope);
    assert!(scope.contains(&scope) && scope.contains(&Scope::empty()) && scope.without(&scope).is_empty());
    if let Some((first, rest)) = tokens.split_first() {
        let rest: Scope = rest.join(" ").parse().expect("made of the same tokens");
        assert!(scope.contains(&rest) && !rest.contains(&scope));
        assert_eq!(scope.without(&rest).as_str(), *first);
    }
    true
}

/// A lifetime can be read from every JSON number and from every string with one, limited to the range of `i64`.
pub fn expires_in(data: &[u8]) -> bool {
    let read = serde_json::from_slice::<ExpiresIn>(data);
    if let Err(error) = &read {
        assert_plain(&format!("{error} {error:?}"));
    }
    let seconds = read.ok().map(ExpiresIn::as_secs);
    let text = str::from_utf8(data).unwrap_or_default().trim();
    let wanted = match serde_json::from_slice::<Value>(data) {
        Ok(Value::Number(_)) => Some(whole_seconds(text)),
        Ok(Value::String(text)) => match serde_json::from_str::<Number>(&text) {
            Ok(_) if text.trim() == text => Some(whole_seconds(&text)),
            // Numbers that JSON writes differently (`+1`, `01`, `1.`) or cannot represent (`1e400`).
            _ => seconds.filter(|_| text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))),
        },
        Ok(_) => None,
        // A number that fits no type, or not JSON.
        Err(_) => seconds.filter(|seconds| [i64::MIN, i64::MAX].contains(seconds)),
    };
    assert_eq!(seconds, wanted);
    seconds.is_some()
}

/// A JSON number, rounded down. `serde_json` does not read every fraction exactly.
fn whole_seconds(number: &str) -> i64 {
    // The cast saturates, as documented.
    #[allow(clippy::cast_possible_truncation)]
    let rounded_down = || number.parse::<f64>().expect("a JSON number").floor() as i64;
    number.parse().unwrap_or_else(|_| rounded_down())
}

/// The claims are those of the payload, shown texts do not contain whom they identify, and they extend no lifetime. The
/// input is a token, or the payload of one.
pub fn claims(data: &[u8]) -> bool {
    let is_token = str::from_utf8(data).is_ok_and(one_token);
    let is_payload = one_token(&format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(data)));
    is_token || is_payload
}

fn one_token(token: &str) -> bool {
    let announced = announced_lifetime(token, None);
    assert!(announced.is_none_or(|lifetime| !lifetime.is_zero()));
    for named in [None, Some(0), Some(1), Some(3_600), Some(i64::MAX)] {
        check_plan(named, announced);
    }
    let claims = match UnverifiedClaims::read_text(token) {
        Ok(claims) => claims,
        Err(error) => {
            assert_eq!(announced, None);
            assert_plain(&format!("{error} {error:?}"));
            return false;
        }
    };
    let debug = format!("{claims:?} {claims:#?}");
    assert!(claims.issuer().is_some_and(|issuer| issuer.contains(MARKER)) || !debug.contains(MARKER), "{debug}");
    let ends = [claims.issued_at(), claims.expires_at()];
    if let ([Some(begin), Some(end)], Some(lifetime)) = (ends, announced) {
        // Less the second that an issuer may have rounded off.
        let cut_off = (end - begin).to_std().expect("in order").saturating_sub(lifetime);
        assert!(
            begin + lifetime <= end + TimeDelta::microseconds(2) && cut_off <= Duration::from_secs(1),
            "{cut_off:?}"
        );
    }
    let payload = token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    let payload = payload.expect("it was read");
    assert!(payload.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{'), "an object");
    let Ok(value) = serde_json::from_slice::<Value>(&payload) else { return true };
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    assert_eq!((claims.issuer(), claims.subject()), (text("/iss"), text("/sub")));
    let permission = "/principal/permission";
    for (found, pointer) in [
        (claims.principal_id(), "/principal/id".to_owned()),
        (claims.workspace_id(), format!("{permission}/workspaceId")),
        (claims.workspace_name(), format!("{permission}/workspaceName")),
    ] {
        // A principal with duplicate names is ignored completely.
        assert!(found.is_none() || found == text(&pointer), "{pointer}");
    }
    if let Some(scope) = text("/scope") {
        assert_eq!(claims.scope(), scope.parse().ok().as_ref());
    }
    if let Some(end) = claims.expires_at() {
        let seconds = value["exp"].as_f64().expect("a number");
        assert!(seconds >= 0.0 && (end.timestamp() as f64 - seconds).abs() <= 1.0);
    }
    true
}

/// Neither the lifetime from the server nor the one in the token is exceeded, and the times are in order.
pub(super) fn check_plan(named: Option<i64>, announced: Option<Duration>) {
    for jitter in [0.0, 0.5, 1.0] {
        let Some(plan) = Lifetime::plan(named.map(ExpiresIn::from_secs), announced, jitter) else {
            let too_short = announced.is_some_and(|lifetime| lifetime < Duration::from_millis(1));
            assert!(named.is_some_and(|seconds| seconds <= 0) || too_short, "{named:?} {announced:?}");
            continue;
        };
        let expires = Duration::from_millis(plan.expires.into());
        let named = named.map_or(300, |seconds| u64::try_from(seconds).expect("a dead token has no plan"));
        assert!(expires <= Duration::from_secs(named.min(86_400)));
        assert!(announced.is_none_or(|announced| expires <= announced));
        assert!(plan.expires / 2 <= plan.refresh && plan.refresh <= plan.expires - margin(plan.expires), "{plan:?}");
    }
}
