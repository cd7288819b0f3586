//! Waits for the gate of a sandbox and for the requests of a cache: a test fails if it waits longer than a minute.

use auth_core::TokenCache;
use auth_sandbox::Gate;

use crate::{until, within};

/// Waits until this many requests are waiting at the gate at the same time.
///
/// # Panics
/// After a minute.
pub async fn reached(gate: &Gate, count: usize) {
    within(&format!("requests at the gate: {count}"), gate.reached(count)).await;
}

/// Waits until every request that was sent has ended. On a runtime with one thread, its outcome is known by then.
///
/// # Panics
/// After a minute.
pub async fn all_ended(tokens: &TokenCache) {
    let ended = || tokens.stats().issued + tokens.stats().failed == tokens.stats().requests;
    until("every request has come to an end", ended).await;
}

/// Waits until this many requests have been sent and have ended.
///
/// # Panics
/// After a minute.
pub async fn ended(count: u64, tokens: &TokenCache) {
    until("the requests have been sent", || tokens.stats().requests >= count).await;
    all_ended(tokens).await;
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::*;
    use crate::{joined, within_blocking};

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "after a minute, it is still not so: two is one")]
    async fn a_condition_that_never_holds_fails() {
        until("two is one", || false).await;
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "after a minute, it is still not so: requests at the gate: 1")]
    async fn a_gate_that_no_request_reaches_fails() {
        reached(&Gate::new(), 1).await;
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "after a minute, it is still not so: every task has ended")]
    async fn a_task_that_never_ends_fails() {
        let mut tasks = JoinSet::new();
        tasks.spawn(std::future::pending::<()>());
        joined(tasks).await;
    }

    #[test]
    #[should_panic(expected = "it is not so: the function returns: ")]
    fn a_blocking_function_that_panics_fails() {
        within_blocking("the function returns", || panic!("this one"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_condition_that_holds_eventually_is_waited_for() {
        let mut times = 0;
        let third_time = || {
            times += 1;
            times == 3
        };
        until("the third time", third_time).await;
        assert_eq!(times, 3);
    }
}
