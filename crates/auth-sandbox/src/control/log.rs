//! The last requests of clients.

use std::{collections::VecDeque, sync::Mutex};

use serde::Serialize;

use crate::{Endpoint, Exchange, Vendor, lock::lock, observe::Sent, timestamp};

/// Number of requests that are kept.
const KEPT: usize = 1000;

/// The last requests with their outcomes, without secrets.
#[derive(Default)]
pub(crate) struct Log(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    /// The number of the last request; the first one has number 1.
    last: u64,
    kept: VecDeque<Entry>,
}

/// A request and its outcome.
#[derive(Clone, Serialize)]
pub(super) struct Entry {
    number: u64,
    /// When it was answered (RFC 3339).
    at: String,
    provider: Option<&'static str>,
    endpoint: &'static str,
    method: String,
    path: String,
    authorization: Option<&'static str>,
    scope: Option<String>,
    parameters: Vec<Parameter>,
    status: Option<u16>,
    error: Option<&'static str>,
    took_ms: u64,
}

/// A parameter of a token request.
#[derive(Clone, Serialize)]
struct Parameter {
    name: String,
    /// Absent if it may be secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

/// The requests after a number.
#[derive(Serialize)]
pub(super) struct Page {
    /// The number of the oldest request that is kept, or of the next one if none is.
    oldest: u64,
    requests: Vec<Entry>,
}

impl Log {
    pub(crate) fn add(&self, exchange: &Exchange, sent: Sent) {
        let mut entries = lock(&self.0);
        entries.last += 1;
        let entry = Entry {
            number: entries.last,
            at: timestamp::now(),
            provider: exchange.vendor.map(Vendor::name),
            endpoint: match exchange.endpoint {
                Endpoint::Token => "token",
                Endpoint::Resource => "resource",
                Endpoint::Metadata => "metadata",
                Endpoint::Other => "other",
            },
            method: exchange.method.clone(),
            path: exchange.path.clone(),
            authorization: sent.authorization,
            scope: sent.scope,
            parameters: sent.parameters.into_iter().map(|(name, value)| Parameter { name, value }).collect(),
            status: exchange.status,
            error: exchange.error,
            took_ms: u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX),
        };
        if entries.kept.len() == KEPT {
            entries.kept.pop_front();
        }
        entries.kept.push_back(entry);
    }

    /// The requests with a larger number, the oldest first.
    pub(super) fn after(&self, number: u64) -> Page {
        let entries = lock(&self.0);
        Page {
            oldest: entries.kept.front().map_or(entries.last + 1, |entry| entry.number),
            requests: entries.kept.iter().filter(|entry| entry.number > number).cloned().collect(),
        }
    }

    /// The number of the last request.
    pub(super) fn last(&self) -> u64 {
        lock(&self.0).last
    }

    /// Forgets all requests. Their numbers are not used again.
    pub(crate) fn clear(&self) {
        lock(&self.0).kept.clear();
    }
}
