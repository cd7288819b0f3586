//! Waits with a deadline: a test fails if it waits longer than a minute, or a quarter of an hour for cargo.
//!
//! Tests that cannot depend on this package include this file by its path. So it uses tokio and no crate of the workspace.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// The maximum time of a wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The maximum time of a run of cargo, which may build everything on a busy machine.
const LONGEST_BUILD: Duration = Duration::from_secs(900);

/// Waits for the output of a future.
///
/// # Panics
/// After a minute.
pub async fn within<T>(what: &str, coming: impl Future<Output = T>) -> T {
    let outcome = timeout(LONGEST_WAIT, coming).await;
    outcome.unwrap_or_else(|_| panic!("after a minute, it is still not so: {what}"))
}

/// Waits for the result of a blocking function.
///
/// # Panics
/// After a minute, or if the function panics.
#[track_caller]
pub fn within_blocking<T: Send + 'static>(what: &str, wait: impl FnOnce() -> T + Send + 'static) -> T {
    received(what, wait, LONGEST_WAIT)
}

/// Runs cargo until it ends, and returns its output.
///
/// # Panics
/// After a quarter of an hour.
#[track_caller]
pub fn cargo_output(mut cargo: Command) -> Output {
    cargo.stdin(Stdio::null());
    received("cargo has come to an end", move || cargo.output().unwrap(), LONGEST_BUILD)
}

#[track_caller]
fn received<T: Send + 'static>(what: &str, wait: impl FnOnce() -> T + Send + 'static, longest: Duration) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(wait()));
    receiver.recv_timeout(longest).unwrap_or_else(|error| panic!("after {longest:?}, it is not so: {what}: {error}"))
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
