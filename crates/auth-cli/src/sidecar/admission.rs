//! Refuses requests before they are read: those that are not meant for this process, and those of unknown callers.

use std::sync::Arc;

use http::request::Parts;
use metrics::counter;

use crate::sidecar::answer::Refusal;
use crate::sidecar::callers::{Caller, Callers, Unknown};
use crate::sidecar::newcomers::Newcomer;
use crate::sidecar::refusals;
use crate::sidecar::screening::{Arrival, Screened, screen};

/// Refuses requests that name another host, and those of pages in browsers.
pub(super) fn screened(arrival: Arrival, head: &Parts) -> Result<(), Refusal> {
    let Err(screened) = screen(arrival, head) else { return Ok(()) };
    count(screened.name());
    if refusals::are_shown() {
        tracing::warn!(reason = screened.name(), ?arrival, "request refused");
    }
    let message = screened.message();
    Err(match screened {
        Screened::NoHost => Refusal::bad_request(message),
        Screened::AnotherHost | Screened::Page => Refusal::forbidden(message),
    })
}

/// Says who has sent a request. The connection of a known caller gives way to no other.
pub(super) async fn caller(callers: &Callers, arrival: Arrival, head: &Parts) -> Result<Arc<Caller>, Refusal> {
    let caller = callers.of(arrival, &head.headers).await;
    if let (Ok(_), Some(newcomer)) = (&caller, head.extensions.get::<Newcomer>()) {
        newcomer.is_known();
    }
    caller.map_err(|unknown| {
        count("unknown_caller");
        if refusals::are_shown() {
            tracing::warn!(reason = "unknown_caller", ?unknown, "request refused");
        }
        match unknown {
            Unknown::User(user) => Refusal::forbidden(format!("no caller of the configuration has the user {user}")),
            Unknown::Token => {
                Refusal::unauthorized("send a token of the file `caller_tokens` as `Authorization: Bearer`")
            }
        }
    })
}

fn count(reason: &'static str) {
    counter!("access_token_requests_refused_total", "reason" => reason).increment(1);
}
