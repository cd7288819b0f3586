//! The document of a script: faults as JSON.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use super::json::Object;
use crate::{Raw, Reply, Script, Step, TokenReply};

/// Steps for the next requests, and one for all requests after these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptDocument {
    #[serde(default)]
    next: Vec<Object<Planned>>,
    #[serde(default)]
    always: Option<Object<Standing>>,
}

impl ScriptDocument {
    /// Replaces the steps of a script, or adds to them.
    pub(super) fn apply(self, script: &Script, replaces: bool) {
        let next = self.next.into_iter().map(|Object(planned)| (planned.times, planned.step)).collect();
        let always = self.always.map(|Object(standing)| standing.0);
        if replaces {
            script.replace(next, always);
        } else {
            script.extend(next);
            if let Some(step) = always {
                script.always(step);
            }
        }
    }
}

/// A step for a number of requests.
#[derive(Deserialize)]
#[serde(try_from = "StepDocument")]
struct Planned {
    times: usize,
    step: Step,
}

/// The step for all other requests.
#[derive(Deserialize)]
#[serde(try_from = "StepDocument")]
struct Standing(Step);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepDocument {
    times: Option<Times>,
    #[serde(default)]
    delay_ms: Milliseconds,
    token: Option<Object<TokenDocument>>,
    reply: Option<Object<ReplyDocument>>,
    raw: Option<Object<RawDocument>>,
}

#[derive(Deserialize)]
#[serde(try_from = "usize")]
struct Times(usize);

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(try_from = "u64")]
struct Milliseconds(u64);

/// The provider's normal response with changes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenDocument {
    lifetime_seconds: Option<u64>,
    #[serde(default)]
    repeat_last: bool,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    #[serde(default)]
    omit: Vec<String>,
}

/// An HTTP response that does not depend on the request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyDocument {
    status: Status,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    json: Option<Value>,
}

#[derive(Deserialize)]
#[serde(try_from = "u16")]
struct Status(Reply);

/// Bytes in place of an HTTP response.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDocument {
    #[serde(default)]
    send: Vec<Part>,
    #[serde(default)]
    then: End,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Text(String),
    Base64(Bytes),
    PauseMs(Milliseconds),
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Bytes(Vec<u8>);

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    #[default]
    Close,
    Reset,
    Silence,
}

impl TryFrom<StepDocument> for Planned {
    type Error = String;

    fn try_from(mut document: StepDocument) -> Result<Self, String> {
        let times = document.times.take().map_or(1, |times| times.0);
        Ok(Self { times, step: step(document)? })
    }
}

impl TryFrom<StepDocument> for Standing {
    type Error = String;

    fn try_from(document: StepDocument) -> Result<Self, String> {
        if document.times.is_some() {
            return Err("`times` belongs to the steps of `next`; this step is for all requests".to_owned());
        }
        step(document).map(Self)
    }
}

fn step(document: StepDocument) -> Result<Step, String> {
    let delay = Duration::from_millis(document.delay_ms.0);
    let step: Step = match (document.token, document.reply, document.raw) {
        (Some(Object(token)), None, None) => token.reply().into(),
        (None, Some(Object(reply)), None) => reply.reply()?.into(),
        (None, None, Some(Object(raw))) => raw.raw().into(),
        _ => return Err("must have exactly one of `token`, `reply` and `raw`".to_owned()),
    };
    Ok(step.after(delay))
}

impl TryFrom<usize> for Times {
    type Error = &'static str;

    fn try_from(times: usize) -> Result<Self, Self::Error> {
        if times == 0 { Err("must be at least 1") } else { Ok(Self(times)) }
    }
}

impl TryFrom<u64> for Milliseconds {
    type Error = &'static str;

    fn try_from(milliseconds: u64) -> Result<Self, Self::Error> {
        const HOUR: u64 = 60 * 60 * 1000;
        if milliseconds > HOUR { Err("must be at most 3600000, an hour") } else { Ok(Self(milliseconds)) }
    }
}

impl TryFrom<u16> for Status {
    type Error = &'static str;

    fn try_from(status: u16) -> Result<Self, Self::Error> {
        Reply::with_status(status).map(Self).ok_or("must be a status between 200 and 999")
    }
}

impl TryFrom<String> for Bytes {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(Self).map_err(|_| "must be base64")
    }
}

impl TokenDocument {
    fn reply(self) -> TokenReply {
        let mut reply = TokenReply::new();
        if let Some(seconds) = self.lifetime_seconds {
            reply = reply.lifetime(Duration::from_secs(seconds));
        }
        if self.repeat_last {
            reply = reply.repeat_last();
        }
        let reply = self.set.into_iter().fold(reply, |reply, (name, value)| reply.member(&name, value));
        self.omit.iter().fold(reply, |reply, name| reply.without(name))
    }
}

impl ReplyDocument {
    fn reply(self) -> Result<Reply, String> {
        let mut reply = self.status.0;
        let has_type = self.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        for (name, value) in &self.headers {
            let with_header = reply.with_header(name, value);
            reply = with_header.ok_or_else(|| format!("the header `{name}` has a wrong name or a wrong value"))?;
        }
        match (self.body, self.json) {
            (Some(_), Some(_)) => Err("must have at most one of `body` and `json`".to_owned()),
            (Some(body), None) => Ok(reply.body(body)),
            (None, Some(json)) if has_type => Ok(reply.body(json.to_string())),
            (None, Some(json)) => Ok(reply.header("content-type", "application/json").body(json.to_string())),
            (None, None) => Ok(reply),
        }
    }
}

