//! What the sidecar takes with many scopes.

use std::fs;

use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::support::connection::{Connection, request};
use crate::support::home::{Home, Sidecar};
use crate::support::report::Report;

/// Scopes that the sidecar holds tokens of.
const SCOPES: usize = 10_000;

/// Connections that ask for them.
const CONNECTIONS: usize = 16;

pub(crate) fn measure() {
    let home = Home::new();
    let sidecar = home.serve();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let token = runtime.block_on(ask(&sidecar, 1));
    let before = resident(&sidecar);
    runtime.block_on(ask(&sidecar, SCOPES));
    let after = resident(&sidecar);
    let issued = home.sandbox.lean().issued();
    // Answers from the cache: the scopes are still held.
    runtime.block_on(ask(&sidecar, SCOPES));
    assert_eq!(home.sandbox.lean().issued(), issued, "each scope has its token");

    let header = ["", "kB"];
    let mut report = Report::new(format!("Memory of `serve`, answers of {token} bytes"), &header);
    for (name, kilobytes) in [
        ("resident, one scope".to_owned(), before[0]),
        (format!("resident, {SCOPES} scopes"), after[0]),
        ("the most that was resident".to_owned(), after[1]),
    ] {
        report.row([name, kilobytes.to_string()]);
    }
    let each = (after[0] - before[0]) as f64 / (SCOPES - 1) as f64;
    report.row(["for each scope".to_owned(), format!("{each:.2}")]);
}

/// Asks for the tokens of this many scopes. Returns the length of an answer.
async fn ask(sidecar: &Sidecar, scopes: usize) -> usize {
    let mut tasks = JoinSet::new();
    for first in 0..CONNECTIONS {
        let mut connection = Connection::open(&sidecar.socket).await;
        tasks.spawn(async move {
            let mut length = 0;
            for number in (first..scopes).step_by(CONNECTIONS) {
                let scope = format!("customer.00000000-0000-4000-8000-{number:012x}");
                let answer = connection.send(&request(&format!("profile=lean&scope={scope}"))).await;
                assert!(answer.is_success(), "{}", answer.head);
                length = answer.body.len();
            }
            length
        });
    }
    tasks.join_all().await.into_iter().max().unwrap()
}

/// The memory that a process occupies now, and the most that it has occupied, in kB.
fn resident(sidecar: &Sidecar) -> [i64; 2] {
    let status = fs::read_to_string(format!("/proc/{}/status", sidecar.process.id())).unwrap();
    ["VmRSS:", "VmHWM:"].map(|name| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    })
}
