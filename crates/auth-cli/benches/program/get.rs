//! How long a shell waits for a token.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::home::Home;
use crate::support::percentiles::Percentiles;
use crate::support::report::{Report, Target};

/// How often each command runs.
const TIMES: usize = 200;

/// How often the commands run whose cache is empty.
const COLD_TIMES: usize = 50;

pub(crate) fn measure() {
    let home = Home::new();
    let sidecar = home.serve();
    let warm = || home.program(&["get", "lean", "--no-sidecar"]);
    let served = || {
        let mut command = home.program(&["get", "lean"]);
        command.env("ACCESS_TOKEN_SOCKET", &sidecar.socket);
        command
    };
    let cold = |number: usize| {
        let mut command = warm();
        command.env("XDG_CACHE_HOME", home.path(&format!("cache-{number}")));
        command
    };
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=api",
        home.sandbox.lean_client_id(),
        home.sandbox.lean_client_secret()
    );
    let curl = || {
        let mut command = home.command("curl");
        command.args(["--silent", "--fail", "--noproxy", "*", "--data", &form, &home.sandbox.lean().token_url()]);
        command
    };
    let has_curl = Path::new("/usr/bin/curl").exists();

    for first in [warm(), served()] {
        took(first);
    }
    let requests = home.sandbox.lean().requests();
    let mut times: [Vec<Duration>; 5] = Default::default();
    for round in 0..TIMES {
        // In turn, so that a disturbance of the machine affects all.
        times[0].push(took(home.command("true")));
        times[1].push(took(warm()));
        times[2].push(took(served()));
        if has_curl {
            times[3].push(took(curl()));
        }
        if round % (TIMES / COLD_TIMES) == 0 {
            times[4].push(took(cold(round)));
        }
    }
    let by_curl = if has_curl { TIMES } else { 0 };
    let sent = home.sandbox.lean().requests() - requests;
    assert_eq!(sent, (by_curl + COLD_TIMES) as u64, "a warm `get` sends no request");

    let header = ["", "times", "50 %, ms", "99 %, ms", "longest, ms", "target", ""];
    let mut report = Report::new("A token in a shell, from the start of the process to its end", &header);
    let names = [
        "floor: the program `true`",
        "`get`, from its cache",
        "`get`, from a sidecar",
        "`curl`, a new token from the sandbox",
        "`get` with an empty cache, a new token from the sandbox",
    ];
    for (index, (name, times)) in names.into_iter().zip(times).enumerate() {
        let percentiles = Percentiles::of(times);
        let [middle, slow, longest] = percentiles.cells();
        let target = matches!(index, 1 | 2).then_some(Target::AtMost(10.0));
        let [target, mark] = Target::cells(target, percentiles.at(50));
        report.row([name.to_owned(), percentiles.count().to_string(), middle, slow, longest, target, mark]);
    }
}

/// How long a command takes. It must succeed.
fn took(mut command: Command) -> Duration {
    let began = Instant::now();
    let output = command.output().unwrap();
    let took = began.elapsed();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    took
}
