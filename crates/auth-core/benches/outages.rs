//! The effect of renewals, outages and failures on callers: `cargo bench -p auth-core --bench outages`, half a minute.

#![allow(clippy::unwrap_used, reason = "a failed step of a benchmark is a failed benchmark")]

#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use auth_core::{Refused, Scope, TokenError};
use tokio::runtime::Builder;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use support::contestants::{Cells, Contestant, Locked, Moka, ours};
use support::report::{Report, Target};
use support::rounds::ROUNDS;
use support::server::Server;

/// A call that takes longer than this has waited.
const WAIT: Duration = Duration::from_millis(5);

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        renewals().await;
        outage().await;
        failures().await;
    });
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// The response of the server during an outage: a transient error, as a proxy in front of it would send.
fn down() -> TokenError {
    TokenError::Refused(Refused::new(503, None))
}

/// The response of the server to an invalid request.
fn wrong() -> TokenError {
    TokenError::Refused(Refused::new(400, None))
}

async fn renewals() {
    let server = || Arc::new(Server::new(seconds(0.05), seconds(2.0)));
    let watches = everybody(server, seconds(10.0));
    let title = "Tokens of 2 s for 10 s, 100 callers with a call every 5 ms, server takes 50 ms";
    print(title, watches, 10).await;
}

async fn outage() {
    // A token of 10 s is due for renewal 6.5 to 7 s after its request, and after 9 s it is used only if no new one is
    // available. The server is down during that time, and available again before the token expires.
    let server = || Arc::new(Server::new(seconds(0.05), seconds(10.0)).failing(seconds(6.4)..seconds(9.4), down()));
    let watches = everybody(server, seconds(12.0));
    let title =
        "Server down from 6.4 s to 9.4 s, first token expires at 10 s, 100 callers for 12 s with a call every 5 ms";
    print(title, watches, 5).await;
}

/// What the callers of one contestant observed after the first token.
#[derive(Default)]
struct Outcomes {
    asked: usize,
    errors: usize,
    waits: usize,
    longest_wait: Duration,
    longest_poll: Duration,
}

type Watch = (&'static str, Arc<Server>, JoinHandle<Outcomes>);

/// All contestants at the same time, each with its own server.
fn everybody(server: impl Fn() -> Arc<Server>, time: Duration) -> Vec<Watch> {
    let (one, two, three) = (server(), server(), server());
    vec![
        ("TokenCache::access_token", Arc::clone(&one), tokio::spawn(watch(ours(&one), time))),
        ("moka try_get_with_by_ref", Arc::clone(&two), tokio::spawn(watch(Moka::new(&two), time))),
        ("tokio Mutex<HashMap>", Arc::clone(&three), tokio::spawn(watch(Locked::new(&three), time))),
    ]
}

/// A hundred callers that request one scope.
async fn watch<C: Contestant>(cache: C, time: Duration) -> Outcomes {
    let (cache, scope) = (Arc::new(cache), Scope::empty());
    cache.ask(&scope).await.unwrap_or_else(|()| panic!("no first token"));
    let mut callers = JoinSet::new();
    let end = Instant::now() + time;
    for _ in 0..100 {
        let (cache, scope) = (Arc::clone(&cache), scope.clone());
        callers.spawn(async move {
            let mut outcomes = Outcomes::default();
            while Instant::now() < end {
                outcomes.look(cache.ask(&scope)).await;
                sleep(Duration::from_millis(5)).await;
            }
            outcomes
        });
    }
    callers.join_all().await.into_iter().fold(Outcomes::default(), Outcomes::and)
}

impl Outcomes {
    /// Polls one call to completion. A call has waited if it does not return immediately and takes longer than
    /// [`WAIT`]. A call that returns immediately can still take long if the machine is busy.
    async fn look<T>(&mut self, call: impl Future<Output = Result<T, ()>>) {
        let (begin, mut call) = (Instant::now(), pin!(call));
        let mut first_poll = None;
        let result = std::future::poll_fn(|context| {
            let poll = call.as_mut().poll(context);
            first_poll.get_or_insert_with(|| begin.elapsed());
            match poll {
                Poll::Ready(result) => Poll::Ready(result),
                Poll::Pending => Poll::Pending,
            }
        });
        let result = result.await;
        let (took, first_poll) = (begin.elapsed(), first_poll.unwrap_or_default());
        let wait = took.saturating_sub(first_poll);
        self.asked += 1;
        self.errors += usize::from(result.is_err());
        self.waits += usize::from(wait > WAIT);
        self.longest_wait = self.longest_wait.max(wait);
        self.longest_poll = self.longest_poll.max(first_poll);
    }

    fn and(self, other: Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            errors: self.errors + other.errors,
            waits: self.waits + other.waits,
            longest_wait: self.longest_wait.max(other.longest_wait),
            longest_poll: self.longest_poll.max(other.longest_poll),
        }
    }
}

