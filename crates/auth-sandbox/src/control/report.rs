//! Reports of the state: counts, tokens and scripts, without secrets.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
};

use serde::Serialize;
use serde_json::{Value, json};

use super::credentials;
use crate::{Script, Step, Vendor, jwt::Period, redact, script::Answer, state::Shared};

/// Number of queued steps that are listed.
const LISTED: usize = 100;

#[derive(Serialize)]
pub(super) struct State {
    version: &'static str,
    base_url: String,
    connections: u64,
    last_request: u64,
    providers: BTreeMap<&'static str, Provider>,
}

#[derive(Serialize)]
struct Provider {
    name: String,
    token_url: String,
    resource_url: String,
    /// The name of the credential that can be replaced.
    credential: &'static str,
    lifetime_seconds: u64,
    requests: u64,
    in_progress: u64,
    peak_concurrency: u64,
    refusals: u64,
    issued: u64,
    resource_requests: u64,
    scripts: Scripts,
}

#[derive(Serialize)]
struct Scripts {
    token: ScriptReport,
    resource: ScriptReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<ScriptReport>,
}

/// The steps that wait. Bodies, values of headers and raw bytes are left out: a test may have put a secret there.
#[derive(Serialize)]
pub(super) struct ScriptReport {
    remaining: usize,
    next: Vec<Value>,
    always: Option<Value>,
}

/// The last issued tokens, without the tokens themselves.
#[derive(Serialize)]
pub(super) struct Tokens {
    tokens: Vec<Token>,
}

#[derive(Serialize)]
struct Token {
    id: String,
    provider: &'static str,
    scope: String,
    /// Seconds since 1970, as in the claims of the token.
    issued_at: u64,
    expires_at: u64,
    lifetime_seconds: u64,
    state: &'static str,
}

pub(super) fn state(shared: &Shared) -> State {
    let count = |counter: &AtomicU64| counter.load(SeqCst);
    let provider = |vendor: Vendor| {
        let provider = shared.provider(vendor);
        let counters = &provider.counters;
        let report = Provider {
            name: vendor.to_string(),
            token_url: format!("{}{}", shared.base_url, vendor.token_path()),
            resource_url: format!("{}{}", shared.base_url, vendor.resource_path()),
            credential: credentials::name(vendor),
            lifetime_seconds: provider.lifetime(),
            requests: count(&counters.requests),
            in_progress: count(&counters.in_hand),
            peak_concurrency: count(&counters.peak),
            refusals: count(&counters.refusals),
            issued: count(&counters.issued),
            resource_requests: count(&counters.resource_requests),
            scripts: Scripts {
                token: script(&provider.script),
                resource: script(&provider.resource_script),
                metadata: (vendor == Vendor::OAuth2).then(|| script(&shared.oauth2.metadata_script)),
            },
        };
        (vendor.name(), report)
    };
    State {
        version: env!("CARGO_PKG_VERSION"),
        base_url: shared.base_url.clone(),
        connections: count(&shared.connections),
        last_request: shared.control.as_ref().map_or(0, |control| control.log.last()),
        providers: Vendor::ALL.into_iter().map(provider).collect(),
    }
}

pub(super) fn tokens(shared: &Shared) -> Tokens {
    let now = Period::from_now(0).issued_at;
    let mut tokens: Vec<Token> = Vec::new();
    for vendor in Vendor::ALL {
        tokens.extend(shared.provider(vendor).issued_tokens().into_iter().map(|(issued, is_live)| Token {
            provider: vendor.name(),
            // The scope was granted, but it is still the client's text.
            scope: shared.with_secrets(|secrets| redact::value(&issued.scope, secrets)),
            issued_at: issued.period.issued_at,
            expires_at: issued.period.expires_at,
            lifetime_seconds: issued.lifetime,
            state: match (is_live, issued.period.expires_at > now) {
                (false, _) => "revoked",
                (true, false) => "expired",
                (true, true) => "live",
            },
            id: issued.id,
        }));
    }
    tokens.sort_by_key(|token| token.issued_at);
    Tokens { tokens }
}

pub(super) fn script(script: &Script) -> ScriptReport {
    let waiting = script.waiting(LISTED);
    let counted = |(times, planned): &(usize, Step)| {
        let mut described = step(planned);
        described["times"] = json!(times);
        described
    };
    ScriptReport {
        remaining: waiting.remaining,
        next: waiting.next.iter().map(counted).collect(),
        always: waiting.always.as_ref().map(step),
    }
}

/// A step in the form of the document that sets it, without its contents.
fn step(step: &Step) -> Value {
    let delay = u64::try_from(step.delay.as_millis()).unwrap_or(u64::MAX);
    match &step.answer {
        Answer::Token(token) => json!({ "delay_ms": delay, "token": {
            "lifetime_seconds": token.lifetime.map(|lifetime| lifetime.as_secs()),
            "repeat_last": token.repeats,
            "set": token.set_members().collect::<Vec<_>>(),
            "omit": token.omitted_members().collect::<Vec<_>>(),
        } }),
        Answer::Reply(reply) => json!({ "delay_ms": delay, "reply": {
            "status": reply.status(),
            "headers": reply.header_names().collect::<Vec<_>>(),
            "body_bytes": reply.body_length(),
        } }),
        Answer::Raw(raw) => json!({ "delay_ms": delay, "raw": { "bytes": raw.length(), "then": raw.ending() } }),
    }
}
