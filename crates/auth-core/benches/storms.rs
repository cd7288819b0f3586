//! Many concurrent callers of scopes without a cached token: `cargo bench -p auth-core --bench storms`.

#![allow(clippy::unwrap_used, reason = "a failed step of a benchmark is a failed benchmark")]

#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use auth_core::Scope;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use support::contestants::{Cells, Contestant, Locked, Moka, ours};
use support::customer;
use support::report::{Report, Target, ratio};
use support::rounds::{Figures, ROUNDS};
use support::server::Server;

/// Time that the server takes for a token.
const TAKES: Duration = Duration::from_millis(50);

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    print(&runtime, 1, 10_000, Some(Target::AtMost(1.1)));
    print(&runtime, 1_000, 10, Some(Target::AtMost(1.2)));
    // Few enough to finish with the lock, which permits one request at a time.
    print(&runtime, 20, 10, None);
}

/// The results of one storm on a new cache.
struct Storm {
    /// Milliseconds until the last caller had a token.
    last: f64,
    requests: usize,
}

type Contender = (&'static str, fn(&Runtime, &[Scope], usize) -> Storm);

const FLOOR: Contender = ("floor: a tokio OnceCell for each scope", |runtime, scopes, callers| {
    storm(runtime, |server| Cells::new(server, scopes), scopes, callers)
});
/// The server has accepted the credentials before, so requests are not held back.
const OURS: Contender = ("TokenCache::access_token", |runtime, scopes, callers| {
    let accepted = |server: &Arc<Server>| {
        let tokens = ours(server);
        runtime.block_on(tokens.access_token(&customer(usize::MAX))).unwrap();
        tokens
    };
    storm(runtime, accepted, scopes, callers)
});
/// All requests beyond the first 16 wait until the server has accepted the credentials.
const UNPROVEN: Contender =
    ("the same, credentials not accepted yet", |runtime, scopes, callers| storm(runtime, ours, scopes, callers));
const MOKA: Contender =
    ("moka try_get_with_by_ref", |runtime, scopes, callers| storm(runtime, Moka::new, scopes, callers));
const LOCKED: Contender = ("tokio Mutex<HashMap>, held during requests", |runtime, scopes, callers| {
    storm(runtime, Locked::new, scopes, callers)
});

fn print(runtime: &Runtime, scopes: usize, callers: usize, target: Option<Target>) {
    let title = format!("{scopes} cold scope(s), {callers} callers each, server takes {} ms", TAKES.as_millis());
    let header =
        ["", "ms to the last caller, median of 5", "lowest – highest", "× floor", "target", "", "requests", ""];
    let mut report = Report::new(title, &header);
    let contenders = match scopes {
        1 => vec![FLOOR, OURS, MOKA, LOCKED],
        2..=100 => vec![FLOOR, OURS, UNPROVEN, MOKA, LOCKED],
        _ => vec![FLOOR, OURS, UNPROVEN, MOKA],
    };
    let scope_list: Vec<Scope> = (0..scopes).map(customer).collect();
    let (figures, requests) = rounds(runtime, &contenders, &scope_list, callers);
    for (index, ((name, _), (&row, requests))) in contenders.iter().zip(figures.iter().zip(requests)).enumerate() {
        let target = target.filter(|_| index == 1);
        report.counted(name, row, ratio(&row, &figures[0]), target, [requests, scopes]);
    }
}

/// The contenders take turns; the first round is a warm-up and does not count. The number of requests is the largest of
/// any round.
fn rounds(runtime: &Runtime, contenders: &[Contender], scopes: &[Scope], callers: usize) -> (Vec<Figures>, Vec<usize>) {
    let mut figures = vec![[0.0; ROUNDS]; contenders.len()];
    let mut requests = vec![0; contenders.len()];
    for round in 0..=ROUNDS {
        for (index, (_, storm)) in contenders.iter().enumerate() {
            let storm = storm(runtime, scopes, callers);
            requests[index] = requests[index].max(storm.requests);
            if let Some(round) = round.checked_sub(1) {
                figures[index][round] = storm.last;
            }
        }
    }
    (figures, requests)
}

/// Runs the callers of all scopes in mixed order, each in a separate task.
fn storm<C: Contestant>(
    runtime: &Runtime,
    cache: impl FnOnce(&Arc<Server>) -> C,
    scopes: &[Scope],
    callers: usize,
) -> Storm {
    let server = Arc::new(Server::new(TAKES, Duration::from_secs(3_600)));
    let cache = Arc::new(cache(&server));
    let before = server.requests();
    let last = runtime.block_on(async {
        let begin = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..callers {
            for scope in scopes {
                let (cache, scope) = (Arc::clone(&cache), scope.clone());
                tasks.spawn(async move { cache.ask(&scope).await.map(|_| begin.elapsed()) });
            }
        }
        let outcomes = tasks.join_all().await;
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|()| panic!("no token"))).max().unwrap()
    });
    Storm { last: last.as_secs_f64() * 1e3, requests: server.requests() - before }
}
