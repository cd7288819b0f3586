//! `access-token inspect`: shows what a token says about itself.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::printable::printable;

/// Size in bytes of the largest token that is read.
const LONGEST: usize = 64 * 1024;

/// Claims that are seconds since 1970 (RFC 7519 section 4.1).
const DATES: [&str; 4] = ["auth_time", "exp", "iat", "nbf"];

/// How the claims are shown.
#[derive(Args, Debug)]
pub(crate) struct InspectArguments {
    /// Form of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Form,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Lines of text
    #[default]
    Text,
    /// One line of JSON
    Json,
}

/// The header and the claims of a token, which nobody has verified.
struct Unverified {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

/// Shows the claims of the token on standard input.
pub(crate) fn run(arguments: &InspectArguments) -> Result<ExitCode, Failure> {
    let input = io::stdin().lock();
    if input.is_terminal() {
        return Err(Failure::usage(
            "standard input is a terminal, which would show the token; pipe it: `access-token get PROFILE | access-token inspect`",
        ));
    }
    let mut text = Zeroizing::new(String::with_capacity(LONGEST + 1));
    let read = input.take(LONGEST as u64 + 1).read_to_string(&mut text);
    read.map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
    if text.len() > LONGEST {
        return Err(Failure::usage("standard input holds more than 64 KiB; a token is shorter"));
    }
    let token = Unverified::read(&text).map_err(Failure::usage)?;
    let now = Utc::now();
    let shown = match arguments.format {
        Form::Text => token.lines(now),
        Form::Json => format!("{}\n", token.json(now)),
    };
    let mut out = io::stdout().lock();
    out.write_all(shown.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

impl Unverified {
    /// Reads a JSON Web Token (RFC 7519): alone, as the value of `Authorization`, or in the JSON that `get` prints.
    fn read(text: &str) -> Result<Self, &'static str> {
        let json: Option<Value> = serde_json::from_str(text).ok();
        let member = json.as_ref().and_then(|json| json.get("access_token").or_else(|| json.pointer("/status/token")));
        let token = member.and_then(Value::as_str).unwrap_or(text).trim();
        let token = token.strip_prefix("Authorization:").map_or(token, str::trim_start);
        let token = token.strip_prefix("Bearer ").map_or(token, str::trim_start);
        if token.is_empty() {
            return Err("there is no token on standard input");
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, _] = parts[..] else {
            return Err(
                "the token is not a JSON Web Token with a signature, so only its issuer can tell what it says; most servers have an \
                 endpoint for that (RFC 7662)",
            );
        };
        let object = |part: &str| -> Option<Map<String, Value>> {
            let json = Zeroizing::new(URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?);
            serde_json::from_slice(&json).ok()
        };
        match (object(header), object(claims)) {
            (Some(header), Some(claims)) => Ok(Self { header, claims }),
            _ => Err(
                "this has three parts like a JSON Web Token, but they are not JSON in Base64; pipe `--format token` of `access-token get`",
            ),
        }
    }

    fn date(&self, claim: &str) -> Option<DateTime<Utc>> {
        let seconds = self.claims.get(claim)?.as_f64()?;
        // Whole seconds are enough for a reader.
        (seconds.abs() < 1e12).then(|| DateTime::from_timestamp(seconds.floor() as i64, 0)).flatten()
    }

    fn expiry(&self, now: DateTime<Utc>) -> String {
        let Some(end) = self.date("exp") else {
            let is_named = self.claims.contains_key("exp");
            return if is_named { "expiry: `exp` is not a date" } else { "expiry: the token names none" }.to_owned();
        };
        let date = end.to_rfc3339_opts(SecondsFormat::Secs, true);
        if end > now {
            format!("expiry: {date}, in {}", span(end - now))
        } else {
            format!("expiry: {date}, {} ago", span(now - end))
        }
    }

    fn json(&self, now: DateTime<Utc>) -> Value {
        let expires_at = self.date("exp");
        json!({
            "verified": false,
            "expired": expires_at.map(|end| end <= now),
            "expires_at": expires_at.map(|end| end.to_rfc3339_opts(SecondsFormat::Secs, true)),
            "header": self.header,
            "claims": self.claims,
        })
    }

    fn lines(&self, now: DateTime<Utc>) -> String {
        let mut text = "unverified: the signature was not checked\n".to_owned();
        let _ = writeln!(text, "{}", self.expiry(now));
        for (title, members) in [("header", &self.header), ("claims", &self.claims)] {
            let _ = writeln!(text, "{title}");
            for (name, value) in members {
                let date = DATES.contains(&name.as_str()).then(|| self.date(name)).flatten();
                let date = date.map(|date| format!(" ({})", date.to_rfc3339_opts(SecondsFormat::Secs, true)));
                let _ = writeln!(text, "  {}: {}{}", name.escape_debug(), shown(value), date.unwrap_or_default());
            }
        }
        text
    }
}

/// A span as minutes and seconds.
fn span(span: TimeDelta) -> String {
    let count = |number: i64, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    match (span.num_minutes(), span.num_seconds() % 60) {
        (0, seconds) => count(seconds, "second"),
        (minutes, 0) => count(minutes, "minute"),
        (minutes, seconds) => format!("{} {}", count(minutes, "minute"), count(seconds, "second")),
    }
}

/// A value without characters that could change what a terminal shows.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text),
        other => printable(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", part(&json!({ "alg": "RS256" })), part(claims))
    }

    #[test]
    fn the_claims_are_shown_with_dates_and_without_control_characters() {
        let claims = json!({ "exp": 1_700_000_060, "scope": ["api", "read"], "sub": "a\u{1b}[31m\u{202e}\u{9b}b", "n": { "a": 1 } });
        let unverified = Unverified::read(&format!("Authorization: Bearer {}\n", token(&claims))).unwrap();
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        assert_eq!(
            unverified.lines(now),
            "unverified: the signature was not checked\n\
             expiry: 2023-11-14T22:14:20Z, in 1 minute\n\
             header\n  alg: RS256\n\
             claims\n  exp: 1700000060 (2023-11-14T22:14:20Z)\n  n: {\"a\":1}\n  scope: [\"api\",\"read\"]\n  sub: \
             a\\u{1b}[31m\\u{202e}\\u{9b}b\n"
        );
        let json = unverified.json(now);
        assert_eq!((&json["verified"], &json["expired"], &json["claims"]), (&json!(false), &json!(false), &claims));
        assert_eq!(unverified.json(DateTime::from_timestamp(1_700_000_060, 0).unwrap())["expired"], json!(true));
    }

    #[test]
    fn other_tokens_are_called_what_they_are() {
        for (text, message) in [
            ("", "there is no token"),
            ("Authorization:", "there is no token"),
            ("opaque-token", "is not a JSON Web Token"),
            ("a.b.c.d.e", "is not a JSON Web Token"),
            ("a.b.c", "not JSON in Base64"),
        ] {
            let error = Unverified::read(text).err().unwrap();
            assert!(error.contains(message), "{text}: {error}");
        }
        // Numbers that are no dates are shown as they are.
        for exp in [json!(1e300), json!(-1e300), json!(1e18), json!("soon")] {
            let unverified = Unverified::read(&token(&json!({ "exp": exp }))).unwrap();
            assert!(unverified.lines(Utc::now()).contains("expiry: `exp` is not a date"));
        }
        let unverified = Unverified::read(&token(&json!({}))).unwrap();
        assert!(unverified.lines(Utc::now()).contains("expiry: the token names none"));
        for (seconds, text) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (60, "1 minute"),
            (61, "1 minute 1 second"),
            (7_322, "122 minutes 2 seconds"),
        ] {
            assert_eq!(span(TimeDelta::seconds(seconds)), text);
        }
    }
}