impl RawDocument {
    fn raw(self) -> Raw {
        let raw = self.send.into_iter().fold(Raw::nothing(), |raw, part| match part {
            Part::Text(text) => raw.send(text),
            Part::Base64(bytes) => raw.send(bytes.0),
            Part::PauseMs(milliseconds) => raw.pause(Duration::from_millis(milliseconds.0)),
        });
        match self.then {
            End::Close => raw,
            End::Reset => raw.then_reset(),
            End::Silence => raw.then_silence(),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::to_bytes, response::IntoResponse as _};

    use super::{super::json::parse, *};

    /// The message and the field of the refusal of a script.
    async fn refusal(script: &str) -> (String, String) {
        let Err(failure) = parse::<ScriptDocument>(script.as_bytes()) else { panic!("{script} is accepted") };
        let body = to_bytes(failure.into_response().into_body(), 10_000).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (text("field"), text("message"))
    }

    #[test]
    fn every_kind_of_step_is_read() {
        for script in [
            "{}",
            r#"{ "next": [], "always": null }"#,
            r#"{ "next": [{ "times": 3, "delay_ms": 3600000, "reply": { "status": 503 } }] }"#,
            r#"{ "always": { "reply": { "status": 200, "headers": { "retry-after": "1" }, "body": "x" } } }"#,
            r#"{ "always": { "reply": { "status": 200, "json": [null] } } }"#,
            r#"{ "always": { "token": {} } }"#,
            r#"{ "always": { "token": { "lifetime_seconds": 18446744073709551615, "repeat_last": true,
                 "set": { "expires_in": "soon" }, "omit": ["scope"] } } }"#,
            r#"{ "always": { "raw": {} } }"#,
            r#"{ "always": { "raw": { "send": [{ "text": "a" }, { "pause_ms": 1 }, { "base64": "/w==" }],
                 "then": "reset" } } }"#,
        ] {
            assert!(parse::<ScriptDocument>(script.as_bytes()).is_ok(), "{script}");
        }
    }

    #[tokio::test]
    async fn a_wrong_document_is_refused_with_the_name_of_its_field() {
        for (script, field, message) in [
            ("", "", "the body is not JSON"),
            ("{", "", "the body is not JSON"),
            ("{} {}", "", "the body is not JSON"),
            ("[]", "", "must be an object"),
            (r#"{ "allways": {} }"#, "allways", "unknown field"),
            (r#"{ "always": [] }"#, "always", "must be an object"),
            (r#"{ "next": {} }"#, "next", "must be a list"),
            (r#"{ "next": [{ "reply": { "status": 503 } }, {}] }"#, "next[1]", "exactly one of"),
            (r#"{ "next": [{ "token": {}, "raw": {} }] }"#, "next[0]", "exactly one of"),
            (r#"{ "next": [{ "times": 0, "token": {} }] }"#, "next[0].times", "at least 1"),
            (r#"{ "next": [{ "times": -1, "token": {} }] }"#, "next[0].times", "must be a whole number"),
            (r#"{ "always": { "times": 1, "token": {} } }"#, "always", "`times` belongs to"),
            (r#"{ "always": { "delay_ms": 3600001, "token": {} } }"#, "always.delay_ms", "at most 3600000"),
            (r#"{ "always": { "delay_ms": "secret-marker" } }"#, "always.delay_ms", "must be a whole number"),
            (r#"{ "always": { "reply": {} } }"#, "always.reply.status", "missing field `status`"),
            (r#"{ "always": { "reply": [503] } }"#, "always.reply", "must be an object"),
            (r#"{ "always": { "reply": { "status": 99 } } }"#, "always.reply.status", "between 200 and 999"),
            (r#"{ "always": { "reply": { "status": 103 } } }"#, "always.reply.status", "between 200 and 999"),
            (r#"{ "always": { "reply": { "status": 200, "headers": { "a b": "" } } } }"#, "always", "header `a b`"),
            (r#"{ "always": { "reply": { "status": 200, "headers": { "a": "\n" } } } }"#, "always", "header `a`"),
            (r#"{ "always": { "reply": { "status": 200, "body": "", "json": 1 } } }"#, "always", "at most one of"),
            (r#"{ "always": { "token": { "omit": "scope" } } }"#, "always.token.omit", "must be a list"),
            (r#"{ "always": { "token": { "repeat_last": 1 } } }"#, "always.token.repeat_last", "must be true or false"),
            (r#"{ "always": { "raw": { "send": [{ "hex": "" }] } } }"#, "always.raw.send[0]", "unknown variant"),
            (r#"{ "always": { "raw": { "send": [{ "base64": "!" }] } } }"#, "always.raw.send[0].base64", "base64"),
            (r#"{ "always": { "raw": { "then": "explode" } } }"#, "always.raw.then", "unknown variant"),
        ] {
            let (found, text) = refusal(script).await;
            assert_eq!(found, field, "{script}: {text}");
            assert!(text.contains(message) && !text.contains("secret-marker"), "{script}: {text}");
        }
    }
}
