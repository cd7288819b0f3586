//! The cost of new scopes beyond `max_scopes`: `cargo bench -p auth-core --bench churn`.

#![allow(clippy::unwrap_used, reason = "a failed step of a benchmark is a failed benchmark")]

#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use auth_core::{Scope, TokenCache};
use moka::sync::Cache;

use support::customer;
use support::process::{child, resident};
use support::report::{Report, Target, spread};
use support::rounds::{Figures, ROUNDS, median};
use support::server::{Endpoint, Server};

/// The maximum number of scopes, which is the default of the cache.
const MAX_SCOPES: usize = 4_096;

/// Numbers of distinct scopes; each is added many times.
const DISTINCT: [usize; 3] = [10_000, 100_000, 1_000_000];

/// A cache that keeps a bounded number of scopes.
type Contender = (&'static str, fn() -> Box<dyn Fn(Scope) + Sync>);

const OURS: Contender = ("TokenCache::handle", || {
    let server = Arc::new(Server::new(Duration::ZERO, Duration::from_secs(3_600)));
    let tokens = TokenCache::builder(Endpoint(server)).max_scopes(MAX_SCOPES).build();
    Box::new(move |scope| drop(tokens.handle(&scope)))
});
const MOKA: Contender = ("moka sync insert", || {
    let cache = Cache::new(MAX_SCOPES as u64);
    Box::new(move |scope| cache.insert(scope, ()))
});
const NOTHING: Contender = ("alone: creating the scope", || Box::new(drop));

fn main() {
    if let Some([contender, distinct, threads]) = child() {
        let add = [OURS, MOKA, NOTHING][contender].1();
        let before = resident();
        let took = churn(&*add, distinct, threads);
        support::process::answer(&[took.as_secs_f64() * 1e9 / distinct as f64, resident() - before]);
        return;
    }
    for threads in [1, 2] {
        let title = format!("New scopes through {MAX_SCOPES}, {threads} thread(s)");
        let header =
            ["", "scopes", "ns each, median of 5", "lowest – highest", "× of 10,000", "target", "", "MiB more"];
        let mut report = Report::new(title, &header);
        for (index, (name, _)) in [OURS, MOKA, NOTHING].into_iter().enumerate() {
            let mut first = None;
            for distinct in DISTINCT {
                let (mut nanos, mut bytes): (Figures, Figures) = ([0.0; ROUNDS], [0.0; ROUNDS]);
                for round in 0..ROUNDS {
                    [nanos[round], bytes[round]] = support::process::run([index, distinct, threads]);
                }
                let times = median(&mut nanos.clone()) / *first.get_or_insert(median(&mut nanos.clone()));
                let [middle, extremes] = spread(nanos, 0);
                let target = (index == 0).then_some(Target::AtMost(1.5));
                let [target, mark] = Target::cells(target, times);
                let memory = format!("{:.1}", median(&mut bytes) / f64::from(1 << 20));
                report.row([
                    name.to_owned(),
                    distinct.to_string(),
                    middle,
                    extremes,
                    format!("{times:.2}"),
                    target,
                    mark,
                    memory,
                ]);
            }
        }
    }
}

/// Adds the scopes, in threads that start together.
fn churn(add: &(dyn Fn(Scope) + Sync), distinct: usize, threads: usize) -> Duration {
    let (start, end) = (Barrier::new(threads + 1), Barrier::new(threads + 1));
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (start, end) = (&start, &end);
            scope.spawn(move || {
                start.wait();
                (thread..distinct).step_by(threads).for_each(|number| add(customer(number)));
                end.wait();
            });
        }
        start.wait();
        let begin = Instant::now();
        end.wait();
        begin.elapsed()
    })
}
