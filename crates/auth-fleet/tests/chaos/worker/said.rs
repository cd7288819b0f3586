//! What a process says, one line each, so that `kill -9` loses nothing.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Said {
    /// It waits for orders.
    Ready,
    /// It is about to request a token for this scope from the authorization server.
    Leads { scope: usize, at: u64 },
    /// The store does not work for it, for this reason.
    Down(String),
    /// The store works again.
    Up,
    /// A call took long.
    Waited { from: u64, until: u64 },
    /// A call failed; whether the process had a token for the scope that had not expired.
    Failed { scope: usize, had_token: bool, error: String },
    /// A call returned a token that had expired this many microseconds before.
    Expired { scope: usize, by: u64 },
    /// A call returned a token for another scope.
    Foreign { scope: usize },
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
