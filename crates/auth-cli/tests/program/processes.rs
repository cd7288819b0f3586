//! Many processes of one user at a time.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use auth_sandbox::Sandbox;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::home::Home;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_calls_at_once_cost_one_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    let mut children = Vec::new();
    for _ in 0..200 {
        let mut command = home.command(&["get", "lean"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        children.push(command.spawn().unwrap());
    }
    let mut tokens = BTreeSet::new();
    for child in children {
        tokens.insert(home.output(child).await.success().to_owned());
    }
    assert_eq!((tokens.len(), sandbox.lean().requests()), (1, 1));
}

/// A number from a sequence without a pattern (xorshift), so that a failure can be repeated.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_are_killed_leave_nothing_that_others_wait_for() {
    const CALLS: u64 = 1_000;
    let sandbox = Sandbox::start().await.unwrap();
    // Most calls request a token and publish it, so that many are killed while they write.
    sandbox.lean().set_lifetime(Duration::from_secs(1));
    let home = Home::of(&sandbox);
    let mut state = 0x9e37_79b9_7f4a_7c15;
    let mut running = JoinSet::new();
    for call in 0..CALLS {
        let scope = format!("customer.a1b2c3d4-e5f6-7890-abcd-ef012345678{}", next(&mut state) % 10);
        let mut command = home.command(&["get", "lean", "--scope", &scope]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let life = Duration::from_micros(next(&mut state) % 40_000);
        running.spawn(async move {
            let mut child = command.spawn().unwrap();
            match timeout(life, child.wait()).await {
                Ok(status) => u64::from(!status.unwrap().success()),
                Err(_) => {
                    child.kill().await.unwrap();
                    0
                }
            }
        });
        if running.len() >= 8 {
            assert_eq!(running.join_next().await.unwrap().unwrap(), 0, "call {call} failed");
        }
    }
    while let Some(failed) = running.join_next().await {
        assert_eq!(failed.unwrap(), 0);
    }
    sandbox.lean().set_lifetime(Duration::from_secs(3_599));
    // A token of the old lifetime may be left.
    sleep(Duration::from_secs(1)).await;
    for last in 0..10 {
        let scope = format!("customer.a1b2c3d4-e5f6-7890-abcd-ef012345678{last}");
        let get = async || timeout(Duration::from_secs(10), home.run(&["get", "lean", "--scope", &scope])).await;
        let (first, second) = (get().await.expect("no lock is left"), get().await.expect("no lock is left"));
        assert_eq!(first.success(), second.success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_does_not_disturb_calls_that_run() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::of(&sandbox);
    for round in 0..10 {
        let mut children = Vec::new();
        for call in 0..12 {
            let arguments = match call {
                4 => &["logout", "lean"][..],
                8 if round % 2 == 0 => &["logout", "--all"],
                _ => &["get", "lean"],
            };
            let mut command = home.command(arguments);
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            children.push(command.spawn().unwrap());
        }
        for child in children {
            let output = home.output(child).await;
            assert_eq!(output.code, Some(0), "{output:?}");
        }
    }
    let last = home.run(&["get", "lean"]).await;
    assert_eq!(last.success(), home.run(&["get", "lean"]).await.success());
}
