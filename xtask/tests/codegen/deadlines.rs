//! Waiting that ends: what does not come in time fails the test.

use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a test waits for anything, be it cargo that builds everything anew on a busy machine.
const LONGEST_WAIT: Duration = Duration::from_secs(900);

/// Waits for what a function comes to that blocks.
#[track_caller]
pub(crate) fn within<T: Send + 'static>(what: &str, wait: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(wait()));
    receiver.recv_timeout(LONGEST_WAIT).unwrap_or_else(|error| panic!("it is not so: {what}: {error}"))
}

/// Runs a program to its end.
#[track_caller]
pub(crate) fn output(command: &mut Command) -> Output {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program can be started");
    let what = format!("process {} has come to an end", child.id());
    within(&what, || child.wait_with_output()).expect("its output")
}