/// The first watch has the targets: no error, no wait, and at most this many requests after the first.
async fn print(title: &str, watches: Vec<Watch>, most_requests: usize) {
    let header = [
        "",
        "asked",
        "errors",
        "waits > 5 ms",
        "longest wait, ms",
        "longest poll, ms",
        "requests after the first",
        "target",
        "",
    ];
    let mut report = Report::new(title, &header);
    for (index, (name, server, watch)) in watches.into_iter().enumerate() {
        let outcomes = watch.await.unwrap();
        let requests = server.requests() - 1;
        let is_met = outcomes.errors == 0 && outcomes.waits == 0 && requests <= most_requests;
        let target = match (index, is_met) {
            (0, true) => [format!("0, 0, ≤ {most_requests}"), "pass".to_owned()],
            (0, false) => [format!("0, 0, ≤ {most_requests}"), "MISS".to_owned()],
            _ => [String::new(), String::new()],
        };
        let counts = [outcomes.asked, outcomes.errors, outcomes.waits].map(|count| count.to_string());
        let longest =
            [outcomes.longest_wait, outcomes.longest_poll].map(|time| format!("{:.1}", time.as_secs_f64() * 1e3));
        report.row(
            [name.to_owned()].into_iter().chain(counts).chain(longest).chain([requests.to_string()]).chain(target),
        );
    }
}

async fn failures() {
    let fails = |error| Arc::new(Server::new(seconds(0.02), seconds(10.0)).failing(seconds(0.0)..Duration::MAX, error));
    let title = "200 callers of a cold scope, each request fails after 20 ms";
    let header =
        ["", "ms to the last caller, median of 5", "lowest – highest", "× the request", "target", "", "requests", ""];
    let mut report = Report::new(title, &header);
    let scopes = [Scope::empty()];
    for index in 0..5 {
        let (mut figures, mut requests) = ([0.0; ROUNDS], 0);
        for figure in &mut figures {
            let server = fails(if index == 1 { down() } else { wrong() });
            let took = match index {
                0 | 1 => all_know(ours(&server)).await,
                2 => all_know(Cells::new(&server, &scopes)).await,
                3 => all_know(Moka::new(&server)).await,
                _ => all_know(Locked::new(&server)).await,
            };
            *figure = took.as_secs_f64() * 1e3;
            requests = requests.max(server.requests());
        }
        let name = [
            "TokenCache::access_token, final error",
            "TokenCache::access_token, transient error, retried twice",
            "tokio OnceCell",
            "moka try_get_with_by_ref",
            "tokio Mutex<HashMap>",
        ][index];
        let mut sorted = figures;
        let times = support::rounds::median(&mut sorted) / 20.0;
        let target = (index == 0).then_some(Target::AtMost(2.0));
        report.counted(name, figures, times, target, [requests, 1]);
    }
}

/// Time until the last of 200 callers has the error.
async fn all_know<C: Contestant>(cache: C) -> Duration {
    let (cache, begin) = (Arc::new(cache), Instant::now());
    let mut callers = JoinSet::new();
    for _ in 0..200 {
        let cache = Arc::clone(&cache);
        callers.spawn(async move { cache.ask(&Scope::empty()).await.map(drop).is_err().then(|| begin.elapsed()) });
    }
    callers.join_all().await.into_iter().map(|took| took.unwrap_or(Duration::MAX)).max().unwrap()
}
