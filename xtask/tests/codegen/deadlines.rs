//! Waits with a deadline: a test fails if it waits longer than a quarter of an hour.

use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The maximum time of a wait, which includes a full build by cargo on a busy machine.
const LONGEST_WAIT: Duration = Duration::from_secs(900);

/// Waits for the result of a blocking function.
#[track_caller]
pub(crate) fn within<T: Send + 'static>(what: &str, wait: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(wait()));
    receiver.recv_timeout(LONGEST_WAIT).unwrap_or_else(|error| panic!("it is not so: {what}: {error}"))
}

/// Runs a program until it ends, and returns its output.
#[track_caller]
pub(crate) fn output(command: &mut Command) -> Output {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program can be started");
    let what = format!("process {} has come to an end", child.id());
    within(&what, || child.wait_with_output()).expect("its output")
}
