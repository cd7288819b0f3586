//! What a process says, one line each, so that `kill -9` loses nothing.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Said {
    /// It waits for orders.
    Ready,
    /// It is about to request a token for this scope from the authorization server.
    Leads { scope: usize, at: u64 },
    /// It has shared the token for this scope, or failed to get one.
    Led { scope: usize },
    /// The store does not work for it, for this reason.
    Down(String),
    /// The store works again.
    Up,
    /// A call took long.
    Waited { from: u64, until: u64 },
    /// A call failed; whether the process had a token for its scope that had not expired.
    Failed { had_token: bool, error: String },
    /// A call returned a token that had expired this many microseconds before.
    Expired { by: u64 },
    /// A call returned a token for another scope.
    Foreign,
    /// The token that it has after an order.
    Got(String),
    /// Its counters, at its end.
    Counted(Counts),
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Counts {
    pub(crate) calls: u64,
    pub(crate) hits: u64,
    pub(crate) led: u64,
    pub(crate) waited: u64,
    pub(crate) alone: u64,
    pub(crate) not_opened: u64,
}

impl Counts {
    pub(crate) fn plus(self, other: &Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            hits: self.hits + other.hits,
            led: self.led + other.led,
            waited: self.waited + other.waited,
            alone: self.alone + other.alone,
            not_opened: self.not_opened + other.not_opened,
        }
    }
}
