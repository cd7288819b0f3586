//! The store lives; processes are killed and stopped while they request a token for all.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use crate::fleet::Fleet;
use crate::markers::{self, found_in};
use crate::outcome::Outcome;
use crate::redis_server::Server;
use crate::scale::{Part, Scale, run};
use crate::worker;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_and_stopped_leaders_cost_a_token_each_and_no_error() {
    if !worker::is_done().await {
        run([Box::pin(with_redis()) as Part, Box::pin(with_files())]).await;
    }
}

const TEST: &str = "killed_leaders::killed_and_stopped_leaders_cost_a_token_each_and_no_error";

async fn with_redis() {
    let Some(server) = Server::start() else { return };
    server.command(&["CONFIG", "SET", "rdbcompression", "no"]);
    // In a large run it would slow the server down.
    let monitor = (!Scale::get().is_large()).then(|| Monitor::of(&server));
    let mut fleet = Fleet::working(TEST, Scale::get(), Some(server.url())).await;
    disturb(&mut fleet, "redis: leaders killed and stopped").await;

    server.command(&["SAVE"]);
    let dump = std::fs::read(server.path("dump.rdb")).unwrap();
    assert!(dump.len() > 1_000, "the dump has nothing in it");
    assert_eq!(found_in(&dump), [""; 0]);
    // The same search finds what is there.
    server.command(&["SET", "control", &markers::token(1, 2, 3)]);
    server.command(&["SAVE"]);
    assert_eq!(found_in(&std::fs::read(server.path("dump.rdb")).unwrap()), [markers::TOKEN]);
    let Some(monitor) = monitor else { return };
    let seen = monitor.end(&server);
    let (before, after) = seen.split_once("\"control\"").expect("the monitor has seen the control");
    assert!(before.contains("auth-fleet:{") && after.contains(markers::TOKEN));
    assert_eq!(found_in(before.as_bytes()), [""; 0]);
}

async fn with_files() {
    let mut fleet = Fleet::working(TEST, Scale::get(), None).await;
    disturb(&mut fleet, "files: leaders killed and stopped").await;
}

/// Kills two of three leaders and stops the third for longer than its lease, again and again.
async fn disturb(fleet: &mut Fleet, what: &str) {
    let scale = fleet.scale;
    // Every process has something to lose.
    fleet.listen(if scale.is_large() { scale.lifetime() * 2 } else { scale.gap }).await;
    let end = Instant::now() + scale.trouble;
    for turn in 0.. {
        if Instant::now() >= end && turn >= 3 {
            break;
        }
        let leader = fleet.leader().await;
        if turn % 3 == 0 && fleet.stopped() < scale.processes / 4 {
            fleet.stop(leader, scale.beyond_lease());
        } else {
            fleet.kill(leader);
            fleet.start();
        }
        fleet.listen(scale.gap).await;
    }
    fleet.until_continued().await;
    fleet.check_calm(what).await;
    fleet.end().await;

    let outcome = Outcome::of(what, fleet);
    assert!(outcome.kills >= 2 && outcome.stops >= 1, "{outcome:?}");
    outcome.check(outcome.interrupted + fleet.account.excused(fleet.scale.scopes));
}

/// Reads every command that a server executes.
struct Monitor {
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Monitor {
    /// What is read at most, so that a long run needs no endless memory.
    const MOST: usize = 256 << 20;

    fn of(server: &Server) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream.write_all(b"MONITOR\r\n").unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let ours = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = stream.read(&mut bytes) {
                let mut seen = ours.lock().unwrap();
                seen.extend_from_slice(&bytes[..length]);
                if seen.len() > Self::MOST {
                    return;
                }
            }
        });
        Self { seen }
    }

    /// What was seen up to now.
    fn end(self, server: &Server) -> String {
        let deadline = std::time::Instant::now() + crate::process::LONGEST;
        loop {
            let seen = String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned();
            if seen.contains("\"control\"") && seen.ends_with('\n') || seen.len() > Self::MOST {
                return seen;
            }
            assert!(std::time::Instant::now() < deadline, "the monitor does not end");
            server.command(&["PING"]);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
