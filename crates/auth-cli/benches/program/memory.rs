//! What the sidecar takes with many scopes.

use std::fs;

use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::support::connection::{Connection, request};
use crate::support::home::{Home, Sidecar};
use crate::support::report::Report;

/// Scopes that callers ask for.
const SCOPES: usize = 10_000;

/// Scopes that the cache of a profile keeps in memory (the default of `auth-core`). The tokens of all others are in the store, which is
/// a folder.
const IN_MEMORY: usize = 4_096;

/// Connections that ask for them.
const CONNECTIONS: usize = 16;

pub(crate) fn measure() {
    let home = Home::new();
    let sidecar = home.serve();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let token = runtime.block_on(ask(&sidecar, 1));
    let one = resident(&sidecar);
    runtime.block_on(ask(&sidecar, IN_MEMORY));
    let full = resident(&sidecar);
    runtime.block_on(ask(&sidecar, SCOPES));
    let all = resident(&sidecar);
    let issued = home.sandbox.lean().issued();
    runtime.block_on(ask(&sidecar, SCOPES));
    let again = resident(&sidecar);
    assert_eq!(home.sandbox.lean().issued(), issued, "each scope has its token, in memory or in the store");

    let header = ["", "kB"];
    let mut report = Report::new(format!("Memory of `serve`, answers of {token} bytes"), &header);
    for (name, kilobytes) in [
        ("one scope".to_owned(), one[0]),
        (format!("{IN_MEMORY} scopes, as many as are kept in memory"), full[0]),
        (format!("{SCOPES} scopes"), all[0]),
        (format!("{SCOPES} scopes, asked for a second time"), again[0]),
        ("the most that was resident".to_owned(), again[1]),
    ] {
        report.row([name, kilobytes.to_string()]);
    }
    let each = (full[0] - one[0]) as f64 / (IN_MEMORY - 1) as f64;
    report.row(["for each scope that is kept in memory".to_owned(), format!("{each:.2}")]);
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
