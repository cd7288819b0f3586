//! Waits with a deadline: a test fails if it waits longer than a minute.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use auth_core::TokenCache;
use auth_sandbox::Gate;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// The maximum time of a wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Waits for the output of a future.
///
/// # Panics
/// After a minute.
pub async fn within<T>(what: &str, coming: impl Future<Output = T>) -> T {
    let outcome = timeout(LONGEST_WAIT, coming).await;
    outcome.unwrap_or_else(|_| panic!("after a minute, it is still not so: {what}"))
}

/// Waits until every task has ended, and returns their outputs in the order in which they ended.
///
/// # Panics
/// After a minute, or with a task that panics.
pub async fn joined<T: 'static>(tasks: JoinSet<T>) -> Vec<T> {
    within("every task has ended", tasks.join_all()).await
}

/// Waits until a condition holds.
///
/// # Panics
/// After a minute.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let holding = async {
        while !holds() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    within(what, holding).await;
}

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

/// Runs a program until it ends, and returns its output.
///
/// # Panics
/// After a minute.
pub async fn output(mut command: Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (what, (sender, receiver)) = (format!("process {} has come to an end", child.id()), oneshot::channel());
    // If a thread of the runtime waited, the runtime and the test could not end.
    thread::spawn(move || sender.send(child.wait_with_output()));
    within(&what, receiver).await.unwrap().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

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
